// SPDX-License-Identifier: LGPL-2.1-or-later
// systemd_words.c - what words say, and which words a policy needs.
#include "compat/systemd_words.h"
#include "compat/arguments.h"
#include "compat/array.h"
#include "compat/expression_write.h"
#include "compat/filter_set.h"
#include "compat/kernel.h"
#include "compat/number.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
writer_error(struct writer *writer, struct source_pos at, const char *what, const char *name) {
  return error_set(writer->e, ERROR_POLICY, at, "systemd's syntax cannot say this: %s%s", what, name);
}

const char *
said_name(const struct said *said, char out[NAME_BYTES]) {
  if (said->call != CALL_NONE)
    return calls_name(said->call);
  snprintf(out, NAME_BYTES, "%u", (unsigned)said->number);
  return out;
}

static struct source_pos
said_at(const struct said *said) {
  if (said->list.count > 0)
    return said->list.rules[0].at;
  return said->list.last_at;
}

int
said_error(struct writer *writer, const struct said *said, const char *what) {
  char name[NAME_BYTES], text[160];
  snprintf(text, sizeof text, "%s %s", said_name(said, name), what);
  return writer_error(writer, said_at(said), text, "");
}

static int
check_store(struct writer *writer, const struct said *said) {
  if (!diagram_store_failed(writer->store))
    return 0;
  char name[NAME_BYTES];
  return error_set(writer->e, ERROR_POLICY, said_at(said), "the tests of %s are too many to be taken apart",
                   said_name(said, name));
}

int
writer_memory_error(struct writer *writer) {
  return error_memory(writer->e, ERROR_POLICY);
}

// Makes room for diagrams when many tests have gone through the store; those made before are gone. Emptying it takes
// longer than most calls do.
#define STORE_TESTS 256

static void
open_store(struct writer *writer, size_t tests) {
  writer->store_tests += tests;
  if (writer->store_tests <= STORE_TESTS)
    return;
  diagram_store_reset(writer->store);
  writer->store_tests = tests;
}

// Actions.

static bool
action_has_word(struct action action) {
  return action.kind != ACTION_NONE && action.kind != ACTION_NOTIFY
         && (action.kind != ACTION_TRACE || action.data == 0);
}

bool
action_is_refusal(struct action action) {
  return action_refuses(action) && action_has_word(action) && (action.kind != ACTION_ERRNO || action.data != 0);
}

const char *
action_word(struct action action, char out[NAME_BYTES]) {
  static const char *const words[] = {
      [ACTION_ALLOW] = "allow",
      [ACTION_LOG] = "log",
      [ACTION_TRACE] = "trace",
      [ACTION_TRAP] = "trap",
      [ACTION_KILL_THREAD] = "kill-thread",
      [ACTION_KILL_PROCESS] = "kill",
  };
  const char *name = action.kind == ACTION_ERRNO ? errno_name(action.data) : words[action.kind];
  if (name != NULL)
    return name;
  snprintf(out, NAME_BYTES, "%u", (unsigned)action.data);
  return out;
}

static int
check_action(struct writer *writer, const struct said *said, struct action action, struct source_pos at) {
  char name[NAME_BYTES], described[NAME_BYTES], text[160];
  if (action_has_word(action))
    return 0;
  snprintf(text, sizeof text, "%s gets \"%s\"", said_name(said, name),
           action_describe(action, described, sizeof described));
  return writer_error(writer, at, text, "");
}

static int
check_actions(struct writer *writer, const struct said *said) {
  for (size_t i = 0; i < said->list.count; i++)
    if (check_action(writer, said, said->list.rules[i].action, said->list.rules[i].at) != 0)
      return -1;
  return said->list.last.kind == ACTION_NONE ? 0 : check_action(writer, said, said->list.last, said->list.last_at);
}

// What words mean.

static struct action
last_action(const struct writer *writer, const struct said *said) {
  return said->list.last.kind != ACTION_NONE ? said->list.last : writer->otherwise;
}

bool
said_allows_plainly(const struct writer *writer, const struct said *said) {
  bool any = false;
  if (!action_refuses(last_action(writer, said)) || (said->special && !said->named))
    return false;
  for (size_t i = 0; i < said->list.count; i++) {
    if (said->list.rules[i].action.kind == ACTION_LOG)
      return false;
    any = any || said->list.rules[i].action.kind == ACTION_ALLOW;
  }
  return any;
}

