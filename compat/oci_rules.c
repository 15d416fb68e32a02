// SPDX-License-Identifier: LGPL-2.1-or-later
// oci_rules.c - what a policy does with each call, as rules that need no order.
//
// A diagram (diagram.h) of all layers says what happens to the arguments of a call. Each way through it that does not
// end in the default action is a rule. JSON names calls and no ABIs, so all ABIs must agree.
#include "compat/oci_rules.h"
#include "compat/array.h"
#include "compat/diagram_rules.h"
#include "compat/oci_write.h"
#include <stdlib.h>
#include <string.h>

// Ways through one argument that are looked at; more than could be written.
#define WAYS_MAX 32768

// libseccomp misreads some rule sets with larger constants in "less" and "greater" (2.5.4, 2.6.1 and later): those
// are written with masks.
#define ORDERED_MAX ((uint64_t)1 << 31)

// What is too large for the stack.
struct room {
  struct cube ways[6][WAYS_MAX]; // for each argument
  struct diagram_rule rules[OCI_CUBES_MAX];
  struct test tests[OCI_CUBES_MAX][6];
  struct diagram_rule candidates[POLICY_RULES_MAX];
  struct test choices[POLICY_RULES_MAX];
};

struct maker {
  const struct policy *policy;
  enum oci_reader reader;
  struct oci_rules *out;
  struct diagram_store *store;
  struct room *room;
  call_t call;    // whose rules are being made
  size_t first;   // of them
  diagram_t kept; // what they are known to do in 32 bits; DIAGRAM_NONE: not known
  struct error *e;
};

// ---- What the policy says.

static struct source_pos
place_of(const struct policy *policy, call_t call) {
  for (size_t i = 0; i < policy->rule_count; i++)
    if (policy->rules[i].call == call)
      return policy->rules[i].at;
  return (struct source_pos){0};
}

static struct source_pos
place_of_number(const struct policy *policy, uint32_t number) {
  for (size_t i = 0; i < policy->rule_count; i++)
    if (policy->rules[i].call == CALL_NONE && policy->rules[i].number == number)
      return policy->rules[i].at;
  return (struct source_pos){0};
}

static struct test
choice_test(uint32_t mask, uint32_t choice) {
  return (struct test){.argument = 0, .width = 32, .op = TEST_EQ, .mask = mask, .value = choice};
}

struct reading {
  struct maker *maker;
  size_t count;
};

// A policy has no more rules, and a call inside a multiplexer is chosen by one value.
static bool
reading_add(void *context, const struct candidate *candidate) {
  struct reading *reading = context;
  const struct maker *maker = reading->maker;
  const struct rule *rule = candidate->rule;
  struct diagram_rule *one = &maker->room->candidates[reading->count];
  if (candidate->chosen) {
    maker->room->choices[reading->count] = choice_test(candidate->choice_mask, candidate->choice);
    *one = (struct diagram_rule){&maker->room->choices[reading->count], 1, rule->action};
  } else if (rule->test_count > 0)
    *one = (struct diagram_rule){maker->policy->tests + rule->first_test, rule->test_count, rule->action};
  else
    *one = (struct diagram_rule){NULL, 0, rule->action};
  reading->count++;
  return one->count > 0;
}

// What one number of one ABI gets.
static diagram_t
number_diagram(struct maker *maker, enum abi abi, uint32_t number) {
  const struct policy *policy = maker->policy;
  diagram_t all = diagram_action((struct action){ACTION_ALLOW, 0});
  for (size_t i = 0; i < policy->layer_count; i++) {
    const struct layer *layer = &policy->layers[i];
    struct reading reading = {maker, 0};
    policy_candidates(policy, layer, abi, number, reading_add, &reading);
    diagram_t one = diagram_rules(maker->store, maker->room->candidates, reading.count, NULL);
    one = diagram_first(maker->store, one, diagram_action(layer_otherwise(layer, abi, number)));
    all = i == 0 ? one : diagram_stricter(maker->store, all, one);
  }
  return all;
}

