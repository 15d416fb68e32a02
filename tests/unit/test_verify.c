// SPDX-License-Identifier: LGPL-2.1-or-later
// test_verify.c - programs written by hand, each wrong in one way, and what the verifier says to it.
#include "runner/verify.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include "tests/check.h"
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#define ALLOW SECCOMP_RET_ALLOW
#define EPERM_VALUE (SECCOMP_RET_ERRNO | 1)
#define PASSES NULL

// A program as lines; targets of jumps are line numbers. A ticket template is one line.
struct line {
  uint16_t code;
  uint32_t k;
  uint8_t taken, other;
};
enum {
  TICKET_LINE = 0xff00,
  EXEC_TICKET = TICKET_LINE + TICKET_EXEC,
  OTHER_TICKET = TICKET_LINE + TICKET_LAST_WORD,
  ARM_TICKET = TICKET_LINE + TICKET_ARM,
  CONFIRM_TICKET = TICKET_LINE + TICKET_CONFIRM,
  FILLED_TICKET = TICKET_LINE + TICKET_FORMS,
};
#define EXEC_LENGTH 19

#define LD(offset)                                                                                                     \
  { BPF_LD | BPF_W | BPF_ABS, offset, 0, 0 }
#define NR 0
#define ARCH 4
#define ARG(i) (16 + 8 * (i))
#define ARG_HIGH(i) (20 + 8 * (i))
#define AND(k)                                                                                                         \
  { BPF_ALU | BPF_AND | BPF_K, k, 0, 0 }
#define RET(k)                                                                                                         \
  { BPF_RET | BPF_K, k, 0, 0 }
#define IF(op, k, taken, other)                                                                                        \
  { BPF_JMP | (op) | BPF_K, k, taken, other }
#define JA(line)                                                                                                       \
  { BPF_JMP | BPF_JA, 0, line, line }
#define TICKET(form)                                                                                                   \
  { form, 0, 0, 0 }

#define LINES_MAX 24

// Allows socket(2, ...) on x86-64; everything else gets EPERM.
static const struct line socket_lines[LINES_MAX] = {
    [0] = LD(ARCH),
    [1] = IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 15),
    [2] = LD(NR),
    [3] = IF(BPF_JEQ, SYS_execve, 4, 6),
    [4] = TICKET(EXEC_TICKET),
    [5] = JA(15),
    [6] = IF(BPF_JEQ, SYS_write, 8, 7),
    [7] = IF(BPF_JEQ, SYS_exit_group, 8, 10),
    [8] = TICKET(OTHER_TICKET),
    [9] = JA(15),
    [10] = IF(BPF_JEQ, SYS_socket, 11, 15),
    [11] = LD(ARG(0)),
    [12] = AND(0xffffffff),
    [13] = IF(BPF_JEQ, 2, 14, 15),
    [14] = RET(ALLOW),
    [15] = RET(EPERM_VALUE),
};

// The same with one 64-bit comparison: a0 < 0x100000026.
static const struct line wide_lines[LINES_MAX] = {
    [0] = LD(ARCH),
    [1] = IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 16),
    [2] = LD(NR),
    [3] = IF(BPF_JEQ, SYS_execve, 4, 6),
    [4] = TICKET(EXEC_TICKET),
    [5] = JA(16),
    [6] = IF(BPF_JEQ, SYS_write, 8, 7),
    [7] = IF(BPF_JEQ, SYS_exit_group, 8, 10),
    [8] = TICKET(OTHER_TICKET),
    [9] = JA(16),
    [10] = IF(BPF_JEQ, SYS_socket, 11, 16),
    [11] = LD(ARG_HIGH(0)),
    [12] = IF(BPF_JGE, 1, 13, 15),
    [13] = IF(BPF_JEQ, 1, 14, 16),
    [14] = LD(ARG(0)),
    [15] = RET(ALLOW), // patched in: see wide_right
    [16] = RET(EPERM_VALUE),
};

// The same on x86-64, with the arming ticket there and on x86: in front of a later program, ...
static const struct line startup_lines[LINES_MAX] = {
    [0] = LD(ARCH),
    [1] = IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 16),
    [2] = LD(NR),
    [3] = IF(BPF_JEQ, SYS_execve, 4, 6),
    [4] = TICKET(EXEC_TICKET),
    [5] = JA(20),
    [6] = IF(BPF_JEQ, SYS_write, 8, 7),
    [7] = IF(BPF_JEQ, SYS_exit_group, 8, 10),
    [8] = TICKET(OTHER_TICKET),
    [9] = JA(20),
    [10] = IF(BPF_JEQ, SYS_seccomp, 11, 13),
    [11] = TICKET(ARM_TICKET),
    [12] = JA(20),
    [13] = IF(BPF_JEQ, SYS_socket, 14, 20),
    [14] = LD(ARG(0)),
    [15] = IF(BPF_JEQ, 2, 21, 20),
    [16] = IF(BPF_JEQ, AUDIT_ARCH_I386, 17, 20),
    [17] = LD(NR),
    [18] = IF(BPF_JEQ, TICKET_ARM_I386, 19, 20),
    [19] = TICKET(ARM_TICKET),
    [20] = RET(EPERM_VALUE),
    [21] = RET(ALLOW),
};

