// SPDX-License-Identifier: LGPL-2.1-or-later
// oci_merge.c - which rules count, and the order in which the stricter of two decides.
#include "compat/oci_merge.h"
#include "compat/array.h"
#include "compat/word.h"
#include <stdlib.h>
#include <string.h>

// Rules with tests on one call that are compared with a later one; if there are more, some one is taken to overlap.
#define COMPARED_MAX 64

// More than any multiplexer has calls inside.
#define MULTIPLEXER_CHOICES 32

// Indexes of rules count from 1; 0 is none. Rules with tests on one call form a chain.
struct entry {
  struct oci_rule rule;
  uint32_t next;
};

struct oci_merge {
  struct action otherwise;
  struct entry *entries;
  size_t count, room;
  struct test *tests;
  size_t test_count, test_room;
  uint32_t whole[CALLS_MAX];            // the rule without tests that counts
  struct json_value dropped[CALLS_MAX]; // where the first one stands that says what the default says
  uint32_t first[CALLS_MAX], last[CALLS_MAX];
};

struct oci_merge *
oci_merge_new(struct action otherwise) {
  struct oci_merge *merge = calloc(1, sizeof *merge);
  if (merge != NULL)
    merge->otherwise = otherwise;
  return merge;
}

void
oci_merge_free(struct oci_merge *merge) {
  if (merge == NULL)
    return;
  free(merge->entries);
  free(merge->tests);
  free(merge);
}

static const struct oci_rule *
rule_at(const struct oci_merge *merge, uint32_t index) {
  return &merge->entries[index - 1].rule;
}

static uint32_t
rule_next(const struct oci_merge *merge, uint32_t index) {
  return merge->entries[index - 1].next;
}

static bool
has_rules(const struct oci_merge *merge, call_t call) {
  return merge->whole[call] != 0 || merge->first[call] != 0;
}

bool
oci_merge_tests(struct oci_merge *merge, const struct test *tests, uint32_t count, struct json_value value,
                uint32_t *first, struct diags *diags) {
  bool full = count > POLICY_TESTS_MAX - merge->test_count;
  struct test *room = NULL;
  if (!full)
    room = array_grow(merge->tests, &merge->test_room, merge->test_count + count, 64, sizeof *room);
  if (room == NULL) {
    json_complain(value, DIAG_ERROR, diags, "%s", full ? "there are too many tests" : out_of_memory);
    return false;
  }
  merge->tests = room;
  *first = (uint32_t)merge->test_count;
  memcpy(room + *first, tests, count * sizeof *tests);
  merge->test_count += count;
  return true;
}

// Of rules without tests the first one counts. Returns whether `rule` is it.
static bool
is_first_whole(const struct oci_merge *merge, const struct oci_rule *rule, struct diags *diags) {
  char text[64];
  if (merge->whole[rule->call] == 0)
    return true;
  const struct oci_rule *first = rule_at(merge, merge->whole[rule->call]);
  if (action_equal(first->action, rule->action))
    return false;
  json_complain(rule->name, DIAG_WARNING, diags, "\"%s\" gets %s from an earlier rule, and the first one counts",
                calls_name(rule->call), action_describe(first->action, text, sizeof text));
  json_complain(first->name, DIAG_HINT, diags, "the earlier one is here");
  return false;
}

// A rule that says what the default says is dropped, so one that is less strict counts although it comes later.
static void
note_dropped(struct oci_merge *merge, const struct oci_rule *rule, struct diags *diags) {
  struct json_value *dropped = &merge->dropped[rule->call];
  bool equal = action_equal(rule->action, merge->otherwise);
  if (equal && rule->test_count == 0 && dropped->node == 0)
    *dropped = rule->name;
  if (equal || dropped->node == 0 || rule->action.kind >= merge->otherwise.kind)
    return;
  json_complain(
      rule->name, DIAG_WARNING, diags,
      "this counts although an earlier rule refuses \"%s\": a rule that says what the default says is dropped",
      calls_name(rule->call));
  json_complain(*dropped, DIAG_HINT, diags, "the earlier one is here");
  dropped->node = 0; // said once
}