// ---- From a diagram to rules.

static int
refuse_size(const struct maker *maker) {
  return error_set(maker->e, ERROR_POLICY, place_of(maker->policy, maker->call),
                   "OCI JSON would need more than %d rules for what %s may be given: it takes fewer where the answer "
                   "to the rest is the default",
                   OCI_CUBES_MAX, calls_name(maker->call));
}

static int
add_rule(struct maker *maker, struct action action, const struct test *tests, size_t count) {
  struct oci_rules *out = maker->out;
  if (out->count - maker->first == OCI_CUBES_MAX)
    return refuse_size(maker);
  struct oci_rule *items = array_grow(out->items, &out->room, out->count + 1, OCI_CUBES_MAX, sizeof *items);
  if (items == NULL)
    return error_memory(maker->e, ERROR_POLICY);
  out->items = items;
  struct oci_rule *rule = &items[out->count++];
  *rule = (struct oci_rule){.call = maker->call, .action = action, .test_count = count};
  memcpy(rule->tests, tests, count * sizeof *tests);
  return 0;
}

// The values of one argument that go on alike.
struct share {
  diagram_t then;
  uint64_t size;      // how many values
  uint64_t low, high; // the smallest and the greatest
  uint64_t beyond;    // how many have bits in the upper half
  enum { SHARE_NEW, SHARE_COMPARED, SHARE_MASKED } form;
  bool beyond_written;
};

// All values that need more than 32 bits.
#define BEYOND (UINT64_MAX << 32)

struct shares {
  struct share items[OCI_CUBES_MAX + 1]; // more that are not the default could not be written
  size_t count;
};

static struct share *
share_find(struct shares *shares, diagram_t then) {
  for (size_t i = 0; i < shares->count; i++)
    if (shares->items[i].then == then)
      return &shares->items[i];
  if (shares->count == sizeof shares->items / sizeof shares->items[0])
    return NULL;
  shares->items[shares->count] = (struct share){.then = then, .low = UINT64_MAX};
  return &shares->items[shares->count++];
}

static bool
shares_make(struct shares *shares, const struct cube *ways, size_t count) {
  shares->count = 0;
  for (size_t i = 0; i < count; i++) {
    struct share *share = share_find(shares, ways[i].then);
    if (share == NULL)
      return false;
    uint64_t last = ways[i].value | ~ways[i].mask;
    // No mask is empty and no share is everything: a diagram looks at its argument. So no size overflows.
    share->size += (uint64_t)1 << __builtin_popcountll(~ways[i].mask);
    if ((ways[i].value & BEYOND) != 0)
      share->beyond += (uint64_t)1 << __builtin_popcountll(~ways[i].mask);
    share->low = ways[i].value < share->low ? ways[i].value : share->low;
    share->high = last > share->high ? last : share->high;
  }
  return true;
}

// If all other values are one: that one.
static bool
is_all_but_one(const struct shares *shares, const struct share *share, uint64_t *out) {
  if (shares->count != 2)
    return false;
  const struct share *other = share == &shares->items[0] ? &shares->items[1] : &shares->items[0];
  *out = other->low;
  return other->size == 1;
}

// True if one comparison tells the values of the share from all others; it goes into *out.
static bool
share_is_compared(const struct shares *shares, const struct share *share, struct test *out) {
  if (is_all_but_one(shares, share, &out->value))
    out->op = TEST_NE;
  else if (share->size == 1)
    return false;
  else if (share->low == 0 && share->high == share->size - 1 && share->size < ORDERED_MAX) {
    out->op = TEST_LT;
    out->value = share->size;
  } else if (share->high == UINT64_MAX && share->low == 0 - share->size && share->low < ORDERED_MAX) {
    out->op = TEST_GE;
    out->value = share->low;
  } else
    return false;
  return true;
}

static int add_ways(struct maker *maker, diagram_t diagram, struct test tests[6], size_t depth);

