// SPDX-License-Identifier: LGPL-2.1-or-later
// wait_ready.h - the tracer's work for a policy that begins when the service is ready.
#ifndef SCRUN_RUNNER_LATE_WAIT_READY_H
#define SCRUN_RUNNER_LATE_WAIT_READY_H
#include "runner/arming.h"
#include "runner/late/tracees.h"
#include "runner/late/tracer.h"

// `task`, the only tracee, is stopped at the exec of the program. Follows it and all that descends from it until one of
// them is about to send READY=1; then all get the later filter, and are let go. Returns 0 when that is done, or when
// none is left before: nothing is traced any more. Fails with what went wrong: ERROR_USAGE (NOTIFY_SOCKET=),
// ERROR_SECCOMP (also: not ready in time); then the caller has to kill the tree.
SC_NODISCARD int ready_run(struct tracees *tracees, pid_t task, const struct arming *arming,
                           const struct tracer_plan *plan, struct error *e);
#endif
