// SPDX-License-Identifier: LGPL-2.1-or-later
// child.c - a process on this one's memory.
#include "runner/child.h"
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>

long
child_start(void (*run)(void *), void *argument, unsigned char *stack_end, unsigned long flags) {
  long result = SYS_clone;
  register long r10 __asm__("r10") = 0;
  register long r8 __asm__("r8") = 0;
  __asm__ volatile("mov %[stack], %%rsi\n\t"
                   "syscall\n\t"
                   "cmp %[stack], %%rsp\n\t"
                   "jne 1f\n\t"
                   "mov %[argument], %%rdi\n\t"
                   "call *%[run]\n\t"
                   "ud2\n\t"
                   "1:"
                   : "+a"(result)
                   : [stack] "r"(stack_end), [argument] "r"(argument), [run] "r"(run), "D"(flags | CLONE_VM), "d"(0L),
                     "r"(r10), "r"(r8)
                   : "rsi", "rcx", "r11", "cc", "memory");
  return result == 0 ? -ENOTSUP : result;
}
