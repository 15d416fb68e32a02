// SPDX-License-Identifier: LGPL-2.1-or-later
// test_flatten.c - several layers as one: random policies, decided at one point of every atom before and after, and
// what shape the result has for policies as people write them.
//     test_flatten [POLICIES [SEED]]
#include "compat/flatten.h"
#include "compat/systemd_read.h"
#include "random_policy.h"
#include "runner/compare.h"
#include "tests/check.h"
#include <stdlib.h>

#define POLICIES 4000
#define RULES_EACH 5
#define CALLS_EACH 60

static unsigned long beyond_compare;

// ---- Random policies.

static struct action
vary_newer(struct random *random) {
  static const struct action actions[] = {
      {ACTION_NONE, 0}, {ACTION_NONE, 0}, {ACTION_ERRNO, 38}, {ACTION_ALLOW, 0}, {ACTION_KILL_PROCESS, 0}};
  return actions[random_below(random, sizeof actions / sizeof actions[0])];
}

// The same policy with what random_policy() does not use: rules of some ABIs only, answers for calls to come, numbers
// where such calls may be.
static struct policy *
vary(struct random *random, const struct policy *policy, struct error *e) {
  struct policy *out = policy_new();
  for (size_t i = 0; i < policy->layer_count; i++) {
    const struct layer *layer = &policy->layers[i];
    if (policy_add_layer(out, layer->otherwise, layer->otherwise_at, e) != 0)
      goto failed;
    out->layers[i].newer = vary_newer(random);
    for (size_t j = layer->first_rule; j < layer->first_rule + layer->rule_count; j++) {
      struct rule rule = policy->rules[j];
      if (random_below(random, 4) == 0)
        rule.abis = random_below(random, 8) << 1;
      if (rule.call == CALL_NONE && random_below(random, 3) == 0)
        rule.number = 468 + random_below(random, 8);
      const struct test *tests = rule.test_count == 0 ? NULL : policy->tests + rule.first_test;
      if (policy_add_rule(out, &rule, tests, rule.test_count, e) != 0)
        goto failed;
    }
  }
  out->abis = policy->abis;
  out->foreign = policy->foreign;
  out->permissive = policy->permissive;
  if (policy_seal(out, e) == 0)
    return out;
failed:
  policy_free(out);
  return NULL;
}

static bool
stop_at_first(void *context, const struct difference *difference) {
  *(struct difference *)context = *difference;
  return false;
}

static bool
is_same_at(const struct policy *a, const struct policy *b, enum abi abi, uint32_t number, const uint64_t args[6]) {
  struct action want = policy_decide(a, abi, number, args).action, got = policy_decide(b, abi, number, args).action;
  if (action_equal(want, got))
    return true;
  fprintf(stderr, "%s %u(0x%llx 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx): kind %d, not %d\n", abi_name(abi), number,
          (unsigned long long)args[0], (unsigned long long)args[1], (unsigned long long)args[2],
          (unsigned long long)args[3], (unsigned long long)args[4], (unsigned long long)args[5], (int)got.kind,
          (int)want.kind);
  return false;
}

static bool
is_same_at_random(struct random *random, const struct policy *a, const struct policy *b) {
  uint64_t args[6];
  for (unsigned i = 0; i < CALLS_EACH; i++) {
    enum abi near = (enum abi)(ABI_X86_64 + (int)random_below(random, 3));
    uint32_t number = random_number(random, a, near);
    random_arguments(random, a, args);
    if (!is_same_at(a, b, abi_of(abi_arch_word(near), number), number, args))
      return false;
  }
  return is_same_at(a, b, ABI_NONE, 0, args);
}

static bool
is_same(struct random *random, const struct policy *a, const struct policy *b) {
  struct difference difference = {0};
  struct error e;
  if (policy_compare(a, b, stop_at_first, &difference, &e) != 0)
    beyond_compare++;
  else if (difference.count > 0)
    return is_same_at(a, b, difference.abi, difference.number, difference.args);
  return is_same_at_random(random, a, b);
}

static void
check_random(unsigned long long seed) {
  struct random random = random_from(seed);
  struct error e = {0};
  struct policy *plain = random_policy(&random, RULES_EACH), *flat = NULL;
  struct policy *policy = plain == NULL ? NULL : vary(&random, plain, &e);
  CHECK(policy != NULL);
  if (policy != NULL) {
    CHECK_INT(policy_flatten(policy, &flat, &e), 0);
    if (flat != NULL) {
      bool same = flat->layer_count == 1 && !flat->permissive && is_same(&random, policy, flat);
      CHECK(same);
      if (!same)
        fprintf(stderr, "again with: test_flatten 1 %llu\n", seed);
    }
  }
  policy_free(plain);
  policy_free(policy);
  policy_free(flat);
}

// ---- Shapes.

