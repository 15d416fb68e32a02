// SPDX-License-Identifier: LGPL-2.1-or-later
// test_compile_random.c - random policies: what is compiled passes the verifier and does what policy_decide() says.
//     test_compile_random [POLICIES [SEED]]
#include "random_policy.h"
#include "compat/startup.h"
#include "runner/compile.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include "runner/verify.h"
#include "tests/check.h"
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>

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
static bool refused_for_size;

static bool
is_too_large(const struct error *e) {
  return strncmp(e->text, "the program cannot be verified", 30) == 0;
}

// Without tickets: the policy's answer to every call, those that others have tickets for among them, whoever holds
// whatever words.
static bool
bare_passes(struct random *random, const struct policy *policy) {
  static struct program program;
  static const uint32_t own[] = {SYS_write, SYS_sendmsg, SYS_execve, SYS_exit_group, SYS_seccomp};
  struct error e = {0};
  const uint64_t blank[6] = {1, 2, 3, 0, 0, 0};
  if (program_compile(policy, PROGRAM_BARE, &program, &e) == 0
      && program_verify(&program, PROGRAM_BARE, policy, &e) != 0 && is_too_large(&e))
    return refused_for_size = true;
  if (e.kind != ERROR_NONE) {
    fprintf(stderr, "%s\n", e.text);
    return false;
  }
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
    if (!is_same(&program, policy, ARCH_WORD_X86_64, own[i], blank))
      return false;
  return program_acceptable(&program) == 0 && is_same(&program, policy, ARCH_WORD_I386, TICKET_ARM_I386, blank)
         && random_calls_agree(random, &program, policy);
}

// The kinds with tickets, and what they answer to the holder of one.
static const struct kind {
  enum program_kind kind;
  bool exec, arm;
  uint32_t armed; // the answer to the arming ticket
} kinds[] = {
    {PROGRAM_LAUNCH, true, false, 0},
    {PROGRAM_STARTUP, true, true, SECCOMP_RET_ALLOW},
    {PROGRAM_LATER, false, true, SECCOMP_RET_ERRNO | 2222},
};
static const struct ticket arming = {.words = {0x10000001, 0x20000002, 0x30000003, 0x40000004}, .probe_errno = 2222};

// The launcher's ticket in the arguments of a call.
static const uint64_t launcher[6] = {1, 2, 3, 0, 0xefc600019d2c5680, 0x2468ace113579bdf};

// Whoever holds `holder` makes one call.
static uint32_t
answer_with(const struct program *program, uint32_t arch, uint32_t number, const struct ticket *holder) {
  struct seccomp_data data = {.nr = (int)number, .arch = arch, .args = {1, 2, 3}};
  data.args[4] = holder->words[0] | (uint64_t)holder->words[1] << 32;
  data.args[5] = holder->words[2] | (uint64_t)holder->words[3] << 32;
  return program_run(program, &data, NULL);
}

// The arming ticket works for this call if `granted`; with any one bit of it wrong, and with its words the other way
// round, and in the hands of the launcher, the policy decides.
static bool
arming_agrees(const struct program *program, const struct policy *policy, const struct kind *kind, uint32_t arch,
              uint32_t number) {
  bool granted = kind->arm && (policy->abis & ABI_BIT(abi_of(arch, number))) != 0;
  uint64_t args[6] = {1, 2, 3, 0, 0x2000000210000001, 0x4000000430000003};
  if (granted ? answer_with(program, arch, number, &arming) != kind->armed
              : !is_same(program, policy, arch, number, args))
    return false;
  for (unsigned bit = 0; bit < 128; bit++) {
    args[4 + bit / 64] ^= (uint64_t)1 << bit % 64;
    if (!is_same(program, policy, arch, number, args))
      return false;
    args[4 + bit / 64] ^= (uint64_t)1 << bit % 64;
  }
  const uint64_t swapped[6] = {1, 2, 3, 0, args[5], args[4]};
  const uint64_t blank[6] = {1, 2, 3};
  return is_same(program, policy, arch, number, swapped) && is_same(program, policy, arch, number, launcher)
         && is_same(program, policy, arch, number, blank);
}

// The arming ticket, at its two calls and not at the same numbers elsewhere, nor at the launcher's calls.
static bool
tickets_agree(const struct program *program, const struct policy *policy, const struct kind *kind) {
  static const uint64_t args[6] = {1, 2, 3, 0, 0x2000000210000001, 0x4000000430000003};
  static const uint32_t others[] = {
      SYS_execve, SYS_write, SYS_exit_group, TICKET_ARM_I386, SYS_seccomp | X32_BIT, TICKET_ARM_I386 | X32_BIT};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (!is_same(program, policy, ARCH_WORD_X86_64, others[i], args))
      return false;
  if (kind->exec ? answer_with(program, ARCH_WORD_X86_64, SYS_execve, &ticket) != SECCOMP_RET_ALLOW
                 : !is_same(program, policy, ARCH_WORD_X86_64, SYS_execve, launcher))
    return false;
  return is_same(program, policy, ARCH_WORD_I386, SYS_seccomp, args)
         && arming_agrees(program, policy, kind, ARCH_WORD_X86_64, SYS_seccomp)
         && arming_agrees(program, policy, kind, ARCH_WORD_I386, TICKET_ARM_I386);
}

