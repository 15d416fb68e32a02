// SPDX-License-Identifier: LGPL-2.1-or-later
// diagram.h - what rules do with the six arguments of one call, as a decision diagram over the bits of the arguments.
//
// Reduced and ordered, from the highest bit of argument 0 to the lowest of argument 5, every diagram made only once:
// two that decide every call alike are the same value. Every way from the top to an action is a cube (some bits are
// given, the others are free), and no two ways meet: so rules where the first match wins come out as disjoint ones.
#ifndef SCRUN_COMPAT_DIAGRAM_H
#define SCRUN_COMPAT_DIAGRAM_H
#include "compat/policy.h"

// An action for all arguments, or a node in a store.
typedef uint32_t diagram_t;

// No rule matches.
#define DIAGRAM_NONE ((diagram_t)0x80000000u)

// Where nodes live. Memory or the bound on nodes may run out: then every result is wrong, which the user of a store
// asks for at the end.
struct diagram_store;
#define DIAGRAM_NODES_MAX (1u << 18)

// The caller owns it. NULL when memory is out.
struct diagram_store *diagram_store_new(void);
void diagram_store_free(struct diagram_store *store);
// Forgets all nodes.
void diagram_store_reset(struct diagram_store *store);
bool diagram_store_failed(const struct diagram_store *store);

diagram_t diagram_action(struct action action);
// True if it is the same for all arguments; then *out is the action, ACTION_NONE for DIAGRAM_NONE.
bool diagram_is_action(diagram_t diagram, struct action *out);
// The first argument that it looks at. Not for actions.
unsigned diagram_argument(const struct diagram_store *store, diagram_t diagram);

// `low` where the bit at `place` (0: the lowest) of the argument is clear, `high` where it is set. Both look only at
// what comes behind it.
diagram_t diagram_node(struct diagram_store *store, unsigned argument, unsigned place, diagram_t low, diagram_t high);

// `then` where the test holds, DIAGRAM_NONE elsewhere.
diagram_t diagram_test(struct diagram_store *store, const struct test *test, diagram_t then);

// `b` where `a` matches anything, DIAGRAM_NONE elsewhere.
diagram_t diagram_both(struct diagram_store *store, diagram_t a, diagram_t b);
// `a`, and `b` where nothing in `a` matches.
diagram_t diagram_first(struct diagram_store *store, diagram_t a, diagram_t b);
// The stricter; `a` if neither is. What matches beats what does not.
diagram_t diagram_stricter(struct diagram_store *store, diagram_t a, diagram_t b);
// `a`, with DIAGRAM_NONE where it is the action `b`.
diagram_t diagram_without(struct diagram_store *store, diagram_t a, diagram_t b);

// Values of one argument: those with (value & mask) == value; what is decided about the other arguments then.
struct cube {
  uint64_t mask, value;
  diagram_t then;
};

// All ways through the bits of `argument`, which is the first that `diagram` looks at: disjoint, every value in one, in
// order of values. Returns how many, 0 when there are more than `max`.
size_t diagram_cubes(const struct diagram_store *store, diagram_t diagram, struct cube *out, size_t max);
#endif
