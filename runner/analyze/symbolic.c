// SPDX-License-Identifier: LGPL-2.1-or-later
// symbolic.c - one pass through the program, in the order of its instructions, with all states that can be in front of
// each. Jumps only go forward, and states that are equal become one.
#include "runner/analyze/symbolic.h"
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

enum word_kind { WORD_KNOWN, WORD_BITS, WORD_UNKNOWN, WORD_TICKET };
enum swept { SWEPT_NUMBER, SWEPT_ARCH, SWEPT };

// `value` is the number, an index into the bits, or a set of enum unshown. grain[s] says how the word depends on the
// number or the architecture s: 0 not at all; g: it is the same for all s of one aligned block of 2^(g - 1). pure: 1 +
// s if it is s itself.
struct word {
  uint8_t kind, pure, grain[SWEPT];
  uint32_t value;
};

struct state {
  struct word a, x, memory[BPF_MEMWORDS];
  diagram_t condition;
  uint8_t unshown;
  bool held; // by the holder of a ticket
};

// Bounds. Past them less is known.
enum { BITS_MAX = 256, STATES_MAX = 256, RETURNS_MAX = 32, FAILURES_MAX = 4 };
#define EFFORT (1u << 24)
#define EFFORT_OF_BITS 1024 // one operation on bits, in instructions

struct result {
  struct action action;
  bool any; // whatever the accumulator holds
  diagram_t condition;
  uint8_t unshown;
};

#define NOWHERE UINT16_MAX

struct symbolic {
  const struct program *program;
  struct diagram_store *store;
  uint32_t live[PROGRAM_MAX]; // bit 0: A, 1: X, 2 + i: memory i; read further on
  uint32_t effort;
  unsigned failures;
  struct bits inputs[ARGUMENT_WORDS]; // words of arguments
  uint16_t inputs_made;               // which of them
  // Of one run.
  bool coarse, failed, uncertain;
  uint32_t swept[SWEPT];
  uint64_t edge[SWEPT];
  unsigned tickets;
  struct bits bits[BITS_MAX];
  size_t bits_count;
  uint32_t arguments[ARGUMENT_WORDS]; // 1 + index into bits
  struct state states[STATES_MAX];
  uint16_t next[STATES_MAX], free, heads[PROGRAM_MAX];
  size_t waiting;
  struct result results[RETURNS_MAX];
  size_t result_count;
};

#define LIVE_A 1u
#define LIVE_X 2u
#define LIVE_MEMORY(i) (4u << (i))

static uint32_t
live_before(const struct symbolic *s, size_t at) {
  const struct sock_filter *f = &s->program->code[at];
  uint32_t after = BPF_CLASS(f->code) == BPF_RET || BPF_CLASS(f->code) == BPF_JMP ? 0 : s->live[at + 1];
  uint32_t operand = BPF_SRC(f->code) == BPF_X ? LIVE_X : 0;
  bool memory = BPF_MODE(f->code) == BPF_MEM;
  switch (BPF_CLASS(f->code)) {
  case BPF_LD:
    return (after & ~LIVE_A) | (memory ? LIVE_MEMORY(f->k) : 0);
  case BPF_LDX:
    return (after & ~LIVE_X) | (memory ? LIVE_MEMORY(f->k) : 0);
  case BPF_ST:
    return (after & ~LIVE_MEMORY(f->k)) | LIVE_A;
  case BPF_STX:
    return (after & ~LIVE_MEMORY(f->k)) | LIVE_X;
  case BPF_ALU:
    return after | LIVE_A | operand;
  case BPF_MISC:
    return f->code == (BPF_MISC | BPF_TAX) ? (after & ~LIVE_X) | LIVE_A : (after & ~LIVE_A) | LIVE_X;
  case BPF_JMP:
    if (BPF_OP(f->code) == BPF_JA)
      return s->live[at + 1 + f->k];
    return s->live[at + 1 + f->jt] | s->live[at + 1 + f->jf] | LIVE_A | operand;
  default:
    return BPF_RVAL(f->code) == BPF_A ? LIVE_A : 0;
  }
}

