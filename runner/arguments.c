// SPDX-License-Identifier: LGPL-2.1-or-later
// arguments.c - argument tests as a decision tree: ask the first open question of the first rule that is still open,
// and go on knowing the answer.
#include "runner/arguments.h"
#include "compat/array.h"
#include <linux/seccomp.h>
#include <stdlib.h>

// A question that one BPF jump answers.
struct question {
  uint16_t word; // offset in struct seccomp_data
  enum node_test test;
  uint32_t mask;
  uint32_t value;
};

// The questions asked on the way down, with their answers; the newest first.
struct path {
  const struct path *up;
  struct question question;
  bool answer;
  unsigned depth;
};

// Deeper trees than this come from no policy a person writes; it bounds the recursion.
#define DEPTH_MAX 256

enum truth { UNKNOWN, NO, YES };

// The rules that can match one number, gathered once.
struct rules {
  const struct policy *policy;
  enum abi abi;
  uint32_t number;
  struct tree *tree;
  struct candidate *candidates;
  size_t count, room;
  size_t layer_end[POLICY_LAYERS_MAX]; // candidates of layer i end here
  struct action otherwise[POLICY_LAYERS_MAX];
  bool failed; // out of memory
};

// Answers `question` from what is known on `path`, or leaves it open.
static enum truth
path_answer(const struct path *path, const struct question *question) {
  uint32_t lowest = 0, highest = question->mask;
  for (; path != NULL; path = path->up) {
    const struct question *asked = &path->question;
    if (asked->word != question->word || asked->mask != question->mask)
      continue;
    if (asked->test == NODE_EQUAL && path->answer)
      lowest = highest = asked->value;
    else if (asked->test == NODE_EQUAL && question->test == NODE_EQUAL && asked->value == question->value)
      return NO;
    else if (asked->test == NODE_AT_LEAST && path->answer && asked->value > lowest)
      lowest = asked->value;
    else if (asked->test == NODE_AT_LEAST && !path->answer && asked->value <= highest)
      highest = asked->value - 1; // an answer "no" to "at least 0" is never on a path
  }
  if (question->test == NODE_AT_LEAST)
    return lowest >= question->value ? YES : highest < question->value ? NO : UNKNOWN;
  if (question->value < lowest || question->value > highest)
    return NO;
  return lowest == highest ? YES : UNKNOWN;
}

// Looks a question up; when it is open, it becomes *open, the next one to ask.
static enum truth
ask(const struct path *path, struct question question, struct question *open) {
  enum truth truth = path_answer(path, &question);
  if (truth == UNKNOWN)
    *open = question;
  return truth;
}

static enum truth
negate(enum truth truth) {
  return truth == UNKNOWN ? UNKNOWN : truth == YES ? NO : YES;
}

static uint16_t
argument_word(unsigned argument, bool high) {
  return (uint16_t)(offsetof(struct seccomp_data, args) + 8 * argument + (high ? 4 : 0));
}

static enum truth
both(enum truth high, const struct path *path, struct question low, struct question *open) {
  return high == YES ? ask(path, low, open) : high;
}

static enum truth
test_equal(const struct path *path, const struct test *test, struct question *open) {
  struct question low = {argument_word(test->argument, false), NODE_EQUAL, (uint32_t)test->mask, (uint32_t)test->value};
  struct question high = {argument_word(test->argument, true), NODE_EQUAL, (uint32_t)(test->mask >> 32),
                          (uint32_t)(test->value >> 32)};
  return both(test->width == 64 ? ask(path, high, open) : YES, path, low, open);
}

static enum truth
test_at_least(const struct path *path, const struct test *test, uint64_t value, struct question *open) {
  struct question low = {argument_word(test->argument, false), NODE_AT_LEAST, (uint32_t)test->mask, (uint32_t)value};
  if (test->width == 32)
    return value > UINT32_MAX ? NO : ask(path, low, open);
  struct question high = {argument_word(test->argument, true), NODE_AT_LEAST, (uint32_t)(test->mask >> 32),
                          (uint32_t)(value >> 32)};
  enum truth truth = ask(path, high, open);
  if (truth != YES)
    return truth;
  if (high.value == UINT32_MAX)
    return ask(path, low, open);
  high.value++; // larger already in the high half?
  truth = ask(path, high, open);
  return truth == NO ? ask(path, low, open) : truth;
}

static enum truth
test_truth(const struct path *path, const struct test *test, struct question *open) {
  uint64_t most = test->width == 32 ? UINT32_MAX : UINT64_MAX;
  switch (test->op) {
  case TEST_EQ:
    return test_equal(path, test, open);
  case TEST_NE:
    return negate(test_equal(path, test, open));
  case TEST_GE:
    return test_at_least(path, test, test->value, open);
  case TEST_LT:
    return negate(test_at_least(path, test, test->value, open));
  case TEST_GT:
    return test->value >= most ? NO : test_at_least(path, test, test->value + 1, open);
  case TEST_LE:
    return test->value >= most ? YES : negate(test_at_least(path, test, test->value + 1, open));
  case TEST_NONE:
    break;
  }
  return NO; // as policy_decide(): a test that is none never holds
}

