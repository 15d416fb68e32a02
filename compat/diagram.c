// SPDX-License-Identifier: LGPL-2.1-or-later
// diagram.c - reduced ordered decision diagrams with actions at their ends.
#include "compat/diagram.h"
#include <stdlib.h>
#include <string.h>

// Bits in order of asking: 64 * argument + (63 - place).
#define BITS (6 * 64)

struct node {
  diagram_t low, high; // for a bit that is clear and set
  uint32_t bit;
  uint32_t slot; // where it stands in store->slots
};

enum operation { OPERATION_NONE, BOTH, FIRST, STRICTER, WITHOUT };
#define OPERATIONS (WITHOUT + 1)

// `operation` counts on with every reset, by OPERATIONS: what stands there from before is of no known operation.
struct result {
  uint32_t operation;
  diagram_t a, b, result;
};

// At most half full. Few are in use at first, close together: most policies need few, and pages that are not touched
// cost nothing.
#define SLOTS (2 * DIAGRAM_NODES_MAX)
#define SLOTS_FIRST (1u << 11)
#define RESULTS (1u << 15)

// Rules that are put together at once, their indexes in lists within one another, and how many of these.
#define CUBES_MAX 512
#define WAITING_MAX (1u << 15)
#define JOINS_MAX (1u << 14)

// A rule as bits of arguments that are given.
struct bits {
  uint64_t mask[6], value[6];
  diagram_t then;
};

struct diagram_store {
  struct node *nodes;
  uint32_t count;
  bool failed;
  uint32_t *slots; // 1 + index of a node, 0: free
  uint32_t slot_count;
  struct result *results;
  uint32_t epoch; // a multiple of OPERATIONS
  struct bits *cubes;
  uint16_t *waiting;
};

static void
store_drop(struct diagram_store *store) {
  free(store->nodes);
  free(store->slots);
  free(store->results);
  free(store->cubes);
  free(store->waiting);
  free(store);
}

// One that is not used any more serves the next user: its pages have been touched.
static struct diagram_store *spare;

struct diagram_store *
diagram_store_new(void) {
  struct diagram_store *store = spare;
  spare = NULL;
  if (store != NULL)
    return store;
  store = calloc(1, sizeof *store);
  if (store == NULL)
    return NULL;
  store->nodes = malloc(DIAGRAM_NODES_MAX * sizeof *store->nodes);
  store->slots = calloc(SLOTS, sizeof *store->slots);
  store->slot_count = SLOTS_FIRST;
  store->results = calloc(RESULTS, sizeof *store->results);
  store->cubes = malloc(CUBES_MAX * sizeof *store->cubes);
  store->waiting = malloc(WAITING_MAX * sizeof *store->waiting);
  if (store->nodes != NULL && store->slots != NULL && store->results != NULL && store->cubes != NULL
      && store->waiting != NULL)
    return store;
  store_drop(store);
  return NULL;
}

static void
slots_clear(struct diagram_store *store) {
  for (uint32_t i = 0; i < store->count; i++)
    store->slots[store->nodes[i].slot] = 0;
}

void
diagram_store_reset(struct diagram_store *store) {
  if (store->count > 0)
    store->epoch += OPERATIONS;
  if (store->epoch > UINT32_MAX - 2 * OPERATIONS) {
    memset(store->results, 0, RESULTS * sizeof *store->results);
    store->epoch = 0;
  }
  slots_clear(store);
  store->slot_count = SLOTS_FIRST;
  store->count = 0;
  store->failed = false;
}

void
diagram_store_free(struct diagram_store *store) {
  if (store == NULL)
    return;
  if (spare != NULL) {
    store_drop(store);
    return;
  }
  diagram_store_reset(store);
  spare = store;
}

bool
diagram_store_failed(const struct diagram_store *store) {
  return store->failed;
}

// Ends carry the top bit, which no index has, and the action.

static bool
is_end(diagram_t diagram) {
  return (diagram & DIAGRAM_NONE) != 0;
}

diagram_t
diagram_action(struct action action) {
  return DIAGRAM_NONE | (diagram_t)action.kind << 16 | action.data;
}

static struct action
end_action(diagram_t end) {
  return (struct action){(enum action_kind)(end >> 16 & 0x7fff), (uint16_t)(end & 0xffff)};
}

bool
diagram_is_action(diagram_t diagram, struct action *out) {
  if (!is_end(diagram))
    return false;
  *out = end_action(diagram);
  return true;
}