// ... and that one.
static const struct line later_lines[LINES_MAX] = {
    [0] = LD(ARCH),
    [1] = IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 9),
    [2] = LD(NR),
    [3] = IF(BPF_JEQ, SYS_seccomp, 4, 6),
    [4] = TICKET(CONFIRM_TICKET),
    [5] = JA(13),
    [6] = IF(BPF_JEQ, SYS_socket, 7, 13),
    [7] = LD(ARG(0)),
    [8] = IF(BPF_JEQ, 2, 14, 13),
    [9] = IF(BPF_JEQ, AUDIT_ARCH_I386, 10, 13),
    [10] = LD(NR),
    [11] = IF(BPF_JEQ, TICKET_ARM_I386, 12, 13),
    [12] = TICKET(CONFIRM_TICKET),
    [13] = RET(EPERM_VALUE),
    [14] = RET(ALLOW),
};

struct patch {
  unsigned at;
  struct line line;
};

static const struct row {
  const char *name;
  const char *refusal; // part of the message, or PASSES
  struct patch patches[6];
} socket_rows[] = {
    {"as it should be", PASSES, {{0}}},
    {"jset is a test of one word too", PASSES, {{12, AND(2)}, {13, IF(BPF_JSET, 2, 14, 15)}}},
    // Well-formedness.
    {"load of the instruction pointer", "instruction 44 loads the instruction pointer", {{11, LD(8)}}},
    {"load of its high half", "loads the instruction pointer", {{11, LD(12)}}},
    {"unaligned load", "not a word of the call", {{11, LD(ARG(0) + 2)}}},
    {"load past the end", "not a word of the call", {{11, LD(64)}}},
    {"half word load", "of a kind", {{11, {BPF_LD | BPF_H | BPF_ABS, ARG(0), 0, 0}}}},
    {"immediate load", "of a kind", {{11, {BPF_LDX | BPF_IMM, 2, 0, 0}}}},
    {"return of the accumulator", "of a kind", {{14, {BPF_RET | BPF_A, 0, 0, 0}}}},
    {"or", "of a kind", {{12, {BPF_ALU | BPF_OR | BPF_K, 0, 0, 0}}}},
    {"and with x", "of a kind", {{12, {BPF_ALU | BPF_AND | BPF_X, 0, 0, 0}}}},
    {"comparison with x", "of a kind", {{13, {BPF_JMP | BPF_JEQ | BPF_X, 0, 14, 15}}}},
    {"memory", "of a kind", {{12, {BPF_ST, 0, 0, 0}}}},
    {"tax outside a template", "of a kind", {{12, {BPF_MISC | BPF_TAX, 0, 0, 0}}}},
    {"unknown opcode", "of a kind", {{12, {0x1234, 0, 0, 0}}}},
    {"return of another errno", "never decides", {{15, RET(EPERM_VALUE + 1)}}},
    {"return of no action", "never decides", {{14, RET(0x12340000)}}},
    {"allow with data", "never decides", {{14, RET(ALLOW | 1)}}},
    {"log", "never decides", {{14, RET(SECCOMP_RET_LOG)}}},
    {"unreachable instruction", "instruction 44 is never reached", {{10, IF(BPF_JEQ, SYS_socket, 12, 15)}}},
    {"unreachable argument test", "is never reached", {{10, JA(15)}}},
    {"accumulator read before a load", "reads the accumulator", {{0, JA(1)}}},
    {"accumulator stale behind a template", "reads the accumulator", {{9, JA(10)}}},
    {"different words at one test",
     "reads the accumulator",
     {{3, IF(BPF_JEQ, SYS_execve, 4, 6)}, {10, IF(BPF_JEQ, SYS_socket, 11, 13)}}},
    {"number masked",
     "masks the number",
     {{3, AND(0xffff)}, {4, IF(BPF_JEQ, SYS_execve, 5, 6)}, {5, TICKET(EXEC_TICKET)}}},
    {"number masked by jset", "masks the number", {{10, IF(BPF_JSET, SYS_socket, 11, 15)}}},
    {"architecture masked by jset", "masks the number", {{1, IF(BPF_JSET, 2, 2, 15)}}},
    {"number after an argument", "goes back", {{12, LD(NR)}}},
    {"architecture after an argument", "goes back", {{12, LD(ARCH)}}},
    {"number loaded for a foreign architecture", "which is foreign", {{1, LD(NR)}}},
    // Tickets.
    {"no template for execve", "execve) is decided without", {{4, JA(5)}}},
    {"execve not sent to it", "never reached", {{3, JA(6)}}},
    {"template for another number", "not its own", {{3, IF(BPF_JEQ, SYS_execveat, 4, 6)}}},
    {"template for all numbers above", "not its own", {{3, IF(BPF_JGE, SYS_execve, 4, 6)}}},
    {"no template for write", "write) is refused or logged", {{6, JA(7)}}},
    {"no template for exit_group",
     "exit_group) is refused or logged",
     {{7, IF(BPF_JEQ, SYS_write, 8, 10)}, {6, JA(7)}}},
    {"exec form for write", "not its own", {{8, TICKET(EXEC_TICKET)}}},
    {"other form for execve", "not its own", {{4, TICKET(OTHER_TICKET)}}},
    {"ticket filled in", "filled in", {{4, TICKET(FILLED_TICKET)}}},
    {"ticket after an argument", "after an argument", {{14, TICKET(OTHER_TICKET)}}},
    // Comparison.
    {"another value", "differs", {{13, IF(BPF_JEQ, 3, 14, 15)}}},
    {"another comparison", "socket) with (0x3, 0x0, 0x0, 0x0, 0x0, 0x0) gets allow", {{13, IF(BPF_JGE, 2, 14, 15)}}},
    {"another argument", "differs", {{11, LD(ARG(1))}}},
    {"the high half", "differs", {{11, LD(ARG_HIGH(0))}}},
    {"a smaller mask", "differs", {{12, AND(0x7fffffff)}}},
    {"a mask of nothing", "differs", {{12, AND(0)}}},
    {"another number", "differs", {{10, IF(BPF_JEQ, SYS_socketpair, 11, 15)}}},
    {"numbers above too", "differs", {{10, IF(BPF_JGE, SYS_socket, 11, 15)}}},
    {"x32 too", "differs", {{10, IF(BPF_JEQ, SYS_socket | X32_BIT, 11, 15)}}},
    {"number -1 too", "differs", {{10, IF(BPF_JEQ, 0xffffffff, 11, 15)}}},
    {"i386 too",
     "x86 call 41",
     {{1, IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 16)},
      {16, IF(BPF_JEQ, AUDIT_ARCH_I386, 17, 20)},
      {17, LD(NR)},
      {18, IF(BPF_JEQ, 41, 19, 20)},
      {19, RET(ALLOW)},
      {20, RET(EPERM_VALUE)}}},
    {"one foreign architecture allowed",
     "foreign call 0 with (0x0, 0x0, 0x0, 0x0, 0x0, 0x0) gets allow instead",
     {{1, IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 16)},
      {16, IF(BPF_JEQ, AUDIT_ARCH_AARCH64, 17, 18)},
      {17, RET(ALLOW)},
      {18, RET(EPERM_VALUE)}}},
    {"a foreign architecture below both allowed",
     "foreign call 0 with (0x0, 0x0, 0x0, 0x0, 0x0, 0x0) gets allow instead",
     {{1, IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 16)},
      {16, IF(BPF_JEQ, AUDIT_ARCH_PPC, 17, 18)},
      {17, RET(ALLOW)},
      {18, RET(EPERM_VALUE)}}},
    {"a foreign architecture between both allowed",
     "foreign call 0 with (0x0, 0x0, 0x0, 0x0, 0x0, 0x0) gets allow instead",
     {{1, IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 16)},
      {16, IF(BPF_JEQ, AUDIT_ARCH_ARM, 17, 18)},
      {17, RET(ALLOW)},
      {18, RET(EPERM_VALUE)}}},
    {"the last architecture word allowed",
     "foreign call 0 with (0x0, 0x0, 0x0, 0x0, 0x0, 0x0) gets allow instead",
     {{1, IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 16)},
      {16, IF(BPF_JEQ, 0xffffffff, 17, 18)},
      {17, RET(ALLOW)},
      {18, RET(EPERM_VALUE)}}},
    {"the first architecture word allowed",
     "foreign call 0 with (0x0, 0x0, 0x0, 0x0, 0x0, 0x0) gets allow instead",
     {{1, IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 16)},
      {16, IF(BPF_JEQ, 0, 17, 18)},
      {17, RET(ALLOW)},
      {18, RET(EPERM_VALUE)}}},
    {"i386 allowed",
     "x86 call 355 (",
     {{1, IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 16)},
      {16, IF(BPF_JEQ, AUDIT_ARCH_I386, 17, 18)},
      {17, RET(ALLOW)},
      {18, RET(EPERM_VALUE)}}},
    {"everything allowed", "differs", {{15, RET(ALLOW)}}},
};

