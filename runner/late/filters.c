// SPDX-License-Identifier: LGPL-2.1-or-later
// filters.c - PTRACE_SECCOMP_GET_FILTER, and what its errors mean.
#include "runner/late/filters.h"
#include "runner/late/process.h"
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif

// For a task without filters the kernel says EINVAL, as it does where it cannot read filters at all.
static int
explain(pid_t task, unsigned index, int sys, struct error *e) {
  struct task_status status;
  if (sys == ENOENT)
    return 0;
  if (sys == EACCES)
    return error_plain(e, ERROR_SECCOMP,
                       "reading filters takes CAP_SYS_ADMIN and a process without filters of its own");
  if (sys == EINVAL && index == 0 && task_status_read(task, task, &status, e) == 0 && status.mode != 2)
    return 0;
  if (sys == EINVAL || sys == EIO)
    return error_plain(e, ERROR_SECCOMP, "this kernel cannot read filters back (CONFIG_CHECKPOINT_RESTORE)");
  return error_plain(e, ERROR_SECCOMP, "filter %u of process %ld: %s", index, (long)task, strerror(sys));
}

int
filters_read(pid_t task, unsigned index, struct program *out, struct error *e) {
  // The C libraries differ in the type of the request, so the call is made without them.
  long length = syscall(SYS_ptrace, (long)PTRACE_SECCOMP_GET_FILTER, (long)task, (unsigned long)index, out->code);
  if (length < 0)
    return explain(task, index, errno, e);
  if (length == 0 || length > PROGRAM_MAX)
    return error_plain(e, ERROR_SECCOMP, "filter %u of process %ld has %ld instructions", index, (long)task, length);
  out->length = (size_t)length;
  return 1;
}