static uint32_t
bit_of(const struct diagram_store *store, diagram_t diagram) {
  return is_end(diagram) ? BITS : store->nodes[diagram].bit;
}

unsigned
diagram_argument(const struct diagram_store *store, diagram_t diagram) {
  return bit_of(store, diagram) / 64;
}

static uint32_t
mix(uint32_t a, uint32_t b, uint32_t c) {
  uint64_t hash = ((uint64_t)a << 32 | b) * 0x9e3779b97f4a7c15u;
  hash = (hash ^ hash >> 29 ^ c) * 0xbf58476d1ce4e5b9u;
  return (uint32_t)(hash >> 32);
}

static uint32_t
slot_free(const struct diagram_store *store, const struct node *node) {
  uint32_t slot = mix(node->low, node->high, node->bit) % store->slot_count;
  while (store->slots[slot] != 0)
    slot = (slot + 1) % store->slot_count;
  return slot;
}

// Room for twice as many nodes, all in new places.
static void
slots_grow(struct diagram_store *store) {
  slots_clear(store);
  store->slot_count *= 2;
  for (uint32_t i = 0; i < store->count; i++) {
    store->nodes[i].slot = slot_free(store, &store->nodes[i]);
    store->slots[store->nodes[i].slot] = i + 1;
  }
}

static diagram_t
node_make(struct diagram_store *store, uint32_t bit, diagram_t low, diagram_t high) {
  if (low == high)
    return low;
  uint32_t slot = mix(low, high, bit) % store->slot_count;
  for (; store->slots[slot] != 0; slot = (slot + 1) % store->slot_count) {
    const struct node *node = &store->nodes[store->slots[slot] - 1];
    if (node->low == low && node->high == high && node->bit == bit)
      return store->slots[slot] - 1;
  }
  if (store->count == DIAGRAM_NODES_MAX) {
    store->failed = true;
    return DIAGRAM_NONE;
  }
  store->nodes[store->count] = (struct node){low, high, bit, slot};
  store->slots[slot] = ++store->count;
  diagram_t made = store->count - 1;
  if (2 * store->count == store->slot_count && store->slot_count < SLOTS)
    slots_grow(store);
  return made;
}

// From the lowest bit up: `equal` is what holds if all bits above are equal to those of the value, and a bit that is
// not settles it.
static diagram_t
compare_make(struct diagram_store *store, const struct test *test, diagram_t less, diagram_t equal, diagram_t greater) {
  for (uint32_t place = 0; place < 64; place++) {
    uint32_t bit = 64 * test->argument + 63 - place;
    bool looked_at = (test->mask >> place & 1) != 0, set = (test->value >> place & 1) != 0;
    if (looked_at)
      equal = set ? node_make(store, bit, less, equal) : node_make(store, bit, equal, greater);
    else if (set)
      equal = less;
  }
  return equal;
}

diagram_t
diagram_test(struct diagram_store *store, const struct test *test, diagram_t then) {
  const diagram_t none = DIAGRAM_NONE;
  switch (test->op) {
  case TEST_EQ:
    return compare_make(store, test, none, then, none);
  case TEST_NE:
    return compare_make(store, test, then, none, then);
  case TEST_LT:
    return compare_make(store, test, then, none, none);
  case TEST_LE:
    return compare_make(store, test, then, then, none);
  case TEST_GT:
    return compare_make(store, test, none, none, then);
  case TEST_GE:
    return compare_make(store, test, none, then, then);
  case TEST_NONE:
    break;
  }
  return none;
}

// What needs no look at any bit. True if *out was set.
static bool
apply_at_once(enum operation operation, diagram_t a, diagram_t b, diagram_t *out) {
  bool both_ends = is_end(a) && is_end(b);
  switch (operation) {
  case BOTH:
    *out = a == DIAGRAM_NONE || b == DIAGRAM_NONE ? DIAGRAM_NONE : b;
    return is_end(a) || *out == DIAGRAM_NONE;
  case FIRST:
    *out = a == DIAGRAM_NONE ? b : a;
    return is_end(a) || b == DIAGRAM_NONE || a == b;
  case STRICTER:
    *out = a == DIAGRAM_NONE ? b : a;
    if (a == b || a == DIAGRAM_NONE || b == DIAGRAM_NONE)
      return true;
    if (both_ends)
      *out = diagram_action(action_stricter(end_action(a), end_action(b)));
    return both_ends;
  case WITHOUT:
    *out = a == b ? DIAGRAM_NONE : a;
    return both_ends;
  case OPERATION_NONE:
    break;
  }
  *out = DIAGRAM_NONE;
  return true;
}

