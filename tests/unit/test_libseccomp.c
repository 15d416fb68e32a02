// SPDX-License-Identifier: LGPL-2.1-or-later
// test_libseccomp.c - a second opinion: random policies through our compiler and through libseccomp decide every call
// alike.
//
// libseccomp is asked only where it is right: one rule for each call, constants below 2^31, no action equal to the
// default one, and not a multiplexer beside a call inside it. What it does not look at (the version in ipc's first
// argument) is left out.
#include "runner/compile.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include "tests/check.h"
#include "tests/unit/random_policy.h"
#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define POLICIES 300
#define NUMBERS 600

static const struct action actions[] = {
    {ACTION_ALLOW, 0}, {ACTION_LOG, 0},         {ACTION_ERRNO, EPERM},    {ACTION_ERRNO, ENOSYS},
    {ACTION_TRAP, 0},  {ACTION_KILL_THREAD, 0}, {ACTION_KILL_PROCESS, 0},
};
#define ACTIONS (sizeof actions / sizeof actions[0])

static uint32_t
oracle_action(struct action action) {
  switch (action.kind) {
  case ACTION_ALLOW:
    return SCMP_ACT_ALLOW;
  case ACTION_LOG:
    return SCMP_ACT_LOG;
  case ACTION_ERRNO:
    return SCMP_ACT_ERRNO(action.data);
  case ACTION_TRAP:
    return SCMP_ACT_TRAP;
  case ACTION_KILL_THREAD:
    return SCMP_ACT_KILL_THREAD;
  case ACTION_NONE:
  case ACTION_TRACE:
  case ACTION_NOTIFY:
  case ACTION_KILL_PROCESS:
    break;
  }
  return SCMP_ACT_KILL_PROCESS;
}

static const struct {
  enum test_op ours;
  enum scmp_compare theirs;
} ops[] = {{TEST_EQ, SCMP_CMP_EQ}, {TEST_NE, SCMP_CMP_NE}, {TEST_LT, SCMP_CMP_LT},
           {TEST_LE, SCMP_CMP_LE}, {TEST_GT, SCMP_CMP_GT}, {TEST_GE, SCMP_CMP_GE}};

// One call's rule in both. Calls inside a multiplexer get no argument test: neither can see their arguments.
static void
add_rule(struct random *random, struct policy *policy, scmp_filter_ctx oracle, call_t call, struct action action) {
  const struct multiplexer *through;
  struct error e;
  uint32_t value;
  bool tested = random_below(random, 4) == 0 && !multiplexer_of(call, &through, &value);
  size_t op = random_below(random, sizeof ops / sizeof ops[0]);
  struct test test = {random_below(random, 6), 64, ops[op].ours, UINT64_MAX, random_word(random) & 0x7fffffff};
  struct scmp_arg_cmp compare = {test.argument, ops[op].theirs, test.value, 0};
  struct rule rule = {.call = call, .action = action};
  CHECK(policy_add_rule(policy, &rule, &test, tested, &e) == 0);
  CHECK_INT(seccomp_rule_add_array(oracle, oracle_action(action), seccomp_syscall_resolve_name(calls_name(call)),
                                   tested, &compare),
            0);
}

// True if libseccomp has for the call what our table has, on every ABI.
static bool
oracle_knows(call_t call) {
  static const uint32_t arches[ABI_COUNT] = {0, SCMP_ARCH_X86_64, SCMP_ARCH_X32, SCMP_ARCH_X86};
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    uint32_t number;
    int theirs = seccomp_syscall_resolve_name_arch(arches[abi], calls_name(call));
    if (theirs == __NR_SCMP_ERROR || calls_number(call, abi, &number) != (theirs >= 0))
      return false;
  }
  return true;
}

static void
load(scmp_filter_ctx oracle, struct program *out) {
  int fd = memfd_create("oracle", MFD_CLOEXEC);
  CHECK_INT(seccomp_export_bpf(oracle, fd), 0);
  ssize_t length = pread(fd, out->code, sizeof out->code, 0);
  CHECK(length > 0);
  out->length = (size_t)length / sizeof out->code[0];
  close(fd);
}

