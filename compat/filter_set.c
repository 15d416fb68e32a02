// SPDX-License-Identifier: LGPL-2.1-or-later
// filter_set.c - merges lines as systemd does (the last word on a call wins), and puts the rules in an order where
// tests are asked from the last to the first, and of a multiplexer and a call inside the stricter wins.
#include "compat/filter_set.h"
#include "compat/arguments.h"
#include "compat/array.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
filter_set_add(struct filter_set *set, const struct filter_event *event, struct diags *diags) {
  if (set->count == FILTER_EVENTS_MAX) {
    diag_add(diags, DIAG_ERROR, event->at, "more than %d words", FILTER_EVENTS_MAX);
    return false;
  }
  struct filter_event *events = array_grow(set->events, &set->room, set->count + 1, 32, sizeof *events);
  if (events == NULL) {
    diag_add(diags, DIAG_ERROR, event->at, "%s", out_of_memory);
    return false;
  }
  set->events = events;
  set->events[set->count++] = *event;
  return true;
}

bool
filter_set_add_tests(struct filter_set *set, struct expression *tests, struct filter_event *event,
                     struct diags *diags) {
  struct expression *expressions = NULL;
  bool full = tests->test_count > POLICY_TESTS_MAX - set->test_count;
  if (!full)
    expressions =
        array_grow(set->expressions, &set->expression_room, set->expression_count + 1, 16, sizeof *expressions);
  if (expressions == NULL) {
    if (full)
      diag_add(diags, DIAG_ERROR, event->at, "more than %d tests of arguments", POLICY_TESTS_MAX);
    else
      diag_add(diags, DIAG_ERROR, event->at, "%s", out_of_memory);
    expression_clear(tests);
    return false;
  }
  set->expressions = expressions;
  set->expressions[set->expression_count++] = *tests;
  set->test_count += tests->test_count;
  event->tests = (uint32_t)set->expression_count;
  return true;
}

void
filter_set_clear(struct filter_set *set) {
  for (size_t i = 0; i < set->expression_count; i++)
    expression_clear(&set->expressions[i]);
  free(set->expressions);
  free(set->events);
  *set = (struct filter_set){0};
}

// What rules and messages are about: a call, or with CALL_NONE a bare number.
struct subject {
  call_t call;
  uint32_t number;
};

#define SUBJECT_BYTES 40

static const char *
subject_name(struct subject subject, char out[SUBJECT_BYTES]) {
  if (subject.call != CALL_NONE)
    return calls_name(subject.call);
  snprintf(out, SUBJECT_BYTES, "number %u", (unsigned)subject.number);
  return out;
}

// What a call gets when the tests of a word hold.
struct condition {
  struct action action;
  uint32_t event; // the word
  bool lasting;   // it was allowed on a line without ~
  uint32_t next;  // 1 + index of the one that is asked next; 0: none
};

// What has been said about one call: conditions, and what it gets when none of them holds, by which event. ACTION_NONE:
// nothing that counts.
struct entry {
  struct action action;
  uint32_t event;
  uint32_t conditions; // 1 + index of the first one; 0: none
};

// A word about a bare number. Kept in the order written until sort_numbers().
struct number_entry {
  uint32_t number;
  uint32_t order;
  struct entry entry; // .event alone, until settle_numbers()
};

struct merge {
  const struct filter_set *set;
  const struct filter_mode *modes;
  struct group_book *book;
  struct diags *diags;
  const struct filter_mode *mode; // NULL until the first line
  struct source_pos mode_at;
  size_t number_count, number_room;
  struct number_entry *numbers;
  size_t condition_count, condition_room;
  struct condition *conditions;
  struct entry calls[CALLS_MAX];
  bool done[CALLS_MAX]; // has its rules
};

static const struct filter_event *
event_of(const struct merge *merge, uint32_t index) {
  return &merge->set->events[index];
}

static bool
is_said(const struct entry *entry) {
  return entry->action.kind != ACTION_NONE || entry->conditions != 0;
}

