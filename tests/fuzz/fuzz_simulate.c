// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_simulate.c - a call and any bytes as a program: an answer within as many steps as there are instructions, or a
// refusal.
#include "tests/fuzz/fuzz.h"
#include "runner/simulate.h"
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct program program;
  struct bytes bytes = {data, size};
  struct seccomp_data call = {.nr = (int)bytes_take32(&bytes), .arch = bytes_take32(&bytes)};
  for (size_t i = 0; i < 6; i++)
    call.args[i] = bytes_take64(&bytes);
  bytes_take_program(&bytes, &program);
  uint32_t value, again;
  unsigned steps;
  bool refused = program_simulate(&program, &call, &value, &steps) != 0;
  if (refused != (program_acceptable(&program) != 0))
    fuzz_fail("refused by one and accepted by the other");
  if (refused)
    return 0;
  if (steps == 0 || steps > program.length)
    fuzz_fail("%u steps in a program of %zu instructions", steps, program.length);
  again = program_run(&program, &call, NULL);
  if (again != value)
    fuzz_fail("0x%08x first, 0x%08x then", value, again);
  return 0;
}