struct symbolic *
symbolic_new(const struct program *program) {
  struct symbolic *s = calloc(1, sizeof *s);
  if (s == NULL)
    return NULL;
  s->program = program;
  s->effort = EFFORT;
  s->store = diagram_store_new();
  for (size_t at = program->length; at > 0; at--)
    s->live[at - 1] = live_before(s, at - 1);
  if (s->store != NULL)
    return s;
  free(s);
  return NULL;
}

void
symbolic_free(struct symbolic *symbolic) {
  if (symbolic != NULL)
    diagram_store_free(symbolic->store);
  free(symbolic);
}

struct diagram_store *
symbolic_store(struct symbolic *symbolic) {
  return symbolic->store;
}

bool
symbolic_forget(struct symbolic *symbolic) {
  bool failed = diagram_store_failed(symbolic->store);
  if (failed) {
    diagram_store_reset(symbolic->store);
    symbolic->inputs_made = 0;
  }
  return failed;
}

static void
spend(struct symbolic *s, uint32_t effort) {
  s->failed |= s->effort < effort;
  s->effort -= s->effort < effort ? s->effort : effort;
}

// What a word is of the number or the architecture, and when that changes.

static void
edge_at(struct symbolic *s, enum swept swept, uint64_t edge) {
  if (edge > s->swept[swept] && edge < s->edge[swept])
    s->edge[swept] = edge;
}

static void
edge_of_block(struct symbolic *s, enum swept swept, unsigned grain) {
  if (grain > 0)
    edge_at(s, swept, (((uint64_t)s->swept[swept] >> (grain - 1)) + 1) << (grain - 1));
}

static void
edges_of_word(struct symbolic *s, const struct word *word) {
  for (unsigned i = 0; i < SWEPT; i++)
    edge_of_block(s, (enum swept)i, word->grain[i]);
}

static bool
is_constant(const struct word *word) {
  return word->kind == WORD_KNOWN && word->grain[SWEPT_NUMBER] == 0 && word->grain[SWEPT_ARCH] == 0;
}

// A jump looks at `a` and `b`.
static void
edges_of_jump(struct symbolic *s, unsigned operation, const struct word *a, const struct word *b) {
  uint64_t k = b->value;
  if (a->pure == 0 || !is_constant(b)) {
    edges_of_word(s, a);
    edges_of_word(s, b);
    return;
  }
  enum swept swept = (enum swept)(a->pure - 1);
  if (operation == BPF_JSET && k != 0)
    edge_of_block(s, swept, (unsigned)__builtin_ctzll(k) + 1);
  if (operation == BPF_JEQ || operation == BPF_JGE)
    edge_at(s, swept, k);
  if (operation == BPF_JEQ || operation == BPF_JGT)
    edge_at(s, swept, k + 1);
}

static void
grains_join(const struct word *a, const struct word *b, struct word *out) {
  for (unsigned i = 0; i < SWEPT; i++) {
    uint8_t x = a->grain[i], y = b->grain[i];
    out->grain[i] = x == 0 || (y != 0 && y < x) ? y : x;
  }
}

// The whole value under a mask, or shifted down, changes less often.
static void
grains_of_alu(unsigned operation, const struct word *a, const struct word *b, struct word *out) {
  grains_join(a, b, out);
  if (a->pure == 0 || !is_constant(b))
    return;
  if (operation == BPF_AND)
    out->grain[a->pure - 1] = b->value == 0 ? 0 : (uint8_t)(__builtin_ctz(b->value) + 1);
  else if (operation == BPF_RSH)
    out->grain[a->pure - 1] = (uint8_t)((b->value & 31) + 1);
}

static struct word
known(uint32_t value) {
  return (struct word){.kind = WORD_KNOWN, .value = value};
}

static struct word
unknown(unsigned unshown) {
  return (struct word){.kind = WORD_UNKNOWN, .value = unshown};
}

// Keeps bits, the same ones only once.
static struct word
word_of_bits(struct symbolic *s, const struct bits *bits) {
  uint32_t value;
  if (bits_is_constant(bits, &value))
    return known(value);
  if (__builtin_popcount(bits->compared) >= 3)
    return (struct word){.kind = WORD_TICKET};
  for (size_t i = 0; i < s->bits_count; i++)
    if (memcmp(s->bits[i].bit, bits->bit, sizeof bits->bit) == 0 && s->bits[i].compared == bits->compared)
      return (struct word){.kind = WORD_BITS, .value = (uint32_t)i};
  if (s->bits_count == BITS_MAX)
    return unknown(UNSHOWN_ARITHMETIC);
  s->bits[s->bits_count] = *bits;
  return (struct word){.kind = WORD_BITS, .value = (uint32_t)s->bits_count++};
}

