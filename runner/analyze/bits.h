// SPDX-License-Identifier: LGPL-2.1-or-later
// bits.h - a 32-bit word as decision diagrams, one for each bit: what classic BPF can do to words of arguments.
#ifndef SCRUN_RUNNER_ANALYZE_BITS_H
#define SCRUN_RUNNER_ANALYZE_BITS_H
#include "compat/diagram.h"

#define ARGUMENT_WORDS 12

struct bits {
  diagram_t bit[32]; // from the lowest
  // Words of arguments that were compared, each as a whole, with constants other than 0 by xor, and then joined by or:
  // the value is 0 if and only if all are equal (and whatever else was joined is 0).
  uint16_t compared;
};

#define DIAGRAM_TRUE diagram_action((struct action){ACTION_ALLOW, 0})
// True where `a` is not.
diagram_t diagram_not(struct diagram_store *store, diagram_t a);

void bits_constant(uint32_t value, struct bits *out);
// Word 2 * i is the low half of argument i, 2 * i + 1 its high half.
void bits_argument(struct diagram_store *store, unsigned word, struct bits *out);
// False if some bit is not constant.
bool bits_is_constant(const struct bits *a, uint32_t *out);

void bits_and(struct diagram_store *store, const struct bits *a, const struct bits *b, struct bits *out);
void bits_or(struct diagram_store *store, const struct bits *a, const struct bits *b, struct bits *out);
void bits_xor(struct diagram_store *store, const struct bits *a, const struct bits *b, struct bits *out);
// a + b, or with `subtract` a - b.
void bits_add(struct diagram_store *store, const struct bits *a, const struct bits *b, bool subtract, struct bits *out);
void bits_shift(const struct bits *a, unsigned by, bool left, struct bits *out);

// Where a == b, a > b, (a & b) != 0.
diagram_t bits_equal(struct diagram_store *store, const struct bits *a, const struct bits *b);
diagram_t bits_greater(struct diagram_store *store, const struct bits *a, const struct bits *b);
diagram_t bits_meet(struct diagram_store *store, const struct bits *a, const struct bits *b);
#endif
