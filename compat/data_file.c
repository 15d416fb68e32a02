// SPDX-License-Identifier: LGPL-2.1-or-later
// data_file.c - lines, fields and failures, for the programs that make tables.
#include "compat/data_file.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void
data_fail(struct place at, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (at.file != NULL && at.line != 0)
    fprintf(stderr, "%s:%u: ", at.file, at.line);
  else
    fprintf(stderr, "%s: ", at.file != NULL ? at.file : "the tables");
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

FILE *
data_open(const char *name) {
  FILE *file = fopen(name, "r");
  if (file == NULL)
    data_fail((struct place){name, 0}, "cannot be opened");
  return file;
}

bool
data_line(FILE *file, char line[DATA_LINE_BYTES], struct place *at) {
  if (fgets(line, DATA_LINE_BYTES, file) == NULL) {
    if (ferror(file))
      data_fail(*at, "cannot be read");
    return false;
  }
  at->line++;
  size_t length = strlen(line);
  if (length == 0 || line[length - 1] != '\n')
    data_fail(*at, "the line is too long, holds a NUL, or has no end");
  line[length - 1] = '\0';
  return true;
}

bool
data_row(FILE *file, char line[DATA_LINE_BYTES], struct place *at) {
  while (data_line(file, line, at))
    if (line[0] != '#' && line[0] != '\0')
      return true;
  return false;
}

char *
data_field(char **rest) {
  char *field = *rest;
  char *end = field != NULL ? strchr(field, '\t') : NULL;
  *rest = end != NULL ? end + 1 : NULL;
  if (end != NULL)
    *end = '\0';
  return field;
}

FILE *
data_create(const char *name) {
  FILE *out = fopen(name, "w");
  if (out == NULL)
    data_fail((struct place){name, 0}, "cannot be written");
  return out;
}

void
data_finish(FILE *out, const char *name) {
  bool failed = ferror(out) != 0;
  if (fclose(out) != 0 || failed) {
    remove(name);
    data_fail((struct place){name, 0}, "cannot be written");
  }
}
