// SPDX-License-Identifier: LGPL-2.1-or-later
// test_oci_write.c - policies as OCI JSON: the text read back decides every call alike, libseccomp makes of it what the
// policy says, no two rules meet, and what JSON cannot say is refused by name.
//     test_oci_write [POLICIES [SEED]]
#include "compat/oci_read.h"
#include "compat/oci_rules.h"
#include "compat/oci_write.h"
#include "compat/systemd_read.h"
#include "random_policy.h"
#include "runner/compare.h"
#include "runner/simulate.h"
#include "compat/kernel.h"
#include "tests/check.h"
#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define POLICIES 3000
#define RULES_EACH 5
#define CALLS_EACH 40
#define DEFAULT_PROFILE "/usr/share/containers/seccomp.json"

static const struct action allow = {ACTION_ALLOW, 0}, eperm = {ACTION_ERRNO, EPERM}, kill = {ACTION_KILL_PROCESS, 0};

// ---- The shape of what is written.

// The values that a test lets through all lie in what the other one refuses.
static bool
tests_exclude(const struct test *a, const struct test *b) {
  uint64_t low = b->value, high = b->value | ~b->mask;
  if (a->op == TEST_EQ && b->op == TEST_EQ)
    return ((a->value ^ b->value) & a->mask & b->mask) != 0;
  switch (a->op) {
  case TEST_NE:
    return b->op == TEST_EQ && b->mask == UINT64_MAX && b->value == a->value;
  case TEST_LT:
    return (b->op == TEST_EQ && low >= a->value) || (b->op == TEST_GE && b->value >= a->value);
  case TEST_GE:
    return b->op == TEST_EQ && high < a->value;
  case TEST_EQ:
  case TEST_NONE:
  case TEST_LE:
  case TEST_GT:
    break;
  }
  return false;
}

static bool
rules_are_disjoint(const struct oci_rule *a, const struct oci_rule *b) {
  for (size_t i = 0; i < a->test_count; i++)
    for (size_t j = 0; j < b->test_count; j++)
      if (a->tests[i].argument == b->tests[j].argument
          && (tests_exclude(&a->tests[i], &b->tests[j]) || tests_exclude(&b->tests[j], &a->tests[i])))
        return true;
  return false;
}

static bool
rule_is_right(const struct oci_rules *rules, size_t index) {
  const struct oci_rule *rule = &rules->items[index];
  bool right = rule->test_count >= 1 && rule->test_count <= 6 && !action_equal(rule->action, rules->otherwise)
               && rules->whole[rule->call].kind == ACTION_NONE;
  for (size_t i = 0; i < rule->test_count; i++) {
    const struct test *test = &rule->tests[i];
    right = right && (i == 0 || rule->tests[i - 1].argument < test->argument) && test->width == 64
            && (test->value & ~test->mask) == 0 && (test->mask == UINT64_MAX || test->op == TEST_EQ)
            && (test->op == TEST_EQ || test->op == TEST_NE || test->value < (uint64_t)1 << 31);
  }
  size_t before = index, others = 0;
  while (before-- > 0 && rules->items[before].call == rule->call) {
    right = right && rules_are_disjoint(&rules->items[before], rule);
    others++;
  }
  return right && others < OCI_CUBES_MAX;
}

static bool
shape_is_right(const struct policy *policy) {
  struct oci_rules rules = {0};
  struct error e;
  bool right = oci_rules_make(policy, OCI_READER_SCRUN, &rules, &e) == 0;
  for (size_t i = 0; i < rules.count && right; i++)
    right = rule_is_right(&rules, i);
  for (size_t call = 0; call < calls_count() && right; call++)
    right = !action_equal(rules.whole[call], rules.otherwise);
  oci_rules_clear(&rules);
  return right;
}

// ---- Back again.

static struct policy *
read_json(const char *text, size_t length, uint64_t capabilities) {
  struct diags diags = {0};
  struct policy *policy = NULL;
  const struct oci_options options = {.capabilities = capabilities, .kernel = KERNEL(6, 18)};
  struct source *source = malloc(sizeof *source); // positions point at it, and nobody looks at them here
  *source = (struct source){.name = "test.json", .text = text, .length = length, .has_lines = true};
  if (oci_read(source, &options, &policy, &diags) != 0)
    fprintf(stderr, "%s\n%.*s\n", diags.items[0].text, (int)length, text);
  free(source);
  return policy;
}

