// SPDX-License-Identifier: LGPL-2.1-or-later
// predicates.c - follows the accumulator through a filter. Jumps only go forward, so one pass sees every path.
#include "tests/engines/predicates.h"
#include "compat/abi.h"
#include <linux/seccomp.h>
#include <string.h>

enum { LOAD = BPF_LD | BPF_W | BPF_ABS, AND = BPF_ALU | BPF_AND | BPF_K, JUMP = BPF_JMP | BPF_JA, RETURN = BPF_RET };

// One thing that the accumulator may hold: a known value (word SAMPLE_NUMBER), or an argument's word under a mask.
struct held {
  size_t word;
  uint32_t bits; // the value, or the mask
};

// All that it may hold in front of an instruction, over the paths that lead there; nothing: no path does. It can be
// more than one argument: so does libseccomp go wrong.
#define HELD_MAX 16
struct accumulator {
  size_t count;
  bool overflow; // more than that: nobody may look at it
  struct held items[HELD_MAX];
};

const char *
constants_add(struct constants *constants, uint32_t value) {
  if (constants->count + 3 > CONSTANTS_MAX)
    return "compares with too many constants";
  for (uint32_t neighbour = value - 1; neighbour != value + 2; neighbour++)
    constants->items[constants->count++] = neighbour;
  return NULL;
}

static bool
is_comparison(const struct sock_filter *f) {
  unsigned operation = BPF_OP(f->code);
  return BPF_CLASS(f->code) == BPF_JMP && BPF_SRC(f->code) == BPF_K && operation >= BPF_JEQ && operation <= BPF_JGE;
}

// One of the two highest bits, as runc asks for the x32 one: the answer changes only where the other does.
static bool
is_high_bit(const struct sock_filter *f) {
  return f->code == (BPF_JMP | BPF_JSET | BPF_K) && (f->k == X32_BIT || f->k == 2 * X32_BIT);
}

static const char *
constants_add_quarters(struct constants *numbers) {
  const char *wrong = NULL;
  for (uint32_t quarter = 1; quarter < 4 && wrong == NULL; quarter++)
    wrong = constants_add(numbers, quarter * X32_BIT);
  return wrong;
}

// One instruction, with `held` the set of words that the accumulator may hold.
static const char *
constants_add_question(struct constants *numbers, struct constants *arches, const struct sock_filter *f,
                       uint16_t held) {
  const char *wrong = NULL;
  bool number = held >> SAMPLE_NUMBER & 1, arch = held >> SAMPLE_ARCH & 1;
  if (number && !arch && is_high_bit(f))
    return constants_add_quarters(numbers);
  if ((number || arch) && !is_comparison(f))
    return "does something with a number or an architecture that is not a comparison";
  if (number)
    wrong = constants_add(numbers, f->k);
  return wrong == NULL && arch ? constants_add(arches, f->k) : wrong;
}

const char *
constants_add_program(struct constants *numbers, struct constants *arches, const struct program *program) {
  static uint16_t held[PROGRAM_MAX + 1];
  const char *wrong = NULL;
  memset(held, 0, sizeof held);
  for (size_t at = 0; at < program->length && wrong == NULL; at++) {
    const struct sock_filter *f = &program->code[at];
    if (BPF_CLASS(f->code) == RETURN)
      continue;
    if (f->code == JUMP) {
      held[at + 1 + f->k] |= held[at];
    } else if (BPF_CLASS(f->code) == BPF_JMP) {
      wrong = constants_add_question(numbers, arches, f, held[at]);
      held[at + 1 + f->jt] |= held[at];
      held[at + 1 + f->jf] |= held[at];
    } else if (f->code == LOAD) {
      held[at + 1] |= (uint16_t)(1u << f->k / 4);
    } else {
      wrong = constants_add_question(numbers, arches, f, held[at]);
      held[at + 1] |= held[at];
    }
  }
  return wrong;
}

const char *
predicates_add(struct predicates *predicates, size_t word, uint32_t mask, uint32_t value) {
  if (predicates->counts[word] == PREDICATES_MAX)
    return "asks too much about one argument";
  predicates->items[word][predicates->counts[word]++] = (struct predicate){mask, value};
  return NULL;
}