struct action
said_base_word(const struct writer *writer, const struct said *said) {
  struct action none = {ACTION_NONE, 0}, last = last_action(writer, said);
  if (!action_equal(last, writer->otherwise))
    return last;
  bool needed = said->special && said->named && said->list.last.kind != ACTION_NONE && action_refuses(last)
                && !said_allows_plainly(writer, said);
  return needed ? last : none;
}

// What the reader then takes for said about the call when none of its tests hold.
static struct action
base_said(const struct writer *writer, const struct said *said) {
  return said_allows_plainly(writer, said) ? last_action(writer, said) : said_base_word(writer, said);
}

static bool
is_named(const struct writer *writer, const struct said *said) {
  return said->list.count > 0 || base_said(writer, said).kind != ACTION_NONE;
}

// What the call gets inside a multiplexer, where tests are not looked at.
static struct action
hidden_action(const struct writer *writer, const struct said *said) {
  for (size_t i = 0; i < said->list.count; i++)
    if (action_refuses(said->list.rules[i].action))
      return said->list.rules[i].action;
  return base_said(writer, said);
}

// Tests as text.

// The text as the reader of expressions takes it. False if it does not.
static bool
read_back(const struct buffer *text, call_t call, struct expression *out) {
  struct source source = {.name = "", .text = text->text, .length = text->length};
  struct diags *diags = calloc(1, sizeof *diags);
  if (diags == NULL || text->failed || text->length > UINT32_MAX) {
    free(diags);
    return false;
  }
  bool read = expression_read(out, (struct source_pos){&source, 0, (uint32_t)text->length}, call, diags);
  free(diags);
  return read;
}

static bool
test_equal(const struct test *a, const struct test *b) {
  return a->argument == b->argument && a->op == b->op && a->mask == b->mask && a->value == b->value;
}

// Does the text mean that test, on all of `abis`?
static bool
means_test(const struct said *said, unsigned abis, const struct buffer *text, const struct test *test) {
  struct expression read;
  struct test got;
  if (!read_back(text, said->call, &read))
    return false;
  bool means = read.alternative_count == 1 && read.test_count == 1;
  if (means && abis == 0)
    means = test_equal(&read.tests[0], test);
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT && means; abi++)
    if ((abis & ABI_BIT(abi)) != 0)
      means = expression_test_on(&read, 0, said->call, abi, &got) && test_equal(&got, test);
  expression_clear(&read);
  return means;
}

// By the name of the argument; behind a mask it has no sign. Empty if there is none at that place.
static void
write_named(call_t call, const struct test *test, struct buffer *out) {
  size_t count = 0;
  const struct argument *arguments = call == CALL_NONE ? NULL : arguments_of(call, &count);
  bool ordered = test->op != TEST_EQ && test->op != TEST_NE;
  for (size_t i = 0; i < count; i++) {
    if (arguments[i].place != (int)test->argument)
      continue;
    uint64_t whole = ordered && arguments[i].is_signed ? 0 : UINT64_MAX >> (64 - arguments[i].bits);
    expression_write_test(arguments[i].name, whole, test, out);
    return;
  }
}

static int
write_test(struct writer *writer, const struct said *said, const struct list_rule *rule, const struct test *test,
           struct buffer *out) {
  struct buffer text = {0};
  char raw[] = {'a', (char)('0' + test->argument), '\0'};
  unsigned own = said->abi == ABI_NONE ? 0 : ABI_BIT(said->abi);
  unsigned abis = (rule->abis == 0 ? said->with : rule->abis & said->with) | own;
  write_named(said->call, test, &text);
  bool means = text.length > 0 && means_test(said, abis, &text, test);
  if (!means) {
    buffer_clear(&text);
    expression_write_test(raw, UINT64_MAX, test, &text);
    means = means_test(said, own, &text, test);
  }
  bool failed = text.failed;
  if (means)
    buffer_add(out, "%s", text.text);
  buffer_clear(&text);
  return failed  ? writer_memory_error(writer)
         : means ? 0
                 : said_error(writer, said, "has a test that no words stand for");
}

