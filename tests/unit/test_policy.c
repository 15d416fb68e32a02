// SPDX-License-Identifier: LGPL-2.1-or-later
// test_policy.c - policy_decide() against a second, linear reading of policy.h: every rule of every layer in order, and
// no index. Compiler and verifier read policies through the same index, so what was wrong in it would be wrong in all
// three.
//     test_policy [POLICIES [SEED]]
#include "random_policy.h"
#include "tests/check.h"
#include <stdlib.h>

#define POLICIES 20000
#define CALLS_EACH 100
#define RULES_EACH 6
#define CANDIDATES_MAX 256

static const uint64_t no_args[6];

// ---- The linear reading.

static bool
linear_test(const struct test *test, const uint64_t args[6]) {
  uint64_t word = test->width == 32 ? (uint32_t)args[test->argument] : args[test->argument];
  uint64_t masked = word & test->mask;
  bool less = masked < test->value, equal = masked == test->value;
  const bool answers[] = {[TEST_EQ] = equal, [TEST_NE] = !equal,        [TEST_LT] = less,
                          [TEST_GE] = !less, [TEST_LE] = less || equal, [TEST_GT] = !less && !equal};
  return answers[test->op];
}

static bool
linear_tests(const struct policy *policy, const struct rule *rule, const uint64_t args[6]) {
  bool all = true;
  for (uint32_t i = 0; i < rule->test_count; i++)
    all = all && linear_test(&policy->tests[rule->first_test + i], args);
  return all;
}

static bool
linear_is_on(const struct rule *rule, enum abi abi) {
  return rule->abis == 0 || (rule->abis >> abi & 1) == 1;
}

// The rule is about this very number.
static bool
linear_is_direct(const struct rule *rule, enum abi abi, uint32_t number) {
  if (!linear_is_on(rule, abi))
    return false;
  uint32_t own = rule->number | (abi == ABI_X32 ? X32_BIT : 0);
  return (rule->call == CALL_NONE || calls_number(rule->call, abi, &own)) && own == number;
}

// The rule is about the call that `choice`, the first argument, stands for inside a multiplexer of this number.
static bool
linear_is_inside(const struct rule *rule, enum abi abi, uint32_t number, uint32_t choice) {
  if (abi != ABI_I386 || !linear_is_on(rule, abi) || rule->call == CALL_NONE
      || (rule->test_count > 0 && !action_refuses(rule->action)))
    return false;
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    if (multiplexers[i].number == number && (choice & multiplexers[i].mask) < multiplexers[i].inner_count
        && multiplexers[i].inner[choice & multiplexers[i].mask] == rule->call)
      return true;
  return false;
}

// The ends of the tables are written out here: x86-64 and x86 end at 472, x32's own block lies at 512 to 547.
static struct action
linear_otherwise(const struct layer *layer, enum abi abi, uint32_t number) {
  uint32_t plain = abi == ABI_X32 ? number & ~X32_BIT : number;
  bool newer = plain > 472 && number != UINT32_MAX && !(abi == ABI_X32 && plain >= 512 && plain <= 547);
  return newer && layer->newer.kind != ACTION_NONE ? layer->newer : layer->otherwise;
}

static struct decision
linear_layer(const struct policy *policy, const struct layer *layer, enum abi abi, uint32_t number,
             const uint64_t args[6]) {
  for (uint32_t i = 0; i < layer->rule_count; i++) {
    const struct rule *rule = &policy->rules[layer->first_rule + i];
    if ((linear_is_direct(rule, abi, number) && linear_tests(policy, rule, args))
        || linear_is_inside(rule, abi, number, (uint32_t)args[0]))
      return (struct decision){rule->action, rule, layer};
  }
  return (struct decision){linear_otherwise(layer, abi, number), NULL, layer};
}

