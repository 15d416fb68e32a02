// SPDX-License-Identifier: LGPL-2.1-or-later
// flatten.h - several layers as one.
#ifndef SCRUN_COMPAT_FLATTEN_H
#define SCRUN_COMPAT_FLATTEN_H
#include "compat/policy.h"

// Makes a policy of one layer that decides every call as the sealed `policy` does (and is otherwise the same; a
// permissive one becomes what it really does). Sealed; the caller owns it. Fails with ERROR_POLICY past the bounds of
// policy.h.
SC_NODISCARD int policy_flatten(const struct policy *policy, struct policy **out, struct error *e);
#endif
