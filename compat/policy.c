// SPDX-License-Identifier: LGPL-2.1-or-later
// policy.c - the policy value, and the specification of what it means.
#include "compat/policy.h"
#include "compat/array.h"
#include <stdlib.h>
#include <string.h>

#define NO_RULE UINT16_MAX
_Static_assert(POLICY_RULES_MAX < NO_RULE, "rule indexes fit in 16 bits");

// Numbers below this are collected in a bitmap; raw numbers above it are few and sorted.
#define SMALL_NUMBERS 2048

// Rules of one layer that are about one call form a chain, in order.
struct policy_index {
  uint16_t *next; // by rule: the next one of its chain
  uint32_t *numbers[ABI_COUNT];
  size_t number_count[ABI_COUNT];
  uint16_t first_of_numbers[POLICY_LAYERS_MAX];         // rules about bare numbers
  uint16_t first_of_call[POLICY_LAYERS_MAX][CALLS_MAX]; // filled for the layers that exist
};

struct policy *
policy_new(void) {
  struct policy *policy = calloc(1, sizeof *policy);
  if (policy == NULL)
    return NULL;
  policy->abis = ABI_ALL;
  policy->foreign = (struct action){ACTION_KILL_PROCESS, 0};
  policy->no_new_privs = true;
  policy->isolate_peers = ISOLATE_PEERS_AUTO;
  return policy;
}

void
policy_free(struct policy *policy) {
  if (policy == NULL)
    return;
  if (policy->index != NULL) {
    for (int abi = 0; abi < ABI_COUNT; abi++)
      free(policy->index->numbers[abi]);
    free(policy->index->next);
    free(policy->index);
  }
  free(policy->rules);
  free(policy->tests);
  free(policy->listener_path);
  free(policy->listener_metadata);
  policy_free(policy->startup);
  free(policy);
}

// A long list names a few hundred calls: one allocation does for most policies, and pages that are not written to cost
// nothing.
#define ROOM_FIRST 1024

int
policy_add_layer(struct policy *policy, struct action otherwise, struct source_pos at, struct error *e) {
  if (policy->layer_count == POLICY_LAYERS_MAX)
    return error_set(e, ERROR_POLICY, at, "a policy has at most %d layers", POLICY_LAYERS_MAX);
  policy->layers[policy->layer_count++] =
      (struct layer){.otherwise = otherwise, .otherwise_at = at, .first_rule = (uint32_t)policy->rule_count};
  return 0;
}

static bool
test_is_valid(const struct test *test) {
  if (test->argument > 5 || test->op == TEST_NONE)
    return false;
  return test->width == 64 || (test->width == 32 && test->mask <= UINT32_MAX && test->value <= UINT32_MAX);
}

// For one more rule with `count` tests.
static bool
make_room(struct policy *policy, size_t count) {
  struct rule *rules = array_grow(policy->rules, &policy->rule_room, policy->rule_count + 1, ROOM_FIRST, sizeof *rules);
  if (rules == NULL)
    return false;
  policy->rules = rules;
  if (count == 0)
    return true;
  struct test *tests =
      array_grow(policy->tests, &policy->test_room, policy->test_count + count, ROOM_FIRST, sizeof *tests);
  if (tests == NULL)
    return false;
  policy->tests = tests;
  return true;
}

int
policy_add_rule(struct policy *policy, const struct rule *rule, const struct test *tests, size_t count,
                struct error *e) {
  if (policy->layer_count == 0 || policy->rule_count == POLICY_RULES_MAX
      || count > POLICY_TESTS_MAX - policy->test_count)
    return error_set(e, ERROR_POLICY, rule->at, "too many rules: at most %d, with %d tests", POLICY_RULES_MAX,
                     POLICY_TESTS_MAX);
  if (rule->call == CALL_NONE && rule->number >= X32_BIT)
    return error_set(e, ERROR_POLICY, rule->at, "%u is no system call number: they are below %u", rule->number,
                     X32_BIT);
  if ((rule->abis & ~(unsigned)ABI_ALL) != 0)
    return error_set(e, ERROR_POLICY, rule->at, "a rule is about an ABI that there is not");
  for (size_t i = 0; i < count; i++)
    if (!test_is_valid(&tests[i]))
      return error_set(e, ERROR_POLICY, rule->at, "an argument test is out of range");
  if (!make_room(policy, count))
    return error_memory(e, ERROR_POLICY);
  struct rule *added = &policy->rules[policy->rule_count++];
  *added = *rule;
  added->first_test = (uint32_t)policy->test_count;
  added->test_count = (uint32_t)count;
  if (count > 0)
    memcpy(policy->tests + policy->test_count, tests, count * sizeof *tests);
  policy->test_count += count;
  policy->layers[policy->layer_count - 1].rule_count++;
  return 0;
}

