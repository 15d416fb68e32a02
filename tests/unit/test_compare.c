// SPDX-License-Identifier: LGPL-2.1-or-later
// test_compare.c - differences between policies: against policy_decide() at the borders of random small policies, and
// some whose differences are known. Arguments: how many pairs of policies, and the first seed.
#include "runner/compare.h"
#include "random_policy.h"
#include "tests/check.h"
#include <stdlib.h>

#define FOUND_MAX 20000

static struct difference found[FOUND_MAX];
static size_t found_count;

static bool
keep(void *context, const struct difference *difference) {
  (void)context;
  if (found_count < FOUND_MAX)
    found[found_count++] = *difference;
  return true;
}

static void
compare(const struct policy *a, const struct policy *b) {
  struct error e;
  found_count = 0;
  CHECK_INT(policy_compare(a, b, keep, NULL, &e), 0);
  CHECK(found_count < FOUND_MAX);
}

static const struct difference *
find(enum abi abi, uint32_t number, struct action a, struct action b) {
  for (size_t i = 0; i < found_count; i++)
    if (found[i].abi == abi && found[i].number <= number && number <= found[i].last && action_equal(found[i].a, a)
        && action_equal(found[i].b, b))
      return &found[i];
  return NULL;
}

// Random policies.

static bool
is_near(uint32_t number, uint32_t first, uint32_t last) {
  return number >= first && number <= last;
}

// What is reported is so, at both ends of the stretch.
static void
check_reported(const struct policy *a, const struct policy *b, long seed) {
  char row[32];
  snprintf(row, sizeof row, "seed %ld", seed);
  for (size_t i = 0; i < found_count; i++) {
    const struct difference *d = &found[i];
    CHECK_ROW(d->number <= d->last && d->count > 0 && !action_equal(d->a, d->b), row);
    for (int end = 0; end < 2; end++) {
      uint32_t number = end == 0 ? d->number : d->last;
      CHECK_ROW(action_equal(policy_decide(a, d->abi, number, d->args).action, d->a), row);
      CHECK_ROW(action_equal(policy_decide(b, d->abi, number, d->args).action, d->b), row);
    }
    // In order, and each pair once.
    if (i > 0 && found[i - 1].abi == d->abi)
      CHECK_ROW(found[i - 1].number == d->number || found[i - 1].last < d->number, row);
    for (size_t j = i; j-- > 0 && found[j].number == d->number && found[j].abi == d->abi;)
      CHECK_ROW(!action_equal(found[j].a, d->a) || !action_equal(found[j].b, d->b), row);
  }
}

// Where the two decide differently, that was reported; and where a whole number is said to differ, it does here too.
static void
check_point(const struct policy *a, const struct policy *b, enum abi abi, uint32_t number, const uint64_t args[6],
            long seed) {
  char row[96];
  struct action want = policy_decide(a, abi, number, args).action, got = policy_decide(b, abi, number, args).action;
  snprintf(row, sizeof row, "seed %ld: %s %u(0x%llx, 0x%llx...)", seed, abi_name(abi), number,
           (unsigned long long)args[0], (unsigned long long)args[1]);
  if (!action_equal(want, got))
    CHECK_ROW(find(abi, number, want, got) != NULL, row);
  for (size_t i = 0; i < found_count; i++)
    if (found[i].whole && found[i].abi == abi && is_near(number, found[i].number, found[i].last))
      CHECK_ROW(action_equal(found[i].a, want) && action_equal(found[i].b, got), row);
}

static void
check_everywhere(struct random *random, const struct policy *a, const struct policy *b, long seed) {
  for (int i = 0; i < 400; i++) {
    const struct policy *leading = random_below(random, 2) ? a : b;
    enum abi abi = (enum abi)random_below(random, ABI_COUNT);
    uint32_t number = random_number(random, leading, abi == ABI_NONE ? ABI_NATIVE : abi);
    uint64_t args[6];
    // Numbers belong to ABIs: the rest of the world cannot ask about the others.
    if (abi != ABI_NONE && abi_of(abi_arch_word(abi), number) != abi)
      continue;
    for (int j = 0; j < 12; j++) {
      random_arguments(random, leading, args);
      check_point(a, b, abi, number, args, seed);
    }
  }
}

