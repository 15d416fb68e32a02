// SPDX-License-Identifier: LGPL-2.1-or-later
// random_seccomp.h - random policies that linux.seccomp has words for, and random profiles of engines.
#ifndef SCRUN_TESTS_RANDOM_SECCOMP_H
#define SCRUN_TESTS_RANDOM_SECCOMP_H
#include "compat/buffer.h"
#include "random_policy.h"

// Like random_policy(), without bare numbers, rules of one ABI, listeners, and with the native ABI. The caller owns it.
struct policy *random_sayable(struct random *random, uint32_t rules_max);

// Writes a profile that allows what is named (ending with NULL): a policy that scrun wrote, or rules of any shape: that
// overlap, that are dropped or void, with one argument twice.
void random_engine(struct random *random, const char *const *allowed, struct buffer *out);
#endif
