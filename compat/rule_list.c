// SPDX-License-Identifier: LGPL-2.1-or-later
// rule_list.c - lists of rules for writers.
#include "compat/rule_list.h"
#include "compat/array.h"
#include "compat/diagram_rules.h"
#include <stdlib.h>

// What a test says about values of which `mask` is left.
enum truth { TRUTH_NONE, TRUTH_NEVER, TRUTH_ALWAYS, TRUTH_DEPENDS };

static enum truth
truth_of(const struct test *test) {
  uint64_t mask = test->mask, value = test->value;
  bool outside = (value & ~mask) != 0, nothing = mask == 0 && value == 0;
  bool never = false, always = false;
  switch (test->op) {
  case TEST_EQ:
    never = outside, always = nothing;
    break;
  case TEST_NE:
    never = nothing, always = outside;
    break;
  case TEST_LT:
    never = value == 0, always = value > mask;
    break;
  case TEST_LE:
    always = value >= mask;
    break;
  case TEST_GT:
    never = value >= mask;
    break;
  case TEST_GE:
    never = value > mask, always = value == 0;
    break;
  case TEST_NONE:
    return TRUTH_NONE;
  }
  return never ? TRUTH_NEVER : always ? TRUTH_ALWAYS : TRUTH_DEPENDS;
}

static bool
has_test(const struct test *tests, size_t count, const struct test *test) {
  for (size_t i = 0; i < count; i++)
    if (tests[i].argument == test->argument && tests[i].op == test->op && tests[i].mask == test->mask
        && tests[i].value == test->value)
      return true;
  return false;
}

// For one more rule with `count` tests.
static bool
make_room(struct rule_list *list, size_t count) {
  struct list_rule *rules = array_grow(list->rules, &list->room, list->count + 1, 8, sizeof *rules);
  if (rules == NULL)
    return false;
  list->rules = rules;
  struct test *tests = array_grow(list->tests, &list->test_room, list->test_count + count + 1, 8, sizeof *tests);
  if (tests == NULL)
    return false;
  list->tests = tests;
  return true;
}

bool
rule_list_add(struct rule_list *list, struct action action, unsigned abis, struct source_pos at,
              const struct test *tests, size_t count) {
  list->any = true;
  if (list->last.kind != ACTION_NONE)
    return true;
  if (!make_room(list, count))
    return false;
  struct list_rule rule = {action, abis, at, list->test_count, 0};
  struct test *own = list->tests + rule.first_test;
  for (size_t i = 0; i < count; i++) {
    enum truth truth = truth_of(&tests[i]);
    if (truth == TRUTH_NEVER)
      return true;
    if (truth == TRUTH_ALWAYS || has_test(own, rule.test_count, &tests[i]))
      continue;
    own[rule.test_count] = tests[i];
    own[rule.test_count++].width = 64; // a 32-bit one has a mask that says so
  }
  if (rule.test_count == 0) {
    list->last = action;
    list->last_at = at;
    return true;
  }
  list->test_count += rule.test_count;
  list->rules[list->count++] = rule;
  return true;
}

struct collection {
  struct rule_list *list;
  const struct policy *policy;
  uint32_t choice;
  bool failed;
};

static bool
collect(void *context, const struct candidate *candidate) {
  struct collection *collection = context;
  const struct rule *rule = candidate->rule;
  size_t count = candidate->tests_hidden ? 0 : rule->test_count;
  if (candidate->chosen && candidate->choice != collection->choice)
    return true;
  collection->failed = !rule_list_add(collection->list, rule->action, rule->abis, rule->at,
                                      count == 0 ? NULL : collection->policy->tests + rule->first_test, count);
  return !collection->failed;
}

bool
rule_list_collect(struct rule_list *list, const struct policy *policy, const struct layer *layer, enum abi abi,
                  uint32_t number, uint32_t choice) {
  struct collection collection = {list, policy, choice, false};
  policy_candidates(policy, layer, abi, number, collect, &collection);
  return !collection.failed;
}

bool
rule_list_collect_call(struct rule_list *list, const struct policy *policy, const struct layer *layer, call_t call) {
  for (uint32_t i = 0; i < layer->rule_count; i++) {
    const struct rule *rule = &policy->rules[layer->first_rule + i];
    if (rule->call != call || (rule->abis != 0 && (rule->abis & ABI_BIT(ABI_I386)) == 0))
      continue;
    if (!rule_list_add(list, rule->action, rule->abis, rule->at,
                       rule->test_count == 0 ? NULL : policy->tests + rule->first_test, rule->test_count))
      return false;
  }
  return true;
}

void
rule_list_clear(struct rule_list *list) {
  free(list->rules);
  free(list->tests);
  *list = (struct rule_list){0};
}

diagram_t
tests_diagram(struct diagram_store *store, const struct test *tests, size_t count, diagram_t then) {
  for (size_t i = 0; i < count; i++)
    then = diagram_both(store, diagram_test(store, &tests[i], diagram_action((struct action){ACTION_ALLOW, 0})), then);
  return then;
}

static diagram_t
rule_diagram(struct diagram_store *store, const struct rule_list *list, const struct list_rule *rule) {
  return tests_diagram(store, list->tests + rule->first_test, rule->test_count, diagram_action(rule->action));
}

diagram_t
rule_list_conditions(struct diagram_store *store, const struct rule_list *list) {
  diagram_t all = DIAGRAM_NONE;
  for (size_t i = 0; i < list->count; i++)
    all = diagram_first(store, all, rule_diagram(store, list, &list->rules[i]));
  return all;
}

diagram_t
rule_list_diagram(struct diagram_store *store, const struct rule_list *list) {
  diagram_t conditions = rule_list_conditions(store, list);
  return list->last.kind == ACTION_NONE ? conditions : diagram_first(store, conditions, diagram_action(list->last));
}

diagram_t
rule_list_joined(struct diagram_store *store, const struct rule_list *list) {
  struct diagram_rule *rules = calloc(list->count + 1, sizeof *rules);
  if (rules == NULL)
    return rule_list_diagram(store, list);
  for (size_t i = 0; i < list->count; i++) {
    const struct list_rule *rule = &list->rules[i];
    rules[i] = (struct diagram_rule){list->tests + rule->first_test, rule->test_count, rule->action};
  }
  rules[list->count].action = list->last; // ACTION_NONE: as if no rule matched
  diagram_t all = diagram_rules(store, rules, list->count + 1, NULL);
  free(rules);
  return all;
}

void
rule_list_prune(struct diagram_store *store, struct rule_list *list) {
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++)
    if (rule_diagram(store, list, &list->rules[i]) != DIAGRAM_NONE)
      list->rules[kept++] = list->rules[i];
  list->count = kept;
}

void
rule_list_simplify(struct diagram_store *store, struct rule_list *list, struct action last) {
  diagram_t all = DIAGRAM_NONE;
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++) {
    diagram_t more = diagram_first(store, all, rule_diagram(store, list, &list->rules[i]));
    if (more != all)
      list->rules[kept++] = list->rules[i];
    all = more;
  }
  if (list->last.kind != ACTION_NONE)
    last = list->last;
  while (kept > 0 && action_equal(list->rules[kept - 1].action, last))
    kept--;
  list->count = kept;
}
