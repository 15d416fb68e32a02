// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_pipeline.c - from text to program: whatever is read must compile to what verifies, and decide as the policy.
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes bytes = {data, size};
  static struct program program;
  struct pieces pieces;
  uint64_t seed = bytes_take8(&bytes);
  struct policy *policy = fuzz_read_file(bytes, true, &pieces);
  if (policy != NULL) {
    policy->permissive = seed % 16 == 15;
    (void)fuzz_build(policy, &program, seed);
  }
  policy_free(policy);
  pieces_free(&pieces);
  return 0;
}
