// SPDX-License-Identifier: LGPL-2.1-or-later
// test_decode.c - filters decoded: what the table says is what the simulator says, for scrun's own programs, for
// libseccomp's, and for any instructions that the kernel would take; and what is written of some, of tickets nothing.
#include "runner/analyze/decode.h"
#include "tests/unit/random_policy.h"
#include "runner/compile.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include "tests/check.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct { unsigned long programs, points, several; } tally;

static bool
may_be(const struct answer_set *answer, uint32_t value) {
  struct action action;
  if (!action_from_return(value, &action))
    action = (struct action){ACTION_KILL_PROCESS, 0};
  if (action.kind == ACTION_ERRNO && action.data > ACTION_ERRNO_MAX)
    action.data = ACTION_ERRNO_MAX;
  if (action.kind != ACTION_ERRNO && action.kind != ACTION_TRACE)
    action.data = 0;
  for (uint8_t i = 0; i < answer->count; i++)
    if (action_equal(answer->actions[i], action))
      return true;
  return answer->more;
}

static bool
agrees(const struct decoded *decoded, const struct program *program, const struct seccomp_data *data) {
  uint64_t args[6];
  memcpy(args, data->args, sizeof args);
  const struct answer_set *answer = decoded_decide(decoded, data->arch, (uint32_t)data->nr, args);
  uint32_t value = program_run(program, data, NULL);
  tally.points++;
  tally.several += answer->count > 1 || answer->more;
  if (may_be(answer, value))
    return true;
  fprintf(stderr, "arch 0x%x number %u a0 0x%llx: 0x%x, but not decoded so\n", data->arch, (unsigned)data->nr,
          (unsigned long long)data->args[0], value);
  return false;
}

static uint32_t
random_arch(struct random *random) {
  uint32_t choice = random_below(random, 8);
  return choice == 0 ? random_word(random) : choice < 3 ? ARCH_WORD_I386 : ARCH_WORD_X86_64;
}

static void
write_text(const struct decoded *decoded, struct buffer *out) {
  decoded_write(decoded, out);
  CHECK(!out->failed && out->length > 0);
  size_t column = 0;
  for (size_t i = 0; i < out->length; i++) {
    CHECK((out->text[i] >= ' ' && out->text[i] <= '~') || out->text[i] == '\n');
    column = out->text[i] == '\n' ? 0 : column + 1;
    CHECK(column <= 100);
  }
}

static void
check_policies(unsigned long count, uint64_t seed) {
  static struct program program;
  static const enum program_kind kinds[] = {PROGRAM_BARE, PROGRAM_LAUNCH, PROGRAM_STARTUP, PROGRAM_LATER};
  for (unsigned long i = 0; i < count; i++) {
    struct random random = random_from(seed + i);
    struct policy *policy = random_policy(&random, 8);
    enum program_kind kind = kinds[i % 4];
    struct ticket ticket;
    struct decoded decoded;
    struct buffer text = {0};
    struct error e;
    if (program_compile(policy, kind, &program, &e) != 0)
      continue;
    CHECK_INT(ticket_draw(&ticket, &e), 0);
    if (kind != PROGRAM_BARE)
      CHECK_INT(
          ticket_fill(&program, kind == PROGRAM_LATER ? NULL : &ticket, kind == PROGRAM_LAUNCH ? NULL : &ticket, &e),
          0);
    CHECK_INT(decode(&program, &decoded, &e), 0);
    tally.programs++;
    for (int point = 0; point < 200; point++) {
      struct seccomp_data data = {.arch = random_arch(&random)};
      enum abi abi = (enum abi)(ABI_NONE + 1 + random_below(&random, 3));
      uint64_t args[6];
      random_arguments(&random, policy, args);
      memcpy(data.args, args, sizeof args);
      data.nr = (int)random_number(&random, policy, abi);
      bool agree = agrees(&decoded, &program, &data);
      CHECK(agree);
      if (!agree) {
        fprintf(stderr, "policy of seed %llu\n", (unsigned long long)(seed + i));
        break;
      }
    }
    write_text(&decoded, &text);
    buffer_clear(&text);
    decoded_clear(&decoded);
    policy_free(policy);
  }
}

