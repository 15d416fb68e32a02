// SPDX-License-Identifier: LGPL-2.1-or-later
// buffer.h - text that grows while a writer makes it.
#ifndef SCRUN_COMPAT_BUFFER_H
#define SCRUN_COMPAT_BUFFER_H
#include "compat/error.h"
#include <stdbool.h>

// Zeroed memory is an empty buffer. `text` is NUL-terminated once anything was added; `length` is without the NUL.
struct buffer {
  char *text;
  size_t length, room;
  bool failed; // memory was out, or it grew past BUFFER_BYTES_MAX: the text is not whole
};

#define BUFFER_BYTES_MAX (16 * 1024 * 1024)

void buffer_add(struct buffer *buffer, const char *format, ...) SC_PRINTF(2, 3);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_clear(struct buffer *buffer);
#endif