// The rules for a whole share, as one comparison. libseccomp 2.5.4 never comes back from some pairs of rules that go on
// after the same comparison other than "equal" (a0 >= 3 && a1 == 5, a0 >= 3 && a1 == 0x100000005): then the comparison
// is taken back, and all is written with masks.
static int
add_share(struct maker *maker, struct share *share, struct test tests[6], size_t depth) {
  size_t before = maker->out->count;
  share->form = SHARE_COMPARED;
  if (add_ways(maker, share->then, tests, depth + 1) != 0)
    return -1;
  if (maker->out->count - before > 1) {
    maker->out->count = before;
    share->form = SHARE_MASKED;
  }
  return 0;
}

// Where crun and runc read the rules, and for x86 or x32, too, they cut masks and constants to 32 bits: a mask of upper
// bits alone would match everything there. All that needs more bits is one comparison instead, which nothing there
// passes. True if it was written now, or before.
static bool
write_beyond(struct maker *maker, struct share *share, const struct cube *way, struct test tests[6], size_t depth,
             int *result) {
  const unsigned narrow = ABI_BIT(ABI_X32) | ABI_BIT(ABI_I386);
  struct action action;
  if (maker->reader != OCI_READER_RUNTIMES || (maker->policy->abis & narrow) == 0 || share->beyond != BEYOND
      || (way->value & BEYOND) == 0 || !diagram_is_action(way->then, &action))
    return false;
  tests[depth].op = TEST_GT;
  tests[depth].value = UINT32_MAX;
  *result = share->beyond_written ? 0 : add_ways(maker, way->then, tests, depth + 1);
  share->beyond_written = true;
  return true;
}

// The rules for one way through the argument of tests[depth], unless its share is written.
static int
add_way(struct maker *maker, struct shares *shares, const struct cube *way, struct test tests[6], size_t depth) {
  struct share *share = share_find(shares, way->then);
  struct test *test = &tests[depth];
  test->mask = UINT64_MAX;
  if (share->form == SHARE_NEW) {
    share->form = SHARE_MASKED;
    if (share_is_compared(shares, share, test) && add_share(maker, share, tests, depth) != 0)
      return -1;
  }
  int result;
  if (share->form == SHARE_COMPARED)
    return 0;
  if (write_beyond(maker, share, way, tests, depth, &result))
    return result;
  test->op = TEST_EQ;
  test->mask = way->mask;
  test->value = way->value;
  return add_ways(maker, way->then, tests, depth + 1);
}

// Those of what looks at an argument.
static int
split_ways(struct maker *maker, diagram_t diagram, struct test tests[6], size_t depth) {
  struct shares shares;
  struct cube *ways = maker->room->ways[depth];
  size_t count = diagram_cubes(maker->store, diagram, ways, WAYS_MAX);
  if (count == 0 || !shares_make(&shares, ways, count))
    return refuse_size(maker);
  tests[depth] = (struct test){diagram_argument(maker->store, diagram), 64, TEST_EQ, UINT64_MAX, 0};
  for (size_t i = 0; i < count; i++)
    if (add_way(maker, &shares, &ways[i], tests, depth) != 0)
      return -1;
  return 0;
}

// `tests` hold what is known about lower arguments. One step down for each argument, so at most six deep.
static int
add_ways(struct maker *maker, diagram_t diagram, struct test tests[6], size_t depth) {
  struct action action;
  if (!diagram_is_action(diagram, &action))
    return split_ways(maker, diagram, tests, depth);
  return action_equal(action, maker->out->otherwise) ? 0 : add_rule(maker, action, tests, depth);
}

// ---- What x86 and x32 make of the rules.
//
// crun and runc hand the tests to libseccomp, which on these looks at the lower halves of arguments, masks and values
// only. So does the kernel at most arguments there; but a test that no 32-bit value could pass would pass.

static struct diagram_rule
rule_in_32_bits(const struct oci_rule *rule, struct test tests[6]) {
  for (size_t i = 0; i < rule->test_count; i++) {
    const struct test *test = &rule->tests[i];
    tests[i] = (struct test){test->argument, 32, test->op, (uint32_t)test->mask, (uint32_t)test->value};
  }
  return (struct diagram_rule){tests, rule->test_count, rule->action};
}

