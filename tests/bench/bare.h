// SPDX-License-Identifier: LGPL-2.1-or-later
// bare.h - a program without a libc: the entry point and the system call.
#ifndef SCRUN_BENCH_BARE_H
#define SCRUN_BENCH_BARE_H
#include <sys/syscall.h>

// At the entry the stack holds argc, argv, NULL, envp, NULL.
__asm__(".globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call bare_main\n");
void bare_main(long *stack) __attribute__((noreturn));

static inline long
bare_call(long number, long a0, long a1, long a2, long a3, long a4) {
  register long r10 __asm__("r10") = a3;
  register long r8 __asm__("r8") = a4;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a0), "S"(a1), "d"(a2), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}

static inline __attribute__((noreturn)) void
bare_exit(int status) {
  for (;;)
    bare_call(SYS_exit_group, status, 0, 0, 0, 0);
}
#endif