// A copy of `from` with one thing changed, if there is such a thing in it.
struct change {
  uint32_t kind, at;
  struct random *random;
};

enum { CHANGE_NOTHING, CHANGE_ACTION, CHANGE_VALUE, CHANGE_MASK, CHANGE_DROP, CHANGE_OTHERWISE, CHANGE_NEWER, CHANGES };

static int
copy_rule(struct policy *to, const struct policy *from, size_t index, const struct change *change, struct error *e) {
  struct rule rule = from->rules[index];
  struct test tests[8];
  bool here = change->at == index;
  if (here && change->kind == CHANGE_DROP)
    return 0;
  if (here && change->kind == CHANGE_ACTION)
    rule.action = (struct action){ACTION_ERRNO, 77};
  for (uint32_t i = 0; i < rule.test_count; i++)
    tests[i] = from->tests[rule.first_test + i];
  if (here && rule.test_count > 0 && change->kind == CHANGE_VALUE)
    tests[0].value ^=
        tests[0].width == 32 ? 1u << random_below(change->random, 32) : (uint64_t)1 << random_below(change->random, 64);
  if (here && rule.test_count > 0 && change->kind == CHANGE_MASK)
    tests[0].mask ^= (uint64_t)1 << random_below(change->random, tests[0].width);
  return policy_add_rule(to, &rule, tests, rule.test_count, e);
}

static struct policy *
changed_copy(const struct policy *from, const struct change *change) {
  struct error e;
  struct policy *to = policy_new();
  int failed = to == NULL;
  if (failed)
    return NULL;
  to->abis = from->abis;
  to->foreign = from->foreign;
  to->permissive = from->permissive;
  for (size_t i = 0; i < from->layer_count && failed == 0; i++) {
    const struct layer *layer = &from->layers[i];
    failed =
        policy_add_layer(to, change->kind == CHANGE_OTHERWISE ? (struct action){ACTION_ERRNO, 78} : layer->otherwise,
                         (struct source_pos){0}, &e);
    to->layers[i].newer = change->kind == CHANGE_NEWER ? (struct action){ACTION_ERRNO, 38} : layer->newer;
    for (size_t j = layer->first_rule; j < layer->first_rule + layer->rule_count && failed == 0; j++)
      failed = copy_rule(to, from, j, change, &e);
  }
  if (failed == 0 && policy_seal(to, &e) == 0)
    return to;
  policy_free(to);
  return NULL;
}

static void
check_pair(const struct policy *a, const struct policy *b, struct random *random, long seed) {
  compare(a, b);
  check_reported(a, b, seed);
  check_everywhere(random, a, b, seed);
}

static void
check_seed(long seed, size_t *different) {
  struct random random = random_from((uint64_t)seed);
  struct policy *a = random_policy(&random, 6), *b = random_policy(&random, 6);
  struct change change = {.kind = random_below(&random, CHANGES), .random = &random};
  CHECK(a != NULL && b != NULL);
  if (a == NULL || b == NULL)
    exit(check_done());
  if (a->rule_count > 0)
    change.at = random_below(&random, (uint32_t)a->rule_count);
  compare(a, a);
  CHECK_INT(found_count, 0);
  check_pair(a, b, &random, seed);
  struct policy *changed = changed_copy(a, &change);
  CHECK(changed != NULL);
  if (changed != NULL) {
    check_pair(a, changed, &random, seed);
    *different += found_count > 0;
    CHECK(change.kind != CHANGE_NOTHING || found_count == 0);
  }
  policy_free(changed);
  policy_free(a);
  policy_free(b);
}

// Policies written by hand.

static const struct action allow = {ACTION_ALLOW, 0}, eperm = {ACTION_ERRNO, 1}, enosys = {ACTION_ERRNO, 38},
                           dead = {ACTION_KILL_PROCESS, 0}, logged = {ACTION_LOG, 0};

static call_t
call(const char *name) {
  return calls_find(name, strlen(name));
}

