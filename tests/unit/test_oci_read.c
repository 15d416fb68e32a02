// SPDX-License-Identifier: LGPL-2.1-or-later
// test_oci_read.c - what seccomp JSON means: the rows say what crun 1.8.1 and runc 1.1.5 do, and where scrun departs
// from them.
#include "compat/oci_read.h"
#include "runner/compile.h"
#include "runner/verify.h"
#include "compat/kernel.h"
#include "tests/check.h"
#include <stdlib.h>

#define TEXT_BYTES 8192

// One reading. The text is in memory of just its size, so that a byte too many is noticed.
struct reading {
  struct source source;
  char *text;
  struct diags diags;
  struct policy *policy; // NULL: refused
};

static const struct oci_options no_options = {0, KERNEL(6, 1)};

static void
reading_open(struct reading *reading, const char *text, size_t length, const struct oci_options *options) {
  memset(reading, 0, sizeof *reading);
  reading->text = malloc(length > 0 ? length : 1);
  if (reading->text == NULL)
    abort();
  memcpy(reading->text, text, length);
  reading->source = (struct source){"test.json", reading->text, length, true};
  int result = oci_read(&reading->source, options, &reading->policy, &reading->diags);
  if (result != 0)
    reading->policy = NULL;
  CHECK((result != 0) == (reading->diags.errors > 0));
  for (size_t i = 0; i < reading->diags.count; i++) {
    const struct source_pos at = reading->diags.items[i].at;
    CHECK(at.source == NULL || (at.offset <= length && at.length <= length - at.offset));
  }
}

static void
reading_close(struct reading *reading) {
  policy_free(reading->policy);
  free(reading->text);
}

// Rows are written with ' for ".
static size_t
quoted(const char *row, char *out) {
  size_t length = strlen(row);
  for (size_t i = 0; i < length; i++)
    out[i] = row[i] == '\'' ? '"' : row[i];
  out[length] = '\0';
  return length;
}

// The first message of that kind that has `part` in it, or NULL.
static const struct diag *
find_message(const struct reading *reading, enum diag_kind kind, const char *part) {
  for (size_t i = 0; i < reading->diags.count; i++)
    if (reading->diags.items[i].kind == kind && strstr(reading->diags.items[i].text, part) != NULL)
      return &reading->diags.items[i];
  return NULL;
}

static void
print_messages(const struct reading *reading) {
  char text[DIAG_BYTES];
  for (size_t i = 0; i < reading->diags.count; i++) {
    diag_write(&reading->diags.items[i], "  got", text, sizeof text);
    fputs(text, stderr);
  }
}

static size_t
count_kind(const struct reading *reading, enum diag_kind kind) {
  size_t count = 0;
  for (size_t i = 0; i < reading->diags.count; i++)
    count += reading->diags.items[i].kind == kind;
  return count;
}

static enum abi
abi_from(const char **word) {
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    size_t length = strlen(abi_name(abi));
    if (strncmp(*word, abi_name(abi), length) == 0 && (*word)[length] == '/') {
      *word += length + 1;
      return abi;
    }
  }
  return ABI_NATIVE;
}

// Decides the first call of `calls`, "[ABI/]NAME[(a0,a1,...)]=ACTION" or "[ABI/]#NUMBER=ACTION". Returns what stands
// behind the ";" that ends it, or NULL.
static const char *
check_call(const struct policy *policy, const char *calls, const char *row) {
  uint64_t arguments[6] = {0};
  const char *word = calls, *end = strchr(calls, ';');
  enum abi abi = abi_from(&word);
  size_t name = strcspn(word, "(=");
  uint32_t number = 0;
  if (word[0] == '#')
    number = (uint32_t)strtoul(word + 1, NULL, 0) | (abi == ABI_X32 ? X32_BIT : 0);
  else
    CHECK_ROW(calls_number(calls_find(word, name), abi, &number), calls);
  const char *at = word + name;
  for (size_t i = 0; i < 6 && (*at == '(' || *at == ','); i++) {
    char *behind;
    arguments[i] = strtoull(at + 1, &behind, 0);
    at = behind;
  }
  at = strchr(word, '=') + 1;
  size_t length = end != NULL ? (size_t)(end - at) : strlen(at);
  char got[64];
  action_describe(policy_decide(policy, abi, number, arguments).action, got, sizeof got);
  bool same = strlen(got) == length && memcmp(got, at, length) == 0;
  if (!same)
    fprintf(stderr, "row \"%s\": %s is %s\n", row, calls, got);
  CHECK(same);
  return end != NULL ? end + 1 : NULL;
}

// What is decided is also what a program does: each policy of a row is compiled, and verified against it.
static void
check_program(const struct policy *policy, const char *row) {
  static struct program program;
  struct error e = {0};
  bool right = program_compile(policy, PROGRAM_LAUNCH, &program, &e) == 0
               && program_verify(&program, PROGRAM_LAUNCH, policy, &e) == 0;
  if (!right)
    fprintf(stderr, "row \"%s\": %s\n", row, e.text);
  CHECK(right);
}

// `calls`: decisions, separated by ";"; NULL: the text is refused. `message`: part of the first error, or of a warning
// that there must be; NULL: there is no warning.
struct row {
  const char *json, *calls, *message;
};

static void
check_row(const struct row *row, const struct oci_options *options) {
  char text[TEXT_BYTES];
  struct reading reading;
  reading_open(&reading, text, quoted(row->json, text), options);
  enum diag_kind kind = row->calls == NULL ? DIAG_ERROR : DIAG_WARNING;
  bool as_wanted =
      (reading.policy == NULL) == (row->calls == NULL)
      && (row->message == NULL ? reading.diags.count == 0 : find_message(&reading, kind, row->message) != NULL);
  CHECK_ROW(as_wanted, row->json);
  if (!as_wanted)
    print_messages(&reading);
  if (reading.policy != NULL) {
    for (const char *call = row->calls; call != NULL;)
      call = check_call(reading.policy, call, row->json);
    check_program(reading.policy, row->json);
  }
  reading_close(&reading);
}

// The beginnings of texts.
#define DENY "{'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': ["
#define ALLOW "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': ["
#define KILL "{'defaultAction': 'SCMP_ACT_KILL_PROCESS', 'syscalls': ["
#define X86 "{'defaultAction': 'SCMP_ACT_ERRNO', 'architectures': ['SCMP_ARCH_X86'], 'syscalls': ["
#define X86_ALLOW "{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_X86'], 'syscalls': ["
#define END "]}"
// A rule on one call, with and without tests.
#define RULE(name, action) "{'names': ['" name "'], 'action': 'SCMP_ACT_" action "'}"
#define RULE_IF(name, action, tests) "{'names': ['" name "'], 'action': 'SCMP_ACT_" action "', 'args': [" tests "]}"
#define TEST(index, op, value) "{'index': " index ", 'value': " value ", 'op': 'SCMP_CMP_" op "'}"
#define MASKED(index, mask, value)                                                                                     \
  "{'index': " index ", 'value': " mask ", 'valueTwo': " value ", 'op': 'SCMP_CMP_MASKED_EQ'}"

