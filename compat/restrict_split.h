// SPDX-License-Identifier: LGPL-2.1-or-later
// restrict_split.h - MemoryDenyWriteExecute= as a part of a policy: the one restriction that no words of
// SystemCallFilter= can say, because on i386 it looks at the flags behind ipc(2). For writers.
#ifndef SCRUN_COMPAT_RESTRICT_SPLIT_H
#define SCRUN_COMPAT_RESTRICT_SPLIT_H
#include "compat/policy.h"

// If the property and the rest of the layers decide together as the sealed `policy` does: makes the rest, which has the
// layers, ABIs and foreign action of `policy` and nothing else of it. Sealed; the caller owns it. Otherwise *rest is
// NULL.
SC_NODISCARD int restrictions_split(const struct policy *policy, struct policy **rest, struct error *e);

// The layers of `policy` but that one, in the same way.
SC_NODISCARD int layers_without(const struct policy *policy, const struct layer *left_out, struct policy **out,
                                struct error *e);
#endif
