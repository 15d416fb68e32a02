// SPDX-License-Identifier: LGPL-2.1-or-later
// compile.h - policy -> program: one program for all ABIs, balanced trees over ranges of numbers, argument tests below.
#ifndef SCRUN_RUNNER_COMPILE_H
#define SCRUN_RUNNER_COMPILE_H
#include "compat/policy.h"
#include "runner/program.h"

// Compiles a sealed policy to *out as a program of `kind`, with blank tickets (ticket.h). Every word test in it is one
// of
//   ld [word]; [and #mask;] jeq|jgt|jge #constant
// on `arch`, `nr` (never masked) or one half of an argument. Fails with ERROR_POLICY, naming the length, when the
// program would be longer than PROGRAM_MAX.
SC_NODISCARD int program_compile(const struct policy *policy, enum program_kind kind, struct program *out,
                                 struct error *e);
#endif
