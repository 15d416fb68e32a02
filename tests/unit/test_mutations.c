// SPDX-License-Identifier: LGPL-2.1-or-later
// test_mutations.c - of the programs that are well-formed and ask for the ticket where they should, the verifier
// refuses exactly those that decide something else. Random programs are changed in one instruction, and an oracle of
// its own tells which changes matter: the original and the mutant are run on all three ABIs, on every number up to
// 1023, on every constant of their jumps and its neighbours, and on the borders of the ABIs; on foreign architectures
// at a few numbers; and where one looks at arguments, on one point of every atom of both programs' tests. Each kind of
// program with tickets has its turn.
//     test_mutations [PROGRAMS [SEED]]
//
// What is claimed of a mutant depends on what the verifier says about it:
// - accepted, or "differs from the policy": the oracle must agree, in both directions.
// - "not well-formed", or "ticket is wrong": it is refused, and more is not asked; such a program may decide as the
//   original does. The oracle runs these too, as far as a kernel would take them, and the last line counts those that
//   it finds no difference in. (It does not hold the ticket, and where a program masks a number it is a sample.)
// - changed within a ticket's template: it must be refused.
// No mutant that a kernel would not take is accepted.
#include "random_policy.h"
#include "runner/compile.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include "runner/verify.h"
#include "tests/check.h"
#include <stdlib.h>
#include <sys/syscall.h>

#define PROGRAMS 80

static const struct ticket ticket = {.words = {0x9d2c5680, 0xefc60001, 0x13579bdf, 0x2468ace1}, .probe_errno = 3333};
static const struct ticket arming = {.words = {0x10000001, 0x20000002, 0x30000003, 0x40000004}, .probe_errno = 2222};

// What the programs are for.
static const enum program_kind kinds[] = {PROGRAM_LAUNCH, PROGRAM_STARTUP, PROGRAM_LATER};
static enum program_kind kind;

static bool
has_exec_ticket(void) {
  return kind != PROGRAM_LATER;
}

static bool
has_arming_ticket(void) {
  return kind != PROGRAM_LAUNCH;
}

// A program twice: as the verifier gets it, and with a ticket, as it runs.
struct subject {
  struct program blank, filled;
  uint8_t template_length[PROGRAM_MAX]; // where a template begins
};

static struct subject original, mutant;
static long verdicts_same, verdicts_different;

// Those that are refused without being compared, by what the oracle thinks of them.
struct uncompared {
  long all, untakable, different, same, unknown;
};
static struct uncompared refused_for_form, refused_for_ticket;
static long refused_for_size, verdicts_unknown;

// Set when a program is more than the oracle can look into.
static bool oracle_overflow;

static int
subject_fill(struct subject *subject) {
  struct error e;
  memcpy(&subject->filled, &subject->blank, sizeof subject->filled);
  if (program_acceptable(&subject->blank) != 0)
    return -1;
  return ticket_fill(&subject->filled, has_exec_ticket() ? &ticket : NULL, has_arming_ticket() ? &arming : NULL, &e);
}

static void
subject_find_templates(struct subject *subject) {
  struct ticket found;
  enum ticket_form form;
  memset(subject->template_length, 0, sizeof subject->template_length);
  for (size_t at = 0; at < subject->blank.length; at++)
    subject->template_length[at] = (uint8_t)ticket_at(&subject->blank, at, &found, &form);
}

// ---- The oracle: the tests of arguments that one number can come to.

#define TESTS_MAX 24
#define STATES_MAX 4096

struct word_tests {
  size_t count;
  uint32_t mask[TESTS_MAX], value[TESTS_MAX];
};

static void
word_tests_add(struct word_tests *tests, uint32_t mask, uint32_t value) {
  for (size_t i = 0; i < tests->count; i++)
    if (tests->mask[i] == mask && tests->value[i] == value)
      return;
  if (tests->count == TESTS_MAX) {
    oracle_overflow = true;
    return;
  }
  tests->mask[tests->count] = mask;
  tests->value[tests->count++] = value;
}

