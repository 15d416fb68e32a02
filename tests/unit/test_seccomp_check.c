// SPDX-License-Identifier: LGPL-2.1-or-later
// test_seccomp_check.c - the last look at a merged profile finds what a writer, a merger or a narrowing could do wrong:
// each of them is made to, and what a random call then shows the check has to say.
//     test_seccomp_check [PAIRS [SEED]]
#include "compat/merge.h"
#include "compat/oci_read.h"
#include "compat/oci_write.h"
#include "hook/seccomp_as_runtime.h"
#include "hook/seccomp_check.h"
#include "random_seccomp.h"
#include "tests/check.h"
#include <errno.h>
#include <stdlib.h>

#define PAIRS 400
#define POINTS 300
#define RULES_EACH 4
#define TESTS_MAX 8

// ---- Faults: copies of a policy with one thing wrong.

enum fault {
  FAULT_NONE,
  FAULT_DROP,      // a rule is forgotten
  FAULT_ORDER,     // two rules change places
  FAULT_ACTION,    // a rule allows
  FAULT_ERRNO,     // another errno, or what comes with a trace
  FAULT_CALL,      // the rule is about the next call
  FAULT_TEST,      // a test is forgotten
  FAULT_MASK,      // a bit of a mask is
  FAULT_VALUE,     // a bit of a constant is wrong
  FAULT_OP,        // another comparison
  FAULT_WIDTH,     // the upper half is not looked at
  FAULT_RULE_ABIS, // a rule forgets an ABI
  FAULT_DEFAULT,   // what no rule names is allowed
  FAULT_ABIS,      // an ABI more, or less
  FAULT_FOREIGN,   // ABIs that are not decided are allowed
  FAULTS
};

static const char *const fault_names[FAULTS] = {"none",  "drop",      "order",   "action", "errno",
                                                "call",  "test",      "mask",    "value",  "op",
                                                "width", "rule abis", "default", "abis",   "foreign"};

static enum test_op
other_op(enum test_op op) {
  static const enum test_op others[] = {[TEST_EQ] = TEST_NE, [TEST_NE] = TEST_EQ, [TEST_LT] = TEST_LE,
                                        [TEST_LE] = TEST_LT, [TEST_GT] = TEST_GE, [TEST_GE] = TEST_GT};
  return others[op];
}

static void
spoil_test(struct random *random, enum fault fault, struct test *test) {
  const uint64_t bit = (uint64_t)1 << random_below(random, test->width);
  if (fault == FAULT_MASK && test->op == TEST_EQ) {
    test->mask &= ~bit;
    test->value &= ~bit;
  } else if (fault == FAULT_VALUE)
    test->value ^= bit;
  else if (fault == FAULT_OP)
    test->op = other_op(test->op);
  else if (fault == FAULT_WIDTH)
    *test = (struct test){test->argument, 32, test->op, (uint32_t)test->mask, (uint32_t)test->value};
}

static void
spoil_rule(struct random *random, enum fault fault, struct rule *rule, struct test *tests) {
  if (fault == FAULT_ACTION)
    rule->action = (struct action){ACTION_ALLOW, 0};
  else if (fault == FAULT_ERRNO && (rule->action.kind == ACTION_ERRNO || rule->action.kind == ACTION_TRACE))
    rule->action.data ^= 1;
  else if (fault == FAULT_CALL && rule->call != CALL_NONE)
    rule->call = (call_t)((rule->call + 1u) % calls_count());
  else if (fault == FAULT_RULE_ABIS) {
    unsigned abis = rule->abis == 0 ? (unsigned)ABI_ALL : rule->abis;
    abis &= ~ABI_BIT(ABI_X86_64 + (int)random_below(random, 3));
    rule->abis = abis != 0 ? abis : rule->abis;
  } else if (rule->test_count > 0 && fault == FAULT_TEST)
    rule->test_count--;
  else if (rule->test_count > 0)
    spoil_test(random, fault, &tests[random_below(random, rule->test_count)]);
}