// What the rules of the call do there; false if rules meet there, so that their order would tell.
static bool
call_in_32_bits(struct maker *maker, diagram_t *out) {
  const struct oci_rules *made = maker->out;
  const struct action whole = made->whole[maker->call];
  const size_t count = made->count - maker->first;
  struct room *room = maker->room;
  bool meet;
  for (size_t i = 0; i < count; i++)
    room->rules[i] = rule_in_32_bits(&made->items[maker->first + i], room->tests[i]);
  diagram_t all = diagram_rules(maker->store, room->rules, count, &meet);
  *out = diagram_first(maker->store, all, diagram_action(whole.kind != ACTION_NONE ? whole : made->otherwise));
  return !meet;
}

// Where the upper halves of all arguments are zero.
static diagram_t
is_32_bits(struct maker *maker) {
  diagram_t one = diagram_action((struct action){ACTION_ALLOW, 0});
  for (unsigned i = 6; i-- > 0;) {
    const struct test test = {i, 64, TEST_EQ, UINT64_MAX << 32, 0};
    one = diagram_test(maker->store, &test, one);
  }
  return one;
}

// True if the rules of the call do there what `want` says.
static bool
is_kept_in_32_bits(struct maker *maker, diagram_t want) {
  if (want == maker->kept)
    return true;
  diagram_t got, narrow = is_32_bits(maker);
  bool kept = call_in_32_bits(maker, &got)
              && diagram_both(maker->store, narrow, got) == diagram_both(maker->store, narrow, want);
  maker->kept = kept ? want : DIAGRAM_NONE;
  return kept;
}

// ---- Calls.

static int
check_action(const struct maker *maker, struct action action, struct source_pos at, const char *what) {
  if (action.kind == ACTION_NOTIFY && maker->policy->listener_path == NULL)
    return error_set(maker->e, ERROR_POLICY, at, "%s is handed to a listener, and the policy names none", what);
  if (action.kind == ACTION_ERRNO && action.data == ACTION_ERRNO_MAX)
    return error_set(maker->e, ERROR_POLICY, at, "%s gets errno %d: crun and runc take smaller ones only", what,
                     ACTION_ERRNO_MAX);
  return 0;
}

static int
check_call_action(const struct maker *maker, struct action action) {
  const char *name = calls_name(maker->call);
  if (action.kind != ACTION_NOTIFY && action.kind != ACTION_ERRNO)
    return 0;
  // It tells who listens by writing, with the filter on.
  if (action.kind == ACTION_NOTIFY && strcmp(name, "write") == 0)
    return error_set(maker->e, ERROR_POLICY, place_of(maker->policy, maker->call), "runc hands no write to a listener");
  if (action.kind == ACTION_ERRNO && action.data != ACTION_ERRNO_MAX)
    return 0;
  return check_action(maker, action, place_of(maker->policy, maker->call), name);
}

// Makes the rules of maker->call out of what it gets.
static int
write_call(struct maker *maker, diagram_t diagram) {
  struct oci_rules *out = maker->out;
  struct test tests[6];
  struct action action;
  if (diagram_is_action(diagram, &action)) {
    if (!action_equal(action, out->otherwise))
      out->whole[maker->call] = action;
    return action_equal(action, out->otherwise) ? 0 : check_call_action(maker, action);
  }
  if (add_ways(maker, diagram, tests, 0) != 0)
    return -1;
  for (size_t i = maker->first; i < out->count; i++)
    if (check_call_action(maker, out->items[i].action) != 0)
      return -1;
  return 0;
}

static int
check_store(const struct maker *maker) {
  if (!diagram_store_failed(maker->store))
    return 0;
  return error_set(maker->e, ERROR_POLICY, place_of(maker->policy, maker->call),
                   "the argument tests of %s are too many to be put in another order", calls_name(maker->call));
}

