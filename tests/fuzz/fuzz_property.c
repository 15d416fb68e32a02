// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_property.c - --property= words, one a line, behind a byte of options.
#include "compat/startup.h"
#include "tests/fuzz/fuzz.h"

// What is in force below a later moment is a policy like any other.
static void
check_startup(const struct policy *policy) {
  struct error e = {0};
  if (policy == NULL)
    return;
  if (policy->startup != NULL)
    fuzz_check_policy(policy->startup);
  for (enum moment moment = MOMENT_ENTRY; moment < MOMENT_COUNT; moment++) {
    struct policy *startup;
    if (startup_policy(policy, moment, &startup, &e) == 0) {
      fuzz_check_policy(startup);
      policy_free(startup);
    } else if (e.text[0] == '\0') {
      fuzz_fail("no start-up policy, and no message");
    }
  }
}

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
  struct policy *policy = fuzz_finish(reader, failed, &diags);
  check_startup(policy);
  policy_free(policy);
  reader_free(reader);
  pieces_free(&pieces);
  return 0;
}