struct search {
  unsigned abis; // of the policy
  bool narrow;   // calls of x86 have 32-bit arguments
  bool found;
  struct difference first;
};

static bool
is_beyond(const struct search *search, const struct difference *difference) {
  // With all ABIs listed no call is of another one.
  if (difference->abi == ABI_NONE)
    return search->abis == ABI_ALL;
  bool wide = false;
  for (unsigned i = 0; i < 6; i++)
    wide = wide || difference->args[i] > UINT32_MAX;
  return search->narrow && difference->abi == ABI_I386 && wide;
}

static bool
search_visit(void *context, const struct difference *difference) {
  struct search *search = context;
  if (is_beyond(search, difference))
    return true;
  search->found = true;
  search->first = *difference;
  return false;
}

static bool
same_at_random(struct random *random, const struct policy *a, const struct policy *b) {
  uint64_t args[6];
  for (unsigned i = 0; i < CALLS_EACH; i++) {
    enum abi near = (enum abi)(ABI_X86_64 + (int)random_below(random, 3));
    uint32_t number = random_number(random, a, near);
    random_arguments(random, a, args);
    for (unsigned j = 0; j < 6 && near == ABI_I386; j++)
      args[j] &= UINT32_MAX;
    enum abi abi = abi_of(abi_arch_word(near), number);
    if (!action_equal(policy_decide(a, abi, number, args).action, policy_decide(b, abi, number, args).action))
      return false;
  }
  return true;
}

static unsigned long beyond_compare;

static bool
is_same(struct random *random, const struct policy *a, const struct policy *b, bool narrow) {
  struct search search = {.abis = a->abis, .narrow = narrow};
  struct error e;
  beyond_compare += policy_compare(a, b, search_visit, &search, &e) != 0;
  if (search.found)
    fprintf(stderr, "%s %u(0x%llx 0x%llx 0x%llx 0x%llx): kind %d, not %d\n", abi_name(search.first.abi),
            search.first.number, (unsigned long long)search.first.args[0], (unsigned long long)search.first.args[1],
            (unsigned long long)search.first.args[2], (unsigned long long)search.first.args[3],
            (int)search.first.b.kind, (int)search.first.a.kind);
  return !search.found && same_at_random(random, a, b);
}

// ---- What libseccomp makes of the rules, as crun and runc give them to it.

static uint32_t
oracle_action(struct action action) {
  switch (action.kind) {
  case ACTION_ALLOW:
    return SCMP_ACT_ALLOW;
  case ACTION_LOG:
    return SCMP_ACT_LOG;
  case ACTION_ERRNO:
    return SCMP_ACT_ERRNO(action.data);
  case ACTION_TRACE:
    return SCMP_ACT_TRACE(action.data);
  case ACTION_TRAP:
    return SCMP_ACT_TRAP;
  case ACTION_NOTIFY:
    return SCMP_ACT_NOTIFY;
  case ACTION_KILL_THREAD:
    return SCMP_ACT_KILL_THREAD;
  case ACTION_NONE:
  case ACTION_KILL_PROCESS:
    break;
  }
  return SCMP_ACT_KILL_PROCESS;
}

static void
oracle_add(scmp_filter_ctx oracle, call_t call, struct action action, const struct test *tests, size_t count) {
  static const enum scmp_compare ops[] = {
      [TEST_EQ] = SCMP_CMP_EQ, [TEST_NE] = SCMP_CMP_NE, [TEST_LT] = SCMP_CMP_LT,
      [TEST_LE] = SCMP_CMP_LE, [TEST_GT] = SCMP_CMP_GT, [TEST_GE] = SCMP_CMP_GE,
  };
  struct scmp_arg_cmp compares[6];
  int number = seccomp_syscall_resolve_name(calls_name(call));
  for (size_t i = 0; i < count; i++) {
    bool masked = tests[i].mask != UINT64_MAX;
    compares[i] = (struct scmp_arg_cmp){tests[i].argument, masked ? SCMP_CMP_MASKED_EQ : ops[tests[i].op],
                                        masked ? tests[i].mask : tests[i].value, masked ? tests[i].value : 0};
  }
  CHECK_INT(seccomp_rule_add_array(oracle, oracle_action(action), number, (unsigned)count, compares), 0);
}

