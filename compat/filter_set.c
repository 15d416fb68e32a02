// SPDX-License-Identifier: LGPL-2.1-or-later
// filter_set.c - merges lines as systemd does (the last word on a call wins) and puts the rules in an order where the
// stricter of two wins.
#include "compat/filter_set.h"
#include "compat/array.h"
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

void
filter_set_clear(struct filter_set *set) {
  free(set->events);
  *set = (struct filter_set){0};
}

// What has been said about one call, and by which event. ACTION_NONE: nothing that counts.
struct entry {
  struct action action;
  uint32_t event;
};

// The same about a bare number. Kept in the order written until sort_numbers().
struct number_entry {
  uint32_t number;
  uint32_t order;
  struct entry entry;
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
  struct entry calls[CALLS_MAX];
  bool done[CALLS_MAX]; // has its rule
};

static void
merge_number(struct merge *merge, uint32_t number, struct entry entry) {
  struct number_entry *numbers = NULL;
  bool full = merge->number_count == FILTER_EVENTS_MAX;
  if (!full)
    numbers = array_grow(merge->numbers, &merge->number_room, merge->number_count + 1, 16, sizeof *numbers);
  if (numbers == NULL) {
    diag_add(merge->diags, DIAG_ERROR, merge->set->events[entry.event].at, "%s",
             full ? "too many numbers" : out_of_memory);
    return;
  }
  merge->numbers = numbers;
  merge->numbers[merge->number_count] = (struct number_entry){number, (uint32_t)merge->number_count, entry};
  merge->number_count++;
}

static void
merge_calls(struct merge *merge, const struct call_set *calls, struct entry entry) {
  for (unsigned word = 0; word < CALLS_MAX / 64; word++)
    for (uint64_t bits = calls->bits[word]; bits != 0; bits &= bits - 1)
      merge->calls[word * 64 + (unsigned)__builtin_ctzll(bits)] = entry;
}

static void
merge_group(struct merge *merge, const struct filter_event *event, struct entry entry) {
  struct word word;
  struct group_content content;
  if (!word_split(event->at, true, &word, merge->diags)
      || !group_book_find(merge->book, &word, event->losable ? DIAG_WARNING : DIAG_ERROR, &content, merge->diags))
    return;
  merge_calls(merge, content.calls, entry);
  for (size_t i = 0; i < content.number_count; i++)
    merge_number(merge, content.numbers[i], entry);
}

static void
merge_reset(struct merge *merge) {
  merge->mode = NULL;
  merge->number_count = 0;
  memset(merge->calls, 0, sizeof merge->calls);
}

static void
merge_event(struct merge *merge, size_t index) {
  const struct filter_event *event = &merge->set->events[index];
  struct entry entry = {event->own, (uint32_t)index};
  if (entry.action.kind == ACTION_NONE && merge->mode != NULL)
    entry.action = event->tilde ? merge->mode->tilde : merge->mode->plain;
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
    merge->calls[event->call] = entry;
    return;
  case EVENT_NUMBER:
    merge_number(merge, event->number, entry);
    return;
  case EVENT_GROUP:
    merge_group(merge, event, entry);
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

// From here on: merged entries become rules.
struct emit {
  struct merge *merge;
  struct policy *policy;
  size_t rules;
  bool *refuses;
  bool failed;
};

static void
emit_rule(struct emit *emit, call_t call, uint32_t number, struct entry entry) {
  struct error e;
  struct rule rule = {
      .call = call, .number = number, .action = entry.action, .at = emit->merge->set->events[entry.event].at};
  if (emit->failed)
    return;
  if (policy_add_rule(emit->policy, &rule, NULL, 0, &e) != 0) {
    diag_add(emit->merge->diags, DIAG_ERROR, rule.at, "%s", e.text);
    emit->failed = true;
    return;
  }
  emit->rules++;
  if (action_refuses(entry.action))
    *emit->refuses = true;
}

static void
emit_call(struct emit *emit, call_t call) {
  struct merge *merge = emit->merge;
  if (merge->calls[call].action.kind == ACTION_NONE || merge->done[call])
    return;
  merge->done[call] = true;
  if (!call_is_nowhere(call))
    emit_rule(emit, call, 0, merge->calls[call]);
}

// i386's multiplexers: a rule on socketcall and one on a call inside both match, and the first decides. Calls inside
// that are treated at least as strictly come before, all others after, so that the stricter always wins.
static void
emit_multiplexer(struct emit *emit, const struct multiplexer *multiplexer) {
  const struct entry *calls = emit->merge->calls;
  struct action outer = calls[multiplexer->call].action;
  if (outer.kind == ACTION_NONE)
    return;
  for (uint32_t i = 0; i < multiplexer->inner_count; i++)
    if (multiplexer->inner[i] != CALL_NONE && calls[multiplexer->inner[i]].action.kind >= outer.kind)
      emit_call(emit, multiplexer->inner[i]);
  emit_call(emit, multiplexer->call);
}

static void
emit_numbers(struct emit *emit) {
  struct merge *merge = emit->merge;
  if (merge->number_count > 1)
    qsort(merge->numbers, merge->number_count, sizeof *merge->numbers, compare_numbers);
  for (size_t i = 0; i < merge->number_count; i++) {
    bool last = i + 1 == merge->number_count || merge->numbers[i + 1].number != merge->numbers[i].number;
    if (last && merge->numbers[i].entry.action.kind != ACTION_NONE)
      emit_rule(emit, CALL_NONE, merge->numbers[i].number, merge->numbers[i].entry);
  }
}

static bool
has_rules(const struct merge *merge) {
  for (size_t i = 0; i < calls_count(); i++)
    if (merge->calls[i].action.kind != ACTION_NONE)
      return true;
  for (size_t i = 0; i < merge->number_count; i++)
    if (merge->numbers[i].entry.action.kind != ACTION_NONE)
      return true;
  return false;
}

static void
emit_layer(struct merge *merge, struct policy *policy, bool *refuses) {
  struct emit emit = {.merge = merge, .policy = policy, .refuses = refuses};
  struct action otherwise = merge->mode->otherwise;
  struct source_pos at = merge->mode->otherwise_at.source != NULL ? merge->mode->otherwise_at : merge->mode_at;
  struct error e;
  if (otherwise.kind == ACTION_ALLOW && !has_rules(merge))
    return;
  if (policy_add_layer(policy, otherwise, at, &e) != 0) {
    diag_add(merge->diags, DIAG_ERROR, at, "%s", e.text);
    return;
  }
  if (action_refuses(otherwise))
    *refuses = true;
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    emit_multiplexer(&emit, &multiplexers[i]);
  for (size_t i = 0; i < calls_count(); i++)
    emit_call(&emit, (call_t)i);
  emit_numbers(&emit);
}

void
filter_set_build(const struct filter_set *set, const struct filter_mode modes[2], struct group_book *book,
                 struct policy *policy, bool *refuses, struct diags *diags) {
  if (set->count == 0)
    return;
  // On the stack, 13 KiB: it saves a launch the system calls and page faults of a fresh heap.
  struct merge merge = {.set = set, .modes = modes, .book = book, .diags = diags};
  for (size_t i = 0; i < set->count; i++)
    merge_event(&merge, i);
  if (merge.mode != NULL)
    emit_layer(&merge, policy, refuses);
  free(merge.numbers);
}
