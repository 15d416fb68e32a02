// SPDX-License-Identifier: LGPL-2.1-or-later
// expression_test.h - one test as it was written, and the tests of a register that it comes down to. Private to the
// reader of expressions.
#ifndef SCRUN_COMPAT_EXPRESSION_TEST_H
#define SCRUN_COMPAT_EXPRESSION_TEST_H
#include "compat/arguments.h"
#include "compat/expression_dnf.h"
#include "compat/expression_token.h"

// How the upper bits of a value came about, which says whether an argument of fewer bits can have it; of values joined
// by | the last of these counts.
enum value_kind {
  VALUE_NONE,
  VALUE_PLAIN,      // as written
  VALUE_NEGATIVE,   // they are a sign
  VALUE_COMPLEMENT, // ~ made them
};

struct value {
  uint64_t bits;
  enum value_kind kind;
  struct source_pos at;
};

// The left side of a test.
struct left {
  const struct argument *argument; // NULL: a raw register
  unsigned place;
  struct source_pos at; // the name
  bool masked;
  uint64_t mask;
};

// The tests read so far, and what messages need.
struct builder {
  struct dnf dnf;
  call_t call;
  struct source_pos whole;
  struct diags *diags;
};

// All return false after adding an error.

// The argument as a whole: checks that it can be compared in that way, and sets the mask.
bool left_open(struct builder *builder, struct left *left, enum token_kind compare);
// The argument behind a mask.
bool left_mask(struct builder *builder, struct left *left, const struct value *mask);

// Pushes `left compare value`, or the opposite. `at` is the whole test.
bool test_push(struct builder *builder, const struct left *left, enum token_kind compare, const struct value *value,
               bool negated, struct source_pos at);

// Pushes "some bit of the mask is set", or the opposite.
bool test_push_any(struct builder *builder, const struct left *left, bool negated);

// `left in value, value`: dnf_push(), the first of these for each value, then the second.
bool test_add_in(struct builder *builder, const struct left *left, const struct value *value, bool negated);
bool test_end_in(struct builder *builder, bool negated, struct source_pos at);

// The text at `at` always holds, or never.
bool builder_constant(struct builder *builder, struct source_pos at, bool always);
// Says why a step failed, if it did; DNF_NEVER is the caller's to explain.
bool builder_check(struct builder *builder, enum dnf_result result);
#endif
