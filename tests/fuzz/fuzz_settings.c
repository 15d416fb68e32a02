// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_settings.c - a runtime.conf: settings or messages, and no third.
#include "hook/runtime/settings.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

static void
check_settings(const struct runtime_settings *settings) {
  if (settings->runtime == NULL || settings->runtime[0] != '/' || settings->hook.runtime != settings->runtime)
    fuzz_fail("settings without an absolute runtime");
  for (size_t i = 0; i < settings->hook.mandatory.count; i++) {
    const struct policy_word *word = &settings->hook.mandatory.words[i];
    if (word->kind != POLICY_WORD_PROFILE || word->text[0] == '\0' || strchr(word->text, '/') != NULL)
      fuzz_fail("\"%s\" is no bare name", word->text);
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct pieces pieces;
  struct runtime_settings settings = {0};
  static struct diags diags;
  memset(&diags, 0, sizeof diags);
  pieces_split(&pieces, (struct bytes){data, size}, 0x01, "runtime.conf", true);
  if (pieces.count > 0) {
    int failed = runtime_settings_read_source(&pieces.sources[0], &settings, &diags);
    if ((failed != 0) != (diags.errors > 0))
      fuzz_fail("failed %d with %zu errors", failed, diags.errors);
    if (failed == 0)
      check_settings(&settings);
    fuzz_check_messages(&diags);
  }
  runtime_settings_clear(&settings);
  pieces_free(&pieces);
  return 0;
}
