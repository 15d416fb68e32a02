// SPDX-License-Identifier: LGPL-2.1-or-later
// ticket.h - tickets: 128 random bits in the unused fifth and sixth argument of calls that only we know how to make.
//
// The exec ticket: the finished filter lets execve, write and exit_group of the native ABI pass when arguments 4 and 5
// hold it. The launcher knows it, uses it for one execve, and is gone. With a non-zero fourth argument the ticketed
// execve is not an exec but the probe: it answers a random errno that only this filter knows, which proves that the
// filter is in force.
//
// The arming ticket, where a policy begins later: the start-up filter lets seccomp pass with it, on the native ABI and
// on x86 (a tracer can set all 64 bits of a register there, too); the later filter, which the holder then installs,
// answers the same call with a random errno, which proves that it is in force.
//
// The words are compared without branches, so that no part of a ticket can be found by timing.
#ifndef SCRUN_RUNNER_TICKET_H
#define SCRUN_RUNNER_TICKET_H
#include "compat/error.h"
#include "runner/program.h"
#include <stdbool.h>

// Low and high half of argument 4, then of argument 5, in either kind of ticket.
struct ticket {
  uint32_t words[4];
  uint16_t probe_errno;
};

// The template, instruction by instruction. Reached with the number known to be that of one call; a ticket that does
// not match falls out of its end, with nothing useful in the accumulator. The forms of the arming ticket (ARM, CONFIRM)
// load argument 5 before argument 4, so that no form can be taken for one of the other ticket.
//    0 ld [a4 low]      4 xor #w1       8 xor #w2      12 xor #w3
//    1 xor #w0          5 or x          9 or x         13 or x
//    2 tax              6 tax          10 tax          14 jeq #0, 0, (to the end)
//    3 ld [a4 high]     7 ld [a5 low]  11 ld [a5 high]
//   EXEC:            15 ld [a3 low]  16 jeq #0, 0, 1  17 ret ALLOW  18 ret ERRNO | probe_errno
//   LAST_WORD, ARM:  15 ret ALLOW
//   CONFIRM:         15 ret ERRNO | probe_errno
enum ticket_form { TICKET_NONE, TICKET_EXEC, TICKET_LAST_WORD, TICKET_ARM, TICKET_CONFIRM, TICKET_FORMS };
#define TICKET_LENGTH_MAX 19

// Where the arming ticket is asked for on x86: seccomp. Source: syscall_32.tbl of the kernel.
#define TICKET_ARM_I386 354

// Writes the template of `form` with `ticket`'s words to `out` (TICKET_LENGTH_MAX instructions). Returns its length.
size_t ticket_template(const struct ticket *ticket, enum ticket_form form, struct sock_filter *out);

// If a template stands at `at` in the program, whole and with any words, fills *ticket (probe_errno 0 where the form
// has none) and *form and returns its length; otherwise 0.
size_t ticket_at(const struct program *program, size_t at, struct ticket *ticket, enum ticket_form *form);

// Draws a ticket. Fails with ERROR_SECCOMP when the kernel did not give the bytes, or gave a zero word (an outer filter
// that answers 0 to getrandom leaves the buffer as it was).
SC_NODISCARD int ticket_draw(struct ticket *ticket, struct error *e);

// Puts tickets in place of the blank (all zero) ones of a verified program: `exec` into EXEC and LAST_WORD, `arm` into
// ARM and CONFIRM; NULL where the kind of program has none of them (LAUNCH has only the first, LATER only the second).
// Fails with ERROR_SECCOMP if there is no place for a ticket that was given, a place for one that was not, or one that
// is not blank.
SC_NODISCARD int ticket_fill(struct program *program, const struct ticket *exec, const struct ticket *arm,
                             struct error *e);
#endif