static void
oracle_load(scmp_filter_ctx oracle, struct program *out) {
  int fd = memfd_create("oracle", MFD_CLOEXEC);
  CHECK_INT(seccomp_export_bpf(oracle, fd), 0);
  ssize_t length = pread(fd, out->code, sizeof out->code, 0);
  CHECK(length > 0);
  out->length = length > 0 ? (size_t)length / sizeof out->code[0] : 0;
  close(fd);
}

// Rules with arguments, on three architectures, as a tree or a list.
static void
oracle_make(struct random *random, struct program *out, uint64_t constants[8]) {
  scmp_filter_ctx oracle = seccomp_init(random_below(random, 2) == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EACCES));
  CHECK(oracle != NULL);
  (void)seccomp_arch_add(oracle, SCMP_ARCH_X86);
  (void)seccomp_arch_add(oracle, SCMP_ARCH_X32);
  (void)seccomp_attr_set(oracle, SCMP_FLTATR_CTL_OPTIMIZE, 1 + random_below(random, 2));
  for (int i = 0; i < 60; i++) {
    uint32_t action = random_below(random, 2) == 0 ? SCMP_ACT_ERRNO(1 + random_below(random, 4)) : SCMP_ACT_LOG;
    struct scmp_arg_cmp compare = {random_below(random, 6), (enum scmp_compare)(SCMP_CMP_NE + random_below(random, 7)),
                                   constants[random_below(random, 8)], 0};
    if (compare.op == SCMP_CMP_MASKED_EQ)
      compare.datum_b = compare.datum_a & constants[random_below(random, 8)];
    (void)seccomp_rule_add_array(oracle, action, (int)random_below(random, 330), random_below(random, 3) == 0,
                                 &compare);
  }
  oracle_load(oracle, out);
  seccomp_release(oracle);
}

static void
check_libseccomp(unsigned long count, uint64_t seed) {
  static struct program program;
  for (unsigned long i = 0; i < count; i++) {
    struct random random = random_from(seed + i);
    struct decoded decoded;
    struct error e;
    uint64_t constants[8];
    for (int j = 0; j < 8; j++)
      constants[j] = random_below(&random, 2) == 0 ? random_word(&random) & 0x7fffffff : random_below(&random, 16);
    oracle_make(&random, &program, constants);
    CHECK_INT(decode(&program, &decoded, &e), 0);
    tally.programs++;
    for (int point = 0; point < 500; point++) {
      struct seccomp_data data = {.arch = random_arch(&random), .nr = (int)random_below(&random, 330)};
      if (data.arch == ARCH_WORD_X86_64 && random_below(&random, 3) == 0)
        data.nr |= (int)X32_BIT;
      for (int j = 0; j < 6; j++)
        data.args[j] = constants[random_below(&random, 8)] + random_below(&random, 3) - 1;
      CHECK(agrees(&decoded, &program, &data));
    }
    decoded_clear(&decoded);
  }
}