static struct policy *
policy_start(struct action otherwise) {
  struct error e;
  struct policy *policy = policy_new();
  if (policy == NULL || policy_add_layer(policy, otherwise, (struct source_pos){0}, &e) != 0)
    exit(1);
  return policy;
}

static void
add(struct policy *policy, struct rule rule, const struct test *tests, size_t count) {
  struct error e;
  if (policy_add_rule(policy, &rule, tests, count, &e) != 0)
    exit(1);
}

static struct policy *
sealed(struct policy *policy) {
  struct error e;
  if (policy_seal(policy, &e) != 0)
    exit(1);
  return policy;
}

static void
compare_and_free(struct policy *a, struct policy *b) {
  compare(sealed(a), sealed(b));
  policy_free(a);
  policy_free(b);
}

static void
test_foreign(void) {
  struct policy *a = policy_start(allow), *b = policy_start(allow);
  b->foreign = eperm;
  compare_and_free(a, b);
  CHECK_INT(found_count, 1);
  CHECK(found[0].abi == ABI_NONE && found[0].whole && found[0].number == 0 && found[0].last == UINT32_MAX);
  CHECK(action_equal(found[0].a, dead) && action_equal(found[0].b, eperm));
}

// An ABI that one of them leaves out: all its numbers, and no predicate of its rules counts any more.
static void
test_abis(void) {
  struct policy *a = policy_start(allow), *b = policy_start(allow);
  b->abis = ABI_BIT(ABI_X86_64);
  compare_and_free(a, b);
  uint64_t x32 = 0, x86 = 0;
  for (size_t i = 0; i < found_count; i++) {
    CHECK(found[i].whole && action_equal(found[i].b, dead));
    uint64_t *numbers = found[i].abi == ABI_X32 ? &x32 : &x86;
    *numbers += (uint64_t)found[i].last - found[i].number + 1;
  }
  CHECK(x32 == 0xbfffffff);
  CHECK(x86 == (uint64_t)1 << 32);
}

static void
test_newer(void) {
  struct policy *a = policy_start(allow), *b = policy_start(allow);
  b->layers[0].newer = enosys;
  compare_and_free(a, b);
  CHECK_INT(found_count, 4);
  for (size_t i = 0; i < found_count; i++)
    CHECK(found[i].whole && calls_is_newer(found[i].abi, found[i].number)
          && calls_is_newer(found[i].abi, found[i].last));
  CHECK(find(ABI_X32, X32_BIT | CALLS_END, allow, enosys) != NULL);
  CHECK(find(ABI_X32, X32_BIT | CALLS_X32_FIRST, allow, enosys) == NULL);
  CHECK(find(ABI_X86_64, UINT32_MAX, allow, enosys) == NULL);
  CHECK(find(ABI_I386, UINT32_MAX - 1, allow, enosys) != NULL);
}

// How many points are like the example, and that one number is not all of a call.
static void
test_arguments(void) {
  const struct test is_inet = {.argument = 0, .width = 32, .op = TEST_EQ, .mask = UINT32_MAX, .value = 2};
  struct policy *a = policy_start(eperm), *b = policy_start(eperm);
  struct rule rule = {.call = call("socket"), .action = allow, .abis = ABI_BIT(ABI_X86_64)};
  add(b, rule, &is_inet, 1);
  compare_and_free(a, b);
  CHECK_INT(found_count, 1);
  CHECK(found[0].abi == ABI_X86_64 && found[0].number == 41 && found[0].last == 41);
  CHECK(!found[0].whole && found[0].count == 1 && (uint32_t)found[0].args[0] == 2);
}

// 64 against 32 bits: only a value with something in the high half tells them apart.
static void
test_width(void) {
  struct test test = {.argument = 0, .width = 32, .op = TEST_EQ, .mask = UINT32_MAX, .value = 16};
  struct policy *a = policy_start(allow), *b = policy_start(allow);
  struct rule rule = {.call = call("socket"), .action = eperm, .abis = ABI_BIT(ABI_X86_64)};
  add(a, rule, &test, 1);
  test.width = 64;
  test.mask = UINT64_MAX;
  add(b, rule, &test, 1);
  compare_and_free(a, b);
  CHECK_INT(found_count, 1);
  CHECK(action_equal(found[0].a, eperm) && action_equal(found[0].b, allow));
  CHECK((uint32_t)found[0].args[0] == 16 && found[0].args[0] > UINT32_MAX);
}

