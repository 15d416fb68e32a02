// SPDX-License-Identifier: LGPL-2.1-or-later
// oci_merge.h - the rules of one seccomp object that was read, in the order of the text, and the layer that they make.
//
// What crun and runc agree on: of two rules without tests on one call the first counts, and either beats all with
// tests; a rule that says what the default says anyway is dropped. Where two rules with tests both match, theirs is an
// accident of libseccomp's tree; here the stricter one decides.
#ifndef SCRUN_COMPAT_OCI_MERGE_H
#define SCRUN_COMPAT_OCI_MERGE_H
#include "compat/json.h"
#include "compat/policy.h"

// crun drops what is more.
#define OCI_TESTS_MAX 6

// One call of one rule.
struct oci_rule {
  call_t call;
  struct action action;
  struct json_value name;          // where it is named
  uint32_t first_test, test_count; // from oci_merge_tests(); all have to hold
};

struct oci_merge;

// NULL when memory is out; the caller owns it.
struct oci_merge *oci_merge_new(struct action otherwise);
void oci_merge_free(struct oci_merge *merge);

// Keeps tests for the rules that follow. Returns false after adding an error at `value`.
bool oci_merge_tests(struct oci_merge *merge, const struct test *tests, uint32_t count, struct json_value value,
                     uint32_t *first, struct diags *diags);
// Returns false after adding an error. Warns of a rule that an earlier one makes void.
bool oci_merge_rule(struct oci_merge *merge, const struct oci_rule *rule, struct diags *diags);

// Adds the layer to `policy`, whose abis are known. Errors and warnings go to *diags; *refuses is set when some call
// would not run. `plain_multiplexers`: a rule without tests on socketcall or ipc decides all that is inside, as it does
// for crun and runc; otherwise the stricter counts.
void oci_merge_build(const struct oci_merge *merge, bool plain_multiplexers, struct source_pos otherwise_at,
                     struct policy *policy, bool *refuses, struct diags *diags);
#endif