static struct decision
linear_decide(const struct policy *policy, enum abi abi, uint32_t number, const uint64_t args[6]) {
  struct decision strictest = {.action = policy->foreign};
  // x86 has registers of 32 bits, whatever a 64-bit program puts there.
  const uint64_t low[6] = {args[0] & 0xffffffff, args[1] & 0xffffffff, args[2] & 0xffffffff,
                           args[3] & 0xffffffff, args[4] & 0xffffffff, args[5] & 0xffffffff};
  if (abi == ABI_I386)
    args = low;
  bool foreign = abi == ABI_NONE || (policy->abis & ABI_BIT(abi)) == 0;
  for (size_t i = 0; i < policy->layer_count && !foreign; i++) {
    struct decision one = linear_layer(policy, &policy->layers[i], abi, number, args);
    if (i == 0 || one.action.kind > strictest.action.kind)
      strictest = one;
  }
  if (policy->permissive && action_refuses(strictest.action))
    strictest.action = (struct action){ACTION_LOG, 0};
  return strictest;
}

// ---- Random policies.

static const struct {
  enum abi abi;
  uint32_t number;
} edges[] = {
    {ABI_X86_64, 0},          {ABI_X86_64, X32_BIT - 1}, {ABI_X86_64, UINT32_MAX}, {ABI_X32, X32_BIT},
    {ABI_X32, X32_BIT | 512}, {ABI_X32, 0x80000000},     {ABI_X32, 0xfffffffe},    {ABI_I386, 102},
    {ABI_X86_64, 472},        {ABI_X86_64, 473},         {ABI_I386, 472},          {ABI_I386, 473},
    {ABI_X32, X32_BIT | 473}, {ABI_X32, X32_BIT | 511},  {ABI_X32, X32_BIT | 547}, {ABI_X32, X32_BIT | 548},
    {ABI_I386, 117},          {ABI_I386, X32_BIT | 102}, {ABI_I386, UINT32_MAX},   {ABI_NONE, 59},
};
#define EDGES (sizeof edges / sizeof edges[0])

static void
check_decision(const struct policy *policy, enum abi abi, uint32_t number, const uint64_t args[6]) {
  struct decision got = policy_decide(policy, abi, number, args);
  struct decision want = linear_decide(policy, abi, number, args);
  bool same = action_equal(got.action, want.action) && got.rule == want.rule && got.layer == want.layer;
  CHECK(same);
  if (!same)
    fprintf(stderr, "abi %d number 0x%x a0 0x%llx: kind %d, not %d\n", (int)abi, number, (unsigned long long)args[0],
            (int)got.action.kind, (int)want.action.kind);
}

static void
check_decisions(const struct policy *policy, struct random *random) {
  uint64_t args[6];
  for (unsigned i = 0; i < CALLS_EACH; i++) {
    enum abi near = (enum abi)(ABI_X86_64 + (int)random_below(random, 3));
    uint32_t number = random_number(random, policy, near);
    random_arguments(random, policy, args);
    check_decision(policy, abi_of(abi_arch_word(near), number), number, args);
  }
  for (size_t i = 0; i < EDGES; i++) {
    random_arguments(random, policy, args);
    args[0] = random_below(random, 30) | (uint64_t)random_below(random, 3) << 16;
    check_decision(policy, edges[i].abi, edges[i].number, args);
  }
}

struct listing {
  struct candidate items[CANDIDATES_MAX];
  size_t count, stop_after;
};

static bool
listing_add(void *context, const struct candidate *candidate) {
  struct listing *listing = context;
  if (listing->count < CANDIDATES_MAX)
    listing->items[listing->count++] = *candidate;
  return listing->count < listing->stop_after;
}

static bool
candidates_equal(const struct candidate *a, const struct candidate *b) {
  return a->rule == b->rule && a->chosen == b->chosen && a->choice_mask == b->choice_mask && a->choice == b->choice
         && a->tests_hidden == b->tests_hidden;
}