static bool
is_true(const struct sock_filter *f, uint32_t a) {
  switch (BPF_OP(f->code)) {
  case BPF_JEQ:
    return a == f->k;
  case BPF_JGT:
    return a > f->k;
  case BPF_JGE:
    return a >= f->k;
  default:
    return (a & f->k) != 0;
  }
}

// A path in progress. The same place can be reached with different words in the accumulator: each combination is a path
// of its own.
struct path {
  size_t at;
  uint32_t word, mask;
};
#define PATHS_MAX 4096

// Adds the tests of arguments on all paths of (arch, number). Returns false if there are none.
static bool
subject_tests(const struct subject *subject, uint32_t arch, uint32_t number, struct word_tests tests[16]) {
  static struct path paths[PATHS_MAX];
  size_t count = 1;
  bool any = false;
  paths[0] = (struct path){0};
  while (count > 0) {
    struct path path = paths[--count];
    for (;;) {
      const struct sock_filter *f = &subject->blank.code[path.at];
      if (subject->template_length[path.at] != 0) {
        path.at += subject->template_length[path.at];
        continue;
      }
      if (BPF_CLASS(f->code) == BPF_RET)
        break;
      if (BPF_CLASS(f->code) == BPF_LD)
        path = (struct path){path.at, f->k / 4, UINT32_MAX};
      if (BPF_CLASS(f->code) == BPF_ALU)
        path.mask &= f->k;
      if (f->code == (BPF_JMP | BPF_JA)) {
        path.at += f->k;
      } else if (BPF_CLASS(f->code) == BPF_JMP && path.word < 2) {
        path.at += is_true(f, path.word == 0 ? number : arch) ? f->jt : f->jf;
      } else if (BPF_CLASS(f->code) == BPF_JMP) {
        any = true;
        if (BPF_OP(f->code) == BPF_JSET)
          word_tests_add(&tests[path.word], path.mask & f->k, 0);
        else
          word_tests_add(&tests[path.word], path.mask, f->k);
        if (count < PATHS_MAX)
          paths[count++] = (struct path){path.at + 1 + f->jt, path.word, path.mask};
        else
          oracle_overflow = true;
        path.at += f->jf;
      }
      path.at++;
    }
  }
  return any;
}

// One point of each atom: from the highest bit on, all prefixes that differ in what they have settled. A test is
// settled when a bit of the word differs from the constant's: two bits of `settled` per test, 0 none, 1 less, 2
// greater.
static size_t
word_points(const struct word_tests *tests, uint32_t *points) {
  static uint64_t settled[2][STATES_MAX];
  static uint32_t prefix[2][STATES_MAX];
  size_t count = 1, now = 0;
  settled[0][0] = 0;
  prefix[0][0] = 0;
  for (uint32_t bit = 1u << 31; bit != 0; bit >>= 1, now = !now) {
    size_t next_count = 0, next = !now;
    for (size_t i = 0; i < 2 * count; i++) {
      uint32_t word = prefix[now][i / 2] | (i % 2 ? bit : 0);
      uint64_t state = settled[now][i / 2];
      for (size_t t = 0; t < tests->count; t++)
        if ((state >> 2 * t & 3) == 0 && ((word & tests->mask[t]) ^ tests->value[t]) & bit)
          state |= (uint64_t)(tests->value[t] & bit ? 1 : 2) << 2 * t;
      size_t known = 0;
      while (known < next_count && settled[next][known] != state)
        known++;
      if (known < next_count)
        continue;
      if (next_count == STATES_MAX) {
        oracle_overflow = true;
        continue;
      }
      settled[next][next_count] = state;
      prefix[next][next_count++] = word;
    }
    count = next_count;
  }
  memcpy(points, prefix[now], count * sizeof *points);
  return count;
}

