// SPDX-License-Identifier: LGPL-2.1-or-later
// flatten.c - several layers as one: for every call the ordered cross product of what the layers say to it.
//
// Rules of the result are made for one place at a time (a number of an ABI, or a call that i386 reaches through a
// multiplexer only), which takes bare numbers and rules for one ABI in; places of one call with the same outcome become
// one rule again. Only multiplexers have their calls meet: see emit_multiplexer().
#include "compat/flatten.h"
#include "compat/array.h"
#include <string.h>

// One rule in the making; tests are in the sequence's own row.
struct item {
  struct action action;
  struct source_pos at;
  size_t first_test, test_count;
};

// What happens at one place: the first item that matches decides, and the last one has no tests.
struct sequence {
  struct item *items;
  size_t count, room;
  struct test *tests;
  size_t test_count, test_room;
};

// Where rules apply.
struct place {
  enum abi abi;
  call_t call; // CALL_NONE: the number has none
  bool has_number;
  uint32_t number; // as the filter sees it
  call_t inside;   // of the multiplexer `call`: what it was asked for; or CALL_NONE
};

// Rules that come out as one: those of a call, or of a bare number.
struct subject {
  call_t call;
  uint32_t number; // of CALL_NONE; without X32_BIT
};

struct flattening {
  const struct policy *policy;
  struct policy *out;
  bool done[CALLS_MAX];
  struct sequence by_abi[ABI_COUNT]; // of one subject
  struct sequence layer, product;    // in the making
  // Of a multiplexer: what it does for values that choose no call, and for one that does.
  struct sequence others, chosen;
  struct error *e;
};

// ---- Sequences.

static void
sequence_empty(struct sequence *sequence) {
  sequence->count = sequence->test_count = 0;
}

static void
sequence_free(struct sequence *sequence) {
  free(sequence->items);
  free(sequence->tests);
}

static void
sequence_swap(struct sequence *a, struct sequence *b) {
  struct sequence swap = *a;
  *a = *b;
  *b = swap;
}

static struct action
sequence_last(const struct sequence *sequence) {
  return sequence->items[sequence->count - 1].action;
}

static bool
test_equal(const struct test *a, const struct test *b) {
  return a->argument == b->argument && a->width == b->width && a->op == b->op && a->mask == b->mask
         && a->value == b->value;
}

static bool
has_test(const struct test *tests, size_t count, const struct test *test) {
  for (size_t i = 0; i < count; i++)
    if (test_equal(&tests[i], test))
      return true;
  return false;
}

// True if what `known` demands, being an equality, leaves `test` no chance.
static bool
test_excludes(const struct test *known, const struct test *test) {
  if (known->op != TEST_EQ || known->argument != test->argument)
    return false;
  if (test->op == TEST_EQ)
    return ((known->value ^ test->value) & known->mask & test->mask) != 0;
  return test->op == TEST_NE && known->mask == test->mask && known->value == test->value;
}

// Adds `tests` to those of the item that is being made, the last one. False if they can never all hold.
static bool
item_add_tests(struct sequence *sequence, const struct test *tests, size_t count) {
  struct item *item = &sequence->items[sequence->count];
  for (size_t i = 0; i < count; i++) {
    struct test *own = sequence->tests + item->first_test;
    for (size_t j = 0; j < item->test_count; j++)
      if (test_excludes(&own[j], &tests[i]) || test_excludes(&tests[i], &own[j]))
        return false;
    if (!has_test(own, item->test_count, &tests[i]))
      own[item->test_count++] = tests[i];
  }
  return true;
}

// True if an earlier item of the sequence takes everything that the one being made would match.
static bool
item_is_shadowed(const struct sequence *sequence) {
  const struct item *made = &sequence->items[sequence->count];
  const struct test *own = sequence->tests + made->first_test;
  for (size_t i = 0; i < sequence->count; i++) {
    const struct item *item = &sequence->items[i];
    size_t held = 0;
    while (held < item->test_count && has_test(own, made->test_count, &sequence->tests[item->first_test + held]))
      held++;
    if (held == item->test_count)
      return true;
  }
  return false;
}

// The tests of a rule that one layer's item stands for.
struct tests {
  const struct test *items;
  size_t count;
};

static struct tests
item_tests(const struct sequence *sequence, const struct item *item) {
  if (item->test_count == 0)
    return (struct tests){0};
  return (struct tests){sequence->tests + item->first_test, item->test_count};
}

