// SPDX-License-Identifier: LGPL-2.1-or-later
// ticket.h - the exec ticket: 128 random bits in the unused fifth and sixth argument of the launcher's own last calls.
//
// The finished filter lets execve, write and exit_group of the native ABI pass when arguments 4 and 5 hold the ticket.
// The launcher knows it, uses it for one execve, and is gone. The words are compared without branches, so that no part
// of the ticket can be found by timing. With a non-zero fourth argument the ticketed execve is not an exec but the
// probe: it answers a random errno that only this filter knows, which proves that the filter is in force.
#ifndef SCRUN_RUNNER_TICKET_H
#define SCRUN_RUNNER_TICKET_H
#include "compat/error.h"
#include "runner/program.h"
#include <stdbool.h>

// The words in the order that the program looks at them: low and high half of argument 4, then of argument 5.
struct ticket {
  uint32_t words[4];
  uint16_t probe_errno;
};

// The template, instruction by instruction. Reached with the number known to be `execve`, `write` or `exit_group` of
// the native ABI; a ticket that does not match falls out of its end, with nothing useful in the accumulator.
//    0 ld [a4 low]      4 xor #w1       8 xor #w2      12 xor #w3
//    1 xor #w0          5 or x          9 or x         13 or x
//    2 tax              6 tax          10 tax          14 jeq #0, 0, (to the end)
//    3 ld [a4 high]     7 ld [a5 low]  11 ld [a5 high]
//   execve:  15 ld [a3 low]  16 jeq #0, 0, 1  17 ret ALLOW  18 ret ERRNO | probe_errno
//   others:  15 ret ALLOW
#define TICKET_EXEC_LENGTH 19
#define TICKET_OTHER_LENGTH 16

// Writes the template with `ticket`'s words to `out` (TICKET_EXEC_LENGTH or TICKET_OTHER_LENGTH instructions). Returns
// how many.
size_t ticket_template(const struct ticket *ticket, bool exec, struct sock_filter *out);

// If the template stands at `at` in the program, whole and with any words, fills *ticket (probe_errno 0 where it is not
// the exec form) and *exec and returns its length; otherwise 0.
size_t ticket_at(const struct program *program, size_t at, struct ticket *ticket, bool *exec);

// Draws a ticket. Fails with ERROR_SECCOMP when the kernel did not give the bytes, or gave a zero word (an outer filter
// that answers 0 to getrandom leaves the buffer as it was).
SC_NODISCARD int ticket_draw(struct ticket *ticket, struct error *e);

// Puts `ticket` in place of the blank (all zero) ticket of a verified program. Fails with ERROR_SECCOMP if there is
// none.
SC_NODISCARD int ticket_fill(struct program *program, const struct ticket *ticket, struct error *e);
#endif
