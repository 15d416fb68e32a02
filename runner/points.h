// SPDX-License-Identifier: LGPL-2.1-or-later
// points.h - the calls of one number that have to be tried so that no way in which tests of its arguments can come out
// is missed: one point of every atom (atoms.h) of each word, crossed.
#ifndef SCRUN_RUNNER_POINTS_H
#define SCRUN_RUNNER_POINTS_H
#include "compat/policy.h"
#include "runner/atoms.h"

// The arguments as 32-bit words: 2 * i is the low half of argument i, 2 * i + 1 its high half.
#define POINT_WORDS 12

// The bound on the points of one number. One word alone may have all of them.
#define POINTS_MAX ATOMS_MAX

// One word that is looked at: `count` atoms from `first` on.
struct point_word {
  unsigned word;
  const uint32_t *first;
  size_t count, at;
};

// Large: for static storage. points_clear() makes it usable; nothing else needs to be set.
struct points {
  struct predicate predicates[ATOMS_PREDICATES_MAX], chosen[ATOMS_PREDICATES_MAX];
  uint8_t predicate_words[ATOMS_PREDICATES_MAX];
  size_t predicate_count;
  bool overflow;
  struct point_word words[POINT_WORDS];
  size_t word_count;
  uint32_t atoms[POINTS_MAX + POINT_WORDS];
};

static inline void
points_clear(struct points *points) {
  points->predicate_count = 0;
  points->overflow = false;
  points->word_count = 0;
}

// Adds a test of (word & mask) against `value`; or all tests that the sealed `policy` has for one number, the choice
// of a multiplexer included (points_gather() without the look ahead).
void points_add(struct points *points, unsigned word, uint32_t mask, uint32_t value);
void points_gather(struct points *points, const struct policy *policy, enum abi abi, uint32_t number);
static inline void
points_add_policy(struct points *points, const struct policy *policy, enum abi abi, uint32_t number) {
  // Most policies look at no argument at all; then only the multiplexers' choice is one.
  if (abi != ABI_NONE && (policy->test_count > 0 || (abi == ABI_I386 && multiplexer_at(number) != NULL)))
    points_gather(points, policy, abi, number);
}

// Writes the first point to `out`, zeros where no test looks. False if there are more than POINTS_MAX.
SC_NODISCARD bool points_first(struct points *points, uint32_t out[POINT_WORDS]);

// The next one, given the one before. False after the last.
bool points_next(struct points *points, uint32_t out[POINT_WORDS]);

// The words as six arguments.
static inline void
points_arguments(const uint32_t words[POINT_WORDS], uint64_t args[6]) {
  for (size_t i = 0; i < 6; i++)
    args[i] = (uint64_t)words[2 * i + 1] << 32 | words[2 * i];
}
#endif
