// SPDX-License-Identifier: LGPL-2.1-or-later
// arguments.h - what happens below one system call number: rules with argument tests, as a decision tree.
#ifndef SCRUN_RUNNER_ARGUMENTS_H
#define SCRUN_RUNNER_ARGUMENTS_H
#include "compat/policy.h"
#include "runner/tree.h"

// Adds the tree that decides calls of `number` on `abi` (one of policy->abis) to `tree`. A number whose answer depends
// on no argument gives one return. Fails with ERROR_POLICY when the tests are more than a program can hold.
SC_NODISCARD int arguments_add(struct tree *tree, const struct policy *policy, enum abi abi, uint32_t number,
                               node_t *out, struct error *e);

// The return of calls whose answer is `action`, `permissive` taken into account.
SC_NODISCARD int arguments_add_action(struct tree *tree, const struct policy *policy, struct action action, node_t *out,
                                      struct error *e);
#endif