static int
write_rule(struct writer *writer, const struct said *said, const struct list_rule *rule, struct buffer *out) {
  for (size_t i = 0; i < rule->test_count; i++) {
    buffer_add(out, i > 0 ? " && " : "");
    if (write_test(writer, said, rule, &said->list.tests[rule->first_test + i], out) != 0)
      return -1;
  }
  return 0;
}

// Several rules with one outcome share a word where there are more than a call can have words.
#define SHARED_RULES 100
#define SHARED_TESTS 400

size_t
said_word_rules(const struct said *said, size_t first) {
  const struct rule_list *list = &said->list;
  size_t count = 1, tests = list->rules[first].test_count;
  if (list->count <= FILTER_CONDITIONS_MAX)
    return 1;
  for (; first + count < list->count && count < SHARED_RULES; count++) {
    const struct list_rule *next = &list->rules[first + count];
    tests += next->test_count;
    if (tests > SHARED_TESTS || !action_equal(next->action, list->rules[first].action))
      break;
  }
  return count;
}

int
said_write_tests(struct writer *writer, const struct said *said, size_t first, size_t count, struct buffer *out,
                 struct expression *read) {
  for (size_t i = first; i < first + count; i++) {
    buffer_add(out, i > first ? " || " : "");
    if (write_rule(writer, said, &said->list.rules[i], out) != 0)
      return -1;
  }
  if (out->failed)
    return writer_memory_error(writer);
  return read_back(out, said->call, read) ? 0 : said_error(writer, said, "has tests that no words stand for");
}

// Words on the other ABIs.

// What the word of these tests means on `abi`, behind `list`.
static bool
add_word_on(struct rule_list *list, const struct said *said, const struct list_rule *rule,
            const struct expression *tests, enum abi abi) {
  struct test *own = malloc((tests->test_count + 1) * sizeof *own);
  bool ok = own != NULL;
  for (size_t i = 0; ok && i < tests->alternative_count; i++) {
    uint32_t start = i == 0 ? 0 : tests->ends[i - 1];
    size_t count = tests->ends[i] - start;
    bool hidden = false;
    for (size_t j = 0; j < count && !hidden; j++)
      hidden = !expression_test_on(tests, start + j, said->call, abi, &own[j]);
    if (!hidden || action_refuses(rule->action))
      ok = rule_list_add(list, rule->action, 0, rule->at, own, hidden ? 0 : count);
  }
  free(own);
  return ok;
}

// What all words mean on `abi`.
static int
collect_words_on(struct writer *writer, const struct said *said, enum abi abi, struct rule_list *out) {
  for (size_t i = 0, count; i < said->list.count; i += count) {
    struct buffer text = {0};
    struct expression read = {0};
    count = said_word_rules(said, i);
    int result = said_write_tests(writer, said, i, count, &text, &read);
    if (result == 0 && !add_word_on(out, said, &said->list.rules[i], &read, abi))
      result = writer_memory_error(writer);
    expression_clear(&read);
    buffer_clear(&text);
    if (result != 0)
      return -1;
  }
  struct action last = said->list.any ? last_action(writer, said) : writer->layer->otherwise;
  return rule_list_add(out, last, 0, said_at(said), NULL, 0) ? 0 : writer_memory_error(writer);
}

// What the list does for every call, the default of the layer included.
static diagram_t
whole_diagram(const struct writer *writer, const struct rule_list *list, struct action otherwise) {
  return diagram_first(writer->store, rule_list_diagram(writer->store, list), diagram_action(otherwise));
}

// What the policy does with the number that `call` has on `abi`.
static int
number_diagram(struct writer *writer, enum abi abi, uint32_t number, diagram_t *out) {
  struct rule_list list = {0};
  bool ok = rule_list_collect(&list, writer->policy, writer->layer, abi, number, NO_CHOICE);
  writer->store_tests += list.test_count;
  *out = whole_diagram(writer, &list, layer_otherwise(writer->layer, abi, number));
  rule_list_clear(&list);
  return ok ? 0 : writer_memory_error(writer);
}

