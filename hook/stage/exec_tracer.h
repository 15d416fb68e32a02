// SPDX-License-Identifier: LGPL-2.1-or-later
// exec_tracer.h - a process of its own that holds a container's first process, and puts the policy on it when it
// executes the container's program.
#ifndef SCRUN_HOOK_STAGE_EXEC_TRACER_H
#define SCRUN_HOOK_STAGE_EXEC_TRACER_H
#include "runner/arming.h"
#include <stdbool.h>
#include <sys/types.h>

struct exec_plan {
  pid_t pid;                   // the container's first process, in which the runtime prepares it
  const struct arming *arming; // its tickets are drawn
  unsigned abis;               // of the policy
  bool no_new_privs;           // is to be set
  const char *wrapper;         // an exec of this file is the wrapper's, which goes on to the program; NULL: none
};

// Starts the tracer: no child of this process, without its descriptors and its session. Returns 0 once all threads of
// the process are traced, with PTRACE_O_EXITKILL: it runs no program any more that does not have the filter, whatever
// becomes of the tracer. At the exec of the program the filter is installed before the first instruction, and seen to
// be there; then the tracer is gone, as it is when the process ends before. Whatever goes wrong kills the process, and
// is said on its own stderr, which is the container's. Fails with ERROR_SECCOMP: nothing is traced.
SC_NODISCARD int exec_tracer_start(const struct exec_plan *plan, struct error *e);
#endif