static const struct row rows[] = {
    // Numbers that no rule is about.
    {DENY RULE("read", "ALLOW") END, "read=allow;write=errno EPERM;#1000=errno EPERM;#599=errno EPERM", NULL},
    {ALLOW RULE("read", "ERRNO") END, "read=errno EPERM;write=allow;#1000=allow", NULL},

    // Names.
    {DENY RULE("raed", "ALLOW") END, "read=errno EPERM", "syscalls[0].names[0]: unknown system call \"raed\""},
    {ALLOW RULE("raed", "ERRNO") END, NULL, "syscalls[0].names[0]: unknown system call \"raed\""},
    {DENY RULE("raed", "KILL") END, NULL, "unknown system call"},
    {ALLOW RULE("raed", "LOG") END, NULL, "unknown system call"},
    {DENY RULE("raed", "TRACE") END, NULL, "unknown system call"},
    {DENY RULE("", "ALLOW") END, "read=errno EPERM", "unknown system call \"\""},
    {DENY RULE("s390_pci_mmio_read", "ALLOW") END, "read=errno EPERM", NULL},
    {ALLOW RULE("s390_pci_mmio_read", "KILL") END, "read=allow", NULL},
    {DENY "{'names': ['read', 'write', 'read'], 'action': 'SCMP_ACT_ALLOW'}" END, "read=allow;write=allow", NULL},
    {DENY "{'names': [], 'action': 'SCMP_ACT_ALLOW'}" END, NULL, "syscalls[0]: the rule names no system call"},
    {DENY "{'action': 'SCMP_ACT_ALLOW'}" END, NULL, "names no system call"},
    {DENY "{'names': ['read']}" END, NULL, "syscalls[0]: \"action\" is missing"},

    // Actions and their numbers.
    {ALLOW RULE("read", "KILL") "," RULE("write", "KILL_THREAD") "," RULE("open", "KILL_PROCESS") "," RULE(
         "close", "TRAP") "," RULE("dup", "LOG") "," RULE("pipe", "TRACE") END,
     "read=kill-thread;write=kill-thread;open=kill;close=trap;dup=log;pipe=trace 1;stat=allow", NULL},
    {ALLOW RULE("read", "ERRNO") END, "read=errno EPERM", NULL},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 38}" END, "read=errno ENOSYS", NULL},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 0}" END, "read=errno 0", NULL},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 4094}" END, "read=errno 4094", NULL},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 4095}" END, NULL,
     "syscalls[0].errnoRet: must be at most 4094"},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_TRACE', 'errnoRet': 65535}" END, "read=trace 65535", NULL},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_TRACE', 'errnoRet': 65536}" END, NULL, "must be at most 65535"},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'errnoRet': 1}" END, NULL,
     "syscalls[0].errnoRet: only SCMP_ACT_ERRNO and SCMP_ACT_TRACE have a number"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'defaultErrnoRet': 38}", "read=errno ENOSYS", NULL},
    {"{'defaultAction': 'SCMP_ACT_TRACE', 'defaultErrnoRet': 7}", "read=trace 7", NULL},
    {"{'defaultAction': 'SCMP_ACT_KILL', 'defaultErrnoRet': 38}", NULL, "defaultErrnoRet: only SCMP_ACT_ERRNO"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'defaultErrnoRet': 4095}", NULL, "defaultErrnoRet: must be at most 4094"},
    {"{'defaultAction': 'SCMP_ACT_DENY'}", NULL, "defaultAction: \"SCMP_ACT_DENY\" is not an action"},
    {"{'defaultAction': 'ERRNO'}", NULL, "is not an action"},
    {"{'defaultAction': 'scmp_act_errno'}", NULL, "is not an action"},
    {"{'syscalls': []}", NULL, "\"defaultAction\" is missing"},

    // A rule that says what the default says is dropped, so that the next one counts.
    {ALLOW RULE("read", "ALLOW") "," RULE("read", "ERRNO") END, "read=errno EPERM", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 1}," RULE("read", "ALLOW") END, "read=allow",
     "syscalls[1].names[0]: this counts although an earlier rule refuses \"read\""},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 1}," RULE("read", "KILL") END,
     "read=kill-thread", NULL},
    {ALLOW RULE("read", "ALLOW") "," RULE_IF("read", "ERRNO", TEST("0", "EQ", "3")) END,
     "read(3)=errno EPERM;read(4)=allow", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 13}," RULE("read", "ALLOW") END,
     "read=errno EACCES",
     "syscalls[1].names[0]: \"read\" gets errno EACCES from an earlier rule, and the first one counts"},

    // Comparisons: 64 bits, unsigned.
    {DENY RULE_IF("read", "ALLOW", TEST("0", "EQ", "3")) END,
     "read(3)=allow;read(4)=errno EPERM;read(0x100000003)=errno EPERM", NULL},
    {DENY RULE_IF("read", "ALLOW", TEST("1", "NE", "3")) END, "read(0,3)=errno EPERM;read(0,0x100000003)=allow", NULL},
    {DENY RULE_IF("read", "ALLOW", TEST("2", "LT", "3")) END, "read(0,0,2)=allow;read(0,0,3)=errno EPERM", NULL},
    {DENY RULE_IF("read", "ALLOW", TEST("3", "LE", "3")) END, "read(0,0,0,3)=allow;read(0,0,0,4)=errno EPERM", NULL},
    {DENY RULE_IF("read", "ALLOW", TEST("4", "GT", "3")) END, "read(0,0,0,0,3)=errno EPERM;read(0,0,0,0,4)=allow",
     NULL},
    {DENY RULE_IF("read", "ALLOW", TEST("5", "GE", "0x3")) END, NULL, "expected \",\" or \"}\""},
    {DENY RULE_IF("read", "ALLOW", TEST("5", "GE", "18446744073709551615")) END,
     "read(0,0,0,0,0,0xffffffffffffffff)=allow;read(0,0,0,0,0,0xfffffffffffffffe)=errno EPERM", NULL},
    {DENY RULE_IF("read", "ALLOW", TEST("0", "GE", "4294967334")) END, "read(0x100000026)=allow;read(0x26)=errno EPERM",
     NULL},
    {DENY RULE_IF("clone", "ALLOW", MASKED("0", "2114060288", "0")) END,
     "clone(0x11)=allow;clone(0x10000000)=errno EPERM;clone(0x1000000011)=allow", NULL},
    {DENY RULE_IF("read", "ALLOW", MASKED("0", "240", "48")) END, "read(0x35)=allow;read(0x45)=errno EPERM", NULL},
    {DENY RULE_IF("read", "ALLOW", MASKED("0", "255", "511")) END,
     "read(0xff)=allow;read(0x1ff)=allow;read(0xfe)=errno EPERM",
     "syscalls[0].args[0].valueTwo: bits outside the mask 0xff are not compared"},
    {DENY RULE_IF("read", "ALLOW", MASKED("0", "0", "0")) END, "read(0)=allow;read(77)=allow", NULL},
    {DENY RULE_IF("read", "ALLOW", "{'index': 0, 'value': 3, 'op': 'SCMP_CMP_EQ', 'valueTwo': 4}") END, "read(3)=allow",
     "valueTwo: has no meaning without SCMP_CMP_MASKED_EQ"},
    {DENY RULE_IF("read", "ALLOW", "{'index': 0, 'value': 7, 'op': 'SCMP_CMP_MASKED_EQ'}") END,
     "read(8)=allow;read(9)=errno EPERM", NULL},
    {DENY RULE_IF("read", "ALLOW", TEST("6", "EQ", "3")) END, NULL, "syscalls[0].args[0].index: must be at most 5"},
    {DENY RULE_IF("read", "ALLOW", TEST("0", "LIKE", "3")) END, NULL,
     "syscalls[0].args[0].op: \"SCMP_CMP_LIKE\" is not a comparison"},
    {DENY RULE_IF("read", "ALLOW", "{'index': 0, 'value': 3}") END, NULL, "syscalls[0].args[0]: \"op\" is missing"},
    {DENY RULE_IF("read", "ALLOW", "{'index': 0, 'op': 'SCMP_CMP_EQ'}") END, NULL, "\"value\" is missing"},
    {DENY RULE_IF("read", "ALLOW", "{'value': 0, 'op': 'SCMP_CMP_EQ'}") END, NULL, "\"index\" is missing"},

    // Several tests: all of them, but with one argument twice any of them, those on other arguments included.
    {DENY RULE_IF("read", "ALLOW", TEST("0", "EQ", "3") "," TEST("1", "EQ", "4")) END,
     "read(3,4)=allow;read(3,5)=errno EPERM;read(2,4)=errno EPERM", NULL},
    {DENY RULE_IF("read", "ALLOW", TEST("0", "EQ", "3") "," TEST("0", "EQ", "4") "," TEST("1", "EQ", "9")) END,
     "read(3)=allow;read(4)=allow;read(0,9)=allow;read(0,8)=errno EPERM",
     "syscalls[0].args[1]: argument 0 has a test already: one test that holds is then enough"},
    {DENY RULE_IF("read", "ALLOW", TEST("0", "GE", "3") "," TEST("0", "LE", "5")) END, "read(0)=allow;read(9)=allow",
     "one test that holds"},
    {DENY RULE_IF("read", "ALLOW",
                  TEST("0", "EQ", "0") "," TEST("1", "EQ", "1") "," TEST("2", "EQ", "2") "," TEST(
                      "3", "EQ", "3") "," TEST("4", "EQ", "4") "," TEST("5", "EQ", "5")) END,
     "read(0,1,2,3,4,5)=allow;read(0,1,2,3,4,6)=errno EPERM;read(1,1,2,3,4,5)=errno EPERM", NULL},
    {DENY RULE_IF("read", "ALLOW",
                  TEST("0", "EQ", "0") "," TEST("1", "EQ", "1") "," TEST("2", "EQ", "2") "," TEST(
                      "3", "EQ", "3") "," TEST("4", "EQ", "4") "," TEST("5", "EQ", "5") "," TEST("0", "EQ", "1")) END,
     NULL, "syscalls[0].args[6]: a rule has at most 6 tests"},
    {DENY "{'names': ['read', 'write'], 'action': 'SCMP_ACT_ALLOW', 'args': [" TEST("0", "EQ", "3") "]}" END,
     "read(3)=allow;write(3)=allow;write(4)=errno EPERM", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'args': []}" END, "read(3)=allow", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'args': null}" END, "read(3)=allow", NULL},

    // Of rules without tests the first counts; it beats all with tests, in either order.
    {DENY RULE("read", "KILL") "," RULE("read", "ALLOW") END, "read=kill-thread", "the first one counts"},
    {DENY RULE("read", "ALLOW") "," RULE("read", "KILL") END, "read=allow", "the first one counts"},
    {DENY RULE("read", "ALLOW") "," RULE("read", "ALLOW") END, "read=allow", NULL},
    {DENY RULE("read", "ALLOW") "," RULE_IF("read", "KILL", TEST("0", "EQ", "3")) END, "read(3)=allow;read(4)=allow",
     "syscalls[1].names[0]: \"read\" gets allow from a rule without tests, whatever its arguments: this rule is void"},
    {DENY RULE_IF("read", "KILL", TEST("0", "EQ", "3")) "," RULE("read", "ALLOW") END, "read(3)=allow;read(4)=allow",
     "syscalls[0].names[0]: \"read\" gets allow"},
    {ALLOW RULE_IF("read", "LOG", TEST("0", "EQ", "3")) "," RULE("read", "KILL") END, "read(3)=kill-thread", NULL},

    // Of two rules with tests that both match the stricter decides; of two errnos the first.
    {KILL RULE_IF("read", "ALLOW", TEST("0", "EQ", "3")) "," RULE_IF("read", "ERRNO", TEST("1", "EQ", "4")) END,
     "read(3,4)=errno EPERM;read(3,5)=allow;read(2,4)=errno EPERM;read(2,5)=kill",
     "syscalls[1].names[0]: two rules on \"read\" can both match: the stricter decides"},
    {KILL RULE_IF("read", "ERRNO", TEST("1", "EQ", "4")) "," RULE_IF("read", "ALLOW", TEST("0", "EQ", "3")) END,
     "read(3,4)=errno EPERM;read(3,5)=allow;read(2,4)=errno EPERM;read(2,5)=kill",
     "two rules on \"read\" can both match"},
    {DENY RULE_IF("read", "ALLOW", TEST("0", "EQ", "3")) "," RULE_IF("read", "ERRNO", TEST("1", "EQ", "4")) END,
     "read(3,4)=errno EPERM;read(3,5)=allow", "two rules on \"read\" can both match"},
    {ALLOW
         RULE_IF("read", "ERRNO", TEST("0", "GE", "3")) "," RULE_IF("read", "TRACE", TEST("0", "LE", "3")) "," RULE_IF(
             "read", "TRAP", TEST("1", "EQ", "1")) "," RULE_IF("read", "LOG",
                                                               TEST("2", "EQ", "1")) "," RULE_IF("read", "KILL",
                                                                                                 TEST("3", "EQ", "1"))
             END,
     "read(2)=trace 1;read(3)=errno EPERM;read(2,1)=trap;read(2,1,1,1)=kill-thread;read(4,0,1)=errno EPERM",
     "two rules on \"read\" can both match"},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 13, 'args': [" TEST(
         "0", "EQ", "3") "]}," RULE_IF("read", "ERRNO", TEST("1", "EQ", "4")) END,
     "read(3,4)=errno EACCES;read(2,4)=errno EPERM", "two rules on \"read\" can both match"},
    // Rules that cannot both match: no message.
    {KILL RULE_IF("read", "ALLOW", TEST("0", "EQ", "3")) "," RULE_IF("read", "ERRNO", TEST("0", "EQ", "4")) END,
     "read(3)=allow;read(4)=errno EPERM;read(5)=kill", NULL},
    {KILL RULE_IF("read", "ALLOW", TEST("0", "EQ", "3")) "," RULE_IF("read", "ERRNO", TEST("0", "NE", "3")) END,
     "read(3)=allow;read(4)=errno EPERM", NULL},
    {KILL RULE_IF("read", "ALLOW", TEST("0", "LT", "3")) "," RULE_IF("read", "ERRNO", TEST("0", "GE", "3")) END,
     "read(2)=allow;read(3)=errno EPERM", NULL},
    {KILL RULE_IF("read", "ALLOW", TEST("0", "GT", "3")) "," RULE_IF("read", "ERRNO", TEST("0", "LE", "3")) END,
     "read(4)=allow;read(3)=errno EPERM", NULL},
    {KILL RULE_IF("read", "ALLOW", MASKED("0", "3", "1")) "," RULE_IF("read", "ERRNO", MASKED("0", "7", "2")) END,
     "read(1)=allow;read(2)=errno EPERM;read(3)=kill", NULL},
    {KILL RULE_IF("read", "ALLOW", MASKED("0", "3", "1")) "," RULE_IF("read", "ERRNO", MASKED("0", "4", "4")) END,
     "read(1)=allow;read(5)=errno EPERM", "can both match"},
    {KILL RULE_IF("read", "ALLOW", TEST("0", "NE", "3")) "," RULE_IF("read", "ERRNO", TEST("0", "NE", "4")) END,
     "read(3)=errno EPERM;read(4)=allow;read(5)=errno EPERM", "can both match"},

    // Architectures: the native one is in every list; what is not listed is killed, whatever the default.
    {"{'defaultAction': 'SCMP_ACT_ALLOW'}", "read=allow;x86/read=kill-thread;x32/read=kill-thread", NULL},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': []}", "read=allow;x86/read=kill-thread", NULL},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': null}", "read=allow;x86/read=kill-thread", NULL},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_X86']}",
     "read=allow;x86/read=allow;x32/read=kill-thread", NULL},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32']}",
     "read=allow;x32/read=allow;x86/read=kill-thread", NULL},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_S390X', "
     "'SCMP_ARCH_RISCV64']}",
     "read=allow;x86/read=kill-thread", NULL},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']}",
     "read=allow;x32/read=allow;x86/read=allow", "this policy refuses nothing"},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_I386']}", NULL,
     "architectures[0]: \"SCMP_ARCH_I386\" is not an architecture"},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['x86']}", NULL, "is not an architecture"},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_NATIVE']}", NULL, "is not an architecture"},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': [1]}", NULL,
     "architectures[0]: must be a string, not a number"},

    // Flags.
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'flags': []}", "read=errno EPERM", NULL},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'flags': ['SECCOMP_FILTER_FLAG_TSYNC']}", "read=errno EPERM", NULL},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'flags': ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']}", NULL,
     "is not supported"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'flags': ['SECCOMP_FILTER_FLAG_NEW_LISTENER']}", NULL, "is not a flag"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'flags': 'SECCOMP_FILTER_FLAG_LOG'}", NULL,
     "flags: must be an array, not a string"},

    // Listeners.
    {DENY RULE("read", "NOTIFY") END, NULL, "syscalls[0].names[0]: SCMP_ACT_NOTIFY needs \"listenerPath\""},
    {"{'defaultAction': 'SCMP_ACT_NOTIFY', 'listenerPath': '/run/a'}", NULL, "SCMP_ACT_NOTIFY is no default"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'listenerPath': '/run/a', 'syscalls': [" RULE("read", "NOTIFY") "]}",
     "read=notify;write=errno EPERM", NULL},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'listenerPath': 'run/a', 'syscalls': [" RULE("read", "NOTIFY") "]}", NULL,
     "listenerPath: must be an absolute path"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'listenerPath': '/run/a'}", "read=errno EPERM",
     "listenerPath: no rule in force has SCMP_ACT_NOTIFY"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'listenerPath': '/"
     "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
     "', 'syscalls': [" RULE("read", "NOTIFY") "]}",
     NULL, "listenerPath: longer than 107 bytes"},

    // i386's multiplexers hide arguments: what refuses counts whatever they are, what allows does not.
    {X86 RULE_IF("socket", "ALLOW", TEST("0", "EQ", "1")) END,
     "socket(1)=allow;socket(2)=errno EPERM;x86/socket(1)=allow;x86/socketcall(1)=errno EPERM", NULL},
    {X86 RULE_IF("socket", "ALLOW", TEST("0", "EQ", "1")) "," RULE("socketcall", "ALLOW") END,
     "x86/socket(1)=allow;x86/socketcall(1)=errno EPERM;x86/socketcall(0x100000001)=errno "
     "EPERM;x86/socketcall(2)=allow",
     "syscalls[0].names[0]: on x86 \"socketcall\" hides the arguments of \"socket\""},
    {X86 RULE("socketcall", "ALLOW") "," RULE_IF("socket", "ALLOW", TEST("0", "EQ", "1")) END,
     "x86/socketcall(1)=errno EPERM;x86/socketcall(2)=allow", "hides the arguments"},
    {X86_ALLOW RULE_IF("socket", "ERRNO", TEST("0", "EQ", "16")) END,
     "x86/socketcall(1)=errno EPERM;x86/socketcall(2)=allow;x86/socket(1)=allow;socket(16)=errno EPERM;socket(1)=allow",
     "through it this one always gets errno EPERM"},
    {X86_ALLOW RULE_IF("socket", "LOG", TEST("0", "EQ", "16")) END, "x86/socketcall(1)=log;x86/socketcall(2)=allow",
     "always gets log"},
    {X86 RULE("socket", "ALLOW") END, "x86/socketcall(1)=allow;x86/socketcall(2)=errno EPERM", NULL},
    {X86 RULE("socketcall", "ALLOW") END, "x86/socketcall(1)=allow;x86/socketcall(2)=allow;x86/socket=errno EPERM",
     NULL},
    {X86_ALLOW RULE("socketcall", "ERRNO") "," RULE("bind", "KILL") "," RULE("listen", "LOG") END,
     "x86/socketcall(2)=kill-thread;x86/socketcall(1)=errno EPERM;x86/socketcall(4)=errno EPERM;x86/listen=log", NULL},
    {X86 RULE("socketcall", "ALLOW") "," RULE("bind", "KILL") END,
     "x86/socketcall(2)=kill-thread;x86/socketcall(1)=allow", NULL},
    {X86 RULE_IF("socketcall", "ALLOW", TEST("0", "EQ", "1")) "," RULE_IF("socket", "ALLOW", TEST("0", "EQ", "1")) END,
     "x86/socketcall(1)=errno EPERM", "hides the arguments"},
    {X86 RULE_IF("socketcall", "ALLOW", TEST("0", "EQ", "1")) "," RULE("bind", "ALLOW") END,
     "x86/socketcall(1)=allow;x86/socketcall(2)=allow;x86/socketcall(3)=errno EPERM", NULL},
    {X86 RULE("socketcall", "ALLOW") "," RULE_IF("socket", "TRACE", TEST("0", "EQ", "1")) END,
     "x86/socketcall(1)=errno EPERM;x86/socket(1)=trace 1", "hides the arguments"},
    {X86 RULE_IF("semop", "ALLOW", TEST("0", "EQ", "1")) "," RULE("ipc", "ALLOW") END,
     "x86/ipc(2)=allow;x86/ipc(1)=errno EPERM;x86/ipc(0x10001)=errno EPERM",
     "\"ipc\" hides the arguments of \"semop\""},
    {DENY RULE_IF("socket", "ALLOW", TEST("0", "EQ", "1")) "," RULE("socketcall", "ALLOW") END,
     "x86/socketcall(1)=kill-thread", NULL},
    // On x86 the upper half of an argument is zero: a constant that needs it is never equal.
    // A rule that refuses refuses there what is left of the constant, too: -1 is written with 64 bits.
    {X86_ALLOW RULE_IF("kill", "ERRNO", TEST("0", "EQ", "18446744073709551615")) END,
     "kill(0xffffffffffffffff)=errno EPERM;kill(0xffffffff)=allow;x86/kill(0xffffffff)=errno EPERM;x86/kill(1)=allow",
     NULL},
    {X86 RULE_IF("read", "ALLOW", TEST("0", "EQ", "4294967299")) END, "read(0x100000003)=allow;x86/read(3)=errno EPERM",
     NULL},

    // Objects that are none, or empty.
    {"{}", NULL, "this is no policy: it is empty"},
    {"[]", NULL, "must be an object, not an array"},
    {"null", NULL, "must be an object, not null"},
    {"7", NULL, "must be an object, not a number"},
    {"{'linux': {'seccomp': {}}}", NULL, "linux.seccomp: this container has no filter"},
    {"{'linux': {'seccomp': null}}", NULL, "linux.seccomp: this container has no filter"},
    {"{'linux': {}}", NULL, "this container has no filter"},
    {"{'ociVersion': '1.0.2'}", NULL, "this container has no filter"},
    {"{'linux': 7}", NULL, "linux: must be an object, not a number"},
    {"{'linux': {'seccomp': []}}", NULL, "linux.seccomp: must be an object, not an array"},
    {"{'ociVersion': '1.0.2', 'process': {'args': ['sh']}, 'linux': {'seccomp': " DENY RULE("read", "ALLOW") END "}}",
     "read=allow;write=errno EPERM", NULL},

    // Wrong types and unknown keys; nothing is passed over.
    {"{'defaultAction': 7}", NULL, "defaultAction: must be a string, not a number"},
    {"{'defaultAction': null}", NULL, "\"defaultAction\" is missing"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': {}}", NULL, "syscalls: must be an array, not an object"},
    {DENY "'read'" END, NULL, "syscalls[0]: must be an object, not a string"},
    {DENY "{'names': 'read', 'action': 'SCMP_ACT_ALLOW'}" END, NULL,
     "syscalls[0].names: must be an array, not a string"},
    {DENY "{'names': [0], 'action': 'SCMP_ACT_ALLOW'}" END, NULL,
     "syscalls[0].names[0]: must be a string, not a number"},
    {DENY "{'names': ['read'], 'action': ['SCMP_ACT_ALLOW']}" END, NULL,
     "syscalls[0].action: must be a string, not an array"},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': '1'}" END, NULL,
     "errnoRet: must be a number, not a string"},
    {DENY RULE_IF("read", "ALLOW", TEST("'0'", "EQ", "1")) END, NULL, "args[0].index: must be a number, not a string"},
    {DENY RULE_IF("read", "ALLOW", TEST("0", "EQ", "true")) END, NULL,
     "args[0].value: must be a number, not a boolean"},
    {DENY RULE_IF("read", "ALLOW", TEST("0", "EQ", "1.0")) END, NULL, "args[0].value: must be a whole number"},
    {DENY RULE_IF("read", "ALLOW", TEST("0", "EQ", "1e3")) END, NULL, "args[0].value: must be a whole number"},
    {DENY RULE_IF("read", "ALLOW", TEST("0", "EQ", "-1")) END, NULL, "args[0].value: must not be negative"},
    {DENY RULE_IF("read", "ALLOW", TEST("0", "EQ", "-0")) END, NULL, "args[0].value: must not be negative"},
    {DENY RULE_IF("read", "ALLOW", TEST("0", "EQ", "18446744073709551616")) END, NULL,
     "args[0].value: must be at most 18446744073709551615"},
    {DENY RULE_IF("read", "ALLOW", TEST("0", "EQ", "99999999999999999999999999999999")) END, NULL, "must be at most"},
    {DENY RULE_IF("read", "ALLOW", TEST("4294967296", "EQ", "1")) END, NULL, "args[0].index: must be at most 5"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'sycalls': []}", NULL, "sycalls: unknown key; nothing is ignored"},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'arg': []}" END, NULL, "syscalls[0].arg: unknown key"},
    {DENY RULE_IF("read", "ALLOW", "{'index': 0, 'value': 1, 'op': 'SCMP_CMP_EQ', 'value2': 0}") END, NULL,
     "syscalls[0].args[0].value2: unknown key"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'defaultAction': 'SCMP_ACT_ALLOW'}", NULL,
     "defaultAction: this name is given twice"},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'action': 'SCMP_ACT_ALLOW'}" END, NULL,
     "syscalls[0].action: this name is given twice"},
    {DENY RULE_IF("read", "ALLOW", "{'index': 0, 'value': 1, 'value': 2, 'op': 'SCMP_CMP_EQ'}") END, NULL,
     "syscalls[0].args[0].value: this name is given twice"},
    {"{'linux': {'seccomp': " DENY END "}, 'linux': {}}", NULL, "linux: this name is given twice"},

    // The engine's form.
    {DENY "{'name': 'read', 'action': 'SCMP_ACT_ALLOW'}" END, "read=allow", NULL},
    {DENY "{'name': 'read', 'names': ['write'], 'action': 'SCMP_ACT_ALLOW'}" END, NULL,
     "syscalls[0].name: \"names\" is given as well: use one of them"},
    {DENY "{'name': 'read', 'names': [], 'action': 'SCMP_ACT_ALLOW'}" END, "read=allow", NULL},
    {DENY "{'name': '', 'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'comment': 'why'}" END, "read=allow", NULL},
    {DENY "{'name': '', 'action': 'SCMP_ACT_ALLOW'}" END, NULL, "names no system call"},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 1, 'errno': 'ENOSYS'}" END, "read=errno ENOSYS",
     NULL},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errno': '13'}" END, "read=errno EACCES", NULL},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errno': ''}" END, "read=errno EPERM", NULL},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errno': 'ENOSUCH'}" END, NULL,
     "syscalls[0].errno: \"ENOSUCH\" is no errno"},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errno': '4095'}" END, NULL, "is no errno"},
    {ALLOW "{'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 4095, 'errno': 'EPERM'}" END, NULL,
     "at most 4094"},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'errno': 'EPERM'}" END, NULL, "errno: only SCMP_ACT_ERRNO"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO', 'defaultErrnoRet': 1, 'defaultErrno': 'ENOSYS'}", "read=errno ENOSYS", NULL},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'archMap': [{'architecture': 'SCMP_ARCH_AARCH64', 'subArchitectures': "
     "['SCMP_ARCH_X32']}, {'architecture': 'SCMP_ARCH_X86_64', 'subArchitectures': ['SCMP_ARCH_X86']}]}",
     "read=allow;x86/read=allow;x32/read=kill-thread", NULL},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'archMap': [{'architecture': 'SCMP_ARCH_AARCH64', 'subArchitectures': "
     "['SCMP_ARCH_ARM']}]}",
     "read=allow;x86/read=kill-thread", NULL},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'archMap': [{'architecture': 'SCMP_ARCH_X86_64', 'subArchitectures': null}]}",
     "read=allow;x86/read=kill-thread", NULL},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'archMap': [{'architecture': 'SCMP_ARCH_X86_64'}, {'architecture': "
     "'SCMP_ARCH_X86_64', 'subArchitectures': ['SCMP_ARCH_X86']}]}",
     NULL, "archMap[1].architecture: this architecture has an entry already"},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'archMap': [{'subArchitectures': []}]}", NULL, "\"architecture\" is missing"},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'archMap': [{'architecture': 'SCMP_ARCH_ARM', 'subArchitectures': ['ARM']}]}",
     NULL, "archMap[0].subArchitectures[0]: \"ARM\" is not an architecture"},
    {"{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_X86'], 'archMap': [{'architecture': "
     "'SCMP_ARCH_X86_64'}]}",
     NULL, "archMap: \"architectures\" is given as well"},
    {"{'linux': {'seccomp': " DENY "{'name': 'read', 'action': 'SCMP_ACT_ALLOW'}" END "}}", NULL,
     "linux.seccomp.syscalls[0].name: docker and podman know this key"},
    {"{'linux': {'seccomp': " DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {}}" END "}}", NULL,
     "linux.seccomp.syscalls[0].includes: docker and podman know this key"},
    {"{'linux': {'seccomp': {'defaultAction': 'SCMP_ACT_ALLOW', 'archMap': []}}}", NULL,
     "linux.seccomp.archMap: docker"},

    // Includes and excludes, without a capability and on Linux 6.1.
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {}, 'excludes': {}}" END, "read=allow", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'arches': ['arm', 'amd64']}}" END, "read=allow",
     NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'arches': ['arm64', 'x86', 'x32']}}" END,
     "read=errno EPERM", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'excludes': {'arches': ['arm', 'amd64']}}" END,
     "read=errno EPERM", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'excludes': {'arches': ['s390x']}}" END, "read=allow", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'arches': ['x86_64']}}" END, NULL,
     "includes.arches[0]: \"x86_64\" is not an architecture"},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'caps': ['CAP_SYS_ADMIN']}}" END,
     "read=errno EPERM", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'excludes': {'caps': ['CAP_SYS_ADMIN']}}" END, "read=allow",
     NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'caps': ['SYS_ADMIN']}}" END, NULL,
     "includes.caps[0]: \"SYS_ADMIN\" is not a capability"},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'excludes': {'caps': ['CAP_SYS_ADMN']}}" END, NULL,
     "excludes.caps[0]: \"CAP_SYS_ADMN\" is not a capability"},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'minKernel': '4.8'}}" END, "read=allow", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'minKernel': '6.1'}}" END, "read=allow", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'minKernel': '6.2'}}" END, "read=errno EPERM",
     NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'excludes': {'minKernel': '6.1'}}" END, "read=errno EPERM",
     NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'excludes': {'minKernel': '10.0'}}" END, "read=allow", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'minKernel': '4'}}" END, NULL, "is no kernel"},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'minKernel': '4.8.1'}}" END, NULL,
     "is no kernel"},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'kernel': '4.8'}}" END, NULL,
     "syscalls[0].includes.kernel: unknown key"},
    // What is not in force is read all the same, but for names and listeners.
    {ALLOW "{'names': ['raed'], 'action': 'SCMP_ACT_NOTIFY', 'includes': {'arches': ['arm']}}" END, "read=allow", NULL},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALOW', 'includes': {'arches': ['arm']}}" END, NULL,
     "is not an action"},

    // Text that is no JSON.
    {"", NULL, "there is nothing in this file"},
    {"\xef\xbb\xbf", NULL, "there is nothing in this file"},
    {" ", NULL, "the JSON is cut off here"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO'} x", NULL, "there is more behind the end of the JSON value"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO'}{}", NULL, "there is more behind"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO',}", NULL, "expected a name in quotes"},
    {"{'defaultAction': 'SCMP_ACT_ERRNO' 'flags': []}", NULL, "expected \",\" or \"}\""},
    {"{'defaultAction' 'SCMP_ACT_ERRNO'}", NULL, "expected \":\""},
    {"{'flags': [1,]}", NULL, "no JSON value begins like this"},
    {"{'flags': [1 2]}", NULL, "expected \",\" or \"]\""},
    {"{'flags': [1}", NULL, "expected \",\" or \"]\""},
    {"{'flags': 01}", NULL, "this is no JSON number"},
    {"{'flags': 1.}", NULL, "this is no JSON number"},
    {"{'flags': 1e}", NULL, "this is no JSON number"},
    {"{'flags': -}", NULL, "this is no JSON number"},
    {"{'flags': +1}", NULL, "no JSON value begins like this"},
    {"{'flags': NaN}", NULL, "no JSON value begins like this"},
    {"{'flags': Infinity}", NULL, "no JSON value begins like this"},
    {"{'flags': -Infinity}", NULL, "this is no JSON number"},
    {"{'flags': TRUE}", NULL, "no JSON value begins like this"},
    {"{'flags': nul}", NULL, "no JSON value begins like this"},
    {"// comment\n{}", NULL, "no JSON value begins like this"},
    {"{flags: 1}", NULL, "expected a name in quotes"},
    {"{'flags\n': 1}", NULL, "a control character in a string"},
    {"{'flags\\x': 1}", NULL, "unknown escape"},
    {"{'flags': '\\u12'}", NULL, "four hexadecimal digits"},
    {"{'flags': '\\ud800'}", NULL, "half of a surrogate pair"},
    {"{'flags': '\\udc00\\ud800'}", NULL, "half of a surrogate pair"},
    {"{'flags': '\\ud800\\u0041'}", NULL, "half of a surrogate pair"},
    {"{'flags': '\\u0000'}", NULL, "a NUL has no place in a string"},
    {"{'flags': '\xc0\x80'}", NULL, "this is not UTF-8"},
    {"{'flags': '\xed\xa0\x80'}", NULL, "this is not UTF-8"},
    {"{'flags': '\xf4\x90\x80\x80'}", NULL, "this is not UTF-8"},
    {"{'flags': '\xff'}", NULL, "this is not UTF-8"},
    {"{'flags': '\xe2\x82'}", NULL, "this is not UTF-8"},
    {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'comment': '\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 "
          "\\ud83d\\ude00 "
          "\\n\\/'}" END,
     "read=allow", NULL},
    {"\xef\xbb\xbf{'defaultAction': 'SCMP_ACT_ERRNO'}", "read=errno EPERM", NULL},
    {"{'defaultAction': 'SCMP_ACT_\\u0045RRNO'}\r\n", "read=errno EPERM", NULL},
    {"{'default\\u0041ction': 'SCMP_ACT_ERRNO'}", NULL, "unknown key"},
    {"{'flags': [], 'fl\\u0061gs': []}", NULL, "two names in here are the same, once written with an escape"},
};