// With x32 listed, libseccomp 2.5.4 makes a wrong program of some rules on calls that not every ABI has: it compares
// the architecture with the number. And it does not know calls that are younger.
static bool
oracle_knows(const struct oci_rules *rules, call_t call) {
  static const uint32_t arches[] = {SCMP_ARCH_X86_64, SCMP_ARCH_X32, SCMP_ARCH_X86};
  bool named = rules->whole[call].kind != ACTION_NONE, known = true;
  for (size_t i = 0; i < rules->count && !named; i++)
    named = rules->items[i].call == call;
  for (size_t i = 0; i < sizeof arches / sizeof arches[0] && named; i++)
    known = known && seccomp_syscall_resolve_name_arch(arches[i], calls_name(call)) >= 0;
  return known;
}

// It takes seconds and more over a hundred masked tests on two arguments.
#define ORACLE_RULES_MAX 40

static bool
oracle_knows_all(const struct oci_rules *rules) {
  if (rules->count > ORACLE_RULES_MAX)
    return false;
  for (size_t call = 0; call < calls_count(); call++)
    if (!oracle_knows(rules, (call_t)call))
      return false;
  return true;
}

static bool
oracle_load(const struct oci_rules *rules, unsigned abis, struct program *out) {
  scmp_filter_ctx oracle = seccomp_init(oracle_action(rules->otherwise));
  int fd = memfd_create("oracle", MFD_CLOEXEC);
  if ((abis & ABI_BIT(ABI_I386)) != 0)
    CHECK_INT(seccomp_arch_add(oracle, SCMP_ARCH_X86), 0);
  if ((abis & ABI_BIT(ABI_X32)) != 0)
    CHECK_INT(seccomp_arch_add(oracle, SCMP_ARCH_X32), 0);
  for (size_t call = 0; call < calls_count(); call++)
    if (rules->whole[call].kind != ACTION_NONE)
      oracle_add(oracle, (call_t)call, rules->whole[call], NULL, 0);
  for (size_t i = 0; i < rules->count; i++)
    oracle_add(oracle, rules->items[i].call, rules->items[i].action, rules->items[i].tests, rules->items[i].test_count);
  CHECK_INT(seccomp_export_bpf(oracle, fd), 0);
  ssize_t length = pread(fd, out->code, sizeof out->code, 0);
  out->length = length > 0 ? (size_t)length / sizeof out->code[0] : 0;
  close(fd);
  seccomp_release(oracle);
  return out->length > 0 && out->length < PROGRAM_MAX;
}

static unsigned long asked_oracle;

// Its multiplexers are left out: it looks at no argument of a call inside, and obeys other rules where two meet. x32's
// arguments have 64 bits, of which it looks at 32.
static bool
oracle_agrees(struct random *random, const struct policy *policy) {
  static struct program program;
  struct oci_rules rules = {0};
  struct error e;
  bool agrees = oci_rules_make(policy, OCI_READER_SCRUN, &rules, &e) == 0, asked = agrees && oracle_knows_all(&rules);
  asked_oracle += asked;
  if (asked)
    agrees = oracle_load(&rules, policy->abis, &program);
  for (unsigned i = 0; i < CALLS_EACH && agrees && asked; i++) {
    enum abi abi = (enum abi)(ABI_X86_64 + (int)random_below(random, 3));
    struct seccomp_data data = {.arch = abi_arch_word(abi)};
    uint32_t number = random_number(random, policy, abi), value = 0;
    uint64_t args[6];
    call_t call = calls_at(abi, number);
    random_arguments(random, policy, args);
    for (unsigned j = 0; j < 6 && abi != ABI_X86_64; j++)
      args[j] &= UINT32_MAX;
    if ((policy->abis & ABI_BIT(abi)) == 0 || call == CALL_NONE || (abi == ABI_I386 && multiplexer_at(number) != NULL))
      continue;
    data.nr = (int)number;
    memcpy(data.args, args, sizeof data.args);
    uint32_t want = action_to_return(policy_decide(policy, abi, number, args).action);
    agrees = program_simulate(&program, &data, &value, NULL) == 0 && value == want;
    if (!agrees)
      fprintf(stderr, "libseccomp: %s %s(0x%llx 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx): %x, not %x\n", abi_name(abi),
              calls_name(call), (unsigned long long)args[0], (unsigned long long)args[1], (unsigned long long)args[2],
              (unsigned long long)args[3], (unsigned long long)args[4], (unsigned long long)args[5], value, want);
  }
  oci_rules_clear(&rules);
  return agrees;
}

