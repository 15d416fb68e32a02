// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap_bare.c - the least a wrapper can cost: no libc, a finished filter, one exec.
#include "tests/bench/baked.h"
#include "tests/bench/bare.h"
#include <sys/prctl.h>

__attribute__((noreturn, used)) void
bare_main(long *stack) {
  long argc = stack[0];
  char **argv = (char **)(stack + 1), **envp = argv + argc + 1;
  struct sock_fprog program = {.len = sizeof baked / sizeof baked[0], .filter = (struct sock_filter *)(long)baked};
  if (argc < 2)
    bare_exit(2);
  if (bare_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
      || bare_call(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (long)&program, 0, 0) != 0)
    bare_exit(228);
  bare_call(SYS_execve, (long)argv[1], (long)(argv + 1), (long)envp, 0, 0);
  bare_exit(203);
}