static bool
answers_differ(uint32_t arch, uint32_t number, const uint32_t words[12]) {
  struct seccomp_data data = {.nr = (int)number, .arch = arch};
  memcpy(data.args, words, sizeof data.args);
  return program_run(&original.filled, &data, NULL) != program_run(&mutant.filled, &data, NULL);
}

static uint32_t points[12][STATES_MAX];

// More combinations of points than this are not tried, or one mutant in a million would take an hour.
#define CROSSINGS_MAX ((size_t)1 << 14)

static bool
differ_at_number(uint32_t arch, uint32_t number) {
  static struct word_tests tests[16];
  uint32_t words[12] = {0};
  size_t counts[12], at[12] = {0}, word;
  if (oracle_overflow)
    return false;
  for (size_t i = 0; i < 16; i++)
    tests[i].count = 0;
  bool any = subject_tests(&original, arch, number, tests);
  if (!subject_tests(&mutant, arch, number, tests) && !any)
    return answers_differ(arch, number, words);
  size_t crossings = 1;
  for (size_t i = 0; i < 12; i++) {
    counts[i] = word_points(&tests[i + 4], points[i]);
    crossings *= counts[i] < CROSSINGS_MAX / crossings ? counts[i] : CROSSINGS_MAX / crossings;
  }
  if (crossings > CROSSINGS_MAX / 2) {
    oracle_overflow = true;
    return false;
  }
  do {
    for (size_t i = 0; i < 12; i++)
      words[i] = points[i][at[i]];
    if (answers_differ(arch, number, words))
      return true;
    for (word = 0; word < 12 && ++at[word] == counts[word]; word++)
      at[word] = 0;
  } while (word < 12);
  return false;
}

static bool
differ_at_all_archs(uint32_t number) {
  return differ_at_number(ARCH_WORD_X86_64, number) || differ_at_number(ARCH_WORD_I386, number)
         || differ_at_number(ARCH_WORD_X86_64, number | X32_BIT);
}

// Every constant of a jump and its neighbours, as a number and as an architecture.
static bool
differ_at_constants(const struct subject *subject) {
  for (size_t i = 0; i < subject->blank.length; i++) {
    const struct sock_filter *f = &subject->blank.code[i];
    for (uint32_t k = f->k - 1; BPF_CLASS(f->code) == BPF_JMP && k != f->k + 2; k++)
      if (differ_at_all_archs(k) || differ_at_number(k, 0) || differ_at_number(k, SYS_execve))
        return true;
  }
  return false;
}

static bool
subjects_differ(void) {
  static const uint32_t borders[] = {X32_BIT - 1, 0x7fffffff, 0x80000000, 0xbfffffff, 0xfffffffe, 0xffffffff};
  if (differ_at_constants(&original) || differ_at_constants(&mutant))
    return true;
  for (uint32_t number = 0; number < 1024; number++)
    if (differ_at_all_archs(number))
      return true;
  for (size_t i = 0; i < sizeof borders / sizeof borders[0]; i++)
    if (differ_at_all_archs(borders[i]) || differ_at_number(borders[i], 0))
      return true;
  return differ_at_number(0, 0);
}

// ---- Mutants and verdicts.

// Counts the mutant, which was refused without being compared.
static void
uncompared_count(struct uncompared *counts) {
  counts->all++;
  if (subject_fill(&mutant) != 0)
    counts->untakable++;
  else if (subjects_differ())
    counts->different++;
  else if (oracle_overflow)
    counts->unknown++;
  else
    counts->same++;
}

