// SPDX-License-Identifier: LGPL-2.1-or-later
// tree_emit.c - lays a decision tree out as BPF.
//
// Jumps only go forward and conditional ones reach 255 instructions, so the program is written from its end: when a
// test is written, both places it goes to are already there. Places are counted in instructions from the end of the
// program.
#include "runner/tree.h"

#define JUMP_MAX 255

// A word that the accumulator holds, masked; word NO_WORD: nothing of use.
struct loaded {
  uint16_t word;
  uint32_t mask;
};
#define NO_WORD UINT16_MAX

// The nearest copy of each return value that was written so far.
#define RETURNS_MAX 64
struct written_return {
  uint32_t value;
  size_t place;
};

struct layout {
  const struct tree *tree;
  struct program *program; // instruction of place p is code[PROGRAM_MAX - p]
  size_t place;            // of the instruction written last; 0: none yet
  struct written_return returns[RETURNS_MAX];
  size_t return_count;
};

static int
layout_write(struct layout *layout, struct sock_filter instruction, struct error *e) {
  if (layout->place == PROGRAM_MAX)
    return error_plain(e, ERROR_POLICY,
                       "the policy needs a filter of more than %d instructions, the most that the kernel takes",
                       PROGRAM_MAX);
  layout->place++;
  layout->program->code[PROGRAM_MAX - layout->place] = instruction;
  return 0;
}

static struct written_return *
layout_find_return(struct layout *layout, uint32_t value) {
  for (size_t i = 0; i < layout->return_count; i++)
    if (layout->returns[i].value == value)
      return &layout->returns[i];
  return NULL;
}

static int
layout_write_return(struct layout *layout, uint32_t value, size_t *place, struct error *e) {
  if (layout_write(layout, (struct sock_filter){BPF_RET | BPF_K, 0, 0, value}, e) != 0)
    return -1;
  *place = layout->place;
  struct written_return *known = layout_find_return(layout, value);
  if (known == NULL && layout->return_count < RETURNS_MAX)
    known = &layout->returns[layout->return_count++];
  if (known != NULL)
    *known = (struct written_return){value, *place};
  return 0;
}

static int layout_node(struct layout *layout, node_t node, struct loaded loaded, size_t *place, struct error *e);

// Makes *place reachable by a conditional jump that is written after at most one more instruction. A return that is too
// far away is written again; anything else gets a jump of its own in between.
static int
layout_reach(struct layout *layout, node_t node, size_t *place, struct error *e) {
  if (layout->place + 1 - *place <= JUMP_MAX)
    return 0;
  const struct node *target = &layout->tree->nodes[node];
  if (target->kind == NODE_RETURN)
    return layout_write_return(layout, target->value, place, e);
  uint32_t distance = (uint32_t)(layout->place - *place);
  if (layout_write(layout, (struct sock_filter){BPF_JMP | BPF_JA, 0, 0, distance}, e) != 0)
    return -1;
  *place = layout->place;
  return 0;
}

static int
layout_load(struct layout *layout, const struct node *node, struct loaded loaded, struct error *e) {
  if (loaded.word == node->word && loaded.mask == node->mask)
    return 0;
  if (node->mask != UINT32_MAX
      && layout_write(layout, (struct sock_filter){BPF_ALU | BPF_AND | BPF_K, 0, 0, node->mask}, e) != 0)
    return -1;
  return layout_write(layout, (struct sock_filter){BPF_LD | BPF_W | BPF_ABS, 0, 0, node->word}, e);
}

static int
layout_test(struct layout *layout, const struct node *node, struct loaded loaded, size_t *place, struct error *e) {
  const struct loaded below = {node->word, node->mask};
  const struct node *nodes = layout->tree->nodes;
  bool yes_far = nodes[node->yes].size > nodes[node->no].size;
  node_t far = yes_far ? node->yes : node->no, near = yes_far ? node->no : node->yes;
  size_t far_place, near_place;
  if (layout_node(layout, far, below, &far_place, e) != 0 || layout_node(layout, near, below, &near_place, e) != 0
      || layout_reach(layout, far, &far_place, e) != 0 || layout_reach(layout, near, &near_place, e) != 0)
    return -1;
  uint8_t to_far = (uint8_t)(layout->place - far_place), to_near = (uint8_t)(layout->place - near_place);
  uint16_t code = BPF_JMP | BPF_K | (node->test == NODE_EQUAL ? BPF_JEQ : BPF_JGE);
  struct sock_filter jump = {code, yes_far ? to_far : to_near, yes_far ? to_near : to_far, node->value};
  if (layout_write(layout, jump, e) != 0 || layout_load(layout, node, loaded, e) != 0)
    return -1;
  *place = layout->place;
  return 0;
}

// What follows a ticket has to stand right behind it: a return is written again, anything else is jumped to.
static int
layout_behind_ticket(struct layout *layout, node_t node, size_t next, struct error *e) {
  const struct node *below = &layout->tree->nodes[node];
  if (next == layout->place)
    return 0;
  if (below->kind == NODE_RETURN)
    return layout_write_return(layout, below->value, &next, e);
  return layout_write(layout, (struct sock_filter){BPF_JMP | BPF_JA, 0, 0, (uint32_t)(layout->place - next)}, e);
}

static int
layout_ticket(struct layout *layout, const struct node *node, size_t *place, struct error *e) {
  static const struct ticket blank;
  struct sock_filter code[TICKET_LENGTH_MAX];
  size_t length = ticket_template(&blank, (enum ticket_form)node->form, code), next;
  if (layout_node(layout, node->no, (struct loaded){NO_WORD, 0}, &next, e) != 0
      || layout_behind_ticket(layout, node->no, next, e) != 0)
    return -1;
  while (length-- > 0)
    if (layout_write(layout, code[length], e) != 0)
      return -1;
  *place = layout->place;
  return 0;
}

// Recursion goes as deep as the tree, which its builders bound.
static int
layout_node(struct layout *layout, node_t index, struct loaded loaded, size_t *place, struct error *e) {
  const struct node *node = &layout->tree->nodes[index];
  if (node->kind == NODE_TICKET)
    return layout_ticket(layout, node, place, e);
  if (node->kind == NODE_TEST)
    return layout_test(layout, node, loaded, place, e);
  const struct written_return *known = layout_find_return(layout, node->value);
  if (known == NULL)
    return layout_write_return(layout, node->value, place, e);
  *place = known->place;
  return 0;
}

int
tree_emit(const struct tree *tree, node_t root, struct program *out, struct error *e) {
  struct layout layout = {.tree = tree, .program = out};
  size_t place;
  if (layout_node(&layout, root, (struct loaded){NO_WORD, 0}, &place, e) != 0)
    return -1;
  out->length = layout.place;
  for (size_t i = 0; i < out->length; i++)
    out->code[i] = out->code[PROGRAM_MAX - out->length + i];
  return 0;
}
