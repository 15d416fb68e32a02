// SPDX-License-Identifier: LGPL-2.1-or-later
// cases.c - takes the diagram of all answers apart, argument by argument, and drops what the order of the rules makes
// superfluous.
#include "runner/analyze/cases.h"
#include "compat/rule_list.h"
#include "runner/analyze/values.h"
#include <string.h>

enum { WAYS_MAX = 4096, BRANCHES_MAX = 16, ARGUMENTS = 6 };

// Values of one argument with the same consequence.
struct branch {
  diagram_t then, values;
  size_t ways;
  long double size; // how many values
};

struct level {
  struct branch branches[BRANCHES_MAX];
  size_t count, at;
  size_t test_count; // of the path, before this level
};

struct maker {
  struct diagram_store *store;
  struct cases *out;
  struct test path[CASE_TESTS_MAX];
  size_t path_count;
};

static diagram_t
answer_end(uint32_t answer) {
  return diagram_action((struct action){ACTION_ALLOW, (uint16_t)(answer + 1)});
}

static bool
is_end(diagram_t diagram, uint32_t *answer) {
  struct action action;
  bool end = diagram_is_action(diagram, &action);
  *answer = end ? action.data - 1u : 0;
  return end;
}

static struct branch *
branch_of(struct level *level, diagram_t then) {
  for (size_t i = 0; i < level->count; i++)
    if (level->branches[i].then == then)
      return &level->branches[i];
  if (level->count == BRANCHES_MAX)
    return NULL;
  level->branches[level->count] = (struct branch){.then = then, .values = DIAGRAM_NONE};
  return &level->branches[level->count++];
}

// Behind all others, whose values then need not be written: what is hardest to write, or else holds most.
static void
put_last(struct level *level) {
  size_t last = 0;
  for (size_t i = 1; i < level->count; i++) {
    const struct branch *a = &level->branches[i], *b = &level->branches[last];
    if (a->ways != b->ways ? a->ways > b->ways : a->size >= b->size)
      last = i;
  }
  struct branch swap = level->branches[level->count - 1];
  level->branches[level->count - 1] = level->branches[last];
  level->branches[last] = swap;
}

static bool
level_open(struct maker *maker, struct level *level, diagram_t diagram) {
  static struct cube cubes[WAYS_MAX];
  unsigned argument = diagram_argument(maker->store, diagram);
  size_t count = diagram_cubes(maker->store, diagram, cubes, WAYS_MAX);
  *level = (struct level){.test_count = maker->path_count};
  for (size_t i = 0; i < count; i++) {
    struct branch *branch = branch_of(level, cubes[i].then);
    struct test test = {.argument = argument, .width = 64, .op = TEST_EQ, cubes[i].mask, cubes[i].value};
    long double size = 1;
    if (branch == NULL)
      return false;
    for (int bits = 64 - __builtin_popcountll(cubes[i].mask); bits > 0; bits--)
      size *= 2;
    branch->values = diagram_first(maker->store, branch->values, diagram_test(maker->store, &test, DIAGRAM_TRUE));
    branch->ways++;
    branch->size += size;
  }
  put_last(level);
  return count > 0;
}

static bool
rule_add(struct maker *maker, uint32_t answer) {
  struct cases *out = maker->out;
  if (maker->path_count == 0) {
    out->rest = answer;
    return true;
  }
  if (out->rule_count == CASES_MAX || maker->path_count > CASE_TESTS_MAX - out->test_count)
    return false;
  out->rules[out->rule_count++] = (struct case_rule){(uint32_t)out->test_count, (uint32_t)maker->path_count, answer};
  memcpy(out->tests + out->test_count, maker->path, maker->path_count * sizeof maker->path[0]);
  out->test_count += maker->path_count;
  return true;
}

static bool
path_push(struct maker *maker, const struct test *tests, size_t count) {
  if (count > CASE_TESTS_MAX - maker->path_count)
    return false;
  memcpy(maker->path + maker->path_count, tests, count * sizeof *tests);
  maker->path_count += count;
  return true;
}

static bool descend(struct maker *maker, diagram_t diagram);

// An alternative of the values, and what follows from them.
static bool
branch_write(struct maker *maker, const struct branch *branch) {
  struct values values;
  size_t before = maker->path_count;
  if (!values_make(maker->store, branch->values, &values))
    return false;
  for (size_t i = 0; i < values.alternative_count; i++) {
    size_t first = i == 0 ? 0 : values.ends[i - 1];
    maker->path_count = before;
    if (!path_push(maker, values.tests + first, values.ends[i] - first) || !descend(maker, branch->then))
      return false;
  }
  maker->path_count = before;
  return true;
}

// One level for each argument, so at most six deep.
static bool
descend(struct maker *maker, diagram_t diagram) {
  struct level level;
  uint32_t answer;
  if (is_end(diagram, &answer))
    return answer < maker->out->answer_count && rule_add(maker, answer); // or the store is full
  if (!level_open(maker, &level, diagram))
    return false;
  for (size_t i = 0; i + 1 < level.count; i++)
    if (!branch_write(maker, &level.branches[i]))
      return false;
  return descend(maker, level.branches[level.count - 1].then);
}