// Goes down one bit with each step: at most BITS deep, whatever the rules are.
static diagram_t
apply(struct diagram_store *store, enum operation operation, diagram_t a, diagram_t b) {
  diagram_t out;
  if (store->failed)
    return DIAGRAM_NONE;
  if (apply_at_once(operation, a, b, &out))
    return out;
  const uint32_t results = store->slot_count / 2 < RESULTS ? store->slot_count / 2 : RESULTS;
  const uint32_t now = store->epoch + (uint32_t)operation;
  struct result *known = &store->results[mix(a, b, (uint32_t)operation) % results];
  if (known->operation == now && known->a == a && known->b == b)
    return known->result;
  uint32_t bit_a = bit_of(store, a), bit_b = bit_of(store, b), bit = bit_a < bit_b ? bit_a : bit_b;
  diagram_t low =
      apply(store, operation, bit_a == bit ? store->nodes[a].low : a, bit_b == bit ? store->nodes[b].low : b);
  diagram_t high =
      apply(store, operation, bit_a == bit ? store->nodes[a].high : a, bit_b == bit ? store->nodes[b].high : b);
  out = node_make(store, bit, low, high);
  *known = (struct result){now, a, b, out};
  return out;
}

diagram_t
diagram_both(struct diagram_store *store, diagram_t a, diagram_t b) {
  return apply(store, BOTH, a, b);
}

diagram_t
diagram_first(struct diagram_store *store, diagram_t a, diagram_t b) {
  return apply(store, FIRST, a, b);
}

diagram_t
diagram_stricter(struct diagram_store *store, diagram_t a, diagram_t b) {
  return apply(store, STRICTER, a, b);
}

diagram_t
diagram_without(struct diagram_store *store, diagram_t a, diagram_t b) {
  return apply(store, WITHOUT, a, b);
}

// ---- Rules in order.
//
// Most rules give bits of arguments. A row of such is put together from the top: at the highest bit that any of them
// asks for, into those that go on where it is clear, and where it is set. Where the first of them asks for no more, it
// decides. That makes no node but those of the result; one rule after the other would make many more.

struct joining {
  struct diagram_store *store;
  uint32_t joins;
  bool failed; // too many for here, not an error
  bool meet;
};

// Where a list of rules stands: bits above are behind it.
struct join_place {
  unsigned argument;
  uint64_t below; // and including
};

// The bits of the argument that some of the rules still ask for.
static uint64_t
bits_asked(const struct joining *joining, const uint16_t *list, size_t count, const struct join_place *place,
           unsigned argument) {
  uint64_t asked = 0;
  for (size_t i = 0; i < count; i++)
    asked |= joining->store->cubes[list[i]].mask[argument];
  return argument == place->argument ? asked & place->below : asked;
}

static bool
bits_are_settled(const struct bits *bits, const struct join_place *place) {
  uint64_t left = bits->mask[place->argument] & place->below;
  for (unsigned argument = place->argument + 1; argument < 6; argument++)
    left |= bits->mask[argument];
  return left == 0;
}

// What the first of a list does to all that is left; `meet` if another one would do something else.
static diagram_t
join_end(struct joining *joining, const uint16_t *list, size_t count) {
  const struct bits *cubes = joining->store->cubes;
  for (size_t i = 1; i < count; i++)
    joining->meet = joining->meet || cubes[list[i]].then != cubes[list[0]].then;
  return cubes[list[0]].then;
}

// Of a list those for which `bit` may be so; returns how many.
static size_t
list_narrow(const struct joining *joining, const uint16_t *list, size_t count, unsigned argument, uint64_t bit,
            bool set, uint16_t *out) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    const struct bits *bits = &joining->store->cubes[list[i]];
    if ((bits->mask[argument] & bit) == 0 || ((bits->value[argument] & bit) != 0) == set)
      out[kept++] = list[i];
  }
  return kept;
}

// The list is the last that stands in store->waiting. Goes down one bit with each step.
static diagram_t
join(struct joining *joining, uint16_t *list, size_t count, struct join_place place) {
  uint16_t *more = list + count, *end = joining->store->waiting + WAITING_MAX;
  diagram_t sides[2];
  uint64_t asked;
  if (count == 0)
    return DIAGRAM_NONE;
  if (bits_are_settled(&joining->store->cubes[list[0]], &place))
    return join_end(joining, list, count);
  if (joining->failed || (size_t)(end - more) < count || ++joining->joins == JOINS_MAX) {
    joining->failed = true;
    return DIAGRAM_NONE;
  }
  while ((asked = bits_asked(joining, list, count, &place, place.argument)) == 0)
    place = (struct join_place){place.argument + 1, UINT64_MAX};
  unsigned high = 63 - (unsigned)__builtin_clzll(asked);
  uint64_t bit = (uint64_t)1 << high;
  place.below = bit - 1;
  for (size_t set = 0; set < 2; set++)
    sides[set] = join(joining, more, list_narrow(joining, list, count, place.argument, bit, set != 0, more), place);
  return node_make(joining->store, 64 * place.argument + 63 - high, sides[0], sides[1]);
}