static void
spoil_frame(struct random *random, enum fault fault, struct policy *policy) {
  const struct action allow = {ACTION_ALLOW, 0};
  if (fault == FAULT_ABIS)
    policy->abis ^= ABI_BIT(ABI_X86_64 + 1 + (int)random_below(random, 2));
  if (fault == FAULT_FOREIGN)
    policy->foreign = allow;
  if (fault == FAULT_DEFAULT && policy->layer_count > 0)
    policy->layers[random_below(random, (uint32_t)policy->layer_count)].otherwise = allow;
}

static bool
add_rule(struct random *random, enum fault fault, struct policy *out, const struct policy *from, size_t index) {
  struct rule rule = from->rules[index];
  struct test tests[TESTS_MAX];
  struct error e;
  if (rule.test_count > TESTS_MAX)
    return false;
  for (size_t i = 0; i < rule.test_count; i++)
    tests[i] = from->tests[rule.first_test + i];
  spoil_rule(random, fault, &rule, tests);
  return policy_add_rule(out, &rule, tests, rule.test_count, &e) == 0;
}

// Which rule comes at this place, when `at` is spoiled by order.
static size_t
rule_index(const struct layer *layer, enum fault fault, size_t at, size_t index) {
  size_t end = layer->first_rule + layer->rule_count;
  if (fault != FAULT_ORDER || at + 1 >= end || at < layer->first_rule)
    return index;
  return index == at ? at + 1 : index == at + 1 ? at : index;
}

static bool
is_about_tests(enum fault fault) {
  return fault >= FAULT_TEST && fault <= FAULT_WIDTH;
}

// The rule that is spoiled; for faults of tests one that has some, if there are any.
static size_t
choose_rule(struct random *random, const struct policy *from, enum fault fault) {
  const uint32_t count = (uint32_t)from->rule_count;
  const uint32_t start = count > 0 ? random_below(random, count) : 0;
  for (uint32_t i = 0; i < count && is_about_tests(fault); i++)
    if (from->rules[(start + i) % count].test_count > 0)
      return (start + i) % count;
  return start;
}

// NULL: not to be had.
static struct policy *
spoiled(struct random *random, const struct policy *from, enum fault fault) {
  struct policy *out = policy_new();
  struct error e;
  const size_t at = choose_rule(random, from, fault);
  bool right = out != NULL;
  out->abis = from->abis;
  out->foreign = from->foreign;
  for (size_t i = 0; i < from->layer_count && right; i++) {
    const struct layer *layer = &from->layers[i];
    right = policy_add_layer(out, layer->otherwise, (struct source_pos){0}, &e) == 0;
    for (size_t j = layer->first_rule; j < layer->first_rule + layer->rule_count && right; j++)
      right = (j == at && fault == FAULT_DROP)
              || add_rule(random, j == at ? fault : FAULT_NONE, out, from, rule_index(layer, fault, at, j));
  }
  spoil_frame(random, fault, out);
  if (right && policy_seal(out, &e) == 0)
    return out;
  policy_free(out);
  return NULL;
}

// ---- What is checked.

struct pair {
  struct policy *policy, *engine, *in_force, *widened, *merged, *written;
};

static const char *const needed[] = {"execve", "write", NULL};

static struct json *
open_text(struct source *source, const struct buffer *text) {
  struct diags diags = {0};
  *source = (struct source){.name = "test.json", .text = text->text, .length = text->length};
  return json_read(source, &diags);
}

static struct policy *
read_as_runtime(const struct buffer *text, enum seccomp_author author) {
  struct source source;
  struct diags diags = {0};
  struct policy *out = NULL;
  struct json *json = open_text(&source, text);
  if (json == NULL || seccomp_as_runtime(json_root(json), author, &out, &diags) != 0)
    out = NULL;
  json_free(json);
  return out;
}

static struct policy *
read_strictly(const struct buffer *text) {
  struct source source;
  struct diags diags = {0};
  struct policy *out = NULL;
  struct json *json = open_text(&source, text);
  if (json == NULL || oci_read_value(json_root(json), &out, &diags) != 0)
    out = NULL;
  json_free(json);
  return out;
}