// The words of `said` must mean on the other ABIs what the policy does there.
static int
check_abi(struct writer *writer, const struct said *said, enum abi abi, uint32_t number) {
  struct rule_list list = {0};
  diagram_t policy;
  char text[64];
  int result = number_diagram(writer, abi, number, &policy);
  if (result == 0)
    result = collect_words_on(writer, said, abi, &list);
  diagram_t words = rule_list_diagram(writer->store, &list);
  rule_list_clear(&list);
  if (result != 0 || check_store(writer, said) != 0)
    return -1;
  snprintf(text, sizeof text, "gets something else on %s than on %s", abi_name(abi), abi_name(said->abi));
  return words == policy ? 0 : said_error(writer, said, text);
}

static int
check_abis(struct writer *writer, const struct said *said) {
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    uint32_t number = 0;
    if ((said->with & ABI_BIT(abi)) != 0 && abi != said->abi && calls_number(said->call, abi, &number)
        && check_abi(writer, said, abi, number) != 0)
      return -1;
  }
  return 0;
}

// Collecting.

static const struct action no_such_call = {ACTION_ERRNO, ENOSYS};

// The oldest mark that excludes nothing but what answers ENOSYS anyway.
static int
find_mark(struct writer *writer) {
  writer->mark = KERNEL(3, 0);
  for (size_t call = 0; call < calls_count(); call++) {
    open_store(writer, 0);
    for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
      uint32_t number, first = calls_first_kernel((call_t)call, abi);
      diagram_t diagram;
      if ((writer->policy->abis & ABI_BIT(abi)) == 0 || first <= writer->mark
          || !calls_number((call_t)call, abi, &number))
        continue;
      if (number_diagram(writer, abi, number, &diagram) != 0)
        return -1;
      if (diagram_store_failed(writer->store) || diagram != diagram_action(no_such_call))
        writer->mark = first;
    }
  }
  return 0;
}

static bool
is_multiplexer(call_t call) {
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    if (multiplexers[i].call == call)
      return true;
  return false;
}

static bool
is_inside(const struct writer *writer, call_t call) {
  const struct multiplexer *multiplexer;
  uint32_t value;
  return (writer->policy->abis & ABI_BIT(ABI_I386)) != 0 && multiplexer_of(call, &multiplexer, &value);
}

static void
open_call(const struct writer *writer, struct said *said, call_t call) {
  uint32_t number;
  *said = (struct said){.call = call, .abi = ABI_NONE};
  said->special = is_inside(writer, call) || is_multiplexer(call);
  for (enum abi abi = ABI_COUNT - 1; abi > ABI_NONE; abi--) {
    if ((writer->policy->abis & ABI_BIT(abi)) == 0 || !calls_number(call, abi, &number)
        || (writer->has_mark && calls_first_kernel(call, abi) > writer->mark))
      continue;
    said->with |= ABI_BIT(abi);
    said->abi = abi;
  }
}

// A rule on a multiplexer that asks for one call inside: it belongs to that call.
static bool
is_choice(const struct rule_list *list, const struct list_rule *rule, const struct multiplexer *multiplexer) {
  for (size_t i = 0; i < rule->test_count; i++) {
    const struct test *test = &list->tests[rule->first_test + i];
    if (test->argument == 0 && test->op == TEST_EQ && test->mask == multiplexer->mask
        && test->value < multiplexer->inner_count && multiplexer->inner[test->value] != CALL_NONE)
      return true;
  }
  return false;
}

static void
drop_choices(struct rule_list *list, const struct multiplexer *multiplexer) {
  size_t kept = 0;
  for (size_t i = 0; i < list->count; i++)
    if (!is_choice(list, &list->rules[i], multiplexer))
      list->rules[kept++] = list->rules[i];
  list->count = kept;
}

// Where "not named" is something else than "gets the default", a rule that gives the default counts, too.
static void
simplify(struct writer *writer, struct said *said) {
  struct action none = {ACTION_NONE, 0};
  rule_list_simplify(writer->store, &said->list, said->special ? none : writer->otherwise);
}

// The rules on the ABI that the words are made for.
static int
collect_rules(struct writer *writer, struct said *said) {
  uint32_t number = 0;
  bool ok = true;
  rule_list_clear(&said->list);
  if (calls_number(said->call, said->abi, &number))
    ok = rule_list_collect(&said->list, writer->policy, writer->layer, said->abi, number, NO_CHOICE);
  else if (is_inside(writer, said->call))
    ok = rule_list_collect_call(&said->list, writer->policy, writer->layer, said->call);
  if (!ok)
    return writer_memory_error(writer);
  if (writer->log_default && said->list.any && said->list.last.kind == ACTION_NONE)
    said->list.last = writer->layer->otherwise;
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    if (multiplexers[i].call == said->call)
      drop_choices(&said->list, &multiplexers[i]);
  open_store(writer, ABI_COUNT * said->list.test_count);
  return 0;
}