static void
test_rows(void) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    check_row(&rows[i], &no_options);
}

static void
test_capabilities(void) {
  static const struct row held[] = {
      {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'caps': ['CAP_SYS_ADMIN']}}" END,
       "read=allow", NULL},
      {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'caps': ['CAP_SYS_ADMIN', 'CAP_CHOWN']}}" END,
       "read=errno EPERM", NULL},
      {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'excludes': {'caps': ['CAP_CHOWN', 'CAP_SYS_ADMIN']}}" END,
       "read=errno EPERM", NULL},
      {DENY "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'caps': ['CAP_CHECKPOINT_RESTORE']}}" END,
       "read=allow", NULL},
  };
  const struct oci_options options = {UINT64_C(1) << 21 | UINT64_C(1) << 40, KERNEL(6, 1)};
  for (size_t i = 0; i < sizeof held / sizeof held[0]; i++)
    check_row(&held[i], &options);
  CHECK_INT(capability_find("CAP_CHOWN", 9), 0);
  CHECK_INT(capability_find("sys_admin", 9), 21);
  CHECK_INT(capability_find("Cap_Sys_Admin", 13), 21);
  CHECK_INT(capability_find("cap_checkpoint_restore", 22), 40);
  CHECK_INT(capability_find("cap_", 4), -1);
  CHECK_INT(capability_find("", 0), -1);
  CHECK_INT(capability_find("chow", 4), -1);
  CHECK_INT(capability_find("chowns", 6), -1);
  CHECK_STR(capability_name(21), "CAP_SYS_ADMIN");
  CHECK_STR(capability_suggest("CAP_SYS_ADMN", 12), "CAP_SYS_ADMIN");
}

