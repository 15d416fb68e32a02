// SPDX-License-Identifier: LGPL-2.1-or-later
// peer_ptrace.c - how a filter that denies what the launch itself needs is put on with a tracer: a child seizes its
// parent with PTRACE_O_SUSPEND_SECCOMP (root only), which makes the filter with libseccomp and execs; the filter begins
// to count when the tracer lets go behind the exec.
#include <errno.h>
#include <seccomp.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int
trace(pid_t program, int ready) {
  int status;
  char byte = 0;
  if (ptrace(PTRACE_SEIZE, program, NULL, (void *)(PTRACE_O_SUSPEND_SECCOMP | PTRACE_O_TRACEEXEC)) != 0
      || write(ready, &byte, 1) != 1)
    return 1;
  while (waitpid(program, &status, __WALL) == program && WIFSTOPPED(status)) {
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
      return ptrace(PTRACE_DETACH, program, NULL, NULL) != 0;
    ptrace(PTRACE_CONT, program, NULL, (void *)(long)WSTOPSIG(status));
  }
  return 1;
}

int
main(int argc, char **argv) {
  int ends[2];
  char byte;
  scmp_filter_ctx ctx = argc < 2 ? NULL : seccomp_init(SCMP_ACT_ALLOW);
  if (ctx == NULL || pipe(ends) != 0)
    return 2;
  pid_t program = getpid(), tracer = fork();
  if (tracer == 0)
    _exit(trace(program, ends[1]));
  close(ends[1]);
  if (tracer < 0 || read(ends[0], &byte, 1) != 1)
    return 228;
  close(ends[0]);
  if (seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, SCMP_SYS(swapon), 0) != 0 || seccomp_load(ctx) != 0)
    return 228;
  execve(argv[1], argv + 1, environ);
  return 203;
}