// Chains are built from the last rule to the first, so that each ends up in order.
static void
index_layer(const struct policy *policy, struct policy_index *index, size_t layer) {
  memset(index->first_of_call[layer], 0xff, sizeof index->first_of_call[layer]);
  index->first_of_numbers[layer] = NO_RULE;
  size_t first = policy->layers[layer].first_rule;
  for (size_t i = first + policy->layers[layer].rule_count; i-- > first;) {
    call_t call = policy->rules[i].call;
    uint16_t *head = call == CALL_NONE ? &index->first_of_numbers[layer] : &index->first_of_call[layer][call];
    index->next[i] = *head;
    *head = (uint16_t)i;
  }
}

struct number_set {
  uint64_t small[SMALL_NUMBERS / 64];
  uint32_t *large;
  size_t large_count;
};

static void
number_set_add(struct number_set *set, uint32_t number) {
  if (number < SMALL_NUMBERS)
    set->small[number / 64] |= (uint64_t)1 << (number % 64);
  else
    set->large[set->large_count++] = number;
}

static int
compare_numbers(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static bool
rule_is_on(const struct rule *rule, enum abi abi) {
  return rule->abis == 0 || (rule->abis & ABI_BIT(abi)) != 0;
}

// The numbers of all rules on one ABI, without X32_BIT.
static void
number_set_collect(struct number_set *set, const struct policy *policy, enum abi abi) {
  for (size_t i = 0; i < policy->rule_count; i++) {
    const struct rule *rule = &policy->rules[i];
    const struct multiplexer *multiplexer;
    uint32_t number, value;
    if (!rule_is_on(rule, abi))
      continue;
    if (rule->call == CALL_NONE) {
      number_set_add(set, rule->number);
      continue;
    }
    if (calls_number(rule->call, abi, &number))
      number_set_add(set, abi == ABI_X32 ? number & ~X32_BIT : number);
    if (abi == ABI_I386 && multiplexer_of(rule->call, &multiplexer, &value))
      number_set_add(set, multiplexer->number);
  }
}

// set -> rising list without repeats in out[]; returns how many.
static size_t
number_set_list(struct number_set *set, uint32_t bit, uint32_t *out) {
  size_t count = 0;
  for (size_t word = 0; word < SMALL_NUMBERS / 64; word++)
    for (uint64_t bits = set->small[word]; bits != 0; bits &= bits - 1)
      out[count++] = (uint32_t)(word * 64 + (size_t)__builtin_ctzll(bits)) | bit;
  if (set->large_count > 0)
    qsort(set->large, set->large_count, sizeof *set->large, compare_numbers);
  for (size_t i = 0; i < set->large_count; i++)
    if (i == 0 || set->large[i] != set->large[i - 1])
      out[count++] = set->large[i] | bit;
  return count;
}

static int
index_numbers(const struct policy *policy, struct policy_index *index, struct error *e) {
  uint32_t *large = malloc((2 * policy->rule_count + 1) * sizeof *large);
  if (large == NULL)
    return error_memory(e, ERROR_POLICY);
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    struct number_set set = {.large = large};
    index->numbers[abi] = malloc((2 * policy->rule_count + 1) * sizeof *index->numbers[abi]);
    if (index->numbers[abi] == NULL) {
      free(large);
      return error_memory(e, ERROR_POLICY);
    }
    number_set_collect(&set, policy, abi);
    index->number_count[abi] = number_set_list(&set, abi == ABI_X32 ? X32_BIT : 0, index->numbers[abi]);
  }
  free(large);
  return 0;
}

int
policy_seal(struct policy *policy, struct error *e) {
  struct policy_index *index = malloc(sizeof *index);
  if (index == NULL)
    return error_memory(e, ERROR_POLICY);
  memset(index->numbers, 0, sizeof index->numbers);
  policy->index = index;
  index->next = malloc((policy->rule_count + 1) * sizeof *index->next);
  if (index->next == NULL)
    return error_memory(e, ERROR_POLICY);
  for (size_t layer = 0; layer < policy->layer_count; layer++)
    index_layer(policy, index, layer);
  return index_numbers(policy, index, e);
}

// One chain of rules that are about the number in question, directly or through a multiplexer.
struct chain {
  uint16_t rule; // the next one, NO_RULE at the end
  bool bare;     // rules about bare numbers: all but those about `number` are stepped over
  bool inside;   // reached through `through`, chosen by `choice`
  const struct multiplexer *through;
  uint32_t choice;
};

// Chains of one number: the call itself, bare numbers, and with arguments at hand the one call inside a multiplexer
// that they choose.
#define CHAINS_FEW 3
// Without arguments, every call inside.
#define CHAINS_ALL (2 + 32)

struct walk {
  const struct policy *policy;
  enum abi abi;
  uint32_t bare_number;
  struct chain *chains; // the caller's; small, because most numbers have one and this runs for every number of a policy
  size_t count;
};

