// SPDX-License-Identifier: LGPL-2.1-or-later
// source.h - a piece of policy text and a place in it. Every word, rule and message knows where it was written.
#ifndef SCRUN_COMPAT_SOURCE_H
#define SCRUN_COMPAT_SOURCE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Lives as long as every policy and message made from it. The text is not NUL-terminated and holds no NUL.
struct source {
  const char *name; // "web.conf", "/etc/scrun/web.conf", "--property"
  const char *text;
  size_t length;  // bytes
  bool has_lines; // true: messages say name:line:column; false: the text is one line of the command line
};

// `length` bytes at `offset`; source NULL means "nowhere in particular".
struct source_pos {
  const struct source *source;
  uint32_t offset;
  uint32_t length;
};

// Words that a reader takes as not written: for whoever asks what a word is good for.
struct omission {
  bool (*omits)(void *context, struct source_pos word); // of a call that some ABI has, or of a number
  void *context;
};

// Line and column of a place, both counted from 1; columns count bytes.
struct source_line {
  unsigned line;
  unsigned column;
  const char *text; // the whole line, without its end
  size_t length;    // of the line, bytes
};

// Finds the line that `at` begins on. `at.source` must not be NULL.
struct source_line source_line_at(struct source_pos at);
#endif