// Any instructions of those that seccomp takes, jumps a few ahead, returns of few values.
static struct sock_filter
random_instruction(struct random *random, const uint32_t constants[4]) {
  static const uint16_t alu[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_AND,
                                 BPF_OR,  BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG};
  static const uint16_t jumps[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
  uint32_t k = random_below(random, 3) == 0 ? random_below(random, 32) : constants[random_below(random, 4)];
  uint16_t source = random_below(random, 3) == 0 ? BPF_X : BPF_K;
  uint16_t op = alu[random_below(random, 10)];
  switch (random_below(random, 12)) {
  case 0:
  case 1:
  case 2:
    return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4 * random_below(random, 16));
  case 3:
    return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4 * random_below(random, 2));
  case 4:
    return (struct sock_filter)BPF_STMT(random_below(random, 2) == 0 ? BPF_ST : BPF_STX, random_below(random, 3));
  case 5:
    return (struct sock_filter)BPF_STMT((random_below(random, 2) == 0 ? BPF_LD : BPF_LDX) | BPF_MEM,
                                        random_below(random, 3));
  case 6:
    return (struct sock_filter)BPF_STMT(BPF_MISC | (random_below(random, 2) == 0 ? BPF_TAX : BPF_TXA), 0);
  case 7:
    return (struct sock_filter)BPF_STMT((random_below(random, 2) == 0 ? BPF_LD : BPF_LDX) | BPF_IMM, k);
  case 8:
    if (op == BPF_NEG)
      source = BPF_K;
    return (struct sock_filter)BPF_STMT((uint16_t)(BPF_ALU | op | source),
                                        op >= BPF_LSH && source == BPF_K ? k & 31 : k);
  default:
    return (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | jumps[random_below(random, 4)] | source), k,
                                        (uint8_t)random_below(random, 4), (uint8_t)random_below(random, 4));
  }
}

static void
check_any(unsigned long count, uint64_t seed) {
  static struct program program;
  static const uint32_t returns[] = {SECCOMP_RET_ALLOW,     SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO | 5000,
                                     SECCOMP_RET_TRACE | 3, SECCOMP_RET_LOG,       0x12345678};
  unsigned long accepted = 0;
  for (unsigned long i = 0; i < count; i++) {
    struct random random = random_from(seed + i);
    uint32_t constants[4] = {random_word(&random), random_below(&random, 400), ARCH_WORD_X86_64, X32_BIT};
    struct decoded decoded;
    struct buffer text = {0};
    struct error e;
    program.length = 6 + random_below(&random, 40);
    for (size_t at = 0; at < program.length; at++)
      program.code[at] = random_instruction(&random, constants);
    for (size_t at = program.length - 5; at < program.length; at++)
      program.code[at] = random_below(&random, 8) == 0
                             ? (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0)
                             : (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, returns[random_below(&random, 6)]);
    bool takes = program_acceptable(&program) == 0;
    CHECK_INT(decode(&program, &decoded, &e) == 0, takes);
    accepted += takes;
    for (int point = 0; point < 100 && takes; point++) {
      struct seccomp_data data = {.arch = random_arch(&random),
                                  .nr = (int)(constants[random_below(&random, 4)] + random_below(&random, 3) - 1)};
      data.instruction_pointer = random_word(&random);
      for (int j = 0; j < 6; j++)
        data.args[j] =
            (uint64_t)(random_below(&random, 3) == 0 ? random_word(&random) : 0) << 32
            | (random_below(&random, 2) == 0 ? random_below(&random, 32)
                                             : constants[random_below(&random, 4)] + random_below(&random, 3) - 1);
      bool agree = agrees(&decoded, &program, &data);
      CHECK(agree);
      if (!agree) {
        fprintf(stderr, "instructions of seed %llu\n", (unsigned long long)(seed + i));
        break;
      }
    }
    if (takes)
      write_text(&decoded, &text);
    buffer_clear(&text);
    decoded_clear(&decoded);
  }
  CHECK(accepted > count / 8);
  tally.programs += accepted;
}

