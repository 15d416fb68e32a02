// SPDX-License-Identifier: LGPL-2.1-or-later
// listing.c - a program as text. Jumps only go forward, so one pass knows what is in the accumulator, and which
// architecture was asked for, in front of each instruction.
#include "runner/listing.h"
#include "compat/action.h"
#include "compat/calls.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>

#define NOT_A_WORD UINT8_MAX

// What is known in front of an instruction. Where paths that know different things meet, nothing is.
struct known {
  bool reached, target; // target: a jump leads here from further away
  uint8_t word;         // the word of struct seccomp_data in the accumulator, or NOT_A_WORD
  uint32_t arch;        // the architecture word that was asked for, or 0
};

enum { WORD_NUMBER = 0, WORD_ARCH = 1, WORD_POINTER = 2, WORD_ARGUMENTS = 4 };

static void
meet(struct known *known, struct known now) {
  if (!known->reached) {
    now.target = known->target;
    *known = now;
    return;
  }
  if (known->word != now.word)
    known->word = NOT_A_WORD;
  if (known->arch != now.arch)
    known->arch = 0;
}

static bool
is_jump(const struct sock_filter *f) {
  return BPF_CLASS(f->code) == BPF_JMP;
}

static void
know_jump(struct known *known, const struct sock_filter *f, size_t at) {
  struct known now = known[at];
  size_t taken = at + 1 + (f->code == (BPF_JMP | BPF_JA) ? f->k : f->jt), other = at + 1 + f->jf;
  if (f->code == (BPF_JMP | BPF_JEQ | BPF_K) && now.word == WORD_ARCH)
    now.arch = f->k;
  meet(&known[taken], now);
  known[taken].target |= taken > at + 1;
  if (f->code == (BPF_JMP | BPF_JA))
    return;
  meet(&known[other], known[at]);
  known[other].target |= other > at + 1;
}

// The program was accepted: all jumps stay inside, and it ends with a return.
static void
know_all(const struct program *program, struct known *known) {
  known[0] = (struct known){.reached = true, .word = NOT_A_WORD};
  for (size_t at = 0; at < program->length; at++) {
    const struct sock_filter *f = &program->code[at];
    struct known now = known[at];
    if (!now.reached || BPF_CLASS(f->code) == BPF_RET)
      continue;
    if (is_jump(f)) {
      know_jump(known, f, at);
      continue;
    }
    if (f->code == (BPF_LD | BPF_W | BPF_ABS))
      now.word = (uint8_t)(f->k / 4);
    else if (BPF_CLASS(f->code) == BPF_LD || BPF_CLASS(f->code) == BPF_ALU || f->code == (BPF_MISC | BPF_TXA))
      now.word = f->code == (BPF_ALU | BPF_AND | BPF_K) ? now.word : NOT_A_WORD;
    meet(&known[at + 1], now);
  }
}

static const char *
word_name(uint32_t offset, char out[32]) {
  static const char *const names[] = {"nr", "arch", "instruction pointer, low half", "instruction pointer, high half"};
  uint32_t word = offset / 4;
  if (word < WORD_ARGUMENTS)
    return names[word];
  snprintf(out, 32, "a%u, %s half", (word - WORD_ARGUMENTS) / 2, (word & 1) == 0 ? "low" : "high");
  return out;
}

// "0xc000003e (x86-64)", "59 (execve)": the constant that the accumulator is compared with.
static void
add_constant(struct buffer *out, const struct known *known, uint32_t k) {
  enum abi abi = abi_of(known->arch, k);
  call_t call = known->word == WORD_NUMBER && abi != ABI_NONE ? calls_at(abi, k) : CALL_NONE;
  if (known->word == WORD_ARCH)
    buffer_add(out, "0x%x%s", k, k == ARCH_WORD_X86_64 ? " (x86-64 and x32)" : k == ARCH_WORD_I386 ? " (x86)" : "");
  else if (known->word == WORD_NUMBER && (abi == ABI_X32 || k >= X32_BIT))
    buffer_add(out, "0x%x", k);
  else
    buffer_add(out, known->word == WORD_NUMBER ? "%u" : "0x%x", k);
  if (call != CALL_NONE)
    buffer_add(out, " (%s%s)", abi == ABI_X32 ? "x32 " : "", calls_name(call));
}

static void
add_jump(struct buffer *out, const struct known *known, const struct sock_filter *f, size_t at) {
  static const struct {
    uint16_t operation;
    const char *text;
  } operations[] = {{BPF_JEQ, "=="}, {BPF_JGT, ">"}, {BPF_JGE, ">="}, {BPF_JSET, "&"}};
  if (f->code == (BPF_JMP | BPF_JA)) {
    buffer_add(out, "goto %zu", at + 1 + f->k);
    return;
  }
  for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
    if (BPF_OP(f->code) == operations[i].operation)
      buffer_add(out, "if %s ", operations[i].text);
  if (BPF_SRC(f->code) == BPF_X)
    buffer_add(out, "x");
  else
    add_constant(out, known, f->k);
  buffer_add(out, " goto %zu else %zu", at + 1 + f->jt, at + 1 + f->jf);
}

