// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_verify.c - programs that nobody compiled, or that were changed behind the compiler's back: the verifier accepts
// only what decides as the policy.
#include "tests/fuzz/fuzz.h"
#include "runner/compile.h"
#include "runner/simulate.h"
#include "runner/verify.h"
#include <stdlib.h>
#include <string.h>

#define POLICIES 8

// A policy of few instructions each, so that many inputs come near to something that is accepted. As fuzz_policy()
// reads them: architectures, default, then rules.
static const uint8_t recipes[POLICIES][24] = {
    {0x0e, 0},
    {0x0e, 2, 0x00, 0, 10, 0},
    {0x02, 7, 0x00, 0, 100, 0, 0x00, 0, 101, 0},
    {0x0e, 0, 0x01, 2, 60, 0, 0x01, 2, 62, 0},
    {0x06, 0, 0x41, 2, 41, 0, 0x00, 0x00, 2},
    {0x02, 2, 0x41, 0, 9, 0, 0x42, 0x41, 4, 0, 0, 0, 0, 0, 0, 0, 0},
    {0x0e, 0, 0x81, 2, 5, 0, 0x41, 0x82, 0x26, 0, 0, 0, 1, 0, 0, 0, 0x02, 0x00, 7},
    {0x0e, 0, 0x00, 2, 20, 0, 0xff, 0, 0x01, 3, 30, 0},
};

static struct policy *policies[POLICIES];

static const enum program_kind kinds[4] = {PROGRAM_LAUNCH, PROGRAM_STARTUP, PROGRAM_LATER, PROGRAM_BARE};
static struct program programs[POLICIES][4];

static void
prepare(void) {
  struct error e;
  for (size_t i = 0; i < POLICIES; i++) {
    struct bytes bytes = {recipes[i], sizeof recipes[i]};
    while (bytes.left > 1 && recipes[i][bytes.left - 1] == 0)
      bytes.left--;
    policies[i] = fuzz_policy(&bytes);
    for (size_t j = 0; j < 4; j++)
      if (policies[i] == NULL || program_compile(policies[i], kinds[j], &programs[i][j], &e) != 0
          || program_verify(&programs[i][j], kinds[j], policies[i], &e) != 0)
        fuzz_fail("policy %zu of the target itself does not work", i);
  }
}

static void
insert_instruction(struct program *program, size_t at) {
  if (program->length == PROGRAM_MAX)
    return;
  memmove(&program->code[at + 1], &program->code[at], (program->length - at) * sizeof program->code[0]);
  program->length++;
}

static void
remove_instruction(struct program *program, size_t at) {
  if (program->length == 1)
    return;
  memmove(&program->code[at], &program->code[at + 1], (program->length - at - 1) * sizeof program->code[0]);
  program->length--;
}

// Changes to a real program, six bytes and more each: place, what, value.
static void
take_edits(struct program *program, struct bytes *bytes) {
  while (bytes->left > 0) {
    size_t at = bytes_take16(bytes) % program->length;
    struct sock_filter *code = &program->code[at];
    switch (bytes_take8(bytes) % 8) {
    case 0:
      code->k ^= 1u << (bytes_take8(bytes) & 31);
      break;
    case 1:
      code->k = bytes_take32(bytes);
      break;
    case 2:
      code->jt = bytes_take8(bytes);
      break;
    case 3:
      code->jf = bytes_take8(bytes);
      break;
    case 4:
      code->code = bytes_take8(bytes);
      break;
    case 5:
      insert_instruction(program, at);
      break;
    case 6:
      remove_instruction(program, at);
      break;
    case 7:
      *code = program->code[bytes_take16(bytes) % program->length];
      break;
    }
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct program program;
  struct bytes bytes = {data, size};
  struct error e;
  if (policies[0] == NULL)
    prepare();
  uint8_t head = bytes_take8(&bytes);
  uint64_t seed = bytes_take8(&bytes);
  size_t chosen = head % POLICIES, as = (head >> 3) & 3;
  program = programs[chosen][as];
  if ((head & 0x80) != 0)
    bytes_take_program(&bytes, &program);
  else
    take_edits(&program, &bytes);
  e.text[0] = '\0';
  if (program_verify(&program, kinds[as], policies[chosen], &e) == 0)
    fuzz_agree(policies[chosen], kinds[as], &program, seed);
  else if (e.text[0] == '\0')
    fuzz_fail("refused without a reason");
  return 0;
}
