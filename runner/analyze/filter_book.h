// SPDX-License-Identifier: LGPL-2.1-or-later
// filter_book.h - filters read back from processes: each different one decoded once.
#ifndef SCRUN_RUNNER_ANALYZE_FILTER_BOOK_H
#define SCRUN_RUNNER_ANALYZE_FILTER_BOOK_H
#include "compat/buffer.h"
#include "compat/calls.h"
#include "runner/program.h"
#include <sys/types.h>

// What a filter, or several, do with a call. In rising strictness.
enum door { DOOR_OPEN, DOOR_DEPENDS, DOOR_HANDED, DOOR_CLOSED };

enum book_call { BOOK_EXECVE, BOOK_EXECVEAT, BOOK_CALLS };

struct book_entry {
  struct program *programs; // those that read the same: more than one where tickets differ
  size_t program_count, program_room;
  struct buffer text;
  enum door doors[BOOK_CALLS][ABI_COUNT];
  pid_t shown_of; // the task whose filter `shown_number` was the first of this kind to be printed; 0: none yet
  unsigned shown_number;
};

// Zeroed memory is an empty book.
struct filter_book {
  struct book_entry *entries;
  size_t count, room;
};

// The entry of a program, a new one if need be. Fails with ERROR_SECCOMP: it cannot be decoded, or memory is out.
SC_NODISCARD int filter_book_find(struct filter_book *book, const struct program *program, uint32_t *index,
                                  struct error *e);
void filter_book_clear(struct filter_book *book);
#endif