static struct policy *
write_and_read(struct policy *merged) {
  struct buffer text = {0};
  struct error e;
  merged->foreign = (struct action){ACTION_KILL_THREAD, 0};
  merged->flags = 0;
  struct policy *out = oci_write_for_runtimes(merged, &text, &e) == 0 ? read_as_runtime(&text, SECCOMP_OURS) : NULL;
  buffer_clear(&text);
  return out;
}

static bool
pair_make(struct random *random, struct pair *pair) {
  struct buffer text = {0};
  struct error e;
  *pair = (struct pair){.policy = random_sayable(random, RULES_EACH)};
  random_engine(random, needed, &text);
  pair->engine = read_strictly(&text);
  pair->in_force = read_as_runtime(&text, SECCOMP_ENGINES);
  buffer_clear(&text);
  if (pair->engine == NULL || policy_widen(pair->policy, needed, &pair->widened, &e) != 0
      || policy_merge(pair->widened, pair->engine, &pair->merged, &e) != 0)
    return false;
  pair->written = write_and_read(pair->merged);
  return pair->written != NULL;
}

static void
pair_free(struct pair *pair) {
  policy_free(pair->policy);
  policy_free(pair->engine);
  policy_free(pair->in_force);
  policy_free(pair->widened);
  policy_free(pair->merged);
  policy_free(pair->written);
}

// ---- What a random call shows.

struct call {
  enum abi abi;
  uint32_t number;
  uint64_t args[6];
};

static struct call
random_call(struct random *random, const struct policy *near) {
  struct call call = {.abi = (enum abi)(ABI_X86_64 + (int)random_below(random, 3))};
  call.number = random_number(random, near, call.abi);
  random_arguments(random, near, call.args);
  call.abi = abi_of(abi_arch_word(call.abi), call.number);
  return call;
}

static struct action
decide(const struct policy *policy, const struct call *call) {
  return policy_decide(policy, call->abi, call->number, call->args).action;
}

static bool
is_wrong(const struct seccomp_check *check, const struct call *call) {
  struct action written = decide(check->written, call);
  const struct policy *before = check->in_force != NULL ? check->in_force : check->engine;
  bool inside = call->abi == ABI_I386 && multiplexer_at(call->number) != NULL;
  if (written.kind < decide(before, call).kind)
    return true;
  if ((check->written->abis & ABI_BIT(call->abi)) != 0 && written.kind < decide(check->policy, call).kind)
    return true;
  return !inside && !action_equal(written, decide(check->merged, call));
}

static void
cut(struct call *call) {
  for (size_t i = 0; i < 6 && call->abi != ABI_NATIVE; i++)
    call->args[i] &= UINT32_MAX;
}

// Two answers: whether anything is wrong, and whether `compiled` is another than `written`.
static void
show(struct random *random, const struct seccomp_check *check, const struct policy *near, bool *wrong, bool *differs) {
  *wrong = *differs = false;
  for (size_t i = 0; i < POINTS && !(*wrong && *differs); i++) {
    struct call call = random_call(random, i % 2 == 0 ? near : check->merged);
    *differs = *differs || !action_equal(decide(check->written, &call), decide(check->compiled, &call));
    cut(&call);
    *wrong = *wrong || is_wrong(check, &call);
  }
}

// ---- Faults, and what the check says of them.

enum place { PLACE_WRITTEN, PLACE_MERGED, PLACE_COMPILED, PLACES };
static const char *const place_names[PLACES] = {"text", "merging", "program"};
static unsigned long made[PLACES][FAULTS], seen[PLACES][FAULTS], found[PLACES][FAULTS], pairs_made, many;

// How much the text asks about one call: where it is much, the check looks in another way.
static size_t
most_tests(const struct policy *policy) {
  size_t counts[CALLS_MAX] = {0}, most = 0;
  for (size_t i = 0; i < policy->rule_count; i++) {
    counts[policy->rules[i].call] += policy->rules[i].test_count;
    most = counts[policy->rules[i].call] > most ? counts[policy->rules[i].call] : most;
  }
  return most;
}

