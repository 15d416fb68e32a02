// SPDX-License-Identifier: LGPL-2.1-or-later
// failures_witness.c - the program that must be filtered or not be there at all: failures_witness FOLDER.
//
// Makes FOLDER/started, then tries what the policy refuses: an execve of itself. 42: it answered ENETDOWN (and
// FOLDER/filtered is made), 43: it went through (FOLDER/unfiltered), 44: it answered something else. No C library,
// descriptor, memory or environment is needed for it, so that no limit can hide that it was started.
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

static long
call3(long number, long a0, long a1, long a2) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a0), "S"(a1), "d"(a2) : "rcx", "r11", "memory");
  return result;
}

static void
leave(const char *folder, const char *name) {
  char path[512];
  size_t length = 0;
  while (*folder != '\0' && length < sizeof path - 32)
    path[length++] = *folder++;
  for (path[length++] = '/'; *name != '\0' && length < sizeof path - 1;)
    path[length++] = *name++;
  path[length] = '\0';
  call3(SYS_mkdir, (long)path, 0777, 0);
}

static int
witness(long argc, char **argv) {
  if (argc < 2)
    return 45;
  if (argc > 2) {
    leave(argv[1], "unfiltered");
    return 43;
  }
  leave(argv[1], "started");
  char again[] = "again", *arguments[] = {argv[0], argv[1], again, NULL};
  if (call3(SYS_execve, (long)argv[0], (long)arguments, 0) != -ENETDOWN)
    return 44;
  leave(argv[1], "filtered");
  return 42;
}

// Called with the stack that the kernel made: argc, then argv.
_Noreturn void witness_main(long *stack);

_Noreturn void
witness_main(long *stack) {
  int status = witness(stack[0], (char **)(stack + 1));
  for (;;)
    call3(SYS_exit_group, status, 0, 0);
}

__asm__(".globl _start\n"
        "_start:\n"
        "  mov %rsp, %rdi\n"
        "  and $-16, %rsp\n"
        "  call witness_main\n");