// Two answers of one number, and rules that say the same in another way.
static void
test_pairs(void) {
  struct test below = {.argument = 1, .width = 64, .op = TEST_LT, .mask = UINT64_MAX, .value = 10};
  struct test at_least = {.argument = 1, .width = 64, .op = TEST_GE, .mask = UINT64_MAX, .value = 10};
  struct policy *a = policy_start(eperm), *b = policy_start(eperm);
  struct rule rule = {.call = call("read"), .action = allow};
  add(a, rule, &below, 1);
  rule.action = logged;
  add(a, rule, NULL, 0);
  add(b, rule, &at_least, 1);
  rule.action = allow;
  add(b, rule, NULL, 0);
  compare_and_free(a, b);
  CHECK_INT(found_count, 0);
  a = policy_start(eperm);
  b = policy_start(dead);
  add(a, rule, &below, 1);
  compare_and_free(a, b);
  CHECK(find(ABI_X86_64, 0, allow, dead) != NULL && find(ABI_X86_64, 0, eperm, dead) != NULL);
  CHECK(!find(ABI_X86_64, 0, allow, dead)->whole && find(ABI_X86_64, 1, eperm, dead)->whole);
}

static bool
stop(void *context, const struct difference *difference) {
  (void)difference;
  ++*(int *)context;
  return false;
}

static void
test_stop(void) {
  struct error e;
  int visits = 0;
  struct policy *a = sealed(policy_start(allow)), *b = sealed(policy_start(eperm));
  CHECK_INT(policy_compare(a, b, stop, &visits, &e), 0);
  CHECK_INT(visits, 1);
  policy_free(a);
  policy_free(b);
}

// Four arguments with 40 values each are more than can be tried: said, not sampled.
static void
test_too_many(void) {
  struct error e;
  struct policy *a = policy_start(allow), *b = policy_start(allow);
  struct rule rule = {.call = call("sendto"), .action = eperm};
  for (unsigned i = 0; i < 160; i++) {
    struct test test = {.argument = i % 4, .width = 32, .op = TEST_EQ, .mask = UINT32_MAX, .value = 7 * i};
    add(i % 2 == 0 ? a : b, rule, &test, 1);
  }
  found_count = 0;
  CHECK_INT(policy_compare(sealed(a), sealed(b), keep, NULL, &e), -1);
  CHECK_INT(e.kind, ERROR_POLICY);
  CHECK_STR(e.text, "the policies cannot be compared: call 44 (sendto) on x86-64 has too many cases to look at");
  policy_free(a);
  policy_free(b);
  a = policy_start(allow);
  b = policy_start(allow);
  for (unsigned i = 0; i <= COMPARE_PAIRS_MAX; i++) {
    struct test test = {.argument = 0, .width = 32, .op = TEST_EQ, .mask = UINT32_MAX, .value = i};
    rule.action.data = (uint16_t)i;
    add(a, rule, &test, 1);
  }
  CHECK_INT(policy_compare(sealed(a), sealed(b), keep, NULL, &e), -1);
  CHECK_STR(e.text, "the policies cannot be compared: call 44 (sendto) on x86-64 has too many different answers");
  policy_free(a);
  policy_free(b);
}

int
main(int argc, char **argv) {
  long count = argc > 1 ? strtol(argv[1], NULL, 10) : 300, first = argc > 2 ? strtol(argv[2], NULL, 10) : 1;
  size_t different = 0;
  test_foreign();
  test_abis();
  test_newer();
  test_arguments();
  test_width();
  test_pairs();
  test_stop();
  test_too_many();
  for (long seed = first; seed < first + count; seed++)
    check_seed(seed, &different);
  CHECK(count < 20 || different > (size_t)count / 4); // changes that nobody could notice would show nothing
  return check_done();
}
