// SPDX-License-Identifier: LGPL-2.1-or-later
// seccomp_as_runtime.h - what crun and runc make of a linux.seccomp, and libseccomp below them: a second reader, which
// shares no code with oci_read.c beyond words and names.
#ifndef SCRUN_HOOK_SECCOMP_AS_RUNTIME_H
#define SCRUN_HOOK_SECCOMP_AS_RUNTIME_H
#include "compat/json.h"
#include "compat/policy.h"

enum seccomp_author {
  SECCOMP_OURS,       // what scrun wrote
  SECCOMP_OURS_PLAIN, // the same, where every rule must be read for what it says alone
  SECCOMP_ENGINES     // what an engine wrote
};

// Reads `seccomp` and fills *out with a sealed policy that decides as the runtimes' filters do, on x32 and x86 by the
// lower halves of arguments and constants; the caller owns it. A rule of libseccomp's own making for a call inside a
// multiplexer has the tests of the call's rule on other arguments than the first, which x86 has in memory. What runc
// puts in front for numbers above the highest call named, ENOSYS instead of a default that refuses, is left out; absent
// flags are crun's, SPEC_ALLOW.
//
// OURS fails for what scrun never writes: tests on one argument twice, rules of one call that overlap, with tests
// beside one without, two without, a rule equal to the default. Where the rules for calls inside a multiplexer overlap,
// which cannot always be helped, the laxest counts.
// ENGINES says of all that what the runtimes do, and fails where that is not simply said: rules that overlap and do
// different things, comparisons that libseccomp is known to compile wrongly. OURS_PLAIN fails where one of these two
// does; otherwise all three make the same of it. All fail where libseccomp 2.5.4 would lose the rules of x86, and for
// more than six tests, unknown names and keys, wrong types.
SC_NODISCARD int seccomp_as_runtime(struct json_value seccomp, enum seccomp_author author, struct policy **out,
                                    struct diags *diags);
#endif
