// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_cloudflare.c - the variables of cloudflare/sandbox: each behind a byte 0x01, the allow list first; one that
// begins with "!" is not set.
#include "compat/cloudflare_read.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

// Memory of its own and of just its size, with a NUL behind it. NULL: not set. The caller frees it.
static char *
copy_value(const struct pieces *pieces, size_t at) {
  if (at >= pieces->count || (pieces->sources[at].length > 0 && pieces->sources[at].text[0] == '!'))
    return NULL;
  return strndup(pieces->sources[at].text, pieces->sources[at].length);
}

// Every rule is the word that it points to, and the words are all that the list has.
static void
check_list(const struct policy *policy, const struct source *list) {
  size_t next = 0;
  for (size_t i = 0; i < policy->rule_count; i++) {
    const struct rule *rule = &policy->rules[i];
    const char *name = calls_name(rule->call);
    if (rule->at.source != list || rule->at.offset != next || rule->at.length != strlen(name)
        || memcmp(list->text + next, name, rule->at.length) != 0)
      fuzz_fail("rule %zu is not the word that stands there", i);
    next += rule->at.length + 1;
  }
  if (list->length > 0 && next != list->length + 1)
    fuzz_fail("the list goes on behind the last rule");
}

static void
check_read(struct cloudflare_words *words) {
  static struct diags diags;
  static struct program program;
  struct policy *policy = NULL;
  bool asked = words->values[CLOUDFLARE_ALLOW] != NULL || words->values[CLOUDFLARE_DENY] != NULL;
  diags = (struct diags){.count = 0};
  bool failed = cloudflare_read(words, &policy, &diags) != 0;
  if (failed != (diags.errors > 0) || (policy != NULL) != (asked && !failed))
    fuzz_fail("an error without a message, or the other way round");
  fuzz_check_messages(&diags);
  if (policy == NULL)
    return;
  fuzz_check_policy(policy);
  check_list(policy, &words->sources[words->values[CLOUDFLARE_ALLOW] != NULL ? CLOUDFLARE_ALLOW : CLOUDFLARE_DENY]);
  fuzz_build(policy, &program, policy->rule_count);
  policy_free(policy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct pieces pieces;
  struct cloudflare_words words = {.values = {NULL}};
  char *values[CLOUDFLARE_VARIABLES];
  pieces_split(&pieces, (struct bytes){data, size}, 0x01, "variable", false);
  for (size_t i = 0; i < CLOUDFLARE_VARIABLES; i++)
    words.values[i] = values[i] = copy_value(&pieces, i);
  check_read(&words);
  for (size_t i = 0; i < CLOUDFLARE_VARIABLES; i++)
    free(values[i]);
  pieces_free(&pieces);
  return 0;
}
