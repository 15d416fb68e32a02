// SPDX-License-Identifier: LGPL-2.1-or-later
// wellformed.h - the first half of verification: the shape of a program, before anyone asks what it decides.
#ifndef SCRUN_RUNNER_WELLFORMED_H
#define SCRUN_RUNNER_WELLFORMED_H
#include "compat/policy.h"
#include "runner/program.h"
#include <stdbool.h>

// The instructions that may stand outside a ticket template.
enum {
  CODE_LOAD = BPF_LD | BPF_W | BPF_ABS,
  CODE_AND = BPF_ALU | BPF_AND | BPF_K,
  CODE_JUMP = BPF_JMP | BPF_JA,
  CODE_IF_EQUAL = BPF_JMP | BPF_JEQ | BPF_K,
  CODE_IF_GREATER = BPF_JMP | BPF_JGT | BPF_K,
  CODE_IF_GREATER_EQUAL = BPF_JMP | BPF_JGE | BPF_K,
  CODE_IF_SET = BPF_JMP | BPF_JSET | BPF_K,
  CODE_RETURN = BPF_RET | BPF_K,
};

// struct seccomp_data as the filter sees it: 16 words of 32 bits, on x86 the low half of an argument first.
enum { WORD_NUMBER = 0, WORD_ARCH = 1, WORD_ARGUMENTS = 4, WORDS = 16 };

enum accumulator_state {
  ACCUMULATOR_UNREACHED, // no path comes here
  ACCUMULATOR_UNKNOWN,   // not loaded on some path, or not the same on all: must not be read
  ACCUMULATOR_WORD,      // `word` under `mask`, on every path
};

// What is known in front of one instruction.
struct accumulator {
  uint8_t state;
  uint8_t word;
  bool arguments_seen; // some path here has loaded an argument
  uint32_t mask;
};

struct shape {
  struct accumulator before[PROGRAM_MAX]; // of each instruction; UNREACHED within a template
  uint8_t template_length[PROGRAM_MAX];   // where a ticket template begins: its length; otherwise 0
  uint8_t template_form[PROGRAM_MAX];     // there: enum ticket_form
};

// Checks everything in verify.h's list that does not need a decision of the policy, but for its set of actions, and
// fills *shape (as many entries as the program has instructions). Without a policy (NULL) every action there is may be
// returned. Fails with ERROR_SECCOMP; the text names the instruction.
SC_NODISCARD int program_wellformed(const struct program *program, const struct policy *policy, struct shape *shape,
                                    struct error *e);
#endif