// ACTION_NONE refuses nothing either: a name that is taken back.
static bool
is_refusal(struct action action) {
  return action.kind != ACTION_NONE && action_refuses(action);
}

static size_t
count_conditions(const struct merge *merge, const struct entry *entry) {
  size_t count = 0;
  for (uint32_t i = entry->conditions; i != 0; i = merge->conditions[i - 1].next)
    count++;
  return count;
}

// Puts a condition in front of what was said before.
static void
push_condition(struct merge *merge, struct entry *entry, struct condition condition) {
  struct source_pos at = event_of(merge, condition.event)->at;
  if (count_conditions(merge, entry) == FILTER_CONDITIONS_MAX) {
    diag_add(merge->diags, DIAG_ERROR, at, "more than %d words with tests about one call", FILTER_CONDITIONS_MAX);
    diag_add(merge->diags, DIAG_HINT, at, "write several tests in one word: (... || ...)");
    return;
  }
  struct condition *conditions =
      array_grow(merge->conditions, &merge->condition_room, merge->condition_count + 1, 16, sizeof *conditions);
  if (conditions == NULL) {
    diag_add(merge->diags, DIAG_ERROR, at, "%s", out_of_memory);
    return;
  }
  merge->conditions = conditions;
  condition.next = entry->conditions;
  merge->conditions[merge->condition_count++] = condition;
  entry->conditions = (uint32_t)merge->condition_count;
}

// Behind x(t) on a line without ~: x does not run unless such a word allows it.
static void
refuse_rest(struct merge *merge, struct entry *entry, uint32_t index) {
  struct action own = event_of(merge, index)->own;
  struct action refused = own.kind != ACTION_NONE ? own : merge->mode->tilde;
  for (uint32_t i = entry->conditions; i != 0; i = merge->conditions[i - 1].next) {
    struct condition *condition = &merge->conditions[i - 1];
    if (!condition->lasting && (own.kind != ACTION_NONE || !action_refuses(condition->action)))
      condition->action = refused;
  }
  if (own.kind == ACTION_NONE && is_refusal(entry->action))
    return;
  entry->action = refused;
  entry->event = index;
}

static void
say_tests(struct merge *merge, struct entry *entry, uint32_t index) {
  const struct filter_event *event = event_of(merge, index);
  struct condition condition = {.action = event->own, .event = index, .lasting = !event->tilde};
  if (condition.lasting) {
    refuse_rest(merge, entry, index);
    condition.action = (struct action){ACTION_ALLOW, 0};
  } else if (condition.action.kind == ACTION_NONE) {
    condition.action = merge->mode->tilde;
  }
  push_condition(merge, entry, condition);
}

static struct action
plain_action(const struct merge *merge, const struct filter_event *event) {
  if (event->own.kind != ACTION_NONE || merge->mode == NULL)
    return event->own;
  return event->tilde ? merge->mode->tilde : merge->mode->plain;
}

// A group that is written behind tests for another call's sake must not take them away unseen.
static void
report_group(const struct merge *merge, struct subject subject, const struct entry *entry, uint32_t index) {
  char name[SUBJECT_BYTES];
  struct source_pos group = event_of(merge, index)->at;
  struct source_pos tests = event_of(merge, merge->conditions[entry->conditions - 1].event)->at;
  subject_name(subject, name);
  diag_add(merge->diags, DIAG_ERROR, group, "\"%.*s\" would allow %s whatever its arguments", text_shown(group.length),
           text_bytes(group), subject_name(subject, name));
  diag_add(merge->diags, DIAG_HINT, tests, "these tests would not count any more");
  diag_add(merge->diags, DIAG_HINT, group, "write the group before the tests, or if they are not wanted \"%s\" itself",
           subject.call != CALL_NONE ? calls_name(subject.call) : name + strlen("number "));
}

// What a word or a group without tests makes of an entry.
static void
say_plainly(struct merge *merge, struct subject subject, struct entry *entry, struct entry said) {
  if (entry->conditions != 0 && !is_refusal(said.action) && event_of(merge, said.event)->kind == EVENT_GROUP)
    report_group(merge, subject, entry, said.event);
  else
    *entry = said;
}