// Every rule in order, and every choice of the multiplexer if the number is one.
static size_t
linear_candidates(const struct policy *policy, const struct layer *layer, enum abi abi, uint32_t number,
                  struct candidate *out) {
  const struct multiplexer *through = NULL;
  size_t count = 0;
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    if (multiplexers[i].number == number)
      through = &multiplexers[i];
  for (uint32_t i = 0; i < layer->rule_count && count < CANDIDATES_MAX; i++) {
    const struct rule *rule = &policy->rules[layer->first_rule + i];
    if (linear_is_direct(rule, abi, number))
      out[count++] = (struct candidate){.rule = rule};
    for (uint32_t choice = 0; through != NULL && choice < through->inner_count && count < CANDIDATES_MAX; choice++)
      if (linear_is_inside(rule, abi, number, choice))
        out[count++] = (struct candidate){rule, true, through->mask, choice, true};
  }
  return count;
}

static void
check_candidates(const struct policy *policy, enum abi abi, uint32_t number) {
  static struct candidate want[CANDIDATES_MAX];
  static struct listing got;
  for (size_t i = 0; i < policy->layer_count; i++) {
    const struct layer *layer = &policy->layers[i];
    size_t count = linear_candidates(policy, layer, abi, number, want);
    got.count = 0;
    got.stop_after = CANDIDATES_MAX;
    policy_candidates(policy, layer, abi, number, listing_add, &got);
    bool same = got.count == count && count < CANDIDATES_MAX;
    for (size_t j = 0; j < count && same; j++)
      same = candidates_equal(&got.items[j], &want[j]);
    CHECK(same);
    got.count = 0;
    got.stop_after = 1;
    policy_candidates(policy, layer, abi, number, listing_add, &got);
    CHECK_INT(got.count, count > 0);
  }
}

static bool
is_listed(const uint32_t *numbers, size_t count, uint32_t number) {
  for (size_t i = 0; i < count; i++)
    if (numbers[i] == number)
      return true;
  return false;
}

static bool
is_named(const struct policy *policy, enum abi abi, uint32_t number) {
  static struct candidate any[CANDIDATES_MAX];
  for (size_t i = 0; i < policy->layer_count; i++)
    if (linear_candidates(policy, &policy->layers[i], abi, number, any) > 0)
      return true;
  return false;
}

// A rule with tests inside a multiplexer names its number, though it may not count there.
static bool
is_multiplexer(enum abi abi, uint32_t number) {
  return abi == ABI_I386 && (number == multiplexers[0].number || number == multiplexers[1].number);
}

// Rising, each once, none that no rule names, and complete: a number that is not listed gets what the layers say
// otherwise. Asked are all numbers that calls have, the rules' own and their neighbours.
static void
check_numbers(const struct policy *policy, enum abi abi) {
  size_t count = 0;
  const uint32_t bit = abi == ABI_X32 ? X32_BIT : 0, *numbers = policy_numbers(policy, abi, &count);
  bool good = true;
  for (size_t i = 0; i < count; i++)
    good = good && (i == 0 || numbers[i - 1] < numbers[i])
           && (is_named(policy, abi, numbers[i]) || is_multiplexer(abi, numbers[i]));
  CHECK(good);
  for (uint32_t number = 0; number < CALL_NUMBERS; number++)
    good = good && (is_listed(numbers, count, number | bit) || !is_named(policy, abi, number | bit));
  CHECK(good);
  for (size_t i = 0; i < policy->rule_count; i++) {
    uint32_t own = policy->rules[i].number;
    if (policy->rules[i].call != CALL_NONE && !calls_number(policy->rules[i].call, abi, &own))
      continue;
    for (uint32_t number = own - 1; number != own + 2; number++)
      good = good && (is_listed(numbers, count, number | bit) || !is_named(policy, abi, number | bit));
  }
  CHECK(good);
}

// What is said to be refused always is refused, whatever the arguments, in particular the choice of a multiplexer.
static long always_refused;

static void
check_always_refuses(const struct policy *policy, struct random *random, call_t call) {
  if (!policy_always_refuses(policy, call))
    return;
  always_refused++;
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    uint32_t number;
    if ((policy->abis & ABI_BIT(abi)) == 0 || !calls_number(call, abi, &number))
      continue;
    for (unsigned i = 0; i < 40; i++) {
      uint64_t args[6];
      random_arguments(random, policy, args);
      if (i < 20)
        args[0] = i;
      struct action action = linear_decide(policy, abi, number, args).action;
      bool refused = action_refuses(action) && action.kind != ACTION_TRACE;
      CHECK_ROW(refused, calls_name(call));
      if (!refused)
        return;
    }
  }
}

