// SPDX-License-Identifier: LGPL-2.1-or-later
// seccomp_check.h - the last look at a merged profile: what the runtimes make of its text, against what it was made
// from.
#ifndef SCRUN_HOOK_SECCOMP_CHECK_H
#define SCRUN_HOOK_SECCOMP_CHECK_H
#include "compat/policy.h"

// All sealed.
struct seccomp_check {
  const struct policy *written;  // what the runtimes make of the text (seccomp_as_runtime.h)
  const struct policy *merged;   // what was meant
  const struct policy *policy;   // the policy, widened; NULL: `merged` is that
  const struct policy *engine;   // what was there, read strictly; NULL: nothing
  const struct policy *in_force; // what the runtimes made of it; NULL: not known better than `engine`
  const struct policy *compiled; // what a program is to be compiled from; NULL: none is
};

// Returns 0 only if for each number and one point of each atom of all arguments
// - `written` is nowhere less strict than what was there, in the kernel's order, nor than the policy on the ABIs that
//   the text lists;
// - it is the same as `merged`, but for socketcall and ipc on x86, where libseccomp makes rules of its own.
// *compiled_same says whether `compiled` decides everywhere as `written` does, to the last bit of all arguments.
// On x32 and x86 the lower halves of arguments are looked at, as libseccomp does, whatever it is given. Numbers are
// those that some rule of any of them names and one of each stretch between. Fails with ERROR_POLICY, naming the call.
// Works in static storage: one caller at a time.
SC_NODISCARD int seccomp_check(const struct seccomp_check *check, bool *compiled_same, struct error *e);
#endif
