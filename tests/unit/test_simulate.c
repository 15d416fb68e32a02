// SPDX-License-Identifier: LGPL-2.1-or-later
// test_simulate.c - each instruction that seccomp knows, and everything that the kernel's checker refuses.
#include "runner/simulate.h"
#include "tests/check.h"

#define RET(k) BPF_STMT(BPF_RET | BPF_K, k)
#define LD(k) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, k)
#define IMM(k) BPF_STMT(BPF_LD | BPF_IMM, k)
#define RETA BPF_STMT(BPF_RET | BPF_A, 0)
#define TAX BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define ALU(op, k) BPF_STMT(BPF_ALU | (op) | BPF_K, k)
#define ALUX(op) BPF_STMT(BPF_ALU | (op) | BPF_X, 0)
#define IF(op, k, t, f) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, t, f)
#define IFX(op, t, f) BPF_JUMP(BPF_JMP | (op) | BPF_X, 0, t, f)
#define JA(k) BPF_STMT(BPF_JMP | BPF_JA, k)
#define CODE(...)                                                                                                      \
  { __VA_ARGS__ }

#define REFUSED (-1)

static const struct {
  const char *name;
  long long want; // value, or REFUSED
  unsigned steps, length;
  struct sock_filter code[8];
} rows[] = {
    {"ret k", 7, 1, 1, CODE(RET(7))},
    {"accumulator starts at 0", 0, 1, 1, CODE(RETA)},
    {"load nr", 0x11, 2, 2, CODE(LD(0), RETA)},
    {"load arch", 0x22, 2, 2, CODE(LD(4), RETA)},
    {"load ip low", 0x44444444, 2, 2, CODE(LD(8), RETA)},
    {"load ip high", 0x33333333, 2, 2, CODE(LD(12), RETA)},
    {"load a0 low", 0x100, 2, 2, CODE(LD(16), RETA)},
    {"load a0 high", 0x200, 2, 2, CODE(LD(20), RETA)},
    {"load a5 high", 0x205, 2, 2, CODE(LD(60), RETA)},
    {"load behind the end", REFUSED, 0, 2, CODE(LD(64), RETA)},
    {"load unaligned", REFUSED, 0, 2, CODE(LD(2), RETA)},
    {"load ancillary", REFUSED, 0, 2, CODE(LD(0xfffff000), RETA)},
    {"load half", REFUSED, 0, 2, CODE(BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), RETA)},
    {"load indirect", REFUSED, 0, 2, CODE(BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), RETA)},
    {"load length", 64, 2, 2, CODE(BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), RETA)},
    {"load length to x", 64, 3, 3, CODE(BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_MISC | BPF_TXA, 0), RETA)},
    {"load header length", REFUSED, 0, 2, CODE(BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), RETA)},
    {"immediate", 5, 2, 2, CODE(IMM(5), RETA)},
    {"immediate to x", 6, 3, 3, CODE(BPF_STMT(BPF_LDX | BPF_IMM, 6), BPF_STMT(BPF_MISC | BPF_TXA, 0), RETA)},
    {"memory", 9, 5, 5, CODE(IMM(9), BPF_STMT(BPF_ST, 15), IMM(1), BPF_STMT(BPF_LD | BPF_MEM, 15), RETA)},
    {"memory through x", 9, 6, 6,
     CODE(IMM(9), TAX, BPF_STMT(BPF_STX, 3), BPF_STMT(BPF_LDX | BPF_MEM, 3), BPF_STMT(BPF_MISC | BPF_TXA, 0), RETA)},
    {"memory never stored", REFUSED, 0, 2, CODE(BPF_STMT(BPF_LD | BPF_MEM, 0), RETA)},
    {"memory stored on one path", REFUSED, 0, 5,
     CODE(LD(0), IF(BPF_JEQ, 0x11, 0, 1), BPF_STMT(BPF_ST, 0), BPF_STMT(BPF_LD | BPF_MEM, 0), RETA)},
    {"memory stored before the branch", 0x11, 5, 5,
     CODE(LD(0), BPF_STMT(BPF_ST, 0), IF(BPF_JEQ, 0x11, 0, 0), BPF_STMT(BPF_LD | BPF_MEM, 0), RETA)},
    {"memory cell 16", REFUSED, 0, 3, CODE(IMM(9), BPF_STMT(BPF_ST, 16), RETA)},
    {"add", 12, 3, 3, CODE(IMM(5), ALU(BPF_ADD, 7), RETA)},
    {"subtract below zero", 0xfffffffe, 3, 3, CODE(IMM(5), ALU(BPF_SUB, 7), RETA)},
    {"multiply", 35, 3, 3, CODE(IMM(5), ALU(BPF_MUL, 7), RETA)},
    {"divide", 7, 3, 3, CODE(IMM(50), ALU(BPF_DIV, 7), RETA)},
    {"divide by constant zero", REFUSED, 0, 3, CODE(IMM(50), ALU(BPF_DIV, 0), RETA)},
    {"divide by x zero ends the program", 0, 2, 3, CODE(IMM(50), ALUX(BPF_DIV), RETA)},
    {"modulo is not for seccomp", REFUSED, 0, 3, CODE(IMM(50), ALU(BPF_MOD, 7), RETA)},
    {"and", 4, 3, 3, CODE(IMM(12), ALU(BPF_AND, 6), RETA)},
    {"or", 14, 3, 3, CODE(IMM(12), ALU(BPF_OR, 6), RETA)},
    {"xor", 10, 3, 3, CODE(IMM(12), ALU(BPF_XOR, 6), RETA)},
    {"or x", 15, 5, 5, CODE(IMM(12), TAX, IMM(3), ALUX(BPF_OR), RETA)},
    {"shift left", 0x80000000, 3, 3, CODE(IMM(1), ALU(BPF_LSH, 31), RETA)},
    {"shift right", 1, 3, 3, CODE(IMM(0x80000000), ALU(BPF_RSH, 31), RETA)},
    {"shift by 32", REFUSED, 0, 3, CODE(IMM(1), ALU(BPF_LSH, 32), RETA)},
    {"shift by x 33", 2, 5, 5, CODE(IMM(33), TAX, IMM(1), ALUX(BPF_LSH), RETA)},
    {"negate", 0xffffffff, 3, 3, CODE(IMM(1), BPF_STMT(BPF_ALU | BPF_NEG, 0), RETA)},
    {"equal taken", 1, 3, 4, CODE(LD(0), IF(BPF_JEQ, 0x11, 0, 1), RET(1), RET(2))},
    {"equal not taken", 2, 3, 4, CODE(LD(0), IF(BPF_JEQ, 0x12, 0, 1), RET(1), RET(2))},
    {"greater is unsigned", 1, 3, 4, CODE(IMM(0x80000000), IF(BPF_JGT, 1, 0, 1), RET(1), RET(2))},
    {"greater not itself", 2, 3, 4, CODE(LD(0), IF(BPF_JGT, 0x11, 0, 1), RET(1), RET(2))},
    {"greater or equal itself", 1, 3, 4, CODE(LD(0), IF(BPF_JGE, 0x11, 0, 1), RET(1), RET(2))},
    {"greater or equal below", 2, 3, 4, CODE(LD(0), IF(BPF_JGE, 0x12, 0, 1), RET(1), RET(2))},
    {"bits set", 1, 3, 4, CODE(LD(0), IF(BPF_JSET, 0x30, 0, 1), RET(1), RET(2))},
    {"bits clear", 2, 3, 4, CODE(LD(0), IF(BPF_JSET, 0x22, 0, 1), RET(1), RET(2))},
    {"compare with x", 1, 4, 5, CODE(LD(0), TAX, IFX(BPF_JEQ, 0, 1), RET(1), RET(2))},
    {"jump", 2, 2, 3, CODE(JA(1), RET(1), RET(2))},
    {"jump behind the end", REFUSED, 0, 2, CODE(JA(1), RET(1))},
    {"jump wraps around", REFUSED, 0, 2, CODE(JA(0xffffffff), RET(1))},
    {"true branch behind the end", REFUSED, 0, 2, CODE(IF(BPF_JEQ, 0, 1, 0), RET(1))},
    {"false branch behind the end", REFUSED, 0, 2, CODE(IF(BPF_JEQ, 0, 0, 1), RET(1))},
    {"branch on a comparison that is none", REFUSED, 0, 2, CODE(BPF_JUMP(BPF_JMP | 0x50 | BPF_K, 0, 0, 0), RET(1))},
    {"no return", REFUSED, 0, 1, CODE(LD(0))},
    {"bad instruction that is not met", REFUSED, 0, 3, CODE(RET(1), {0xffff, 0, 0, 0}, RET(2))},
    {"return x", REFUSED, 0, 1, CODE(BPF_STMT(BPF_RET | BPF_X, 0))},
    {"empty", REFUSED, 0, 0, CODE(RET(1))},
    {"too long", REFUSED, 0, PROGRAM_MAX + 1, CODE(RET(1))},
};

