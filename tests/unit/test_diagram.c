// SPDX-License-Identifier: LGPL-2.1-or-later
// test_diagram.c - rules in order as one diagram: the same as when each is put behind the others, whatever they ask
// for; and whether two that do different things meet.
//     test_diagram [LISTS [SEED]]
#include "compat/diagram_rules.h"
#include "random_policy.h"
#include "tests/check.h"
#include <stdlib.h>

#define LISTS 800
#define RULES_MAX 48
#define TESTS_EACH 3

struct list {
  struct test tests[RULES_MAX][TESTS_EACH];
  struct diagram_rule rules[RULES_MAX];
  size_t count;
};

// Masks of few bits overlap, whole words seldom do.
static struct test
random_test(struct random *random, bool ordered) {
  static const enum test_op ops[] = {TEST_EQ, TEST_EQ, TEST_NE, TEST_LT, TEST_LE, TEST_GT, TEST_GE};
  struct test test = {.argument = random_below(random, 3), .width = 64, .op = TEST_EQ, .mask = UINT64_MAX};
  if (ordered)
    test.op = ops[random_below(random, sizeof ops / sizeof ops[0])];
  if (random_below(random, 4) != 0)
    test.mask = (uint64_t)random_below(random, 16) << random_below(random, 60);
  test.value = (uint64_t)random_word(random) << random_below(random, 33);
  if (random_below(random, 16) != 0)
    test.value &= test.mask;
  return test;
}

static void
random_list(struct random *random, struct list *list) {
  static const enum action_kind kinds[] = {ACTION_ALLOW, ACTION_LOG, ACTION_TRAP};
  const bool ordered = random_below(random, 2) == 0;
  const uint32_t kind_count = 1 + random_below(random, 3);
  list->count = random_below(random, RULES_MAX + 1);
  for (size_t i = 0; i < list->count; i++) {
    struct diagram_rule *rule = &list->rules[i];
    *rule = (struct diagram_rule){.tests = list->tests[i], .count = random_below(random, TESTS_EACH + 1)};
    if (rule->count == 0 && random_below(random, 8) != 0)
      rule->count = 1;
    rule->action.kind = kinds[random_below(random, kind_count)];
    for (size_t j = 0; j < rule->count; j++)
      list->tests[i][j] = random_test(random, ordered);
  }
}

static diagram_t
rule_alone(struct diagram_store *store, const struct diagram_rule *rule) {
  const diagram_t action = diagram_action(rule->action);
  diagram_t one = action;
  for (size_t i = 0; i < rule->count; i++)
    one = diagram_both(store, one, diagram_test(store, &rule->tests[i], action));
  return one;
}

// True if some two of the rules do different things to the same arguments.
static bool
rules_meet(struct diagram_store *store, const struct list *list) {
  for (size_t i = 0; i < list->count; i++)
    for (size_t j = 0; j < i; j++)
      if (!action_equal(list->rules[i].action, list->rules[j].action)
          && diagram_both(store, rule_alone(store, &list->rules[i]), rule_alone(store, &list->rules[j]))
                 != DIAGRAM_NONE)
        return true;
  return false;
}

static bool
check_list(struct diagram_store *store, const struct list *list) {
  diagram_t all = DIAGRAM_NONE;
  bool meet = false;
  diagram_store_reset(store);
  diagram_t got = diagram_rules(store, list->rules, list->count, &meet);
  for (size_t i = 0; i < list->count; i++)
    all = diagram_first(store, all, rule_alone(store, &list->rules[i]));
  CHECK(got == all && got == diagram_rules(store, list->rules, list->count, NULL));
  CHECK(meet == rules_meet(store, list));
  CHECK(!diagram_store_failed(store));
  return meet;
}

// Each rule gives two bits far from one another: every combination of the first ones goes on in its own way, and these
// are too many to be looked at together.
static void
test_too_many(struct diagram_store *store) {
  static struct list list;
  list.count = 14;
  for (unsigned i = 0; i < list.count; i++) {
    const uint64_t bits = (uint64_t)1 << (63 - i) | (uint64_t)1 << (31 - i);
    list.tests[i][0] = (struct test){.argument = 0, .width = 64, .op = TEST_EQ, .mask = bits, .value = bits};
    list.rules[i] = (struct diagram_rule){list.tests[i], 1, {i % 2 == 0 ? ACTION_ALLOW : ACTION_TRAP, 0}};
  }
  CHECK(check_list(store, &list));
}

int
main(int argc, char **argv) {
  const unsigned long lists = argc > 1 ? strtoul(argv[1], NULL, 10) : LISTS;
  const unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
  struct diagram_store *store = diagram_store_new();
  unsigned long met = 0;
  for (unsigned long i = 0; i < lists && store != NULL; i++) {
    struct random random = random_from(seed + i);
    struct list list;
    random_list(&random, &list);
    met += check_list(store, &list);
    if (check_failures > 0) {
      fprintf(stderr, "again with: test_diagram 1 %lu\n", seed + i);
      break;
    }
  }
  CHECK(store != NULL && (lists < 100 || (met > 0 && met < lists)));
  if (store != NULL)
    test_too_many(store);
  diagram_store_free(store);
  return check_done();
}