static const struct kind_row {
  const char *name;
  const struct line *base;
  enum program_kind kind;
  const char *refusal;
  struct patch patches[4];
} kind_rows[] = {
    {"start-up", startup_lines, PROGRAM_STARTUP, PASSES, {{0}}},
    {"start-up as launch", startup_lines, PROGRAM_LAUNCH, "not its own", {{0}}},
    {"start-up as later", startup_lines, PROGRAM_LATER, "not its own", {{0}}},
    {"start-up as bare", startup_lines, PROGRAM_BARE, "not its own", {{0}}},
    {"start-up as nothing", startup_lines, PROGRAM_NONE, "not its own", {{0}}},
    {"no execve ticket", startup_lines, PROGRAM_STARTUP, "execve) is decided without", {{4, JA(5)}}},
    {"no last words", startup_lines, PROGRAM_STARTUP, "write) is refused or logged", {{6, JA(7)}}},
    {"not asked of seccomp", startup_lines, PROGRAM_STARTUP, "seccomp) is decided without", {{11, JA(12)}}},
    {"not asked on x86", startup_lines, PROGRAM_STARTUP, "x86 call 354 (seccomp) is decided without", {{19, JA(20)}}},
    {"confirmed in start-up", startup_lines, PROGRAM_STARTUP, "not its own", {{11, TICKET(CONFIRM_TICKET)}}},
    {"confirmed on x86", startup_lines, PROGRAM_STARTUP, "not its own", {{19, TICKET(CONFIRM_TICKET)}}},
    {"armed with the other ticket", startup_lines, PROGRAM_STARTUP, "not its own", {{11, TICKET(OTHER_TICKET)}}},
    {"the other ticket on x86", startup_lines, PROGRAM_STARTUP, "not its own", {{19, TICKET(OTHER_TICKET)}}},
    {"executed with the arming ticket", startup_lines, PROGRAM_STARTUP, "not its own", {{4, TICKET(ARM_TICKET)}}},
    {"written with the arming ticket", startup_lines, PROGRAM_STARTUP, "not its own", {{8, TICKET(ARM_TICKET)}}},
    {"armed by the next call",
     startup_lines,
     PROGRAM_STARTUP,
     "not its own",
     {{10, IF(BPF_JEQ, SYS_seccomp + 1, 11, 13)}}},
    {"armed by the calls above too",
     startup_lines,
     PROGRAM_STARTUP,
     "not its own",
     {{10, IF(BPF_JGE, SYS_seccomp, 11, 13)}}},
    {"armed by the call of x32",
     startup_lines,
     PROGRAM_STARTUP,
     "not its own",
     {{10, IF(BPF_JEQ, SYS_seccomp | X32_BIT, 11, 13)}}},
    {"armed by x86's number",
     startup_lines,
     PROGRAM_STARTUP,
     "not its own",
     {{10, IF(BPF_JEQ, TICKET_ARM_I386, 11, 13)}}},
    {"armed on x86 by x86-64's number",
     startup_lines,
     PROGRAM_STARTUP,
     "the program's ticket is wrong",
     {{18, IF(BPF_JEQ, SYS_seccomp, 19, 20)}}},
    {"armed on x86 by the calls above too",
     startup_lines,
     PROGRAM_STARTUP,
     "not its own",
     {{18, IF(BPF_JGE, TICKET_ARM_I386, 19, 20)}}},
    {"asked twice", startup_lines, PROGRAM_STARTUP, "seccomp) is asked for it twice", {{12, JA(19)}}},
    {"armed, and allowed anyway",
     startup_lines,
     PROGRAM_STARTUP,
     "seccomp) with (0x0, 0x0, 0x0, 0x0, 0x0, 0x0) gets",
     {{12, JA(21)}}},
    {"an arming ticket after an argument",
     startup_lines,
     PROGRAM_STARTUP,
     "after an argument",
     {{15, TICKET(ARM_TICKET)}}},
    {"later", later_lines, PROGRAM_LATER, PASSES, {{0}}},
    {"later as start-up", later_lines, PROGRAM_STARTUP, "the program's ticket is wrong", {{0}}},
    {"later as launch", later_lines, PROGRAM_LAUNCH, "the program's ticket is wrong", {{0}}},
    {"later as bare", later_lines, PROGRAM_BARE, "not its own", {{0}}},
    {"not confirmed", later_lines, PROGRAM_LATER, "seccomp) is decided without", {{4, JA(5)}}},
    {"not confirmed on x86", later_lines, PROGRAM_LATER, "x86 call 354 (seccomp) is decided without", {{12, JA(13)}}},
    {"armed again", later_lines, PROGRAM_LATER, "not its own", {{4, TICKET(ARM_TICKET)}}},
    {"armed again on x86", later_lines, PROGRAM_LATER, "not its own", {{12, TICKET(ARM_TICKET)}}},
    {"an exec ticket for seccomp", later_lines, PROGRAM_LATER, "not its own", {{4, TICKET(EXEC_TICKET)}}},
    {"an exec ticket for execve",
     later_lines,
     PROGRAM_LATER,
     "the program's ticket is wrong",
     {{3, IF(BPF_JEQ, SYS_execve, 4, 6)}, {4, TICKET(EXEC_TICKET)}}},
    {"confirmed by execve",
     later_lines,
     PROGRAM_LATER,
     "the program's ticket is wrong",
     {{3, IF(BPF_JEQ, SYS_execve, 4, 6)}}},
    {"another answer", later_lines, PROGRAM_LATER, "differs", {{13, RET(ALLOW)}}},
};