enum cube_kind { CUBE_NONE, CUBE_NEVER, CUBE };

// The rule as bits, unless it asks for more than these.
static enum cube_kind
rule_bits(const struct diagram_rule *rule, struct bits *out) {
  *out = (struct bits){.then = diagram_action(rule->action)};
  for (size_t i = 0; i < rule->count; i++)
    if (rule->tests[i].op != TEST_EQ)
      return CUBE_NONE;
  for (size_t i = 0; i < rule->count; i++) {
    const struct test *test = &rule->tests[i];
    uint64_t *mask = &out->mask[test->argument], *value = &out->value[test->argument];
    if ((test->value & ~test->mask) != 0 || ((test->value ^ *value) & test->mask & *mask) != 0)
      return CUBE_NEVER;
    *mask |= test->mask;
    *value |= test->value;
  }
  return CUBE;
}

// Makes bits of the rules at the beginning, as long as they are such; returns of how many.
static size_t
collect_cubes(struct diagram_store *store, const struct diagram_rule *rules, size_t count, size_t *cubes) {
  size_t taken = 0;
  for (*cubes = 0; taken < count && *cubes < CUBES_MAX; taken++) {
    enum cube_kind kind = rule_bits(&rules[taken], &store->cubes[*cubes]);
    if (kind == CUBE_NONE)
      break;
    store->waiting[*cubes] = (uint16_t)*cubes;
    *cubes += kind == CUBE;
  }
  return taken;
}

static diagram_t
rule_diagram(struct diagram_store *store, const struct diagram_rule *rule) {
  diagram_t then = diagram_action(rule->action);
  for (size_t i = 0; i < rule->count; i++)
    then = diagram_both(store, diagram_test(store, &rule->tests[i], diagram_action((struct action){ACTION_ALLOW, 0})),
                        then);
  return then;
}

// The rules at the beginning that can be looked at together; returns how many.
static size_t
first_rules(struct joining *joining, const struct diagram_rule *rules, size_t count, diagram_t *out) {
  size_t cubes, taken = joining->failed ? 0 : collect_cubes(joining->store, rules, count, &cubes);
  if (taken > 0)
    *out = join(joining, joining->store->waiting, cubes, (struct join_place){0, UINT64_MAX});
  if (taken > 0 && !joining->failed)
    return taken;
  *out = rule_diagram(joining->store, &rules[0]);
  return 1;
}

diagram_t
diagram_rules(struct diagram_store *store, const struct diagram_rule *rules, size_t count, bool *meet) {
  struct joining joining = {.store = store};
  diagram_t all = DIAGRAM_NONE, one;
  for (size_t i = 0; i < count;) {
    i += first_rules(&joining, rules + i, count - i, &one);
    diagram_t next = diagram_first(store, all, one);
    joining.meet = joining.meet || (meet != NULL && next != diagram_first(store, one, all));
    all = next;
  }
  if (meet != NULL)
    *meet = joining.meet;
  return all;
}

// ---- From a diagram to cubes.

size_t
diagram_cubes(const struct diagram_store *store, diagram_t diagram, struct cube *out, size_t max) {
  const uint32_t argument = diagram_argument(store, diagram);
  struct cube waiting[64 + 1]; // one for each bit that was taken as clear
  size_t count = 0, stack = 0;
  waiting[stack++] = (struct cube){0, 0, diagram};
  while (stack > 0) {
    struct cube cube = waiting[--stack];
    if (diagram_argument(store, cube.then) == argument) {
      const struct node *node = &store->nodes[cube.then];
      uint64_t bit = (uint64_t)1 << (63 - node->bit % 64);
      waiting[stack++] = (struct cube){cube.mask | bit, cube.value | bit, node->high};
      waiting[stack++] = (struct cube){cube.mask | bit, cube.value, node->low};
      continue;
    }
    if (count == max)
      return 0;
    out[count++] = cube;
  }
  return count;
}
