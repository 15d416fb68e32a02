// SPDX-License-Identifier: LGPL-2.1-or-later
// random_policy.c - small random policies. Few different calls and constants, so that rules meet, shadow and contradict
// one another.
#include "random_policy.h"
#include <string.h>

// Calls with something special about them: the launcher's own, multiplexed ones and the multiplexers, calls of one ABI
// only, x32's own numbers.
static const char *const special_calls[] = {
    "execve",   "write",    "exit_group",   "socket",  "connect",    "socketcall", "ipc",    "semget", "shmat",
    "msgsnd",   "read",     "rt_sigreturn", "fstat64", "arch_prctl", "ioctl",      "mmap2",  "clone",  "accept4",
    "execveat", "mprotect", "recvmsg",      "waitpid", "exit",       "sendto",     "uselib", "ptrace", "open",
};
#define SPECIAL_CALLS (sizeof special_calls / sizeof special_calls[0])

struct random
random_from(uint64_t seed) {
  return (struct random){seed * 0x9e3779b97f4a7c15u + 1};
}

// splitmix64. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
static uint64_t
random_next(struct random *random) {
  uint64_t z = random->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

uint32_t
random_below(struct random *random, uint32_t bound) {
  return (uint32_t)(random_next(random) >> 32) % bound;
}

uint32_t
random_word(struct random *random) {
  static const uint32_t borders[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};
  switch (random_below(random, 5)) {
  case 0:
    return random_below(random, 4);
  case 1:
    return 0x20 + random_below(random, 16);
  case 2:
    return 1u << random_below(random, 32);
  case 3:
    return borders[random_below(random, 4)] + random_below(random, 3) - 1;
  default:
    return (uint32_t)random_next(random);
  }
}

static uint64_t
random_wide(struct random *random) {
  uint64_t low = random_word(random);
  switch (random_below(random, 3)) {
  case 0:
    return low;
  case 1:
    return (uint64_t)(1 + random_below(random, 2)) << 32 | low;
  default:
    return (uint64_t)random_word(random) << 32 | low;
  }
}

static struct action
random_action(struct random *random) {
  static const enum action_kind kinds[] = {ACTION_ALLOW,       ACTION_ALLOW, ACTION_ALLOW,  ACTION_ERRNO,
                                           ACTION_ERRNO,       ACTION_ERRNO, ACTION_LOG,    ACTION_TRAP,
                                           ACTION_KILL_THREAD, ACTION_TRACE, ACTION_NOTIFY, ACTION_KILL_PROCESS};
  struct action action = {.kind = kinds[random_below(random, sizeof kinds / sizeof kinds[0])]};
  if (action.kind == ACTION_ERRNO)
    action.data =
        (uint16_t)(random_below(random, 2) ? 1 + random_below(random, 3) : random_below(random, ACTION_ERRNO_MAX + 1));
  if (action.kind == ACTION_TRACE)
    action.data = (uint16_t)random_below(random, 3);
  return action;
}

static struct test
random_test(struct random *random) {
  struct test test = {.argument = random_below(random, 3) ? random_below(random, 2) : random_below(random, 6),
                      .width = random_below(random, 2) ? 32 : 64,
                      .op = (enum test_op)(TEST_EQ + (int)random_below(random, TEST_GE - TEST_EQ + 1)),
                      .mask = UINT64_MAX,
                      .value = random_wide(random)};
  if (random_below(random, 3) == 0)
    test.mask = random_below(random, 2) ? random_wide(random) : (uint64_t)0xf << random_below(random, 61);
  if (random_below(random, 2))
    test.value &= test.mask;
  if (test.width == 32) {
    test.mask &= UINT32_MAX;
    test.value &= UINT32_MAX;
  }
  return test;
}

static uint32_t
random_bare_number(struct random *random) {
  switch (random_below(random, 4)) {
  case 0:
    return random_below(random, 4);
  case 1:
    return X32_BIT - 1 - random_below(random, 2);
  case 2:
    return 1020 + random_below(random, 10);
  default:
    return random_below(random, 550);
  }
}

// Out of memory and full policies cannot happen at these sizes; a policy without the rule would still be a policy.
static int
random_rule(struct random *random, struct policy *policy, struct error *e) {
  struct rule rule = {.call = CALL_NONE, .action = random_action(random)};
  struct test tests[4];
  size_t count = random_below(random, 2) ? 0 : 1 + random_below(random, 3);
  uint32_t kind = random_below(random, 8);
  const char *name = special_calls[random_below(random, SPECIAL_CALLS)];
  if (kind < 5)
    rule.call = calls_find(name, strlen(name));
  else if (kind < 7)
    rule.call = (call_t)random_below(random, (uint32_t)calls_count());
  if (rule.call == CALL_NONE)
    rule.number = random_bare_number(random);
  if (random_below(random, 8) == 0)
    rule.abis = (1 + random_below(random, 7)) << ABI_X86_64; // some of the three
  for (size_t i = 0; i < count; i++)
    tests[i] = i > 0 && random_below(random, 4) == 0 ? tests[i - 1] : random_test(random);
  // Often the same call once more, with other tests: a chain of "or".
  uint32_t repeats = random_below(random, 4) == 0 ? 1 + random_below(random, 3) : 1;
  for (uint32_t i = 0; i < repeats; i++) {
    if (policy_add_rule(policy, &rule, tests, count, e) != 0)
      return -1;
    if (count > 0)
      tests[0].value = (tests[0].value + random_below(random, 3)) & (tests[0].width == 32 ? UINT32_MAX : UINT64_MAX);
  }
  return 0;
}

static int
random_layers(struct random *random, struct policy *policy, uint32_t rules_max, struct error *e) {
  uint32_t layers = random_below(random, 3) ? 1 : 1 + random_below(random, 3);
  for (uint32_t layer = 0; layer < layers; layer++) {
    if (policy_add_layer(policy, random_action(random), (struct source_pos){0}, e) != 0)
      return -1;
    if (random_below(random, 6) == 0)
      policy->layers[layer].newer = random_action(random);
    for (uint32_t rules = random_below(random, rules_max + 1); rules > 0; rules--)
      if (random_rule(random, policy, e) != 0)
        return -1;
  }
  return 0;
}

struct policy *
random_policy(struct random *random, uint32_t rules_max) {
  struct error e;
  struct policy *policy = policy_new();
  if (policy == NULL)
    return NULL;
  if (random_below(random, 4) == 0)
    policy->abis = ABI_BIT(ABI_NATIVE) | random_below(random, 8) << 1;
  policy->foreign = random_action(random);
  policy->permissive = random_below(random, 8) == 0;
  if (random_layers(random, policy, rules_max, &e) != 0 || policy_seal(policy, &e) != 0) {
    policy_free(policy);
    return NULL;
  }
  return policy;
}

void
random_arguments(struct random *random, const struct policy *policy, uint64_t args[6]) {
  for (unsigned i = 0; i < 6; i++)
    args[i] = random_wide(random);
  for (unsigned i = 0; i < 3 && policy->test_count > 0; i++) {
    const struct test *test = &policy->tests[random_below(random, (uint32_t)policy->test_count)];
    uint64_t value = test->value + random_below(random, 3) - 1;
    // Bits outside the mask must not matter.
    if (random_below(random, 2))
      value |= ~test->mask & random_wide(random);
    if (random_below(random, 4) == 0)
      value ^= (uint64_t)1 << random_below(random, 64);
    args[test->argument] = value;
  }
  // A choice of a multiplexer.
  if (random_below(random, 4) == 0)
    args[0] = random_below(random, 26) | (random_below(random, 2) ? (uint64_t)random_word(random) << 16 : 0);
}

uint32_t
random_number(struct random *random, const struct policy *policy, enum abi abi) {
  size_t count = 0;
  const uint32_t *numbers = policy_numbers(policy, abi, &count);
  if (count > 0 && random_below(random, 8) > 1)
    return numbers[random_below(random, (uint32_t)count)] + (random_below(random, 3) ? 0 : random_below(random, 3) - 1);
  switch (random_below(random, 5)) {
  case 4:
    return (CALLS_END + random_below(random, 3) - 1) | (abi == ABI_X32 ? X32_BIT : 0);
  case 0:
    return random_word(random);
  case 1:
    return X32_BIT + random_below(random, 3) - 1;
  default:
    return random_below(random, 600) | (abi == ABI_X32 ? X32_BIT : 0);
  }
}
