// SPDX-License-Identifier: LGPL-2.1-or-later
// compile.h - policy -> program: one program for all ABIs, balanced trees over ranges of numbers, argument tests below.
#ifndef SCRUN_RUNNER_COMPILE_H
#define SCRUN_RUNNER_COMPILE_H
#include "compat/policy.h"
#include "runner/program.h"

// Compiles a sealed policy to *out, with blank tickets (ticket.h). Every word test in it is one of
//   ld [word]; [and #mask;] jeq|jgt|jge #constant
// on `arch`, `nr` (never masked) or one half of an argument. Fails with ERROR_POLICY, naming the length, when the
// program would be longer than PROGRAM_MAX.
SC_NODISCARD int program_compile(const struct policy *policy, struct program *out, struct error *e);

// The same without tickets, for other programs to install: a blank ticket that nobody fills in would be an open door.
SC_NODISCARD int program_compile_bare(const struct policy *policy, struct program *out, struct error *e);
#endif
