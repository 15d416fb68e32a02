// SPDX-License-Identifier: LGPL-2.1-or-later
// glibc_names.c - what a libjson-c.a that was compiled against glibc asks of its libc beyond the standard, for linking
// it with musl: the checked forms of functions, which take the size of a buffer as well.
//
// glibc starts with dozens of CPUID instructions, and where these trap, in virtual machines, that is most of what a
// policy in JSON costs. What json-c shares with its libc beside these is the same for both on x86-64: pointers to what
// it does not look into (FILE, locale_t), errno, struct stat and the types of C.
#include "compat/error.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int __fprintf_chk(FILE *file, int flag, const char *format, ...) SC_PRINTF(3, 4);
int __vfprintf_chk(FILE *file, int flag, const char *format, va_list arguments) SC_PRINTF(3, 0);
int __snprintf_chk(char *out, size_t size, int flag, size_t room, const char *format, ...) SC_PRINTF(5, 6);
int __vsnprintf_chk(char *out, size_t size, int flag, size_t room, const char *format, va_list arguments)
    SC_PRINTF(5, 0);
int __vasprintf_chk(char **out, int flag, const char *format, va_list arguments) SC_PRINTF(3, 0);
void __vsyslog_chk(int priority, int flag, const char *format, va_list arguments) SC_PRINTF(3, 0);
char *__strcat_chk(char *out, const char *text, size_t room);

int
__vfprintf_chk(FILE *file, int flag, const char *format, va_list arguments) {
  (void)flag;
  return vfprintf(file, format, arguments);
}

int
__fprintf_chk(FILE *file, int flag, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int result = __vfprintf_chk(file, flag, format, arguments);
  va_end(arguments);
  return result;
}

int
__vsnprintf_chk(char *out, size_t size, int flag, size_t room, const char *format, va_list arguments) {
  (void)flag;
  if (size > room)
    abort();
  return vsnprintf(out, size, format, arguments);
}

int
__snprintf_chk(char *out, size_t size, int flag, size_t room, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int result = __vsnprintf_chk(out, size, flag, room, format, arguments);
  va_end(arguments);
  return result;
}

int
__vasprintf_chk(char **out, int flag, const char *format, va_list arguments) {
  (void)flag;
  return vasprintf(out, format, arguments);
}

// json-c's debug output goes there only if a program asks for it.
void
__vsyslog_chk(int priority, int flag, const char *format, va_list arguments) {
  (void)priority, (void)flag, (void)format, (void)arguments;
  abort();
}

char *
__strcat_chk(char *out, const char *text, size_t room) {
  size_t used = strlen(out), length = strlen(text);
  if (used + length >= room)
    abort();
  memcpy(out + used, text, length + 1);
  return out;
}