// What a policy holds beside rules.
static void
test_settings(void) {
  static const char json[] =
      "{'defaultAction': 'SCMP_ACT_ERRNO', 'flags': ['SECCOMP_FILTER_FLAG_LOG', "
      "'SECCOMP_FILTER_FLAG_SPEC_ALLOW'], 'listenerPath': '/run/a.sock', 'listenerMetadata': "
      "'me\\u0041', 'architectures': ['SCMP_ARCH_X32'], 'syscalls': [" RULE("read", "NOTIFY") "]}";
  char text[TEXT_BYTES];
  struct reading reading;
  reading_open(&reading, text, quoted(json, text), &no_options);
  CHECK(reading.policy != NULL);
  if (reading.policy != NULL) {
    const struct policy *policy = reading.policy;
    uint64_t arguments[6] = {0};
    CHECK_INT(policy->flags, POLICY_FLAG_LOG | POLICY_FLAG_SPEC_ALLOW);
    CHECK_STR(policy->listener_path, "/run/a.sock");
    CHECK_STR(policy->listener_metadata, "meA");
    CHECK(policy->no_new_privs);
    CHECK_INT(policy->isolate_peers, ISOLATE_PEERS_AUTO);
    CHECK_INT(policy->abis, ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_X32));
    CHECK_INT(policy->abis_at.offset, strstr(text, "architectures") - text);
    const struct rule *rule = policy_decide(policy, ABI_X86_64, 0, arguments).rule;
    CHECK(rule != NULL && rule->at.offset == (size_t)(strstr(text, "read\"") - text) && rule->at.length == 4);
    CHECK(memcmp(text + policy->layers[0].otherwise_at.offset, "SCMP_ACT_ERRNO", 14) == 0);
  }
  reading_close(&reading);
  reading_open(&reading, text, quoted("{'defaultAction': 'SCMP_ACT_ERRNO'}", text), &no_options);
  CHECK(reading.policy != NULL && reading.policy->flags == 0 && reading.policy->listener_path == NULL
        && reading.policy->listener_metadata == NULL);
  reading_close(&reading);
}

