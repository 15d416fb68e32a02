// SPDX-License-Identifier: LGPL-2.1-or-later
// seccomp.h - the linux.seccomp that a container gets: the engine's own, and nowhere wider.
#ifndef SCRUN_HOOK_SECCOMP_H
#define SCRUN_HOOK_SECCOMP_H
#include "compat/buffer.h"
#include "compat/json.h"
#include "compat/policy.h"
#include "hook/needs.h"

struct seccomp_plan {
  struct json_value engine;    // linux.seccomp as it arrived; no value: the container has none
  const struct policy *policy; // what scrun is to apply, sealed; NULL: nothing, then only `accelerate` matters
  enum runtime_kind runtime;
  bool no_new_privs; // process.noNewPrivileges: a runtime then needs less
  bool wrapper;      // the wrapper's needs count, too
  bool isolate;      // and those of IsolatePeers=yes
  bool accelerate;   // `program` is asked for
};

// Zeroed memory is empty; seccomp_result_clear() after a failure, too.
struct seccomp_result {
  bool changed;          // `json` is what linux.seccomp is to be
  struct buffer json;    // one JSON object
  struct buffer program; // base64 of the program that decides as linux.seccomp does, for crun's
                         // run.oci.seccomp_bpf_data; empty if not asked for or not possible
  const char *slow;      // why there is no program although it was asked for (static), or NULL
};

// For every ABI, number and arguments the result is the stricter of the engine's profile and of the policy widened by
// needs_of(), in the kernel's order; of equal actions the policy's data. It is written so that crun and runc cannot
// misread it (oci_write.h); read again as each of them reads (seccomp_as_runtime.h); and compared: nowhere wider than
// the engine's, and the same as the policy value. The program is compiled from the policy value of what linux.seccomp
// is then (PROGRAM_BARE) and verified. Fails with messages in *diags: what cannot be written so; a call that the
// runtime or the wrapper needs and the engine's own profile refuses (each is named); a policy with ACTION_NOTIFY; an
// engine profile that scrun cannot read.
SC_NODISCARD int seccomp_make(const struct seccomp_plan *plan, struct seccomp_result *out, struct diags *diags);
void seccomp_result_clear(struct seccomp_result *result);
#endif