// Two tickets read the same, and no word of either is to be seen, in whatever form.
static void
check_hidden(const struct program *blank, const struct ticket *exec, const struct ticket *arm,
             const char *const wants[3]) {
  static struct program program;
  char *texts[2] = {NULL, NULL};
  for (int round = 0; round < 2; round++) {
    struct ticket tickets[2];
    struct decoded decoded;
    struct buffer text = {0};
    struct error e;
    program = *blank;
    CHECK_INT(ticket_draw(&tickets[0], &e), 0);
    CHECK_INT(ticket_draw(&tickets[1], &e), 0);
    CHECK_INT(ticket_fill(&program, exec == NULL ? NULL : &tickets[0], arm == NULL ? NULL : &tickets[1], &e), 0);
    CHECK_INT(decode(&program, &decoded, &e), 0);
    decoded_write(&decoded, &text);
    for (int i = 0; i < 3; i++)
      CHECK(wants[i] == NULL || strstr(text.text, wants[i]) != NULL);
    for (int i = 0; i < 10; i++) {
      char shown[16];
      const struct ticket *ticket = &tickets[i % 2];
      snprintf(shown, sizeof shown, i / 2 == 4 ? "%u" : "%x",
               i / 2 == 4 ? (unsigned)ticket->probe_errno : ticket->words[i / 2]);
      CHECK(strstr(text.text, shown) == NULL);
    }
    decoded_clear(&decoded);
    texts[round] = text.text;
  }
  CHECK_STR(texts[0], texts[1]);
  free(texts[0]);
  free(texts[1]);
}

static void
check_tickets(void) {
  static struct program program;
  static const struct ticket yes;
  static const char *const launch[] = {"launch ticket: execve", "launch ticket, last words: exit_group", NULL};
  static const char *const startup[] = {"launch ticket: execve", "arming ticket: seccomp", NULL};
  static const char *const later[] = {"arming ticket, answered by this filter: seccomp", NULL, NULL};
  struct policy *policy = policy_new();
  struct rule rule = {.call = calls_find("uname", 5), .action = {ACTION_ALLOW, 0}};
  struct error e;
  CHECK(policy != NULL);
  CHECK_INT(policy_add_layer(policy, (struct action){ACTION_ERRNO, EPERM}, (struct source_pos){0}, &e), 0);
  CHECK_INT(policy_add_rule(policy, &rule, NULL, 0, &e), 0);
  CHECK_INT(policy_seal(policy, &e), 0);
  CHECK_INT(program_compile(policy, PROGRAM_LAUNCH, &program, &e), 0);
  check_hidden(&program, &yes, NULL, launch);
  CHECK_INT(program_compile(policy, PROGRAM_STARTUP, &program, &e), 0);
  check_hidden(&program, &yes, &yes, startup);
  CHECK_INT(program_compile(policy, PROGRAM_LATER, &program, &e), 0);
  check_hidden(&program, NULL, &yes, later);
  policy_free(policy);
}

#define LD(k) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, k)
#define ALU(op, k) BPF_STMT(BPF_ALU | (op) | BPF_K, k)
#define IF(op, k, t, f) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, t, f)
#define RET(k) BPF_STMT(BPF_RET | BPF_K, k)
#define ALLOW RET(SECCOMP_RET_ALLOW)
#define DENY RET(SECCOMP_RET_ERRNO | 1)
#define TAX BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define OR_X BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0)
#define SAME(text) "  x86-64, x32, x86:\n" text "  any other architecture:\n" text
#define CODE(...)                                                                                                      \
  { __VA_ARGS__ }

