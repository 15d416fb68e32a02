// SPDX-License-Identifier: LGPL-2.1-or-later
// seccomp_as_runtime.c - the rules as crun 1.8.1 and runc 1.1.5 hand them to libseccomp, and what that makes of them on
// each ABI.
#include "hook/seccomp_as_runtime.h"
#include "compat/array.h"
#include "compat/kernel.h"
#include "compat/oci_words.h"
#include <errno.h>
#include <string.h>

#define TESTS_MAX 6
// Rules with tests on one call, and on one multiplexer with all that is inside: every two of them are compared.
#define CALL_RULES_MAX 256
#define INSIDE_RULES_MAX 1024
// From here on libseccomp is known to misread comparisons by order (less, greater) beside other rules of the call.
#define ORDERED_MAX ((uint64_t)1 << 31)

// One name of one rule, after what the runtimes do to it.
struct entry {
  call_t call;
  struct action action;
  const struct test *tests; // 64 bits wide; all have to hold
  size_t count;
  struct json_value name;
  uint32_t next; // the next one with tests on this call: 1 + index, 0: none
};

struct reading {
  enum seccomp_author author;
  struct diags *diags;
  struct policy *policy;
  struct action otherwise;
  struct entry *entries;
  size_t count, room;
  struct test *tests; // of entries: room for POLICY_TESTS_MAX, which stay where they are
  size_t test_count;
  uint32_t whole[CALLS_MAX], first[CALLS_MAX], last[CALLS_MAX]; // 1 + index; 0: none
};

static bool
is_ours(const struct reading *reading) {
  return reading->author != SECCOMP_ENGINES;
}

static bool
given(struct json_value value) {
  return json_kind(value) != JSON_NONE;
}

static bool
fail(const struct reading *reading, struct json_value value, const char *problem) {
  json_complain(value, DIAG_ERROR, reading->diags, "%s", problem);
  return false;
}

static bool
fail_sealing(const struct reading *reading, const struct error *e) {
  diag_add(reading->diags, DIAG_ERROR, e->at, "%s", e->text);
  return false;
}

// ---- Objects.

struct key {
  const char *name;
  enum json_kind kind;
  bool needed;
};

enum { TOP_DEFAULT, TOP_ERRNO, TOP_ARCHITECTURES, TOP_FLAGS, TOP_LISTENER, TOP_METADATA, TOP_SYSCALLS, TOP_KEYS };
static const struct key top_keys[TOP_KEYS] = {
    [TOP_DEFAULT] = {"defaultAction", JSON_STRING, true},
    [TOP_ERRNO] = {"defaultErrnoRet", JSON_NUMBER, false},
    [TOP_ARCHITECTURES] = {"architectures", JSON_ARRAY, false},
    [TOP_FLAGS] = {"flags", JSON_ARRAY, false},
    [TOP_LISTENER] = {"listenerPath", JSON_STRING, false},
    [TOP_METADATA] = {"listenerMetadata", JSON_STRING, false},
    [TOP_SYSCALLS] = {"syscalls", JSON_ARRAY, false},
};
enum { RULE_NAMES, RULE_ACTION, RULE_ERRNO, RULE_ARGS, RULE_KEYS };
static const struct key rule_keys[RULE_KEYS] = {
    [RULE_NAMES] = {"names", JSON_ARRAY, true},
    [RULE_ACTION] = {"action", JSON_STRING, true},
    [RULE_ERRNO] = {"errnoRet", JSON_NUMBER, false},
    [RULE_ARGS] = {"args", JSON_ARRAY, false},
};
enum { ARG_INDEX, ARG_VALUE, ARG_TWO, ARG_OP, ARG_KEYS };
static const struct key arg_keys[ARG_KEYS] = {
    [ARG_INDEX] = {"index", JSON_NUMBER, true},
    [ARG_VALUE] = {"value", JSON_NUMBER, true},
    [ARG_TWO] = {"valueTwo", JSON_NUMBER, false},
    [ARG_OP] = {"op", JSON_STRING, true},
};

