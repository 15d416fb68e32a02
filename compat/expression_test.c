// SPDX-License-Identifier: LGPL-2.1-or-later
// expression_test.c - what a test of an argument of some type comes down to: tests of a register without a sign.
#include "compat/expression_test.h"

bool
builder_constant(struct builder *builder, struct source_pos at, bool always) {
  char shown[SHOWN_PLACE];
  diag_add(builder->diags, DIAG_ERROR, at, "\"%s\" %s holds", place_show(at, shown), always ? "always" : "never");
  return false;
}

bool
builder_check(struct builder *builder, enum dnf_result result) {
  if (result == DNF_TOO_MANY) {
    diag_add(builder->diags, DIAG_ERROR, builder->whole, "too many alternatives");
    diag_add(builder->diags, DIAG_HINT, builder->whole, "at most %d, with %d tests in all of them: write several words",
             EXPRESSION_ALTERNATIVES_MAX, EXPRESSION_TESTS_MAX);
  } else if (result == DNF_NO_MEMORY) {
    diag_add(builder->diags, DIAG_ERROR, builder->whole, "%s", out_of_memory);
  }
  return result == DNF_OK;
}

// Types.

static unsigned
left_bits(const struct left *left) {
  return left->argument == NULL ? 64 : left->argument->bits;
}

static uint64_t
left_full(const struct left *left) {
  return UINT64_MAX >> (64 - left_bits(left));
}

static bool
left_is_signed(const struct left *left) {
  return left->argument != NULL && left->argument->is_signed && !left->masked;
}

static const char *
type_name(const struct argument *argument) {
  switch (argument->bits) {
  case 8:
    return argument->is_signed ? "a signed char" : "an unsigned char";
  case 16:
    return argument->is_signed ? "a short" : "an unsigned short";
  case 32:
    return argument->is_signed ? "an int" : "an unsigned int";
  default:
    return argument->is_signed ? "a long" : "an unsigned long";
  }
}

static bool
is_order(enum token_kind compare) {
  return compare >= TOKEN_LT && compare <= TOKEN_GE;
}

static bool
fail_pointer(struct builder *builder, const struct left *left) {
  diag_add(builder->diags, DIAG_ERROR, left->at, "%.*s is a pointer: a filter sees the address, not what is there",
           text_shown(left->at.length), text_bytes(left->at));
  diag_add(builder->diags, DIAG_HINT, left->at, "compare it with NULL (0) only, by \"==\" or \"!=\"");
  return false;
}

bool
left_open(struct builder *builder, struct left *left, enum token_kind compare) {
  left->masked = false;
  left->mask = left_full(left);
  bool pointer = left->argument != NULL && left->argument->is_pointer;
  return !pointer || compare == TOKEN_EQ || compare == TOKEN_NE || fail_pointer(builder, left);
}

// Values.

static bool
fail_range(struct builder *builder, const struct left *left, enum token_kind compare, const struct value *value) {
  char shown[SHOWN_PLACE];
  diag_add(builder->diags, DIAG_ERROR, value->at, "%.*s is %s: it %s %s; a%u tests the whole register",
           text_shown(left->at.length), text_bytes(left->at), type_name(left->argument),
           compare == TOKEN_BIT_AND ? "has not all bits of" : "is never", place_show(value->at, shown), left->place);
  return false;
}

// A whole register has no sign, and what the kernel makes of its upper half is not known here.
static bool
fail_raw_negative(struct builder *builder, const struct left *left, const struct value *value) {
  size_t count;
  char shown[SHOWN_PLACE];
  const struct argument *arguments = builder->call == CALL_NONE ? NULL : arguments_of(builder->call, &count);
  diag_add(builder->diags, DIAG_ERROR, value->at, "a%u is a whole register, without a sign: it is never %s",
           left->place, place_show(value->at, shown));
  for (size_t i = 0; arguments != NULL && i < count; i++) {
    if (arguments[i].place >= 0 && (unsigned)arguments[i].place == left->place)
      diag_add(builder->diags, DIAG_HINT, left->at, "write \"%s\", which is compared as the kernel reads it",
               arguments[i].name);
  }
  return false;
}

