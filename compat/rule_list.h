// SPDX-License-Identifier: LGPL-2.1-or-later
// rule_list.h - what one layer does with one call, as a list of rules of its own: collected, compared by meaning, and
// rid of what never counts. For writers.
#ifndef SCRUN_COMPAT_RULE_LIST_H
#define SCRUN_COMPAT_RULE_LIST_H
#include "compat/diagram.h"
#include "compat/policy.h"

// A rule with tests. They are all 64 bits wide, and each of them holds for some values and not for others.
struct list_rule {
  struct action action;
  unsigned abis; // as in struct rule
  struct source_pos at;
  size_t first_test, test_count; // in the list's tests
};

// Zeroed memory is an empty list.
struct rule_list {
  struct list_rule *rules; // the first that matches decides
  size_t count, room;
  struct test *tests;
  size_t test_count, test_room;
  struct action last; // when none does: of a rule without tests; ACTION_NONE: there is none
  struct source_pos last_at;
  bool any; // the layer has a rule about it, be it one that never holds
};

// All return false when memory is out.

// Adds a rule behind the others, without tests: as the last one. What stands behind the last one is dropped.
bool rule_list_add(struct rule_list *list, struct action action, unsigned abis, struct source_pos at,
                   const struct test *tests, size_t count);

#define NO_CHOICE UINT32_MAX
// The rules about a number. Of a multiplexer: its own, and with a choice those of the call that it chooses, too.
bool rule_list_collect(struct rule_list *list, const struct policy *policy, const struct layer *layer, enum abi abi,
                       uint32_t number, uint32_t choice);
// The rules about a call by name, on x86: for calls without a number.
bool rule_list_collect_call(struct rule_list *list, const struct policy *policy, const struct layer *layer,
                            call_t call);
void rule_list_clear(struct rule_list *list);

// Nodes of diagrams are the store's, which has no room for too many of them: ask it afterwards.

// What the rules do, with the last one or without.
diagram_t rule_list_diagram(struct diagram_store *store, const struct rule_list *list);
diagram_t rule_list_conditions(struct diagram_store *store, const struct rule_list *list);
// The same as rule_list_diagram(), made of all rules at once (diagram_rules()): faster where they are many.
diagram_t rule_list_joined(struct diagram_store *store, const struct rule_list *list);
// The values of arguments that the tests hold for.
diagram_t tests_diagram(struct diagram_store *store, const struct test *tests, size_t count, diagram_t then);

// Drops rules that can never match.
void rule_list_prune(struct diagram_store *store, struct rule_list *list);

// Drops rules that can never be the first to match, and such at the end that do what would happen anyway, which is
// `last` where the list has no last rule (ACTION_NONE: something else than any of them).
void rule_list_simplify(struct diagram_store *store, struct rule_list *list, struct action last);
#endif