// The members of `object` by key. False after adding an error.
static bool
take_apart(const struct reading *reading, struct json_value object, const struct key *keys, size_t count,
           struct json_value *out) {
  memset(out, 0, count * sizeof *out);
  if (json_kind(object) != JSON_OBJECT)
    return fail(reading, object, "is no object");
  for (struct json_value member = json_first(object); given(member); member = json_next(member)) {
    size_t length, i = 0;
    const char *name = json_key(member, &length);
    while (i < count && (strlen(keys[i].name) != length || memcmp(keys[i].name, name, length) != 0))
      i++;
    if (i == count)
      return fail(reading, member, "no runtime knows this key");
    if (json_kind(member) == JSON_NULL && !keys[i].needed)
      continue;
    if (json_kind(member) != keys[i].kind)
      return fail(reading, member, "has the wrong type");
    out[i] = member;
  }
  for (size_t i = 0; i < count; i++)
    if (keys[i].needed && !given(out[i])) {
      json_complain(object, DIAG_ERROR, reading->diags, "\"%s\" is missing", keys[i].name);
      return false;
    }
  return true;
}

// ---- Words.

static bool
read_action(const struct reading *reading, struct json_value word, struct json_value number, struct action *out) {
  size_t length;
  const char *text = json_string(word, &length);
  uint64_t value = EPERM;
  *out = (struct action){.kind = oci_action_find(text, length)};
  if (out->kind == ACTION_NONE)
    return fail(reading, word, "is no action");
  bool numbered = out->kind == ACTION_ERRNO || out->kind == ACTION_TRACE;
  if (given(number) && !numbered)
    return fail(reading, number, "crun refuses a number here");
  if (given(number)
      && !json_number(number, out->kind == ACTION_ERRNO ? OCI_ERRNO_MAX : UINT16_MAX, &value, reading->diags))
    return false;
  out->data = numbered ? (uint16_t)value : 0;
  return true;
}

// All strings of a list, each handed to `read`.
static bool
read_strings(struct reading *reading, struct json_value list,
             bool (*read)(struct reading *reading, struct json_value value, const char *word, size_t length)) {
  if (!given(list))
    return true;
  for (struct json_value value = json_first(list); given(value); value = json_next(value)) {
    size_t length;
    if (json_kind(value) != JSON_STRING)
      return fail(reading, value, "is no string");
    const char *word = json_string(value, &length);
    if (!read(reading, value, word, length))
      return false;
  }
  return true;
}

static bool
read_architecture(struct reading *reading, struct json_value value, const char *word, size_t length) {
  const struct oci_architecture *architecture = oci_architecture_find(word, length);
  if (architecture == NULL)
    return fail(reading, value, "is no architecture");
  if (architecture->abi != ABI_NONE)
    reading->policy->abis |= ABI_BIT(architecture->abi);
  return true;
}

static bool
read_flag(struct reading *reading, struct json_value value, const char *word, size_t length) {
  unsigned flag = 0;
  if (oci_flag_find(word, length, &flag) != NULL)
    return fail(reading, value, "is no flag");
  reading->policy->flags |= flag;
  return true;
}

// ---- Rules.

static bool
read_test(const struct reading *reading, struct json_value arg, struct test *out) {
  struct json_value members[ARG_KEYS];
  uint64_t index, value, two = 0;
  size_t length;
  bool masked;
  if (!take_apart(reading, arg, arg_keys, ARG_KEYS, members)
      || !json_number(members[ARG_INDEX], TESTS_MAX - 1, &index, reading->diags)
      || !json_number(members[ARG_VALUE], UINT64_MAX, &value, reading->diags)
      || (given(members[ARG_TWO]) && !json_number(members[ARG_TWO], UINT64_MAX, &two, reading->diags)))
    return false;
  const char *word = json_string(members[ARG_OP], &length);
  *out = (struct test){.argument = (unsigned)index, .width = 64, .op = oci_comparison_find(word, length, &masked)};
  if (out->op == TEST_NONE)
    return fail(reading, members[ARG_OP], "is no comparison");
  out->mask = masked ? value : UINT64_MAX;
  out->value = masked ? two & value : value;
  if (is_ours(reading) && masked && two != out->value)
    return fail(reading, members[ARG_TWO], "has bits outside the mask");
  return true;
}

