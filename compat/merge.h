// SPDX-License-Identifier: LGPL-2.1-or-later
// merge.h - policies from policies: one that is as strict as two together, and one that is wider by a list of calls.
#ifndef SCRUN_COMPAT_MERGE_H
#define SCRUN_COMPAT_MERGE_H
#include "compat/policy.h"

// Makes the policy that decides each call as the stricter of both does, in the kernel's order; where both are equally
// strict, with the data of `first`. ABIs are those that both decide; calls of any other get the stricter of both
// answers to foreign ones (an ABI that only one decides is foreign to the other, which must refuse it there: otherwise
// fails). NoNewPrivileges= is on if it is on in one; IsolatePeers= the stronger; SPEC_ALLOW only if both have it, LOG
// if one has. A listener is taken over from the one that has one; two different ones are a failure. `at` and `startup`
// must be unset or the same in both (MOMENT_EXEC is as unset). Both are sealed and may not be permissive; *out is
// sealed, borrows positions as they do, and the caller owns it. Fails with ERROR_POLICY: too many layers or rules, or
// one of the above.
SC_NODISCARD int policy_merge(const struct policy *first, const struct policy *second, struct policy **out,
                              struct error *e);

// Makes the policy that allows what `policy` allows and the calls named, on every ABI of the policy and whatever their
// arguments; a call that i386 has inside a multiplexer there, too, and a multiplexer with all that is inside. `names`
// ends with NULL, and each is known to the tables. Everything else is as in `policy`, which is sealed. Fails with
// ERROR_POLICY: too many rules, or an unknown name.
SC_NODISCARD int policy_widen(const struct policy *policy, const char *const *names, struct policy **out,
                              struct error *e);
#endif
