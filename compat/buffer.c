// SPDX-License-Identifier: LGPL-2.1-or-later
// buffer.c - text that grows while a writer makes it.
#include "compat/buffer.h"
#include "compat/array.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROOM_FIRST 4096

// Room for `more` bytes and the NUL. False, for good, when there is none.
static bool
buffer_reserve(struct buffer *buffer, size_t more) {
  if (buffer->failed || more >= BUFFER_BYTES_MAX - buffer->length) {
    buffer->failed = true;
    return false;
  }
  char *text = array_grow(buffer->text, &buffer->room, buffer->length + more + 1, ROOM_FIRST, 1);
  buffer->failed = text == NULL;
  if (text != NULL)
    buffer->text = text;
  return !buffer->failed;
}

void
buffer_add(struct buffer *buffer, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  if (length < 0)
    buffer->failed = true;
  else if (buffer_reserve(buffer, (size_t)length)) {
    vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format, again);
    buffer->length += (size_t)length;
  }
  va_end(again);
  va_end(arguments);
}

void
buffer_add_text(struct buffer *buffer, const char *text) {
  size_t length = strlen(text);
  if (!buffer_reserve(buffer, length))
    return;
  memcpy(buffer->text + buffer->length, text, length + 1);
  buffer->length += length;
}

void
buffer_clear(struct buffer *buffer) {
  free(buffer->text);
  *buffer = (struct buffer){0};
}
