// SPDX-License-Identifier: LGPL-2.1-or-later
// interrupted.h - calls that a stop cuts short although no signal came.
#ifndef SCRUN_RUNNER_LATE_INTERRUPTED_H
#define SCRUN_RUNNER_LATE_INTERRUPTED_H
#include <sys/types.h>

// `task` is in the stop of a PTRACE_INTERRUPT. Most calls that it can be in go on after that by themselves; some, as
// epoll_wait(2), would answer EINTR, which many programs do not expect without a signal. Such a one is made over, with
// its whole time limit, unless a handler runs first. Never fails: what cannot be mended stays as it is. Source:
// signal(7), "Interruption of system calls and library functions by stop signals".
void interrupted_mend(pid_t task);
#endif