static void
say(struct merge *merge, struct subject subject, struct entry *entry, uint32_t index) {
  const struct filter_event *event = event_of(merge, index);
  if (event->tests != 0)
    say_tests(merge, entry, index);
  else
    say_plainly(merge, subject, entry, (struct entry){plain_action(merge, event), index, 0});
}

static void
merge_number(struct merge *merge, uint32_t number, uint32_t index) {
  struct number_entry *numbers = NULL;
  bool full = merge->number_count == FILTER_EVENTS_MAX;
  if (!full)
    numbers = array_grow(merge->numbers, &merge->number_room, merge->number_count + 1, 16, sizeof *numbers);
  if (numbers == NULL) {
    diag_add(merge->diags, DIAG_ERROR, event_of(merge, index)->at, "%s", full ? "too many numbers" : out_of_memory);
    return;
  }
  merge->numbers = numbers;
  merge->numbers[merge->number_count] = (struct number_entry){number, (uint32_t)merge->number_count, {.event = index}};
  merge->number_count++;
}

static void
merge_calls(struct merge *merge, const struct call_set *calls, uint32_t index) {
  struct entry said = {plain_action(merge, event_of(merge, index)), index, 0};
  for (unsigned word = 0; word < CALLS_MAX / 64; word++)
    for (uint64_t bits = calls->bits[word]; bits != 0; bits &= bits - 1) {
      unsigned call = word * 64 + (unsigned)__builtin_ctzll(bits);
      say_plainly(merge, (struct subject){(call_t)call, 0}, &merge->calls[call], said);
    }
}

static void
merge_group(struct merge *merge, uint32_t index) {
  const struct filter_event *event = event_of(merge, index);
  struct word word;
  struct group_content content;
  if (!word_split(event->at, true, &word, merge->diags)
      || !group_book_find(merge->book, &word, event->losable ? DIAG_WARNING : DIAG_ERROR, &content, merge->diags))
    return;
  merge_calls(merge, content.calls, index);
  for (size_t i = 0; i < content.number_count; i++)
    merge_number(merge, content.numbers[i], index);
}

static void
merge_reset(struct merge *merge) {
  merge->mode = NULL;
  merge->number_count = 0;
  merge->condition_count = 0;
  memset(merge->calls, 0, sizeof merge->calls);
}

static void
merge_event(struct merge *merge, uint32_t index) {
  const struct filter_event *event = event_of(merge, index);
  switch (event->kind) {
  case EVENT_NONE:
    return;
  case EVENT_RESET:
    merge_reset(merge);
    return;
  case EVENT_LINE:
    if (merge->mode == NULL) {
      merge->mode = &merge->modes[event->tilde];
      merge->mode_at = event->at;
    }
    return;
  case EVENT_CALL:
    say(merge, (struct subject){event->call, 0}, &merge->calls[event->call], index);
    return;
  case EVENT_NUMBER:
    merge_number(merge, event->number, index);
    return;
  case EVENT_GROUP:
    merge_group(merge, index);
    return;
  }
}

static int
compare_numbers(const void *a, const void *b) {
  const struct number_entry *left = a, *right = b;
  if (left->number != right->number)
    return left->number < right->number ? -1 : 1;
  return left->order < right->order ? -1 : left->order > right->order;
}

// One entry for each number that something was said about: numbers are too many to be looked up at every word.
static void
settle_numbers(struct merge *merge) {
  size_t kept = 0;
  if (merge->number_count > 1)
    qsort(merge->numbers, merge->number_count, sizeof *merge->numbers, compare_numbers);
  for (size_t i = 0; i < merge->number_count;) {
    uint32_t number = merge->numbers[i].number;
    struct entry entry = {.action = {ACTION_NONE, 0}};
    for (; i < merge->number_count && merge->numbers[i].number == number; i++)
      say(merge, (struct subject){CALL_NONE, number}, &entry, merge->numbers[i].entry.event);
    if (is_said(&entry))
      merge->numbers[kept++] = (struct number_entry){number, 0, entry};
  }
  merge->number_count = kept;
}