static void
bits_of_word(const struct symbolic *s, const struct word *word, struct bits *out) {
  if (word->kind == WORD_BITS)
    *out = s->bits[word->value];
  else
    bits_constant(word->value, out);
}

static struct word
load_argument(struct symbolic *s, unsigned word) {
  if (s->coarse)
    return unknown(UNSHOWN_ARGUMENTS);
  if (s->arguments[word] == 0) {
    if ((s->inputs_made >> word & 1) == 0)
      bits_argument(s->store, word, &s->inputs[word]);
    s->inputs_made |= (uint16_t)(1u << word);
    struct word made = word_of_bits(s, &s->inputs[word]);
    if (made.kind != WORD_BITS)
      return made;
    s->arguments[word] = made.value + 1;
  }
  return (struct word){.kind = WORD_BITS, .value = s->arguments[word] - 1};
}

static struct word
load_data(struct symbolic *s, uint32_t offset) {
  if (offset >= offsetof(struct seccomp_data, args))
    return load_argument(s, (offset - (unsigned)offsetof(struct seccomp_data, args)) / 4);
  if (offset >= offsetof(struct seccomp_data, instruction_pointer))
    return unknown(UNSHOWN_POINTER);
  unsigned swept = offset == offsetof(struct seccomp_data, arch) ? SWEPT_ARCH : SWEPT_NUMBER;
  struct word word = known(s->swept[swept]);
  word.grain[swept] = 1;
  word.pure = (uint8_t)(swept + 1);
  return word;
}

static struct word
load(struct symbolic *s, const struct state *state, const struct sock_filter *f) {
  switch (BPF_MODE(f->code)) {
  case BPF_ABS:
    return load_data(s, f->k);
  case BPF_LEN:
    return known(sizeof(struct seccomp_data));
  case BPF_MEM:
    return state->memory[f->k];
  default:
    return known(f->k);
  }
}

static uint32_t
alu_known(unsigned operation, uint32_t a, uint32_t b) {
  switch (operation) {
  case BPF_ADD:
    return a + b;
  case BPF_SUB:
    return a - b;
  case BPF_MUL:
    return a * b;
  case BPF_DIV:
    return a / b; // not 0
  case BPF_AND:
    return a & b;
  case BPF_OR:
    return a | b;
  case BPF_XOR:
    return a ^ b;
  case BPF_LSH:
    return a << (b & 31);
  default:
    return a >> (b & 31);
  }
}

