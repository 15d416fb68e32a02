// SPDX-License-Identifier: LGPL-2.1-or-later
// error.c - fills in failures and maps them to exit statuses.
#include "compat/error.h"
#include <stdarg.h>
#include <stdio.h>

SC_PRINTF(5, 0)
static void
error_fill(struct error *e, enum error_kind kind, int sys, struct source_pos at, const char *format,
           va_list arguments) {
  e->kind = kind;
  e->sys = sys;
  e->at = at;
  if (vsnprintf(e->text, sizeof e->text, format, arguments) < 0)
    e->text[0] = '\0';
}

int
error_set(struct error *e, enum error_kind kind, int sys, struct source_pos at, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  error_fill(e, kind, sys, at, format, arguments);
  va_end(arguments);
  return -1;
}

int
error_plain(struct error *e, enum error_kind kind, int sys, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  error_fill(e, kind, sys, (struct source_pos){0}, format, arguments);
  va_end(arguments);
  return -1;
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