static int
sequence_reserve(const struct flattening *flat, struct sequence *sequence, size_t tests, struct source_pos at) {
  if (sequence->count == POLICY_RULES_MAX || sequence->test_count + tests > POLICY_TESTS_MAX)
    return error_set(flat->e, ERROR_POLICY, at,
                     "as one, the layers need more than %d rules with %d tests for what this rule is about",
                     POLICY_RULES_MAX, POLICY_TESTS_MAX);
  struct item *items = array_grow(sequence->items, &sequence->room, sequence->count + 1, 64, sizeof *items);
  if (items == NULL)
    return error_memory(flat->e, ERROR_POLICY);
  sequence->items = items;
  struct test *row =
      array_grow(sequence->tests, &sequence->test_room, sequence->test_count + tests + 1, 64, sizeof *row);
  if (row == NULL)
    return error_memory(flat->e, ERROR_POLICY);
  sequence->tests = row;
  return 0;
}

// Adds an item with both rows of tests, which are not the sequence's own, unless it could never be the first to match.
static int
sequence_add(const struct flattening *flat, struct sequence *sequence, struct tests a, struct tests b,
             struct action action, struct source_pos at) {
  if (sequence_reserve(flat, sequence, a.count + b.count, at) != 0)
    return -1;
  struct item *item = &sequence->items[sequence->count];
  *item = (struct item){.action = action, .at = at, .first_test = sequence->test_count};
  if (!item_add_tests(sequence, a.items, a.count) || !item_add_tests(sequence, b.items, b.count)
      || item_is_shadowed(sequence))
    return 0;
  sequence->test_count += item->test_count;
  sequence->count++;
  return 0;
}

// Items before the last that do what it does say nothing.
static void
sequence_shorten(struct sequence *sequence) {
  size_t last = sequence->count - 1;
  while (last > 0 && action_equal(sequence->items[last - 1].action, sequence->items[sequence->count - 1].action))
    last--;
  sequence->items[last] = sequence->items[sequence->count - 1];
  sequence->count = last + 1;
}

static bool
sequence_equal(const struct sequence *a, const struct sequence *b) {
  if (a->count != b->count)
    return false;
  for (size_t i = 0; i < a->count; i++) {
    struct tests left = item_tests(a, &a->items[i]), right = item_tests(b, &b->items[i]);
    if (left.count != right.count || !action_equal(a->items[i].action, b->items[i].action))
      return false;
    for (size_t j = 0; j < left.count; j++)
      if (!test_equal(&left.items[j], &right.items[j]))
        return false;
  }
  return true;
}

// ---- What the layers say to one place.

static bool
rule_is_of_abi(const struct rule *rule, enum abi abi) {
  return rule->abis == 0 || (rule->abis & ABI_BIT(abi)) != 0;
}

static bool
rule_is_at(const struct rule *rule, const struct place *place) {
  if (!rule_is_of_abi(rule, place->abi))
    return false;
  if (rule->call != CALL_NONE)
    return rule->call == place->call;
  return place->has_number && rule->number == (place->abi == ABI_X32 ? place->number & ~X32_BIT : place->number);
}

// The rule is about the call inside, and counts there: its tests are not looked at.
static bool
rule_is_inside(const struct rule *rule, const struct place *place) {
  return place->inside != CALL_NONE && rule->call == place->inside && rule_is_of_abi(rule, place->abi)
         && (rule->test_count == 0 || action_refuses(rule->action));
}

static int
layer_sequence(struct flattening *flat, const struct layer *layer, const struct place *place) {
  const struct policy *policy = flat->policy;
  struct sequence *out = &flat->layer;
  sequence_empty(out);
  for (size_t i = 0; i < layer->rule_count; i++) {
    const struct rule *rule = &policy->rules[layer->first_rule + i];
    struct tests tests = {0};
    if (rule_is_at(rule, place))
      tests = (struct tests){rule->test_count == 0 ? NULL : policy->tests + rule->first_test, rule->test_count};
    else if (!rule_is_inside(rule, place))
      continue;
    if (sequence_add(flat, out, tests, (struct tests){0}, rule->action, rule->at) != 0)
      return -1;
  }
  struct action otherwise = place->has_number ? layer_otherwise(layer, place->abi, place->number) : layer->otherwise;
  return sequence_add(flat, out, (struct tests){0}, (struct tests){0}, otherwise, layer->otherwise_at);
}

