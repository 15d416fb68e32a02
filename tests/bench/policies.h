// SPDX-License-Identifier: LGPL-2.1-or-later
// policies.h - the policies that are measured, as text.
#ifndef SCRUN_BENCH_POLICIES_H
#define SCRUN_BENCH_POLICIES_H
#include "compat/policy.h"

#define BENCH_PROPERTIES_MAX 4

struct bench_policy {
  const char *label;
  const char *properties[BENCH_PROPERTIES_MAX]; // NULL behind the last
};

// The first is the list that the launch is measured with.
#define BENCH_POLICIES 4
extern const struct bench_policy bench_policies[BENCH_POLICIES];

// Reads it as `scrun` would; the caller owns the policy, which borrows from static storage until the next call. Says
// what is wrong on stderr and returns NULL on failure.
struct policy *bench_policy_read(const struct bench_policy *policy);
#endif
