// SPDX-License-Identifier: LGPL-2.1-or-later
// policies.c - the policies that are measured.
#include "tests/bench/policies.h"
#include "compat/systemd_read.h"
#include <stdio.h>
#include <string.h>

const struct bench_policy bench_policies[BENCH_POLICIES] = {
    {"allow list: @default @system-service", {"SystemCallFilter=@default @system-service"}},
    {"deny list: ~ nine groups, with EPERM",
     {"SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap",
      "SystemCallErrorNumber=EPERM"}},
    {"list with errnos",
     {"SystemCallFilter=@default @system-service", "SystemCallFilter=~@privileged:EPERM @resources:EACCES",
      "SystemCallFilter=~@keyring:ENOSYS @chown:EROFS", "SystemCallErrorNumber=ENOSYS"}},
    {"one call: ~swapon", {"SystemCallFilter=~swapon"}},
};

static struct source sources[BENCH_PROPERTIES_MAX];

static bool
read_properties(struct reader *reader, const struct bench_policy *policy, struct diags *diags) {
  for (size_t i = 0; i < BENCH_PROPERTIES_MAX && policy->properties[i] != NULL; i++) {
    const char *text = policy->properties[i];
    sources[i] = (struct source){.name = "--property", .text = text, .length = strlen(text)};
    if (reader_read_property(reader, &sources[i], diags) != 0)
      return false;
  }
  return true;
}

struct policy *
bench_policy_read(const struct bench_policy *policy) {
  static struct diags diags;
  static const struct reader_options options;
  struct policy *out = NULL;
  diags.count = diags.dropped = diags.errors = 0;
  struct reader *reader = reader_new(&options);
  if (reader != NULL && read_properties(reader, policy, &diags) && reader_finish(reader, &out, &diags) != 0)
    out = NULL;
  reader_free(reader);
  for (size_t i = 0; out == NULL && i < diags.count; i++)
    fprintf(stderr, "bench: %s: %s\n", policy->label, diags.items[i].text);
  return out;
}