static bool
verdict_is_right(const struct policy *policy, bool in_template) {
  struct error e = {0};
  int verdict = program_verify(&mutant.blank, kind, policy, &e);
  oracle_overflow = false;
  if (verdict != 0 && strstr(e.text, "not well-formed") != NULL) {
    uncompared_count(&refused_for_form);
    return true;
  }
  if (in_template)
    return verdict != 0;
  if (verdict != 0 && strstr(e.text, "ticket is wrong") != NULL) {
    uncompared_count(&refused_for_ticket);
    return true;
  }
  // More cases than the verifier looks at: refused, never sampled, whether it differs or not.
  if (verdict != 0 && strstr(e.text, "cannot be verified") != NULL) {
    refused_for_size++;
    return true;
  }
  if (subject_fill(&mutant) != 0)
    return false;
  bool differ = subjects_differ();
  if (!differ && oracle_overflow) {
    verdicts_unknown++;
    return true;
  }
  if (differ)
    verdicts_different++;
  else
    verdicts_same++;
  if (differ != (verdict != 0))
    fprintf(stderr, "verdict %d \"%s\", but the programs %s\n", verdict, e.text, differ ? "differ" : "agree");
  return differ == (verdict != 0) && (verdict == 0 || strstr(e.text, "differs from the policy") != NULL);
}

static void
check_mutant(const struct policy *policy, size_t at, struct sock_filter changed, bool in_template, uint64_t seed) {
  struct sock_filter *f = &mutant.blank.code[at], before = *f;
  if (memcmp(f, &changed, sizeof changed) == 0)
    return;
  *f = changed;
  bool right = verdict_is_right(policy, in_template);
  CHECK(right);
  if (!right)
    fprintf(stderr, "instruction %zu: %x %u %u %x -> %x %u %u %x; again with: test_mutations 1 %llu\n", at, before.code,
            before.jt, before.jf, before.k, changed.code, changed.jt, changed.jf, changed.k, (unsigned long long)seed);
  *f = before;
}

static void
mutate_constant(struct random *random, const struct policy *policy, size_t at, bool in_template, uint64_t seed) {
  struct sock_filter f = original.blank.code[at];
  const struct sock_filter *other = &original.blank.code[random_below(random, (uint32_t)original.blank.length)];
  const uint32_t constants[] = {f.k - 1,
                                f.k + 1,
                                f.k ^ 0x80000000,
                                f.k ^ X32_BIT,
                                f.k ^ 1u << random_below(random, 32),
                                f.k ^ 1u << random_below(random, 8),
                                f.k + 4,
                                0,
                                UINT32_MAX,
                                other->k,
                                random_word(random)};
  for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
    struct sock_filter changed = f;
    changed.k = constants[i];
    check_mutant(policy, at, changed, in_template, seed);
  }
}

static void
mutate_jump(struct random *random, const struct policy *policy, size_t at, bool in_template, uint64_t seed) {
  struct sock_filter f = original.blank.code[at];
  uint8_t any = (uint8_t)random_below(random, (uint32_t)(original.blank.length - at));
  const struct sock_filter changes[] = {
      {f.code, f.jf, f.jt, f.k},
      {f.code, (uint8_t)(f.jt + 1), f.jf, f.k},
      {f.code, (uint8_t)(f.jt - 1), f.jf, f.k},
      {f.code, f.jt, (uint8_t)(f.jf + 1), f.k},
      {f.code, f.jt, (uint8_t)(f.jf - 1), f.k},
      {f.code, any, f.jf, f.k},
      {f.code, f.jt, any, f.k},
      {f.code, f.jt, f.jt, f.k},
      {BPF_JMP | BPF_JEQ | BPF_K, f.jt, f.jf, f.k},
      {BPF_JMP | BPF_JGT | BPF_K, f.jt, f.jf, f.k},
      {BPF_JMP | BPF_JGE | BPF_K, f.jt, f.jf, f.k},
      {BPF_JMP | BPF_JSET | BPF_K, f.jt, f.jf, f.k},
  };
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
    check_mutant(policy, at, changes[i], in_template, seed);
}