// From here on: merged entries become rules.
struct emit {
  struct merge *merge;
  struct policy *policy;
  struct filter_mark mark;
  struct test *scratch; // for one rule, and the choice of a multiplexer; NULL until the first test
  bool *refuses;
  bool failed;
};

static void
emit_fail(struct emit *emit, struct source_pos at, const char *text) {
  if (!emit->failed)
    diag_add(emit->merge->diags, DIAG_ERROR, at, "%s", text);
  emit->failed = true;
}

static void
emit_rule(struct emit *emit, struct rule rule, const struct test *tests, size_t count) {
  struct error e;
  if (emit->failed)
    return;
  if (policy_add_rule(emit->policy, &rule, tests, count, &e) != 0) {
    emit_fail(emit, rule.at, e.text);
    return;
  }
  if (action_refuses(rule.action))
    *emit->refuses = true;
}

static struct rule
rule_about(const struct emit *emit, struct subject subject, struct action action, uint32_t event) {
  return (struct rule){
      .call = subject.call, .number = subject.number, .action = action, .at = event_of(emit->merge, event)->at};
}

// The ABIs of the policy that have the call.
static unsigned
abis_with(const struct policy *policy, call_t call) {
  unsigned abis = 0;
  uint32_t number;
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if ((policy->abis & ABI_BIT(abi)) != 0 && calls_number(call, abi, &number))
      abis |= ABI_BIT(abi);
  return abis;
}

static bool
is_inside(const struct policy *policy, call_t call) {
  const struct multiplexer *multiplexer;
  uint32_t value;
  return (policy->abis & ABI_BIT(ABI_I386)) != 0 && multiplexer_of(call, &multiplexer, &value);
}

static const struct expression *
tests_of(const struct emit *emit, const struct condition *condition) {
  return &emit->merge->set->expressions[event_of(emit->merge, condition->event)->tests - 1];
}

static uint32_t
alternative_start(const struct expression *tests, size_t alternative) {
  return alternative == 0 ? 0 : tests->ends[alternative - 1];
}

// One alternative as `abi` has to ask it, into `out`. Returns how many tests, or 0 if that ABI hides an argument: an
// alternative has at least one.
static size_t
alternative_on(const struct expression *tests, size_t alternative, call_t call, enum abi abi, struct test *out) {
  size_t count = 0;
  for (uint32_t i = alternative_start(tests, alternative); i < tests->ends[alternative]; i++)
    if (!expression_test_on(tests, i, call, abi, &out[count++]))
      return 0;
  return count;
}

static bool
has_scratch(struct emit *emit, struct source_pos at) {
  if (emit->scratch == NULL)
    emit->scratch = malloc((EXPRESSION_TESTS_MAX + 1) * sizeof *emit->scratch);
  if (emit->scratch == NULL)
    emit_fail(emit, at, out_of_memory);
  return emit->scratch != NULL;
}

static void
emit_alternatives(struct emit *emit, struct rule rule, const struct expression *tests) {
  for (size_t i = 0; i < tests->alternative_count; i++) {
    uint32_t start = alternative_start(tests, i);
    emit_rule(emit, rule, tests->tests + start, tests->ends[i] - start);
  }
}

// On this ABI arguments of the call are elsewhere, or hidden: then what refuses does so always, and nothing else
// counts.
static void
emit_alternatives_on(struct emit *emit, struct rule rule, const struct expression *tests, enum abi abi) {
  rule.abis = ABI_BIT(abi);
  for (size_t i = 0; i < tests->alternative_count && has_scratch(emit, rule.at); i++) {
    size_t count = alternative_on(tests, i, rule.call, abi, emit->scratch);
    if (count > 0 || action_refuses(rule.action))
      emit_rule(emit, rule, emit->scratch, count);
    if (count == 0 && action_refuses(rule.action))
      return;
  }
}

