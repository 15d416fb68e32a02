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
// signed if its type is; or a0..a5, the whole 64-bit register, unsigned, by the same number on every ABI. `NAME &
// value` alone means: any of these bits is set. As there is no precedence to remember between & and ==, `a & b == c`
// without parentheses is an error. What is behind a mask is unsigned.
//
// A test, a chain of && or ||, or the whole that always or never holds is an error. That is decided for each test, for
// each "and" by the tests on one argument, and for each "or" by those alternatives that are about one and the same
// argument alone: exactly, unless that takes too long, as it can with different masks on one argument; then it passes.
#ifndef SCRUN_COMPAT_EXPRESSION_H
#define SCRUN_COMPAT_EXPRESSION_H
#include "compat/diag.h"
#include "compat/policy.h"

// Bounds on one expression: parentheses within one another, alternatives, and tests in all of them.
#define EXPRESSION_DEPTH_MAX 16
#define EXPRESSION_ALTERNATIVES_MAX 256
#define EXPRESSION_TESTS_MAX 1024

// Alternative i is tests[i == 0 ? 0 : ends[i - 1]] up to tests[ends[i] - 1]; each has at least one test. The `argument`
// of a test is the register on x86-64; raw[i] says that tests[i] was written with a0..a5. On the heap.
struct expression {
  struct test *tests;
  bool *raw;
  uint32_t *ends;
  size_t test_count, alternative_count;
  size_t test_room, raw_room, alternative_room;
};

// Reads the tests at `at` (without the outer parentheses) of `call`, CALL_NONE for a bare number, whose arguments are
// a0..a5 only. Refuses, with a message and a position: what is no test; an unknown name or constant, with what may have
// been meant; a test on a pointer, but for == and != with 0 (NULL); a value that the argument cannot have; a test, or
// the whole, that always or never holds. Returns false after adding an error; *out is then empty.
bool expression_read(struct expression *out, struct source_pos at, call_t call, struct diags *diags);
void expression_clear(struct expression *expression);

// tests[index] as it has to be asked on `abi`: the same, or with the register that it uses there, and on x86 a 64-bit
// argument as the 32 bits that there are of it (-1 is 0xffffffff). A test that x86 can then never or only pass becomes
// one that never or always holds. False if the ABI hides the argument from a filter (place_x32, place_i386 in
// arguments.h), or if the call exists there only inside a multiplexer.
bool expression_test_on(const struct expression *expression, size_t index, call_t call, enum abi abi, struct test *out);

// True if all tests have to be asked in the same way on every ABI of `abis` that has the call.
bool expression_same_on(const struct expression *expression, call_t call, unsigned abis);
#endif