// Where tests are hidden, rules count that are never asked elsewhere: inside multiplexers, and when the words come out
// wrong without them.
static int
collect_call(struct writer *writer, call_t call) {
  struct said *said = &writer->calls[call];
  open_call(writer, said, call);
  for (bool last = is_inside(writer, call);; last = true) {
    if (collect_rules(writer, said) != 0)
      return -1;
    if (last)
      rule_list_prune(writer->store, &said->list);
    else
      simplify(writer, said);
    if (check_store(writer, said) != 0 || check_actions(writer, said) != 0)
      return -1;
    said->named = is_inside(writer, call) ? said->list.any : said->list.last.kind != ACTION_NONE;
    if (is_multiplexer(call) || check_abis(writer, said) == 0)
      return 0;
    if (last)
      return -1;
  }
}

// Multiplexers.

static struct test
choice_test(const struct multiplexer *multiplexer, uint32_t value) {
  return (struct test){.argument = 0, .width = 64, .op = TEST_EQ, .mask = multiplexer->mask, .value = value};
}

// What words say about one choice of a multiplexer, for any first argument.
static diagram_t
words_diagram(struct writer *writer, const struct said *outer, const struct said *inner) {
  struct action hidden = hidden_action(writer, inner), base = base_said(writer, outer), rest = writer->otherwise;
  diagram_t diagram = rule_list_conditions(writer->store, &outer->list);
  if (base.kind != ACTION_NONE)
    diagram = diagram_first(writer->store, diagram, diagram_action(base));
  if (hidden.kind != ACTION_NONE)
    diagram = diagram_stricter(writer->store, diagram_action(hidden), diagram);
  bool named = is_named(writer, outer) || is_named(writer, inner) || outer->list.any || inner->list.any;
  if (writer->log_default && !named)
    rest = writer->layer->otherwise;
  return diagram_first(writer->store, diagram, diagram_action(rest));
}

// The rules of the policy for one choice, the default last.
static int
collect_choice(struct writer *writer, const struct multiplexer *multiplexer, uint32_t value, struct rule_list *list) {
  if (!rule_list_collect(list, writer->policy, writer->layer, ABI_I386, multiplexer->number, value)
      || !rule_list_add(list, writer->layer->otherwise, 0, writer->layer->otherwise_at, NULL, 0))
    return writer_memory_error(writer);
  return 0;
}

// Is what the words say about the choice what the rules do?
static bool
same_choice(struct writer *writer, struct test choice, const struct said *outer, const struct said *inner,
            const struct rule_list *rules) {
  diagram_t words = words_diagram(writer, outer, inner), want = rule_list_diagram(writer->store, rules);
  return tests_diagram(writer->store, &choice, 1, words) == tests_diagram(writer->store, &choice, 1, want);
}

// Adds the rules for one choice to those of the multiplexer, without the tests that the choice makes hold.
static bool
add_choice(struct writer *writer, struct rule_list *out, struct test choice, const struct rule_list *rules) {
  diagram_t chosen = tests_diagram(writer->store, &choice, 1, diagram_action(rules->last));
  struct test *tests = malloc((rules->test_count + 1) * sizeof *tests);
  bool ok = tests != NULL;
  for (size_t i = 0; ok && i < rules->count; i++) {
    const struct list_rule *rule = &rules->rules[i];
    size_t count = 0;
    tests[count++] = choice;
    for (size_t j = 0; j < rule->test_count; j++) {
      tests[count] = rules->tests[rule->first_test + j];
      if (tests_diagram(writer->store, &tests[count], 1, chosen) != chosen)
        count++;
    }
    ok = rule_list_add(out, rule->action, 0, rule->at, tests, count);
  }
  free(tests);
  return ok && rule_list_add(out, rules->last, 0, rules->last_at, &choice, 1);
}

