// SPDX-License-Identifier: LGPL-2.1-or-later
// diagram_rules.h - rules in order as one diagram, put together at once.
#ifndef SCRUN_COMPAT_DIAGRAM_RULES_H
#define SCRUN_COMPAT_DIAGRAM_RULES_H
#include "compat/diagram.h"

// A rule, which matches where all its tests hold: everywhere if it has none.
struct diagram_rule {
  const struct test *tests;
  size_t count;
  struct action action;
};

// What rules do of which the first that matches decides. *meet, unless it is NULL: some two of different actions match
// the same arguments. Works in static storage: one caller at a time.
diagram_t diagram_rules(struct diagram_store *store, const struct diagram_rule *rules, size_t count, bool *meet);
#endif