// A test as it has to be asked. On i386 the upper half of a register counts as 0: what compares with more than 32 bits
// always or never holds.
static struct test
rules_test(const struct rules *rules, const struct rule *rule, uint32_t i) {
  struct test test = rules->policy->tests[rule->first_test + i];
  if (rules->abi != ABI_I386 || test.width == 32)
    return test;
  bool beyond = test.value > UINT32_MAX; // more than any value there
  bool holds = test.op == TEST_NE || test.op == TEST_LT || test.op == TEST_LE;
  test.width = 32;
  test.mask = (uint32_t)test.mask;
  if (beyond && test.op != TEST_NONE) {
    test.op = holds ? TEST_GE : TEST_LT;
    test.value = 0;
  }
  return test;
}

static enum truth
candidate_truth(const struct rules *rules, const struct candidate *candidate, const struct path *path,
                struct question *open) {
  if (candidate->chosen) {
    enum truth truth = ask(
        path, (struct question){argument_word(0, false), NODE_EQUAL, candidate->choice_mask, candidate->choice}, open);
    if (truth != YES)
      return truth;
  }
  if (candidate->tests_hidden)
    return YES;
  for (uint32_t i = 0; i < candidate->rule->test_count; i++) {
    struct test test = rules_test(rules, candidate->rule, i);
    enum truth truth = test_truth(path, &test, open);
    if (truth != YES)
      return truth;
  }
  return YES;
}

// The action of all layers under what is known on `path`: true, or false with the next question.
static bool
rules_decide(const struct rules *rules, const struct path *path, struct action *out, struct question *open) {
  size_t at = 0;
  for (size_t layer = 0; layer < rules->policy->layer_count; layer++) {
    struct action action = rules->otherwise[layer];
    for (; at < rules->layer_end[layer]; at++) {
      enum truth truth = candidate_truth(rules, &rules->candidates[at], path, open);
      if (truth == UNKNOWN)
        return false;
      if (truth == YES) {
        action = rules->candidates[at].rule->action;
        break;
      }
    }
    at = rules->layer_end[layer];
    *out = layer == 0 ? action : action_stricter(*out, action);
  }
  return true;
}

int
arguments_add_action(struct tree *tree, const struct policy *policy, struct action action, node_t *out,
                     struct error *e) {
  if (policy->permissive && action_refuses(action))
    action = (struct action){ACTION_LOG, 0};
  return tree_add_return(tree, action_to_return(action), out, e);
}

static int
refuse_depth(const struct rules *rules, struct error *e) {
  call_t call = calls_at(rules->abi, rules->number);
  return error_set(e, ERROR_POLICY, rules->candidates[0].rule->at,
                   "more than %d tests of the arguments of %s depend on one another: write fewer, or less mixed ones",
                   DEPTH_MAX, call == CALL_NONE ? "this number" : calls_name(call));
}

// Recursion is bounded by DEPTH_MAX.
static int
rules_add(const struct rules *rules, const struct path *path, node_t *out, struct error *e) {
  struct action action = {ACTION_ALLOW, 0};
  struct path next = {.up = path, .depth = path == NULL ? 1 : path->depth + 1};
  if (rules_decide(rules, path, &action, &next.question))
    return arguments_add_action(rules->tree, rules->policy, action, out, e);
  if (next.depth > DEPTH_MAX)
    return refuse_depth(rules, e);
  struct node test = {.word = next.question.word,
                      .mask = next.question.mask,
                      .test = (uint8_t)next.question.test,
                      .value = next.question.value};
  next.answer = true;
  if (rules_add(rules, &next, &test.yes, e) != 0)
    return -1;
  next.answer = false;
  if (rules_add(rules, &next, &test.no, e) != 0)
    return -1;
  return tree_add_test(rules->tree, test, out, e);
}

// One word, one mask, whole values: the common shape (a multiplexer, `fd == 1`, `domain in ...`), which a balanced tree
// decides best.
struct spread {
  uint16_t word;
  uint32_t mask;
  uint32_t *edges; // where the answer can change, unsorted
  size_t count;
  bool single; // false: the tests look at more than this
};

static void
spread_add(struct spread *spread, uint16_t word, uint32_t mask, uint64_t value) {
  if (spread->count == 0) {
    spread->word = word;
    spread->mask = mask;
  }
  if (spread->word != word || spread->mask != mask)
    spread->single = false;
  // an answer can change at the value and behind it
  for (uint64_t edge = value; edge <= value + 1; edge++)
    if (edge <= mask)
      spread->edges[spread->count++] = (uint32_t)edge;
}

static void
spread_add_candidate(struct spread *spread, const struct rules *rules, const struct candidate *candidate) {
  if (candidate->chosen)
    spread_add(spread, argument_word(0, false), candidate->choice_mask, candidate->choice);
  if (candidate->tests_hidden)
    return;
  for (uint32_t i = 0; i < candidate->rule->test_count; i++) {
    struct test test = rules_test(rules, candidate->rule, i);
    if (test.width != 32)
      spread->single = false;
    else
      spread_add(spread, argument_word(test.argument, false), (uint32_t)test.mask, test.value);
  }
}