static void
walk_add(struct walk *walk, struct chain chain) {
  if (chain.rule != NO_RULE)
    walk->chains[walk->count++] = chain;
}

static void
walk_add_inside(struct walk *walk, size_t layer, const struct multiplexer *through, uint32_t choice) {
  if (choice >= through->inner_count || through->inner[choice] == CALL_NONE)
    return;
  walk_add(walk, (struct chain){.rule = walk->policy->index->first_of_call[layer][through->inner[choice]],
                                .inside = true,
                                .through = through,
                                .choice = choice});
}

// Sets out on the rules of `layer` for one number. With `args`, of the calls inside a multiplexer only the chosen one.
static void
walk_start(struct walk *walk, const struct policy *policy, size_t layer, enum abi abi, uint32_t number,
           const uint64_t *args) {
  const struct policy_index *index = policy->index;
  walk->policy = policy;
  walk->abi = abi;
  walk->bare_number = abi == ABI_X32 ? number & ~X32_BIT : number;
  walk->count = 0;
  call_t call = calls_at(abi, number);
  if (call != CALL_NONE)
    walk_add(walk, (struct chain){.rule = index->first_of_call[layer][call]});
  walk_add(walk, (struct chain){.rule = index->first_of_numbers[layer], .bare = true});
  const struct multiplexer *through = abi == ABI_I386 ? multiplexer_at(number) : NULL;
  if (through == NULL)
    return;
  if (args != NULL) {
    walk_add_inside(walk, layer, through, (uint32_t)args[0] & through->mask);
    return;
  }
  for (uint32_t choice = 0; choice < through->inner_count; choice++)
    walk_add_inside(walk, layer, through, choice);
}

// The next rule in order, over all chains; false at the end.
static bool
walk_next(struct walk *walk, struct candidate *out) {
  for (;;) {
    struct chain *least = NULL;
    for (size_t i = 0; i < walk->count; i++)
      if (walk->chains[i].rule != NO_RULE && (least == NULL || walk->chains[i].rule < least->rule))
        least = &walk->chains[i];
    if (least == NULL)
      return false;
    const struct rule *rule = &walk->policy->rules[least->rule];
    least->rule = walk->policy->index->next[least->rule];
    if (!rule_is_on(rule, walk->abi) || (least->bare && rule->number != walk->bare_number))
      continue;
    // What a multiplexed call asks for lies in memory: a rule with tests counts there only if it refuses.
    if (least->inside && rule->test_count > 0 && !action_refuses(rule->action))
      continue;
    *out = (struct candidate){.rule = rule,
                              .chosen = least->inside,
                              .choice_mask = least->inside ? least->through->mask : 0,
                              .choice = least->choice,
                              .tests_hidden = least->inside};
    return true;
  }
}

bool
test_holds(const struct test *test, const uint64_t args[6]) {
  uint64_t value = args[test->argument];
  if (test->width == 32)
    value &= 0xffffffffu;
  value &= test->mask;
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
  return false;
}

bool
policy_rule_holds(const struct policy *policy, const struct rule *rule, const uint64_t args[6]) {
  for (uint32_t i = 0; i < rule->test_count; i++)
    if (!test_holds(&policy->tests[rule->first_test + i], args))
      return false;
  return true;
}

struct action
layer_otherwise(const struct layer *layer, enum abi abi, uint32_t number) {
  return layer->newer.kind != ACTION_NONE && calls_is_newer(abi, number) ? layer->newer : layer->otherwise;
}

// Most numbers are decided by one chain: true, and where it begins. False where bare numbers or a multiplexer have a
// say too.
static bool
number_has_one_chain(const struct policy *policy, size_t layer, enum abi abi, uint32_t number, uint16_t *first) {
  const struct policy_index *index = policy->index;
  if (index->first_of_numbers[layer] != NO_RULE || (abi == ABI_I386 && multiplexer_at(number) != NULL))
    return false;
  call_t call = calls_at(abi, number);
  *first = call == CALL_NONE ? NO_RULE : index->first_of_call[layer][call];
  return true;
}

static struct decision
layer_decide_walking(const struct policy *policy, size_t layer, enum abi abi, uint32_t number, const uint64_t args[6]) {
  struct chain chains[CHAINS_FEW];
  struct walk walk = {.chains = chains};
  struct candidate candidate;
  walk_start(&walk, policy, layer, abi, number, args);
  while (walk_next(&walk, &candidate))
    if (candidate.tests_hidden
        || policy_rule_holds(policy, candidate.rule, args)) // walk_start() chose the call inside by args[0]
      return (struct decision){candidate.rule->action, candidate.rule, &policy->layers[layer]};
  return (struct decision){layer_otherwise(&policy->layers[layer], abi, number), NULL, &policy->layers[layer]};
}

