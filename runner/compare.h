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

// Calls visit(context, difference) for each pair of different answers of each number (of each stretch between the
// numbers that some rule names), the foreign architectures first, then in order of ABI and number; stops when visit
// returns false. Exact: decided at one point of every atom of the tests of both, the high halves of x86's arguments
// included: a program for x86-64 that enters through int 0x80 can set them, and a filter sees what it set. Both
// policies are sealed. Fails with ERROR_POLICY when the tests of one call make more atoms, or more different pairs,
// than can be looked at, naming the call. Works in static storage: one caller at a time.
#define COMPARE_PAIRS_MAX 1024
SC_NODISCARD int policy_compare(const struct policy *a, const struct policy *b,
                                bool (*visit)(void *context, const struct difference *difference), void *context,
                                struct error *e);
#endif