// flat->layer after *so_far, in lexicographic order; into *so_far.
static int
sequence_multiply(struct flattening *flat, struct sequence *so_far) {
  sequence_empty(&flat->product);
  for (size_t i = 0; i < so_far->count; i++)
    for (size_t j = 0; j < flat->layer.count; j++) {
      const struct item *a = &so_far->items[i], *b = &flat->layer.items[j];
      bool first = a->action.kind >= b->action.kind;
      if (sequence_add(flat, &flat->product, item_tests(so_far, a), item_tests(&flat->layer, b),
                       first ? a->action : b->action, first ? a->at : b->at)
          != 0)
        return -1;
    }
  sequence_swap(so_far, &flat->product);
  return 0;
}

static struct action
action_as_done(const struct policy *policy, struct action action) {
  return policy->permissive && action_refuses(action) ? (struct action){ACTION_LOG, 0} : action;
}

static int
place_sequence(struct flattening *flat, const struct place *place, struct sequence *out) {
  const struct policy *policy = flat->policy;
  sequence_empty(out);
  if (sequence_add(flat, out, (struct tests){0}, (struct tests){0}, (struct action){ACTION_ALLOW, 0},
                   (struct source_pos){0})
      != 0)
    return -1;
  for (size_t layer = 0; layer < policy->layer_count; layer++) {
    if (layer_sequence(flat, &policy->layers[layer], place) != 0)
      return -1;
    if (layer == 0)
      sequence_swap(out, &flat->layer);
    else if (sequence_multiply(flat, out) != 0)
      return -1;
  }
  for (size_t i = 0; i < out->count; i++)
    out->items[i].action = action_as_done(policy, out->items[i].action);
  sequence_shorten(out);
  return 0;
}

// ---- Rules of the result.

static int
emit_item(struct flattening *flat, struct subject subject, unsigned abis, const struct sequence *sequence,
          const struct item *item, const struct test *before) {
  struct rule rule = {
      .call = subject.call, .number = subject.number, .abis = abis, .action = item->action, .at = item->at};
  struct tests tests = item_tests(sequence, item);
  if (before == NULL)
    return policy_add_rule(flat->out, &rule, tests.items, tests.count, flat->e);
  // One test that holds for the whole sequence, in front. The scratch is free: nothing is being multiplied now.
  sequence_empty(&flat->product);
  size_t count = flat->product.count;
  if (sequence_add(flat, &flat->product, (struct tests){before, 1}, tests, item->action, item->at) != 0)
    return -1;
  if (flat->product.count == count)
    return 0; // never matches together with that test
  tests = item_tests(&flat->product, &flat->product.items[0]);
  return policy_add_rule(flat->out, &rule, tests.items, tests.count, flat->e);
}

// The last item is left out where the layer's default does the same, unless `whole`.
static int
emit_sequence(struct flattening *flat, struct subject subject, unsigned abis, const struct sequence *sequence,
              bool whole, const struct test *before) {
  size_t count = sequence->count;
  if (!whole && action_equal(sequence_last(sequence), flat->out->layers[0].otherwise))
    count--;
  for (size_t i = 0; i < count; i++)
    if (emit_item(flat, subject, abis, sequence, &sequence->items[i], before) != 0)
      return -1;
  return 0;
}

static bool
is_inside_i386(call_t call) {
  const struct multiplexer *multiplexer;
  uint32_t choice;
  return call != CALL_NONE && multiplexer_of(call, &multiplexer, &choice);
}

// Where rules of the subject apply on `abi`; false if nowhere.
static bool
subject_place(struct subject subject, enum abi abi, struct place *out) {
  *out = (struct place){.abi = abi, .call = subject.call, .inside = CALL_NONE};
  if (subject.call != CALL_NONE) {
    out->has_number = calls_number(subject.call, abi, &out->number);
    return out->has_number || (abi == ABI_I386 && is_inside_i386(subject.call));
  }
  out->number = subject.number | (abi == ABI_X32 ? X32_BIT : 0);
  out->has_number = true;
  return calls_at(abi, out->number) == CALL_NONE;
}

// Fills by_abi[]; returns the set of ABIs of the policy where the subject is.
static int
subject_sequences(struct flattening *flat, struct subject subject, unsigned *abis) {
  struct place place;
  *abis = 0;
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    if ((flat->policy->abis & ABI_BIT(abi)) == 0 || !subject_place(subject, abi, &place))
      continue;
    *abis |= ABI_BIT(abi);
    if (place_sequence(flat, &place, &flat->by_abi[abi]) != 0)
      return -1;
  }
  return 0;
}