static struct decision
layer_decide(const struct policy *policy, size_t layer, enum abi abi, uint32_t number, const uint64_t args[6]) {
  uint16_t at;
  if (!number_has_one_chain(policy, layer, abi, number, &at))
    return layer_decide_walking(policy, layer, abi, number, args);
  for (; at != NO_RULE; at = policy->index->next[at])
    if (rule_is_on(&policy->rules[at], abi) && policy_rule_holds(policy, &policy->rules[at], args))
      return (struct decision){policy->rules[at].action, &policy->rules[at], &policy->layers[layer]};
  return (struct decision){layer_otherwise(&policy->layers[layer], abi, number), NULL, &policy->layers[layer]};
}

struct decision
policy_decide(const struct policy *policy, enum abi abi, uint32_t number, const uint64_t args[6]) {
  struct decision decision = {{ACTION_ALLOW, 0}, NULL, NULL};
  uint64_t low[6];
  for (size_t i = 0; abi == ABI_I386 && i < 6; i++)
    low[i] = (uint32_t)args[i];
  args = abi == ABI_I386 ? low : args;
  if (abi == ABI_NONE || (policy->abis & ABI_BIT(abi)) == 0)
    decision.action = policy->foreign;
  else
    for (size_t layer = 0; layer < policy->layer_count; layer++) {
      struct decision next = layer_decide(policy, layer, abi, number, args);
      if (layer == 0 || next.action.kind > decision.action.kind)
        decision = next;
    }
  if (policy->permissive && action_refuses(decision.action))
    decision.action = (struct action){ACTION_LOG, 0};
  return decision;
}

// What refuses whatever the program does. `trace` does not, as a program can be the tracer of its own children; nor
// does `notify`, as the listener can let the call go on.
static bool
action_refuses_always(struct action action) {
  return action_refuses(action) && action.kind != ACTION_TRACE && action.kind != ACTION_NOTIFY;
}

// A layer refuses always if no rule that lets the call through can come first.
static bool
layer_always_refuses(const struct policy *policy, size_t layer, enum abi abi, uint32_t number) {
  struct chain chains[CHAINS_ALL];
  struct walk walk = {.chains = chains};
  struct candidate candidate;
  walk_start(&walk, policy, layer, abi, number, NULL);
  while (walk_next(&walk, &candidate)) {
    if (!action_refuses_always(candidate.rule->action))
      return false;
    if (candidate.rule->test_count == 0 && !candidate.chosen)
      return true;
  }
  return action_refuses_always(layer_otherwise(&policy->layers[layer], abi, number));
}

bool
policy_always_refuses(const struct policy *policy, call_t call) {
  if (policy->permissive)
    return false;
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    uint32_t number;
    bool refused = (policy->abis & ABI_BIT(abi)) == 0 || !calls_number(call, abi, &number);
    for (size_t layer = 0; layer < policy->layer_count && !refused; layer++)
      refused = layer_always_refuses(policy, layer, abi, number);
    if (!refused)
      return false;
  }
  return true;
}

bool
policy_notifies(const struct policy *policy) {
  bool notifies = policy->foreign.kind == ACTION_NOTIFY;
  for (size_t i = 0; i < policy->layer_count; i++)
    notifies |= policy->layers[i].otherwise.kind == ACTION_NOTIFY || policy->layers[i].newer.kind == ACTION_NOTIFY;
  for (size_t i = 0; i < policy->rule_count; i++)
    notifies |= policy->rules[i].action.kind == ACTION_NOTIFY;
  return notifies && !policy->permissive;
}

static void
visit_walking(const struct policy *policy, size_t layer, enum abi abi, uint32_t number,
              bool (*visit)(void *context, const struct candidate *candidate), void *context) {
  struct chain chains[CHAINS_ALL];
  struct walk walk = {.chains = chains};
  struct candidate candidate;
  walk_start(&walk, policy, layer, abi, number, NULL);
  while (walk_next(&walk, &candidate))
    if (!visit(context, &candidate))
      return;
}

void
policy_candidates(const struct policy *policy, const struct layer *layer, enum abi abi, uint32_t number,
                  bool (*visit)(void *context, const struct candidate *candidate), void *context) {
  size_t index = (size_t)(layer - policy->layers);
  uint16_t at;
  if (!number_has_one_chain(policy, index, abi, number, &at)) {
    visit_walking(policy, index, abi, number, visit, context);
    return;
  }
  for (; at != NO_RULE; at = policy->index->next[at])
    if (rule_is_on(&policy->rules[at], abi) && !visit(context, &(struct candidate){.rule = &policy->rules[at]}))
      return;
}

const uint32_t *
policy_numbers(const struct policy *policy, enum abi abi, size_t *count) {
  *count = policy->index->number_count[abi];
  return policy->index->numbers[abi];
}
