// SPDX-License-Identifier: LGPL-2.1-or-later
// slots.h - where in a program the ticket is asked for, and that it is asked for there of one call only.
#ifndef SCRUN_RUNNER_SLOTS_H
#define SCRUN_RUNNER_SLOTS_H
#include "runner/wellformed.h"

// The calls of the native ABI that the launcher makes under the filter; only execve has to have a slot. sendmsg hands a
// listener its descriptor.
enum slot { SLOT_EXECVE, SLOT_WRITE, SLOT_EXIT_GROUP, SLOT_SENDMSG, SLOT_COUNT };
#define NO_SLOT UINT32_MAX

// Fills slots[] with the instruction that each call's ticket template begins at, or NO_SLOT. For any program that the
// kernel would take; what it says of one that is not well-formed means nothing.
void slots_find(const struct program *program, uint32_t slots[SLOT_COUNT]);

// Holds a well-formed program against its slots, in one pass: execve meets its template before anything is decided or
// an argument is looked at, each other template is met by the call of its slot and by no other, there is no template
// without a slot, a call without a slot is allowed whatever its arguments are (sendmsg only counts if the program
// `notifies`), and the number is only looked at where the architecture is known. Fails with ERROR_SECCOMP.
SC_NODISCARD int slots_check(const struct program *program, const struct shape *shape, const uint32_t slots[SLOT_COUNT],
                             bool notifies, struct error *e);
#endif
