// SPDX-License-Identifier: LGPL-2.1-or-later
// widen.h - layers that let more through than those they are made from, and policies made of layers of others.
#ifndef SCRUN_COMPAT_WIDEN_H
#define SCRUN_COMPAT_WIDEN_H
#include "compat/policy.h"

// What is let through: the rules that allow of `list`, a policy of one layer. What a list refuses it leaves to the
// policy: such rules only end what rules with tests allow, and of a call inside a multiplexer they hide the choice.
struct widening {
  const struct policy *list;
  bool (*narrow)(struct rule *rule); // takes out of a rule what must not be opened, false: all of it. NULL: nothing is
};

// Adds to `out` a layer that decides as `layer` of `policy` does, but for what the widening lets through first; NULL: a
// copy. Fails with ERROR_POLICY: too many layers or rules.
SC_NODISCARD int layer_widen(struct policy *out, const struct policy *policy, const struct layer *layer,
                             const struct widening *widening, struct error *e);

// All layers of `policy`. Fails likewise.
SC_NODISCARD int layers_widen(struct policy *out, const struct policy *policy, const struct widening *widening,
                              struct error *e);
#endif
