// SPDX-License-Identifier: LGPL-2.1-or-later
// simulate.c - classic BPF as seccomp takes it: the kernel's checks, then the machine itself.
#include "runner/simulate.h"
#include <stdbool.h>
#include <string.h>

struct machine {
  uint32_t a, x;
  uint32_t memory[BPF_MEMWORDS];
};

// What seccomp lets through, by kind of check. Source: seccomp_check_filter() in the kernel's seccomp.c; BPF_MOD is not
// in it.
static bool
is_allowed(uint16_t code) {
  switch (code) {
  case BPF_LD | BPF_W | BPF_ABS:
  case BPF_LD | BPF_W | BPF_LEN:
  case BPF_LDX | BPF_W | BPF_LEN:
  case BPF_LD | BPF_IMM:
  case BPF_LDX | BPF_IMM:
  case BPF_LD | BPF_MEM:
  case BPF_LDX | BPF_MEM:
  case BPF_ST:
  case BPF_STX:
  case BPF_RET | BPF_K:
  case BPF_RET | BPF_A:
  case BPF_MISC | BPF_TAX:
  case BPF_MISC | BPF_TXA:
  case BPF_ALU | BPF_NEG:
  case BPF_JMP | BPF_JA:
    return true;
  default:
    break;
  }
  unsigned operation = BPF_OP(code);
  if (code == (BPF_ALU | operation | BPF_K) || code == (BPF_ALU | operation | BPF_X))
    return operation <= BPF_RSH || operation == BPF_XOR;
  if (code == (BPF_JMP | operation | BPF_K) || code == (BPF_JMP | operation | BPF_X))
    return operation >= BPF_JEQ && operation <= BPF_JSET;
  return false;
}

// Source: bpf_check_basics_ok() and bpf_check_classic() in the kernel's filter.c.
static bool
is_operand_allowed(const struct program *program, size_t at) {
  const struct sock_filter *f = &program->code[at];
  size_t left = program->length - at - 1; // instructions behind this one
  switch (f->code) {
  case BPF_LD | BPF_W | BPF_ABS:
    return f->k < sizeof(struct seccomp_data) && f->k % 4 == 0;
  case BPF_LD | BPF_MEM:
  case BPF_LDX | BPF_MEM:
  case BPF_ST:
  case BPF_STX:
    return f->k < BPF_MEMWORDS;
  case BPF_ALU | BPF_DIV | BPF_K:
    return f->k != 0;
  case BPF_ALU | BPF_LSH | BPF_K:
  case BPF_ALU | BPF_RSH | BPF_K:
    return f->k < 32;
  case BPF_JMP | BPF_JA:
    return f->k < left;
  default:
    return BPF_CLASS(f->code) != BPF_JMP || (f->jt < left && f->jf < left);
  }
}

// No path may load a cell of memory that it has not stored to. Source: check_load_and_stores() in the kernel's
// filter.c.
static bool
is_memory_stored(const struct program *program) {
  uint16_t stored[PROGRAM_MAX]; // in front of each jump's target: cells stored to on all paths so far
  uint16_t now = 0;
  memset(stored, 0xff, program->length * sizeof stored[0]);
  for (size_t at = 0; at < program->length; at++) {
    const struct sock_filter *f = &program->code[at];
    now &= stored[at];
    if (f->code == BPF_ST || f->code == BPF_STX) {
      now |= (uint16_t)(1u << f->k);
    } else if (f->code == (BPF_LD | BPF_MEM) || f->code == (BPF_LDX | BPF_MEM)) {
      if ((now >> f->k & 1) == 0)
        return false;
    } else if (f->code == (BPF_JMP | BPF_JA)) {
      stored[at + 1 + f->k] &= now;
      now = UINT16_MAX;
    } else if (BPF_CLASS(f->code) == BPF_JMP) {
      stored[at + 1 + f->jt] &= now;
      stored[at + 1 + f->jf] &= now;
      now = UINT16_MAX;
    }
  }
  return true;
}

