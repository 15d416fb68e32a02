// SPDX-License-Identifier: LGPL-2.1-or-later
// profile.h - programs for the profile of containers-common, resolved for a default container's capabilities.
#ifndef SCRUN_BENCH_PROFILE_H
#define SCRUN_BENCH_PROFILE_H
#include "compat/policy.h"
#include "runner/program.h"
#include <stdbool.h>

// Each of these says what is wrong on stderr when it fails.

// As scrun-oci reads it; the caller owns the policy. NULL on failure.
struct policy *bench_profile_read(void);

// scrun's program for a policy, verified, with a ticket like a drawn one.
int bench_program_make(const struct policy *policy, struct program *out);

// libseccomp's program, default or binary tree, as bench_wrap_profile (its path) makes it for the resolved profile.
int bench_profile_libseccomp(const char *wrapper, const char *json, bool tree, struct program *out);
#endif
