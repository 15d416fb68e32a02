// SPDX-License-Identifier: LGPL-2.1-or-later
// expression_write.c - argument tests as text.
#include "compat/expression_write.h"
#include "compat/arguments.h"

static const char *const operators[] = {
    [TEST_EQ] = "==", [TEST_NE] = "!=", [TEST_LT] = "<", [TEST_LE] = "<=", [TEST_GT] = ">", [TEST_GE] = ">=",
};

static uint64_t
bits_mask(unsigned bits) {
  return bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

// A rule for one ABI alone names the registers of that ABI.
static bool
is_at(const struct argument *argument, const struct rule *rule, unsigned place) {
  int own = argument->place;
  if (rule->abis == ABI_BIT(ABI_I386))
    own = argument->place_i386;
  else if (rule->abis == ABI_BIT(ABI_X32))
    own = argument->place_x32;
  return own == (int)place;
}

// The argument by whose name the test can be written: one of the call's own, of no more bits than the test looks at,
// and compared in the same way. A name means a signed comparison where the type is signed, unless a mask is in front of
// it; and what is read by name is refused for values that the type cannot have.
static const struct argument *
argument_of(const struct rule *rule, const struct test *test) {
  size_t count;
  const struct argument *arguments = rule->call == CALL_NONE ? NULL : arguments_of(rule->call, &count);
  for (size_t i = 0; arguments != NULL && i < count; i++) {
    const struct argument *argument = &arguments[i];
    uint64_t whole = bits_mask(argument->bits);
    bool masked = test->mask != whole;
    bool ordered = test->op != TEST_EQ && test->op != TEST_NE;
    if (!is_at(argument, rule, test->argument) || argument->is_pointer)
      continue;
    if ((test->mask & ~whole) != 0 || (test->value & ~whole) != 0 || (ordered && argument->is_signed && !masked))
      return NULL;
    return argument;
  }
  return NULL;
}

static void
add_value(struct buffer *out, uint64_t value) {
  buffer_add(out, value < 10 ? "%llu" : "0x%llx", (unsigned long long)value);
}

void
expression_write_test(const char *name, uint64_t whole, const struct test *test, struct buffer *out) {
  if (test->mask == whole) {
    buffer_add(out, "%s %s ", name, operators[test->op]);
    add_value(out, test->value);
  } else if (test->op == TEST_NE && test->value == 0) {
    buffer_add(out, "%s & ", name);
    add_value(out, test->mask);
  } else {
    buffer_add(out, "(%s & ", name);
    add_value(out, test->mask);
    buffer_add(out, ") %s ", operators[test->op]);
    add_value(out, test->value);
  }
}

void
expression_write(const struct policy *policy, const struct rule *rule, struct buffer *out) {
  for (uint32_t i = 0; i < rule->test_count; i++) {
    const struct test *test = &policy->tests[rule->first_test + i];
    const struct argument *argument = argument_of(rule, test);
    const char raw[] = {'a', (char)('0' + test->argument), '\0'};
    buffer_add(out, i > 0 ? " && " : "");
    expression_write_test(argument != NULL ? argument->name : raw,
                          argument != NULL ? bits_mask(argument->bits) : UINT64_MAX, test, out);
  }
}
