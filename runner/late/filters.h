// SPDX-License-Identifier: LGPL-2.1-or-later
// filters.h - reads a process's installed filters back from the kernel.
#ifndef SCRUN_RUNNER_LATE_FILTERS_H
#define SCRUN_RUNNER_LATE_FILTERS_H
#include "compat/error.h"
#include "runner/program.h"
#include <sys/types.h>

// Reads the filter `index` of `task`, which this process traces and has stopped: 0 is the one that was installed first
// (as measured with Linux 6.18, and in get_nth_filter() of its kernel/seccomp.c; ptrace(2) says that it is the last).
// Returns 1 and fills *out, 0 when there is no such filter, or -1 with ERROR_SECCOMP: it takes CAP_SYS_ADMIN and no
// filter of one's own.
SC_NODISCARD int filters_read(pid_t task, unsigned index, struct program *out, struct error *e);
#endif
