// SPDX-License-Identifier: LGPL-2.1-or-later
// seccomp_check.c - asks all of them at every point where one could change its mind.
#include "hook/seccomp_check.h"
#include "compat/array.h"
#include "compat/diagram_rules.h"
#include "runner/points.h"

// Rows of numbers that are walked at once.
enum { ROW_WRITTEN, ROW_MERGED, ROW_ENGINE, ROW_EDGES, ROWS };

struct row {
  const uint32_t *numbers;
  size_t count, at;
};

static int
refuse(enum abi abi, uint32_t number, const char *problem, struct error *e) {
  call_t call = calls_at(abi, number);
  const char *name = call == CALL_NONE ? "a call without a name" : calls_name(call);
  return error_plain(e, ERROR_POLICY, "the merged profile, as a runtime reads it, %s for %s (%u) on %s%s", problem,
                     name, number, abi_name(abi),
                     abi == ABI_NATIVE ? "" : "; SystemCallArchitectures=native leaves that architecture out");
}

static bool
is_multiplexed(enum abi abi, uint32_t number) {
  return abi == ABI_I386 && multiplexer_at(number) != NULL;
}

static bool
is_weaker(struct action a, struct action b) {
  return a.kind < b.kind;
}

static int
check_point(const struct seccomp_check *check, enum abi abi, uint32_t number, const uint64_t args[6],
            struct action written, struct error *e) {
  struct action merged = policy_decide(check->merged, abi, number, args).action;
  const struct policy *before = check->in_force != NULL ? check->in_force : check->engine;
  const struct policy *policy = check->policy != NULL ? check->policy : check->merged;
  if (before != NULL && is_weaker(written, policy_decide(before, abi, number, args).action))
    return refuse(abi, number, "would be weaker than the engine's own", e);
  if (action_equal(written, merged))
    return 0;
  if (!is_multiplexed(abi, number) || is_weaker(written, policy_decide(policy, abi, number, args).action))
    return refuse(abi, number, "would not be what was meant", e);
  return 0;
}

struct gathering {
  struct points *points;
  const struct policy *policy;
};

// Masks of upper bits alone, of which there are many where ranges are written with masks, are ranges: two borders.
static void
add_predicate(struct points *points, unsigned word, uint32_t mask, uint32_t value) {
  uint32_t below = ~mask;
  if (mask == 0 || (below & (below + 1)) != 0 || (value & below) != 0) {
    points_add(points, word, mask, value);
    return;
  }
  points_add(points, word, UINT32_MAX, value);
  if ((value | below) != UINT32_MAX)
    points_add(points, word, UINT32_MAX, (value | below) + 1);
}

static bool
add_candidate(void *context, const struct candidate *candidate) {
  const struct gathering *gathering = context;
  const struct rule *rule = candidate->rule;
  if (candidate->chosen)
    add_predicate(gathering->points, 0, candidate->choice_mask, candidate->choice);
  for (uint32_t i = 0; i < rule->test_count && !candidate->tests_hidden; i++) {
    const struct test *test = &gathering->policy->tests[rule->first_test + i];
    add_predicate(gathering->points, 2 * test->argument, (uint32_t)test->mask, (uint32_t)test->value);
    if (test->width != 32)
      add_predicate(gathering->points, 2 * test->argument + 1, (uint32_t)(test->mask >> 32),
                    (uint32_t)(test->value >> 32));
  }
  return true;
}

static void
gather(struct points *points, const struct policy *policy, enum abi abi, uint32_t number) {
  struct gathering gathering = {points, policy};
  if (policy == NULL)
    return;
  for (size_t i = 0; i < policy->layer_count; i++)
    policy_candidates(policy, &policy->layers[i], abi, number, add_candidate, &gathering);
}

// Which calls anybody has tests for; few have.
struct asked {
  bool calls[CALLS_MAX];
  bool numbers;                // by a rule on a bare number
  bool on_abis[CALLS_MAX];     // calls that somebody has a rule for that is not about every ABI
  bool done[CALLS_MAX];        // calls that were looked at where nothing of it matters
  bool all_abis;               // everybody decides the same ABIs, and names them by calls only
  bool differs;                // `compiled` from `written`, somewhere
  struct diagram_store *store; // NULL until it is used
  struct diagram_rule *rules;  // of one number
  size_t rule_count, rule_room;
};

static void
asked_add_rule(struct asked *asked, const struct rule *rule) {
  if (rule->call == CALL_NONE) {
    asked->numbers = asked->numbers || rule->test_count > 0;
    asked->all_abis = false;
    return;
  }
  asked->calls[rule->call] = asked->calls[rule->call] || rule->test_count > 0;
  asked->on_abis[rule->call] = asked->on_abis[rule->call] || (rule->abis != 0 && rule->abis != ABI_ALL);
}

static void
asked_add(struct asked *asked, const struct policy *policy, unsigned abis) {
  if (policy == NULL)
    return;
  asked->all_abis = asked->all_abis && policy->abis == abis;
  for (size_t i = 0; i < policy->layer_count; i++)
    asked->all_abis = asked->all_abis && policy->layers[i].newer.kind == ACTION_NONE;
  for (size_t i = 0; i < policy->rule_count; i++)
    asked_add_rule(asked, &policy->rules[i]);
}

