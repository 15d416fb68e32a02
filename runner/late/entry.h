// SPDX-License-Identifier: LGPL-2.1-or-later
// entry.h - the tracer's work for a policy that begins at the program's own first instruction.
#ifndef SCRUN_RUNNER_LATE_ENTRY_H
#define SCRUN_RUNNER_LATE_ENTRY_H
#include "runner/arming.h"
#include "runner/late/tracees.h"

// `task`, the only tracee, is stopped at the exec of the program. Follows it and all that descends from it until one of
// them reaches the program's entry; then all get the later filter, and are let go. An exec of the program before that
// begins anew, with the entry of the other program. Returns 0 when that is done, or when none is left before: nothing
// is traced any more. Fails with ERROR_SECCOMP; then the caller has to kill the tree.
SC_NODISCARD int entry_run(struct tracees *tracees, pid_t task, const struct arming *arming, struct error *e);
#endif
