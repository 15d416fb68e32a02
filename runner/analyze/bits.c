// SPDX-License-Identifier: LGPL-2.1-or-later
// bits.c - arithmetic on decision diagrams.
#include "runner/analyze/bits.h"

diagram_t
diagram_not(struct diagram_store *store, diagram_t a) {
  return diagram_without(store, DIAGRAM_TRUE, a);
}

static diagram_t
diagram_xor(struct diagram_store *store, diagram_t a, diagram_t b) {
  if (b == DIAGRAM_NONE)
    return a;
  if (b == DIAGRAM_TRUE)
    return diagram_not(store, a);
  return diagram_first(store, diagram_both(store, diagram_not(store, a), b),
                       diagram_both(store, diagram_not(store, b), a));
}

void
bits_constant(uint32_t value, struct bits *out) {
  out->compared = 0;
  for (unsigned i = 0; i < 32; i++)
    out->bit[i] = (value >> i & 1) != 0 ? DIAGRAM_TRUE : DIAGRAM_NONE;
}

void
bits_argument(struct diagram_store *store, unsigned word, struct bits *out) {
  out->compared = 0;
  for (unsigned i = 0; i < 32; i++) {
    uint64_t bit = (uint64_t)1 << (32 * (word & 1) + i);
    struct test test = {.argument = word / 2, .width = 64, .op = TEST_EQ, .mask = bit, .value = bit};
    out->bit[i] = diagram_test(store, &test, DIAGRAM_TRUE);
  }
}

bool
bits_is_constant(const struct bits *a, uint32_t *out) {
  uint32_t value = 0;
  for (unsigned i = 0; i < 32; i++) {
    if (a->bit[i] != DIAGRAM_NONE && a->bit[i] != DIAGRAM_TRUE)
      return false;
    value |= a->bit[i] == DIAGRAM_TRUE ? 1u << i : 0;
  }
  *out = value;
  return true;
}

void
bits_and(struct diagram_store *store, const struct bits *a, const struct bits *b, struct bits *out) {
  for (unsigned i = 0; i < 32; i++)
    out->bit[i] = diagram_both(store, a->bit[i], b->bit[i]);
  out->compared = 0;
}

void
bits_or(struct diagram_store *store, const struct bits *a, const struct bits *b, struct bits *out) {
  for (unsigned i = 0; i < 32; i++)
    out->bit[i] = diagram_first(store, a->bit[i], b->bit[i]);
  out->compared = a->compared | b->compared;
}

void
bits_xor(struct diagram_store *store, const struct bits *a, const struct bits *b, struct bits *out) {
  for (unsigned i = 0; i < 32; i++)
    out->bit[i] = diagram_xor(store, a->bit[i], b->bit[i]);
  out->compared = 0;
}

void
bits_add(struct diagram_store *store, const struct bits *a, const struct bits *b, bool subtract, struct bits *out) {
  diagram_t carry = subtract ? DIAGRAM_TRUE : DIAGRAM_NONE;
  for (unsigned i = 0; i < 32; i++) {
    diagram_t x = a->bit[i], y = subtract ? diagram_not(store, b->bit[i]) : b->bit[i];
    diagram_t differ = diagram_xor(store, x, y), both = diagram_both(store, x, y);
    out->bit[i] = diagram_xor(store, differ, carry);
    carry = diagram_first(store, both, diagram_both(store, differ, carry));
  }
  out->compared = 0;
}

void
bits_shift(const struct bits *a, unsigned by, bool left, struct bits *out) {
  for (unsigned i = 0; i < 32; i++) {
    unsigned from = left ? i - by : i + by; // wraps around to what is no bit
    out->bit[i] = from < 32 ? a->bit[from] : DIAGRAM_NONE;
  }
  out->compared = 0;
}

// From the lowest bit up, so that each step puts one more bit on top of the diagram.
diagram_t
bits_equal(struct diagram_store *store, const struct bits *a, const struct bits *b) {
  diagram_t equal = DIAGRAM_TRUE;
  for (unsigned i = 0; i < 32; i++)
    equal = diagram_both(store, diagram_not(store, diagram_xor(store, a->bit[i], b->bit[i])), equal);
  return equal;
}

diagram_t
bits_greater(struct diagram_store *store, const struct bits *a, const struct bits *b) {
  diagram_t greater = DIAGRAM_NONE;
  for (unsigned i = 0; i < 32; i++) {
    diagram_t more = diagram_both(store, diagram_not(store, b->bit[i]), a->bit[i]);
    diagram_t same = diagram_not(store, diagram_xor(store, a->bit[i], b->bit[i]));
    greater = diagram_first(store, more, diagram_both(store, same, greater));
  }
  return greater;
}

diagram_t
bits_meet(struct diagram_store *store, const struct bits *a, const struct bits *b) {
  diagram_t meet = DIAGRAM_NONE;
  for (unsigned i = 0; i < 32; i++)
    meet = diagram_first(store, diagram_both(store, a->bit[i], b->bit[i]), meet);
  return meet;
}
