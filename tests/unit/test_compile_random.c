// SPDX-License-Identifier: LGPL-2.1-or-later
// test_compile_random.c - random policies: what is compiled passes the verifier and does what policy_decide() says.
//     test_compile_random [POLICIES [SEED]]
#include "random_policy.h"
#include "runner/compile.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include "runner/verify.h"
#include "tests/check.h"
#include <stdlib.h>

#define POLICIES 100000
#define CALLS 24

static const struct ticket ticket = {.words = {0x9d2c5680, 0xefc60001, 0x13579bdf, 0x2468ace1}, .probe_errno = 3333};

// One call, by both. Calls without the ticket only.
static bool
is_same(const struct program *program, const struct policy *policy, uint32_t arch, uint32_t number,
        const uint64_t args[6]) {
  struct seccomp_data data = {.nr = (int)number, .arch = arch};
  memcpy(data.args, args, sizeof data.args);
  uint32_t got = program_run(program, &data, NULL);
  uint32_t want = action_to_return(policy_decide(policy, abi_of(arch, number), number, args).action);
  if (got != want)
    fprintf(stderr, "arch %x number %x args %llx %llx %llx %llx %llx %llx: %x, not %x\n", arch, number,
            (unsigned long long)args[0], (unsigned long long)args[1], (unsigned long long)args[2],
            (unsigned long long)args[3], (unsigned long long)args[4], (unsigned long long)args[5], got, want);
  return got == want;
}

static bool
random_calls_agree(struct random *random, const struct program *program, const struct policy *policy) {
  static const uint32_t borders[] = {0,
                                     X32_BIT - 1,
                                     X32_BIT,
                                     UINT32_MAX - 1,
                                     UINT32_MAX,
                                     0x80000000,
                                     CALLS_END - 1,
                                     CALLS_END,
                                     X32_BIT | CALLS_END,
                                     X32_BIT | CALLS_X32_FIRST,
                                     X32_BIT | (CALLS_X32_END - 1),
                                     X32_BIT | CALLS_X32_END};
  uint64_t args[6];
  for (unsigned i = 0; i < CALLS; i++) {
    enum abi abi = (enum abi)(ABI_X86_64 + (int)(i % 3));
    random_arguments(random, policy, args);
    if (!is_same(program, policy, abi_arch_word(abi), random_number(random, policy, abi), args))
      return false;
  }
  for (unsigned i = 0; i < sizeof borders / sizeof borders[0]; i++) {
    uint32_t foreign = random_below(random, 2) ? random_word(random) : ARCH_WORD_X86_64 + random_below(random, 3) - 1;
    if (!is_same(program, policy, ARCH_WORD_X86_64, borders[i], args)
        || !is_same(program, policy, ARCH_WORD_I386, borders[i], args)
        || !is_same(program, policy, foreign, borders[i], args))
      return false;
  }
  return true;
}

// Every number with rules and both of its neighbours, with one set of arguments each.
static bool
named_calls_agree(struct random *random, const struct program *program, const struct policy *policy) {
  uint64_t args[6];
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    size_t count;
    const uint32_t *numbers = policy_numbers(policy, abi, &count);
    for (size_t i = 0; i < 3 * count; i++) {
      random_arguments(random, policy, args);
      if (!is_same(program, policy, abi_arch_word(abi), numbers[i / 3] + (uint32_t)(i % 3) - 1, args))
        return false;
    }
  }
  return true;
}

// A call whose tests have more cases than the verifier looks at is refused, never sampled: right, and rare.
static unsigned long refused_for_size;

static bool
is_too_large(const struct error *e) {
  bool large = strncmp(e->text, "the program cannot be verified", 30) == 0;
  refused_for_size += large;
  return large;
}

// Without tickets: the policy's answer to every call, the launcher's own among them, whoever holds whatever words.
static bool
bare_passes(struct random *random, const struct policy *policy) {
  static struct program program;
  static const uint32_t own[] = {1, 46, 59, 231};
  struct error e = {0};
  const uint64_t blank[6] = {1, 2, 3, 0, 0, 0};
  if (program_compile_bare(policy, &program, &e) != 0 || program_verify_bare(&program, policy, &e) != 0) {
    fprintf(stderr, "%s\n", e.text);
    return false;
  }
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
    if (!is_same(&program, policy, ARCH_WORD_X86_64, own[i], blank))
      return false;
  return program_acceptable(&program) == 0 && program_verify(&program, policy, &e) != 0
         && random_calls_agree(random, &program, policy);
}

static bool
policy_passes(struct random *random, const struct policy *policy) {
  static struct program program;
  struct error e = {0};
  if (program_compile(policy, &program, &e) == 0 && program_verify(&program, policy, &e) != 0 && is_too_large(&e))
    return true;
  if (e.kind != ERROR_NONE || ticket_fill(&program, &ticket, &e) != 0) {
    fprintf(stderr, "%s\n", e.text);
    return false;
  }
  if (program_acceptable(&program) != 0)
    return false;
  return bare_passes(random, policy) && random_calls_agree(random, &program, policy)
         && named_calls_agree(random, &program, policy);
}

int
main(int count, char **arguments) {
  unsigned long policies = count > 1 ? strtoul(arguments[1], NULL, 10) : POLICIES;
  unsigned long long seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  for (unsigned long i = 0; i < policies && check_failures < 10; i++) {
    // Each policy has a seed of its own, so that a failing one can be looked at alone.
    struct random random = random_from(seed + i);
    struct policy *policy = random_policy(&random, 6);
    bool passes = policy != NULL && policy_passes(&random, policy);
    CHECK(passes);
    if (!passes)
      fprintf(stderr, "again with: test_compile_random 1 %llu\n", seed + i);
    policy_free(policy);
  }
  printf("%lu of %lu policies refused for their size\n", refused_for_size, policies);
  CHECK(refused_for_size <= 1 + policies / 100000);
  return check_done();
}