// Messages as they are printed.
static void
test_messages(void) {
  static const struct {
    const char *json, *want;
  } messages[] = {
      {"{'linux': {'seccomp': {\n 'defaultAction': 'SCMP_ACT_ERRNO',\n 'syscalls': [\n  {'names': ['read'], 'action': "
       "'SCMP_ACT_ALLOW',\n   'args': [{'index': 0, 'value': 1, 'op': 'SCMP_CMP_LIKE'}]}]}}}",
       "scrun: test.json:5:45: linux.seccomp.syscalls[0].args[0].op: \"SCMP_CMP_LIKE\" is not a comparison\n"
       "    5 |    'args': [{'index': 0, 'value': 1, 'op': 'SCMP_CMP_LIKE'}]}]}}}\n"
       "      |                                             ^~~~~~~~~~~~~\n"
       "scrun: test.json:5:45: linux.seccomp.syscalls[0].args[0].op: did you mean \"SCMP_CMP_LE\"?\n"},
      {"{'defaultAction': 'SCMP_ACT_ALLOW',\n 'syscals': []}",
       "scrun: test.json:2:3: syscals: unknown key; nothing is ignored\n"
       "    2 |  'syscals': []}\n"
       "      |   ^~~~~~~\n"
       "scrun: test.json:2:3: syscals: did you mean \"syscalls\"?\n"},
      {"{'flags': [],\n 'flags': []}", "scrun: test.json:2:3: flags: this name is given twice\n"
                                       "    2 |  'flags': []}\n"
                                       "      |   ^~~~~\n"
                                       "scrun: test.json:1:3: flags: the first time is here\n"},
      {"{'defaultAction': 'SCMP_ACT_ALLOW',\n", "scrun: test.json:2:1: the JSON is cut off here\n"},
  };
  for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
    char text[TEXT_BYTES], want[TEXT_BYTES], got[TEXT_BYTES];
    size_t length = 0;
    struct reading reading;
    reading_open(&reading, text, quoted(messages[i].json, text), &no_options);
    (void)quoted(messages[i].want, want);
    for (size_t k = 0; k < reading.diags.count && length + DIAG_BYTES < sizeof got; k++)
      length += diag_write(&reading.diags.items[k], "scrun", got + length, DIAG_BYTES);
    got[length] = '\0';
    CHECK_STR(got, want);
    reading_close(&reading);
  }
}