// In an order a value must say by itself whether it is negative.
static bool
check_order(struct builder *builder, const struct left *left, const struct value *value) {
  uint64_t sign = left_full(left) / 2 + 1;
  if (value->kind == VALUE_NEGATIVE && !left_is_signed(left)) {
    diag_add(builder->diags, DIAG_ERROR, value->at, "%.*s %s: it is never below 0", text_shown(left->at.length),
             text_bytes(left->at), left->masked ? "behind a mask is unsigned" : "is unsigned");
    return false;
  }
  if (value->kind == VALUE_PLAIN && left_is_signed(left) && value->bits >= sign) {
    diag_add(builder->diags, DIAG_ERROR, value->at, "%.*s is %s: there, 0x%llx is -0x%llx", text_shown(left->at.length),
             text_bytes(left->at), type_name(left->argument), (unsigned long long)value->bits,
             (unsigned long long)((left_full(left) - value->bits) + 1));
    diag_add(builder->diags, DIAG_HINT, value->at, "write the number with its sign");
    return false;
  }
  return true;
}

// The value as the low bits of the argument.
static bool
value_fit(struct builder *builder, const struct left *left, enum token_kind compare, const struct value *value,
          uint64_t *out) {
  uint64_t full = left_full(left), upper = value->bits & ~full;
  if (left->argument == NULL && value->kind == VALUE_NEGATIVE)
    return fail_raw_negative(builder, left, value);
  if (left->argument != NULL && left->argument->is_pointer && value->bits != 0)
    return fail_pointer(builder, left);
  bool sign = (value->bits & (full / 2 + 1)) != 0;
  bool fits = upper == 0 || (upper == ~full && (value->kind == VALUE_COMPLEMENT || sign));
  if (!fits || (upper != 0 && value->kind == VALUE_PLAIN))
    return fail_range(builder, left, compare, value);
  *out = value->bits & full;
  return !is_order(compare) || check_order(builder, left, value);
}

bool
left_mask(struct builder *builder, struct left *left, const struct value *mask) {
  if (left->argument != NULL && left->argument->is_pointer)
    return fail_pointer(builder, left);
  left->masked = true;
  if (!value_fit(builder, left, TOKEN_BIT_AND, mask, &left->mask))
    return false;
  if (left->mask == 0)
    diag_add(builder->diags, DIAG_ERROR, mask->at, "a mask of 0 leaves nothing to test");
  return left->mask != 0;
}

// Tests.

static struct test
test_of(const struct left *left, enum test_op op, uint64_t value) {
  return (struct test){left->place, left_bits(left) == 64 ? 64 : 32, op, left->mask, value};
}

static enum test_op
op_of(enum token_kind compare, bool negated) {
  static const enum test_op ops[][2] = {
      [TOKEN_EQ] = {TEST_EQ, TEST_NE}, [TOKEN_NE] = {TEST_NE, TEST_EQ}, [TOKEN_LT] = {TEST_LT, TEST_GE},
      [TOKEN_LE] = {TEST_LE, TEST_GT}, [TOKEN_GT] = {TEST_GT, TEST_LE}, [TOKEN_GE] = {TEST_GE, TEST_LT},
  };
  return ops[compare][negated];
}

// Whether a test, whose mask has bits, is one, or holds for all values or none.
enum truth { TRUTH_NONE, TRUTH_NEVER, TRUTH_ALWAYS, TRUTH_DEPENDS };

static enum truth
truth_if(bool never, bool always) {
  return never ? TRUTH_NEVER : always ? TRUTH_ALWAYS : TRUTH_DEPENDS;
}

static enum truth
truth_of(const struct test *test) {
  uint64_t mask = test->mask, value = test->value;
  bool outside = (value & ~mask) != 0;
  switch (test->op) {
  case TEST_EQ:
    return truth_if(outside, false);
  case TEST_NE:
    return truth_if(false, outside);
  case TEST_LT:
    return truth_if(value == 0, value > mask);
  case TEST_LE:
    return truth_if(false, value >= mask);
  case TEST_GT:
    return truth_if(value >= mask, false);
  case TEST_GE:
    return truth_if(value > mask, value == 0);
  case TEST_NONE:
    break;
  }
  return TRUTH_NONE;
}