// *any: some argument is tested twice, and then each test is a rule of its own.
static bool
read_tests(const struct reading *reading, struct json_value args, struct test tests[TESTS_MAX], size_t *count,
           bool *any) {
  unsigned seen = 0;
  *any = false;
  *count = 0;
  for (struct json_value arg = given(args) ? json_first(args) : args; given(arg); arg = json_next(arg)) {
    if (*count == TESTS_MAX)
      return fail(reading, arg, "crun loses tests beyond six");
    struct test *test = &tests[(*count)++];
    if (!read_test(reading, arg, test))
      return false;
    *any = *any || (seen & 1u << test->argument) != 0;
    seen |= 1u << test->argument;
  }
  if (*any && is_ours(reading))
    return fail(reading, args, "one argument is tested twice");
  return true;
}

static const struct test *
keep_tests(struct reading *reading, const struct test *tests, size_t count) {
  struct test *kept = reading->tests + reading->test_count;
  for (size_t i = 0; i < count; i++)
    kept[i] = tests[i];
  reading->test_count += count;
  return kept;
}

static bool
keep_entry(struct reading *reading, const struct entry *entry) {
  call_t call = entry->call;
  if (reading->count == POLICY_RULES_MAX || entry->count > POLICY_TESTS_MAX - reading->test_count)
    return fail(reading, entry->name, "there are too many rules");
  struct entry *entries = array_grow(reading->entries, &reading->room, reading->count + 1, 512, sizeof *entries);
  if (entries == NULL)
    return fail(reading, entry->name, out_of_memory);
  reading->entries = entries;
  entries[reading->count] = *entry;
  entries[reading->count++].tests = keep_tests(reading, entry->tests, entry->count);
  uint32_t index = (uint32_t)reading->count;
  if (entry->count == 0)
    reading->whole[call] = index;
  else if (reading->first[call] == 0)
    reading->first[call] = reading->last[call] = index;
  else
    reading->last[call] = entries[reading->last[call] - 1].next = index;
  return true;
}

// Rules equal to the default are dropped, of two without tests the first counts.
static bool
add_entry(struct reading *reading, const struct entry *entry) {
  bool ours = is_ours(reading), equal = action_equal(entry->action, reading->otherwise);
  bool second = entry->count == 0 && reading->whole[entry->call] != 0;
  if (ours && equal)
    return fail(reading, entry->name, "a rule that does what the default does is dropped");
  if (ours && second)
    return fail(reading, entry->name, "there is a rule without tests already");
  return equal || second || keep_entry(reading, entry);
}

static bool
add_name(struct reading *reading, struct json_value name, struct entry entry, bool any) {
  const struct test *tests = entry.tests;
  size_t length, count = entry.count;
  if (json_kind(name) != JSON_STRING)
    return fail(reading, name, "is no string");
  const char *word = json_string(name, &length);
  entry.call = calls_find(word, length);
  entry.name = name;
  if (entry.call == CALL_NONE)
    return fail(reading, name, "is no call that is known here");
  if (!any)
    return add_entry(reading, &entry);
  entry.count = 1;
  for (size_t i = 0; i < count; i++) {
    entry.tests = &tests[i];
    if (!add_entry(reading, &entry))
      return false;
  }
  return true;
}

static bool
read_rule(struct reading *reading, struct json_value rule) {
  struct json_value members[RULE_KEYS];
  struct test tests[TESTS_MAX];
  struct entry entry = {.tests = tests};
  bool any;
  if (!take_apart(reading, rule, rule_keys, RULE_KEYS, members)
      || !read_action(reading, members[RULE_ACTION], members[RULE_ERRNO], &entry.action)
      || !read_tests(reading, members[RULE_ARGS], tests, &entry.count, &any))
    return false;
  if (!given(json_first(members[RULE_NAMES])))
    return fail(reading, members[RULE_NAMES], "names nothing");
  for (struct json_value name = json_first(members[RULE_NAMES]); given(name); name = json_next(name))
    if (!add_name(reading, name, entry, any))
      return false;
  return true;
}

