// SPDX-License-Identifier: LGPL-2.1-or-later
// ticketed.h - the system calls that a launch makes under its filter.
#ifndef SCRUN_RUNNER_TICKETED_H
#define SCRUN_RUNNER_TICKETED_H
#include "runner/ticket.h"

// One native system call with all six registers: the ticket travels in the fifth and sixth.
static inline long
ticketed_call(const struct ticket *ticket, long number, long a0, long a1, long a2, long a3) {
  register long r10 __asm__("r10") = a3;
  register uint64_t r8 __asm__("r8") = (uint64_t)ticket->words[1] << 32 | ticket->words[0];
  register uint64_t r9 __asm__("r9") = (uint64_t)ticket->words[3] << 32 | ticket->words[2];
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a0), "S"(a1), "d"(a2), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#endif