static int
compare_edges(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

// The answer when (word & mask) is `value`.
static int
spread_add_value(const struct rules *rules, const struct spread *spread, uint32_t value, node_t *out, struct error *e) {
  struct action action = {ACTION_ALLOW, 0};
  struct question open;
  struct path known = {.question = {spread->word, NODE_EQUAL, spread->mask, value}, .answer = true, .depth = 1};
  if (!rules_decide(rules, &known, &action, &open))
    return error_plain(e, ERROR_POLICY, "an argument test is left open by its own word");
  return arguments_add_action(rules->tree, rules->policy, action, out, e);
}

static int
spread_add_tree(const struct rules *rules, struct spread *spread, node_t *out, struct error *e) {
  struct range *ranges = calloc(spread->count + 1, sizeof *ranges);
  if (ranges == NULL)
    return error_memory(e, ERROR_POLICY);
  size_t count = 0;
  int failed = 0;
  spread->edges[spread->count++] = 0;
  qsort(spread->edges, spread->count, sizeof *spread->edges, compare_edges);
  for (size_t i = 0; i < spread->count && failed == 0; i++) {
    node_t node;
    if (i > 0 && spread->edges[i] == spread->edges[i - 1])
      continue;
    failed = spread_add_value(rules, spread, spread->edges[i], &node, e);
    if (failed == 0 && (count == 0 || ranges[count - 1].node != node))
      ranges[count++] = (struct range){spread->edges[i], node, 1};
  }
  if (failed == 0)
    failed = tree_add_ranges(rules->tree, spread->word, spread->mask, ranges, count, out, e);
  free(ranges);
  return failed;
}

static bool
rules_gather(void *context, const struct candidate *candidate) {
  struct rules *rules = context;
  struct candidate *grown = array_grow(rules->candidates, &rules->room, rules->count + 1, 32, sizeof *grown);
  if (grown == NULL) {
    rules->failed = true;
    return false;
  }
  rules->candidates = grown;
  rules->candidates[rules->count++] = *candidate; // at most POLICY_RULES_MAX in all
  return true;
}

// Edges are two for each test and choice; one more for 0.
static size_t
rules_edges(const struct rules *rules) {
  size_t edges = 1;
  for (size_t i = 0; i < rules->count; i++)
    edges += 2 * ((size_t)rules->candidates[i].rule->test_count + 1);
  return edges;
}

static int
rules_add_best(const struct rules *rules, node_t *out, struct error *e) {
  struct spread spread = {.single = true, .edges = calloc(rules_edges(rules), sizeof *spread.edges)};
  if (spread.edges == NULL)
    return error_memory(e, ERROR_POLICY);
  for (size_t i = 0; i < rules->count && spread.single; i++)
    spread_add_candidate(&spread, rules, &rules->candidates[i]);
  int failed =
      spread.single && spread.count > 0 ? spread_add_tree(rules, &spread, out, e) : rules_add(rules, NULL, out, e);
  free(spread.edges);
  return failed;
}

// What one layer says of a number whatever the arguments: its default, or the first rule that can match, if that has no
// condition.
struct unconditional {
  struct action action;
  bool found;
};

static bool
take_first(void *context, const struct candidate *candidate) {
  struct unconditional *unconditional = context;
  unconditional->found = !candidate->chosen && candidate->rule->test_count == 0;
  unconditional->action = candidate->rule->action;
  return false;
}

// Most numbers ask for no look at arguments: true, and what the strictest layer says.
static bool
decide_unconditionally(const struct policy *policy, enum abi abi, uint32_t number, struct action *out) {
  *out = (struct action){ACTION_ALLOW, 0};
  for (size_t i = 0; i < policy->layer_count; i++) {
    struct unconditional layer = {layer_otherwise(&policy->layers[i], abi, number), true};
    policy_candidates(policy, &policy->layers[i], abi, number, take_first, &layer);
    if (!layer.found)
      return false;
    *out = i == 0 ? layer.action : action_stricter(*out, layer.action);
  }
  return true;
}

int
arguments_add(struct tree *tree, const struct policy *policy, enum abi abi, uint32_t number, node_t *out,
              struct error *e) {
  struct action action;
  if (decide_unconditionally(policy, abi, number, &action))
    return arguments_add_action(tree, policy, action, out, e);
  struct rules rules = {.policy = policy, .abi = abi, .number = number, .tree = tree};
  for (size_t i = 0; i < policy->layer_count; i++) {
    policy_candidates(policy, &policy->layers[i], abi, number, rules_gather, &rules);
    rules.layer_end[i] = rules.count;
    rules.otherwise[i] = layer_otherwise(&policy->layers[i], abi, number);
  }
  int failed = rules.failed ? error_memory(e, ERROR_POLICY) : rules_add_best(&rules, out, e);
  free(rules.candidates);
  return failed;
}
