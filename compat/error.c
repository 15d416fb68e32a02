// SPDX-License-Identifier: LGPL-2.1-or-later
// error.c - fills in failures and maps them to exit statuses.
#include "compat/error.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Weak: runner/allocator.c has another.
__attribute__((weak)) const char *const out_of_memory = "out of memory";

SC_PRINTF(4, 0)
static void
error_fill(struct error *e, enum error_kind kind, struct source_pos at, const char *format, va_list arguments) {
  e->kind = kind;
  e->at = at;
  if (vsnprintf(e->text, sizeof e->text, format, arguments) < 0)
    e->text[0] = '\0';
}

int
error_set(struct error *e, enum error_kind kind, struct source_pos at, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  error_fill(e, kind, at, format, arguments);
  va_end(arguments);
  return -1;
}

int
error_plain(struct error *e, enum error_kind kind, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  error_fill(e, kind, (struct source_pos){0}, format, arguments);
  va_end(arguments);
  return -1;
}

int
error_memory(struct error *e, enum error_kind kind) {
  return error_plain(e, kind, "%s", out_of_memory);
}

struct shown
shown_part(const char *word, size_t length) {
  static const char more[] = "...";
  struct shown out;
  bool cut = length >= sizeof out.text;
  size_t kept = cut ? sizeof out.text - sizeof more : length;
  memcpy(out.text, word, kept);
  if (cut)
    memcpy(out.text + kept, more, sizeof more);
  else
    out.text[kept] = '\0';
  return out;
}

struct shown
shown(const char *word) {
  return shown_part(word, strlen(word));
}

int
error_exit_status(enum error_kind kind) {
  switch (kind) {
  case ERROR_NONE: // a failure that forgot its kind must not end as success
  case ERROR_USAGE:
  case ERROR_POLICY:
    return 2;
  case ERROR_DIRECTORY:
    return 200;
  case ERROR_EXEC:
    return 203;
  case ERROR_PRIVILEGES:
    return 227;
  case ERROR_SECCOMP:
    return 228;
  }
  return 2;
}
