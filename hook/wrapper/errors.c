// SPDX-License-Identifier: LGPL-2.1-or-later
// errors.c - failures as values, and the texts of errno values, where there is no C library.
#include "compat/error.h"
#include "hook/wrapper/words.h"
#include <string.h>

// Of what a launch can meet; each begins with its number. The texts are those of the C libraries.
static const char errno_texts[] = "\1Operation not permitted\0"
                                  "\2No such file or directory\0"
                                  "\5Input/output error\0"
                                  "\7Argument list too long\0"
                                  "\10Exec format error\0"
                                  "\13Resource temporarily unavailable\0"
                                  "\14Cannot allocate memory\0"
                                  "\15Permission denied\0"
                                  "\16Bad address\0"
                                  "\24Not a directory\0"
                                  "\25Is a directory\0"
                                  "\26Invalid argument\0"
                                  "\27Too many open files in system\0"
                                  "\30Too many open files\0"
                                  "\32Text file busy\0"
                                  "\44File name too long\0"
                                  "\46Function not implemented\0"
                                  "\50Too many levels of symbolic links\0"
                                  "\120Accessing a corrupted shared library\0"
                                  "\137Operation not supported\0";

static char *
other_errno(const char *format, ...) {
  static char text[24];
  va_list arguments;
  va_start(arguments, format);
  (void)words_format(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

char *
strerror(int number) {
  for (const char *at = errno_texts; *at != '\0'; at += strlen(at) + 1)
    if (*at == number)
      return (char *)(uintptr_t)(at + 1);
  return other_errno("errno %d", number);
}

int
error_plain(struct error *e, enum error_kind kind, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  e->kind = kind;
  (void)words_format(e->text, sizeof e->text, format, arguments);
  va_end(arguments);
  return -1;
}