// ---- Random policies.

static unsigned long written, refused, written_sayable, refused_sayable;

static struct policy *
copy_frame(const struct policy *policy) {
  struct policy *out = policy_new();
  out->abis = policy->abis;
  out->foreign = (struct action){ACTION_KILL_THREAD, 0};
  return out;
}

// What cannot be said however it is put is left out: bare numbers, rules of one ABI, errno 4095, listeners, tests that
// x86 would misread.
static bool
make_sayable(struct rule *rule, struct test *tests, size_t count) {
  if (rule->call == CALL_NONE || rule->action.kind == ACTION_NOTIFY)
    return false;
  rule->abis = 0;
  if (rule->action.kind == ACTION_ERRNO)
    rule->action.data %= ACTION_ERRNO_MAX;
  for (size_t i = 0; i < count; i++) {
    tests[i].width = 32;
    tests[i].mask &= UINT32_MAX;
    tests[i].value &= UINT32_MAX;
  }
  return true;
}

static struct policy *
vary(struct random *random, const struct policy *policy, bool sayable) {
  struct error e;
  struct policy *out = copy_frame(policy);
  for (size_t i = 0; i < policy->layer_count; i++) {
    struct action otherwise = policy->layers[i].otherwise;
    if (sayable && (otherwise.kind == ACTION_NOTIFY || otherwise.data == ACTION_ERRNO_MAX))
      otherwise = eperm;
    CHECK_INT(policy_add_layer(out, otherwise, (struct source_pos){0}, &e), 0);
    for (size_t j = 0; j < policy->layers[i].rule_count; j++) {
      struct rule rule = policy->rules[policy->layers[i].first_rule + j];
      struct test tests[4];
      for (uint32_t k = 0; k < rule.test_count; k++)
        tests[k] = policy->tests[rule.first_test + k];
      if (!sayable && random_below(random, 30) == 0)
        rule.abis = random_below(random, 8) << 1;
      if (!sayable || make_sayable(&rule, tests, rule.test_count))
        CHECK_INT(policy_add_rule(out, &rule, tests, rule.test_count, &e), 0);
    }
  }
  if (!sayable)
    out->listener_path = strdup("/run/listener");
  CHECK_INT(policy_seal(out, &e), 0);
  return out;
}

static bool
round_trips(struct random *random, const struct policy *policy, const struct buffer *text) {
  struct policy *back = read_json(text->text, text->length, 0);
  bool same = back != NULL && is_same(random, policy, back, true) && shape_is_right(policy);
  if (!same)
    fprintf(stderr, "%s", text->text);
  policy_free(back);
  return same && oracle_agrees(random, policy);
}

static void
check_random(unsigned long long seed, bool sayable) {
  struct random random = random_from(seed);
  struct buffer text = {0};
  struct error e = {0};
  struct policy *plain = random_policy(&random, RULES_EACH), *policy = vary(&random, plain, sayable);
  if (oci_write(policy, &text, &e) == 0) {
    bool right = round_trips(&random, policy, &text);
    CHECK(right);
    if (!right)
      fprintf(stderr, "again with: test_oci_write 1 %llu\n", seed);
    *(sayable ? &written_sayable : &written) += 1;
  } else {
    CHECK(e.kind == ERROR_POLICY && e.text[0] != '\0' && text.length == 0);
    if (getenv("SHOW_REFUSED") != NULL)
      printf("%llu %s: %s\n", seed, sayable ? "sayable" : "any", e.text);
    *(sayable ? &refused_sayable : &refused) += 1;
  }
  buffer_clear(&text);
  policy_free(plain);
  policy_free(policy);
}

// ---- Texts.