// One program for all architectures and numbers each; what is written of it.
static const struct {
  const char *want;
  size_t length;
  struct sock_filter code[20];
} rows[] = {
    {SAME("    every call: allowed\n"), 1, CODE(ALLOW)},
    {SAME("    every call: killed\n"), 1, CODE(RET(0x12345678))},
    {SAME("    every call: traced (message 7)\n"), 1, CODE(RET(SECCOMP_RET_TRACE | 7))},
    {SAME("    every call: refused: errno 4095\n"), 1, CODE(RET(SECCOMP_RET_ERRNO | 0xffff))},
    {SAME("    every call: allowed if a0 == 0x500000001; otherwise refused: errno EPERM\n"), 6,
     CODE(LD(16), IF(BPF_JEQ, 1, 0, 3), LD(20), IF(BPF_JEQ, 5, 0, 1), ALLOW, DENY)},
    {SAME("    every call: refused: errno EPERM if a1 <= 0x27; otherwise allowed\n"), 6,
     CODE(LD(28), IF(BPF_JGT, 0, 2, 0), LD(24), IF(BPF_JGE, 40, 0, 1), ALLOW, DENY)},
    {SAME("    every call: allowed if (a2 & 0xf0) == 0x20; otherwise refused: errno EPERM\n"), 5,
     CODE(LD(32), ALU(BPF_AND, 0xf0), IF(BPF_JEQ, 0x20, 0, 1), ALLOW, DENY)},
    {SAME("    every call: allowed if (a2 & 0xffffffff) <= 2; otherwise refused: errno EPERM\n"), 4,
     CODE(LD(32), IF(BPF_JGT, 2, 1, 0), ALLOW, DENY)},
    {SAME("    every call: allowed if a0 == 0; otherwise refused: errno EPERM\n"), 7, // both halves at once
     CODE(LD(16), TAX, LD(20), OR_X, IF(BPF_JEQ, 0, 0, 1), ALLOW, DENY)},
    {SAME("    every call: allowed or refused: errno EPERM (depends on the instruction pointer)\n"), 4,
     CODE(LD(8), IF(BPF_JEQ, 2, 0, 1), ALLOW, DENY)},
    {SAME("    every call: allowed or refused: errno EPERM (depends on arithmetic)\n"), 5,
     CODE(LD(16), ALU(BPF_MUL, 7), IF(BPF_JEQ, 2, 0, 1), ALLOW, DENY)},
};

static void
check_texts(void) {
  static struct program program;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct decoded decoded;
    struct buffer text = {0};
    struct error e;
    program.length = rows[i].length;
    memcpy(program.code, rows[i].code, sizeof rows[i].code);
    CHECK_INT(decode(&program, &decoded, &e), 0);
    decoded_write(&decoded, &text);
    CHECK_STR(text.text, rows[i].want);
    buffer_clear(&text);
    decoded_clear(&decoded);
  }
}

static void
check_foreign_ticket(void) {
  static struct program program;
  static const struct sock_filter code[] = {
      LD(16),
      ALU(BPF_XOR, 0xabcdef01),
      TAX,
      LD(28),
      ALU(BPF_XOR, 0xabcdef02),
      OR_X,
      TAX,
      LD(40),
      ALU(BPF_XOR, 0xabcdef03),
      OR_X,
      IF(BPF_JGT, 0, 1, 0),
      ALLOW,
      DENY,
  };
  struct decoded decoded;
  struct buffer text = {0};
  struct error e;
  program.length = sizeof code / sizeof code[0];
  memcpy(program.code, code, sizeof code);
  CHECK_INT(decode(&program, &decoded, &e), 0);
  decoded_write(&decoded, &text);
  CHECK(strstr(text.text, "launch ticket") != NULL
        && strstr(text.text, "every other call: refused: errno EPERM") != NULL);
  CHECK(strstr(text.text, "abcdef") == NULL);
  buffer_clear(&text);
  decoded_clear(&decoded);
}

static void
tally_print(const char *what, unsigned long several_max) {
  printf("%s: %lu programs, %lu points, %lu of them with several answers\n", what, tally.programs, tally.points,
         tally.several);
  CHECK(tally.programs > 0 && tally.several * 100 <= tally.points * several_max);
  memset(&tally, 0, sizeof tally);
}

int
main(int argc, char **argv) {
  unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
  uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  check_texts();
  check_tickets();
  check_foreign_ticket();
  check_policies(count, seed);
  tally_print("policies", 2);
  check_libseccomp(count / 4, seed);
  tally_print("libseccomp", 0);
  check_any(count * 10, seed);
  tally_print("any instructions", 100);
  return check_done();
}