// ---- Rules that meet.

// As libseccomp sees it where arguments have `width` bits.
static struct test
narrowed(const struct test *test, unsigned width) {
  uint64_t bits = width == 32 ? UINT32_MAX : UINT64_MAX;
  return (struct test){test->argument, width, test->op, test->mask & bits, test->value & bits};
}

// The smallest and the greatest value that the test lets through; more may be between.
static void
test_range(const struct test *test, uint64_t *low, uint64_t *high) {
  uint64_t bits = test->width == 32 ? UINT32_MAX : UINT64_MAX, value = test->value;
  *low = 0;
  *high = bits;
  switch (test->op) {
  case TEST_EQ:
    *low = value;
    *high = value | (bits & ~test->mask);
    break;
  case TEST_LT:
    *high = value - (value > 0);
    break;
  case TEST_LE:
    *high = value;
    break;
  case TEST_GT:
    *low = value + (value < bits);
    break;
  case TEST_GE:
    *low = value;
    break;
  case TEST_NE:
  case TEST_NONE:
    break;
  }
}

// True if no value passes both.
static bool
tests_exclude(struct test a, struct test b) {
  uint64_t a_low, a_high, b_low, b_high;
  if (a.argument != b.argument)
    return false;
  if (a.op == TEST_EQ && b.op == TEST_EQ)
    return ((a.value ^ b.value) & a.mask & b.mask) != 0;
  if ((a.op == TEST_NE && b.op == TEST_EQ) || (a.op == TEST_EQ && b.op == TEST_NE))
    return a.mask == b.mask && a.value == b.value;
  test_range(&a, &a_low, &a_high);
  test_range(&b, &b_low, &b_high);
  return a_high < b_low || b_high < a_low;
}

// True if no value passes it.
static bool
test_never_holds(struct test test) {
  uint64_t bits = test.width == 32 ? UINT32_MAX : UINT64_MAX;
  return (test.op == TEST_GT && test.value == bits) || (test.op == TEST_LT && test.value == 0);
}

static bool
entry_never_matches(const struct entry *entry, unsigned width) {
  for (size_t i = 0; i < entry->count; i++)
    if (test_never_holds(narrowed(&entry->tests[i], width)))
      return true;
  return false;
}

static bool
entries_exclude(const struct entry *a, const struct entry *b, unsigned width) {
  if (entry_never_matches(a, width) || entry_never_matches(b, width))
    return true;
  for (size_t i = 0; i < a->count; i++)
    for (size_t j = 0; j < b->count; j++)
      if (tests_exclude(narrowed(&a->tests[i], width), narrowed(&b->tests[j], width)))
        return true;
  return false;
}

static bool
has_narrow_abis(const struct reading *reading) {
  return (reading->policy->abis & (ABI_BIT(ABI_X32) | ABI_BIT(ABI_I386))) != 0;
}

static bool
test_is_ordered(const struct test *test) {
  return test->op != TEST_EQ && test->op != TEST_NE;
}

static bool
entry_is_ordered(const struct entry *entry) {
  for (size_t i = 0; i < entry->count; i++)
    if (test_is_ordered(&entry->tests[i]))
      return true;
  return false;
}

// The usual case, cheap because there may be many pairs: each has one test, of some bits of the same argument, and
// they differ in a bit that either of them looks at on x32 and x86, too.
static bool
bits_exclude(const struct reading *reading, const struct entry *a, const struct entry *b) {
  const struct test *x = &a->tests[0], *y = &b->tests[0];
  const uint64_t bits = has_narrow_abis(reading) ? UINT32_MAX : UINT64_MAX;
  return a->count == 1 && b->count == 1 && x->argument == y->argument && x->op == TEST_EQ && y->op == TEST_EQ
         && ((x->value ^ y->value) & x->mask & y->mask & bits) != 0;
}