int
program_acceptable(const struct program *program) {
  if (program->length == 0 || program->length > PROGRAM_MAX)
    return -1;
  bool memory = false;
  for (size_t at = 0; at < program->length; at++) {
    uint16_t code = program->code[at].code;
    if (!is_allowed(code) || !is_operand_allowed(program, at))
      return -1;
    memory = memory || code == (BPF_LD | BPF_MEM) || code == (BPF_LDX | BPF_MEM);
  }
  if (BPF_CLASS(program->code[program->length - 1].code) != BPF_RET)
    return -1;
  return memory && !is_memory_stored(program) ? -1 : 0;
}

// False for a division by zero, which ends the program.
static bool
alu(struct machine *m, const struct sock_filter *f) {
  uint32_t operand = BPF_SRC(f->code) == BPF_X ? m->x : f->k;
  switch (BPF_OP(f->code)) {
  case BPF_ADD:
    m->a += operand;
    break;
  case BPF_SUB:
    m->a -= operand;
    break;
  case BPF_MUL:
    m->a *= operand;
    break;
  case BPF_DIV:
    if (operand == 0)
      return false;
    m->a /= operand;
    break;
  case BPF_AND:
    m->a &= operand;
    break;
  case BPF_OR:
    m->a |= operand;
    break;
  case BPF_XOR:
    m->a ^= operand;
    break;
  // The kernel takes the count modulo 32.
  case BPF_LSH:
    m->a <<= operand & 31;
    break;
  case BPF_RSH:
    m->a >>= operand & 31;
    break;
  case BPF_NEG:
    m->a = 0 - m->a;
    break;
  default:
    break;
  }
  return true;
}

static size_t
jump(const struct machine *m, const struct sock_filter *f) {
  uint32_t operand = BPF_SRC(f->code) == BPF_X ? m->x : f->k;
  switch (BPF_OP(f->code)) {
  case BPF_JA:
    return f->k;
  case BPF_JEQ:
    return m->a == operand ? f->jt : f->jf;
  case BPF_JGT:
    return m->a > operand ? f->jt : f->jf;
  case BPF_JGE:
    return m->a >= operand ? f->jt : f->jf;
  default:
    return (m->a & operand) != 0 ? f->jt : f->jf;
  }
}

static uint32_t
load(const struct machine *m, const struct sock_filter *f, const struct seccomp_data *data) {
  uint32_t word;
  switch (BPF_MODE(f->code)) {
  case BPF_ABS:
    memcpy(&word, (const unsigned char *)data + f->k, sizeof word);
    return word;
  case BPF_LEN:
    return sizeof *data;
  case BPF_MEM:
    return m->memory[f->k];
  default:
    return f->k;
  }
}

uint32_t
program_run(const struct program *program, const struct seccomp_data *data, unsigned *steps) {
  struct machine m = {0};
  unsigned ran = 0;
  uint32_t value = 0; // SECCOMP_RET_KILL_THREAD, which a division by zero gives
  for (size_t at = 0;; at++) {
    const struct sock_filter *f = &program->code[at];
    ran++;
    switch (BPF_CLASS(f->code)) {
    case BPF_LD:
      m.a = load(&m, f, data);
      continue;
    case BPF_LDX:
      m.x = load(&m, f, data);
      continue;
    case BPF_ST:
      m.memory[f->k] = m.a;
      continue;
    case BPF_STX:
      m.memory[f->k] = m.x;
      continue;
    case BPF_JMP:
      at += jump(&m, f);
      continue;
    case BPF_MISC:
      if (f->code == (BPF_MISC | BPF_TAX))
        m.x = m.a;
      else
        m.a = m.x;
      continue;
    case BPF_ALU:
      if (alu(&m, f))
        continue;
      break;
    default:
      value = BPF_RVAL(f->code) == BPF_A ? m.a : f->k;
      break;
    }
    break;
  }
  if (steps != NULL)
    *steps = ran;
  return value;
}

int
program_simulate(const struct program *program, const struct seccomp_data *data, uint32_t *value, unsigned *steps) {
  if (program_acceptable(program) != 0)
    return -1;
  *value = program_run(program, data, steps);
  return 0;
}