static void
accumulator_merge(struct accumulator *into, struct held held) {
  for (size_t i = 0; i < into->count; i++)
    if (into->items[i].word == held.word && into->items[i].bits == held.bits)
      return;
  if (into->count < HELD_MAX)
    into->items[into->count++] = held;
  else
    into->overflow = true;
}

static const char *
accumulator_load(struct accumulator *out, uint32_t word, uint32_t arch, uint32_t number) {
  if (word == SAMPLE_NUMBER)
    accumulator_merge(out, (struct held){SAMPLE_NUMBER, number});
  else if (word == SAMPLE_ARCH)
    accumulator_merge(out, (struct held){SAMPLE_NUMBER, arch});
  else if (word >= SAMPLE_ARGUMENTS)
    accumulator_merge(out, (struct held){word, UINT32_MAX});
  return word >= SAMPLE_ARGUMENTS || word <= SAMPLE_ARCH ? NULL : "looks at the instruction pointer";
}

static bool
is_taken(const struct sock_filter *f, uint32_t value) {
  switch (BPF_OP(f->code)) {
  case BPF_JEQ:
    return value == f->k;
  case BPF_JGT:
    return value > f->k;
  case BPF_JGE:
    return value >= f->k;
  default:
    return (value & f->k) != 0;
  }
}

// A known value goes one way, an argument both.
static const char *
predicates_add_jump(struct predicates *predicates, const struct sock_filter *f, struct held held,
                    struct accumulator *next) {
  const char *wrong = NULL;
  bool known = held.word == SAMPLE_NUMBER, set = BPF_OP(f->code) == BPF_JSET, taken = is_taken(f, held.bits);
  if (BPF_SRC(f->code) != BPF_K)
    return "compares with what is no constant";
  if (!known)
    wrong = predicates_add(predicates, held.word, set ? held.bits & f->k : held.bits, set ? 0 : f->k);
  if (!known || taken)
    accumulator_merge(&next[f->jt], held);
  if (!known || !taken)
    accumulator_merge(&next[f->jf], held);
  return wrong;
}

// One instruction that keeps what the accumulator holds or goes by it, with one thing that it may hold.
static const char *
predicates_add_step(struct predicates *predicates, const struct sock_filter *f, struct held held,
                    struct accumulator *next) {
  if (BPF_CLASS(f->code) == BPF_JMP)
    return predicates_add_jump(predicates, f, held, next);
  if (f->code != AND)
    return "does arithmetic";
  accumulator_merge(next, (struct held){held.word, held.bits & f->k});
  return NULL;
}

static const char *
predicates_add_instruction(struct predicates *predicates, const struct sock_filter *f, const struct accumulator *now,
                           struct accumulator *next) {
  const char *wrong = NULL;
  if (now->overflow)
    return "compares what is different on too many paths";
  for (size_t i = 0; i < now->count && wrong == NULL; i++)
    wrong = predicates_add_step(predicates, f, now->items[i], next);
  return wrong;
}

static void
accumulator_pass(const struct accumulator *now, struct accumulator *next) {
  for (size_t i = 0; i < now->count; i++)
    accumulator_merge(next, now->items[i]);
  next->overflow = next->overflow || now->overflow;
}

const char *
predicates_add_program(struct predicates *predicates, const struct program *program, uint32_t arch, uint32_t number) {
  static struct accumulator before[PROGRAM_MAX + 1];
  const char *wrong = NULL;
  for (size_t at = 0; at <= program->length; at++) {
    before[at].count = 0;
    before[at].overflow = false;
  }
  accumulator_merge(&before[0], (struct held){SAMPLE_NUMBER, 0});
  for (size_t at = 0; at < program->length && wrong == NULL; at++) {
    const struct sock_filter *f = &program->code[at];
    if (before[at].count == 0 || BPF_CLASS(f->code) == RETURN)
      continue;
    if (f->code == JUMP)
      accumulator_pass(&before[at], &before[at + 1 + f->k]);
    else if (f->code == LOAD)
      wrong = accumulator_load(&before[at + 1], f->k / 4, arch, number);
    else
      wrong = predicates_add_instruction(predicates, f, &before[at], &before[at + 1]);
  }
  return wrong;
}