static diagram_t
meaning(struct diagram_store *store, const struct cases *cases) {
  diagram_t all = DIAGRAM_NONE;
  for (size_t i = 0; i < cases->rule_count; i++) {
    const struct case_rule *rule = &cases->rules[i];
    all = diagram_first(
        store, all, tests_diagram(store, cases->tests + rule->first_test, rule->test_count, answer_end(rule->answer)));
  }
  return diagram_first(store, all, answer_end(cases->rest));
}

static void
rule_drop(struct cases *cases, size_t at) {
  cases->rule_count--;
  memmove(&cases->rules[at], &cases->rules[at + 1], (cases->rule_count - at) * sizeof cases->rules[0]);
}

static bool
drop_rules(struct diagram_store *store, struct cases *cases, diagram_t want) {
  bool any = false;
  for (size_t i = cases->rule_count; i > 0; i--) {
    struct case_rule dropped = cases->rules[i - 1];
    rule_drop(cases, i - 1);
    if (meaning(store, cases) == want) {
      any = true;
      continue;
    }
    memmove(&cases->rules[i], &cases->rules[i - 1], (cases->rule_count - i + 1) * sizeof cases->rules[0]);
    cases->rules[i - 1] = dropped;
    cases->rule_count++;
  }
  return any;
}

// Tests stay in place; a dropped one changes places with the last of its rule.
static void
drop_tests(struct diagram_store *store, struct cases *cases, diagram_t want) {
  for (size_t i = 0; i < cases->rule_count; i++) {
    struct case_rule *rule = &cases->rules[i];
    for (uint32_t j = 0; j < rule->test_count && rule->test_count > 1;) {
      struct test *tests = cases->tests + rule->first_test, dropped = tests[j];
      size_t behind = rule->test_count - j - 1;
      memmove(&tests[j], &tests[j + 1], behind * sizeof *tests);
      rule->test_count--;
      if (meaning(store, cases) == want)
        continue;
      memmove(&tests[j + 1], &tests[j], behind * sizeof *tests);
      tests[j++] = dropped;
      rule->test_count++;
    }
  }
}

// The more rules there are, the longer it takes; and the less it would help.
enum { SIMPLIFIED_MAX = 24 };

static void
simplify(struct diagram_store *store, struct cases *cases, diagram_t want) {
  if (cases->rule_count > SIMPLIFIED_MAX)
    return;
  drop_tests(store, cases, want);
  while (drop_rules(store, cases, want))
    drop_tests(store, cases, want);
}

static uint32_t
answer_index(struct cases *cases, const struct answer_set *answer) {
  for (uint32_t i = 0; i < cases->answer_count; i++)
    if (answer_equal(&cases->answers[i], answer))
      return i;
  cases->answers[cases->answer_count] = *answer;
  return (uint32_t)cases->answer_count++;
}

bool
cases_make(struct diagram_store *store, const struct run *run, struct cases *out) {
  static struct maker maker;
  diagram_t all = DIAGRAM_NONE;
  *out = (struct cases){.rest = 0};
  maker.store = store;
  maker.out = out;
  maker.path_count = 0;
  for (size_t i = 0; i < run->count; i++) {
    uint32_t answer = answer_index(out, &run->regions[i].answer);
    all = diagram_first(store, all, diagram_both(store, run->regions[i].region, answer_end(answer)));
  }
  if (!descend(&maker, all) || meaning(store, out) != all)
    return false;
  simplify(store, out, all);
  return meaning(store, out) == all && !diagram_store_failed(store);
}

const struct answer_set *
cases_decide(const struct cases *cases, const uint64_t args[6]) {
  for (size_t i = 0; i < cases->rule_count; i++) {
    const struct case_rule *rule = &cases->rules[i];
    bool holds = true;
    for (uint32_t j = 0; j < rule->test_count && holds; j++) {
      holds = test_holds(&cases->tests[rule->first_test + j], args);
    }
    if (holds)
      return &cases->answers[rule->answer];
  }
  return &cases->answers[cases->rest];
}

static bool
rules_equal(const struct cases *a, const struct case_rule *x, const struct cases *b, const struct case_rule *y) {
  if (x->test_count != y->test_count || !answer_equal(&a->answers[x->answer], &b->answers[y->answer]))
    return false;
  for (uint32_t i = 0; i < x->test_count; i++) {
    const struct test *s = &a->tests[x->first_test + i], *t = &b->tests[y->first_test + i];
    if (s->argument != t->argument || s->op != t->op || s->mask != t->mask || s->value != t->value)
      return false;
  }
  return true;
}

bool
cases_equal(const struct cases *a, const struct cases *b) {
  if (a->rule_count != b->rule_count || !answer_equal(&a->answers[a->rest], &b->answers[b->rest]))
    return false;
  for (size_t i = 0; i < a->rule_count; i++)
    if (!rules_equal(a, &a->rules[i], b, &b->rules[i]))
      return false;
  return true;
}
