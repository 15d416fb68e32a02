// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_rules.c - policies with layers and argument tests, made of bytes: what compiles verifies, and decides as the
// policy.
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes bytes = {data, size};
  static struct program program;
  uint64_t seed = bytes_take16(&bytes);
  struct policy *policy = fuzz_policy(&bytes);
  if (policy != NULL)
    (void)fuzz_build(policy, &program, seed);
  policy_free(policy);
  return 0;
}
