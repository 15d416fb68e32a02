// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_expression.c - argument tests, behind the name of their call: what is read is well-formed and within its bounds,
// and behind a "!" it decides the opposite.
#include "compat/arguments.h"
#include "compat/expression.h"
#include "compat/text.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

static void
check_messages(const struct source *source, const struct diags *diags) {
  for (size_t i = 0; i < diags->count; i++) {
    struct source_pos at = diags->items[i].at;
    if (at.source != source || at.offset > source->length || at.length > source->length - at.offset)
      fuzz_fail("message %zu is not about a place in the text", i);
  }
}

static void
check_tests(const struct expression *expression, call_t call) {
  struct test out;
  for (size_t i = 0; i < expression->test_count; i++) {
    const struct test *test = &expression->tests[i];
    uint64_t full = test->width == 32 ? UINT32_MAX : UINT64_MAX;
    if (test->argument > 5 || (test->width != 32 && test->width != 64) || test->op < TEST_EQ || test->op > TEST_GE
        || test->mask == 0 || (test->mask & ~full) != 0 || (test->value & ~full) != 0)
      fuzz_fail("test %zu is not well-formed", i);
    if (!expression_test_on(expression, i, call, ABI_X86_64, &out) || out.argument != test->argument)
      fuzz_fail("test %zu is another one on x86-64", i);
    if (expression_test_on(expression, i, call, ABI_I386, &out) && (out.argument > 5 || out.value > full))
      fuzz_fail("test %zu is not well-formed on x86", i);
  }
}

static void
check_shape(const struct expression *expression) {
  uint32_t before = 0;
  if (expression->alternative_count == 0 || expression->alternative_count > EXPRESSION_ALTERNATIVES_MAX
      || expression->test_count > EXPRESSION_TESTS_MAX)
    fuzz_fail("the expression is not within its bounds");
  for (size_t i = 0; i < expression->alternative_count; i++) {
    if (expression->ends[i] <= before)
      fuzz_fail("alternative %zu is empty", i);
    before = expression->ends[i];
  }
  if (before != expression->test_count)
    fuzz_fail("tests are in no alternative");
}

static bool
holds_here(const struct test *test, const uint64_t registers[6]) {
  uint64_t value = registers[test->argument] & test->mask;
  switch (test->op) {
  case TEST_EQ:
    return value == test->value;
  case TEST_NE:
    return value != test->value;
  case TEST_LT:
    return value < test->value;
  case TEST_LE:
    return value <= test->value;
  case TEST_GT:
    return value > test->value;
  case TEST_GE:
    return value >= test->value;
  case TEST_NONE:
    break;
  }
  fuzz_fail("a test without an operator");
}

static bool
holds(const struct expression *expression, const uint64_t registers[6]) {
  for (size_t i = 0, test = 0; i < expression->alternative_count; i++) {
    bool all = true;
    for (; test < expression->ends[i]; test++)
      all = all && holds_here(&expression->tests[test], registers);
    if (all)
      return true;
  }
  return false;
}

// "!(", the tests, and a line end that goes with a backslash.
static bool
read_opposite(struct source_pos at, call_t call, struct expression *out) {
  static struct diags diags;
  struct source source = {"opposite", NULL, at.length + 4, true};
  char *text = malloc(source.length);
  if (text == NULL)
    return false;
  memcpy(text, "!(", 2);
  memcpy(text + 2, text_bytes(at), at.length);
  memcpy(text + 2 + at.length, "\n)", 2);
  source.text = text;
  diags = (struct diags){.count = 0};
  bool read = expression_read(out, (struct source_pos){&source, 0, (uint32_t)source.length}, call, &diags);
  if (!read && strncmp(diags.items[0].text, "too many", 8) != 0 && strncmp(diags.items[0].text, "more than", 9) != 0)
    fuzz_fail("the opposite is not read: %s", diags.items[0].text);
  free(text);
  return read;
}

static void
check_opposite(const struct expression *expression, const struct expression *opposite) {
  for (size_t i = 0; i < expression->test_count && i < 64; i++) {
    for (uint64_t step = 0; step < 3; step++) {
      uint64_t registers[6];
      for (size_t j = 0; j < 6; j++)
        registers[j] = expression->tests[(i * (j + 1)) % expression->test_count].value;
      registers[expression->tests[i].argument] = expression->tests[i].value + step - 1;
      if (holds(expression, registers) == holds(opposite, registers))
        fuzz_fail("the opposite decides the same");
    }
  }
}

static void
read_tests(const struct source *source, struct source_pos at, call_t call) {
  static struct diags diags;
  struct expression expression, opposite;
  diags = (struct diags){.count = 0};
  bool read = expression_read(&expression, at, call, &diags);
  if (read == (diags.errors > 0))
    fuzz_fail("an error without a message, or the other way round");
  check_messages(source, &diags);
  if (!read)
    return;
  check_shape(&expression);
  check_tests(&expression, call);
  if (read_opposite(at, call, &opposite)) {
    check_opposite(&expression, &opposite);
    expression_clear(&opposite);
  }
  expression_clear(&expression);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes bytes = {data, size};
  static struct diags diags;
  struct pieces pieces;
  struct text text;
  pieces_split(&pieces, bytes, 1, "fuzz", true);
  diags = (struct diags){.count = 0};
  if (pieces.count > 0 && text_open(&text, &pieces.sources[0], &diags)) {
    const struct source *source = &pieces.sources[0];
    const char *open = source->length == 0 ? NULL : memchr(source->text, '(', source->length);
    size_t name = open == NULL ? 0 : (size_t)(open - source->text);
    struct source_pos at = {source, (uint32_t)(name + (open != NULL)), 0};
    at.length = (uint32_t)source->length - at.offset;
    read_tests(source, at, calls_find(source->text, name));
  }
  pieces_free(&pieces);
  return 0;
}
