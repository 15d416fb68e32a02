// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_property.c - --property= words, one a line, behind a byte of options.
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes bytes = {data, size};
  static struct diags diags;
  struct pieces pieces, none = {.count = 0};
  uint8_t head = bytes_take8(&bytes);
  struct reader_options options = {.lenient = (head & 1) != 0,
                                   .groups = (head & 2) != 0 ? &group_versions[group_version_count - 1] : NULL,
                                   .open_group = (head & 4) != 0 ? fuzz_open_group : NULL,
                                   .open_group_context = &none};
  struct reader *reader = reader_new(&options);
  bool failed = reader == NULL;
  if (failed)
    return 0;
  diags = (struct diags){.count = 0};
  pieces_split(&pieces, bytes, '\n', "--property", false);
  for (size_t i = 0; i < pieces.count; i++) {
    size_t errors = diags.errors;
    bool wrong = reader_read_property(reader, &pieces.sources[i], &diags) != 0;
    if (wrong != (diags.errors > errors))
      fuzz_fail("property %zu: an error without a message, or the other way round", i);
    failed = failed || wrong;
  }
  policy_free(fuzz_finish(reader, failed, &diags));
  reader_free(reader);
  pieces_free(&pieces);
  return 0;
}