static void
emit_condition(struct emit *emit, struct subject subject, const struct condition *condition) {
  const struct expression *tests = tests_of(emit, condition);
  struct rule rule = rule_about(emit, subject, condition->action, condition->event);
  unsigned abis = subject.call == CALL_NONE ? 0 : abis_with(emit->policy, subject.call), same = 0;
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if ((abis & ABI_BIT(abi)) != 0 && expression_same_on(tests, subject.call, ABI_BIT(abi)))
      same |= ABI_BIT(abi);
  rule.abis = same == abis ? 0 : same;
  if (rule.abis != 0 && is_inside(emit->policy, subject.call) && (abis & ABI_BIT(ABI_I386)) == 0)
    rule.abis |= ABI_BIT(ABI_I386);
  if (same == abis || rule.abis != 0)
    emit_alternatives(emit, rule, tests);
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if ((abis & ~same & ABI_BIT(abi)) != 0)
      emit_alternatives_on(emit, rule, tests, abi);
}

// Where and how an argument that is tested is hidden from filters.
struct hiding {
  enum abi abi; // ABI_NONE: nowhere
  const struct multiplexer *through;
  const struct test *test;
};

static struct hiding
find_hiding(const struct emit *emit, call_t call, const struct condition *condition) {
  const struct expression *tests = tests_of(emit, condition);
  unsigned abis = abis_with(emit->policy, call);
  const struct multiplexer *through;
  struct test out;
  uint32_t value;
  if (is_inside(emit->policy, call) && multiplexer_of(call, &through, &value))
    return (struct hiding){ABI_I386, through, &tests->tests[0]};
  for (enum abi abi = ABI_COUNT - 1; abi > ABI_NONE; abi--)
    for (size_t i = 0; (abis & ABI_BIT(abi)) != 0 && i < tests->test_count; i++)
      if (!expression_test_on(tests, i, call, abi, &out))
        return (struct hiding){abi, NULL, &tests->tests[i]};
  return (struct hiding){ABI_NONE, NULL, NULL};
}

static const char *
argument_name(call_t call, unsigned place) {
  size_t count = 0;
  const struct argument *arguments = arguments_of(call, &count);
  for (size_t i = 0; i < count; i++)
    if (arguments[i].place == (int)place)
      return arguments[i].name;
  return "";
}

// Says what a call with conditions gets where an ABI hides its arguments. Once: one of its words stands for all.
static void
warn_hidden(struct emit *emit, call_t call, const struct entry *entry) {
  const struct merge *merge = emit->merge;
  struct hiding hiding = {ABI_NONE, NULL, NULL};
  char what[160];
  uint32_t last = 0;
  for (uint32_t i = entry->conditions; i != 0 && hiding.abi == ABI_NONE; i = merge->conditions[i - 1].next) {
    hiding = find_hiding(emit, call, &merge->conditions[i - 1]);
    last = i;
  }
  if (hiding.abi == ABI_NONE)
    return;
  const struct condition *condition = &merge->conditions[last - 1];
  struct source_pos at = event_of(merge, condition->event)->at;
  bool refused = (condition->lasting || action_refuses(condition->action)) && !merge->mode->adds;
  if (hiding.through != NULL)
    snprintf(what, sizeof what, "arguments of %s through %s", calls_name(call), calls_name(hiding.through->call));
  else
    snprintf(what, sizeof what, "\"%s\" of %s as the kernel reads it", argument_name(call, hiding.test->argument),
             calls_name(call));
  diag_add(merge->diags, DIAG_WARNING, at, "on %s, no filter sees the %s: there %s", abi_name(hiding.abi), what,
           refused ? "the call is refused whatever its arguments" : "this word never counts");
  diag_add(merge->diags, DIAG_HINT, at,
           "SystemCallArchitectures=native keeps 32-bit programs out, and ends this message");
}

static void
emit_entry(struct emit *emit, struct subject subject, const struct entry *entry) {
  const struct merge *merge = emit->merge;
  for (uint32_t i = entry->conditions; i != 0; i = merge->conditions[i - 1].next)
    emit_condition(emit, subject, &merge->conditions[i - 1]);
  if (entry->action.kind != ACTION_NONE)
    emit_rule(emit, rule_about(emit, subject, entry->action, entry->event), NULL, 0);
  if (subject.call != CALL_NONE && entry->conditions != 0)
    warn_hidden(emit, subject.call, entry);
}