// The ABIs of `abis` that `flat->by_abi[]` has the same sequence for as for `like`.
static unsigned
abis_alike(const struct flattening *flat, unsigned abis, enum abi like) {
  unsigned alike = 0;
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++)
    if ((abis & ABI_BIT(abi)) != 0 && sequence_equal(&flat->by_abi[abi], &flat->by_abi[like]))
      alike |= ABI_BIT(abi);
  return alike;
}

static int
emit_subject(struct flattening *flat, struct subject subject, bool whole) {
  unsigned abis, left;
  if (subject_sequences(flat, subject, &abis) != 0)
    return -1;
  // What is left out of the rules on a number gets `newer` if it may be a call to come.
  if (subject.call == CALL_NONE && flat->out->layers[0].newer.kind != ACTION_NONE)
    whole = true;
  left = abis;
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    if ((left & ABI_BIT(abi)) == 0)
      continue;
    unsigned alike = abis_alike(flat, left, abi);
    left &= ~alike;
    // A bare number is about every ABI, this subject only about those where the number has no call.
    bool every = alike == abis && (subject.call != CALL_NONE || abis == flat->policy->abis);
    if (emit_sequence(flat, subject, every ? 0 : alike, &flat->by_abi[abi], whole, NULL) != 0)
      return -1;
  }
  return 0;
}

// ---- Multiplexers.
//
// Rules on socketcall and on a call inside it both match there, in order of the rules. While the rules on socketcall
// itself have no tests, each value of its first argument gets one action, and the rules of a call inside can be put
// before or after those of socketcall so that this action comes out. Where they cannot, or where tests count, the
// values are written out as tests of socketcall's first argument, before anything else.

enum side { SIDE_NONE, SIDE_BEFORE, SIDE_BEFORE_WHOLE, SIDE_AFTER, SIDE_NOWHERE };

// struct call_row keeps the choice of a call in one byte.
#define CHOICES_MAX 256

struct junction {
  const struct multiplexer *multiplexer;
  struct action others;         // for values that choose no call
  enum side sides[CHOICES_MAX]; // SIDE_NONE: there is no call inside
};

// What rules in `sequence` do inside a multiplexer; false if none counts there.
static bool
sequence_inside(const struct sequence *sequence, size_t count, struct action *out) {
  for (size_t i = 0; i < count; i++) {
    *out = sequence->items[i].action;
    if (sequence->items[i].test_count == 0 || action_refuses(*out))
      return true;
  }
  return false;
}

// Fills flat->chosen for one value of the multiplexer's argument.
static int
choice_sequence(struct flattening *flat, const struct multiplexer *multiplexer, uint32_t choice) {
  const struct place place = {.abi = ABI_I386,
                              .call = multiplexer->call,
                              .has_number = true,
                              .number = multiplexer->number,
                              .inside = multiplexer->inner[choice]};
  return place_sequence(flat, &place, &flat->chosen);
}

// Where the rules of the call inside, in flat->by_abi[], must stand for it to get what is in flat->chosen.
static enum side
choose_side(const struct flattening *flat, struct action others) {
  const struct sequence *sequence = &flat->by_abi[ABI_I386];
  struct action want = sequence_last(&flat->chosen), got;
  bool left_out = action_equal(sequence_last(sequence), flat->out->layers[0].otherwise);
  if (flat->chosen.count > 1)
    return SIDE_NOWHERE;
  if (!sequence_inside(sequence, sequence->count - left_out, &got))
    got = others;
  if (action_equal(got, want))
    return SIDE_BEFORE;
  if (action_equal(others, want))
    return SIDE_AFTER;
  return sequence_inside(sequence, sequence->count, &got) && action_equal(got, want) ? SIDE_BEFORE_WHOLE : SIDE_NOWHERE;
}

static int
find_sides(struct flattening *flat, struct junction *junction, bool *possible) {
  const struct multiplexer *multiplexer = junction->multiplexer;
  for (uint32_t choice = 0; choice < multiplexer->inner_count && choice < CHOICES_MAX; choice++) {
    if (multiplexer->inner[choice] == CALL_NONE)
      continue;
    const struct subject subject = {.call = multiplexer->inner[choice]};
    unsigned abis;
    if (subject_sequences(flat, subject, &abis) != 0 || choice_sequence(flat, multiplexer, choice) != 0)
      return -1;
    junction->sides[choice] = choose_side(flat, junction->others);
    *possible = *possible && junction->sides[choice] != SIDE_NOWHERE;
  }
  return 0;
}

