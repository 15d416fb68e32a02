// SPDX-License-Identifier: LGPL-2.1-or-later
// data_file.h - reads the files of profiles/ for the programs that make tables at build time: lines and fields, and an
// end with file:line for whatever is wrong in them.
#ifndef SCRUN_COMPAT_DATA_FILE_H
#define SCRUN_COMPAT_DATA_FILE_H
#include <stdbool.h>
#include <stdio.h>

// The longest line, with its end.
#define DATA_LINE_BYTES 256

struct place {
  const char *file; // NULL: the program itself
  unsigned line;    // 0: the whole file
};

// Prints where and what, and ends the program: a build must not go on with half a table.
_Noreturn void data_fail(struct place at, const char *format, ...) __attribute__((format(printf, 2, 3)));

FILE *data_open(const char *name);

// Reads the next line without its end, and counts it in `at`. Returns false at the end of the file.
bool data_line(FILE *file, char line[DATA_LINE_BYTES], struct place *at);

// As data_line(), past comments and blank lines.
bool data_row(FILE *file, char line[DATA_LINE_BYTES], struct place *at);

// The next field of a row, which tabs end; *rest is NULL behind the last one. NULL if there is none.
char *data_field(char **rest);

// The table to be written, and its end: a file that could not be written whole is removed.
FILE *data_create(const char *name);
void data_finish(FILE *out, const char *name);
#endif
