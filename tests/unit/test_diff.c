// SPDX-License-Identifier: LGPL-2.1-or-later
// test_diff.c - the rows that scrun-analyze diff prints, against policy_decide(): every call of random small policies
// by name, and every value that a condition is about. Arguments: how many pairs of policies, and the first seed.
#include "runner/analyze/diff.h"
#include "random_policy.h"
#include "tests/check.h"
#include <stdlib.h>

// Whether "1, 3..9" has it.
static bool
list_has(const char *list, uint64_t value) {
  while (*list != '\0' && *list != '.') {
    char *end;
    uint64_t first = strtoull(list, &end, 0), last = first;
    if (strncmp(end, "..", 2) == 0)
      last = strtoull(end + 2, &end, 0);
    if (value >= first && value <= last)
      return true;
    list = end + strspn(end, ", ");
  }
  return false;
}

static bool
row_is_about(const struct diff_row *row, const char *name, unsigned way, struct action a, struct action b) {
  if ((row->ways & 1u << way) == 0 || !action_equal(row->a, a) || !action_equal(row->b, b))
    return false;
  return row->name != NULL ? strcmp(row->name, name) == 0 : row->numbers[0] == '\0' && way < WAY_THROUGH;
}

// A call of an ABI that is one row as a whole is in it, multiplexed ones included.
static bool
has_row(const struct diff *diff, const char *name, unsigned way, struct action a, struct action b) {
  for (size_t i = 0; i < diff->row_count; i++)
    if (row_is_about(&diff->rows[i], name, way, a, b))
      return true;
  return way == WAY_THROUGH && has_row(diff, "", ABI_I386, a, b);
}

static void
check_call(const struct diff *diff, const char *name, unsigned way, uint32_t number, const uint64_t args[6],
           long seed) {
  char row[96];
  enum abi abi = way == WAY_THROUGH ? ABI_I386 : (enum abi)way;
  struct action a = policy_decide(diff->a, abi, number, args).action;
  struct action b = policy_decide(diff->b, abi, number, args).action;
  snprintf(row, sizeof row, "seed %ld: %s, way %u", seed, name, way);
  if (!action_equal(a, b)) {
    CHECK_ROW(has_row(diff, name, way, a, b), row);
    return;
  }
  // No row says that all calls of that name change there, nor that they go with the rest.
  bool named = false, rest = false;
  for (size_t i = 0; i < diff->row_count; i++) {
    const struct diff_row *found = &diff->rows[i];
    rest |= found->is_rest && (found->ways & 1u << abi) != 0 && action_equal(found->a, a);
    if (found->name == NULL || strcmp(found->name, name) != 0 || (found->ways & 1u << way) == 0)
      continue;
    named = true;
    CHECK_ROW(found->example[0] != '\0' || found->change == CHANGE_SAME, row);
  }
  CHECK_ROW(named || !rest, row);
}

static void
check_calls(const struct diff *diff, struct random *random, long seed) {
  for (size_t i = 0; i < calls_count(); i++) {
    const struct multiplexer *multiplexer;
    uint32_t number, choice;
    uint64_t args[6];
    for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
      if (!calls_number((call_t)i, abi, &number) || (abi == ABI_I386 && multiplexer_at(number) != NULL))
        continue;
      random_arguments(random, diff->a, args);
      check_call(diff, calls_name((call_t)i), abi, number, args, seed);
    }
    memset(args, 0, sizeof args);
    if (!multiplexer_of((call_t)i, &multiplexer, &choice))
      continue;
    args[0] = choice;
    check_call(diff, calls_name((call_t)i), WAY_THROUGH, multiplexer->number, args, seed);
  }
}

// Numbers that no call has.
static void
check_numbers(const struct diff *diff, struct random *random, long seed) {
  static const uint64_t args[6];
  for (int i = 0; i < 200; i++) {
    char text[64];
    enum abi abi = (enum abi)(1 + random_below(random, ABI_COUNT - 1));
    uint32_t number = random_number(random, diff->a, abi);
    if (abi_of(abi_arch_word(abi), number) != abi || calls_at(abi, number) != CALL_NONE)
      continue;
    uint32_t plain = abi == ABI_X32 ? number & ~X32_BIT : number;
    struct action a = policy_decide(diff->a, abi, number, args).action;
    struct action b = policy_decide(diff->b, abi, number, args).action;
    bool found = false, named = false, rest = false;
    snprintf(text, sizeof text, "seed %ld: %s %u", seed, abi_name(abi), number);
    for (size_t j = 0; j < diff->row_count; j++) {
      const struct diff_row *row = &diff->rows[j];
      bool is_about = row->name == NULL && (row->ways & ABI_BIT(abi)) != 0
                      && (row->numbers[0] == '\0' || list_has(row->numbers, plain));
      bool is_like = action_equal(row->a, a) && action_equal(row->b, b);
      found |= is_about && is_like;
      named |= is_about && row->numbers[0] != '\0';
      rest |= is_about && row->is_rest && action_equal(row->a, a);
      // What is said of a number whatever the arguments are holds.
      CHECK_ROW(!is_about || is_like || row->example[0] != '\0' || row->answered_so, text);
    }
    CHECK_ROW(found || action_equal(a, b), text);
    CHECK_ROW(named || !rest || !action_equal(a, b), text);
  }
}