static struct policy *
read_policy(const char *text) {
  static struct source source; // positions point at it
  struct diags diags = {0};
  struct policy *policy = NULL;
  struct reader *reader = reader_new(&(struct reader_options){0});
  source = (struct source){.name = "test", .text = text, .length = strlen(text), .has_lines = true};
  if (reader == NULL || reader_read_file(reader, &source, &diags) != 0 || reader_finish(reader, &policy, &diags) != 0)
    fprintf(stderr, "%s: %s\n", text, diags.count > 0 ? diags.items[0].text : "no memory");
  reader_free(reader);
  return policy;
}

// Policies of files never need a rule for one ABI, and no rule is repeated.
static void
check_shape(const char *text, size_t rules) {
  struct error e = {0};
  struct random random = random_from(1);
  struct policy *policy = read_policy(text), *flat = NULL;
  CHECK_ROW(policy != NULL && policy_flatten(policy, &flat, &e) == 0, text);
  if (flat != NULL) {
    CHECK_ROW(is_same(&random, policy, flat), text);
    CHECK_ROW(flat->rule_count == rules, text);
    for (size_t i = 0; i < flat->rule_count; i++)
      CHECK_ROW(flat->rules[i].abis == 0, text);
  }
  policy_free(policy);
  policy_free(flat);
}

static void
check_shapes(void) {
  check_shape("SystemCallFilter=read write\nSystemCallLog=write\n", 2);
  check_shape("SystemCallFilter=read\nSystemCallLog=write\n", 1);
  check_shape("SystemCallFilter=~read\nSystemCallLog=read write\n", 2);
  check_shape("SystemCallFilter=socket connect socketcall\nSystemCallLog=socket\n", 3);
  check_shape("SystemCallFilter=socket connect\nSystemCallLog=socketcall\n", 5);
  check_shape("SystemCallFilter=~socket\nSystemCallLog=~socketcall\n", 2);
}

// ---- What is taken over, and bounds.

static void
check_frame(void) {
  struct error e;
  struct policy *policy = policy_new(), *flat = NULL;
  policy->abis = ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_I386);
  policy->foreign = (struct action){ACTION_ERRNO, 7};
  policy->no_new_privs = false;
  policy->isolate_peers = ISOLATE_PEERS_NO;
  policy->flags = POLICY_FLAG_LOG;
  policy->permissive = true;
  policy->listener_path = strdup("/run/listener");
  policy->listener_metadata = strdup("who");
  CHECK(policy_seal(policy, &e) == 0 && policy_flatten(policy, &flat, &e) == 0);
  CHECK_INT(flat->layers[0].otherwise.kind, ACTION_ALLOW);
  CHECK_INT(flat->foreign.kind, ACTION_LOG);
  CHECK_INT(flat->abis, policy->abis);
  CHECK(!flat->no_new_privs && flat->isolate_peers == ISOLATE_PEERS_NO && flat->flags == POLICY_FLAG_LOG);
  CHECK_STR(flat->listener_path, "/run/listener");
  CHECK_STR(flat->listener_metadata, "who");
  policy_free(policy);
  policy_free(flat);
}

// `count` rules on one call in each of two layers: their product, since any two can hold together.
static struct policy *
wide_policy(uint32_t count) {
  struct error e;
  struct policy *policy = policy_new();
  struct rule rule = {.call = calls_find("ioctl", 5)};
  for (unsigned layer = 0; layer < 2; layer++) {
    CHECK_INT(policy_add_layer(policy, (struct action){ACTION_ALLOW, 0}, (struct source_pos){0}, &e), 0);
    for (uint32_t i = 0; i < count; i++) {
      const struct test test = {layer, 64, TEST_EQ, UINT64_MAX, i};
      rule.action = (struct action){ACTION_ERRNO, (uint16_t)(1 + i)};
      CHECK_INT(policy_add_rule(policy, &rule, &test, 1, &e), 0);
    }
  }
  CHECK_INT(policy_seal(policy, &e), 0);
  return policy;
}

static void
check_bounds(void) {
  struct error e = {0};
  struct policy *policy = wide_policy(200), *flat = NULL;
  CHECK_INT(policy_flatten(policy, &flat, &e), -1);
  CHECK(flat == NULL && e.kind == ERROR_POLICY && strstr(e.text, "8192 rules") != NULL);
  policy_free(policy);
  policy = wide_policy(60);
  CHECK_INT(policy_flatten(policy, &flat, &e), 0);
  CHECK_INT(flat->rule_count, 61 * 61 - 1);
  policy_free(policy);
  policy_free(flat);
}

int
main(int count, char **arguments) {
  unsigned long policies = count > 1 ? strtoul(arguments[1], NULL, 10) : POLICIES;
  unsigned long long seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  check_shapes();
  check_frame();
  check_bounds();
  for (unsigned long i = 0; i < policies && check_failures < 10; i++)
    check_random(seed + i);
  printf("%lu of %lu policies compared at random calls only\n", beyond_compare, policies);
  CHECK(beyond_compare <= 1 + policies / 20);
  return check_done();
}
