// SPDX-License-Identifier: LGPL-2.1-or-later
// answer.c - asks the policy about one call, and prints where the answer comes from.
#include "runner/analyze/answer.h"
#include <stdio.h>
#include <string.h>

bool
answer_direct(struct answer *answer, call_t call, enum abi abi) {
  *answer = (struct answer){.abi = abi};
  return calls_number(call, abi, &answer->number);
}

bool
answer_through(struct answer *answer, call_t call, enum abi abi) {
  *answer = (struct answer){.abi = abi};
  if (abi != ABI_I386 || !multiplexer_of(call, &answer->through, &answer->choice))
    return false;
  answer->number = answer->through->number;
  return true;
}

void
answer_decide(struct answer *answer, const struct policy *policy, const uint64_t args[6]) {
  for (size_t i = 0; i < 6; i++)
    answer->args[i] = answer->through != NULL ? 0 : args[i] & (answer->abi == ABI_I386 ? UINT32_MAX : UINT64_MAX);
  if (answer->through != NULL)
    answer->args[0] = answer->choice;
  answer->decision = policy_decide(policy, answer->abi, answer->number, answer->args);
}

static bool
is_foreign(const struct answer *answer, const struct policy *policy) {
  return (policy->abis & ABI_BIT(answer->abi)) == 0;
}

const char *
answer_action(const struct answer *answer, const struct policy *policy, char out[ACTION_BYTES]) {
  const struct decision *decision = &answer->decision;
  struct action written = decision->action;
  char kept[32];
  if (decision->rule != NULL)
    written = decision->rule->action;
  else if (decision->layer != NULL)
    written = layer_otherwise(decision->layer, answer->abi, answer->number);
  else if (is_foreign(answer, policy))
    written = policy->foreign;
  action_describe(decision->action, out, ACTION_BYTES);
  size_t length = strlen(out);
  if (!action_equal(written, decision->action))
    snprintf(out + length, ACTION_BYTES - length, " (not %s)", action_describe(written, kept, sizeof kept));
  return out;
}

static void
print_shown(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    putchar(diag_shown_byte(text[i]));
}

// Which --property it is, counted from 1; 0 for a file.
static unsigned
property_of(const struct policy_request *request, const struct source *source) {
  unsigned property = 0;
  for (size_t i = 0; i < request->count; i++) {
    property += request->words[i].kind == POLICY_WORD_PROPERTY;
    if (&request->words[i].source == source)
      return property;
  }
  return 0;
}

void
answer_print_written(struct source_pos at, const struct analyze_line *line) {
  struct source_line place = source_line_at(at);
  unsigned property = property_of(&line->policy, at.source);
  putchar('"');
  print_shown(at.source->text + at.offset, at.length);
  fputs("\" at ", stdout);
  print_shown(at.source->name, strlen(at.source->name));
  printf(":%u:%u", property > 0 ? property : place.line, place.column);
}

void
answer_print_origin(const struct answer *answer, const struct policy *policy, const struct analyze_line *line) {
  const struct decision *decision = &answer->decision;
  struct source_pos at = {0};
  bool is_default = decision->rule == NULL && !is_foreign(answer, policy);
  if (decision->rule != NULL)
    at = decision->rule->at;
  else if (decision->layer != NULL)
    at = decision->layer->otherwise_at;
  else if (!is_default)
    at = policy->abis_at;
  if (at.source == NULL) {
    fputs(is_default ? "by default" : "by the architectures of the policy", stdout);
    return;
  }
  fputs(is_default ? "by default, from " : "by ", stdout);
  answer_print_written(at, line);
}