// Rows are what they say, each once, sorted by what changes and by name.
static void
check_rows(const struct diff *diff, long seed) {
  char text[32];
  snprintf(text, sizeof text, "seed %ld", seed);
  for (size_t i = 0; i < diff->row_count; i++) {
    const struct diff_row *row = &diff->rows[i];
    bool refuses_a = action_refuses(row->a), refuses_b = action_refuses(row->b);
    CHECK_ROW(row->ways != 0 && action_equal(row->a, row->b) == (row->change == CHANGE_SAME), text);
    CHECK_ROW((row->change == CHANGE_ALLOWED) == (refuses_a && !refuses_b), text);
    CHECK_ROW((row->change == CHANGE_REFUSED) == (!refuses_a && refuses_b), text);
    if (i == 0 || diff->rows[i - 1].change != row->change || diff->rows[i - 1].name == NULL || row->name == NULL)
      continue;
    CHECK_ROW(strcmp(diff->rows[i - 1].name, row->name) <= 0, text);
  }
}

static void
check_seed(long seed) {
  struct random random = random_from((uint64_t)seed);
  struct policy *a = random_policy(&random, 6), *b = random_policy(&random, 6);
  struct diff diff;
  struct error e;
  CHECK(a != NULL && b != NULL);
  if (a == NULL || b == NULL)
    exit(check_done());
  CHECK_INT(diff_make(&diff, a, a, &e), 0);
  CHECK_INT(diff.row_count + diff.setting_count, 0);
  diff_clear(&diff);
  CHECK_INT(diff_make(&diff, a, b, &e), 0);
  check_rows(&diff, seed);
  check_calls(&diff, &random, seed);
  check_numbers(&diff, &random, seed);
  diff_clear(&diff);
  policy_free(a);
  policy_free(b);
}

// Conditions: a few rules on one argument, with one mask, small values.

static struct policy *
one_argument_policy(struct random *random, uint64_t mask) {
  struct error e;
  struct policy *policy = policy_new();
  struct rule rule = {.call = calls_find("lseek", 5), .abis = ABI_BIT(ABI_X86_64)};
  int failed = policy == NULL || policy_add_layer(policy, (struct action){ACTION_ALLOW, 0}, (struct source_pos){0}, &e);
  for (uint32_t rules = random_below(random, 4); rules > 0 && failed == 0; rules--) {
    struct test test = {.argument = 1, .width = 64, .mask = mask, .value = random_below(random, 16) & mask};
    test.op = (enum test_op)(TEST_EQ + (int)random_below(random, TEST_GE - TEST_EQ + 1));
    rule.action = (struct action){ACTION_ERRNO, (uint16_t)(1 + random_below(random, 2))};
    failed = policy_add_rule(policy, &rule, &test, 1, &e);
  }
  if (failed != 0 || policy_seal(policy, &e) != 0)
    exit(1);
  return policy;
}

// Whether "LEFT is 1, 3..9" holds for `value`, which is under the mask already.
static bool
condition_holds(const char *condition, uint64_t value) {
  const char *inverted = strstr(condition, " is not ");
  return inverted != NULL ? !list_has(inverted + 8, value) : list_has(strstr(condition, " is ") + 4, value);
}

static void
check_condition(const struct diff *diff, const struct diff_row *row, uint64_t mask, long seed) {
  char text[64 + CONDITION_BYTES];
  for (uint64_t value = 0; value < 64; value++) {
    uint64_t args[6] = {0, value < 32 ? value : UINT64_MAX - (value - 32)};
    bool differs = action_equal(policy_decide(diff->a, ABI_X86_64, 8, args).action, row->a)
                   && action_equal(policy_decide(diff->b, ABI_X86_64, 8, args).action, row->b);
    snprintf(text, sizeof text, "seed %ld: %s: %llu", seed, row->condition, (unsigned long long)args[1]);
    CHECK_ROW(condition_holds(row->condition, args[1] & mask) == differs, text);
  }
}

static void
check_conditions(long seed, size_t *conditions) {
  static const uint64_t masks[] = {UINT64_MAX, 0xf, 0x5, 0x4, 0xffffffff};
  struct random random = random_from((uint64_t)seed);
  uint64_t mask = masks[random_below(&random, 5)];
  struct policy *a = one_argument_policy(&random, mask), *b = one_argument_policy(&random, mask);
  struct diff diff;
  struct error e;
  CHECK_INT(diff_make(&diff, a, b, &e), 0);
  for (size_t i = 0; i < diff.row_count; i++) {
    if (diff.rows[i].condition[0] == '\0')
      continue;
    ++*conditions;
    check_condition(&diff, &diff.rows[i], mask, seed);
  }
  diff_clear(&diff);
  policy_free(a);
  policy_free(b);
}

int
main(int argc, char **argv) {
  long count = argc > 1 ? strtol(argv[1], NULL, 10) : 300, first = argc > 2 ? strtol(argv[2], NULL, 10) : 1;
  size_t conditions = 0;
  for (long seed = first; seed < first + count; seed++) {
    check_seed(seed);
    check_conditions(seed, &conditions);
  }
  CHECK(count < 20 || conditions > (size_t)count / 2);
  return check_done();
}