bool
oci_merge_rule(struct oci_merge *merge, const struct oci_rule *rule, struct diags *diags) {
  bool whole = rule->test_count == 0, full = merge->count == POLICY_RULES_MAX;
  struct entry *entries = NULL;
  note_dropped(merge, rule, diags);
  if (whole && (action_equal(rule->action, merge->otherwise) || !is_first_whole(merge, rule, diags)))
    return true;
  if (!full)
    entries = array_grow(merge->entries, &merge->room, merge->count + 1, 512, sizeof *entries);
  if (entries == NULL) {
    json_complain(rule->name, DIAG_ERROR, diags, "%s", full ? "there are too many rules" : out_of_memory);
    return false;
  }
  merge->entries = entries;
  entries[merge->count++] = (struct entry){.rule = *rule};
  uint32_t index = (uint32_t)merge->count;
  if (whole)
    merge->whole[rule->call] = index;
  else if (merge->first[rule->call] == 0)
    merge->first[rule->call] = merge->last[rule->call] = index;
  else
    merge->last[rule->call] = entries[merge->last[rule->call] - 1].next = index;
  return true;
}

// Whether two rules with tests can match the same call, as far as two tests on one argument tell.

// The values that a test lets through, as a range; all values for a test that no range says.
static void
test_range(const struct test *test, uint64_t *low, uint64_t *high) {
  bool whole = test->mask == UINT64_MAX;
  *low = 0;
  *high = UINT64_MAX;
  if (whole && (test->op == TEST_EQ || test->op == TEST_GE))
    *low = test->value;
  if (whole && test->op == TEST_GT)
    *low = test->value == UINT64_MAX ? UINT64_MAX : test->value + 1;
  if (whole && (test->op == TEST_EQ || test->op == TEST_LE))
    *high = test->value;
  if (whole && test->op == TEST_LT)
    *high = test->value == 0 ? 0 : test->value - 1;
}

static bool
tests_exclude(const struct test *a, const struct test *b) {
  uint64_t a_low, a_high, b_low, b_high, mask = a->mask & b->mask;
  if (a->argument != b->argument)
    return false;
  if (a->op == TEST_EQ && b->op == TEST_EQ)
    return (a->value & mask) != (b->value & mask);
  if (a->mask == b->mask && a->value == b->value
      && ((a->op == TEST_EQ && b->op == TEST_NE) || (a->op == TEST_NE && b->op == TEST_EQ)))
    return true;
  test_range(a, &a_low, &a_high);
  test_range(b, &b_low, &b_high);
  return a_high < b_low || b_high < a_low;
}

static bool
rules_overlap(const struct oci_merge *merge, const struct oci_rule *a, const struct oci_rule *b) {
  for (uint32_t i = 0; i < a->test_count; i++)
    for (uint32_t k = 0; k < b->test_count; k++)
      if (tests_exclude(&merge->tests[a->first_test + i], &merge->tests[b->first_test + k]))
        return false;
  return true;
}

// An earlier rule with tests on the same call that does something else and may match too, or NULL.
static const struct oci_rule *
find_overlap(const struct oci_merge *merge, uint32_t index) {
  const struct oci_rule *rule = rule_at(merge, index);
  unsigned compared = 0;
  for (uint32_t before = merge->first[rule->call]; before != index; before = rule_next(merge, before)) {
    const struct oci_rule *other = rule_at(merge, before);
    if (action_equal(other->action, rule->action))
      continue;
    if (compared++ == COMPARED_MAX || rules_overlap(merge, other, rule))
      return other;
  }
  return NULL;
}

// Says, once for a call, that two of its rules can both match.
static void
warn_of_overlap(const struct oci_merge *merge, call_t call, struct diags *diags) {
  for (uint32_t index = merge->first[call]; index != 0; index = rule_next(merge, index)) {
    const struct oci_rule *other = find_overlap(merge, index);
    if (other == NULL)
      continue;
    json_complain(rule_at(merge, index)->name, DIAG_WARNING, diags,
                  "two rules on \"%s\" can both match: the stricter decides (with libseccomp either may)",
                  calls_name(call));
    json_complain(other->name, DIAG_HINT, diags, "the other one is here");
    return;
  }
}

// Says, once for a call, that a rule with tests is stricter than the one without, and void.
static void
warn_of_void(const struct oci_merge *merge, call_t call, struct diags *diags) {
  const struct oci_rule *whole = rule_at(merge, merge->whole[call]);
  char text[64];
  for (uint32_t index = merge->first[call]; index != 0; index = rule_next(merge, index)) {
    if (rule_at(merge, index)->action.kind <= whole->action.kind)
      continue;
    json_complain(rule_at(merge, index)->name, DIAG_WARNING, diags,
                  "\"%s\" gets %s from a rule without tests, whatever its arguments: this rule is void",
                  calls_name(call), action_describe(whole->action, text, sizeof text));
    json_complain(whole->name, DIAG_HINT, diags, "the other one is here");
    return;
  }
}