// Two rules with tests on one call; `alike`: those that do the same may overlap. False after adding an error.
static bool
check_pair(const struct reading *reading, const struct entry *a, const struct entry *b, bool alike) {
  if (bits_exclude(reading, a, b))
    return true;
  bool harmless = alike && action_equal(a->action, b->action) && !entry_is_ordered(a) && !entry_is_ordered(b);
  if (harmless || (entries_exclude(a, b, 64) && (!has_narrow_abis(reading) || entries_exclude(a, b, 32))))
    return true;
  return fail(reading, b->name, "two rules with tests overlap: which of them counts is libseccomp's affair");
}

// What libseccomp is known to misread: comparisons by order, beside other rules of the call. Constants that scrun
// itself writes there, and rules that do not meet, have been put to it often enough.
static bool
check_compiler(const struct reading *reading, const struct entry *entry, size_t rules) {
  for (size_t i = 0; i < entry->count && reading->author != SECCOMP_OURS && rules > 1; i++) {
    const struct test *test = &entry->tests[i];
    bool known = test->value < ORDERED_MAX || (test->op == TEST_GT && test->value == UINT32_MAX);
    if (test_is_ordered(test) && !known)
      return fail(reading, entry->name, "libseccomp does not always compile such comparisons as they are written");
  }
  return true;
}

static const struct entry *
entry_at(const struct reading *reading, uint32_t index) {
  return index == 0 ? NULL : &reading->entries[index - 1];
}

static bool
check_tested(const struct reading *reading, const struct entry *entry) {
  const struct entry *list[CALL_RULES_MAX];
  size_t count = 0;
  for (; entry != NULL; entry = entry_at(reading, entry->next)) {
    if (count == CALL_RULES_MAX)
      return fail(reading, entry->name, "this call has too many rules");
    for (size_t i = 0; i < count; i++)
      if (!check_pair(reading, list[i], entry, !is_ours(reading)))
        return false;
    list[count++] = entry;
  }
  for (size_t i = 0; i < count; i++)
    if (!check_compiler(reading, list[i], count))
      return false;
  return true;
}

static bool
check_call(const struct reading *reading, call_t call) {
  const struct entry *entry = entry_at(reading, reading->first[call]);
  if (reading->whole[call] == 0)
    return entry == NULL || check_tested(reading, entry);
  return entry == NULL || !is_ours(reading)
         || fail(reading, entry->name, "there is a rule without tests as well, and it counts alone");
}

// ---- The layer.

static bool
add_rule(const struct reading *reading, const struct entry *entry, call_t call, unsigned abis, unsigned width) {
  const struct rule rule = {.call = call,
                            .abis = abis,
                            .action = entry->action,
                            .at = given(entry->name) ? json_pos(entry->name) : (struct source_pos){0}};
  struct test tests[TESTS_MAX];
  struct error e;
  for (size_t i = 0; i < entry->count; i++)
    tests[i] = narrowed(&entry->tests[i], width);
  return policy_add_rule(reading->policy, &rule, tests, entry->count, &e) == 0 || fail_sealing(reading, &e);
}

static bool
add_call(const struct reading *reading, call_t call) {
  const unsigned narrow = ABI_BIT(ABI_X32) | ABI_BIT(ABI_I386);
  const struct entry *whole = entry_at(reading, reading->whole[call]);
  if (!check_call(reading, call))
    return false;
  if (whole != NULL)
    return add_rule(reading, whole, call, 0, 64);
  for (const struct entry *entry = entry_at(reading, reading->first[call]); entry != NULL;
       entry = entry_at(reading, entry->next))
    if (!add_rule(reading, entry, call, ABI_BIT(ABI_X86_64), 64)
        || (has_narrow_abis(reading) && !add_rule(reading, entry, call, narrow, 32)))
      return false;
  return true;
}

// ---- Multiplexers of x86: for each rule on a call inside, libseccomp makes one on the multiplexer.

struct inside {
  struct entry items[INSIDE_RULES_MAX];
  struct test tests[INSIDE_RULES_MAX][TESTS_MAX]; // of those that were made here
  size_t count, own;                              // the first `own` ones are the multiplexer's
};

