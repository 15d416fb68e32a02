// SPDX-License-Identifier: LGPL-2.1-or-later
// startup.h - the start-up policy: what is in force from exec on where a policy begins later.
//
// It is the policy, wider by what start-up needs, and closed where something could come between: it stays in force
// below the policy, so what it closes is closed for good.
#ifndef SCRUN_COMPAT_STARTUP_H
#define SCRUN_COMPAT_STARTUP_H
#include "compat/moment.h"
#include "compat/policy.h"

// Makes the start-up policy of `policy` (sealed) for MOMENT_ENTRY, MOMENT_MAIN or MOMENT_READY. The caller owns *out,
// which is sealed. In every layer of the policy the calls of the start-up list are allowed first: policy->startup, or
// by default
// - entry, main: @dynamic-startup, and write, writev and exit_group, with which a loader says why it cannot go on;
// - main: waitid and prctl(PR_SET_CHILD_SUBREAPER) too, with which the preload library finds processes that are left;
// - ready: those, @static-startup and @system-service.
// It never opens what the policy refuses of execve, execveat and seccomp: those the launch itself needs pass with
// tickets. One more layer, in front so that its errnos count, refuses
// - entry, main: seccomp (EPERM) and prctl(PR_SET_SECCOMP) (EPERM), so that nobody but the holder of the arming ticket
//   (ticket.h) can install, or fake, a filter;
// - entry, ready, where a tracer has to see every process: clone with CLONE_UNTRACED (EPERM), and clone3 (ENOSYS: its
//   flags are in memory; C libraries go on with clone);
// - ready: seccomp with SECCOMP_FILTER_FLAG_NEW_LISTENER (EPERM): who listens outside the tree could answer for the
//   kernel when the policy is put on, and write in the program's memory meanwhile.
// Processes that are made before main() cannot be refused here, since what is closed stays closed: the library and the
// watcher of that moment find them.
// What policy->startup refuses is left to the policy. A permissive policy's start-up policy is permissive, too.
// Fails with ERROR_POLICY: too many layers or rules; a policy that notifies a listener, which there is at exec only;
// one that does not refuse calls of foreign architectures, through which all that is closed could be had.
SC_NODISCARD int startup_policy(const struct policy *policy, enum moment moment, struct policy **out, struct error *e);

// True for execve, execveat and seccomp.
bool startup_leaves_out(call_t call);
#endif
