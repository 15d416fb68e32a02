// SPDX-License-Identifier: LGPL-2.1-or-later
// random_policy.h - small random policies that use everything a policy can say, for tests that compare two opinions.
#ifndef SCRUN_TESTS_RANDOM_POLICY_H
#define SCRUN_TESTS_RANDOM_POLICY_H
#include "compat/policy.h"

// Any seed is fine; the same seed gives the same policies everywhere.
struct random {
  uint64_t state;
};

struct random random_from(uint64_t seed);
uint32_t random_below(struct random *random, uint32_t bound);

// 32 bits, often at a border: small, near 2^31, near 2^32.
uint32_t random_word(struct random *random);

// A sealed policy with up to three layers and `rules_max` rules in each; the caller owns it. NULL when memory is out.
struct policy *random_policy(struct random *random, uint32_t rules_max);

// Six arguments of a call: at a constant of the policy's tests or next to one, or at a border.
void random_arguments(struct random *random, const struct policy *policy, uint64_t args[6]);

// A number that the policy names on `abi`, one next to it, or any other.
uint32_t random_number(struct random *random, const struct policy *policy, enum abi abi);
#endif