static void
check_fault(struct random *random, const struct pair *pair, enum place place, enum fault fault) {
  const struct policy *const from[] = {pair->written, pair->merged, pair->written};
  struct policy *bad = spoiled(random, from[place], fault);
  struct policy *text = place == PLACE_MERGED && bad != NULL ? write_and_read(bad) : NULL;
  struct seccomp_check check = {pair->written, pair->merged,   pair->widened,
                                pair->engine,  pair->in_force, pair->written};
  bool wrong, differs, same;
  struct error e;
  if (place == PLACE_MERGED) {
    check.merged = bad;
    check.written = check.compiled = text;
  } else if (place == PLACE_WRITTEN)
    check.written = check.compiled = bad;
  else
    check.compiled = bad;
  if (bad != NULL && check.written != NULL) {
    show(random, &check, bad, &wrong, &differs);
    bool refused = seccomp_check(&check, &same, &e) != 0;
    CHECK_ROW(!wrong || refused, place_names[place]);
    CHECK_ROW(!differs || !same, place_names[place]);
    made[place][fault]++;
    seen[place][fault] += place == PLACE_COMPILED ? differs : wrong;
    found[place][fault] += place == PLACE_COMPILED ? !same : refused;
  }
  policy_free(bad);
  policy_free(text);
}

// Some merged profiles cannot be said, and then the check says so of what is not spoiled.
static bool
is_right(const struct pair *pair) {
  const struct seccomp_check check = {pair->written, pair->merged,   pair->widened,
                                      pair->engine,  pair->in_force, pair->written};
  struct error e;
  bool same, right = seccomp_check(&check, &same, &e) == 0;
  CHECK(same == right);
  return right;
}

static void
check_pair(unsigned long long seed) {
  struct random random = random_from(seed);
  struct pair pair;
  const int failures = check_failures;
  if (pair_make(&random, &pair) && is_right(&pair)) {
    pairs_made++;
    many += most_tests(pair.written) > 64;
    for (size_t place = 0; place < PLACES; place++)
      for (size_t fault = FAULT_NONE + 1; fault < FAULTS && check_failures == failures; fault++) {
        check_fault(&random, &pair, (enum place)place, (enum fault)fault);
        if (check_failures != failures)
          fprintf(stderr, "%s, %s; again with: test_seccomp_check 1 %llu\n", place_names[place], fault_names[fault],
                  seed);
      }
  }
  pair_free(&pair);
}

// A text whose rules are disjoint says the same in any order, and the text has no words for some faults of a merger.
static bool
can_be_found(enum place place, enum fault fault) {
  if (fault == FAULT_ORDER)
    return false;
  return place != PLACE_MERGED || (fault != FAULT_ERRNO && fault != FAULT_RULE_ABIS && fault != FAULT_FOREIGN);
}

static void
report(unsigned long pairs) {
  printf("%lu pairs, %lu of them with many tests; faults made, shown by random calls, found by the check:\n",
         pairs_made, many);
  for (size_t place = 0; place < PLACES; place++)
    for (size_t fault = FAULT_NONE + 1; fault < FAULTS; fault++) {
      printf("  %-8s %-10s %5lu %5lu %5lu\n", place_names[place], fault_names[fault], made[place][fault],
             seen[place][fault], found[place][fault]);
      CHECK_ROW(pairs < 300 || !can_be_found((enum place)place, (enum fault)fault) || found[place][fault] > 0,
                fault_names[fault]);
    }
  CHECK(pairs_made >= pairs / 2 && (pairs < 300 || many > 0));
}

int
main(int count, char **words) {
  unsigned long pairs = count > 1 ? strtoul(words[1], NULL, 10) : PAIRS;
  unsigned long long seed = count > 2 ? strtoull(words[2], NULL, 10) : 1;
  for (unsigned long i = 0; i < pairs && check_failures < 10; i++)
    check_pair(seed + i);
  report(pairs);
  return check_done();
}
