// SPDX-License-Identifier: LGPL-2.1-or-later
// diag.h - a bounded list of messages with positions, which a reader fills and the caller prints.
#ifndef SCRUN_COMPAT_DIAG_H
#define SCRUN_COMPAT_DIAG_H
#include "compat/error.h"

enum diag_kind { DIAG_NONE, DIAG_ERROR, DIAG_WARNING, DIAG_HINT };

#define DIAGS_MAX 20

struct diag {
  enum diag_kind kind;
  struct source_pos at;
  char text[ERROR_TEXT_BYTES];
};

// Zeroed memory is an empty list. Messages past DIAGS_MAX are counted in `dropped`; errors always count in `errors`.
struct diags {
  struct diag items[DIAGS_MAX];
  size_t count;
  size_t dropped;
  size_t errors;
};

// Adds a message; text that is too long is cut. Control characters in it are escaped by diag_write().
void diag_add(struct diags *diags, enum diag_kind kind, struct source_pos at, const char *format, ...) SC_PRINTF(4, 5);

// Whether hints would be dropped: then there is no need to look for what was meant.
static inline bool
diags_full(const struct diags *diags) {
  return diags->count == DIAGS_MAX;
}

// What is shown for a byte of the user's text: one column, and nothing that a terminal would obey.
static inline char
diag_shown_byte(char byte) {
  return byte == '\t' ? ' ' : byte >= 0x20 && byte < 0x7f ? byte : '?';
}

// Writes one message the way every tool of the project prints it, with `tool` in front ("scrun"), and for errors and
// warnings the user's line and a caret below the place:
//     scrun: web.conf:3:18: unknown system call "opennat"
//         3 | SystemCallFilter=opennat close
//           |                  ^~~~~~~
// Bytes outside printable ASCII come out as '?', so that policy text cannot drive a terminal. A long line is shown
// around the place only, and so is a long name of a source. Returns the bytes written, without the NUL; never more than
// size - 1. DIAG_BYTES hold any message.
#define DIAG_BYTES 1024
size_t diag_write(const struct diag *diag, const char *tool, char *out, size_t size);

// An error as a message, for printing through diag_write().
struct diag diag_of_error(const struct error *e);
#endif