static void
start_call(struct maker *maker, call_t call) {
  diagram_store_reset(maker->store);
  maker->kept = DIAGRAM_NONE;
  maker->call = call;
  maker->first = maker->out->count;
}

static int
refuse_abis(const struct maker *maker, enum abi a, enum abi b) {
  return error_set(maker->e, ERROR_POLICY, place_of(maker->policy, maker->call),
                   "%s gets something else on %s than on %s; OCI JSON has one rule for all", calls_name(maker->call),
                   abi_name(b), abi_name(a));
}

static int
refuse_constants(const struct maker *maker, enum abi abi) {
  return error_set(maker->e, ERROR_POLICY, place_of(maker->policy, maker->call),
                   "crun and runc cut the constants that %s is compared with to 32 bits on %s, where they would mean "
                   "something else",
                   calls_name(maker->call), abi_name(abi));
}

// Holds what one ABI says against the rules that were made out of what `of` says. On x86 the upper halves of arguments
// do not count: only a program for x86-64 can set them, and the kernel does not look at them.
static int
check_abi(struct maker *maker, enum abi of, diagram_t base, enum abi abi, diagram_t own) {
  struct action action;
  if (check_store(maker) != 0)
    return -1;
  if (abi != ABI_I386 && own != base)
    return refuse_abis(maker, of, abi);
  if (own == base && diagram_is_action(own, &action))
    return 0; // no test is looked at
  if (abi == ABI_X86_64 || is_kept_in_32_bits(maker, own))
    return check_store(maker);
  return own == base ? refuse_constants(maker, abi) : refuse_abis(maker, of, abi);
}

static int
make_tested_call(struct maker *maker, call_t call) {
  diagram_t base = DIAGRAM_NONE;
  enum abi of = ABI_NONE;
  uint32_t number;
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    if ((maker->policy->abis & ABI_BIT(abi)) == 0 || !calls_number(call, abi, &number))
      continue;
    diagram_t own = number_diagram(maker, abi, number);
    if (of == ABI_NONE) {
      of = abi;
      base = own;
      if (write_call(maker, base) != 0)
        return -1;
    }
    if (check_abi(maker, of, base, abi, own) != 0)
      return -1;
  }
  return 0;
}

// The same on every ABI, and whatever the arguments are. A call that no ABI of the policy has needs no rule.
static int
make_plain_call(struct maker *maker, call_t call) {
  static const uint64_t zeros[6];
  uint32_t number;
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++)
    if ((maker->policy->abis & ABI_BIT(abi)) != 0 && calls_number(call, abi, &number))
      return write_call(maker, diagram_action(policy_decide(maker->policy, abi, number, zeros).action));
  return 0;
}

// ---- Multiplexers.
//
// Where rules on socketcall and on a call inside it meet, oci_read.h obeys the stricter. Which rules of socketcall make
// the policy out of that is tried: none, one for the values that choose no call, all of them.

// What the rules of a call inside make of it, its arguments unseen: with tests, the strictest that it could get.
static diagram_t
inside_diagram(const struct maker *maker, call_t call) {
  const struct oci_rules *rules = maker->out;
  struct action strictest = {ACTION_NONE, 0};
  if (rules->whole[call].kind != ACTION_NONE)
    return diagram_action(rules->whole[call]);
  for (size_t i = 0; i < rules->count; i++)
    if (rules->items[i].call == call)
      strictest = action_stricter(strictest, rules->items[i].action);
  if (strictest.kind != ACTION_NONE)
    strictest = action_stricter(strictest, rules->otherwise);
  return diagram_action(strictest);
}

static diagram_t
choice_diagram(struct diagram_store *store, uint32_t mask, uint32_t choice, diagram_t then) {
  const struct test test = choice_test(mask, choice);
  return diagram_test(store, &test, then);
}

