// SPDX-License-Identifier: LGPL-2.1-or-later
// arm.h - installs the later filter in every process of a stopped tree, and proves it.
#ifndef SCRUN_RUNNER_LATE_ARM_H
#define SCRUN_RUNNER_LATE_ARM_H
#include "runner/arming.h"
#include "runner/late/tracees.h"

// All tasks are stopped. In each process one thread makes seccomp(2) with TSYNC and the arming ticket (its registers,
// and the memory that the program stands in for the moment, are put back); then it makes the ticketed probe, which only
// the new filter can answer; then every thread of every process must have one filter more than before, and no_new_privs
// as before or on, as read from /proc. A process that shares its memory with one outside the tree, that has another
// tracer's threads, or a task that does not come back in time is a failure. `attached`: no_new_privs is set first, if
// it is not yet, and *changed says so. Fails with ERROR_SECCOMP, saying which process and what; *installed says whether
// some process may have the filter by then. 0 means that all have it.
SC_NODISCARD int arm_all(struct tracees *tracees, const struct arming *arming, bool attached, bool *changed,
                         bool *installed, struct error *e);
#endif