static bool
is_asked(const struct asked *asked, enum abi abi, uint32_t number) {
  call_t call = calls_at(abi, number);
  return asked->numbers || is_multiplexed(abi, number) || (call != CALL_NONE && asked->calls[call]);
}

// ---- The text may need very many tests for what the policy says with few. Then both are held against each other as
// diagrams, and asked where the policy and the engine's profile could change their minds.

#define POINTS_TESTS_MAX 48

static size_t
count_tests(const struct policy *policy, enum abi abi, uint32_t number) {
  call_t call = calls_at(abi, number);
  size_t count = 0;
  for (size_t i = 0; i < policy->rule_count; i++)
    if (policy->rules[i].call == call)
      count += policy->rules[i].test_count;
  return count;
}

struct collecting {
  struct asked *asked;
  const struct policy *policy;
  bool failed;
};

// Not of a multiplexer.
static bool
collect_rule(void *context, const struct candidate *candidate) {
  struct collecting *collecting = context;
  struct asked *asked = collecting->asked;
  const struct rule *rule = candidate->rule;
  struct diagram_rule *rules = array_grow(asked->rules, &asked->rule_room, asked->rule_count + 1, 128, sizeof *rules);
  collecting->failed = rules == NULL;
  if (rules == NULL)
    return false;
  asked->rules = rules;
  rules[asked->rule_count++] = (struct diagram_rule){
      rule->test_count == 0 ? NULL : collecting->policy->tests + rule->first_test, rule->test_count, rule->action};
  return true;
}

static diagram_t
number_diagram(struct asked *asked, const struct policy *policy, enum abi abi, uint32_t number, bool *failed) {
  struct collecting collecting = {asked, policy, false};
  diagram_t all = diagram_action(policy->foreign);
  for (size_t i = 0; i < policy->layer_count && (policy->abis & ABI_BIT(abi)) != 0; i++) {
    const struct layer *layer = &policy->layers[i];
    asked->rule_count = 0;
    policy_candidates(policy, layer, abi, number, collect_rule, &collecting);
    diagram_t one = diagram_rules(asked->store, asked->rules, asked->rule_count, NULL);
    one = diagram_first(asked->store, one, diagram_action(layer_otherwise(layer, abi, number)));
    all = i == 0 ? one : diagram_stricter(asked->store, all, one);
  }
  *failed = *failed || collecting.failed;
  return all;
}

// Where the upper halves of all arguments are zero; from the last argument to the first, as diagrams are ordered.
static diagram_t
lower_halves(struct diagram_store *store) {
  diagram_t all = diagram_action((struct action){ACTION_ALLOW, 0});
  for (unsigned i = 6; i-- > 0;) {
    const struct test test = {i, 64, TEST_EQ, UINT64_MAX << 32, 0};
    all = diagram_test(store, &test, all);
  }
  return all;
}

static int
check_diagrams(const struct seccomp_check *check, struct asked *asked, enum abi abi, uint32_t number, struct error *e) {
  struct diagram_store *store = asked->store;
  bool failed = false;
  diagram_store_reset(store);
  diagram_t written = number_diagram(asked, check->written, abi, number, &failed);
  diagram_t merged = number_diagram(asked, check->merged, abi, number, &failed);
  diagram_t looked_at = abi == ABI_NATIVE ? diagram_action((struct action){ACTION_ALLOW, 0}) : lower_halves(store);
  bool same = diagram_both(store, looked_at, written) == diagram_both(store, looked_at, merged);
  if (check->compiled != NULL && number_diagram(asked, check->compiled, abi, number, &failed) != written)
    asked->differs = true;
  if (failed || diagram_store_failed(store))
    return refuse(abi, number, "has too many cases to be checked", e);
  return same ? 0 : refuse(abi, number, "would not be what was meant", e);
}

// Likewise, with the store that serves all of them.
static int
check_many(const struct seccomp_check *check, struct asked *asked, enum abi abi, uint32_t number, struct error *e) {
  if (asked->store == NULL)
    asked->store = diagram_store_new();
  return asked->store == NULL ? error_memory(e, ERROR_POLICY) : check_diagrams(check, asked, abi, number, e);
}

static void
compare_compiled(const struct seccomp_check *check, struct asked *asked, enum abi abi, uint32_t number,
                 const uint64_t args[6], struct action written) {
  if (check->compiled != NULL && !action_equal(policy_decide(check->compiled, abi, number, args).action, written))
    asked->differs = true;
}

// True the second time for a call that all sides name, with no word about ABIs: all of them say the same of it again.
static bool
is_done(const struct seccomp_check *check, struct asked *asked, enum abi abi, uint32_t number) {
  call_t call = calls_at(abi, number);
  if (!asked->all_abis || call == CALL_NONE || asked->on_abis[call] || (check->written->abis & ABI_BIT(abi)) == 0)
    return false;
  bool done = asked->done[call];
  asked->done[call] = true;
  return done;
}