static size_t
line_template(const struct line *line, struct sock_filter *out) {
  const struct ticket filled = {.words = {0, 0, 1, 0}}, blank = {.probe_errno = 0};
  if (line->code == FILLED_TICKET)
    return ticket_template(&filled, TICKET_EXEC, out);
  return ticket_template(&blank, (enum ticket_form)(line->code - TICKET_LINE), out);
}

static void
assemble(const struct line *lines, struct program *out) {
  struct sock_filter template[TICKET_LENGTH_MAX];
  size_t start[LINES_MAX + 1], length = 0, count = LINES_MAX;
  while (count > 0 && lines[count - 1].code == 0)
    count--;
  for (size_t i = 0; i < count; i++) {
    start[i] = length;
    length += lines[i].code >= TICKET_LINE ? line_template(&lines[i], template) : 1;
  }
  out->length = length;
  for (size_t i = 0; i < count; i++) {
    struct sock_filter *f = &out->code[start[i]];
    if (lines[i].code >= TICKET_LINE) {
      line_template(&lines[i], f);
      continue;
    }
    *f = (struct sock_filter){lines[i].code, 0, 0, lines[i].k};
    if (lines[i].code == (BPF_JMP | BPF_JA)) {
      f->k = (uint32_t)(start[lines[i].taken] - start[i] - 1);
    } else if (BPF_CLASS(lines[i].code) == BPF_JMP) {
      f->jt = (uint8_t)(start[lines[i].taken] - start[i] - 1);
      f->jf = (uint8_t)(start[lines[i].other] - start[i] - 1);
    }
  }
}