static struct policy *
read_policy(const char *text) {
  static struct source source; // positions point at it
  struct diags diags = {0};
  struct policy *policy = NULL;
  struct reader *reader = reader_new(&(struct reader_options){0});
  source = (struct source){.name = "test", .text = text, .length = strlen(text), .has_lines = true};
  if (reader_read_file(reader, &source, &diags) != 0 || reader_finish(reader, &policy, &diags) != 0)
    fprintf(stderr, "%s: %s\n", text, diags.items[0].text);
  reader_free(reader);
  return policy;
}

// A policy of one rule on `name`; the caller seals it.
static struct policy *
one_rule(struct action otherwise, const char *name, struct action action, const struct test *tests, size_t count) {
  struct error e;
  struct policy *policy = policy_new();
  struct rule rule = {.call = calls_find(name, strlen(name)), .action = action};
  CHECK_INT(policy_add_layer(policy, otherwise, (struct source_pos){0}, &e), 0);
  CHECK_INT(policy_add_rule(policy, &rule, tests, count, &e), 0);
  return policy;
}

// Seals, writes and frees. Returns the text, or the message, in static memory.
static const char *
write_policy(struct policy *policy) {
  static char result[65536];
  struct buffer text = {0};
  struct error e = {0};
  CHECK(policy != NULL);
  CHECK(policy->index != NULL || policy_seal(policy, &e) == 0);
  bool done = oci_write(policy, &text, &e) == 0;
  snprintf(result, sizeof result, "%s", done ? text.text : e.text);
  buffer_clear(&text);
  policy_free(policy);
  return result;
}

static void
check_texts(void) {
  const struct test domain = {0, 64, TEST_NE, UINT64_MAX, 16}, flag = {2, 32, TEST_EQ, 4, 0};
  const struct test tests[] = {domain, flag};
  CHECK_STR(write_policy(read_policy("SystemCallFilter=write read\nSystemCallArchitectures=native\n")),
            "{\n"
            "  \"defaultAction\": \"SCMP_ACT_KILL_PROCESS\",\n"
            "  \"architectures\": [\"SCMP_ARCH_X86_64\"],\n"
            "  \"flags\": [],\n"
            "  \"syscalls\": [\n"
            "    {\n"
            "      \"names\": [\"read\", \"write\"],\n"
            "      \"action\": \"SCMP_ACT_ALLOW\"\n"
            "    }\n"
            "  ]\n"
            "}\n");
  struct policy *policy = one_rule(allow, "mprotect", eperm, tests, 2);
  policy->flags = POLICY_FLAG_LOG | POLICY_FLAG_SPEC_ALLOW;
  policy->listener_path = strdup("/run/\"a\\b\n\xc3\xa9");
  CHECK_STR(write_policy(policy),
            "{\n"
            "  \"defaultAction\": \"SCMP_ACT_ALLOW\",\n"
            "  \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X32\", \"SCMP_ARCH_X86\"],\n"
            "  \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\", \"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"],\n"
            "  \"listenerPath\": \"/run/\\\"a\\\\b\\u000a\xc3\xa9\",\n"
            "  \"syscalls\": [\n"
            "    {\n"
            "      \"names\": [\"mprotect\"],\n"
            "      \"action\": \"SCMP_ACT_ERRNO\",\n"
            "      \"errnoRet\": 1,\n"
            "      \"args\": [\n"
            "        {\"index\": 0, \"value\": 16, \"op\": \"SCMP_CMP_NE\"},\n"
            "        {\"index\": 2, \"value\": 4, \"valueTwo\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\"}\n"
            "      ]\n"
            "    }\n"
            "  ]\n"
            "}\n");
  policy = policy_new();
  CHECK_STR(write_policy(policy), "{\n"
                                  "  \"defaultAction\": \"SCMP_ACT_ALLOW\",\n"
                                  "  \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X32\", \"SCMP_ARCH_X86\"],\n"
                                  "  \"flags\": [],\n"
                                  "  \"syscalls\": []\n"
                                  "}\n");
}

static size_t
count_of(const char *text, const char *part) {
  size_t count = 0;
  for (; (text = strstr(text, part)) != NULL; text += strlen(part))
    count++;
  return count;
}