// No test is looked at.
static int
check_plain(const struct seccomp_check *check, struct asked *asked, enum abi abi, uint32_t number, struct error *e) {
  static const uint64_t zeros[6];
  if (is_done(check, asked, abi, number))
    return 0;
  const struct action written = policy_decide(check->written, abi, number, zeros).action;
  compare_compiled(check, asked, abi, number, zeros, written);
  return check_point(check, abi, number, zeros, written, e);
}

// What the program decides is compared with the upper halves, too.
static int
check_tested(const struct seccomp_check *check, struct asked *asked, enum abi abi, uint32_t number, uint64_t args[6],
             struct error *e) {
  struct action written = policy_decide(check->written, abi, number, args).action;
  compare_compiled(check, asked, abi, number, args, written);
  if (abi != ABI_NATIVE) {
    for (size_t i = 0; i < 6; i++)
      args[i] &= UINT32_MAX;
    written = policy_decide(check->written, abi, number, args).action;
  }
  return check_point(check, abi, number, args, written, e);
}

// The tests of the policy and of the engine's profile are those of `merged`.
static int
check_number(const struct seccomp_check *check, struct asked *asked, enum abi abi, uint32_t number, struct error *e) {
  static struct points points;
  uint32_t words[POINT_WORDS];
  uint64_t args[6];
  if (!is_asked(asked, abi, number))
    return check_plain(check, asked, abi, number, e);
  bool many = !is_multiplexed(abi, number) && count_tests(check->written, abi, number) > POINTS_TESTS_MAX;
  points_clear(&points);
  if (!many)
    gather(&points, check->written, abi, number);
  gather(&points, check->merged, abi, number);
  gather(&points, check->in_force, abi, number);
  gather(&points, check->compiled, abi, number);
  if (many && check_many(check, asked, abi, number, e) != 0)
    return -1;
  if (!points_first(&points, words))
    return refuse(abi, number, "has too many cases to be checked", e);
  do {
    points_arguments(words, args);
    if (check_tested(check, asked, abi, number, args, e) != 0)
      return -1;
  } while (points_next(&points, words));
  return 0;
}

// Steps behind all that is below `number`; returns the lowest that is left, or `end`.
static uint64_t
row_from(struct row *row, uint64_t number, uint64_t end) {
  while (row->at < row->count && row->numbers[row->at] < number)
    row->at++;
  return row->at < row->count && row->numbers[row->at] < end ? row->numbers[row->at] : end;
}

static void
rows_fill(const struct seccomp_check *check, enum abi abi, struct row rows[ROWS]) {
  rows[ROW_WRITTEN].numbers = policy_numbers(check->written, abi, &rows[ROW_WRITTEN].count);
  rows[ROW_MERGED].numbers = policy_numbers(check->merged, abi, &rows[ROW_MERGED].count);
  if (check->in_force != NULL)
    rows[ROW_ENGINE].numbers = policy_numbers(check->in_force, abi, &rows[ROW_ENGINE].count);
  rows[ROW_EDGES].numbers = calls_newer_edges(abi, &rows[ROW_EDGES].count);
}

// Numbers first..last: each one that a rule names, and one of each stretch between.
static int
check_range(const struct seccomp_check *check, struct asked *asked, enum abi abi, uint32_t first, uint32_t last,
            struct error *e) {
  struct row rows[ROWS] = {{0}};
  rows_fill(check, abi, rows);
  for (uint64_t number = first, next; number <= last; number = next) {
    uint64_t end = (uint64_t)last + 1;
    bool named = false;
    for (size_t i = 0; i < ROW_EDGES && !named; i++)
      named = row_from(&rows[i], number, end) == number;
    next = named ? number + 1 : end;
    for (size_t i = 0; i < ROWS && !named; i++)
      next = row_from(&rows[i], number + 1, next);
    if (check_number(check, asked, abi, (uint32_t)number, e) != 0)
      return -1;
  }
  return 0;
}

// What abi_of() gives to each ABI. Foreign architectures get the same from all: there is one answer.
static const struct range {
  enum abi abi;
  uint32_t first, last;
} ranges[] = {
    {ABI_X86_64, 0, X32_BIT - 1},
    {ABI_X86_64, UINT32_MAX, UINT32_MAX},
    {ABI_X32, X32_BIT, UINT32_MAX - 1},
    {ABI_I386, 0, UINT32_MAX},
};

int
seccomp_check(const struct seccomp_check *check, bool *compiled_same, struct error *e) {
  const struct policy *const all[] = {check->written, check->merged,   check->policy,
                                      check->engine,  check->in_force, check->compiled};
  struct asked asked = {.all_abis = true};
  int result = 0;
  asked.differs = check->compiled == NULL || !action_equal(check->compiled->foreign, check->written->foreign);
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    asked_add(&asked, all[i], check->written->abis);
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0] && result == 0; i++)
    result = check_range(check, &asked, ranges[i].abi, ranges[i].first, ranges[i].last, e);
  diagram_store_free(asked.store);
  free(asked.rules);
  *compiled_same = result == 0 && !asked.differs;
  return result;
}