// EPERM for everything, also for other ABIs and architectures, but socket() when the test holds.
static struct policy *
socket_policy(struct test test) {
  struct error e;
  struct policy *policy = policy_new();
  struct rule rule = {.call = calls_find("socket", 6), .action = {ACTION_ALLOW, 0}};
  if (policy == NULL)
    return NULL;
  policy->abis = ABI_BIT(ABI_X86_64);
  policy->foreign = (struct action){ACTION_ERRNO, 1};
  CHECK_INT(policy_add_layer(policy, policy->foreign, (struct source_pos){0}, &e), 0);
  CHECK_INT(policy_add_rule(policy, &rule, &test, 1, &e), 0);
  CHECK_INT(policy_seal(policy, &e), 0);
  return policy;
}

static void
check_kind(const struct program *program, enum program_kind kind, const struct policy *policy, const char *name,
           const char *refusal) {
  struct error e = {0};
  int verdict = program_verify(program, kind, policy, &e);
  bool right = refusal == PASSES ? verdict == 0 : verdict == -1 && e.kind == ERROR_SECCOMP && strstr(e.text, refusal);
  if (!right)
    fprintf(stderr, "%s: %d, \"%s\"\n", name, verdict, e.text);
  CHECK_ROW(right, name);
}

static void
check_verdict(const struct program *program, const struct policy *policy, const char *name, const char *refusal) {
  check_kind(program, PROGRAM_LAUNCH, policy, name, refusal);
}

