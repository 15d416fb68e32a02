// SPDX-License-Identifier: LGPL-2.1-or-later
// expression_on.c - the tests of an expression as each ABI has to ask them.
#include "compat/arguments.h"
#include "compat/expression.h"

#define LOW_WORD 0xffffffffu
#define SIGN_BIT 0x80000000u

static const struct argument *
argument_at(call_t call, unsigned place) {
  size_t count;
  const struct argument *arguments = call == CALL_NONE ? NULL : arguments_of(call, &count);
  for (size_t i = 0; arguments != NULL && i < count; i++)
    if (arguments[i].place == (int)place)
      return &arguments[i];
  return NULL;
}

static int
place_on(const struct argument *argument, enum abi abi) {
  return abi == ABI_I386 ? argument->place_i386 : abi == ABI_X32 ? argument->place_x32 : argument->place;
}

// x86 has no call of that name but behind a multiplexer.
static bool
only_inside(call_t call) {
  const struct multiplexer *multiplexer;
  uint32_t number;
  return multiplexer_of(call, &multiplexer, &number) && !calls_number(call, ABI_I386, &number);
}

// A test of 32 bits that holds for all values, or for none.
static void
make_constant(struct test *test, bool holds) {
  *test = (struct test){test->argument, 32, holds ? TEST_GE : TEST_LT, LOW_WORD, 0};
}

// (x & mask) == value of 64 bits, as asked of the low word that the upper one is the sign of: all bits of the upper
// word are the sign bit.
static void
narrow_equal(struct test *test) {
  uint32_t upper = (uint32_t)(test->mask >> 32), wanted = (uint32_t)(test->value >> 32);
  uint64_t mask = (test->mask & LOW_WORD) | (upper != 0 ? SIGN_BIT : 0);
  uint64_t value = (test->value & LOW_WORD) | (wanted != 0 ? SIGN_BIT : 0);
  bool mixed = wanted != 0 && wanted != upper;
  if (upper != 0 && (test->mask & SIGN_BIT) != 0 && (wanted != 0) != ((test->value & SIGN_BIT) != 0))
    mixed = true;
  if (mixed)
    make_constant(test, test->op == TEST_NE);
  else if (mask != (test->mask & LOW_WORD) || value != test->value)
    *test = (struct test){test->argument, 32, test->op, mask, value};
}

// The least low word (of the bits that count) for which the whole is >= `least`; above LOW_WORD if there is none.
static uint64_t
narrow_least(uint64_t mask, uint64_t least) {
  uint64_t upper = mask & ~(uint64_t)LOW_WORD;
  if (least <= SIGN_BIT || upper == 0)
    return least;
  if (least <= upper)
    return SIGN_BIT;
  uint64_t rest = least - upper;
  if ((mask & SIGN_BIT) == 0)
    return rest < SIGN_BIT ? SIGN_BIT + rest : UINT64_MAX;
  return rest < SIGN_BIT ? SIGN_BIT : rest;
}

// Orders, likewise: extending a sign keeps the order.
static void
narrow_order(struct test *test) {
  bool from = test->op == TEST_GE || test->op == TEST_GT, beyond = test->op == TEST_LE || test->op == TEST_GT;
  uint64_t mask = (test->mask & LOW_WORD) | (test->mask > LOW_WORD ? SIGN_BIT : 0);
  if (test->value < SIGN_BIT && mask == (test->mask & LOW_WORD))
    return;
  if (beyond && test->value == UINT64_MAX) {
    make_constant(test, !from);
    return;
  }
  uint64_t least = narrow_least(test->mask, test->value + beyond);
  if (least > LOW_WORD)
    make_constant(test, !from);
  else
    *test = (struct test){test->argument, 32, from ? TEST_GE : TEST_LT, mask, least};
}

// A 64-bit argument on x86. The upper half of a register is 0 there. With a sign, the low half is what x86 extends;
// without one, only -1 and its like differ.
static void
narrow(struct test *test, bool is_signed) {
  bool equality = test->op == TEST_EQ || test->op == TEST_NE;
  if (is_signed && equality)
    narrow_equal(test);
  else if (is_signed)
    narrow_order(test);
  else if (equality && test->mask == UINT64_MAX && test->value >= ~(uint64_t)(SIGN_BIT - 1))
    test->value &= LOW_WORD;
}

bool
expression_test_on(const struct expression *expression, size_t index, call_t call, enum abi abi, struct test *out) {
  *out = expression->tests[index];
  if (abi == ABI_I386 && only_inside(call))
    return false;
  if (expression->raw[index])
    return true;
  const struct argument *argument = argument_at(call, out->argument);
  int place = argument == NULL ? -1 : place_on(argument, abi);
  if (place < 0)
    return false;
  out->argument = (unsigned)place;
  if (abi == ABI_I386 && argument->bits == 64)
    narrow(out, argument->is_signed);
  return true;
}

static bool
test_equal(const struct test *a, const struct test *b) {
  return a->argument == b->argument && a->width == b->width && a->op == b->op && a->mask == b->mask
         && a->value == b->value;
}

static bool
same_on(const struct expression *expression, call_t call, enum abi abi) {
  struct test test;
  for (size_t i = 0; i < expression->test_count; i++)
    if (!expression_test_on(expression, i, call, abi, &test) || !test_equal(&test, &expression->tests[i]))
      return false;
  return true;
}

bool
expression_same_on(const struct expression *expression, call_t call, unsigned abis) {
  uint32_t number;
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    bool has = call == CALL_NONE || calls_number(call, abi, &number) || (abi == ABI_I386 && only_inside(call));
    if ((abis & ABI_BIT(abi)) != 0 && has && !same_on(expression, call, abi))
      return false;
  }
  return true;
}