static void
check_policy(const struct policy *policy, struct random *random, unsigned long index) {
  check_decisions(policy, random);
  for (size_t i = 0; i < EDGES; i++)
    if (edges[i].abi != ABI_NONE)
      check_candidates(policy, edges[i].abi, edges[i].number);
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    uint32_t number = random_number(random, policy, abi);
    check_candidates(policy, abi_of(abi_arch_word(abi), number), number);
    if (index % 16 == 0)
      check_numbers(policy, abi);
  }
  for (size_t i = 0; i < policy->rule_count; i++)
    if (policy->rules[i].call != CALL_NONE)
      check_always_refuses(policy, random, policy->rules[i].call);
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    check_always_refuses(policy, random, multiplexers[i].call);
}

static void
test_random(unsigned long policies, uint64_t seed) {
  for (unsigned long i = 0; i < policies && check_failures < 10; i++) {
    struct random random = random_from(seed + i);
    struct policy *policy = random_policy(&random, RULES_EACH);
    CHECK(policy != NULL);
    int before = check_failures;
    if (policy != NULL)
      check_policy(policy, &random, i);
    if (check_failures > before)
      fprintf(stderr, "again with: test_policy 1 %llu\n", (unsigned long long)(seed + i));
    policy_free(policy);
  }
  CHECK(policies < 100 || always_refused > (long)policies / 10);
}

// ---- Rows: policies by hand. A rule is "NAME[?][:ACTION]": "?" has a test that argument 1 is 7.

static const struct action kill_process = {ACTION_KILL_PROCESS, 0};

static const struct {
  const char *word;
  struct action action;
} actions[] = {{"allow", {ACTION_ALLOW, 0}},      {"log", {ACTION_LOG, 0}},   {"errno", {ACTION_ERRNO, 1}},
               {"errno2", {ACTION_ERRNO, 2}},     {"trap", {ACTION_TRAP, 0}}, {"trace", {ACTION_TRACE, 0}},
               {"kill", {ACTION_KILL_PROCESS, 0}}};

static struct action
action_of(const char *word, size_t length) {
  for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
    if (strlen(actions[i].word) == length && memcmp(actions[i].word, word, length) == 0)
      return actions[i].action;
  CHECK_ROW(false, word);
  return kill_process;
}

static void
row_add_rule(struct policy *policy, const char *word, size_t length) {
  static const struct test second_is_7 = {1, 32, TEST_EQ, UINT32_MAX, 7};
  const char *colon = memchr(word, ':', length);
  size_t name = (size_t)(colon - word);
  bool tested = word[name - 1] == '?';
  struct error e;
  struct rule rule = {.action = action_of(colon + 1, length - name - 1)};
  name -= tested ? 1 : 0;
  rule.call = calls_find(word, name);
  if (rule.call == CALL_NONE)
    rule.number = (uint32_t)strtoul(word, NULL, 0);
  CHECK_ROW(policy_add_rule(policy, &rule, &second_is_7, tested ? 1 : 0, &e) == 0, word);
}

// "DEFAULT RULE RULE | DEFAULT RULE": layers.
static struct policy *
row_policy(const char *text) {
  struct policy *policy = policy_new();
  struct error e;
  bool first = true;
  while (*text != '\0') {
    size_t length = strcspn(text, " ");
    if (text[0] == '|')
      first = true;
    else if (first)
      CHECK_ROW(policy_add_layer(policy, action_of(text, length), (struct source_pos){0}, &e) == 0, text);
    else
      row_add_rule(policy, text, length);
    first = text[0] == '|';
    text += length + (text[length] == ' ' ? 1 : 0);
  }
  CHECK_ROW(policy_seal(policy, &e) == 0, text);
  return policy;
}