// How `own`, with DIAGRAM_NONE for what is not written, is read together with the rules of the calls inside.
static diagram_t
read_together(struct maker *maker, const struct multiplexer *multiplexer, diagram_t own) {
  struct diagram_store *store = maker->store;
  for (uint32_t choice = 0; choice < multiplexer->inner_count; choice++) {
    if (multiplexer->inner[choice] == CALL_NONE)
      continue;
    diagram_t inside = inside_diagram(maker, multiplexer->inner[choice]);
    own = diagram_stricter(store, choice_diagram(store, multiplexer->mask, choice, inside), own);
  }
  return diagram_first(store, own, diagram_action(maker->out->otherwise));
}

static struct action
decide_choice(const struct maker *maker, const struct multiplexer *multiplexer, uint32_t choice) {
  const uint64_t args[6] = {choice};
  return policy_decide(maker->policy, ABI_I386, multiplexer->number, args).action;
}

static bool
has_number(const struct policy *policy, call_t call) {
  uint32_t number;
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++)
    if ((policy->abis & ABI_BIT(abi)) != 0 && calls_number(call, abi, &number))
      return true;
  return false;
}

static bool
has_rule(const struct policy *policy, call_t call) {
  for (size_t i = 0; i < policy->rule_count; i++)
    if (policy->rules[i].call == call)
      return true;
  return false;
}

// A call that has no number of its own, such as send: its rules are about the multiplexer alone. It is named if all of
// it gets one action.
static void
name_inside(struct maker *maker, const struct multiplexer *multiplexer, uint32_t choice, diagram_t wanted) {
  const struct policy *policy = maker->policy;
  call_t call = multiplexer->inner[choice];
  if (call == CALL_NONE || has_number(policy, call) || !has_rule(policy, call))
    return;
  struct action action = decide_choice(maker, multiplexer, choice);
  diagram_t here = choice_diagram(maker->store, multiplexer->mask, choice, diagram_action(action));
  if (!action_equal(action, maker->out->otherwise) && diagram_both(maker->store, here, wanted) == here)
    maker->out->whole[call] = action;
}

// Writes the rules of the multiplexer that, read together with those of the calls inside, make `wanted`.
static int
write_multiplexer(struct maker *maker, const struct multiplexer *multiplexer, diagram_t wanted) {
  const diagram_t otherwise = diagram_action(maker->out->otherwise);
  const diagram_t others = diagram_action(decide_choice(maker, multiplexer, multiplexer->inner_count));
  if (maker->reader == OCI_READER_RUNTIMES)
    return write_call(maker, wanted);
  const diagram_t tries[] = {otherwise, others, wanted};
  for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
    if (read_together(maker, multiplexer, diagram_without(maker->store, tries[i], otherwise)) == wanted)
      return write_call(maker, tries[i]);
  return error_set(maker->e, ERROR_POLICY, place_of(maker->policy, multiplexer->call),
                   "%s and the calls inside it: OCI JSON cannot say that the laxer of two rules decides",
                   calls_name(multiplexer->call));
}

static int
make_multiplexer(struct maker *maker, const struct multiplexer *multiplexer) {
  start_call(maker, multiplexer->call);
  diagram_t wanted = number_diagram(maker, ABI_I386, multiplexer->number);
  for (uint32_t choice = 0; choice < multiplexer->inner_count; choice++)
    name_inside(maker, multiplexer, choice, wanted);
  int result = write_multiplexer(maker, multiplexer, wanted);
  return check_store(maker) != 0 ? -1 : result;
}

// ---- The whole.

// What rules say of calls, at a glance.
struct glance {
  bool named[CALLS_MAX];  // has a rule
  bool tested[CALLS_MAX]; // has one that is about some arguments or ABIs only
  bool all_tested;        // so may any
};

static void
mark_tested(const struct policy *policy, struct glance *glance) {
  for (size_t i = 0; i < policy->layer_count; i++)
    glance->all_tested |= policy->layers[i].newer.kind != ACTION_NONE;
  for (size_t i = 0; i < policy->rule_count; i++) {
    const struct rule *rule = &policy->rules[i];
    glance->all_tested |= rule->call == CALL_NONE;
    if (rule->call != CALL_NONE)
      glance->tested[rule->call] |= rule->test_count > 0 || rule->abis != 0;
  }
}

