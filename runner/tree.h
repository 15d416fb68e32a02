// SPDX-License-Identifier: LGPL-2.1-or-later
// tree.h - a program before it is laid out: a decision tree whose nodes each look at one 32-bit word of the call.
#ifndef SCRUN_RUNNER_TREE_H
#define SCRUN_RUNNER_TREE_H
#include "compat/error.h"
#include "runner/ticket.h"

typedef uint32_t node_t; // index into tree->nodes

enum node_kind { NODE_NONE, NODE_RETURN, NODE_TEST, NODE_TICKET };
enum node_test { NODE_EQUAL, NODE_AT_LEAST };

struct node {
  enum node_kind kind;
  uint32_t size;  // estimate of the instructions below, to decide what is laid out near
  uint32_t value; // RETURN: what the filter returns. TEST: the constant
  uint16_t word;  // TEST: offset of the word in struct seccomp_data
  uint8_t test;   // TEST: enum node_test
  uint8_t form;   // TICKET: enum ticket_form
  uint32_t mask;  // TEST: (word & mask) is compared
  node_t yes, no; // TEST. TICKET: `no` is what follows when the ticket does not hold
};

// More nodes than any program of PROGRAM_MAX instructions can come from.
#define TREE_NODES_MAX (2 * PROGRAM_MAX)

struct tree {
  size_t count;
  struct node nodes[TREE_NODES_MAX];
};

// Nodes are added to the end and never changed. Each fails with ERROR_POLICY when the tree is full: the program would
// be too long.
SC_NODISCARD int tree_add_return(struct tree *tree, uint32_t value, node_t *out, struct error *e);
SC_NODISCARD int tree_add_test(struct tree *tree, struct node test, node_t *out, struct error *e);
SC_NODISCARD int tree_add_ticket(struct tree *tree, enum ticket_form form, node_t next, node_t *out, struct error *e);

// A stretch of values of one word that go to the same node: from `first` up to the next range's first.
struct range {
  uint32_t first;
  node_t node;
  uint32_t weight; // how much the calls in it matter: heavier ranges come nearer to the root
};

// Builds the test tree over `count` (at least 1) ranges, which rise and begin at 0, of (word & mask).
SC_NODISCARD int tree_add_ranges(struct tree *tree, uint16_t word, uint32_t mask, const struct range *ranges,
                                 size_t count, node_t *out, struct error *e);

// Lays the tree below `root` out as instructions, with blank tickets. Fails with ERROR_POLICY when they are more than
// PROGRAM_MAX.
SC_NODISCARD int tree_emit(const struct tree *tree, node_t root, struct program *out, struct error *e);
#endif
