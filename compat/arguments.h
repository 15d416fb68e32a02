// SPDX-License-Identifier: LGPL-2.1-or-later
// arguments.h - the arguments of system calls by name and type, and the symbolic constants they are compared with.
// Generated from profiles/arguments/.
#ifndef SCRUN_COMPAT_ARGUMENTS_H
#define SCRUN_COMPAT_ARGUMENTS_H
#include "compat/calls.h"

#define ARGUMENT_NAME_BYTES 16

// One argument as the kernel reads it: the low `bits` of a register.
struct argument {
  char name[ARGUMENT_NAME_BYTES];
  uint8_t bits; // 8, 16, 32 or 64; on x86 and for pointers never more than the register has
  bool is_signed;
  bool is_pointer;
  int8_t place;     // on x86-64: which of the six registers; its index in the call's list, also for calls of x86 alone
  int8_t place_x32; // on x32 and on x86: which register, or -1: in memory, split over two registers, or read in another
  int8_t place_i386; // width (16-bit ids of x86; longs of x32's own calls), so that no test with `bits` sees it
};

// The arguments of `call` in the order of the manual; *count is 0 (and the result NULL) for a call that has none or
// that the table does not have: then only a0..a5 can be tested. Static.
const struct argument *arguments_of(call_t call, size_t *count);

// True if the table knows the call, be it without arguments.
bool arguments_known(call_t call);

// The argument of that name, or with that synonym, or NULL.
const struct argument *argument_find(call_t call, const char *name, size_t length);

// The value of a symbolic constant ("PROT_EXEC"): the bits as a 64-bit register would hold them, negative ones sign
// extended (AT_FDCWD is 0xffffffffffffff9c). False if there is none of that name.
bool constant_find(const char *name, size_t length, uint64_t *value);

// What a mistyped name was meant to be, or NULL. Never a synonym.
const char *argument_suggest(call_t call, const char *name, size_t length);
const char *constant_suggest(const char *name, size_t length);
#endif
