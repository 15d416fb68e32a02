// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_policy_file.c - a policy file behind a byte of options; behind bytes 0x01 the user groups @g1, @g2, ... of it.
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes bytes = {data, size};
  static struct diags diags;
  struct pieces pieces;
  uint8_t head = bytes_take8(&bytes);
  struct reader_options options = {
      .lenient = (head & 1) != 0, .open_group = fuzz_open_group, .open_group_context = &pieces};
  struct reader *reader = reader_new(&options);
  if (reader == NULL)
    return 0;
  diags = (struct diags){.count = 0};
  pieces_split(&pieces, bytes, 1, "fuzz.conf", true);
  bool failed = pieces.count > 0 && reader_read_file(reader, &pieces.sources[0], &diags) != 0;
  if (failed != (diags.errors > 0))
    fuzz_fail("an error without a message, or the other way round");
  policy_free(fuzz_finish(reader, failed, &diags));
  reader_free(reader);
  pieces_free(&pieces);
  return 0;
}
