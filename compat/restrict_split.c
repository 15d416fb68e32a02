// SPDX-License-Identifier: LGPL-2.1-or-later
// restrict_split.c - finds the rules of MemoryDenyWriteExecute= in a layer that allows what it does not name, and
// leaves them out. Rules about other calls do not meet them, so the layer can be taken apart.
#include "compat/restrict_split.h"
#include "compat/restrict.h"
#include <string.h>

// A policy of the property alone: one layer. NULL when memory is out.
static struct policy *
make_property(void) {
  const struct restrictions restrictions = {.on[RESTRICT_WRITE_EXECUTE] = true};
  struct diags diags = {.count = 0};
  struct policy *policy = policy_new();
  bool refuses;
  if (policy == NULL)
    return NULL;
  restrictions_build(&restrictions, NULL, policy, &refuses, &diags);
  if (diags.errors == 0)
    return policy;
  policy_free(policy);
  return NULL;
}

static bool
test_equal(const struct test *a, const struct test *b) {
  return a->argument == b->argument && a->width == b->width && a->op == b->op && a->mask == b->mask
         && a->value == b->value;
}

static bool
rule_equal(const struct policy *policy, const struct rule *a, const struct policy *property, const struct rule *b) {
  if (a->call != b->call || (a->call == CALL_NONE && a->number != b->number) || a->abis != b->abis
      || !action_equal(a->action, b->action) || a->test_count != b->test_count)
    return false;
  for (uint32_t i = 0; i < a->test_count; i++)
    if (!test_equal(&policy->tests[a->first_test + i], &property->tests[b->first_test + i]))
      return false;
  return true;
}

static bool
is_of_property(const struct policy *policy, const struct rule *rule, const struct policy *property) {
  for (size_t i = 0; i < property->rule_count; i++)
    if (rule_equal(policy, rule, property, &property->rules[i]))
      return true;
  return false;
}

// About a call that the property restricts, or about a bare number, which may be that of one.
static bool
meets_property(const struct rule *rule, const struct policy *property) {
  for (size_t i = 0; i < property->rule_count; i++)
    if (rule->call == property->rules[i].call)
      return true;
  return rule->call == CALL_NONE;
}

static bool
layer_has(const struct policy *policy, const struct layer *layer, const struct policy *property,
          const struct rule *wanted) {
  for (uint32_t i = 0; i < layer->rule_count; i++)
    if (rule_equal(policy, &policy->rules[layer->first_rule + i], property, wanted))
      return true;
  return false;
}

// All its rules are there, and no others that they would meet. All of them refuse alike: their order does not matter.
static bool
layer_holds(const struct policy *policy, const struct layer *layer, const struct policy *property) {
  if (layer->otherwise.kind != ACTION_ALLOW || layer->newer.kind != ACTION_NONE)
    return false;
  for (uint32_t i = 0; i < layer->rule_count; i++) {
    const struct rule *rule = &policy->rules[layer->first_rule + i];
    if (!is_of_property(policy, rule, property) && meets_property(rule, property))
      return false;
  }
  for (size_t i = 0; i < property->rule_count; i++)
    if (!layer_has(policy, layer, property, &property->rules[i]))
      return false;
  return true;
}

static int
copy_rules(const struct policy *policy, const struct layer *layer, const struct policy *without, struct policy *out,
           struct error *e) {
  for (uint32_t i = 0; i < layer->rule_count; i++) {
    const struct rule *rule = &policy->rules[layer->first_rule + i];
    const struct test *tests = rule->test_count == 0 ? NULL : policy->tests + rule->first_test;
    if (without != NULL && is_of_property(policy, rule, without))
      continue;
    if (policy_add_rule(out, rule, tests, rule->test_count, e) != 0)
      return -1;
  }
  return 0;
}

static bool
is_nothing_but(const struct policy *policy, const struct layer *layer, const struct policy *property) {
  for (uint32_t i = 0; i < layer->rule_count; i++)
    if (!is_of_property(policy, &policy->rules[layer->first_rule + i], property))
      return false;
  return true;
}

// Of `held` only what is not the property's; without a property nothing.
static int
copy_layers(const struct policy *policy, const struct layer *held, const struct policy *property, struct policy *out,
            struct error *e) {
  out->abis = policy->abis;
  out->abis_at = policy->abis_at;
  out->foreign = policy->foreign;
  for (size_t i = 0; i < policy->layer_count; i++) {
    const struct layer *layer = &policy->layers[i];
    if (layer == held && (property == NULL || is_nothing_but(policy, layer, property)))
      continue;
    if (policy_add_layer(out, layer->otherwise, layer->otherwise_at, e) != 0)
      return -1;
    out->layers[out->layer_count - 1].newer = layer->newer;
    if (copy_rules(policy, layer, layer == held ? property : NULL, out, e) != 0)
      return -1;
  }
  return policy_seal(out, e);
}

static int
split(const struct policy *policy, const struct layer *held, const struct policy *property, struct policy **rest,
      struct error *e) {
  struct policy *out = policy_new();
  if (out == NULL)
    return error_memory(e, ERROR_POLICY);
  if (copy_layers(policy, held, property, out, e) != 0) {
    policy_free(out);
    return -1;
  }
  *rest = out;
  return 0;
}

int
restrictions_split(const struct policy *policy, struct policy **rest, struct error *e) {
  struct policy *property = make_property();
  const struct layer *held = NULL;
  *rest = NULL;
  if (property == NULL)
    return error_memory(e, ERROR_POLICY);
  for (size_t i = 0; i < policy->layer_count && held == NULL; i++)
    if (layer_holds(policy, &policy->layers[i], property))
      held = &policy->layers[i];
  int result = held == NULL ? 0 : split(policy, held, property, rest, e);
  policy_free(property);
  return result;
}

int
layers_without(const struct policy *policy, const struct layer *left_out, struct policy **out, struct error *e) {
  return split(policy, left_out, NULL, out, e);
}