// One test becomes this many of that comparison.
static void
check_comparisons(void) {
  static const struct {
    const char *name, *op;
    struct test test;
    size_t count;
  } rows[] = {
      {"equal", "SCMP_CMP_EQ", {0, 64, TEST_EQ, UINT64_MAX, 7}, 1},
      {"equal, 32 bits", "SCMP_CMP_MASKED_EQ", {0, 32, TEST_EQ, UINT32_MAX, 7}, 1},
      {"not equal", "SCMP_CMP_NE", {0, 64, TEST_NE, UINT64_MAX, 7}, 1},
      {"not equal, 32 bits", "SCMP_CMP_MASKED_EQ", {0, 32, TEST_NE, UINT32_MAX, 7}, 32},
      {"less", "SCMP_CMP_LT", {0, 64, TEST_LT, UINT64_MAX, 40}, 1},
      {"less or equal", "SCMP_CMP_LT", {0, 64, TEST_LE, UINT64_MAX, 40}, 1},
      {"greater", "SCMP_CMP_GE", {0, 64, TEST_GT, UINT64_MAX, 40}, 1},
      {"greater or equal", "SCMP_CMP_GE", {0, 64, TEST_GE, UINT64_MAX, 40}, 1},
      {"the least", "SCMP_CMP_NE", {0, 64, TEST_GE, UINT64_MAX, 1}, 1},
      {"less, 32 bits", "SCMP_CMP_MASKED_EQ", {0, 32, TEST_LT, UINT32_MAX, 40}, 2},
      {"less than what libseccomp reads right", "SCMP_CMP_MASKED_EQ", {0, 64, TEST_LT, UINT64_MAX, 0x80000002}, 2},
      {"a flag", "SCMP_CMP_MASKED_EQ", {0, 64, TEST_NE, 2, 0}, 1},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const char *text = write_policy(one_rule(eperm, "read", allow, &rows[i].test, 1));
    CHECK_ROW(count_of(text, "\"op\"") == rows[i].count && count_of(text, rows[i].op) == rows[i].count, rows[i].name);
  }
}

// ---- Refusals: part of the message.

static void
check_refusals(void) {
  const struct test wide = {1, 64, TEST_GE, UINT64_MAX, (uint64_t)1 << 32}, any = {1, 32, TEST_NE, UINT32_MAX, 1};
  struct policy *policy = read_policy("SystemCallFilter=462 read\n");
  CHECK(strstr(write_policy(policy), "\"mseal\"") != NULL); // the same call everywhere, so it has a name
  policy = one_rule(eperm, "read", allow, NULL, 0);
  policy->rules[0].call = CALL_NONE;
  CHECK(strstr(write_policy(policy), "read gets something else on x86 than on x86-64") != NULL);
  policy = read_policy("SystemCallFilter=599\n");
  CHECK(strstr(write_policy(policy), "599 has none on x86-64") != NULL);
  policy = read_policy("SystemCallFilter=read\nNoNewPrivileges=no\n");
  CHECK(strstr(write_policy(policy), "NoNewPrivileges=no") != NULL);
  policy = read_policy("SystemCallFilter=read\nIsolatePeers=no\n");
  CHECK(strstr(write_policy(policy), "IsolatePeers=no") != NULL);
  policy = read_policy("SystemCallFilter=read\n");
  policy->permissive = true;
  CHECK(strstr(write_policy(policy), "--log") != NULL);
  policy = read_policy("SystemCallFilter=read\n");
  policy->foreign = eperm;
  CHECK(strstr(write_policy(policy), "other architectures get errno EPERM") != NULL);
  policy = read_policy("SystemCallFilter=read\nSystemCallArchitectures=native\n");
  policy->foreign = kill;
  CHECK(strstr(write_policy(policy), "other architectures get kill") != NULL);
  policy = read_policy("SystemCallFilter=read\n");
  policy->abis = ABI_BIT(ABI_X32);
  CHECK(strstr(write_policy(policy), "native") != NULL);
  policy = read_policy("SystemCallFilter=read\n");
  policy->layers[0].newer = (struct action){ACTION_ERRNO, ENOSYS};
  CHECK(strstr(write_policy(policy), "SystemCallKnownUntil=") != NULL);
  CHECK(strstr(write_policy(one_rule(allow, "read", (struct action){ACTION_ERRNO, 4095}, NULL, 0)),
               "read gets errno 4095")
        != NULL);
  CHECK(strstr(write_policy(one_rule(allow, "read", (struct action){ACTION_NOTIFY, 0}, NULL, 0)), "listener") != NULL);
  CHECK(strstr(write_policy(one_rule(allow, "mmap2", eperm, &wide, 1)), "cut the constants that mmap2") != NULL);
  CHECK(strstr(write_policy(one_rule(allow, "mprotect", eperm, &wide, 1)), "cut the constants that mprotect") != NULL);
  policy = one_rule(allow, "mprotect", eperm, &wide, 1);
  policy->abis = ABI_BIT(ABI_X86_64);
  policy->foreign = (struct action){ACTION_KILL_THREAD, 0};
  CHECK(strstr(write_policy(policy), "SCMP_CMP_MASKED_EQ") != NULL);
  policy = one_rule(allow, "read", (struct action){ACTION_NOTIFY, 0}, NULL, 0);
  policy->listener_path = strdup("/run/\xff");
  CHECK(strstr(write_policy(policy), "listenerPath is no UTF-8") != NULL);
  const struct test many[] = {any, {2, 32, TEST_NE, UINT32_MAX, 1}};
  CHECK(strstr(write_policy(one_rule(eperm, "read", allow, many, 2)), "more than 256 rules") != NULL);
}