static void
test_always_refuses(void) {
  static const struct {
    const char *policy, *call;
    bool want;
  } rows[] = {
      {"allow execve:errno", "execve", true},
      {"allow execve:errno", "execveat", false},
      {"kill read:allow", "execve", true},
      {"kill execve:allow", "execve", false},
      {"kill execve?:allow", "execve", false},
      {"kill execve?:errno", "execve", true},
      {"allow execve?:errno", "execve", false},
      {"allow execve?:errno execve:trap", "execve", true},
      {"allow execve:errno execve:allow", "execve", true},
      {"allow execve:allow execve:errno", "execve", false},
      {"allow execve:log", "execve", false},
      {"log", "execve", false},
      {"trap", "execve", true},
      // A tracer of the program's own may let it through.
      {"trace", "execve", false},
      {"allow execve:trace", "execve", false},
      {"kill execve:trace execve:errno", "execve", false},
      {"trace execve:errno", "execve", true},
      // By number: 59 is execve on x86-64 only, 11 on i386, 520 on x32.
      {"allow 59:errno", "execve", false},
      {"allow 59:errno 11:errno 520:errno", "execve", true},
      {"kill 11:allow", "execve", false},
      {"allow execve:errno | allow", "execve", true},
      {"allow | log execve:errno", "execve", true},
      {"allow execve?:errno | allow execve?:errno2", "execve", false},
      {"allow spu_run:allow", "spu_run", true}, // no ABI has it
      {"allow waitpid:errno", "waitpid", true},
      // A multiplexer is refused only if all that it reaches is.
      {"allow socketcall:errno", "socketcall", true},
      {"allow socketcall:errno socket:allow", "socketcall", true},
      {"allow socket:allow socketcall:errno", "socketcall", false},
      {"kill socket:allow", "socketcall", false},
      {"allow socket:errno", "socketcall", false},
      {"allow semget:errno", "ipc", false},
      {"allow socket:errno socketcall:errno2", "socketcall", true},
      // Multiplexers are not looked into: this is about socket(2) itself.
      {"allow socket:errno", "socket", true},
      {"allow socketcall:errno", "socket", false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct policy *policy = row_policy(rows[i].policy);
    call_t call = calls_find(rows[i].call, strlen(rows[i].call));
    CHECK_ROW(call != CALL_NONE, rows[i].call);
    CHECK_ROW(policy_always_refuses(policy, call) == rows[i].want, rows[i].policy);
    policy->permissive = true;
    CHECK_ROW(!policy_always_refuses(policy, call), rows[i].policy);
    policy_free(policy);
  }
  struct policy *native = row_policy("allow 59:errno");
  native->abis = ABI_BIT(ABI_X86_64);
  CHECK(policy_always_refuses(native, calls_find("execve", 6)));
  policy_free(native);
}

static void
test_decisions(void) {
  static const struct {
    const char *policy;
    enum abi abi;
    uint32_t number;
    uint64_t args[2];
    const char *want;
  } rows[] = {
      {"allow read:errno", ABI_X86_64, 0, {0, 0}, "errno"},
      {"allow read:errno", ABI_X32, X32_BIT, {0, 0}, "errno"},
      {"allow read:errno", ABI_I386, 3, {0, 0}, "errno"},
      {"allow read:errno", ABI_I386, 0, {0, 0}, "allow"},
      {"allow read:errno", ABI_NONE, 0, {0, 0}, "kill"},
      {"allow read?:errno read:trap", ABI_X86_64, 0, {0, 7}, "errno"},
      {"allow read?:errno read:trap", ABI_X86_64, 0, {0, 8}, "trap"},
      {"allow read?:errno", ABI_X86_64, 0, {0, 0x100000007}, "errno"}, // an int
      // Several layers: the strictest, and of equals the first.
      {"log | allow read:errno | allow read:errno2", ABI_X86_64, 0, {0, 0}, "errno"},
      {"allow read:errno | allow read:trap", ABI_X86_64, 0, {0, 0}, "trap"},
      {"allow read:trap | allow read:errno", ABI_X86_64, 0, {0, 0}, "trap"},
      {"log | allow", ABI_X86_64, 0, {0, 0}, "log"},
      // Bare numbers: the same on every ABI, and in order with names.
      {"allow 3:errno", ABI_X86_64, 3, {0, 0}, "errno"},
      {"allow 3:errno", ABI_X32, X32_BIT | 3, {0, 0}, "errno"},
      {"allow 3:errno", ABI_I386, 3, {0, 0}, "errno"},
      {"allow 3:errno", ABI_X32, 0x80000003, {0, 0}, "allow"},
      {"allow 0:trap read:errno", ABI_X86_64, 0, {0, 0}, "trap"},
      {"allow read:errno 0:trap", ABI_X86_64, 0, {0, 0}, "errno"},
      {"allow 0x3fffffff:errno", ABI_X86_64, UINT32_MAX, {0, 0}, "allow"},
      {"allow 0x3fffffff:errno", ABI_X32, 0x7fffffff, {0, 0}, "errno"},
      // Multiplexers: socketcall is 102, socket 1 in it; ipc is 117, semget 2 and msgget 13 in it.
      {"allow socket:errno", ABI_I386, 102, {1, 0}, "errno"},
      {"allow socket:errno", ABI_I386, 102, {0x100000001, 0}, "errno"},
      {"allow socket:errno", ABI_I386, 102, {0x10001, 0}, "allow"},
      {"allow socket:errno", ABI_I386, 102, {2, 0}, "allow"},
      {"allow socket:errno", ABI_X86_64, 102, {1, 0}, "allow"},
      {"allow semget:errno", ABI_I386, 117, {0x30002, 0}, "errno"},
      {"allow socketcall:trap socket:errno", ABI_I386, 102, {1, 0}, "trap"},
      {"allow socket:errno socketcall:trap", ABI_I386, 102, {1, 0}, "errno"},
      {"allow socket:errno 102:trap", ABI_I386, 102, {2, 0}, "trap"},
      {"allow socket?:errno", ABI_I386, 102, {1, 0}, "errno"}, // refuses: its tests do not help
      {"kill socket?:allow", ABI_I386, 102, {1, 7}, "kill"},   // nor do they open
      {"kill socket?:log socket:allow", ABI_I386, 102, {1, 7}, "allow"},
      {"kill socket:allow", ABI_I386, 102, {1, 0}, "allow"},
      {"allow socketcall?:errno", ABI_I386, 102, {1, 7}, "errno"}, // its own arguments are in registers
      {"allow socketcall?:errno", ABI_I386, 102, {1, 0}, "allow"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const uint64_t args[6] = {rows[i].args[0], rows[i].args[1]};
    struct policy *policy = row_policy(rows[i].policy);
    struct action want = action_of(rows[i].want, strlen(rows[i].want));
    struct decision got = policy_decide(policy, rows[i].abi, rows[i].number, args);
    CHECK_ROW(action_equal(got.action, want), rows[i].policy);
    check_decision(policy, rows[i].abi, rows[i].number, args);
    policy->permissive = true;
    got = policy_decide(policy, rows[i].abi, rows[i].number, args);
    CHECK_ROW(action_equal(got.action, action_refuses(want) ? (struct action){ACTION_LOG, 0} : want), rows[i].policy);
    policy_free(policy);
  }
}

static void
test_new(void) {
  struct policy *policy = policy_new();
  struct error e;
  CHECK_INT(policy->layer_count, 0);
  CHECK_INT(policy->abis, ABI_ALL);
  CHECK(action_equal(policy->foreign, kill_process));
  CHECK(policy->no_new_privs && !policy->permissive);
  CHECK_INT(policy->isolate_peers, ISOLATE_PEERS_AUTO);
  // Without a layer nothing is refused, and nothing is said to be.
  CHECK_INT(policy_seal(policy, &e), 0);
  CHECK_INT(policy_decide(policy, ABI_X86_64, 0, no_args).action.kind, ACTION_ALLOW);
  CHECK(!policy_always_refuses(policy, calls_find("execve", 6)));
  policy_free(policy);
  policy_free(NULL);
}

// ---- What cannot be built. What was there before stays as it was.

static void
check_refused(struct policy *policy, const struct rule *rule, const struct test *tests, size_t count,
              const char *text) {
  struct error e = {0};
  size_t rules = policy->rule_count, all_tests = policy->test_count, layers = policy->layer_count;
  CHECK_ROW(policy_add_rule(policy, rule, tests, count, &e) == -1, text);
  CHECK_INT(e.kind, ERROR_POLICY);
  CHECK_ROW(strstr(e.text, text) != NULL, text);
  CHECK_ROW(e.at.offset == rule->at.offset && e.at.source == rule->at.source, text);
  CHECK(policy->rule_count == rules && policy->test_count == all_tests && policy->layer_count == layers);
  CHECK(layers == 0 || policy->layers[layers - 1].first_rule + policy->layers[layers - 1].rule_count == rules);
}

static void
test_bad_rules(void) {
  static const struct test bad[] = {
      {6, 32, TEST_EQ, 1, 1},          {UINT32_MAX, 64, TEST_EQ, 1, 1},
      {0, 32, TEST_NONE, 1, 1},        {0, 0, TEST_EQ, 1, 1},
      {0, 16, TEST_EQ, 1, 1},          {0, 33, TEST_EQ, 1, 1},
      {0, 32, TEST_EQ, 1ULL << 32, 1}, {0, 32, TEST_EQ, 1, 1ULL << 32},
      {0, 32, TEST_NE, UINT64_MAX, 0}, {0, 128, TEST_EQ, UINT64_MAX, 1},
  };
  static const struct test good[] = {{5, 32, TEST_GE, UINT32_MAX, UINT32_MAX},
                                     {0, 64, TEST_EQ, UINT64_MAX, UINT64_MAX}};
  static const uint32_t bad_numbers[] = {X32_BIT, X32_BIT + 1, 0x80000000, UINT32_MAX};
  struct source source = {"text", "read", 4, false};
  struct rule rule = {.call = CALL_NONE, .number = 1, .action = kill_process, .at = {&source, 2, 1}};
  struct policy *policy = policy_new();
  struct error e;
  check_refused(policy, &rule, NULL, 0, "too many rules"); // no layer to put it in
  CHECK_INT(policy_add_layer(policy, kill_process, (struct source_pos){0}, &e), 0);
  CHECK_INT(policy_add_rule(policy, &rule, good, 2, &e), 0);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct test tests[2] = {good[0], bad[i]};
    check_refused(policy, &rule, tests, 2, "an argument test is out of range");
    check_refused(policy, &rule, &bad[i], 1, "an argument test is out of range");
  }
  for (size_t i = 0; i < sizeof bad_numbers / sizeof bad_numbers[0]; i++) {
    rule.number = bad_numbers[i];
    check_refused(policy, &rule, NULL, 0, "is no system call number");
  }
  rule.number = X32_BIT - 1;
  CHECK_INT(policy_add_rule(policy, &rule, NULL, 0, &e), 0);
  // The number counts only where there is no name.
  rule = (struct rule){.call = calls_find("read", 4), .number = UINT32_MAX, .action = kill_process};
  CHECK_INT(policy_add_rule(policy, &rule, NULL, 0, &e), 0);
  CHECK_INT(policy->rule_count, 3);
  CHECK_INT(policy->test_count, 2);
  policy_free(policy);
}

// The last rule that fits is one that decides: the index holds all of them.
static void
test_rule_bound(void) {
  struct policy *policy = policy_new();
  struct error e;
  CHECK_INT(policy_add_layer(policy, (struct action){ACTION_ALLOW, 0}, (struct source_pos){0}, &e), 0);
  for (uint32_t i = 0; i < POLICY_RULES_MAX && check_failures < 10; i++) {
    struct rule rule = {.call = CALL_NONE, .number = 1000 + i, .action = {ACTION_ERRNO, (uint16_t)(i % 4096)}};
    CHECK_INT(policy_add_rule(policy, &rule, NULL, 0, &e), 0);
  }
  struct rule rule = {.call = CALL_NONE, .number = 1, .action = kill_process};
  check_refused(policy, &rule, NULL, 0, "too many rules: at most 8192, with 16384 tests");
  CHECK_INT(policy_seal(policy, &e), 0);
  for (uint32_t i = 0; i < POLICY_RULES_MAX && check_failures < 10; i += 63)
    CHECK_INT(policy_decide(policy, ABI_X86_64, 1000 + i, no_args).action.data, i % 4096);
  CHECK_INT(policy_decide(policy, ABI_I386, 1000 + POLICY_RULES_MAX - 1, no_args).action.data, 4095);
  CHECK_INT(policy_decide(policy, ABI_X86_64, 1, no_args).action.kind, ACTION_ALLOW);
  size_t count = 0;
  const uint32_t *numbers = policy_numbers(policy, ABI_X32, &count);
  CHECK_INT(count, POLICY_RULES_MAX);
  CHECK_INT(numbers[count - 1], (X32_BIT | 1000) + POLICY_RULES_MAX - 1);
  policy_free(policy);
}

static void
test_test_bound(void) {
  static struct test tests[POLICY_TESTS_MAX + 1];
  struct rule rule = {.call = CALL_NONE, .number = 1, .action = kill_process};
  struct policy *policy = policy_new();
  struct error e;
  for (size_t i = 0; i <= POLICY_TESTS_MAX; i++)
    tests[i] = (struct test){0, 64, TEST_NE, UINT64_MAX, i};
  CHECK_INT(policy_add_layer(policy, (struct action){ACTION_ALLOW, 0}, (struct source_pos){0}, &e), 0);
  check_refused(policy, &rule, tests, POLICY_TESTS_MAX + 1, "too many rules");
  CHECK_INT(policy_add_rule(policy, &rule, tests, POLICY_TESTS_MAX - 1, &e), 0);
  check_refused(policy, &rule, tests, 2, "too many rules");
  check_refused(policy, &rule, tests, SIZE_MAX, "too many rules");
  CHECK_INT(policy_add_rule(policy, &rule, tests, 1, &e), 0);
  check_refused(policy, &rule, tests, 1, "too many rules");
  CHECK_INT(policy_add_rule(policy, &rule, NULL, 0, &e), 0);
  CHECK_INT(policy->test_count, POLICY_TESTS_MAX);
  policy_free(policy);
}

static void
test_layer_bound(void) {
  struct source source = {"text", "SystemCallFilter=~read", 22, false};
  struct source_pos at = {&source, 3, 1};
  struct rule rule = {.call = CALL_NONE, .number = 1, .action = kill_process};
  struct policy *policy = policy_new();
  struct error e;
  for (uint32_t i = 0; i < POLICY_LAYERS_MAX; i++) {
    CHECK_INT(policy_add_layer(policy, (struct action){ACTION_ERRNO, (uint16_t)i}, at, &e), 0);
    rule.number = i;
    CHECK_INT(policy_add_rule(policy, &rule, NULL, 0, &e), 0);
  }
  CHECK_INT(policy_add_layer(policy, kill_process, at, &e), -1);
  CHECK_INT(e.kind, ERROR_POLICY);
  CHECK_STR(e.text, "a policy has at most 8 layers");
  CHECK(e.at.source == &source && e.at.offset == 3);
  CHECK_INT(policy->layer_count, POLICY_LAYERS_MAX);
  CHECK_INT(policy_seal(policy, &e), 0);
  struct decision last = policy_decide(policy, ABI_X86_64, POLICY_LAYERS_MAX - 1, no_args);
  CHECK(last.layer == &policy->layers[POLICY_LAYERS_MAX - 1] && last.rule == &policy->rules[POLICY_LAYERS_MAX - 1]);
  CHECK_INT(policy_decide(policy, ABI_X86_64, 100, no_args).action.data, 0);
  policy_free(policy);
}

int
main(int count, char **arguments) {
  test_new();
  test_decisions();
  test_always_refuses();
  test_bad_rules();
  test_rule_bound();
  test_test_bound();
  test_layer_bound();
  test_random(count > 1 ? strtoul(arguments[1], NULL, 10) : POLICIES, count > 2 ? strtoull(arguments[2], NULL, 10) : 1);
  return check_done();
}