static const char inside_full[] = "a multiplexer has too many rules";

static bool
inside_add(const struct reading *reading, struct inside *inside, const struct entry *entry) {
  if (inside->count == INSIDE_RULES_MAX)
    return fail(reading, entry->name, inside_full);
  inside->items[inside->count++] = *entry;
  return true;
}

// The first argument chooses the call; the tests on others stay, and see what is there.
static bool
inside_add_chosen(const struct reading *reading, struct inside *inside, const struct entry *entry, uint32_t choice) {
  if (inside->count == INSIDE_RULES_MAX)
    return fail(reading, entry->name, inside_full);
  struct test *tests = inside->tests[inside->count];
  struct entry made = *entry;
  made.tests = tests;
  made.count = 1;
  tests[0] = (struct test){0, 64, TEST_EQ, UINT64_MAX, choice};
  for (size_t i = 0; i < entry->count; i++)
    if (entry->tests[i].argument != 0)
      tests[made.count++] = entry->tests[i];
  return inside_add(reading, inside, &made);
}

static bool
inside_collect(const struct reading *reading, struct inside *inside, const struct multiplexer *multiplexer) {
  const struct entry *entry = entry_at(reading, reading->first[multiplexer->call]);
  for (; entry != NULL; entry = entry_at(reading, entry->next))
    if (!inside_add(reading, inside, entry))
      return false;
  inside->own = inside->count;
  for (uint32_t choice = 0; choice < multiplexer->inner_count; choice++) {
    call_t call = multiplexer->inner[choice];
    if (call == CALL_NONE)
      continue;
    const struct entry *whole = entry_at(reading, reading->whole[call]);
    entry = whole != NULL ? whole : entry_at(reading, reading->first[call]);
    for (; entry != NULL; entry = whole != NULL ? NULL : entry_at(reading, entry->next))
      if (!inside_add_chosen(reading, inside, entry, choice))
        return false;
  }
  return true;
}

// Those of OURS may meet, and then the laxest counts, which therefore comes first.
static bool
inside_check(const struct reading *reading, const struct inside *inside) {
  for (size_t i = inside->own; i < inside->count && reading->author != SECCOMP_OURS; i++) {
    if (!check_compiler(reading, &inside->items[i], inside->count))
      return false;
    for (size_t j = 0; j < i; j++)
      if (!check_pair(reading, &inside->items[j], &inside->items[i], true))
        return false;
  }
  return true;
}

static bool
inside_write(const struct reading *reading, const struct inside *inside, call_t call) {
  const unsigned i386 = ABI_BIT(ABI_I386);
  const struct entry rest = {.action = reading->otherwise};
  for (enum action_kind kind = ACTION_ALLOW; kind <= ACTION_KILL_PROCESS; kind++)
    for (size_t i = 0; i < inside->count; i++)
      if (inside->items[i].action.kind == kind && !add_rule(reading, &inside->items[i], call, i386, 32))
        return false;
  return inside->count == 0 || add_rule(reading, &rest, call, i386, 32);
}

// Comes before all other rules, and with one that always matches at the end: those of the calls inside do not count for
// the multiplexer then.
static bool
add_multiplexer(const struct reading *reading, const struct multiplexer *multiplexer) {
  const struct entry *whole = entry_at(reading, reading->whole[multiplexer->call]);
  if ((reading->policy->abis & ABI_BIT(ABI_I386)) == 0)
    return true;
  if (whole != NULL)
    return add_rule(reading, whole, multiplexer->call, ABI_BIT(ABI_I386), 32);
  struct inside *inside = calloc(1, sizeof *inside);
  if (inside == NULL)
    return fail(reading, (struct json_value){0}, out_of_memory);
  bool right = inside_collect(reading, inside, multiplexer) && inside_check(reading, inside)
               && inside_write(reading, inside, multiplexer->call);
  free(inside);
  return right;
}

// ---- What libseccomp puts first.

