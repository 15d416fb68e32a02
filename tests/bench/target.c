// SPDX-License-Identifier: LGPL-2.1-or-later
// target.c - what the contenders start: exits with 0. With a number as argument it makes that system call first, so
// that a filter shows; the exit status is then the errno.
#include "tests/bench/bare.h"

static long
number_read(const char *text) {
  long number = 0;
  while (*text >= '0' && *text <= '9')
    number = number * 10 + (*text++ - '0');
  return number;
}

__attribute__((noreturn, used)) void
bare_main(long *stack) {
  long argc = stack[0], result = 0;
  char **argv = (char **)(stack + 1);
  if (argc > 1)
    result = bare_call(number_read(argv[1]), 0, 0, 0, 0, 0);
  bare_exit(result < 0 ? (int)-result : 0);
}
