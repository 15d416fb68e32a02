// SPDX-License-Identifier: LGPL-2.1-or-later
// cases.h - what a filter does with one call, as rules: tests of arguments with an answer each, the first that holds
// decides, and an answer for the rest.
#ifndef SCRUN_RUNNER_ANALYZE_CASES_H
#define SCRUN_RUNNER_ANALYZE_CASES_H
#include "runner/analyze/symbolic.h"

// More than this is not shown.
#define CASES_MAX 48
#define CASE_TESTS_MAX 256

struct case_rule {
  uint32_t first_test, test_count; // at least 1
  uint32_t answer;                 // in answers[]
};

struct cases {
  struct answer_set answers[REGIONS_MAX];
  struct case_rule rules[CASES_MAX];
  struct test tests[CASE_TESTS_MAX];
  size_t answer_count, rule_count, test_count;
  uint32_t rest; // in answers[]
};

// Makes the rules of a run, whose diagrams are in `store`, and holds what they mean against it: false if they are not
// the same, or too many to be shown.
bool cases_make(struct diagram_store *store, const struct run *run, struct cases *out);

// What the rules say of six arguments.
const struct answer_set *cases_decide(const struct cases *cases, const uint64_t args[6]);
bool cases_equal(const struct cases *a, const struct cases *b);
#endif