static void
patch_lines(const struct line *base, const struct patch *patches, size_t count, struct program *out) {
  struct line lines[LINES_MAX];
  memcpy(lines, base, sizeof lines);
  for (size_t i = 0; i < count; i++)
    if (patches[i].line.code != 0)
      lines[patches[i].at] = patches[i].line;
  assemble(lines, out);
}

static void
check_lines(const struct line *base, const struct patch *patches, size_t count, const struct policy *policy,
            const char *name, const char *refusal) {
  static struct program program;
  patch_lines(base, patches, count, &program);
  check_verdict(&program, policy, name, refusal);
}

static void
test_rows(void) {
  struct policy *policy = socket_policy((struct test){0, 32, TEST_EQ, UINT32_MAX, 2});
  struct policy *set = socket_policy((struct test){0, 32, TEST_NE, 2, 0});
  for (size_t i = 0; i < sizeof socket_rows / sizeof socket_rows[0]; i++) {
    const struct row *row = &socket_rows[i];
    bool about_set = strncmp(row->name, "jset", 4) == 0;
    check_lines(socket_lines, row->patches, 6, about_set ? set : policy, row->name, row->refusal);
  }
  policy_free(policy);
  policy_free(set);
}

static void
test_masks(void) {
  struct policy *policy = socket_policy((struct test){0, 32, TEST_EQ, 0xf0, 0x20});
  const struct patch right[] = {{12, AND(0xf0)}, {13, IF(BPF_JEQ, 0x20, 14, 15)}};
  const struct patch wrong[] = {{12, AND(0x70)}, {13, IF(BPF_JEQ, 0x20, 14, 15)}};
  const struct patch wider[] = {{12, AND(0x1f0)}, {13, IF(BPF_JEQ, 0x20, 14, 15)}};
  check_lines(socket_lines, right, 2, policy, "mask 0xf0", PASSES);
  check_lines(socket_lines, wrong, 2, policy, "mask 0x70", "differs");
  check_lines(socket_lines, wider, 2, policy, "mask 0x1f0", "differs");
  policy_free(policy);
}

// a0 < 0x100000026 in halves. The tempting wrong program agrees at the constant, its neighbours, 0 and the maximum.
static void
test_wide(void) {
  struct policy *policy = socket_policy((struct test){0, 64, TEST_LT, UINT64_MAX, 0x100000026});
  const struct patch right[] = {{11, LD(ARG_HIGH(0))}, {12, IF(BPF_JGE, 1, 13, 16)},    {13, IF(BPF_JEQ, 1, 14, 17)},
                                {14, LD(ARG(0))},      {15, IF(BPF_JGE, 0x26, 17, 16)}, {16, RET(ALLOW)}};
  struct line lines[LINES_MAX];
  memcpy(lines, wide_lines, sizeof lines);
  // Line 15 becomes a test: the two returns move down by one.
  lines[17] = lines[16];
  lines[1].other = lines[10].other = 17;
  lines[5] = lines[9] = (struct line)JA(17);
  check_lines(lines, right, 6, policy, "64 bits", PASSES);
  const struct patch tempting[] = {{11, LD(ARG_HIGH(0))}, {12, IF(BPF_JGE, 1, 13, 16)},    {13, JA(14)},
                                   {14, LD(ARG(0))},      {15, IF(BPF_JGE, 0x26, 17, 16)}, {16, RET(ALLOW)}};
  check_lines(lines, tempting, 6, policy, "hi < 1 || lo < 0x26", "gets allow instead");
  struct patch off_by_one[6];
  memcpy(off_by_one, right, sizeof off_by_one);
  off_by_one[4].line.k = 0x27;
  check_lines(lines, off_by_one, 6, policy, "lo < 0x27", "with (0x100000026, ");
  policy_free(policy);
}

// Faults that lines cannot write: they are made in the finished program.
static void
test_jumps(void) {
  static struct program program;
  struct policy *policy = socket_policy((struct test){0, 32, TEST_EQ, UINT32_MAX, 2});
  assemble(socket_lines, &program);
  const struct program good = program;
  for (uint8_t into = 1; into < EXEC_LENGTH; into++) {
    program.code[3].jf = into;
    check_verdict(&program, policy, "jump into a template", "is jumped to");
  }
  for (size_t at = 4; at < 4 + EXEC_LENGTH; at++) {
    program = good;
    program.code[at].k ^= 4;
    check_verdict(&program, policy, "template with another constant", "");
    program = good;
    program.code[at].code ^= 0x10;
    check_verdict(&program, policy, "template with another instruction", "");
    program = good;
    program.code[at].jf ^= 1;
    check_verdict(&program, policy, "template with another jump", "");
  }
  program = good;
  program.code[good.length - 3].jt = 2;
  check_verdict(&program, policy, "jump behind the end", "leads out of the program");
  program.code[good.length - 3].jt = 255;
  check_verdict(&program, policy, "jump far behind the end", "leads out of the program");
  program = good;
  program.code[4 + EXEC_LENGTH].k = 0xfffffff0;
  check_verdict(&program, policy, "jump backwards", "leads out of the program");
  program = good;
  program.length--;
  check_verdict(&program, policy, "cut off before the last return", "leads out of the program");
  program = good;
  program.length = 4 + EXEC_LENGTH;
  check_verdict(&program, policy, "ends with a template", "leads out of the program");
  for (program.length = 5; program.length < 4 + EXEC_LENGTH; program.length++)
    check_verdict(&program, policy, "ends within a template", "instruction");
  policy_free(policy);
}

