// SPDX-License-Identifier: LGPL-2.1-or-later
// slots.h - where in a program the ticket is asked for, and that it is asked for there of one call only.
#ifndef SCRUN_RUNNER_SLOTS_H
#define SCRUN_RUNNER_SLOTS_H
#include "runner/wellformed.h"

// The calls that a ticket is asked for: of the native ABI those that the launcher makes under the filter (sendmsg hands
// a listener its descriptor) and the one that a later filter is installed with; and that one on x86.
enum slot { SLOT_EXECVE, SLOT_WRITE, SLOT_EXIT_GROUP, SLOT_SENDMSG, SLOT_ARM, SLOT_ARM_I386, SLOT_COUNT };
#define NO_SLOT UINT32_MAX

// Fills slots[] with the instruction that each call's ticket template begins at, or NO_SLOT. For any program that the
// kernel would take; what it says of one that is not well-formed means nothing.
void slots_find(const struct program *program, uint32_t slots[SLOT_COUNT]);

// What a program has to have slots for.
struct slot_needs {
  enum program_kind kind;
  unsigned abis; // set of ABI_BIT: the policy's
  bool notifies; // it leaves calls to a listener
};

// Holds a well-formed program against its slots, in one pass: each template is of the form that its kind of program has
// for the call of its slot, and is met by that call and by no other; there is no template without a slot. execve
// (LAUNCH and STARTUP) and seccomp (STARTUP and LATER; on x86 if that is among `abis`) meet theirs before anything is
// decided or an argument is looked at; a last word without a slot is allowed whatever its arguments are (sendmsg only
// counts if the program notifies). And the number is only looked at where the architecture is known. Fails with
// ERROR_SECCOMP.
SC_NODISCARD int slots_check(const struct program *program, const struct shape *shape, const uint32_t slots[SLOT_COUNT],
                             const struct slot_needs *needs, struct error *e);
#endif