static bool
is_power(uint32_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

// The words of arguments that `a`, compared with `b` by xor, is compared with: none but for one whole word.
static uint16_t
compared_by(const struct symbolic *s, const struct word *a, const struct word *b) {
  for (unsigned i = 0; i < ARGUMENT_WORDS && a->kind == WORD_BITS && is_constant(b) && b->value != 0; i++)
    if (s->arguments[i] == a->value + 1)
      return (uint16_t)(1u << i);
  return 0;
}

// One of the two at least is made of bits, the other one can be known.
static struct word
alu_bits(struct symbolic *s, unsigned operation, const struct word *a, const struct word *b) {
  struct bits x, y, out;
  bool constant = b->kind == WORD_KNOWN;
  uint32_t k = b->value;
  spend(s, EFFORT_OF_BITS);
  bits_of_word(s, a, &x);
  bits_of_word(s, b, &y);
  if (operation == BPF_AND)
    bits_and(s->store, &x, &y, &out);
  else if (operation == BPF_OR)
    bits_or(s->store, &x, &y, &out);
  else if (operation == BPF_XOR) {
    bits_xor(s->store, &x, &y, &out);
    out.compared = compared_by(s, a, b) | compared_by(s, b, a);
  } else if ((operation == BPF_ADD || operation == BPF_SUB) && (constant || a->kind == WORD_KNOWN))
    bits_add(s->store, &x, &y, operation == BPF_SUB, &out);
  else if ((operation == BPF_LSH || operation == BPF_RSH) && constant)
    bits_shift(&x, k & 31, operation == BPF_LSH, &out);
  else if ((operation == BPF_MUL || operation == BPF_DIV) && constant && is_power(k))
    bits_shift(&x, (unsigned)__builtin_ctz(k), operation == BPF_MUL, &out);
  else
    return unknown(UNSHOWN_ARITHMETIC);
  return word_of_bits(s, &out);
}

static unsigned
unshown_of(const struct word *word) {
  return word->kind == WORD_UNKNOWN ? word->value : word->kind == WORD_KNOWN ? 0 : UNSHOWN_ARGUMENTS;
}

// A ticket stays one while more is joined to it.
static struct word
alu_unknown(unsigned operation, const struct word *a, const struct word *b) {
  const struct word *other = a->kind == WORD_TICKET ? b : a;
  if (operation == BPF_OR && (a->kind == WORD_TICKET || b->kind == WORD_TICKET)
      && (other->kind == WORD_TICKET || other->kind == WORD_BITS || (other->kind == WORD_KNOWN && other->value == 0)))
    return (struct word){.kind = WORD_TICKET};
  return unknown(unshown_of(a) | unshown_of(b));
}

static struct word
alu_word(struct symbolic *s, unsigned operation, const struct word *a, const struct word *b) {
  struct word out;
  if (a->kind == WORD_KNOWN && b->kind == WORD_KNOWN)
    out = known(alu_known(operation, a->value, b->value));
  else if (a->kind >= WORD_UNKNOWN || b->kind >= WORD_UNKNOWN)
    out = alu_unknown(operation, a, b);
  else
    out = alu_bits(s, operation, a, b);
  grains_of_alu(operation, a, b, &out);
  return out;
}

// Answers, with the paths to them.

static void
results_add(struct symbolic *s, const struct state *state, struct action action, bool any) {
  if (state->held) {
    s->tickets |= any                           ? TICKET_GIVES_OTHER
                  : action.kind == ACTION_ALLOW ? TICKET_GIVES_ALLOW
                  : action.kind == ACTION_ERRNO ? TICKET_GIVES_ERRNO
                                                : TICKET_GIVES_OTHER;
    return;
  }
  for (size_t i = 0; i < s->result_count; i++) {
    struct result *result = &s->results[i];
    if (result->any != any || !action_equal(result->action, action))
      continue;
    result->condition = diagram_first(s->store, result->condition, state->condition);
    result->unshown |= state->unshown;
    return;
  }
  s->failed |= s->result_count == RETURNS_MAX;
  if (!s->failed)
    s->results[s->result_count++] = (struct result){action, any, state->condition, state->unshown};
}

// What the kernel makes of a value. Source: __seccomp_filter() in the kernel's seccomp.c: an action that it does not
// know kills.
static struct action
action_of(uint32_t value) {
  struct action action;
  if (!action_from_return(value, &action))
    return (struct action){ACTION_KILL_PROCESS, 0};
  if (action.kind != ACTION_ERRNO && action.kind != ACTION_TRACE)
    action.data = 0;
  if (action.kind == ACTION_ERRNO && action.data > ACTION_ERRNO_MAX)
    action.data = ACTION_ERRNO_MAX;
  return action;
}

static void
step_return(struct symbolic *s, struct state *state, const struct sock_filter *f) {
  struct word value = BPF_RVAL(f->code) == BPF_A ? state->a : known(f->k);
  edges_of_word(s, &value);
  state->unshown |= (uint8_t)unshown_of(&value);
  bool any = value.kind != WORD_KNOWN;
  s->uncertain |= any;
  results_add(s, state, any ? (struct action){ACTION_NONE, 0} : action_of(value.value), any);
}

// A state in front of `at`, beside those that wait there.

static bool
same_state(const struct state *a, const struct state *b) {
  return a->held == b->held && memcmp(&a->a, &b->a, sizeof a->a) == 0 && memcmp(&a->x, &b->x, sizeof a->x) == 0
         && memcmp(a->memory, b->memory, sizeof a->memory) == 0;
}

static void
forget_dead(struct state *state, uint32_t live) {
  const struct word zero = known(0);
  if ((live & LIVE_A) == 0)
    state->a = zero;
  if ((live & LIVE_X) == 0)
    state->x = zero;
  for (unsigned i = 0; i < BPF_MEMWORDS; i++)
    if ((live & LIVE_MEMORY(i)) == 0)
      state->memory[i] = zero;
}

static void
wait_at(struct symbolic *s, size_t at, const struct state *state) {
  struct state fresh = *state;
  if (state->condition == DIAGRAM_NONE)
    return;
  forget_dead(&fresh, s->live[at]);
  for (uint16_t i = s->heads[at]; i != NOWHERE; i = s->next[i])
    if (same_state(&s->states[i], &fresh)) {
      s->states[i].condition = diagram_first(s->store, s->states[i].condition, fresh.condition);
      s->states[i].unshown |= fresh.unshown;
      return;
    }
  uint16_t place = s->free;
  s->failed |= place == NOWHERE;
  if (place == NOWHERE)
    return;
  s->free = s->next[place];
  s->states[place] = fresh;
  s->next[place] = s->heads[at];
  s->heads[at] = place;
  s->waiting++;
}

// Jumps.

static bool
jump_known(unsigned operation, uint32_t a, uint32_t b) {
  return operation == BPF_JEQ ? a == b : operation == BPF_JGT ? a > b : operation == BPF_JGE ? a >= b : (a & b) != 0;
}

static diagram_t
jump_condition(struct symbolic *s, unsigned operation, const struct word *a, const struct word *b) {
  struct bits x, y;
  spend(s, EFFORT_OF_BITS);
  bits_of_word(s, a, &x);
  bits_of_word(s, b, &y);
  switch (operation) {
  case BPF_JEQ:
    return bits_equal(s->store, &x, &y);
  case BPF_JGT:
    return bits_greater(s->store, &x, &y);
  case BPF_JGE:
    return diagram_not(s->store, bits_greater(s->store, &y, &x));
  default:
    return bits_meet(s->store, &x, &y);
  }
}

// A comparison that tells nothing but whether the word is 0.
static bool
asks_for_zero(unsigned operation, const struct word *a, const struct word *b, bool *zero_jumps) {
  *zero_jumps = operation == BPF_JEQ;
  if (a->kind != WORD_TICKET || !is_constant(b))
    return false;
  return ((operation == BPF_JEQ || operation == BPF_JGT) && b->value == 0) || (operation == BPF_JGE && b->value == 1)
         || (operation == BPF_JSET && b->value == UINT32_MAX);
}

static void
step_jump(struct symbolic *s, struct state *state, const struct sock_filter *f, size_t at) {
  unsigned operation = BPF_OP(f->code);
  struct word b = BPF_SRC(f->code) == BPF_X ? state->x : known(f->k);
  struct state other = *state;
  size_t then = at + 1 + f->jt, otherwise = at + 1 + f->jf;
  bool zero_jumps;
  edges_of_jump(s, operation, &state->a, &b);
  if (state->a.kind == WORD_KNOWN && b.kind == WORD_KNOWN) {
    wait_at(s, jump_known(operation, state->a.value, b.value) ? then : otherwise, state);
    return;
  }
  if (asks_for_zero(operation, &state->a, &b, &zero_jumps)) {
    (zero_jumps ? state : &other)->held = true;
  } else if (state->a.kind >= WORD_UNKNOWN || b.kind >= WORD_UNKNOWN) {
    s->uncertain = true;
    state->unshown |= (uint8_t)(unshown_of(&state->a) | unshown_of(&b));
    other.unshown = state->unshown;
  } else {
    diagram_t holds = jump_condition(s, operation, &state->a, &b);
    state->condition = diagram_both(s->store, holds, state->condition);
    other.condition = diagram_both(s->store, diagram_not(s->store, holds), other.condition);
  }
  wait_at(s, then, state);
  wait_at(s, otherwise, &other);
}

// A division by zero ends the program with 0. False if nothing goes on.
static bool
step_alu(struct symbolic *s, struct state *state, const struct sock_filter *f) {
  unsigned operation = BPF_OP(f->code);
  struct word b = BPF_SRC(f->code) == BPF_X ? state->x : known(f->k);
  if (operation == BPF_NEG) {
    b = state->a;
    state->a = known(0);
    operation = BPF_SUB;
  }
  if (operation == BPF_DIV && (b.kind != WORD_KNOWN || b.value == 0)) {
    struct state end = *state;
    edges_of_word(s, &b);
    end.unshown |= (uint8_t)unshown_of(&b);
    s->uncertain |= b.kind != WORD_KNOWN;
    results_add(s, &end, action_of(0), false);
    if (b.kind == WORD_KNOWN)
      return false;
    state->unshown = end.unshown;
  } else if (operation == BPF_DIV) {
    edges_of_word(s, &b);
  }
  state->a = alu_word(s, operation, &state->a, &b);
  return true;
}

// One instruction. True if the state goes on to the next one.
static bool
step(struct symbolic *s, struct state *state, size_t at) {
  const struct sock_filter *f = &s->program->code[at];
  spend(s, 1);
  switch (BPF_CLASS(f->code)) {
  case BPF_LD:
    state->a = load(s, state, f);
    return true;
  case BPF_LDX:
    state->x = load(s, state, f);
    return true;
  case BPF_ST:
    state->memory[f->k] = state->a;
    return true;
  case BPF_STX:
    state->memory[f->k] = state->x;
    return true;
  case BPF_MISC:
    if (f->code == (BPF_MISC | BPF_TAX))
      state->x = state->a;
    else
      state->a = state->x;
    return true;
  case BPF_ALU:
    return step_alu(s, state, f);
  case BPF_JMP:
    if (BPF_OP(f->code) == BPF_JA)
      wait_at(s, at + 1 + f->k, state);
    else
      step_jump(s, state, f, at);
    return false;
  default:
    step_return(s, state, f);
    return false;
  }
}

// As far as the state goes on alone; then it waits for the others.
static void
walk(struct symbolic *s, struct state *state, size_t at) {
  while (!s->failed && step(s, state, at)) {
    at++;
    if (s->waiting > 0 || s->heads[at] != NOWHERE) {
      wait_at(s, at, state);
      return;
    }
  }
}

static void
run_clear(struct symbolic *s, uint32_t arch, uint32_t number) {
  s->failed = s->uncertain = false;
  s->swept[SWEPT_NUMBER] = number;
  s->swept[SWEPT_ARCH] = arch;
  s->edge[SWEPT_NUMBER] = s->edge[SWEPT_ARCH] = (uint64_t)UINT32_MAX + 1;
  s->tickets = 0;
  s->bits_count = s->waiting = s->result_count = 0;
  memset(s->arguments, 0, sizeof s->arguments);
  memset(s->heads, 0xff, s->program->length * sizeof s->heads[0]);
  for (uint16_t i = 0; i < STATES_MAX; i++)
    s->next[i] = i + 1 < STATES_MAX ? (uint16_t)(i + 1) : NOWHERE;
  s->free = 0;
}

static void
run_all(struct symbolic *s, uint32_t arch, uint32_t number) {
  run_clear(s, arch, number);
  struct state first = {.condition = DIAGRAM_TRUE};
  wait_at(s, 0, &first);
  for (size_t at = 0; at < s->program->length && s->waiting > 0; at++)
    while (s->heads[at] != NOWHERE && !s->failed) {
      uint16_t place = s->heads[at];
      struct state state = s->states[place];
      s->heads[at] = s->next[place];
      s->next[place] = s->free;
      s->free = place;
      s->waiting--;
      walk(s, &state, at);
    }
  s->failed |= diagram_store_failed(s->store);
}

// Sets of answers.

static int
action_order(struct action a, struct action b) {
  return a.kind != b.kind ? (a.kind > b.kind) - (a.kind < b.kind) : (a.data > b.data) - (a.data < b.data);
}

void
answer_add(struct answer_set *set, struct action action) {
  uint8_t place = 0;
  while (place < set->count && action_order(set->actions[place], action) < 0)
    place++;
  if (place < set->count && action_equal(set->actions[place], action))
    return;
  if (set->count == ANSWER_ACTIONS) {
    set->more = true;
    return;
  }
  for (uint8_t i = set->count++; i > place; i--)
    set->actions[i] = set->actions[i - 1];
  set->actions[place] = action;
}

void
answer_join(struct answer_set *a, const struct answer_set *b) {
  for (uint8_t i = 0; i < b->count; i++)
    answer_add(a, b->actions[i]);
  a->unshown |= b->unshown;
  a->more |= b->more;
}

bool
answer_equal(const struct answer_set *a, const struct answer_set *b) {
  if (a->count != b->count || a->unshown != b->unshown || a->more != b->more)
    return false;
  for (uint8_t i = 0; i < a->count; i++)
    if (!action_equal(a->actions[i], b->actions[i]))
      return false;
  return true;
}

static struct answer_set
answer_of(const struct result *result) {
  struct answer_set set = {.unshown = result->unshown, .more = result->any};
  if (!result->any)
    answer_add(&set, result->action);
  return set;
}

// Paths that meet: every region is cut by every result.
static bool
regions_cut(struct symbolic *s, const struct result *result, struct run *out) {
  struct answer_set answer = answer_of(result);
  diagram_t rest = diagram_not(s->store, result->condition);
  for (size_t i = 0, before = out->count; i < before; i++) {
    struct region inside = out->regions[i];
    inside.region = diagram_both(s->store, result->condition, inside.region);
    if (inside.region == DIAGRAM_NONE)
      continue;
    answer_join(&inside.answer, &answer);
    diagram_t outside = diagram_both(s->store, rest, out->regions[i].region);
    if (outside == DIAGRAM_NONE) {
      out->regions[i] = inside;
      continue;
    }
    if (out->count == REGIONS_MAX)
      return false;
    out->regions[i].region = outside;
    out->regions[out->count++] = inside;
  }
  return true;
}

// Without unknown jumps paths do not meet.
static bool
regions_make(struct symbolic *s, struct run *out) {
  out->count = s->uncertain;
  out->regions[0] = (struct region){.region = DIAGRAM_TRUE};
  for (size_t i = 0; i < s->result_count; i++) {
    if (s->uncertain && !regions_cut(s, &s->results[i], out))
      return false;
    if (!s->uncertain)
      out->regions[out->count++] = (struct region){s->results[i].condition, answer_of(&s->results[i])};
  }
  for (size_t i = 0; i < out->count; i++) // of one answer, nothing can be unshown
    if (out->regions[i].answer.count == 1 && !out->regions[i].answer.more)
      out->regions[i].answer.unshown = 0;
  return out->count > 0 && !diagram_store_failed(s->store);
}

static void
run_finish(const struct symbolic *s, struct run *out) {
  out->tickets = s->tickets;
  out->number_edge = s->edge[SWEPT_NUMBER];
  out->arch_edge = s->edge[SWEPT_ARCH];
}

void
symbolic_run_coarse(struct symbolic *symbolic, uint32_t arch, uint32_t number, struct run *out) {
  struct symbolic *s = symbolic;
  struct answer_set all = {.count = 0};
  s->coarse = true;
  run_all(s, arch, number);
  for (size_t i = 0; i < s->result_count; i++) {
    struct answer_set answer = answer_of(&s->results[i]);
    answer_join(&all, &answer);
  }
  if (s->failed || s->result_count == 0)
    all = (struct answer_set){.unshown = UNSHOWN_ARGUMENTS, .more = true};
  else if (all.count == 1 && !all.more)
    all.unshown = 0;
  out->count = 1;
  out->regions[0] = (struct region){DIAGRAM_TRUE, all};
  run_finish(s, out);
  if (s->failed) // the rest of the way may have looked at the number again
    out->number_edge = (uint64_t)number + 1, out->arch_edge = (uint64_t)arch + 1;
}

void
symbolic_run(struct symbolic *symbolic, uint32_t arch, uint32_t number, struct run *out) {
  struct symbolic *s = symbolic;
  for (int again = 0; again < 2 && s->failures < FAILURES_MAX; again++) {
    s->coarse = false;
    run_all(s, arch, number);
    if (!s->failed && regions_make(s, out)) {
      run_finish(s, out);
      return;
    }
    if (symbolic_forget(s) && again == 0)
      continue;
    s->failures++;
    s->effort += s->effort < EFFORT / 4 ? EFFORT / 4 : 0; // for looking at it coarsely
    break;
  }
  symbolic_run_coarse(s, arch, number, out);
}
