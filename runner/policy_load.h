// SPDX-License-Identifier: LGPL-2.1-or-later
// policy_load.h - from the policy words of a command line to a policy. Both scrun and scrun-analyze load theirs with
// it.
#ifndef SCRUN_RUNNER_POLICY_LOAD_H
#define SCRUN_RUNNER_POLICY_LOAD_H
#include "compat/diag.h"
#include "compat/policy.h"
#include "runner/profile_files.h"

// One --property= or --profile=, borrowed from the command line.
struct policy_word {
  bool is_profile;
  const char *text;
  struct source source; // of a property
};

// Zeroed memory is an empty request. Words count in the order given, as one unit.
struct policy_request {
  struct policy_word *words; // on the heap
  size_t count;
  const char *groups; // --groups=; NULL: the newest
  bool lenient, permissive;
  struct profile_files files;
};

// Each adds a word to `request`, a struct policy_request; for tables of options (policy_options.h). Fails with
// ERROR_USAGE past POLICY_WORDS_MAX.
#define POLICY_WORDS_MAX 1024
SC_NODISCARD int policy_take_property(void *request, const char *value, struct error *e);
SC_NODISCARD int policy_take_profile(void *request, const char *value, struct error *e);

// Reads every word and makes the policy; the caller owns it. It and the messages borrow from the request, which must
// outlive them. Fails with messages in *diags.
SC_NODISCARD int policy_load(struct policy_request *request, struct policy **out, struct diags *diags);

void policy_request_clear(struct policy_request *request);
#endif