// From here on: the layer.
struct build {
  const struct oci_merge *merge;
  struct policy *policy;
  struct diags *diags;
  bool *refuses;
  bool plain_multiplexers;
  bool failed;
  bool warned_hidden;
  struct error e;       // here, so that it is cleared once and not for every rule
  bool done[CALLS_MAX]; // has its rules
};

static void
build_rule(struct build *build, call_t call, struct action action, unsigned abis, const struct test *tests,
           size_t count, struct json_value name) {
  struct rule rule = {.call = call, .abis = abis, .action = action, .at = json_pos(name)};
  if (build->failed)
    return;
  if (policy_add_rule(build->policy, &rule, tests, count, &build->e) != 0) {
    json_complain(name, DIAG_ERROR, build->diags, "%s", build->e.text);
    build->failed = true;
  }
  if (action_refuses(action))
    *build->refuses = true;
}

// "-1", as an int that was extended to 64 bits.
static bool
is_extended(const struct test *test) {
  return test->mask == UINT64_MAX && test->value >= ~(uint64_t)INT32_MAX;
}

// x86 and x32 have ints of 32 bits, and there libseccomp cuts constants: "-1" written with 64 bits refuses what is -1
// there. For a rule that refuses, what is read then counts beside what is written; one that allows opens nothing more.
static void
build_cut(struct build *build, const struct oci_rule *rule, const struct test *tests) {
  const unsigned narrow = (ABI_BIT(ABI_I386) | ABI_BIT(ABI_X32)) & build->policy->abis;
  struct test cut[OCI_TESTS_MAX];
  bool beyond = false;
  for (uint32_t i = 0; i < rule->test_count; i++) {
    beyond = beyond || is_extended(&tests[i]);
    cut[i] = (struct test){tests[i].argument, 32, tests[i].op, (uint32_t)tests[i].mask, (uint32_t)tests[i].value};
  }
  if (beyond && narrow != 0 && action_refuses(rule->action))
    build_rule(build, rule->call, rule->action, narrow, cut, rule->test_count, rule->name);
}

static void
build_entry(struct build *build, uint32_t index, enum action_kind kind) {
  const struct oci_rule *rule = rule_at(build->merge, index);
  const struct test *tests = rule->test_count > 0 ? build->merge->tests + rule->first_test : NULL;
  if (rule->action.kind != kind)
    return;
  build_rule(build, rule->call, rule->action, 0, tests, rule->test_count, rule->name);
  if (rule->test_count > 0)
    build_cut(build, rule, tests);
}

// Those rules of the call that have actions of this kind: the one without tests, or else those with tests.
static void
build_kind(struct build *build, call_t call, enum action_kind kind) {
  const struct oci_merge *merge = build->merge;
  if (merge->whole[call] != 0)
    build_entry(build, merge->whole[call], kind);
  else
    for (uint32_t index = merge->first[call]; index != 0; index = rule_next(merge, index))
      build_entry(build, index, kind);
}

// Sets out on a call: says what is wrong with its rules. False if it needs none.
static bool
build_begin(struct build *build, call_t call) {
  const struct oci_merge *merge = build->merge;
  if (build->done[call] || !has_rules(merge, call))
    return false;
  build->done[call] = true;
  if (call_is_nowhere(call))
    return false;
  if (merge->whole[call] != 0)
    warn_of_void(merge, call, build->diags);
  else
    warn_of_overlap(merge, call, build->diags);
  return true;
}

static void
build_call(struct build *build, call_t call) {
  const struct oci_merge *merge = build->merge;
  if (!build_begin(build, call))
    return;
  if (merge->whole[call] != 0)
    build_kind(build, call, rule_at(merge, merge->whole[call])->action.kind);
  else
    for (enum action_kind kind = ACTION_KILL_PROCESS; kind != ACTION_NONE; kind--)
      build_kind(build, call, kind);
}

// i386's multiplexers: what is asked of a call inside lies in memory, where no test sees it.

// Whether rules on the multiplexer itself, or the default, let a call through it.
static bool
multiplexer_is_open(const struct oci_merge *merge, const struct multiplexer *multiplexer) {
  if (merge->whole[multiplexer->call] != 0)
    return !action_refuses(rule_at(merge, merge->whole[multiplexer->call])->action);
  for (uint32_t index = merge->first[multiplexer->call]; index != 0; index = rule_next(merge, index))
    if (!action_refuses(rule_at(merge, index)->action))
      return true;
  return !action_refuses(merge->otherwise);
}

// The strictest that rules with tests on `call`, or the default, could make of it.
static struct action
strictest(const struct oci_merge *merge, call_t call) {
  struct action action = {ACTION_NONE, 0};
  for (uint32_t index = merge->first[call]; index != 0; index = rule_next(merge, index))
    action = action_stricter(action, rule_at(merge, index)->action);
  return action_stricter(action, merge->otherwise);
}