// Known to libseccomp since long, by a number that x86 has: not a call inside a multiplexer, nor one of these.
static bool
is_plain_on_x86(call_t call) {
  const struct multiplexer *multiplexer;
  uint32_t value;
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    if (multiplexers[i].call == call)
      return false;
  return calls_number(call, ABI_I386, &value) && calls_first_kernel(call, ABI_I386) <= KERNEL(4, 0)
         && !multiplexer_of(call, &multiplexer, &value);
}

// The filter of an ABI loads the number of the call where libseccomp 2.5.4 puts its first one. On x86 that can be a
// call that there is only inside a multiplexer, for which nothing is written: then the number is never loaded, and none
// of the rules counts. Those without tests come first, and of these, a call with a number of its own.
static bool
check_first(const struct reading *reading) {
  const struct multiplexer *multiplexer;
  struct json_value inside = {0};
  uint32_t value;
  if ((reading->policy->abis & ABI_BIT(ABI_I386)) == 0)
    return true;
  for (size_t i = 0; i < reading->count; i++) {
    const struct entry *entry = &reading->entries[i];
    if (entry->count == 0 && is_plain_on_x86(entry->call))
      return true;
    if (multiplexer_of(entry->call, &multiplexer, &value) && !calls_number(entry->call, ABI_I386, &value))
      inside = entry->name;
  }
  return !given(inside)
         || fail(reading, inside,
                 "libseccomp can lose all rules of x86 over this call, where none without tests stands beside it");
}

// ---- The whole.

static bool
build(const struct reading *reading) {
  struct error e;
  if (policy_add_layer(reading->policy, reading->otherwise, (struct source_pos){0}, &e) != 0)
    return fail_sealing(reading, &e);
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    if (!add_multiplexer(reading, &multiplexers[i]))
      return false;
  for (size_t call = 0; call < calls_count(); call++)
    if ((reading->whole[call] != 0 || reading->first[call] != 0) && !add_call(reading, (call_t)call))
      return false;
  return policy_seal(reading->policy, &e) == 0 || fail_sealing(reading, &e);
}

static bool
read_seccomp(struct reading *reading, struct json_value seccomp) {
  struct json_value members[TOP_KEYS];
  struct policy *policy = reading->policy;
  if (!take_apart(reading, seccomp, top_keys, TOP_KEYS, members)
      || !read_action(reading, members[TOP_DEFAULT], members[TOP_ERRNO], &reading->otherwise))
    return false;
  policy->abis = ABI_BIT(ABI_NATIVE);
  policy->foreign = (struct action){ACTION_KILL_THREAD, 0};
  policy->flags = given(members[TOP_FLAGS]) ? 0 : POLICY_FLAG_SPEC_ALLOW;
  if (!read_strings(reading, members[TOP_ARCHITECTURES], read_architecture)
      || !read_strings(reading, members[TOP_FLAGS], read_flag))
    return false;
  struct json_value rule = given(members[TOP_SYSCALLS]) ? json_first(members[TOP_SYSCALLS]) : members[TOP_SYSCALLS];
  for (; given(rule); rule = json_next(rule))
    if (!read_rule(reading, rule))
      return false;
  return check_first(reading) && build(reading);
}

int
seccomp_as_runtime(struct json_value seccomp, enum seccomp_author author, struct policy **out, struct diags *diags) {
  struct reading *reading = calloc(1, sizeof *reading);
  bool right = false;
  if (reading != NULL) {
    reading->author = author;
    reading->diags = diags;
    reading->policy = policy_new();
    reading->tests = malloc(POLICY_TESTS_MAX * sizeof *reading->tests);
  }
  if (reading == NULL || reading->policy == NULL || reading->tests == NULL)
    diag_add(diags, DIAG_ERROR, (struct source_pos){0}, "%s", out_of_memory);
  else
    right = read_seccomp(reading, seccomp);
  if (right)
    *out = reading->policy;
  else if (reading != NULL)
    policy_free(reading->policy);
  if (reading != NULL) {
    free(reading->entries);
    free(reading->tests);
  }
  free(reading);
  return right ? 0 : -1;
}
