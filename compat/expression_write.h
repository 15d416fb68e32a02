// SPDX-License-Identifier: LGPL-2.1-or-later
// expression_write.h - argument tests as text: what expression.h reads.
#ifndef SCRUN_COMPAT_EXPRESSION_WRITE_H
#define SCRUN_COMPAT_EXPRESSION_WRITE_H
#include "compat/buffer.h"
#include "compat/policy.h"

// Writes one test of what is called `name`; `whole` is the mask that need not be written.
void expression_write_test(const char *name, uint64_t whole, const struct test *test, struct buffer *out);

// Writes the tests of `rule` (it has some), joined by &&. By the name of the argument where the test looks at just what
// the kernel reads of it, otherwise by register with the mask written out.
void expression_write(const struct policy *policy, const struct rule *rule, struct buffer *out);
#endif
