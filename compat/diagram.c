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

struct diagram_store {
  struct node *nodes;
  uint32_t count;
  bool failed;
  uint32_t *slots; // 1 + index of a node, 0: free
  uint32_t slot_count;
  struct result *results;
  uint32_t epoch; // a multiple of OPERATIONS
};

struct diagram_store *
diagram_store_new(void) {
  struct diagram_store *store = calloc(1, sizeof *store);
  if (store == NULL)
    return NULL;
  store->nodes = malloc(DIAGRAM_NODES_MAX * sizeof *store->nodes);
  store->slots = calloc(SLOTS, sizeof *store->slots);
  store->slot_count = SLOTS_FIRST;
  store->results = calloc(RESULTS, sizeof *store->results);
  if (store->nodes != NULL && store->slots != NULL && store->results != NULL)
    return store;
  diagram_store_free(store);
  return NULL;
}

void
diagram_store_free(struct diagram_store *store) {
  if (store == NULL)
    return;
  free(store->nodes);
  free(store->slots);
  free(store->results);
  free(store);
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

diagram_t
diagram_node(struct diagram_store *store, unsigned argument, unsigned place, diagram_t low, diagram_t high) {
  return node_make(store, 64 * argument + 63 - place, low, high);
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
  // As many as there may be nodes: more would only touch more pages.
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