static const struct seccomp_data call = {
    .nr = 0x11,
    .arch = 0x22,
    .instruction_pointer = 0x3333333344444444,
    .args = {0x20000000100, 0x20100000101, 0x20200000102, 0x20300000103, 0x20400000104, 0x20500000105},
};

static void
test_rows(void) {
  static struct program program;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint32_t value = 0;
    unsigned steps = 0;
    program.length = rows[i].length;
    memcpy(program.code, rows[i].code, sizeof rows[i].code);
    long long got = program_simulate(&program, &call, &value, &steps) == 0 ? (long long)value : REFUSED;
    CHECK_ROW(got == rows[i].want, rows[i].name);
    CHECK_ROW(steps == rows[i].steps, rows[i].name);
    CHECK_ROW((program_simulate(&program, &call, &value, NULL) == 0) == (rows[i].want != REFUSED), rows[i].name);
  }
}

// Any bytes at all: an answer or a refusal. Opcodes are drawn near those that exist, so that some programs run.
static void
test_any_bytes(void) {
  static struct program program;
  uint64_t state = 3;
  long ran = 0;
  for (int round = 0; round < 200000; round++) {
    uint32_t value;
    unsigned steps;
    program.length = 1 + (size_t)round % 6;
    for (size_t i = 0; i < program.length; i++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      uint32_t random = (uint32_t)(state >> 32);
      program.code[i] = (struct sock_filter){(uint16_t)(random & (random & 0x80 ? 0xffff : 0x7f)),
                                             (uint8_t)(random >> 8 & 3), (uint8_t)(random >> 10 & 3), random >> 26};
    }
    if (round % 3 == 0)
      program.code[program.length - 1].code = BPF_RET | BPF_A;
    if (program_simulate(&program, &call, &value, &steps) != 0)
      continue;
    ran++;
    CHECK(steps >= 1 && steps <= program.length);
  }
  CHECK(ran > 1000);
}

int
main(void) {
  test_rows();
  test_any_bytes();
  return check_done();
}
