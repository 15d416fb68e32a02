// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_pipeline.c - from text to program: whatever is read must compile to what verifies, and decide as the policy.
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes bytes = {data, size};
  static struct diags diags;
  static struct program program;
  struct pieces pieces;
  uint64_t seed = bytes_take8(&bytes);
  struct reader_options options = {.lenient = true, .open_group = fuzz_open_group, .open_group_context = &pieces};
  struct reader *reader = reader_new(&options);
  if (reader == NULL)
    return 0;
  diags = (struct diags){.count = 0};
  pieces_split(&pieces, bytes, 1, "fuzz.conf", true);
  bool failed = pieces.count > 0 && reader_read_file(reader, &pieces.sources[0], &diags) != 0;
  struct policy *policy = fuzz_finish(reader, failed, &diags);
  reader_free(reader);
  if (policy != NULL) {
    policy->permissive = seed % 16 == 15;
    (void)fuzz_build(policy, &program, seed);
  }
  policy_free(policy);
  pieces_free(&pieces);
  return 0;
}