// Numbers that have no call must get the default: marks the calls of all others.
static int
mark_calls(struct maker *maker, enum abi abi, bool named[CALLS_MAX]) {
  size_t count;
  const uint32_t *numbers = policy_numbers(maker->policy, abi, &count);
  for (size_t i = 0; i < count; i++) {
    call_t call = calls_at(abi, numbers[i]);
    uint32_t bare = abi == ABI_X32 ? numbers[i] & ~X32_BIT : numbers[i];
    if (call != CALL_NONE)
      named[call] = true;
    else if (number_diagram(maker, abi, numbers[i]) != diagram_action(maker->out->otherwise))
      return error_set(maker->e, ERROR_POLICY, place_of_number(maker->policy, bare),
                       "OCI JSON has names of calls only, and %u has none on %s", bare, abi_name(abi));
  }
  return 0;
}

static bool
is_multiplexer(call_t call) {
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    if (multiplexers[i].call == call)
      return true;
  return false;
}

static int
make_call(struct maker *maker, const struct glance *glance, call_t call) {
  if (!glance->named[call] || is_multiplexer(call))
    return 0;
  start_call(maker, call);
  return glance->all_tested || glance->tested[call] ? make_tested_call(maker, call) : make_plain_call(maker, call);
}

static int
make_calls(struct maker *maker, const struct glance *glance) {
  for (size_t call = 0; call < calls_count(); call++)
    if (make_call(maker, glance, (call_t)call) != 0)
      return -1;
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    if (glance->named[multiplexers[i].call] && make_multiplexer(maker, &multiplexers[i]) != 0)
      return -1;
  return 0;
}

static int
make_default(struct maker *maker) {
  const struct policy *policy = maker->policy;
  struct action otherwise = {ACTION_ALLOW, 0}, newer = otherwise;
  struct source_pos at = {0};
  for (size_t i = 0; i < policy->layer_count; i++) {
    const struct layer *layer = &policy->layers[i];
    struct action own = layer->newer.kind != ACTION_NONE ? layer->newer : layer->otherwise;
    newer = i == 0 ? own : action_stricter(newer, own);
    if (i == 0 || layer->otherwise.kind > otherwise.kind) {
      otherwise = layer->otherwise;
      at = layer->otherwise_at;
    }
  }
  maker->out->otherwise = otherwise;
  if (!action_equal(newer, otherwise))
    return error_plain(maker->e, ERROR_POLICY,
                       "OCI JSON has no answer for calls that are newer than the policy (SystemCallKnownUntil=)");
  if (otherwise.kind == ACTION_NOTIFY)
    return error_set(maker->e, ERROR_POLICY, at, "runc hands to a listener what rules name, not what none names");
  return check_action(maker, otherwise, at, "what no rule names");
}

static int
make_all(struct maker *maker) {
  struct glance glance = {.all_tested = false};
  if (make_default(maker) != 0)
    return -1;
  mark_tested(maker->policy, &glance);
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++)
    if ((maker->policy->abis & ABI_BIT(abi)) != 0 && mark_calls(maker, abi, glance.named) != 0)
      return -1;
  return make_calls(maker, &glance);
}

int
oci_rules_make(const struct policy *policy, enum oci_reader reader, struct oci_rules *out, struct error *e) {
  struct maker maker = {.policy = policy,
                        .reader = reader,
                        .out = out,
                        .store = diagram_store_new(),
                        .room = malloc(sizeof *maker.room),
                        .call = CALL_NONE,
                        .e = e};
  int result = -1;
  if (maker.store == NULL || maker.room == NULL)
    error_memory(e, ERROR_POLICY);
  else
    result = make_all(&maker);
  free(maker.room);
  diagram_store_free(maker.store);
  return result;
}

void
oci_rules_clear(struct oci_rules *rules) {
  free(rules->items);
  rules->items = NULL;
  rules->count = rules->room = 0;
}
