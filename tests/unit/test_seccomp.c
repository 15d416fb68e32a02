// SPDX-License-Identifier: LGPL-2.1-or-later
// test_seccomp.c - linux.seccomp merged with a policy: what both readers make of the result, against the engine's
// profile and the policy each by itself; what is refused; and what a ready program decides.
//     test_seccomp [PAIRS [SEED]]
#include "compat/oci_read.h"
#include "compat/systemd_read.h"
#include "hook/seccomp.h"
#include "hook/seccomp_as_runtime.h"
#include "random_seccomp.h"
#include "runner/simulate.h"
#include "tests/check.h"
#include <errno.h>
#include <stdlib.h>

#define PAIRS 3000
#define POINTS 40
#define RULES_EACH 4

// ---- Texts in, results out.

struct text {
  struct source source;
  struct json *json;
};

static struct json_value
text_open(struct text *text, const char *bytes) {
  struct diags diags = {0};
  text->source = (struct source){.name = "test.json", .text = bytes, .length = strlen(bytes), .has_lines = true};
  text->json = json_read(&text->source, &diags);
  CHECK_ROW(text->json != NULL, bytes);
  return json_root(text->json);
}

static struct policy *
read_policy(struct source *source, const char *text) {
  struct reader_options options = {0};
  struct reader *reader = reader_new(&options);
  struct policy *policy = NULL;
  struct diags diags = {0};
  *source = (struct source){.name = "test.conf", .text = text, .length = strlen(text), .has_lines = true};
  CHECK_ROW(reader_read_file(reader, source, &diags) == 0 && reader_finish(reader, &policy, &diags) == 0, text);
  reader_free(reader);
  return policy;
}

// What a test wants of a result.
struct made {
  struct seccomp_result result;
  struct diags diags;
  int status;
};

static void
make(struct made *made, const char *engine, const struct policy *policy, bool wrapper, bool accelerate) {
  struct text text = {.json = NULL};
  struct seccomp_plan plan = {.policy = policy, .wrapper = wrapper, .accelerate = accelerate};
  memset(made, 0, sizeof *made);
  if (engine != NULL)
    plan.engine = text_open(&text, engine);
  made->status = seccomp_make(&plan, &made->result, &made->diags);
  json_free(text.json);
}

static const char *
message_of(const struct made *made) {
  return made->diags.count > 0 ? made->diags.items[0].text : "";
}

// ---- Tables. One call of the result, as the runtimes decide it: x86-64 unless it is said.

static const uint64_t *
arguments(uint64_t a0) {
  static uint64_t args[6];
  args[0] = a0;
  return args;
}

static struct action
decide(const struct seccomp_result *result, enum abi abi, const char *name, uint64_t a0) {
  struct text text;
  struct diags diags = {0};
  struct policy *policy = NULL;
  uint32_t number = 0;
  struct action action = {ACTION_NONE, 0};
  CHECK_ROW(calls_number(calls_find(name, strlen(name)), abi, &number), name);
  struct json_value root = text_open(&text, result->json.text);
  CHECK_ROW(seccomp_as_runtime(root, SECCOMP_OURS, &policy, &diags) == 0, name);
  if (policy != NULL)
    action = policy_decide(policy, abi, number, arguments(a0)).action;
  policy_free(policy);
  json_free(text.json);
  return action;
}

#define HEAD(action, more) "{\"defaultAction\":\"SCMP_ACT_" action "\"," more "\"architectures\":[\"SCMP_ARCH_X86_64\"]"
#define ALL_HEAD(action, more)                                                                                         \
  "{\"defaultAction\":\"SCMP_ACT_" action "\"," more                                                                   \
  "\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]"
#define RULE(names, action) "{\"names\":[" names "],\"action\":\"SCMP_ACT_" action "\"}"
#define RULE_TESTS(names, action, args) "{\"names\":[" names "],\"action\":\"SCMP_ACT_" action "\",\"args\":[" args "]}"
#define TEST(index, op, value) "{\"index\":" #index ",\"op\":\"SCMP_CMP_" op "\",\"value\":" #value "}"
#define MASKED(index, mask, value)                                                                                     \
  "{\"index\":" #index ",\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":" #mask ",\"valueTwo\":" #value "}"
#define RULES(rules) ",\"syscalls\":[" rules "]}"