static bool
stands_on(const struct junction *junction, enum side side) {
  for (size_t choice = 0; choice < CHOICES_MAX; choice++)
    if (junction->sides[choice] == side)
      return true;
  return false;
}

static int
emit_side(struct flattening *flat, const struct junction *junction, enum side side) {
  for (uint32_t choice = 0; choice < CHOICES_MAX; choice++) {
    struct subject subject = {.call = CALL_NONE};
    if (junction->sides[choice] != side)
      continue;
    subject.call = junction->multiplexer->inner[choice];
    flat->done[subject.call] = true;
    if (emit_subject(flat, subject, side == SIDE_BEFORE_WHOLE) != 0)
      return -1;
  }
  return 0;
}

// Every value that does not get what the rest gets, then the rest: nothing behind these rules counts for the
// multiplexer.
static int
emit_choices(struct flattening *flat, const struct junction *junction) {
  const struct multiplexer *multiplexer = junction->multiplexer;
  const struct subject subject = {.call = multiplexer->call};
  for (uint32_t choice = 0; choice < CHOICES_MAX; choice++) {
    if (junction->sides[choice] == SIDE_NONE)
      continue;
    const struct test test = {.argument = 0, .width = 32, .op = TEST_EQ, .mask = multiplexer->mask, .value = choice};
    if (choice_sequence(flat, multiplexer, choice) != 0)
      return -1;
    if (!sequence_equal(&flat->chosen, &flat->others)
        && emit_sequence(flat, subject, 0, &flat->chosen, true, &test) != 0)
      return -1;
  }
  return emit_sequence(flat, subject, 0, &flat->others, true, NULL);
}

static int
emit_multiplexer(struct flattening *flat, const struct multiplexer *multiplexer) {
  const struct place place = {.abi = ABI_I386,
                              .call = multiplexer->call,
                              .has_number = true,
                              .number = multiplexer->number,
                              .inside = CALL_NONE};
  struct junction junction = {.multiplexer = multiplexer};
  if (place_sequence(flat, &place, &flat->others) != 0)
    return -1;
  bool possible = flat->others.count == 1;
  junction.others = sequence_last(&flat->others);
  if (find_sides(flat, &junction, &possible) != 0)
    return -1;
  flat->done[multiplexer->call] = true;
  bool needed = stands_on(&junction, SIDE_AFTER);
  if (!possible && emit_choices(flat, &junction) != 0)
    return -1;
  if (emit_side(flat, &junction, SIDE_BEFORE) != 0 || emit_side(flat, &junction, SIDE_BEFORE_WHOLE) != 0)
    return -1;
  if (possible && emit_sequence(flat, (struct subject){.call = place.call}, 0, &flat->others, needed, NULL) != 0)
    return -1;
  return emit_side(flat, &junction, SIDE_AFTER) != 0 ? -1 : emit_side(flat, &junction, SIDE_NOWHERE);
}

// ---- The whole.

// The multiplexer that the call is, or that it can be inside of, on an ABI of the policy; or NULL.
static const struct multiplexer *
junction_of(const struct policy *policy, call_t call) {
  const struct multiplexer *through;
  uint32_t choice;
  if ((policy->abis & ABI_BIT(ABI_I386)) == 0)
    return NULL;
  if (multiplexer_of(call, &through, &choice))
    return through;
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    if (multiplexers[i].call == call)
      return &multiplexers[i];
  return NULL;
}

static int
emit_call(struct flattening *flat, call_t call) {
  if (flat->done[call])
    return 0;
  flat->done[call] = true;
  const struct multiplexer *multiplexer = junction_of(flat->policy, call);
  if (multiplexer != NULL)
    return emit_multiplexer(flat, multiplexer); // with all calls inside
  return emit_subject(flat, (struct subject){.call = call}, false);
}

// A bare number is the call that has it, on each ABI.
static int
emit_number(struct flattening *flat, uint32_t number) {
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    call_t call = calls_at(abi, number | (abi == ABI_X32 ? X32_BIT : 0));
    if ((flat->policy->abis & ABI_BIT(abi)) != 0 && call != CALL_NONE && emit_call(flat, call) != 0)
      return -1;
  }
  return emit_subject(flat, (struct subject){.call = CALL_NONE, .number = number}, false);
}

