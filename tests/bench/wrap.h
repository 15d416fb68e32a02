// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap.h - the end of each wrapper with a libc: installs the filter and execs.
#ifndef SCRUN_BENCH_WRAP_H
#define SCRUN_BENCH_WRAP_H
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

static inline int
wrap_install(const struct sock_filter *code, size_t length) {
  struct sock_fprog program = {.len = (unsigned short)length, .filter = (struct sock_filter *)(unsigned long)code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0;
}

// Returns the exit status when it failed.
static inline int
wrap_exec(const struct sock_filter *code, size_t length, char **argv) {
  if (wrap_install(code, length) != 0)
    return 228;
  execve(argv[0], argv, environ);
  return 203;
}
#endif