// The profile that podman starts from, as its package installs it.
static char *
read_profile(size_t *length) {
  FILE *file = fopen(DEFAULT_PROFILE, "r");
  char *text = malloc(TEXT_BYTES * 16);
  if (file == NULL || text == NULL)
    abort();
  *length = fread(text, 1, TEXT_BYTES * 16, file);
  fclose(file);
  return text;
}

static uint64_t
capabilities_of(const char *const *list) {
  uint64_t set = 0;
  for (; *list != NULL; list++)
    set |= UINT64_C(1) << capability_find(*list, strlen(*list));
  return set;
}

// A container's capabilities as podman 4.3.1 gives them.
static const char *const default_capabilities[] = {"chown",   "dac_override",     "fowner",     "fsetid",
                                                   "kill",    "net_bind_service", "setfcap",    "setgid",
                                                   "setpcap", "setuid",           "sys_chroot", NULL};

static void
test_default_profile(void) {
  static const char *const none[] = {NULL}, *const more[] = {"sys_admin", "audit_write", NULL};
  static const struct {
    const char *const *capabilities;
    const char *calls;
  } containers[] = {
      {default_capabilities,
       "read=allow;chroot=allow;bpf=errno EPERM;#1000=errno ENOSYS;"
       "personality(8)=allow;personality(9)=errno ENOSYS;socket(16,0,9)=errno EINVAL;socket(2)=allow;"
       "socket(16,0,8)=allow;x86/socketcall(1)=errno EINVAL;x86/socketcall(3)=allow;x32/read=allow;"
       "open_by_handle_at=errno EPERM;setns=allow"},
      {none, "read=allow;chroot=errno EPERM;socket(16,0,9)=errno EINVAL"},
      {more, "read=allow;bpf=allow;socket(16,0,9)=allow;x86/socketcall(1)=allow"},
  };
  size_t length;
  char *text = read_profile(&length);
  for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++) {
    const struct oci_options options = {capabilities_of(containers[i].capabilities), KERNEL(6, 1)};
    struct reading reading;
    reading_open(&reading, text, length, &options);
    CHECK(reading.policy != NULL);
    CHECK_INT(count_kind(&reading, DIAG_ERROR), 0);
    for (const char *call = reading.policy != NULL ? containers[i].calls : NULL; call != NULL;)
      call = check_call(reading.policy, call, "default profile");
    if (reading.policy != NULL)
      check_program(reading.policy, "default profile");
    reading_close(&reading);
  }
  free(text);
}

