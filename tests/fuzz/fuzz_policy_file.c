// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_policy_file.c - a policy file behind a byte of options; behind bytes 0x01 the user groups @g1, @g2, ... of it.
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes bytes = {data, size};
  struct pieces pieces;
  uint8_t head = bytes_take8(&bytes);
  policy_free(fuzz_read_file(bytes, (head & 1) != 0, &pieces));
  pieces_free(&pieces);
  return 0;
}
