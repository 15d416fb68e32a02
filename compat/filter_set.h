// SPDX-License-Identifier: LGPL-2.1-or-later
// filter_set.h - what all lines of SystemCallFilter= (or SystemCallLog=) say together, and the layer of rules that this
// makes.
//
// Words without tests: the last word on a call wins. Words with tests, NAME(tests):
// - On a line without ~, x(t) allows x if and only if t, or the tests of another such word on x, hold. Otherwise x gets
//   the word's :ACTION, which has to refuse; without one what it got before where that is a refusal, and else the
//   policy's refusal (SystemCallErrorNumber=). An earlier allow of x, by name, by group or by default, ends there.
// - On a line with ~, x(t):ACTION gives x ACTION (without one the policy's refusal) when t holds, and otherwise what it
//   got before. Here :allow and :log can be said, too.
// - Later words are asked first. A later word without tests replaces all that was said about the call before; but a
//   group that would allow it whatever its arguments is an error.
// - Where x86 or x32 hides an argument from filters (in memory, split over two registers, read in another width), words
//   are decided strictly: one that refuses holds there whatever the arguments, one that does not never holds. Each such
//   call is warned about.
// - Through socketcall and ipc the stricter of what they get themselves and what the call inside gets wins.
// - SystemCallKnownUntil= comes before all words: what is newer answers ENOSYS.
// StartupSystemCallFilter= is read alike, as a list without ~.
#ifndef SCRUN_COMPAT_FILTER_SET_H
#define SCRUN_COMPAT_FILTER_SET_H
#include "compat/expression.h"
#include "compat/group_book.h"
#include "compat/policy.h"

// The bound on words in one policy: more than any list by name that makes sense, and short of what could fill the
// memory.
#define FILTER_EVENTS_MAX 65536

// The bound on words with tests about one call that are in force at a time.
#define FILTER_CONDITIONS_MAX 64

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
  uint32_t tests; // 1 + index in the set's expressions; 0: none. Not on groups
  struct source_pos at;
};

struct filter_set {
  struct filter_event *events;
  size_t count, room;
  struct expression *expressions;
  size_t expression_count, expression_room;
  size_t test_count; // in all of them, POLICY_TESTS_MAX at most
};

// Returns false after adding an error: out of memory, or past FILTER_EVENTS_MAX.
bool filter_set_add(struct filter_set *set, const struct filter_event *event, struct diags *diags);
// Takes over *tests, and makes them the tests of *event, which is still to be added. Returns false after adding an
// error; then *tests is cleared.
bool filter_set_add_tests(struct filter_set *set, struct expression *tests, struct filter_event *event,
                          struct diags *diags);
void filter_set_clear(struct filter_set *set);

// What a mode makes of the words. ACTION_NONE: the call counts as not mentioned.
struct filter_mode {
  struct action otherwise;
  struct source_pos otherwise_at; // source NULL: the line that fixed the mode
  struct action plain, tilde;     // of words without a suffix
  bool adds;                      // the layer adds to another: what it does not allow is not refused by that
};

// SystemCallKnownUntil=
struct filter_mark {
  uint32_t kernel; // KERNEL(); 0: there is none
  struct source_pos at;
};

// The first line that is not empty fixes the mode: modes[0] for a plain one, modes[1] for one with ~. Adds the layer to
// the policy, whose `abis` are set, unless it could not decide anything. With a mark there always is a layer. Errors
// and warnings go to *diags; *refuses is set when some call would not run.
void filter_set_build(const struct filter_set *set, const struct filter_mode modes[2], struct filter_mark mark,
                      struct group_book *book, struct policy *policy, bool *refuses, struct diags *diags);
#endif