// Cut off anywhere it is an error.
static void
test_truncated(void) {
  size_t length, whole;
  char *text = read_profile(&length);
  for (whole = length; whole > 0 && text[whole - 1] != '}';)
    whole--;
  for (size_t i = 0; i < whole; i++) {
    struct reading reading;
    reading_open(&reading, text, i, &no_options);
    CHECK_INT(reading.diags.errors, 1);
    CHECK_INT(reading.diags.items[0].at.offset <= i, 1);
    reading_close(&reading);
  }
  free(text);
}

// A text of `count` times `part`, between `before` and `behind`.
static char *
repeat(const char *before, const char *part, size_t count, const char *behind, size_t *length) {
  size_t size = strlen(part);
  char *text = malloc(strlen(before) + count * size + strlen(behind) + 1);
  if (text == NULL)
    abort();
  char *at = text + quoted(before, text);
  for (size_t i = 0; i < count; i++)
    at += quoted(part, at);
  at += quoted(behind, at);
  *length = (size_t)(at - text);
  return text;
}

static void
test_bounds(void) {
  static const struct {
    const char *before, *part;
    size_t count;
    const char *behind, *message; // NULL: it is read
  } bounds[] = {
      {"", "[", 1000000, "", "brackets are nested too deep: at most 32 levels"},
      {"", "{'a':", 200000, "", "brackets are nested too deep"},
      {"{'a':", "[", 31, "1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", "unknown key"},
      {"{'a':", "[", 32, "1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", "nested too deep"},
      {"{'a':[0", ",0", 65533, "]}", "unknown key"},
      {"{'a':[0", ",0", 65534, "]}", "there are too many values: at most 65536"},
      {"{'a':'", "x", 1024 * 1024, "'}", "longer than 1048576 bytes"},
      {"{'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'action': 'SCMP_ACT_ALLOW', 'names': ['read'", ",'read'",
       60000, "]}]}", NULL},
      {DENY RULE_IF("read", "ALLOW", TEST("0", "EQ", "3")),
       ",{'names':['read'],'action':'SCMP_ACT_LOG','args':[{'index':1,'value':2,'op':'SCMP_CMP_EQ'}]}", 7000, END,
       NULL},
      {DENY "{'action':'SCMP_ACT_ALLOW','args':[{'index':1,'value':2,'op':'SCMP_CMP_EQ'}],'names': ['read'", ",'read'",
       8191, "]}]}", NULL},
      {DENY "{'action':'SCMP_ACT_ALLOW','args':[{'index':1,'value':2,'op':'SCMP_CMP_EQ'}],'names': ['read'", ",'read'",
       8192, "]}]}", "syscalls[0].names[8192]: there are too many rules"},
      {DENY "{'action':'SCMP_ACT_ALLOW','names': ['read'", ",7", 60000, "]}]}",
       "names[1]: must be a string, not a number"},
      {"{'a':0", ",'a':0", 60000, "}", "a: this name is given twice"},
  };
  for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
    size_t length;
    char *text = repeat(bounds[i].before, bounds[i].part, bounds[i].count, bounds[i].behind, &length);
    struct reading reading;
    reading_open(&reading, text, length, &no_options);
    CHECK_ROW((reading.policy != NULL) == (bounds[i].message == NULL), bounds[i].before);
    CHECK_ROW(bounds[i].message == NULL || find_message(&reading, DIAG_ERROR, bounds[i].message) != NULL,
              bounds[i].before);
    reading_close(&reading);
    free(text);
  }
}

// A NUL anywhere.
static void
test_nul(void) {
  static const char json[] = "{\"defaultAction\": \"SCMP_ACT_ERRNO\"}";
  for (size_t i = 0; i < sizeof json; i++) {
    char text[sizeof json];
    struct reading reading;
    memcpy(text, json, sizeof json);
    text[i] = '\0';
    reading_open(&reading, text, sizeof json, &no_options);
    CHECK(reading.policy == NULL && find_message(&reading, DIAG_ERROR, "NUL") != NULL);
    reading_close(&reading);
  }
}

int
main(void) {
  test_rows();
  test_capabilities();
  test_settings();
  test_messages();
  test_default_profile();
  test_truncated();
  test_bounds();
  test_nul();
  return check_done();
}
