// SPDX-License-Identifier: LGPL-2.1-or-later
// compare.h - two policies by meaning: every call that they decide differently.
#ifndef SCRUN_RUNNER_COMPARE_H
#define SCRUN_RUNNER_COMPARE_H
#include "compat/policy.h"

// Calls that get `a` under the first policy and `b` under the second. The arguments are one example of `count` atoms of
// the arguments (atoms.h) that are like it.
struct difference {
  enum abi abi;    // ABI_NONE: architectures that are none of the three
  uint32_t number; // as the filter sees it; for a stretch of numbers that no rule names, its first
  uint32_t last;   // the last of that stretch; otherwise the same
  bool whole;      // the arguments do not matter
  struct action a, b;
  uint64_t args[6]; // an example
  size_t count;
};

// Calls visit(context, difference) for each pair of different answers of each number, in order of ABI and number; stops
// when visit returns false. Exact: decided at one point of every atom of the tests of both. Both policies are sealed.
// Fails with ERROR_POLICY when the tests of one call make more atoms than can be looked at, naming the call.
SC_NODISCARD int policy_compare(const struct policy *a, const struct policy *b,
                                bool (*visit)(void *context, const struct difference *difference), void *context,
                                struct error *e);
#endif
