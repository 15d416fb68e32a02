// SPDX-License-Identifier: LGPL-2.1-or-later
// lint_reach.c - asks the policy about one call at every point of its arguments.
#include "runner/analyze/lint.h"
#include <stdio.h>
#include <string.h>

// Source: <asm-generic/errno.h>.
enum { NO_SUCH_CALL = 38 };

bool
reach_is_denied(const struct reach *reach) {
  bool as_absent = reach->refusal.kind == ACTION_ERRNO && reach->refusal.data == NO_SUCH_CALL;
  return reach->exists && reach->refuses && reach->refused_by_rule && !as_absent;
}

static struct source_pos
written_at(const struct decision *decision) {
  if (decision->rule != NULL)
    return decision->rule->at;
  return decision->layer != NULL ? decision->layer->otherwise_at : (struct source_pos){0};
}

static void
reach_ask(struct reach *reach, const struct policy *policy, enum abi abi, uint32_t number, const uint64_t args[6]) {
  struct decision decision = policy_decide(policy, abi, number, args);
  if (!action_refuses(decision.action)) {
    if (!reach->allows)
      reach->allowed_at = written_at(&decision);
    reach->allows = true;
    return;
  }
  bool by_rule = decision.rule != NULL;
  if (!reach->refuses || (by_rule && !reach->refused_by_rule)) {
    reach->refusal = decision.action;
    reach->refused_at = written_at(&decision);
  }
  reach->refuses = true;
  reach->refused_by_rule |= by_rule;
}

// What is asked of one number: one argument may be held.
struct held {
  int place; // -1: none
  uint32_t value;
};

static struct reach
reach_number(struct lint *lint, enum abi abi, uint32_t number, struct held held) {
  struct reach reach = {.exists = true};
  uint32_t words[POINT_WORDS];
  uint64_t args[6];
  struct error e;
  points_clear(&lint->points);
  points_add_policy(&lint->points, lint->policy, abi, number);
  if (!points_first(&lint->points, words)) {
    (void)error_plain(&e, ERROR_POLICY, "call %u on %s has too many cases to look at", number, abi_name(abi));
    lint_fail(lint, &e);
    return (struct reach){.exists = false};
  }
  do {
    points_arguments(words, args);
    if (held.place >= 0)
      args[held.place] = held.value;
    reach_ask(&reach, lint->policy, abi, number, args);
  } while (points_next(&lint->points, words));
  return reach;
}

static const struct held nothing_held = {.place = -1};

struct reach
reach_direct(struct lint *lint, call_t call, enum abi abi) {
  uint32_t number;
  if ((lint->policy->abis & ABI_BIT(abi)) == 0 || call == CALL_NONE || !calls_number(call, abi, &number))
    return (struct reach){.exists = false};
  const struct multiplexer *multiplexer = abi == ABI_I386 ? multiplexer_at(number) : NULL;
  // A multiplexer for itself: with an argument that chooses no call.
  if (multiplexer != NULL)
    return reach_number(lint, abi, number, (struct held){.place = 0, .value = multiplexer->inner_count});
  return reach_number(lint, abi, number, nothing_held);
}

struct reach
reach_through(struct lint *lint, call_t call) {
  const struct multiplexer *multiplexer;
  uint32_t choice;
  if ((lint->policy->abis & ABI_BIT(ABI_I386)) == 0 || call == CALL_NONE
      || !multiplexer_of(call, &multiplexer, &choice))
    return (struct reach){.exists = false};
  return reach_number(lint, ABI_I386, multiplexer->number, (struct held){.place = 0, .value = choice});
}

struct reach
reach_of(struct lint *lint, call_t call, enum abi abi) {
  struct reach direct = reach_direct(lint, call, abi);
  struct reach through = abi == ABI_I386 ? reach_through(lint, call) : (struct reach){.exists = false};
  if (!direct.exists || !through.exists)
    return direct.exists ? direct : through;
  struct reach both = direct;
  if (!direct.allows)
    both.allowed_at = through.allowed_at;
  if (!direct.refuses || (!direct.refused_by_rule && through.refused_by_rule)) {
    both.refusal = through.refusal;
    both.refused_at = through.refused_at;
  }
  both.allows |= through.allows;
  both.refuses |= through.refuses;
  both.refused_by_rule |= through.refused_by_rule;
  return both;
}

struct reach
reach_with(struct lint *lint, call_t call, enum abi abi, unsigned place, uint32_t value) {
  uint32_t number;
  if ((lint->policy->abis & ABI_BIT(abi)) == 0 || call == CALL_NONE || !calls_number(call, abi, &number))
    return (struct reach){.exists = false};
  return reach_number(lint, abi, number, (struct held){.place = (int)place, .value = value});
}

call_t
names_next(const char **names) {
  while (**names != '\0') {
    const char *name = *names + strspn(*names, " ");
    size_t length = strcspn(name, " ");
    *names = name + length;
    call_t call = length > 0 ? calls_find(name, length) : CALL_NONE;
    if (call != CALL_NONE) // a table may name what older tables of calls lack
      return call;
  }
  return CALL_NONE;
}

void
names_add(struct names *names, const char *name) {
  const char *quote = names->plain ? "" : "\"", *before = names->count > 0 ? ", " : "";
  size_t room = NAMES_BYTES - sizeof " and 1000 more";
  size_t added = strlen(before) + strlen(name) + 2 * strlen(quote);
  if (names->left > 0 || names->length + added >= room) {
    names->left++;
    return;
  }
  names->length += (size_t)snprintf(names->text + names->length, NAMES_BYTES - names->length, "%s%s%s%s", before, quote,
                                    name, quote);
  names->count++;
}

const char *
names_text(struct names *names) {
  if (names->left > 0)
    snprintf(names->text + names->length, NAMES_BYTES - names->length, " and %u more", names->left);
  return names->text;
}