static void
add_return(struct buffer *out, const struct sock_filter *f) {
  char text[48];
  struct action action;
  if (BPF_RVAL(f->code) == BPF_A)
    buffer_add(out, "return the accumulator");
  else if (action_from_return(f->k, &action))
    buffer_add(out, "return %s", action_describe(action, text, sizeof text));
  else
    buffer_add(out, "return 0x%x, which the kernel takes for kill-process", f->k);
}

static void
add_arithmetic(struct buffer *out, const struct sock_filter *f) {
  static const struct {
    uint16_t operation;
    const char *text;
  } operations[] = {{BPF_ADD, "add"},       {BPF_SUB, "subtract"},      {BPF_MUL, "multiply by"},
                    {BPF_DIV, "divide by"}, {BPF_AND, "and"},           {BPF_OR, "or"},
                    {BPF_XOR, "xor"},       {BPF_LSH, "shift left by"}, {BPF_RSH, "shift right by"}};
  if (BPF_OP(f->code) == BPF_NEG) {
    buffer_add(out, "negate");
    return;
  }
  for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
    if (BPF_OP(f->code) == operations[i].operation)
      buffer_add(out, "%s ", operations[i].text);
  if (BPF_SRC(f->code) == BPF_X)
    buffer_add(out, "x");
  else
    buffer_add(out, "0x%x", f->k);
}

// Loads and stores; the accumulator is not named, the index register is x.
static void
add_move(struct buffer *out, const struct sock_filter *f) {
  char word[32];
  const char *to_x = BPF_CLASS(f->code) == BPF_LDX ? " to x" : "";
  switch (BPF_CLASS(f->code)) {
  case BPF_ST:
  case BPF_STX:
    buffer_add(out, "store %sin memory %u", BPF_CLASS(f->code) == BPF_STX ? "x " : "", f->k);
    return;
  case BPF_MISC:
    buffer_add(out, f->code == (BPF_MISC | BPF_TAX) ? "copy to x" : "copy from x");
    return;
  default:
    break;
  }
  switch (BPF_MODE(f->code)) {
  case BPF_ABS:
    buffer_add(out, "load %s", word_name(f->k, word));
    return;
  case BPF_MEM:
    buffer_add(out, "load memory %u%s", f->k, to_x);
    return;
  case BPF_LEN:
    buffer_add(out, "load %zu%s", sizeof(struct seccomp_data), to_x);
    return;
  default:
    buffer_add(out, "load 0x%x%s", f->k, to_x);
  }
}

static void
add_instruction(struct buffer *out, const struct known *known, const struct sock_filter *f, size_t at) {
  buffer_add(out, "%c%4zu: ", known->target ? '>' : ' ', at);
  if (is_jump(f))
    add_jump(out, known, f, at);
  else if (BPF_CLASS(f->code) == BPF_RET)
    add_return(out, f);
  else if (BPF_CLASS(f->code) == BPF_ALU)
    add_arithmetic(out, f);
  else
    add_move(out, f);
  buffer_add(out, "\n");
}

static void
add_heading(struct buffer *out, enum ticket_form form, size_t last) {
  static const char *const names[TICKET_FORMS] = {[TICKET_NONE] = "",
                                                  [TICKET_EXEC] = "the launcher's ticket, for execve",
                                                  [TICKET_LAST_WORD] = "the launcher's ticket",
                                                  [TICKET_ARM] = "the arming ticket, to add the later filter",
                                                  [TICKET_CONFIRM] = "the arming ticket, answered as proof"};
  buffer_add(out, "       %s, up to %zu:\n", names[form], last);
}

int
listing_write(const struct program *program, struct buffer *out, struct error *e) {
  struct ticket ticket;
  enum ticket_form form;
  if (program_acceptable(program) != 0)
    return error_plain(e, ERROR_POLICY, "these bytes are no program that the kernel would take");
  struct known *known = calloc(program->length + 1, sizeof *known);
  if (known == NULL)
    return error_memory(e, ERROR_POLICY);
  know_all(program, known);
  for (size_t at = 0; at < program->length; at++) {
    size_t template = ticket_at(program, at, &ticket, &form);
    if (template > 0)
      add_heading(out, form, at + template - 1);
    add_instruction(out, &known[at], &program->code[at], at);
  }
  free(known);
  return out->failed ? error_memory(e, ERROR_POLICY) : 0;
}