static const struct row {
  const char *name, *engine, *policy;
  enum abi abi;
  const char *call;
  uint64_t a0;
  enum action_kind kind;
  uint16_t data;
} rows[] = {
    {"the policy refuses what the engine allows", HEAD("ALLOW", "") RULES(""), "SystemCallFilter=~kexec_load:EACCES",
     ABI_X86_64, "kexec_load", 0, ACTION_ERRNO, EACCES},
    {"the engine refuses what the policy allows", HEAD("ALLOW", "") RULES(RULE("\"keyctl\"", "ERRNO")),
     "SystemCallFilter=~kexec_load", ABI_X86_64, "keyctl", 0, ACTION_ERRNO, EPERM},
    {"both refuse alike: the policy's errno", HEAD("ALLOW", "") RULES(RULE("\"keyctl\"", "ERRNO")),
     "SystemCallFilter=~keyctl:EACCES", ABI_X86_64, "keyctl", 0, ACTION_ERRNO, EACCES},
    {"the engine kills",
     HEAD("KILL_PROCESS", "") RULES(RULE("\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"", "ALLOW")),
     "SystemCallFilter=~keyctl:EACCES", ABI_X86_64, "keyctl", 0, ACTION_KILL_PROCESS, 0},
    {"the engine kills, and the needs do not open it",
     HEAD("KILL_PROCESS", "") RULES(RULE("\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"", "ALLOW")),
     "SystemCallFilter=@system-service", ABI_X86_64, "close", 0, ACTION_KILL_PROCESS, 0},
    {"execve is needed", HEAD("ALLOW", "") RULES(""), "SystemCallFilter=~execve keyctl:EPERM", ABI_X86_64, "execve", 0,
     ACTION_ALLOW, 0},
    {"log beats allow", HEAD("LOG", "") RULES(""), "SystemCallFilter=~keyctl:EPERM", ABI_X86_64, "read", 0, ACTION_LOG,
     0},
    {"trace beats log", HEAD("TRACE", "") RULES(RULE("\"uname\"", "LOG")), "SystemCallFilter=~uname:trace", ABI_X86_64,
     "uname", 0, ACTION_TRACE, 0},
    {"tests are folded: engine, refused",
     HEAD("ERRNO", "") RULES(RULE("\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"",
                                  "ALLOW") "," RULE_TESTS("\"clone\"", "ALLOW", MASKED(0, 131072, 0))),
     "SystemCallFilter=~clone(!(flags & 256))", ABI_X86_64, "clone", 0x20100, ACTION_ERRNO, EPERM},
    {"tests are folded: policy, refused",
     HEAD("ERRNO", "") RULES(RULE("\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"",
                                  "ALLOW") "," RULE_TESTS("\"clone\"", "ALLOW", MASKED(0, 131072, 0))),
     "SystemCallFilter=~clone(!(flags & 256)):EACCES", ABI_X86_64, "clone", 0, ACTION_ERRNO, EACCES},
    {"tests are folded: both allow",
     HEAD("ERRNO", "") RULES(RULE("\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"",
                                  "ALLOW") "," RULE_TESTS("\"clone\"", "ALLOW", MASKED(0, 131072, 0))),
     "SystemCallFilter=~clone(!(flags & 256))", ABI_X86_64, "clone", 0x100, ACTION_ALLOW, 0},
    {"a conditional refusal of an unconditional allow: refused",
     HEAD("ERRNO", "") RULES(RULE("\"keyctl\",\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"", "ALLOW")),
     "SystemCallFilter=~keyctl(a0 == 7):EACCES", ABI_X86_64, "keyctl", 7, ACTION_ERRNO, EACCES},
    {"a conditional refusal of an unconditional allow: allowed",
     HEAD("ERRNO", "") RULES(RULE("\"keyctl\",\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"", "ALLOW")),
     "SystemCallFilter=~keyctl(a0 == 7):EACCES", ABI_X86_64, "keyctl", 8, ACTION_ALLOW, 0},
    {"one index twice is either to the runtimes: the engine's own",
     HEAD("ERRNO", "") RULES(RULE("\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"", "ALLOW") "," RULE_TESTS(
         "\"keyctl\"", "ALLOW", TEST(0, "GE", 5) "," TEST(0, "EQ", 2))),
     "SystemCallFilter=~keyctl(a0 == 7)", ABI_X86_64, "keyctl", 2, ACTION_ALLOW, 0},
    {"only ABIs that both list", ALL_HEAD("ALLOW", "") RULES(""),
     "SystemCallFilter=~keyctl\nSystemCallArchitectures=native", ABI_I386, "read", 0, ACTION_KILL_THREAD, 0},
    {"and the engine's", HEAD("ALLOW", "") RULES(""), "SystemCallFilter=~keyctl", ABI_X32, "read", 0,
     ACTION_KILL_THREAD, 0},
    {"constants of 64 bits beside x86: below",
     ALL_HEAD("ERRNO", "\"defaultErrnoRet\":38,")
         RULES(RULE("\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"", "ALLOW") "," RULE_TESTS(
             "\"personality\"", "ALLOW", TEST(0, "EQ", 0)) "," RULE_TESTS("\"personality\"", "ALLOW",
                                                                          TEST(0, "EQ", 4294967295))),
     "SystemCallFilter=@system-service", ABI_X86_64, "personality", 0xffffffff, ACTION_ALLOW, 0},
    {"constants of 64 bits beside x86: above",
     ALL_HEAD("ERRNO", "\"defaultErrnoRet\":38,")
         RULES(RULE("\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"", "ALLOW") "," RULE_TESTS(
             "\"personality\"", "ALLOW", TEST(0, "EQ", 0)) "," RULE_TESTS("\"personality\"", "ALLOW",
                                                                          TEST(0, "EQ", 4294967295))),
     "SystemCallFilter=@system-service", ABI_X86_64, "personality", 0x1ffffffff, ACTION_ERRNO, 38},
    {"constants of 64 bits beside x86: there",
     ALL_HEAD("ERRNO", "\"defaultErrnoRet\":38,")
         RULES(RULE("\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"", "ALLOW") "," RULE_TESTS(
             "\"personality\"", "ALLOW", TEST(0, "EQ", 0)) "," RULE_TESTS("\"personality\"", "ALLOW",
                                                                          TEST(0, "EQ", 4294967295))),
     "SystemCallFilter=@system-service", ABI_I386, "personality", 0xffffffff, ACTION_ALLOW, 0},
    {"socketcall stays open where the engine leaves it open",
     ALL_HEAD("ERRNO", "") RULES(RULE("\"socketcall\",\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"",
                                      "ALLOW") "," RULE_TESTS("\"socket\"", "ALLOW", TEST(0, "NE", 16))),
     "SystemCallFilter=~keyctl", ABI_I386, "socketcall", 1, ACTION_ALLOW, 0},
    {"what is inside is refused there, too",
     ALL_HEAD("ERRNO", "")
         RULES(RULE("\"socketcall\",\"connect\",\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"", "ALLOW")),
     "SystemCallFilter=~connect:EACCES", ABI_I386, "socketcall", 3, ACTION_ERRNO, EACCES},
    {"and its neighbours are not",
     ALL_HEAD("ERRNO", "")
         RULES(RULE("\"socketcall\",\"connect\",\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"", "ALLOW")),
     "SystemCallFilter=~connect:EACCES", ABI_I386, "socketcall", 4, ACTION_ALLOW, 0},
    {"no profile at all", NULL, "SystemCallFilter=~keyctl:EACCES", ABI_X86_64, "keyctl", 0, ACTION_ERRNO, EACCES},
};

static void
check_rows(void) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct row *row = &rows[i];
    struct source source;
    struct made made;
    struct policy *policy = read_policy(&source, row->policy);
    make(&made, row->engine, policy, true, false);
    CHECK_ROW(made.status == 0 && made.result.changed, row->name);
    if (made.status != 0)
      fprintf(stderr, "  %s\n", message_of(&made));
    else {
      struct action action = decide(&made.result, row->abi, row->call, row->a0);
      CHECK_ROW(action.kind == row->kind && action.data == row->data, row->name);
      CHECK_ROW(made.diags.count == 0, row->name);
    }
    seccomp_result_clear(&made.result);
    policy_free(policy);
  }
}

// ---- Refusals: part of the message.

static const struct refusal {
  const char *engine, *policy, *part;
} refusals[] = {
    {HEAD("ALLOW", "") RULES(RULE("\"execve\"", "ERRNO")), "SystemCallFilter=~keyctl", "refuses \"execve\""},
    {HEAD("ERRNO", "") RULES(RULE("\"execve\",\"prctl\",\"capset\",\"write\"", "ALLOW")), "SystemCallFilter=~keyctl",
     "refuses \"getrandom\""},
    {HEAD("ALLOW", "") RULES(RULE_TESTS("\"prctl\"", "ERRNO", TEST(0, "EQ", 38))), "SystemCallFilter=~keyctl",
     "refuses \"prctl\""},
    {HEAD("ALLOW", "") RULES(RULE_TESTS("\"prctl\"", "ERRNO", TEST(0, "EQ", 22))), "SystemCallFilter=~keyctl",
     "refuses \"prctl\""},
    {HEAD("ALLOW", "\"opensesame\":1,") RULES(""), "SystemCallFilter=~keyctl", "unknown key"},
    {"{}", "SystemCallFilter=~keyctl", "empty"},
    {HEAD("ALLOW", "") RULES("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_FORBID\"}"), "SystemCallFilter=~keyctl",
     "is not an action"},
    // Of an architecture that is left out libseccomp kills the thread: that would be weaker.
    {ALL_HEAD("KILL_PROCESS", "") RULES(RULE("\"execve\",\"prctl\",\"getrandom\",\"capset\",\"write\"", "ALLOW")),
     "SystemCallFilter=~keyctl\nSystemCallArchitectures=native", "weaker than the engine's own"},
    {HEAD("ALLOW", "") RULES(""), "SystemCallFilter=~keyctl:4095", "4095"},
    {ALL_HEAD("ALLOW", "") RULES(""), "SystemCallFilter=~keyctl(a1 == 0x100000005)", "cut the constants"},
};

static void
check_refusals(void) {
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
    struct source source;
    struct made made;
    struct policy *policy = read_policy(&source, refusals[i].policy);
    make(&made, refusals[i].engine, policy, true, true);
    CHECK_ROW(made.status != 0 && made.diags.errors > 0, refusals[i].part);
    CHECK_ROW(strstr(message_of(&made), refusals[i].part) != NULL, refusals[i].part);
    if (strstr(message_of(&made), refusals[i].part) == NULL)
      fprintf(stderr, "  %s\n", message_of(&made));
    CHECK_ROW(!made.result.changed, refusals[i].part);
    seccomp_result_clear(&made.result);
    policy_free(policy);
  }
}

// A conditional rule is no refusal: the runtime may never make that call. Nor is one about a need of the other runtime.
static void
check_needs(void) {
  static const char engine[] = HEAD("ALLOW", "")
      RULES(RULE("\"epoll_ctl\",\"statx\"", "ERRNO") "," RULE_TESTS("\"prctl\"", "ERRNO", TEST(0, "EQ", 1)));
  struct source source;
  struct made made;
  struct policy *policy = read_policy(&source, "SystemCallFilter=~keyctl");
  make(&made, engine, policy, true, false);
  CHECK_INT(made.status, 0);
  seccomp_result_clear(&made.result);
  policy_free(policy);
  static const char wrapper_only[] = HEAD("ALLOW", "") RULES(RULE("\"getrandom\"", "ERRNO"));
  policy = read_policy(&source, "SystemCallFilter=~keyctl");
  make(&made, wrapper_only, policy, false, false);
  CHECK_INT(made.status, 0);
  seccomp_result_clear(&made.result);
  policy_free(policy);
  CHECK_INT(runtime_kind_of("/usr/bin/crun"), RUNTIME_CRUN);
  CHECK_INT(runtime_kind_of("runc"), RUNTIME_RUNC);
  CHECK_INT(runtime_kind_of("/opt/crun/kata"), RUNTIME_ANY);
}

static void
check_sorted(const char *const *names) {
  for (; *names != NULL; names++) {
    CHECK_ROW(names[1] == NULL || strcmp(names[0], names[1]) < 0, names[0]);
    CHECK_ROW(calls_find(names[0], strlen(names[0])) != CALL_NONE, names[0]);
  }
}

// ---- Flags and listeners.

static void
check_flags(void) {
  static const struct {
    const char *engine;
    unsigned policy;
    const char *want;
  } flags[] = {
      {HEAD("ALLOW", "") RULES(""), 0, "\"flags\": []"},
      {HEAD("ALLOW", "") RULES(""), POLICY_FLAG_LOG | POLICY_FLAG_SPEC_ALLOW, "\"flags\": []"},
      {HEAD("ALLOW", "\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],") RULES(""), 0,
       "\"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"]"},
      {HEAD("ALLOW", "\"flags\":[\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"],") RULES(""), 0, "\"flags\": []"},
      {HEAD("ALLOW", "\"flags\":[\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"],") RULES(""), POLICY_FLAG_SPEC_ALLOW,
       "\"flags\": [\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"]"},
      {NULL, POLICY_FLAG_LOG, "\"flags\": []"},
  };
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
    struct source source;
    struct made made;
    struct policy *policy = read_policy(&source, "SystemCallFilter=~keyctl\nIsolatePeers=no");
    policy->flags = flags[i].policy;
    make(&made, flags[i].engine, policy, true, false);
    CHECK_ROW(made.status == 0 && strstr(made.result.json.text, flags[i].want) != NULL, flags[i].want);
    seccomp_result_clear(&made.result);
    policy_free(policy);
  }
}

static void
check_listeners(void) {
  static const char engine[] = HEAD("ALLOW", "\"listenerPath\":\"/run/agent\",\"listenerMetadata\":\"who\",")
      RULES(RULE("\"mount\",\"keyctl\"", "NOTIFY"));
  struct source source;
  struct made made;
  struct policy *policy = read_policy(&source, "SystemCallFilter=~keyctl:EPERM");
  make(&made, engine, policy, true, true);
  CHECK(made.status == 0 && strstr(made.result.json.text, "\"/run/agent\"") != NULL && made.result.slow != NULL
        && made.result.program.length == 0);
  CHECK_INT(decide(&made.result, ABI_X86_64, "mount", 0).kind, ACTION_NOTIFY);
  CHECK_INT(decide(&made.result, ABI_X86_64, "keyctl", 0).kind, ACTION_ERRNO);
  seccomp_result_clear(&made.result);
  policy_free(policy);
  struct error e;
  policy = policy_new();
  const struct rule rule = {.call = calls_find("mount", 5), .action = {ACTION_NOTIFY, 0}};
  CHECK(policy_add_layer(policy, (struct action){ACTION_ALLOW, 0}, (struct source_pos){0}, &e) == 0
        && policy_add_rule(policy, &rule, NULL, 0, &e) == 0 && policy_seal(policy, &e) == 0);
  policy->listener_path = strdup("/run/mine");
  make(&made, engine, policy, true, false);
  CHECK(made.status != 0 && strstr(message_of(&made), "listener") != NULL);
  seccomp_result_clear(&made.result);
  policy_free(policy);
}

// ---- Ready programs: without a policy they decide as the runtimes make of the engine's profile.

static size_t
base64_decode(const struct buffer *text, unsigned char *out) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t bits = 0;
  size_t count = 0, length = 0;
  for (size_t i = 0; i < text->length && text->text[i] != '='; i++) {
    const char *digit = strchr(digits, text->text[i]);
    CHECK(digit != NULL);
    bits = bits << 6 | (uint32_t)(digit - digits);
    if (++count % 4 != 1)
      out[length++] = (unsigned char)(bits >> (count % 4 == 0 ? 0 : count % 4 == 3 ? 2 : 4));
  }
  return length;
}

static struct action
run_program(const struct buffer *text, enum abi abi, uint32_t number, const uint64_t args[6]) {
  static struct program program;
  struct seccomp_data data = {.nr = (int)number, .arch = abi_arch_word(abi)};
  struct action action = {ACTION_NONE, 0};
  uint32_t value = 0;
  program.length = base64_decode(text, (unsigned char *)program.code) / sizeof program.code[0];
  for (size_t i = 0; i < 6; i++)
    data.args[i] = args[i];
  CHECK(program_simulate(&program, &data, &value, NULL) == 0 && action_from_return(value, &action));
  return action;
}

static void
check_programs(void) {
  static const char engine[] = ALL_HEAD("ERRNO", "\"defaultErrnoRet\":38,")
      RULES(RULE("\"socketcall\",\"execve\",\"read\"", "ALLOW") "," RULE_TESTS(
          "\"socket\"", "ALLOW", TEST(0, "EQ", 1)) "," RULE("\"keyctl\"",
                                                            "ERRNO") "," RULE_TESTS("\"personality\"", "ALLOW",
                                                                                    TEST(0, "EQ", 4294967295)));
  static const char unclear[] = HEAD("ALLOW", "")
      RULES(RULE_TESTS("\"keyctl\"", "ERRNO", TEST(0, "EQ", 1)) "," RULE_TESTS("\"keyctl\"", "LOG", TEST(1, "EQ", 1)));
  struct made made;
  make(&made, engine, NULL, false, true);
  CHECK(made.status == 0 && !made.result.changed && made.result.slow == NULL && made.result.json.length == 0);
  const struct buffer *program = &made.result.program;
  CHECK_INT(run_program(program, ABI_X86_64, 41, arguments(1)).kind, ACTION_ALLOW);
  CHECK_INT(run_program(program, ABI_X86_64, 41, arguments(0x100000001)).data, ENOSYS);
  CHECK_INT(run_program(program, ABI_X32, 41 | X32_BIT, arguments(0x100000001)).kind, ACTION_ALLOW);
  CHECK_INT(run_program(program, ABI_I386, 102, arguments(1)).kind, ACTION_ALLOW);
  CHECK_INT(run_program(program, ABI_I386, 359, arguments(2)).data, ENOSYS);
  CHECK_INT(run_program(program, ABI_X86_64, 250, arguments(0)).data, EPERM);
  CHECK_INT(run_program(program, ABI_X86_64, 59, arguments(0)).kind, ACTION_ALLOW);
  CHECK_INT(run_program(program, ABI_X86_64, 2000, arguments(0)).data, ENOSYS);
  seccomp_result_clear(&made.result);
  make(&made, unclear, NULL, false, true);
  CHECK(made.status == 0 && made.result.slow != NULL && made.result.program.length == 0);
  seccomp_result_clear(&made.result);
  make(&made, NULL, NULL, false, true);
  CHECK(made.status == 0 && made.result.slow != NULL);
  seccomp_result_clear(&made.result);
}

// ---- The second reader: what it refuses of ours, and says of an engine's.

static const struct reading {
  const char *text;
  bool ours, engines; // whether it takes it
} readings[] = {
    {HEAD("ALLOW", "") RULES(RULE("\"read\"", "ERRNO")), true, true},
    {HEAD("ALLOW", "") RULES(RULE("\"read\"", "ALLOW")), false, true},
    {HEAD("ALLOW", "") RULES(RULE("\"read\"", "ERRNO") "," RULE("\"read\"", "TRAP")), false, true},
    {HEAD("ALLOW", "") RULES(RULE("\"read\"", "ERRNO") "," RULE_TESTS("\"read\"", "TRAP", TEST(0, "EQ", 1))), false,
     true},
    {HEAD("ALLOW", "") RULES(RULE_TESTS("\"read\"", "TRAP", TEST(0, "EQ", 1) "," TEST(0, "EQ", 2))), false, true},
    {HEAD("ALLOW", "")
         RULES(RULE_TESTS("\"read\"", "TRAP", TEST(0, "EQ", 1)) "," RULE_TESTS("\"read\"", "TRAP", TEST(1, "EQ", 2))),
     false, true},
    {HEAD("ALLOW", "")
         RULES(RULE_TESTS("\"read\"", "TRAP", TEST(0, "EQ", 1)) "," RULE_TESTS("\"read\"", "ERRNO", TEST(1, "EQ", 2))),
     false, false},
    {HEAD("ALLOW", "")
         RULES(RULE_TESTS("\"read\"", "TRAP", TEST(0, "EQ", 1)) "," RULE_TESTS("\"read\"", "ERRNO", TEST(0, "NE", 1))),
     true, true},
    {HEAD("ALLOW", "") RULES(RULE_TESTS("\"read\"", "TRAP", MASKED(0, 15, 16))), false, true},
    {HEAD("ALLOW", "")
         RULES(RULE_TESTS("\"read\"", "TRAP", MASKED(0, 15, 1)) "," RULE_TESTS("\"read\"", "ERRNO", MASKED(0, 3, 2))),
     true, true},
    // On x86 both are "lower half is 5".
    {ALL_HEAD("ALLOW", "") RULES(RULE_TESTS("\"read\"", "TRAP", TEST(0, "EQ", 5)) "," RULE_TESTS(
         "\"read\"", "ERRNO", TEST(0, "EQ", 4294967301))),
     false, false},
    {HEAD("ALLOW", "") RULES(RULE("\"opennat\"", "ERRNO")), false, false},
    {HEAD("ALLOW", "") RULES("{\"names\":[],\"action\":\"SCMP_ACT_ERRNO\"}"), false, false},
    {HEAD("ALLOW", "\"defaultErrnoRet\":1,") RULES(""), false, false},
    {HEAD("ERRNO", "\"defaultErrnoRet\":4095,") RULES(""), false, false},
    {HEAD("ALLOW", "\"sesame\":1,") RULES(""), false, false},
    {HEAD("ALLOW", "\"flags\":{},") RULES(""), false, false},
    {HEAD("ALLOW", "\"flags\":[\"SECCOMP_FILTER_FLAG_SESAME\"],") RULES(""), false, false},
    {"{\"architectures\":[]}", false, false},
    {HEAD("ALLOW", "")
         RULES(RULE_TESTS("\"read\"", "TRAP",
                          TEST(0, "EQ", 1) "," TEST(1, "EQ", 1) "," TEST(2, "EQ", 1) "," TEST(3, "EQ", 1) "," TEST(
                              4, "EQ", 1) "," TEST(5, "EQ", 1) "," TEST(5, "EQ", 2))),
     false, false},
    {HEAD("ALLOW", "") RULES(RULE_TESTS("\"read\"", "TRAP", TEST(6, "EQ", 1))), false, false},
    {HEAD("ALLOW", "") RULES(RULE_TESTS("\"read\"", "TRAP", TEST(0, "GE", 4294967334)) "," RULE_TESTS(
         "\"read\"", "TRAP", TEST(0, "LT", 40))),
     true, false},
    // libseccomp makes socketcall(1, ...) of both, and of the second looks at what x86 has elsewhere.
    {ALL_HEAD("ALLOW", "") RULES(
         RULE_TESTS("\"socket\"", "TRAP", TEST(0, "EQ", 1)) "," RULE_TESTS("\"socket\"", "ERRNO", TEST(0, "EQ", 2))),
     true, false},
    // On x86 semop is a call of ipc's only; libseccomp 2.5.4 puts it first, and then loads no number for the other.
    {ALL_HEAD("ALLOW", "") RULES(RULE("\"semop\"", "ERRNO") "," RULE_TESTS("\"read\"", "ERRNO", TEST(0, "EQ", 1))),
     false, false},
    {ALL_HEAD("ALLOW", "") RULES(RULE("\"semop\"", "ERRNO")), false, false},
    {ALL_HEAD("ALLOW", "") RULES(RULE("\"semop\"", "ERRNO") "," RULE("\"read\"", "ERRNO")), true, true},
    {HEAD("ALLOW", "") RULES(RULE("\"semop\"", "ERRNO")), true, true},
};

static bool
is_taken(const char *bytes, enum seccomp_author author) {
  struct text text;
  struct diags diags = {0};
  struct policy *policy = NULL;
  bool taken = seccomp_as_runtime(text_open(&text, bytes), author, &policy, &diags) == 0;
  CHECK_ROW(taken == (diags.errors == 0) && taken == (policy != NULL), bytes);
  policy_free(policy);
  json_free(text.json);
  return taken;
}

static void
check_readings(void) {
  for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
    const struct reading *reading = &readings[i];
    CHECK_ROW(is_taken(reading->text, SECCOMP_OURS) == reading->ours, reading->text);
    CHECK_ROW(is_taken(reading->text, SECCOMP_ENGINES) == reading->engines, reading->text);
    CHECK_ROW(is_taken(reading->text, SECCOMP_OURS_PLAIN) == (reading->ours && reading->engines), reading->text);
  }
}

// ---- Random pairs: nowhere wider than the engine's profile, whichever reader is asked.

static unsigned long pairs_made, pairs_refused, pairs_plain, pairs_fast;

// All that is asked at each point.
struct pair {
  const struct policy *policy;  // as it was given
  struct policy *engine;        // the engine's text, by oci_read.h
  struct policy *engine_plain;  // and as the runtimes read it, or NULL
  struct policy *result, *back; // the text made: as the runtimes read it, and by oci_read.h
  struct policy *fast;          // what the program decides, if there is one
  const struct buffer *program;
};

static bool
is_needed(enum abi abi, uint32_t number) {
  const char *const *names = needs_of(RUNTIME_ANY, true, false);
  call_t call = calls_at(abi, number);
  for (; *names != NULL; names++)
    if (call == calls_find(*names, strlen(*names)))
      return true;
  return false;
}

static bool
point_is_right(const struct pair *pair, enum abi abi, uint32_t number, const uint64_t args[6]) {
  struct action result = policy_decide(pair->result, abi, number, args).action;
  struct action back = policy_decide(pair->back, abi, number, args).action;
  struct action engine = policy_decide(pair->engine, abi, number, args).action;
  struct action policy = policy_decide(pair->policy, abi, number, args).action;
  bool whole = (pair->policy->abis & pair->engine->abis & ABI_BIT(abi)) != 0;
  bool inside = abi == ABI_I386 && multiplexer_at(number) != NULL;
  if (is_needed(abi, number) && whole)
    policy = (struct action){ACTION_ALLOW, 0};
  bool right = back.kind >= engine.kind && (!whole || result.kind >= policy.kind);
  if (pair->engine_plain != NULL)
    right = right && result.kind >= policy_decide(pair->engine_plain, abi, number, args).action.kind;
  else
    right = right && (inside || result.kind >= engine.kind);
  if (abi == ABI_NATIVE)
    right = right && action_equal(result, action_stricter(policy, engine)) && action_equal(result, back);
  if (pair->fast != NULL)
    right = right
            && action_equal(run_program(pair->program, abi, number, args),
                            policy_decide(pair->fast, abi, number, args).action);
  return right;
}

static void
check_point(struct random *random, const struct pair *pair) {
  const struct policy *const from[] = {pair->policy, pair->engine, pair->result};
  const struct policy *near = from[random_below(random, 3)];
  enum abi abi = (enum abi)(ABI_X86_64 + (int)random_below(random, 3));
  uint32_t number = random_number(random, near, abi);
  uint64_t args[6];
  random_arguments(random, near, args);
  abi = abi_of(abi_arch_word(abi), number);
  for (size_t i = 0; i < 6 && abi != ABI_NATIVE; i++)
    args[i] &= UINT32_MAX;
  bool right = point_is_right(pair, abi, number, args);
  CHECK(right);
  if (!right)
    fprintf(stderr, "%s %u(0x%llx 0x%llx 0x%llx): result %d, back %d, engine %d, policy %d\n", abi_name(abi), number,
            (unsigned long long)args[0], (unsigned long long)args[1], (unsigned long long)args[2],
            (int)policy_decide(pair->result, abi, number, args).action.kind,
            (int)policy_decide(pair->back, abi, number, args).action.kind,
            (int)policy_decide(pair->engine, abi, number, args).action.kind,
            (int)policy_decide(pair->policy, abi, number, args).action.kind);
}

static void
check_pair(struct random *random, const char *engine, const struct policy *policy, const struct made *made) {
  struct text before, after;
  struct diags diags = {0}, unsaid = {0};
  struct pair pair = {.policy = policy, .program = &made->result.program};
  struct json_value old = text_open(&before, engine), new = text_open(&after, made->result.json.text);
  CHECK(oci_read_value(old, &pair.engine, &diags) == 0 && oci_read_value(new, &pair.back, &diags) == 0
        && seccomp_as_runtime(new, SECCOMP_OURS, &pair.result, &diags) == 0);
  if (seccomp_as_runtime(old, SECCOMP_ENGINES, &pair.engine_plain, &unsaid) == 0)
    pairs_plain++;
  if (made->result.slow == NULL) {
    CHECK_INT(seccomp_as_runtime(new, SECCOMP_ENGINES, &pair.fast, &diags), 0);
    pairs_fast++;
  }
  for (size_t i = 0; i < POINTS; i++)
    check_point(random, &pair);
  policy_free(pair.engine);
  policy_free(pair.engine_plain);
  policy_free(pair.result);
  policy_free(pair.back);
  policy_free(pair.fast);
  json_free(before.json);
  json_free(after.json);
}

static void
check_random(unsigned long long seed) {
  static const char *const needed[] = {"execve", "prctl", "getrandom", "capset", "write", NULL};
  struct random random = random_from(seed);
  struct buffer engine = {0};
  struct made made;
  struct policy *policy = random_sayable(&random, RULES_EACH);
  int failures = check_failures;
  random_engine(&random, needed, &engine);
  make(&made, engine.text, policy, true, seed % 4 == 0);
  if (made.status == 0) {
    pairs_made++;
    made.result.slow = seed % 4 == 0 ? made.result.slow : "not asked for";
    check_pair(&random, engine.text, policy, &made);
  } else {
    pairs_refused++;
    CHECK(made.diags.errors > 0 && !made.result.changed);
    if (getenv("SHOW_REFUSED") != NULL)
      printf("%llu: %s\n", seed, message_of(&made));
  }
  if (check_failures != failures)
    fprintf(stderr, "again with: test_seccomp 1 %llu\n%s\n%s\n", seed, engine.text,
            made.result.json.text != NULL ? made.result.json.text : message_of(&made));
  seccomp_result_clear(&made.result);
  buffer_clear(&engine);
  policy_free(policy);
}

int
main(int count, char **words) {
  unsigned long pairs = count > 1 ? strtoul(words[1], NULL, 10) : PAIRS;
  unsigned long long seed = count > 2 ? strtoull(words[2], NULL, 10) : 1;
  check_rows();
  check_refusals();
  check_needs();
  check_sorted(needs_of(RUNTIME_ANY, true, true));
  check_sorted(needs_at_least(RUNTIME_RUNC, false, true, true));
  check_flags();
  check_listeners();
  check_programs();
  check_readings();
  for (unsigned long i = 0; i < pairs && check_failures < 10; i++)
    check_random(seed + i);
  printf("%lu pairs merged, %lu refused; %lu profiles simply said, %lu programs\n", pairs_made, pairs_refused,
         pairs_plain, pairs_fast);
  CHECK(pairs_made >= pairs / 2 && pairs_plain >= pairs / 4 && pairs_fast >= pairs / 6);
  return check_done();
}
