// SPDX-License-Identifier: LGPL-2.1-or-later
// widen.c - a list in front of a layer.
#include "compat/widen.h"

static bool
rule_is_on(const struct rule *rule, enum abi abi) {
  return rule->abis == 0 || (rule->abis & ABI_BIT(abi)) != 0;
}

static const struct multiplexer *
multiplexer_by_call(call_t call) {
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    if (multiplexers[i].call == call)
      return &multiplexers[i];
  return NULL;
}

static bool
list_refuses(const struct policy *list, call_t call) {
  for (size_t i = 0; i < list->rule_count; i++)
    if (list->rules[i].call == call && rule_is_on(&list->rules[i], ABI_I386) && action_refuses(list->rules[i].action))
      return true;
  return false;
}

// More than any multiplexer has calls inside.
#define CHOICES_MAX 32

// The calls inside that the list allows with tests only: the multiplexer hides those, so it is not opened for them.
static size_t
hidden_choices(const struct policy *list, const struct multiplexer *multiplexer, struct test out[CHOICES_MAX]) {
  size_t count = 0;
  for (uint32_t value = 0; value < multiplexer->inner_count && count < CHOICES_MAX; value++)
    if (multiplexer->inner[value] != CALL_NONE && list_refuses(list, multiplexer->inner[value]))
      out[count++] =
          (struct test){.argument = 0, .width = 32, .op = TEST_NE, .mask = multiplexer->mask, .value = value};
  return count;
}

static int
add_opening(struct policy *out, const struct widening *widening, const struct rule *from, struct error *e) {
  const struct policy *list = widening->list;
  struct rule rule = *from;
  struct test choices[CHOICES_MAX];
  const struct multiplexer *multiplexer = multiplexer_by_call(rule.call);
  if (rule.action.kind != ACTION_ALLOW || (widening->narrow != NULL && !widening->narrow(&rule)))
    return 0;
  if (multiplexer != NULL)
    return policy_add_rule(out, &rule, choices, hidden_choices(list, multiplexer, choices), e);
  return policy_add_rule(out, &rule, rule.test_count > 0 ? list->tests + rule.first_test : NULL, rule.test_count, e);
}

// Whether every call of that name is allowed by the layer anyway: most are, below a list of what is refused, and what
// opens nothing need not be compiled.
static bool
layer_allows(const struct policy *policy, const struct layer *layer, call_t call) {
  const struct multiplexer *inside;
  uint32_t value;
  if (layer->otherwise.kind != ACTION_ALLOW || layer->newer.kind != ACTION_NONE || call == CALL_NONE
      || multiplexer_by_call(call) != NULL || multiplexer_of(call, &inside, &value))
    return false;
  for (uint32_t i = layer->first_rule; i < layer->first_rule + layer->rule_count; i++)
    if (policy->rules[i].call == call || policy->rules[i].call == CALL_NONE)
      return false;
  return true;
}

static int
add_openings(struct policy *out, const struct policy *policy, const struct layer *layer,
             const struct widening *widening, struct error *e) {
  for (size_t i = 0; i < widening->list->rule_count; i++) {
    const struct rule *rule = &widening->list->rules[i];
    if (!layer_allows(policy, layer, rule->call) && add_opening(out, widening, rule, e) != 0)
      return -1;
  }
  return 0;
}

int
layer_widen(struct policy *out, const struct policy *policy, const struct layer *layer, const struct widening *widening,
            struct error *e) {
  if (policy_add_layer(out, layer->otherwise, layer->otherwise_at, e) != 0)
    return -1;
  out->layers[out->layer_count - 1].newer = layer->newer;
  if (widening != NULL && add_openings(out, policy, layer, widening, e) != 0)
    return -1;
  for (uint32_t i = layer->first_rule; i < layer->first_rule + layer->rule_count; i++) {
    const struct rule *rule = &policy->rules[i];
    const struct test *tests = rule->test_count > 0 ? policy->tests + rule->first_test : NULL;
    if (policy_add_rule(out, rule, tests, rule->test_count, e) != 0)
      return -1;
  }
  return 0;
}

int
layers_widen(struct policy *out, const struct policy *policy, const struct widening *widening, struct error *e) {
  for (size_t i = 0; i < policy->layer_count; i++)
    if (layer_widen(out, policy, &policy->layers[i], widening, e) != 0)
      return -1;
  return 0;
}
