// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_unit_file.c - the files of a unit, separated by bytes 0x01, behind a byte of options: lines that move on through
// their file, and a policy or messages, and no third.
#include "compat/unit_file.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

// The lines of one file, each behind the one before it and below its section.
static void
check_lines(const struct source *source, bool strict) {
  static struct diags diags;
  struct unit_file file = {.strict = strict ? "X-Scrun" : NULL};
  struct assignment line;
  uint32_t behind = 0;
  memset(&diags, 0, sizeof diags);
  if (!text_open(&file.text, source, &diags))
    return;
  while (unit_file_next(&file, &line, &diags)) {
    if (file.section.length == 0 || file.section.source != source || file.section.offset >= line.name.offset)
      fuzz_fail("a line above its section");
    if (line.name.length == 0 || line.name.offset < behind || line.value.at <= line.name.offset
        || line.value.end < line.value.at || line.value.end > source->length)
      fuzz_fail("a line that is not where it should be");
    behind = line.value.end;
  }
  if (diags.errors == 0 && file.text.at != file.text.end)
    fuzz_fail("the end was not reached, and nobody says why");
  fuzz_check_messages(&diags);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct diags diags;
  struct bytes bytes = {data, size};
  struct pieces pieces;
  const struct source *files[PIECES_MAX];
  uint8_t head = bytes_take8(&bytes);
  struct reader_options options = {
      .lenient = (head & 1) != 0, .open_group = fuzz_open_group, .open_group_context = &pieces};
  memset(&diags, 0, sizeof diags);
  pieces_split(&pieces, bytes, 1, "fuzz.service", true);
  for (size_t i = 0; i < pieces.count; i++) {
    files[i] = &pieces.sources[i];
    check_lines(files[i], (head & 2) != 0);
  }
  struct reader *reader = reader_new(&options);
  if (reader != NULL) {
    bool failed = reader_read_unit(reader, files, pieces.count, &diags) != 0;
    if (failed != (diags.errors > 0))
      fuzz_fail("an error without a message, or the other way round");
    policy_free(fuzz_finish(reader, failed, &diags));
    reader_free(reader);
  }
  pieces_free(&pieces);
  return 0;
}