// The whole program one line further down, and the number loaded in front: foreign calls come past it.
static void
test_early_number(void) {
  struct policy *policy = socket_policy((struct test){0, 32, TEST_EQ, UINT32_MAX, 2});
  struct line lines[LINES_MAX] = {LD(NR)};
  for (size_t i = 1; i < LINES_MAX; i++) {
    lines[i] = socket_lines[i - 1];
    lines[i].taken++;
    lines[i].other++;
  }
  check_lines(lines, NULL, 0, policy, "number before the architecture", "which is foreign");
  lines[0] = (struct line)LD(ARCH);
  check_lines(lines, NULL, 0, policy, "architecture twice", PASSES);
  policy_free(policy);
}

static void
test_lengths(void) {
  static struct program program;
  struct policy *policy = socket_policy((struct test){0, 32, TEST_EQ, UINT32_MAX, 2});
  assemble(socket_lines, &program);
  program.length = 0;
  check_verdict(&program, policy, "no instruction", "0 instructions");
  program.length = PROGRAM_MAX + 1;
  check_verdict(&program, policy, "4097 instructions", "4097 instructions");
  // 4096 are fine: jumps to the next instruction in front, a thousand tests that decide nothing behind.
  assemble(socket_lines, &program);
  size_t extra = PROGRAM_MAX - program.length;
  memmove(program.code + extra, program.code, program.length * sizeof program.code[0]);
  for (size_t i = 0; i < extra; i++)
    program.code[i] = (struct sock_filter){BPF_JMP | BPF_JA, 0, 0, 0};
  program.length = PROGRAM_MAX;
  check_verdict(&program, policy, "4096 instructions", PASSES);
  for (size_t i = 0; i < extra; i++)
    program.code[i] = (struct sock_filter){BPF_JMP | BPF_JEQ | BPF_K, 0, 0, (uint32_t)i * 5};
  program.code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARCH);
  check_verdict(&program, policy, "thousands of tests of the architecture", PASSES);
  policy_free(policy);
}

// Without rules the smallest programs there are.
static void
test_small(void) {
  static struct program program;
  struct error e;
  struct policy *policy = policy_new();
  policy->foreign = (struct action){ACTION_ALLOW, 0};
  CHECK_INT(policy_add_layer(policy, policy->foreign, (struct source_pos){0}, &e), 0);
  CHECK_INT(policy_seal(policy, &e), 0);
  program.length = 1;
  program.code[0] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, ALLOW);
  check_verdict(&program, policy, "allows execve without a ticket", "execve) is decided without");
  static const struct line lines[LINES_MAX] = {
      [0] = LD(ARCH),
      [1] = IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 5),
      [2] = LD(NR),
      [3] = IF(BPF_JEQ, SYS_execve, 4, 5),
      [4] = TICKET(EXEC_TICKET),
      [5] = RET(ALLOW),
  };
  check_lines(lines, NULL, 0, policy, "write and exit_group are allowed anyway", PASSES);
  policy->permissive = true;
  check_lines(lines, NULL, 0, policy, "permissive", PASSES);
  policy->foreign = (struct action){ACTION_KILL_PROCESS, 0};
  check_lines(lines, NULL, 0, policy, "permissive, foreign refused", "differs");
  policy_free(policy);
}

static struct policy *
later_policy(unsigned abis, struct action otherwise) {
  struct error e;
  struct policy *policy = policy_new();
  struct test test = {0, 32, TEST_EQ, UINT32_MAX, 2};
  struct rule rule = {.call = calls_find("socket", 6), .abis = ABI_BIT(ABI_X86_64), .action = {ACTION_ALLOW, 0}};
  policy->abis = abis;
  policy->foreign = otherwise;
  CHECK_INT(policy_add_layer(policy, otherwise, (struct source_pos){0}, &e), 0);
  CHECK_INT(policy_add_rule(policy, &rule, &test, 1, &e), 0);
  CHECK_INT(policy_seal(policy, &e), 0);
  return policy;
}

