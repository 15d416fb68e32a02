// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap_exec.c - nothing but one exec more: what every wrapper costs.
#include "tests/bench/bare.h"

__attribute__((noreturn, used)) void
bare_main(long *stack) {
  long argc = stack[0];
  char **argv = (char **)(stack + 1), **envp = argv + argc + 1;
  if (argc < 2)
    bare_exit(2);
  bare_call(SYS_execve, (long)argv[1], (long)(argv + 1), (long)envp, 0, 0);
  bare_exit(203);
}