// Puts what the words of the call inside do not say in front of the multiplexer's own rules.
static int
settle_choice(struct writer *writer, const struct multiplexer *multiplexer, uint32_t value, struct rule_list *front) {
  struct said *outer = &writer->calls[multiplexer->call], *inner = &writer->calls[multiplexer->inner[value]];
  struct test choice = choice_test(multiplexer, value);
  struct rule_list rules = {0};
  int result = collect_choice(writer, multiplexer, value, &rules);
  if (result == 0 && !same_choice(writer, choice, outer, inner, &rules)) {
    inner->named = !inner->named;
    if (!same_choice(writer, choice, outer, inner, &rules)) {
      inner->named = !inner->named;
      if (!add_choice(writer, front, choice, &rules))
        result = writer_memory_error(writer);
    }
  }
  rule_list_clear(&rules);
  return result;
}

static int
check_choice(struct writer *writer, const struct multiplexer *multiplexer, uint32_t value) {
  const struct said nothing = {.call = multiplexer->call}, *outer = &writer->calls[multiplexer->call];
  call_t inside = multiplexer->inner[value];
  const struct said *inner = inside == CALL_NONE ? &nothing : &writer->calls[inside];
  char text[160];
  struct rule_list rules = {0};
  int result = collect_choice(writer, multiplexer, value, &rules);
  if (result == 0 && !same_choice(writer, choice_test(multiplexer, value), outer, inner, &rules)) {
    snprintf(text, sizeof text, "%s through %s gets something less strict than each by itself", calls_name(inner->call),
             calls_name(outer->call));
    result = writer_error(writer, rules.count > 0 ? rules.rules[0].at : rules.last_at, text, "");
  }
  rule_list_clear(&rules);
  return result;
}

static int
each_choice(struct writer *writer, const struct multiplexer *multiplexer, struct rule_list *front) {
  for (uint32_t value = 0; value < multiplexer->inner_count; value++) {
    if (multiplexer->inner[value] == CALL_NONE && front != NULL)
      continue;
    open_store(writer, writer->calls[multiplexer->call].list.test_count);
    int result =
        front != NULL ? settle_choice(writer, multiplexer, value, front) : check_choice(writer, multiplexer, value);
    if (result != 0 || check_store(writer, &writer->calls[multiplexer->call]) != 0)
      return -1;
  }
  return 0;
}

// Puts `front` before the multiplexer's own rules.
static int
prepend_rules(struct writer *writer, struct said *outer, struct rule_list *front) {
  struct rule_list *list = &outer->list;
  for (size_t i = 0; i < list->count; i++)
    if (!rule_list_add(front, list->rules[i].action, list->rules[i].abis, list->rules[i].at,
                       list->tests + list->rules[i].first_test, list->rules[i].test_count))
      return writer_memory_error(writer);
  // Now it is named, and what is named is not logged by itself.
  front->last = writer->log_default && list->last.kind == ACTION_NONE ? writer->layer->otherwise : list->last;
  front->last_at = list->last_at;
  rule_list_clear(list);
  *list = *front;
  *front = (struct rule_list){0};
  open_store(writer, list->test_count);
  simplify(writer, outer);
  return check_store(writer, outer) != 0 ? -1 : check_actions(writer, outer);
}

// Twice: what comes in front can make a rule of the multiplexer void that it was needed for.
static int
collect_multiplexer(struct writer *writer, const struct multiplexer *multiplexer) {
  struct said *outer = &writer->calls[multiplexer->call];
  struct rule_list front = {0};
  int result = 0;
  for (int round = 0; result == 0 && round < 2; round++) {
    drop_choices(&outer->list, multiplexer);
    result = each_choice(writer, multiplexer, &front);
    if (result == 0 && front.count > 0)
      result = prepend_rules(writer, outer, &front);
  }
  rule_list_clear(&front);
  return result != 0 ? -1 : each_choice(writer, multiplexer, NULL);
}

// Numbers.

bool
number_is_call(uint32_t number) {
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if (calls_at(abi, abi == ABI_X32 ? number | X32_BIT : number) != CALL_NONE)
      return true;
  return false;
}

// Whether words about the number are needed: true if it does not get what an unnamed one gets.
static int
number_is_said(struct writer *writer, enum abi abi, uint32_t number, diagram_t *diagram, bool *needed) {
  uint32_t seen = abi == ABI_X32 ? number | X32_BIT : number;
  *needed = false;
  if ((writer->policy->abis & ABI_BIT(abi)) == 0 || calls_at(abi, seen) != CALL_NONE)
    return 0;
  if (number_diagram(writer, abi, seen, diagram) != 0)
    return -1;
  *needed = *diagram != diagram_action(layer_otherwise(writer->layer, abi, seen));
  return 0;
}