static void
mutate_return(const struct policy *policy, size_t at, bool in_template, uint64_t seed) {
  struct sock_filter f = original.blank.code[at];
  static const uint32_t values[] = {SECCOMP_RET_ALLOW,        SECCOMP_RET_LOG,        SECCOMP_RET_KILL_THREAD,
                                    SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ERRNO | 1,  SECCOMP_RET_ERRNO | 2,
                                    SECCOMP_RET_TRAP,         SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    f.k = values[i];
    check_mutant(policy, at, f, in_template, seed);
  }
  f = original.blank.code[at];
  f.code = BPF_RET | BPF_A;
  check_mutant(policy, at, f, in_template, seed);
}

static void
mutate_all(struct random *random, const struct policy *policy, uint64_t seed) {
  size_t template_end = 0;
  memcpy(&mutant, &original, sizeof mutant);
  for (size_t at = 0; at < original.blank.length && check_failures < 10; at++) {
    uint16_t code = original.blank.code[at].code;
    if (original.template_length[at] != 0)
      template_end = at + original.template_length[at];
    bool in_template = at < template_end;
    mutate_constant(random, policy, at, in_template, seed);
    if (BPF_CLASS(code) == BPF_JMP && code != (BPF_JMP | BPF_JA))
      mutate_jump(random, policy, at, in_template, seed);
    if (BPF_CLASS(code) == BPF_RET)
      mutate_return(policy, at, in_template, seed);
  }
}

// ---- The ticket.

static uint32_t
answer_with(uint32_t number, const uint64_t args[6]) {
  struct seccomp_data data = {.nr = (int)number, .arch = ARCH_WORD_X86_64};
  memcpy(data.args, args, sizeof data.args);
  return program_run(&original.filled, &data, NULL);
}

static bool
is_policy_answer(const struct policy *policy, uint32_t number, const uint64_t args[6]) {
  return answer_with(number, args) == action_to_return(policy_decide(policy, ABI_X86_64, number, args).action);
}

// The right ticket is granted, and every other call falls to the policy: one bit off, no ticket, other numbers, other
// ABIs.
static void
check_ticket(const struct policy *policy) {
  static const uint32_t numbers[] = {SYS_execve, SYS_write, SYS_exit_group, SYS_sendmsg};
  const size_t count = policy_notifies(policy) ? 4 : 3; // sendmsg is the launcher's own where a listener waits
  const uint64_t a4 = (uint64_t)ticket.words[1] << 32 | ticket.words[0];
  const uint64_t a5 = (uint64_t)ticket.words[3] << 32 | ticket.words[2];
  for (size_t i = 0; i < count; i++) {
    uint64_t args[6] = {1, 2, 3, 0, a4, a5};
    CHECK_INT(answer_with(numbers[i], args), SECCOMP_RET_ALLOW);
    args[3] = (uint64_t)1 << 32;
    CHECK_INT(answer_with(numbers[i], args), SECCOMP_RET_ALLOW);
    args[3] = 1;
    CHECK_INT(answer_with(numbers[i], args), i > 0 ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | ticket.probe_errno);
    args[3] = 0;
    for (unsigned bit = 0; bit < 128; bit++) {
      args[4 + bit / 64] ^= (uint64_t)1 << bit % 64;
      CHECK(is_policy_answer(policy, numbers[i], args));
      args[4 + bit / 64] ^= (uint64_t)1 << bit % 64;
    }
    args[4] = args[5] = 0;
    CHECK(is_policy_answer(policy, numbers[i], args));
    args[4] = a5;
    args[5] = a4;
    CHECK(is_policy_answer(policy, numbers[i], args));
  }
  const uint64_t args[6] = {1, 2, 3, 0, a4, a5};
  for (uint32_t number = 0; number < 1024; number++)
    if (number != SYS_execve && number != SYS_write && number != SYS_exit_group
        && (count == 3 || number != SYS_sendmsg))
      CHECK(is_policy_answer(policy, number, args));
  struct seccomp_data x32 = {.nr = (int)(SYS_execve | X32_BIT), .arch = ARCH_WORD_X86_64, .args = {1, 2, 3, 0, a4, a5}};
  CHECK_INT(program_run(&original.filled, &x32, NULL),
            action_to_return(policy_decide(policy, ABI_X32, SYS_execve | X32_BIT, args).action));
}

