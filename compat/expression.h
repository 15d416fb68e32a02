// SPDX-License-Identifier: LGPL-2.1-or-later
// expression.h - what stands in the parentheses behind a call: tests of its arguments, as an "or" of "and"s.
//
//     socket(domain in AF_UNIX,AF_INET)            write(fd == 1)            clone(!(flags & CLONE_NEWUSER))
//     mprotect(prot == PROT_READ|PROT_WRITE && len == 0x1000)                openat((flags & O_ACCMODE) == O_RDONLY)
//
//     tests    = and { "||" and }           and  = item { "&&" item }         item = "!" item | "(" tests ")" | test
//     test     = left ("==" | "!=" | "<" | "<=" | ">" | ">=") value | left "in" value { "," value } | NAME "&" value
//     left     = NAME | "(" NAME "&" value ")"
//     value    = term { "|" term }          term = NUMBER | "-" NUMBER | CONSTANT | "~" term | "(" value ")"
//
// NAME is the argument's name (arguments.h), which is compared as the kernel reads it: its low 8, 16, 32 or 64 bits,
// signed if its type is; or a0..a5, the whole 64-bit register, unsigned. `NAME & value` alone means: any of these bits
// is set. As there is no precedence to remember between & and ==, `a & b == c` without parentheses is an error.
#ifndef SCRUN_COMPAT_EXPRESSION_H
#define SCRUN_COMPAT_EXPRESSION_H
#include "compat/diag.h"
#include "compat/policy.h"

// Bounds on one expression: parentheses within one another, alternatives, and tests in all of them.
#define EXPRESSION_DEPTH_MAX 16
#define EXPRESSION_ALTERNATIVES_MAX 256
#define EXPRESSION_TESTS_MAX 1024

// Alternative i is tests[i == 0 ? 0 : ends[i - 1]] up to tests[ends[i] - 1]; each has at least one test. The `argument`
// of a test is the register on x86-64. On the heap.
struct expression {
  struct test *tests;
  uint32_t *ends;
  size_t test_count, alternative_count;
  size_t test_room, alternative_room;
};

// Reads the tests at `at` (without the outer parentheses) of `call`, CALL_NONE for a bare number, whose arguments are
// a0..a5 only. Refuses, with a message and a position: what is no test; an unknown name or constant, with what may have
// been meant; a test on a pointer, but for == and != with 0 (NULL); a value that the argument cannot have; a test, or
// the whole, that always or never holds. Returns false after adding an error; *out is then empty.
bool expression_read(struct expression *out, struct source_pos at, call_t call, struct diags *diags);
void expression_clear(struct expression *expression);

// The test as it has to be asked on `abi`: the same, or with the register that x86 uses. False if that ABI hides the
// argument from a filter (place_i386).
bool expression_test_on(const struct test *test, call_t call, enum abi abi, struct test *out);

// True if the tests mean the same registers on every ABI of `abis`.
bool expression_same_on(const struct expression *expression, call_t call, unsigned abis);
#endif