// As truth_of(), for an order with a sign: moving the lowest number to 0 keeps the order.
static enum truth
truth_signed(const struct test *test) {
  struct test moved = *test;
  moved.value ^= test->mask / 2 + 1;
  return truth_of(&moved);
}

static bool
push_single(struct builder *builder, const struct left *left, const struct test *test) {
  dnf_push(&builder->dnf);
  return builder_check(builder, dnf_add(&builder->dnf, test, left->argument == NULL))
         && builder_check(builder, dnf_close(&builder->dnf));
}

// An order with a sign. Without one, all negative numbers stand above the others: so it is the test itself together
// with the half that the numbers it is to take or leave are in, as another alternative or in the same.
static bool
push_signed(struct builder *builder, const struct left *left, const struct test *test) {
  uint64_t sign = left->mask / 2 + 1;
  bool upper = test->op == TEST_LT || test->op == TEST_LE, negative = (test->value & sign) != 0;
  bool strict = test->op == TEST_LT || test->op == TEST_GE;
  struct test half = test_of(left, upper ? TEST_GE : TEST_LT, sign);
  if (test->value == (strict ? 0 : left->mask))
    return push_single(builder, left, &half);
  struct dnf *dnf = &builder->dnf;
  dnf_push(dnf);
  return builder_check(builder, dnf_add(dnf, test, false))
         && (upper == negative || builder_check(builder, dnf_close(dnf)))
         && builder_check(builder, dnf_add(dnf, &half, false)) && builder_check(builder, dnf_close(dnf));
}

static bool
fail_outside_mask(struct builder *builder, struct source_pos at, const struct test *test, bool always) {
  builder_constant(builder, at, always);
  if ((test->value & ~test->mask) != 0)
    diag_add(builder->diags, DIAG_HINT, at, "0x%llx has bits outside the mask 0x%llx", (unsigned long long)test->value,
             (unsigned long long)test->mask);
  return false;
}

bool
test_push(struct builder *builder, const struct left *left, enum token_kind compare, const struct value *value,
          bool negated, struct source_pos at) {
  struct test test = test_of(left, op_of(compare, false), 0);
  if (!value_fit(builder, left, compare, value, &test.value))
    return false;
  bool is_signed = left_is_signed(left) && is_order(compare);
  enum truth truth = is_signed ? truth_signed(&test) : truth_of(&test);
  if (truth != TRUTH_DEPENDS)
    return fail_outside_mask(builder, at, &test, truth == TRUTH_ALWAYS);
  test.op = op_of(compare, negated);
  return is_signed ? push_signed(builder, left, &test) : push_single(builder, left, &test);
}

bool
test_push_any(struct builder *builder, const struct left *left, bool negated) {
  struct test test = test_of(left, negated ? TEST_EQ : TEST_NE, 0);
  return push_single(builder, left, &test);
}

bool
test_add_in(struct builder *builder, const struct left *left, const struct value *value, bool negated) {
  struct test test = test_of(left, negated ? TEST_NE : TEST_EQ, 0);
  if (!value_fit(builder, left, TOKEN_IN, value, &test.value))
    return false;
  if ((test.value & ~test.mask) != 0) {
    diag_add(builder->diags, DIAG_ERROR, value->at, "this never is the value behind the mask 0x%llx",
             (unsigned long long)test.mask);
    return false;
  }
  return builder_check(builder, dnf_add(&builder->dnf, &test, left->argument == NULL))
         && (negated || builder_check(builder, dnf_close(&builder->dnf)));
}

bool
test_end_in(struct builder *builder, bool negated, struct source_pos at) {
  struct dnf *dnf = &builder->dnf;
  if (negated)
    return builder_check(builder, dnf_close(dnf)) && (!dnf_never(dnf) || builder_constant(builder, at, true));
  return !dnf_always(dnf) || builder_constant(builder, at, true);
}
