// SPDX-License-Identifier: LGPL-2.1-or-later
// values.h - a set of values of one argument as tests that can be read.
#ifndef SCRUN_RUNNER_ANALYZE_VALUES_H
#define SCRUN_RUNNER_ANALYZE_VALUES_H
#include "compat/diagram.h"

#define VALUES_TESTS_MAX 64

// Alternative i is tests[i == 0 ? 0 : ends[i - 1]] up to tests[ends[i] - 1]: an "or" of "and"s.
struct values {
  struct test tests[VALUES_TESTS_MAX];
  uint32_t ends[VALUES_TESTS_MAX];
  size_t test_count, alternative_count;
};

// `set` looks at `argument` alone, and is DIAGRAM_TRUE for the values in it. Writes the shortest form of: masked values
// (or none of some masked values), stretches, all but some values. False if even that takes too many tests.
bool values_make(const struct diagram_store *store, diagram_t set, struct values *out);
#endif