static bool
number_is_done(const struct policy *policy, size_t before, uint32_t number) {
  for (size_t i = 0; i < before; i++)
    if (policy->rules[i].call == CALL_NONE && policy->rules[i].number == number)
      return true;
  return false;
}

static int
emit_rules(struct flattening *flat) {
  const struct policy *policy = flat->policy;
  for (size_t i = 0; i < policy->rule_count; i++) {
    const struct rule *rule = &policy->rules[i];
    if (rule->call != CALL_NONE && emit_call(flat, rule->call) != 0)
      return -1;
    if (rule->call == CALL_NONE && !number_is_done(policy, i, rule->number) && emit_number(flat, rule->number) != 0)
      return -1;
  }
  return 0;
}

// What numbers get that no rule is about.
static int
add_layer(struct flattening *flat) {
  const struct policy *policy = flat->policy;
  struct action otherwise = {ACTION_ALLOW, 0}, newer = otherwise;
  struct source_pos at = {0};
  bool any = false;
  for (size_t i = 0; i < policy->layer_count; i++) {
    const struct layer *layer = &policy->layers[i];
    struct action own = layer->newer.kind != ACTION_NONE ? layer->newer : layer->otherwise;
    any = any || layer->newer.kind != ACTION_NONE;
    if (i == 0 || layer->otherwise.kind > otherwise.kind) {
      otherwise = layer->otherwise;
      at = layer->otherwise_at;
    }
    newer = i == 0 ? own : action_stricter(newer, own);
  }
  if (policy_add_layer(flat->out, action_as_done(policy, otherwise), at, flat->e) != 0)
    return -1;
  newer = action_as_done(policy, newer);
  if (any && !action_equal(newer, flat->out->layers[0].otherwise))
    flat->out->layers[0].newer = newer;
  return 0;
}

// A single layer that does what it says: as it is.
static int
copy_layer(struct flattening *flat) {
  const struct policy *policy = flat->policy;
  const struct layer *layer = &policy->layers[0];
  if (policy_add_layer(flat->out, layer->otherwise, layer->otherwise_at, flat->e) != 0)
    return -1;
  flat->out->layers[0].newer = layer->newer;
  for (size_t i = 0; i < policy->rule_count; i++) {
    const struct rule *rule = &policy->rules[i];
    const struct test *tests = rule->test_count == 0 ? NULL : policy->tests + rule->first_test;
    if (policy_add_rule(flat->out, rule, tests, rule->test_count, flat->e) != 0)
      return -1;
  }
  return 0;
}

static bool
copy_text(char **to, const char *from) {
  *to = from == NULL ? NULL : strdup(from);
  return from == NULL || *to != NULL;
}

static int
copy_frame(const struct flattening *flat) {
  const struct policy *policy = flat->policy;
  struct policy *out = flat->out;
  out->abis = policy->abis;
  out->abis_at = policy->abis_at;
  out->foreign = action_as_done(policy, policy->foreign);
  out->no_new_privs = policy->no_new_privs;
  out->isolate_peers = policy->isolate_peers;
  out->flags = policy->flags;
  out->at = policy->at;
  if (!copy_text(&out->listener_path, policy->listener_path)
      || !copy_text(&out->listener_metadata, policy->listener_metadata))
    return error_memory(flat->e, ERROR_POLICY);
  // A start-up list has no other one.
  return policy->startup != NULL ? policy_flatten(policy->startup, &out->startup, flat->e) : 0;
}

static int
flatten_layers(struct flattening *flat) {
  if (copy_frame(flat) != 0)
    return -1;
  if (flat->policy->layer_count == 1 && !flat->policy->permissive)
    return copy_layer(flat);
  return add_layer(flat) != 0 ? -1 : emit_rules(flat);
}

static void
flattening_free(struct flattening *flat) {
  for (size_t i = 0; i < ABI_COUNT; i++)
    sequence_free(&flat->by_abi[i]);
  sequence_free(&flat->layer);
  sequence_free(&flat->product);
  sequence_free(&flat->others);
  sequence_free(&flat->chosen);
}

int
policy_flatten(const struct policy *policy, struct policy **out, struct error *e) {
  struct flattening flat = {.policy = policy, .out = policy_new(), .e = e};
  if (flat.out == NULL)
    return error_memory(e, ERROR_POLICY);
  int result = flatten_layers(&flat);
  if (result == 0)
    result = policy_seal(flat.out, e);
  flattening_free(&flat);
  if (result == 0)
    *out = flat.out;
  else
    policy_free(flat.out);
  return result;
}
