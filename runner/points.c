// SPDX-License-Identifier: LGPL-2.1-or-later
// points.c - gathers predicates by word, finds the atoms of each word, and counts through their combinations.
#include "runner/points.h"
#include <string.h>

void
points_add(struct points *points, unsigned word, uint32_t mask, uint32_t value) {
  if (points->predicate_count == ATOMS_PREDICATES_MAX) {
    points->overflow = true;
    return;
  }
  points->predicate_words[points->predicate_count] = (uint8_t)word;
  points->predicates[points->predicate_count++] = (struct predicate){mask, value};
}

struct gathering {
  struct points *points;
  const struct policy *policy;
  enum abi abi;
};

// A comparison of 64 bits hangs on how each half compares, nothing else.
static bool
add_candidate(void *context, const struct candidate *candidate) {
  struct gathering *gathering = context;
  struct points *points = gathering->points;
  const struct rule *rule = candidate->rule;
  if (candidate->chosen)
    points_add(points, 0, candidate->choice_mask, candidate->choice);
  for (uint32_t i = 0; i < rule->test_count && !candidate->tests_hidden; i++) {
    const struct test *test = &gathering->policy->tests[rule->first_test + i];
    points_add(points, 2 * test->argument, (uint32_t)test->mask, (uint32_t)test->value);
    if (test->width != 32 && gathering->abi != ABI_I386) // the upper half counts as 0 there
      points_add(points, 2 * test->argument + 1, (uint32_t)(test->mask >> 32), (uint32_t)(test->value >> 32));
  }
  return !points->overflow;
}

void
points_gather(struct points *points, const struct policy *policy, enum abi abi, uint32_t number) {
  struct gathering gathering = {points, policy, abi};
  for (size_t i = 0; i < policy->layer_count; i++)
    policy_candidates(policy, &policy->layers[i], abi, number, add_candidate, &gathering);
}

// Splits the predicates by word and finds the atoms.
static bool
find_words(struct points *points) {
  size_t used = 0, product = 1;
  points->word_count = 0;
  for (unsigned word = 0; word < POINT_WORDS && points->predicate_count > 0; word++) {
    size_t count = 0;
    for (size_t i = 0; i < points->predicate_count; i++)
      if (points->predicate_words[i] == word)
        points->chosen[count++] = points->predicates[i];
    if (count == 0)
      continue;
    // Words with one atom add one each, the others no more than the product.
    size_t atoms = atoms_find(points->chosen, count, points->atoms + used, POINTS_MAX / product);
    if (atoms == 0)
      return false;
    points->words[points->word_count++] = (struct point_word){word, points->atoms + used, atoms, 0};
    used += atoms;
    product *= atoms;
  }
  return true;
}

bool
points_first(struct points *points, uint32_t out[POINT_WORDS]) {
  if (points->overflow || !find_words(points))
    return false;
  memset(out, 0, POINT_WORDS * sizeof *out);
  for (size_t i = 0; i < points->word_count; i++)
    out[points->words[i].word] = points->words[i].first[0];
  return true;
}

// The last word turns fastest.
bool
points_next(struct points *points, uint32_t out[POINT_WORDS]) {
  for (size_t i = points->word_count; i-- > 0;) {
    struct point_word *word = &points->words[i];
    bool turned = ++word->at == word->count;
    if (turned)
      word->at = 0;
    out[word->word] = word->first[word->at];
    if (!turned)
      return true;
  }
  return false;
}
