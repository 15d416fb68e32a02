// SPDX-License-Identifier: LGPL-2.1-or-later
// oci_rules.h - a policy as the rules that linux.seccomp can hold: what oci_write.c writes down.
#ifndef SCRUN_COMPAT_OCI_RULES_H
#define SCRUN_COMPAT_OCI_RULES_H
#include "compat/policy.h"

// One entry of "syscalls" with arguments, of one call. Tests are 64 bits wide, on rising arguments, each once; a mask
// is given with TEST_EQ only.
struct oci_rule {
  call_t call;
  struct action action;
  struct test tests[6];
  size_t test_count; // at least 1
};

// A call has one action whatever its arguments, or rules that are pairwise disjoint, or neither: then it gets
// `otherwise`, which no rule and no call has as its own.
struct oci_rules {
  struct action otherwise;
  struct action whole[CALLS_MAX]; // ACTION_NONE: not the same for all arguments
  struct oci_rule *items;         // those of one call together
  size_t count, room;
};

// Who reads the rules of multiplexers: oci_read.h, for which the stricter of a rule on socketcall and of one on a call
// inside counts; or the runtimes, for which socketcall's own counts alone if it has no tests, and if it has tests
// stands beside those that libseccomp makes for the calls inside.
enum oci_reader { OCI_READER_SCRUN, OCI_READER_RUNTIMES };

// Fails as oci_write() does (oci_write.h). Free with oci_rules_clear(), after a failure too; zeroed memory is empty.
SC_NODISCARD int oci_rules_make(const struct policy *policy, enum oci_reader reader, struct oci_rules *out,
                                struct error *e);
void oci_rules_clear(struct oci_rules *rules);
#endif