static void
emit_call(struct emit *emit, call_t call) {
  struct merge *merge = emit->merge;
  if (!is_said(&merge->calls[call]) || merge->done[call])
    return;
  merge->done[call] = true;
  if (!call_is_nowhere(call))
    emit_entry(emit, (struct subject){call, 0}, &merge->calls[call]);
}

// What a call gets where its arguments are hidden, and by which event. ACTION_NONE: nothing was said about that.
static struct action
hidden_action(const struct merge *merge, const struct entry *entry, uint32_t *event) {
  for (uint32_t i = entry->conditions; i != 0; i = merge->conditions[i - 1].next) {
    *event = merge->conditions[i - 1].event;
    if (action_refuses(merge->conditions[i - 1].action))
      return merge->conditions[i - 1].action;
  }
  *event = entry->event;
  return entry->action;
}

// i386's multiplexers: a rule on socketcall and one on a call inside both match, and the first decides. Calls inside
// that are treated at least as strictly come before, all others after, so that the stricter always wins.
static void
emit_multiplexer(struct emit *emit, const struct multiplexer *multiplexer) {
  const struct entry *calls = emit->merge->calls;
  struct action outer = calls[multiplexer->call].action;
  uint32_t event;
  for (uint32_t i = 0; i < multiplexer->inner_count; i++) {
    call_t inner = multiplexer->inner[i];
    if (inner != CALL_NONE && hidden_action(emit->merge, &calls[inner], &event).kind >= outer.kind)
      emit_call(emit, inner);
  }
  emit_call(emit, multiplexer->call);
}

// One outcome of the multiplexer itself, where `choice` chooses a call that gets `inner`: the stricter of both.
static void
emit_choice(struct emit *emit, struct rule rule, struct action inner, struct test choice, const struct test *tests,
            size_t count) {
  if (!has_scratch(emit, rule.at))
    return;
  emit->scratch[0] = choice;
  if (count > 0)
    memcpy(emit->scratch + 1, tests, count * sizeof *tests);
  rule.action = action_stricter(inner, rule.action);
  emit_rule(emit, rule, emit->scratch, count + 1);
}

// With conditions on the multiplexer there is no such order. So for each call inside, what both get together is written
// out first, as rules on the multiplexer.
static void
emit_choices(struct emit *emit, const struct multiplexer *multiplexer, uint32_t value) {
  const struct merge *merge = emit->merge;
  const struct entry *outer = &merge->calls[multiplexer->call];
  struct test choice = {.argument = 0, .width = 32, .op = TEST_EQ, .mask = multiplexer->mask, .value = value};
  struct subject subject = {multiplexer->call, 0};
  uint32_t event;
  struct action inner = hidden_action(merge, &merge->calls[multiplexer->inner[value]], &event);
  if (inner.kind == ACTION_NONE)
    return;
  for (uint32_t i = outer->conditions; i != 0; i = merge->conditions[i - 1].next) {
    const struct condition *condition = &merge->conditions[i - 1];
    const struct expression *tests = tests_of(emit, condition);
    struct rule rule = rule_about(emit, subject, condition->action, condition->event);
    for (size_t j = 0; j < tests->alternative_count; j++) {
      uint32_t start = alternative_start(tests, j);
      emit_choice(emit, rule, inner, choice, tests->tests + start, tests->ends[j] - start);
    }
  }
  if (outer->action.kind != ACTION_NONE)
    emit_choice(emit, rule_about(emit, subject, outer->action, outer->event), inner, choice, NULL, 0);
}

static void
emit_multiplexers(struct emit *emit) {
  for (const struct multiplexer *multiplexer = multiplexers; multiplexer < multiplexers + MULTIPLEXERS; multiplexer++) {
    const struct entry *outer = &emit->merge->calls[multiplexer->call];
    if (outer->conditions == 0) {
      if (outer->action.kind != ACTION_NONE)
        emit_multiplexer(emit, multiplexer);
      continue;
    }
    for (uint32_t value = 0; value < multiplexer->inner_count; value++)
      if (multiplexer->inner[value] != CALL_NONE)
        emit_choices(emit, multiplexer, value);
    emit_call(emit, multiplexer->call);
  }
}

