// SPDX-License-Identifier: LGPL-2.1-or-later
// seccomp_check.c - asks all of them at every point where one could change its mind.
#include "hook/seccomp_check.h"
#include "compat/rule_list.h"
#include "runner/points.h"

// Whoever has a say, as in struct seccomp_check. Each may be the one that is wrong: so all their numbers are walked,
// and all their tests are looked at.
enum { SIDE_WRITTEN, SIDE_MERGED, SIDE_POLICY, SIDE_ENGINE, SIDE_IN_FORCE, SIDE_COMPILED, SIDES };

// Rows of numbers that are walked at once: theirs, and where the newer ones begin and end.
enum { ROW_EDGES = SIDES, ROWS };

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

// Architectures that the text does not list get kill-thread, and nothing can make that stricter.
static bool
is_weaker_than_policy(const struct seccomp_check *check, enum abi abi, uint32_t number, const uint64_t args[6],
                      struct action written) {
  const struct policy *policy = check->policy != NULL ? check->policy : check->merged;
  return (check->written->abis & ABI_BIT(abi)) != 0
         && is_weaker(written, policy_decide(policy, abi, number, args).action);
}

// `merged` is not believed: the text is held against what that was made of, too.
static int
check_point(const struct seccomp_check *check, enum abi abi, uint32_t number, const uint64_t args[6],
            struct action written, struct error *e) {
  const struct policy *before = check->in_force != NULL ? check->in_force : check->engine;
  if (before != NULL && is_weaker(written, policy_decide(before, abi, number, args).action))
    return refuse(abi, number, "would be weaker than the engine's own", e);
  if (is_weaker_than_policy(check, abi, number, args, written))
    return refuse(abi, number, "would be weaker than the policy", e);
  if (!is_multiplexed(abi, number) && !action_equal(written, policy_decide(check->merged, abi, number, args).action))
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
  const struct policy *sides[SIDES]; // NULL: has none
  bool calls[CALLS_MAX];
  bool numbers;                // by a rule on a bare number
  bool on_abis[CALLS_MAX];     // calls that somebody has a rule for that is not about every ABI
  bool done[CALLS_MAX];        // calls that were looked at where nothing of it matters
  bool all_abis;               // everybody decides the same ABIs, and names them by calls only
  bool differs;                // `compiled` from `written`, somewhere
  struct diagram_store *store; // NULL until it is used
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

typedef diagram_t layer_diagram(struct diagram_store *store, const struct rule_list *list);

static diagram_t
number_diagram(struct diagram_store *store, const struct policy *policy, enum abi abi, uint32_t number,
               layer_diagram *make, bool *failed) {
  diagram_t all = diagram_action(policy->foreign);
  for (size_t i = 0; i < policy->layer_count && (policy->abis & ABI_BIT(abi)) != 0; i++) {
    const struct layer *layer = &policy->layers[i];
    struct rule_list list = {.count = 0};
    *failed = !rule_list_collect(&list, policy, layer, abi, number, NO_CHOICE) || *failed;
    diagram_t one = diagram_first(store, make(store, &list), diagram_action(layer_otherwise(layer, abi, number)));
    all = i == 0 ? one : diagram_stricter(store, all, one);
    rule_list_clear(&list);
  }
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

// The text was written by means of diagram_rules(), so what was meant is put together in another way.
static int
check_diagrams(const struct seccomp_check *check, struct asked *asked, enum abi abi, uint32_t number, struct error *e) {
  struct diagram_store *store = asked->store;
  bool failed = false;
  diagram_store_reset(store);
  diagram_t written = number_diagram(store, check->written, abi, number, rule_list_joined, &failed);
  diagram_t merged = number_diagram(store, check->merged, abi, number, rule_list_diagram, &failed);
  diagram_t looked_at = abi == ABI_NATIVE ? diagram_action((struct action){ACTION_ALLOW, 0}) : lower_halves(store);
  bool same = diagram_both(store, looked_at, written) == diagram_both(store, looked_at, merged);
  if (check->compiled != NULL
      && number_diagram(store, check->compiled, abi, number, rule_list_diagram, &failed) != written)
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

static int
check_number(const struct seccomp_check *check, struct asked *asked, enum abi abi, uint32_t number, struct error *e) {
  static struct points points;
  uint32_t words[POINT_WORDS];
  uint64_t args[6];
  if (!is_asked(asked, abi, number))
    return check_plain(check, asked, abi, number, e);
  bool many = !is_multiplexed(abi, number) && count_tests(check->written, abi, number) > POINTS_TESTS_MAX;
  points_clear(&points);
  for (size_t i = many ? SIDE_WRITTEN + 1 : 0; i < SIDES; i++)
    gather(&points, asked->sides[i], abi, number);
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
rows_fill(const struct policy *const sides[SIDES], enum abi abi, struct row rows[ROWS]) {
  for (size_t i = 0; i < SIDES; i++)
    if (sides[i] != NULL)
      rows[i].numbers = policy_numbers(sides[i], abi, &rows[i].count);
  rows[ROW_EDGES].numbers = calls_newer_edges(abi, &rows[ROW_EDGES].count);
}

// Numbers first..last: each one that a rule names, and one of each stretch between.
static int
check_range(const struct seccomp_check *check, struct asked *asked, enum abi abi, uint32_t first, uint32_t last,
            struct error *e) {
  struct row rows[ROWS] = {{0}};
  rows_fill(asked->sides, abi, rows);
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
  struct asked asked = {
      .sides = {check->written, check->merged, check->policy, check->engine, check->in_force, check->compiled},
      .all_abis = true};
  int result = 0;
  asked.differs = check->compiled == NULL || !action_equal(check->compiled->foreign, check->written->foreign);
  for (size_t i = 0; i < SIDES; i++)
    asked_add(&asked, asked.sides[i], check->written->abis);
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0] && result == 0; i++)
    result = check_range(check, &asked, ranges[i].abi, ranges[i].first, ranges[i].last, e);
  diagram_store_free(asked.store);
  *compiled_same = result == 0 && !asked.differs;
  return result;
}