// What each kind of program has tickets for, and where.
static void
test_kinds(void) {
  static struct program program;
  struct policy *policy = later_policy(ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_I386), (struct action){ACTION_ERRNO, 1});
  for (size_t i = 0; i < sizeof kind_rows / sizeof kind_rows[0]; i++) {
    const struct kind_row *row = &kind_rows[i];
    patch_lines(row->base, row->patches, 4, &program);
    check_kind(&program, row->kind, policy, row->name, row->refusal);
  }
  policy_free(policy);
  // x86 is foreign: nothing is asked for there
  policy = later_policy(ABI_BIT(ABI_X86_64), (struct action){ACTION_ERRNO, 1});
  patch_lines(later_lines, NULL, 0, &program);
  check_kind(&program, PROGRAM_LATER, policy, "later, x86 foreign", "not its own");
  patch_lines(startup_lines, NULL, 0, &program);
  check_kind(&program, PROGRAM_STARTUP, policy, "start-up, x86 foreign", "not its own");
  policy_free(policy);
}

// The arming ticket is asked for where the policy allows seccomp, too.
static void
test_allowed_seccomp(void) {
  static struct program program;
  static const struct line lines[LINES_MAX] = {
      [0] = LD(ARCH),
      [1] = IF(BPF_JEQ, AUDIT_ARCH_X86_64, 2, 5),
      [2] = LD(NR),
      [3] = IF(BPF_JEQ, SYS_seccomp, 4, 5),
      [4] = TICKET(CONFIRM_TICKET),
      [5] = RET(ALLOW),
  };
  struct policy *policy = later_policy(ABI_BIT(ABI_X86_64), (struct action){ACTION_ALLOW, 0});
  patch_lines(lines, NULL, 0, &program);
  check_kind(&program, PROGRAM_LATER, policy, "seccomp is allowed", PASSES);
  patch_lines(lines, (const struct patch[]){{4, JA(5)}}, 1, &program);
  check_kind(&program, PROGRAM_LATER, policy, "seccomp is allowed, no ticket", "seccomp) is decided without");
  check_kind(&program, PROGRAM_BARE, policy, "seccomp is allowed, bare", PASSES);
  policy_free(policy);
}

// More cases than may be tried: refused, and never sampled.
static void
test_too_many(void) {
  struct error e;
  struct policy *policy = policy_new();
  struct rule rule = {.call = calls_find("socket", 6), .action = {ACTION_ERRNO, 1}};
  policy->abis = ABI_BIT(ABI_X86_64);
  policy->foreign = (struct action){ACTION_ERRNO, 1};
  CHECK_INT(policy_add_layer(policy, policy->foreign, (struct source_pos){0}, &e), 0);
  for (unsigned argument = 0; argument < 6; argument++)
    for (unsigned value = 0; value < 4; value++) {
      struct test test = {argument, 64, TEST_EQ, UINT64_MAX, 7 * value + 1};
      CHECK_INT(policy_add_rule(policy, &rule, &test, 1, &e), 0);
    }
  CHECK_INT(policy_seal(policy, &e), 0);
  check_lines(socket_lines, (const struct patch[]){{14, RET(EPERM_VALUE)}}, 1, policy, "9 to the 6th cases",
              "more than 65536 cases");
  policy_free(policy);
}

// Any bytes: a verdict, and none that lets a program pass which the simulator would not even run.
static void
test_any_bytes(void) {
  static struct program good, program;
  struct policy *policy = socket_policy((struct test){0, 32, TEST_EQ, UINT32_MAX, 2});
  uint64_t state = 7;
  long passed = 0;
  assemble(socket_lines, &good);
  for (int round = 0; round < 100000; round++) {
    struct error e;
    program = good;
    for (int changes = 1 + round % 3; changes > 0; changes--) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      size_t byte = (size_t)(state >> 33) % (good.length * sizeof good.code[0]);
      ((unsigned char *)program.code)[byte] ^= (unsigned char)(state >> 24);
    }
    if (program_verify(&program, PROGRAM_LAUNCH, policy, &e) != 0)
      continue;
    passed++;
    CHECK_INT(program_acceptable(&program), 0);
  }
  CHECK(passed > 0 && passed < 50000);
  policy_free(policy);
}

int
main(void) {
  test_rows();
  test_masks();
  test_wide();
  test_jumps();
  test_early_number();
  test_lengths();
  test_small();
  test_kinds();
  test_allowed_seccomp();
  test_too_many();
  test_any_bytes();
  return check_done();
}
