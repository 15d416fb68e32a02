// SPDX-License-Identifier: LGPL-2.1-or-later
// expression_dnf.h - an "or" of "and"s of tests while it is read: several of them as a stack, combined from its top.
// Private to the reader of expressions.
#ifndef SCRUN_COMPAT_EXPRESSION_DNF_H
#define SCRUN_COMPAT_EXPRESSION_DNF_H
#include "compat/expression.h"

// Each level of parentheses waits with one "or" and one "and" for the next item.
#define DNF_STACK_MAX (2 * (EXPRESSION_DEPTH_MAX + 1) + 1)

// What is spent on one expression: about a millisecond.
#define DNF_EFFORT 131072

struct dnf {
  struct expression *all;         // the alternatives of the whole stack, one behind the other
  uint32_t starts[DNF_STACK_MAX]; // the first alternative of each
  size_t count;
  unsigned apart; // set of registers that named and raw tests see differently on some ABI
  size_t effort;  // how many tests may still be tried with a value, to decide whether others exclude them
};

enum dnf_result { DNF_NONE, DNF_OK, DNF_NEVER, DNF_TOO_MANY, DNF_NO_MEMORY };

// Pushes an "or" of nothing, which dnf_add() and dnf_close() fill: tests, and the end of an alternative made of them.
void dnf_push(struct dnf *dnf);
enum dnf_result dnf_add(struct dnf *dnf, const struct test *test, bool raw);
enum dnf_result dnf_close(struct dnf *dnf);

// Makes one of the upper two. Of an "and", alternatives whose tests exclude each other are dropped; DNF_NEVER: that was
// all of them. What comes out as a single alternative is for dnf_never() to judge, when it has all its tests.
enum dnf_result dnf_or(struct dnf *dnf);
enum dnf_result dnf_and(struct dnf *dnf);

// True if the topmost always holds, as far as expression.h says.
bool dnf_always(struct dnf *dnf);
// True if the topmost is a single alternative, of which the tests exclude each other.
bool dnf_never(struct dnf *dnf);
#endif
