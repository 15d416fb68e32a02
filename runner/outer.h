// SPDX-License-Identifier: LGPL-2.1-or-later
// outer.h - filters around this process that would kill it: asked by a child, which may die of the answer.
#ifndef SCRUN_RUNNER_OUTER_H
#define SCRUN_RUNNER_OUTER_H
#include <stdbool.h>

// Would a filter that is around this process kill it for this call? The call must change nothing. Only where there is a
// filter does a child make it, on this one's memory; nothing of the child is left, and it dumps no core, because from
// then on this process is hidden as guard_make() hides it. False, too, where no child can be had: then the call itself
// will tell. Source: PR_GET_SECCOMP in prctl(2); SECCOMP_RET_KILL_PROCESS in seccomp(2).
bool outer_kills(long number, long a0, long a1, long a2);
#endif