// SystemCallKnownUntil=: the ABIs of the policy on which the call is newer than the mark.
static unsigned
abis_beyond(const struct policy *policy, call_t call, struct filter_mark mark) {
  unsigned abis = abis_with(policy, call), beyond = 0;
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if ((abis & ABI_BIT(abi)) != 0 && calls_first_kernel(call, abi) > mark.kernel)
      beyond |= ABI_BIT(abi);
  return beyond;
}

static const struct action no_such_call = {ACTION_ERRNO, ENOSYS};

// The rules of the mark for one call. A call inside a multiplexer may be older than its own number on x86: then the
// rule is about the number, and leaves the multiplexer alone.
static void
emit_beyond(struct emit *emit, call_t call) {
  unsigned with = abis_with(emit->policy, call), beyond = abis_beyond(emit->policy, call, emit->mark);
  struct rule rule = {.call = call, .action = no_such_call, .at = emit->mark.at};
  if (is_inside(emit->policy, call) && (beyond & ABI_BIT(ABI_I386)) != 0) {
    struct rule direct = {.call = CALL_NONE, .abis = ABI_BIT(ABI_I386), .action = no_such_call, .at = emit->mark.at};
    (void)calls_number(call, ABI_I386, &direct.number);
    beyond &= ~ABI_BIT(ABI_I386);
    emit_rule(emit, direct, NULL, 0);
  }
  rule.abis = beyond == with && !is_inside(emit->policy, call) ? 0 : beyond;
  if (beyond != 0)
    emit_rule(emit, rule, NULL, 0);
  if (beyond != 0 && rule.abis == 0)
    emit->merge->done[call] = true;
}

// Bare numbers that a kernel newer than the tables may give to a call: those of groups yield to the mark.
static void
emit_number(struct emit *emit, const struct number_entry *number) {
  struct subject subject = {CALL_NONE, number->number};
  if (emit->mark.kernel == 0 || !calls_is_newer(ABI_NATIVE, number->number))
    emit_entry(emit, subject, &number->entry);
}

static bool
has_rules(const struct merge *merge) {
  if (merge->number_count > 0)
    return true;
  for (size_t i = 0; i < calls_count(); i++)
    if (is_said(&merge->calls[i]))
      return true;
  return false;
}

static void
emit_rules(struct emit *emit) {
  if (emit->mark.kernel != 0) {
    emit->policy->layers[emit->policy->layer_count - 1].newer = no_such_call;
    *emit->refuses = true;
    for (size_t i = 0; i < calls_count(); i++)
      emit_beyond(emit, (call_t)i);
  }
  emit_multiplexers(emit);
  for (size_t i = 0; i < calls_count(); i++)
    emit_call(emit, (call_t)i);
  for (size_t i = 0; i < emit->merge->number_count; i++)
    emit_number(emit, &emit->merge->numbers[i]);
}

static void
emit_layer(struct merge *merge, struct filter_mark mark, struct policy *policy, bool *refuses) {
  struct emit emit = {.merge = merge, .policy = policy, .mark = mark, .refuses = refuses};
  struct action otherwise = {ACTION_ALLOW, 0};
  struct source_pos at = mark.at;
  struct error e;
  settle_numbers(merge);
  if (merge->mode != NULL) {
    otherwise = merge->mode->otherwise;
    at = merge->mode->otherwise_at.source != NULL ? merge->mode->otherwise_at : merge->mode_at;
  }
  if (otherwise.kind == ACTION_ALLOW && !has_rules(merge) && mark.kernel == 0)
    return;
  if (policy_add_layer(policy, otherwise, at, &e) != 0) {
    diag_add(merge->diags, DIAG_ERROR, at, "%s", e.text);
    return;
  }
  if (action_refuses(otherwise))
    *refuses = true;
  emit_rules(&emit);
  free(emit.scratch);
}