// The arming ticket at its two calls, and one bit off.
static void
check_arming(const struct policy *policy) {
  static const struct {
    enum abi abi;
    uint32_t number;
  } calls[] = {{ABI_X86_64, SYS_seccomp}, {ABI_I386, TICKET_ARM_I386}};
  const uint32_t granted = kind == PROGRAM_STARTUP ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | arming.probe_errno;
  for (size_t i = 0; i < 2; i++) {
    struct seccomp_data data = {.nr = (int)calls[i].number, .arch = abi_arch_word(calls[i].abi), .args = {1, 2, 3, 4}};
    uint64_t args[6] = {1, 2, 3, 4};
    args[4] = (uint64_t)arming.words[1] << 32 | arming.words[0];
    args[5] = (uint64_t)arming.words[3] << 32 | arming.words[2];
    for (unsigned bit = 0; bit <= 128; bit++) {
      uint64_t flip = bit < 128 ? (uint64_t)1 << bit % 64 : 0;
      args[4 + bit / 64 % 2] ^= flip;
      memcpy(data.args, args, sizeof data.args);
      bool right = flip == 0 && (policy->abis & ABI_BIT(calls[i].abi)) != 0;
      CHECK_INT(program_run(&original.filled, &data, NULL),
                right ? granted : action_to_return(policy_decide(policy, calls[i].abi, calls[i].number, args).action));
      args[4 + bit / 64 % 2] ^= flip;
    }
  }
}

static void
uncompared_report(const char *what, const struct uncompared *counts) {
  printf("refused for their %s: %ld; no kernel takes %ld, %ld decide something else, %ld the same, %ld unknown\n", what,
         counts->all, counts->untakable, counts->different, counts->same, counts->unknown);
  CHECK_INT(counts->untakable + counts->different + counts->same + counts->unknown, counts->all);
}

int
main(int count, char **arguments) {
  unsigned long programs = count > 1 ? strtoul(arguments[1], NULL, 10) : PROGRAMS;
  uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  for (unsigned long i = 0; i < programs && check_failures < 10; i++) {
    struct error e = {0};
    struct random random = random_from(seed + i);
    struct policy *policy = random_policy(&random, 4);
    kind = kinds[(seed + i) % 3];
    bool compiled = policy != NULL && program_compile(policy, kind, &original.blank, &e) == 0
                    && program_verify(&original.blank, kind, policy, &e) == 0 && subject_fill(&original) == 0;
    if (!compiled && strstr(e.text, "cannot be verified") != NULL) {
      refused_for_size++;
      policy_free(policy);
      continue;
    }
    CHECK(compiled);
    if (compiled) {
      subject_find_templates(&original);
      if (has_exec_ticket())
        check_ticket(policy);
      if (has_arming_ticket())
        check_arming(policy);
      mutate_all(&random, policy, seed + i);
    } else {
      fprintf(stderr, "%s; again with: test_mutations 1 %llu\n", e.text, (unsigned long long)(seed + i));
    }
    policy_free(policy);
  }
  printf("mutants: %ld differ, %ld agree\n", verdicts_different, verdicts_same);
  uncompared_report("form", &refused_for_form);
  uncompared_report("ticket", &refused_for_ticket);
  printf("refused for their size: %ld; too much for the oracle: %ld\n", refused_for_size, verdicts_unknown);
  CHECK(programs < 10 || refused_for_size + verdicts_unknown <= (verdicts_same + verdicts_different) / 100);
  CHECK(programs < 10
        || (verdicts_same > 0 && verdicts_different > 0 && refused_for_form.same > 0 && refused_for_ticket.same > 0));
  return check_done();
}
