// SPDX-License-Identifier: LGPL-2.1-or-later
// filter_set.h - what all lines of SystemCallFilter= (or SystemCallLog=) say together, and the layer of rules that this
// makes.
#ifndef SCRUN_COMPAT_FILTER_SET_H
#define SCRUN_COMPAT_FILTER_SET_H
#include "compat/group_book.h"
#include "compat/policy.h"

// The bound on words in one policy: more than any list by name that makes sense, and short of what could fill the
// memory.
#define FILTER_EVENTS_MAX 65536

enum filter_event_kind { EVENT_NONE, EVENT_RESET, EVENT_LINE, EVENT_CALL, EVENT_NUMBER, EVENT_GROUP };

// One thing that was written. Events are kept and judged at the end: what a group holds depends on lines that may come
// later.
struct filter_event {
  enum filter_event_kind kind;
  bool tilde;        // on a ~ line
  bool losable;      // an unknown group is only a warning
  struct action own; // the suffix; ACTION_NONE: none
  call_t call;
  uint32_t number;
  struct source_pos at;
};

struct filter_set {
  struct filter_event *events;
  size_t count, room;
};

// Returns false after adding an error: out of memory, or past FILTER_EVENTS_MAX.
bool filter_set_add(struct filter_set *set, const struct filter_event *event, struct diags *diags);
void filter_set_clear(struct filter_set *set);

// What a mode makes of the words. ACTION_NONE: the call counts as not mentioned.
struct filter_mode {
  struct action otherwise;
  struct source_pos otherwise_at; // source NULL: the line that fixed the mode
  struct action plain, tilde;     // of words without a suffix
};

// The first line that is not empty fixes the mode: modes[0] for a plain one, modes[1] for one with ~.
// Adds the layer to the policy, unless it could not decide anything. Errors go to *diags; *refuses is set when some
// call would not run.
void filter_set_build(const struct filter_set *set, const struct filter_mode modes[2], struct group_book *book,
                      struct policy *policy, bool *refuses, struct diags *diags);
#endif
