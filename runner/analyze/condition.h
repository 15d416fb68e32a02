// SPDX-License-Identifier: LGPL-2.1-or-later
// condition.h - which arguments a difference between two policies is about, in words.
#ifndef SCRUN_RUNNER_ANALYZE_CONDITION_H
#define SCRUN_RUNNER_ANALYZE_CONDITION_H
#include "runner/compare.h"

#define CONDITION_BYTES 240
#define EXAMPLE_BYTES 200

// "domain is 1, 3..9", "(flags & 0x10000000) is 0x10000000", "a0 is not 16": when all tests of that number, in both
// policies, look at the same bits of one argument, and few stretches of values are what differs. Otherwise false.
bool condition_write(const struct policy *a, const struct policy *b, const struct difference *difference,
                     char out[CONDITION_BYTES]);

// "socket(16, 3, 0)": the example, with as many arguments as the call has. Returns `out`.
const char *condition_example(const struct difference *difference, char out[EXAMPLE_BYTES]);
#endif
