// SPDX-License-Identifier: LGPL-2.1-or-later
// oci_write.h - a policy as linux.seccomp of runtime-spec.
#ifndef SCRUN_COMPAT_OCI_WRITE_H
#define SCRUN_COMPAT_OCI_WRITE_H
#include "compat/buffer.h"
#include "compat/policy.h"

// Writes the sealed `policy` as one JSON object, so that oci_read.h, crun and runc read it alike: each call has one
// unconditional rule or only pairwise disjoint conditional ones, each index once in a rule (masks folded), at most six
// tests, no rule equal to the default. Fails with ERROR_POLICY, naming it (and its place), for what JSON cannot say:
// bare numbers, an answer for calls newer than the tables, a rule for one ABI only, another answer for foreign
// architectures than KILL_THREAD, NoNewPrivileges=no, more cubes than OCI_CUBES_MAX for one call, ...
#define OCI_CUBES_MAX 256
SC_NODISCARD int oci_write(const struct policy *policy, struct buffer *out, struct error *e);

// The same, but that crun and runc decide alike what is inside socketcall and ipc, and oci_read.h may be stricter there
// (oci_rules.h). Where rules of libseccomp's own making for the calls inside contradict the policy, which this does not
// see, it cannot be said: whoever hands the text over reads it again as they do.
SC_NODISCARD int oci_write_for_runtimes(const struct policy *policy, struct buffer *out, struct error *e);
#endif