// What the rules of the call alone make of it inside: those with tests count there if they refuse, the strictest first.
static struct action
inside(const struct oci_merge *merge, const struct multiplexer *multiplexer, call_t call) {
  struct action action = {ACTION_NONE, 0};
  for (uint32_t index = merge->first[call]; index != 0; index = rule_next(merge, index))
    if (action_refuses(rule_at(merge, index)->action))
      action = action_stricter(action, rule_at(merge, index)->action);
  return action.kind == ACTION_NONE && !has_rules(merge, multiplexer->call) ? merge->otherwise : action;
}

static void
warn_of_hidden(struct build *build, const struct multiplexer *multiplexer, call_t call, struct action action) {
  char text[64];
  if (build->warned_hidden || (build->policy->abis & ABI_BIT(ABI_I386)) == 0
      || !multiplexer_is_open(build->merge, multiplexer))
    return;
  build->warned_hidden = true;
  json_complain(rule_at(build->merge, build->merge->first[call])->name, DIAG_WARNING, build->diags,
                "on x86 \"%s\" hides the arguments of \"%s\" and of others that have tests: through it this one always "
                "gets %s",
                calls_name(multiplexer->call), calls_name(call), action_describe(action, text, sizeof text));
}

// What a call inside gets whatever its arguments are, where that takes a rule on the multiplexer itself; ACTION_NONE
// where it does not.
static struct action
hidden_action(struct build *build, const struct multiplexer *multiplexer, call_t call) {
  const struct oci_merge *merge = build->merge;
  const struct action none = {ACTION_NONE, 0};
  if (call == CALL_NONE || merge->whole[call] != 0 || merge->first[call] == 0)
    return none;
  struct action action = strictest(merge, call);
  warn_of_hidden(build, multiplexer, call, action);
  return action_equal(inside(merge, multiplexer, call), action) ? none : action;
}

static void
build_hidden(struct build *build, const struct multiplexer *multiplexer, uint32_t choice, struct action action) {
  const struct oci_rule *rule = rule_at(build->merge, build->merge->first[multiplexer->inner[choice]]);
  const struct test test = {.width = 32, .op = TEST_EQ, .mask = multiplexer->mask, .value = choice};
  build_rule(build, multiplexer->call, action, 0, &test, 1, rule->name);
}

// Rules on the multiplexer and on calls inside it can match one call: all of them by strictness, so that the strictest
// decides.
static void
build_multiplexer(struct build *build, const struct multiplexer *multiplexer) {
  struct action hidden[MULTIPLEXER_CHOICES];
  bool inner[MULTIPLEXER_CHOICES], outer = build_begin(build, multiplexer->call), any = outer;
  uint32_t whole = build->merge->whole[multiplexer->call];
  if (build->plain_multiplexers && whole != 0) {
    // Rules of calls inside come later, and no longer count there.
    build_entry(build, whole, rule_at(build->merge, whole)->action.kind);
    return;
  }
  for (uint32_t i = 0; i < multiplexer->inner_count; i++) {
    hidden[i] = hidden_action(build, multiplexer, multiplexer->inner[i]);
    inner[i] = multiplexer->inner[i] != CALL_NONE && build_begin(build, multiplexer->inner[i]);
    any = any || inner[i];
  }
  for (enum action_kind kind = ACTION_KILL_PROCESS; any && kind != ACTION_NONE; kind--) {
    for (uint32_t i = 0; i < multiplexer->inner_count; i++) {
      if (hidden[i].kind == kind)
        build_hidden(build, multiplexer, i, hidden[i]);
      if (inner[i])
        build_kind(build, multiplexer->inner[i], kind);
    }
    if (outer)
      build_kind(build, multiplexer->call, kind);
  }
}

void
oci_merge_build(const struct oci_merge *merge, bool plain_multiplexers, struct source_pos otherwise_at,
                struct policy *policy, bool *refuses, struct diags *diags) {
  struct build build = {
      .merge = merge, .policy = policy, .diags = diags, .refuses = refuses, .plain_multiplexers = plain_multiplexers};
  if (policy_add_layer(policy, merge->otherwise, otherwise_at, &build.e) != 0) {
    diag_add(diags, DIAG_ERROR, otherwise_at, "%s", build.e.text);
    return;
  }
  if (action_refuses(merge->otherwise))
    *refuses = true;
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    build_multiplexer(&build, &multiplexers[i]);
  for (size_t i = 0; i < calls_count(); i++)
    build_call(&build, (call_t)i);
}