static int
add_number(struct writer *writer, uint32_t number) {
  struct said *numbers =
      array_grow(writer->numbers, &writer->number_room, writer->number_count + 1, 16, sizeof *numbers);
  if (numbers == NULL)
    return writer_memory_error(writer);
  writer->numbers = numbers;
  struct said *said = &writer->numbers[writer->number_count++];
  *said = (struct said){.call = CALL_NONE, .number = number, .abi = ABI_NATIVE, .with = writer->policy->abis};
  if (!rule_list_collect(&said->list, writer->policy, writer->layer, ABI_NATIVE, number, NO_CHOICE))
    return writer_memory_error(writer);
  if (writer->log_default && said->list.last.kind == ACTION_NONE)
    said->list.last = writer->layer->otherwise;
  simplify(writer, said);
  return check_actions(writer, said);
}

static int
collect_number(struct writer *writer, uint32_t number) {
  const struct said about = {.call = CALL_NONE, .number = number};
  diagram_t diagrams[ABI_COUNT];
  unsigned needed = 0, there = 0;
  open_store(writer, 0);
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    bool said;
    if (number_is_said(writer, abi, number, &diagrams[abi], &said) != 0)
      return -1;
    needed |= said ? ABI_BIT(abi) : 0;
    there |= writer->policy->abis & ABI_BIT(abi);
  }
  if (check_store(writer, &about) != 0)
    return -1;
  if (needed == 0)
    return 0;
  if (writer->has_mark && calls_is_newer(ABI_NATIVE, number))
    return said_error(writer, &about, "is newer than the tables, and gets something else than others that are");
  if (number_is_call(number))
    return said_error(writer, &about, "is a call on one ABI, and gets something of its own where it is none");
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if ((there & ABI_BIT(abi)) != 0 && diagrams[abi] != diagrams[ABI_NATIVE])
      return said_error(writer, &about, "gets something else on one ABI than on another");
  return add_number(writer, number);
}

static int
compare_numbers(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static int
collect_numbers(struct writer *writer) {
  uint32_t *all = malloc((writer->policy->rule_count + 1) * sizeof *all);
  size_t count = 0;
  int result = 0;
  if (all == NULL)
    return writer_memory_error(writer);
  for (uint32_t i = 0; i < writer->layer->rule_count; i++) {
    const struct rule *rule = &writer->policy->rules[writer->layer->first_rule + i];
    if (rule->call == CALL_NONE)
      all[count++] = rule->number;
  }
  qsort(all, count, sizeof *all, compare_numbers);
  for (size_t i = 0; i < count && result == 0; i++)
    if (i == 0 || all[i] != all[i - 1])
      result = collect_number(writer, all[i]);
  free(all);
  return result;
}

// The whole layer.

int
writer_collect(struct writer *writer) {
  const struct layer *layer = writer->layer;
  bool newer = layer->newer.kind != ACTION_NONE && !action_equal(layer->newer, layer->otherwise);
  writer->log_default = layer->otherwise.kind == ACTION_LOG;
  writer->otherwise = writer->log_default ? (struct action){ACTION_ALLOW, 0} : layer->otherwise;
  if (action_refuses(writer->otherwise) && !action_is_refusal(writer->otherwise))
    return writer_error(writer, layer->otherwise_at, "what calls get that no rule is about", "");
  if (newer && (!action_equal(layer->newer, no_such_call) || writer->log_default))
    return writer_error(writer, layer->otherwise_at, "what calls get that are newer than the tables", "");
  writer->has_mark = newer;
  if (writer->has_mark && find_mark(writer) != 0)
    return -1;
  for (size_t i = 0; i < calls_count(); i++)
    if (collect_call(writer, (call_t)i) != 0)
      return -1;
  for (size_t i = 0; i < MULTIPLEXERS && (writer->policy->abis & ABI_BIT(ABI_I386)) != 0; i++)
    if (collect_multiplexer(writer, &multiplexers[i]) != 0)
      return -1;
  return collect_numbers(writer);
}