// No kind is taken for another one.
static bool
kind_is_alone(const struct program *program, const struct policy *policy, enum program_kind kind) {
  struct error e;
  for (enum program_kind other = PROGRAM_LAUNCH; other <= PROGRAM_BARE; other++)
    if (other != kind && program_verify(program, other, policy, &e) == 0)
      return false;
  return true;
}

static bool
kind_passes(struct random *random, const struct policy *policy, const struct kind *kind, bool all) {
  static struct program program;
  struct error e = {0};
  if (program_compile(policy, kind->kind, &program, &e) == 0 && program_verify(&program, kind->kind, policy, &e) != 0
      && is_too_large(&e))
    return refused_for_size = true;
  if (all && e.kind == ERROR_NONE && !kind_is_alone(&program, policy, kind->kind))
    return false;
  if (e.kind != ERROR_NONE || ticket_fill(&program, kind->exec ? &ticket : NULL, kind->arm ? &arming : NULL, &e) != 0) {
    fprintf(stderr, "%s\n", e.text);
    return false;
  }
  return program_acceptable(&program) == 0 && (!all || tickets_agree(&program, policy, kind))
         && random_calls_agree(random, &program, policy) && named_calls_agree(random, &program, policy);
}

static unsigned long started;

// The start-up policy of this one, where it has one, as a start-up program.
static bool
startup_passes(struct random *random, const struct policy *policy, unsigned long long seed) {
  static const enum moment moments[] = {MOMENT_ENTRY, MOMENT_MAIN, MOMENT_READY};
  struct policy *startup;
  struct error e;
  if (startup_policy(policy, moments[seed / 32 % 3], &startup, &e) != 0)
    return e.kind == ERROR_POLICY;
  bool passes = kind_passes(random, startup, &kinds[1], true);
  policy_free(startup);
  started++;
  return passes;
}

// Every policy as one kind of program, one in 32 as all of them.
static bool
policy_passes(struct random *random, const struct policy *policy, unsigned long long seed) {
  if (seed % 32 != 0)
    return kind_passes(random, policy, &kinds[seed % 3], false) && bare_passes(random, policy);
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (!kind_passes(random, policy, &kinds[i], true))
      return false;
  return bare_passes(random, policy) && startup_passes(random, policy, seed);
}

// Tickets only go where there is a place for them, and all places must be filled.
static void
fill_check(void) {
  static struct program program;
  struct random random = random_from(5);
  struct policy *policy = random_policy(&random, 2);
  struct error e;
  CHECK(policy != NULL);
  for (enum program_kind kind = PROGRAM_LAUNCH; kind <= PROGRAM_BARE; kind++)
    for (int given = 0; given < 4; given++) {
      bool exec = kind == PROGRAM_LAUNCH || kind == PROGRAM_STARTUP;
      bool arm = kind == PROGRAM_STARTUP || kind == PROGRAM_LATER;
      CHECK_INT(program_compile(policy, kind, &program, &e), 0);
      int failed = ticket_fill(&program, (given & 1) != 0 ? &ticket : NULL, (given & 2) != 0 ? &arming : NULL, &e);
      CHECK_INT(failed, given == (exec ? 1 : 0) + (arm ? 2 : 0) ? 0 : -1);
      if (failed == 0 && given != 0) // a second time
        CHECK_INT(ticket_fill(&program, exec ? &ticket : NULL, arm ? &arming : NULL, &e), -1);
    }
  policy_free(policy);
}

int
main(int count, char **arguments) {
  unsigned long refused = 0;
  unsigned long policies = count > 1 ? strtoul(arguments[1], NULL, 10) : POLICIES;
  unsigned long long seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  for (unsigned long i = 0; i < policies && check_failures < 10; i++) {
    // Each policy has a seed of its own, so that a failing one can be looked at alone.
    struct random random = random_from(seed + i);
    struct policy *policy = random_policy(&random, 6);
    refused_for_size = false;
    bool passes = policy != NULL && policy_passes(&random, policy, seed + i);
    refused += refused_for_size;
    CHECK(passes);
    if (!passes)
      fprintf(stderr, "again with: test_compile_random 1 %llu\n", seed + i);
    policy_free(policy);
  }
  fill_check();
  printf("%lu of %lu policies refused for their size\n", refused, policies);
  CHECK(policies < 100 || started > policies / 128);
  CHECK(refused <= 1 + policies / 100000);
  return check_done();
}
