// SPDX-License-Identifier: LGPL-2.1-or-later
// call.h - system calls where there is no libc to make them: no errno, no thread data.
#ifndef SCRUN_RUNNER_PRELOAD_CALL_H
#define SCRUN_RUNNER_PRELOAD_CALL_H
#include <stdint.h>
#include <sys/syscall.h>

// Returns what the kernel does: a negative errno on failure. The sixth argument register is left as it is.
static inline long
call_make(long number, long a0, long a1, long a2, long a3, long a4) {
  register long r10 __asm__("r10") = a3;
  register long r8 __asm__("r8") = a4;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a0), "S"(a1), "d"(a2), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}
#endif