#define KERNEL_MAJOR(kernel) ((unsigned)(kernel) >> 16)
#define KERNEL_MINOR(kernel) ((unsigned)(kernel)&0xffffu)

// The kernel that first has the call somewhere, if the mark excludes it wherever it could be called; otherwise 0.
static uint32_t
kernel_beyond(const struct policy *policy, call_t call, struct filter_mark mark) {
  unsigned abis = abis_with(policy, call);
  uint32_t least = UINT32_MAX;
  if (abis == 0 || is_inside(policy, call) || abis_beyond(policy, call, mark) != abis)
    return 0;
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if ((abis & ABI_BIT(abi)) != 0 && calls_first_kernel(call, abi) < least)
      least = calls_first_kernel(call, abi);
  return least;
}

// A word that names what the mark excludes contradicts it.
static void
check_event(const struct filter_event *event, struct filter_mark mark, const struct policy *policy,
            struct diags *diags) {
  unsigned major = KERNEL_MAJOR(mark.kernel), minor = KERNEL_MINOR(mark.kernel);
  if (event->kind == EVENT_NUMBER && calls_is_newer(ABI_NATIVE, event->number)) {
    diag_add(
        diags, DIAG_ERROR, event->at,
        "number %u is newer than all calls that scrun knows, but SystemCallKnownUntil=%u.%u makes it answer ENOSYS",
        (unsigned)event->number, major, minor);
    diag_add(diags, DIAG_HINT, event->at, "leave the number or SystemCallKnownUntil= out");
    return;
  }
  uint32_t kernel = event->kind == EVENT_CALL ? kernel_beyond(policy, event->call, mark) : 0;
  if (kernel == 0)
    return;
  diag_add(diags, DIAG_ERROR, event->at,
           "%s came with Linux %u.%u, but SystemCallKnownUntil=%u.%u makes it answer ENOSYS", calls_name(event->call),
           KERNEL_MAJOR(kernel), KERNEL_MINOR(kernel), major, minor);
  diag_add(diags, DIAG_HINT, event->at, "leave the word out, or write SystemCallKnownUntil=%u.%u or later",
           KERNEL_MAJOR(kernel), KERNEL_MINOR(kernel));
}

// Behind the last line that takes back all before it.
static size_t
first_in_force(const struct filter_set *set) {
  size_t first = set->count;
  while (first > 0 && set->events[first - 1].kind != EVENT_RESET)
    first--;
  return first;
}

static void
check_mark(const struct filter_set *set, struct filter_mark mark, const struct policy *policy, struct diags *diags) {
  for (size_t i = first_in_force(set); i < set->count; i++)
    check_event(&set->events[i], mark, policy, diags);
}

static bool
is_omitted(const struct filter_event *event, const struct omission *omission) {
  bool counts = event->kind == EVENT_NUMBER || (event->kind == EVENT_CALL && !call_is_nowhere(event->call));
  return counts && omission->omits(omission->context, event->at);
}

void
filter_set_build(const struct filter_set *set, const struct filter_mode modes[2], struct filter_mark mark,
                 struct group_book *book, struct policy *policy, bool *refuses, struct diags *diags) {
  if (set->count == 0 && mark.kernel == 0)
    return;
  // On the stack, 17 KiB: it saves a launch the system calls and page faults of a fresh heap.
  struct merge merge = {.set = set, .modes = modes, .book = book, .diags = diags};
  const struct omission *omission = modes[0].adds ? NULL : book->options->omission;
  size_t asked = omission == NULL ? set->count : first_in_force(set);
  for (size_t i = 0; i < set->count; i++)
    if (i < asked || !is_omitted(&set->events[i], omission))
      merge_event(&merge, (uint32_t)i);
  if (mark.kernel != 0)
    check_mark(set, mark, policy, diags);
  if (merge.mode != NULL || mark.kernel != 0)
    emit_layer(&merge, mark, policy, refuses);
  free(merge.conditions);
  free(merge.numbers);
}