static void
compare_call(const struct program *ours, const struct program *theirs, uint32_t arch, uint32_t number,
             const uint64_t args[6]) {
  struct seccomp_data data = {.nr = (int)number, .arch = arch};
  uint32_t mine = 0, other = 1;
  memcpy(data.args, args, sizeof data.args);
  bool ran = program_simulate(ours, &data, &mine, NULL) == 0 && program_simulate(theirs, &data, &other, NULL) == 0;
  if (!ran || mine != other)
    fprintf(stderr, "arch %x number %u a0 %llx: ours %x, libseccomp %x\n", arch, number, (unsigned long long)args[0],
            mine, other);
  CHECK(ran && mine == other);
}

// Arguments around the constants of the policy; nobody's ticket.
static void
compare_all(struct random *random, const struct policy *policy, const struct program *ours,
            const struct program *theirs) {
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++)
    for (uint32_t number = 0; number < NUMBERS; number++)
      for (int round = 0; round < 3; round++) {
        uint64_t args[6];
        for (int i = 0; i < 6; i++) {
          args[i] = policy->test_count > 0 ? policy->tests[random_below(random, (uint32_t)policy->test_count)].value
                                                 + random_below(random, 3) - 1
                                           : 7;
          if (abi == ABI_X86_64 && random_below(random, 8) == 0)
            args[i] |= (uint64_t)1 << 32;
          if (abi != ABI_X86_64) // libseccomp takes x32 for a 32-bit ABI; its registers have 64
            args[i] &= UINT32_MAX;
        }
        if (abi == ABI_I386 && multiplexer_at(number) != NULL)
          args[0] = random_below(random, 32);
        compare_call(ours, theirs, abi_arch_word(abi), abi == ABI_X32 ? number | X32_BIT : number, args);
      }
}

static void
compare_policy(struct random *random) {
  static struct program ours, theirs;
  static const struct ticket ticket = {{0x12345678, 0x9abcdef0, 0x13579bdf, 0x2468ace0}, 2000};
  struct policy *policy = policy_new();
  struct error e;
  struct action otherwise = actions[random_below(random, ACTIONS)];
  scmp_filter_ctx oracle = seccomp_init(oracle_action(otherwise));
  CHECK(policy != NULL && oracle != NULL && policy_add_layer(policy, otherwise, (struct source_pos){0}, &e) == 0);
  CHECK_INT(seccomp_arch_add(oracle, SCMP_ARCH_X86), 0);
  CHECK_INT(seccomp_arch_add(oracle, SCMP_ARCH_X32), 0);
  uint32_t share = 2 + random_below(random, 30);
  for (call_t call = 0; call < calls_count(); call++) {
    struct action action = actions[random_below(random, ACTIONS)];
    bool is_multiplexer = call == multiplexers[0].call || call == multiplexers[1].call;
    if (random_below(random, share) == 0 && !is_multiplexer && !action_equal(action, otherwise) && oracle_knows(call))
      add_rule(random, policy, oracle, call, action);
  }
  CHECK(policy_seal(policy, &e) == 0 && program_compile(policy, PROGRAM_LAUNCH, &ours, &e) == 0
        && ticket_fill(&ours, &ticket, NULL, &e) == 0);
  load(oracle, &theirs);
  compare_all(random, policy, &ours, &theirs);
  seccomp_release(oracle);
  policy_free(policy);
}

int
main(int count, char **arguments) {
  unsigned long policies = count > 1 ? strtoul(arguments[1], NULL, 10) : POLICIES;
  unsigned long long seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  for (unsigned long i = 0; i < policies && check_failures < 10; i++) {
    struct random random = random_from(seed + i);
    compare_policy(&random);
    if (check_failures > 0)
      fprintf(stderr, "again with: test_libseccomp 1 %llu\n", seed + i);
  }
  return check_done();
}
