// SPDX-License-Identifier: LGPL-2.1-or-later
// lint.h - what the parts of `lint` share: the findings, and what becomes of one call by name.
#ifndef SCRUN_RUNNER_ANALYZE_LINT_H
#define SCRUN_RUNNER_ANALYZE_LINT_H
#include "compat/diag.h"
#include "runner/points.h"
#include "runner/policy_load.h"

struct finding {
  struct diag what, hint;
};

struct lint {
  const struct policy *policy;    // sealed, and not permissive
  struct policy_request *request; // what it was read from
  bool json;                      // that is JSON
  struct finding *findings;       // on the heap
  size_t count, room;
  bool failed;          // something could not be looked at; then nothing is printed but why
  struct error e;       // likewise
  struct points points; // of the number at hand
};

// One finding: its short name, what is so, and in *hint what to write. Texts that are too long are cut.
void lint_add(struct lint *lint, struct source_pos at, const char *name, const char *hint, const char *format, ...)
    SC_PRINTF(5, 6);

// What to write in JSON is something else than in text.
static inline const char *
lint_advice(const struct lint *lint, const char *text, const char *json) {
  return lint->json ? json : text;
}

// True if there is a finding already that the word at this place does nothing.
bool lint_is_void(const struct lint *lint, struct source_pos at);

// No more can be found out; the first reason counts.
void lint_fail(struct lint *lint, const struct error *e);

// What the policy does with one call on one ABI, whatever way it takes there: all arguments are considered.
struct reach {
  bool exists;                              // the ABI has it and the policy covers the ABI
  bool allows, refuses;                     // some arguments; some arguments
  bool refused_by_rule;                     // somewhere by a rule, not only by what is not listed
  struct action refusal;                    // the first that was met
  struct source_pos allowed_at, refused_at; // where the first of each was written
};

struct reach reach_of(struct lint *lint, call_t call, enum abi abi);

// The same through x86's multiplexer alone, and without it.
struct reach reach_through(struct lint *lint, call_t call);
struct reach reach_direct(struct lint *lint, call_t call, enum abi abi);

// The same with one argument held: low words of `place` are `value`.
struct reach reach_with(struct lint *lint, call_t call, enum abi abi, unsigned place, uint32_t value);

static inline bool
reach_is_closed(const struct reach *reach) {
  return reach->exists && !reach->allows;
}

static inline bool
reach_is_open(const struct reach *reach) {
  return reach->exists && reach->allows && !reach->refuses;
}

// Refused on purpose: by a rule, and not as a kernel would that does not have the call.
bool reach_is_denied(const struct reach *reach);

// The next name of a list with blanks between, as a call; CALL_NONE after the last.
call_t names_next(const char **names);

// Names for a message: "a", "b" and 3 more.
#define NAMES_BYTES 160
struct names {
  char text[NAMES_BYTES];
  size_t length;
  unsigned count, left;
  bool plain; // without quotes
};
void names_add(struct names *names, const char *name);
const char *names_text(struct names *names);

// Makes all checks and prints the findings, those that were added before it, too. Returns the exit status: 1 if there
// are any.
int lint_policy(struct lint *lint);

// The checks: about calls, about rules, and about words; in this order.
void lint_calls(struct lint *lint);
void lint_rules(struct lint *lint);
void lint_words(struct lint *lint);
#endif
