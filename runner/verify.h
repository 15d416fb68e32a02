// SPDX-License-Identifier: LGPL-2.1-or-later
// verify.h - the second reading of a finished program: well-formed, and equal to policy_decide() everywhere.
#ifndef SCRUN_RUNNER_VERIFY_H
#define SCRUN_RUNNER_VERIFY_H
#include "compat/policy.h"
#include "runner/program.h"

// Holds `program` (blank tickets) against the sealed `policy`. Returns 0 only if
// - it is well-formed beyond what the kernel asks: 1..PROGRAM_MAX instructions; only ld of an aligned word of arch, nr,
//   an argument, and #mask, jeq, jgt, jge, jset, ja, ret #constant; jumps forward and in range; every instruction
//   reachable; wherever the accumulator is read, every path has loaded the same word into it, under the same mask;
//   neither nr nor arch is masked, nor loaded again after an argument; every return value is one that the policy can
//   decide; anything else stands inside a ticket template (ticket.h), which is blank and entered at its first
//   instruction only;
// - foreign architectures are answered before the number is loaded;
// - tickets are asked for where the kind of program has them, and nowhere else. LAUNCH and STARTUP: the exec ticket for
//   execve of the native ABI on every path before the policy is asked, for write and exit_group (and sendmsg, if the
//   policy notifies a listener) likewise unless they are allowed anyway. STARTUP and LATER: the arming ticket (ARM or
//   CONFIRM) for seccomp of the native ABI, and of x86 if that is among the policy's ABIs. BARE: none;
// - for one point of every non-empty atom of the predicates of both sides it returns what policy_decide() says.
// That comparison is exact, not a sample: all tests look at one 32-bit word, so within an atom neither side can change
// its answer. Fails with ERROR_SECCOMP; the text names the instruction or the call that differs, and begins with "the
// program is not well-formed", "the program's ticket is wrong", "the program differs from the policy" or "the program
// cannot be verified": more atoms than VERIFY_ATOMS_MAX for one number (or than atoms.h can find) is a failure too.
// Works in static storage: one caller at a time.
#define VERIFY_ATOMS_MAX 65536
SC_NODISCARD int program_verify(const struct program *program, enum program_kind kind, const struct policy *policy,
                                struct error *e);
#endif
