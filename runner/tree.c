// SPDX-License-Identifier: LGPL-2.1-or-later
// tree.c - nodes, and weight-balanced trees over ranges.
#include "runner/tree.h"

// How deep a tree over n ranges may become for the sake of its heavy ranges: this much more than perfect balance.
#define DEPTH_SLACK 3

static int
tree_add(struct tree *tree, struct node node, node_t *out, struct error *e) {
  if (tree->count == TREE_NODES_MAX)
    return error_plain(e, ERROR_POLICY,
                       "the policy needs a filter of more than %d instructions, the most that the kernel takes",
                       PROGRAM_MAX);
  *out = (node_t)tree->count;
  tree->nodes[tree->count++] = node;
  return 0;
}

// Returns are shared: two nodes are the same outcome if and only if they are the same node.
int
tree_add_return(struct tree *tree, uint32_t value, node_t *out, struct error *e) {
  for (size_t i = 0; i < tree->count; i++)
    if (tree->nodes[i].kind == NODE_RETURN && tree->nodes[i].value == value) {
      *out = (node_t)i;
      return 0;
    }
  return tree_add(tree, (struct node){.kind = NODE_RETURN, .value = value}, out, e);
}

int
tree_add_test(struct tree *tree, struct node test, node_t *out, struct error *e) {
  if (test.yes == test.no) {
    *out = test.yes;
    return 0;
  }
  test.kind = NODE_TEST;
  test.size = 1 + tree->nodes[test.yes].size + tree->nodes[test.no].size;
  return tree_add(tree, test, out, e);
}

int
tree_add_ticket(struct tree *tree, enum ticket_form form, node_t next, node_t *out, struct error *e) {
  uint32_t size = TICKET_LENGTH_MAX + tree->nodes[next].size;
  return tree_add(tree, (struct node){.kind = NODE_TICKET, .size = size, .form = (uint8_t)form, .no = next}, out, e);
}

struct ranges {
  uint16_t word;
  uint32_t mask;
  const struct range *items;
};

static unsigned
depth_for(size_t count) {
  unsigned depth = 0;
  while (((size_t)1 << depth) < count)
    depth++;
  return depth;
}

// Where to cut [from, to): as near to equal weights as `depth` (levels left below) allows. The result is the first
// range of the right part.
static size_t
ranges_cut(const struct range *items, size_t from, size_t to, unsigned depth) {
  size_t most = (size_t)1 << (depth < 31 ? depth : 31);
  size_t lowest = to - from > most ? to - most : from + 1, highest = to - from > most ? from + most : to - 1;
  if (lowest <= from)
    lowest = from + 1;
  if (highest >= to)
    highest = to - 1;
  uint64_t total = 0, left = 0;
  for (size_t i = from; i < to; i++)
    total += items[i].weight;
  for (size_t i = from; i < lowest; i++)
    left += items[i].weight;
  size_t cut = lowest;
  // left only grows: go right while that brings the larger side down
  while (cut < highest) {
    uint64_t next = left + items[cut].weight;
    uint64_t now_larger = left > total - left ? left : total - left;
    uint64_t next_larger = next > total - next ? next : total - next;
    if (next_larger > now_larger)
      break;
    left = next;
    cut++;
  }
  return cut;
}

// One value with the same outcome on both sides of it needs one test, not two.
static bool
ranges_is_island(const struct range *items, size_t from, size_t to) {
  return to - from == 3 && items[from].node == items[from + 2].node
         && items[from + 1].first + 1 == items[from + 2].first;
}

// Recursion goes as deep as the tree: at most log2(count) + DEPTH_SLACK levels.
static int
ranges_build(struct tree *tree, const struct ranges *ranges, size_t from, size_t to, unsigned depth, node_t *out,
             struct error *e) {
  const struct range *items = ranges->items;
  struct node test = {.word = ranges->word, .mask = ranges->mask, .test = NODE_AT_LEAST};
  if (to - from == 1) {
    *out = items[from].node;
    return 0;
  }
  if (ranges_is_island(items, from, to)) {
    test.test = NODE_EQUAL;
    test.value = items[from + 1].first;
    test.yes = items[from + 1].node;
    test.no = items[from].node;
    return tree_add_test(tree, test, out, e);
  }
  size_t cut = ranges_cut(items, from, to, depth - 1);
  test.value = items[cut].first;
  if (ranges_build(tree, ranges, cut, to, depth - 1, &test.yes, e) != 0
      || ranges_build(tree, ranges, from, cut, depth - 1, &test.no, e) != 0)
    return -1;
  return tree_add_test(tree, test, out, e);
}

int
tree_add_ranges(struct tree *tree, uint16_t word, uint32_t mask, const struct range *ranges, size_t count, node_t *out,
                struct error *e) {
  struct ranges all = {word, mask, ranges};
  return ranges_build(tree, &all, 0, count, depth_for(count) + DEPTH_SLACK, out, e);
}