// A rule for one ABI, and multiplexers: what stands first is not always stricter.
static void
check_abis(void) {
  struct policy *policy = policy_new();
  struct error e;
  struct rule rule = {.call = calls_find("read", 4), .action = allow, .abis = ABI_BIT(ABI_X86_64)};
  CHECK_INT(policy_add_layer(policy, eperm, (struct source_pos){0}, &e), 0);
  CHECK_INT(policy_add_rule(policy, &rule, NULL, 0, &e), 0);
  CHECK(strstr(write_policy(policy), "read gets something else on x32 than on x86-64") != NULL);
  policy = one_rule(allow, "socketcall", allow, NULL, 0);
  rule = (struct rule){.call = calls_find("socket", 6), .action = eperm};
  CHECK_INT(policy_add_rule(policy, &rule, NULL, 0, &e), 0);
  CHECK(strstr(write_policy(policy), "socketcall") != NULL);
}

// ---- The profile that podman gives a container without being asked.

static void
check_default_profile(uint64_t capabilities) {
  static char text[256 * 1024];
  struct random random = random_from(1);
  struct buffer out = {0};
  struct error e = {0};
  FILE *file = fopen(DEFAULT_PROFILE, "re");
  CHECK(file != NULL);
  size_t length = file == NULL ? 0 : fread(text, 1, sizeof text, file);
  if (file != NULL)
    fclose(file);
  struct policy *policy = read_json(text, length, capabilities), *back = NULL;
  CHECK(policy != NULL && oci_write(policy, &out, &e) == 0);
  if (out.length > 0)
    back = read_json(out.text, out.length, 0);
  CHECK(back != NULL && is_same(&random, policy, back, false) && shape_is_right(policy));
  if (e.kind != ERROR_NONE)
    fprintf(stderr, "%s\n", e.text);
  if (getenv("SHOW_PROFILE") != NULL && out.text != NULL)
    puts(out.text);
  buffer_clear(&out);
  policy_free(policy);
  policy_free(back);
}

int
main(int count, char **arguments) {
  unsigned long policies = count > 1 ? strtoul(arguments[1], NULL, 10) : POLICIES;
  unsigned long long seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  check_texts();
  check_comparisons();
  check_refusals();
  check_abis();
  check_default_profile(0);
  check_default_profile(UINT64_MAX);
  check_default_profile(0xa80425fb); // those of a container
  for (unsigned long i = 0; i < policies && check_failures < 10; i++) {
    check_random(seed + i, true);
    check_random(seed + i, false);
  }
  printf("written and refused: %lu and %lu that can be said, %lu and %lu of any kind\n", written_sayable,
         refused_sayable, written, refused);
  printf("%lu of them put to libseccomp, %lu compared at random calls only\n", asked_oracle, beyond_compare);
  CHECK(asked_oracle >= written_sayable / 2 && beyond_compare <= 1 + policies / 50);
  CHECK(refused_sayable <= 1 + policies / 8);
  return check_done();
}
