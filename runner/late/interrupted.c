// SPDX-License-Identifier: LGPL-2.1-or-later
// interrupted.c - calls that a stop cuts short although no signal came.
//
// The kernel decides what becomes of an interrupted call when the task goes on: with ERESTARTNOHAND in place of EINTR
// it makes the call over if there is no handler to run, and answers EINTR if there is one.
#include "runner/late/interrupted.h"
#include "compat/abi.h"
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>

// Source: include/linux/errno.h in the kernel.
#define ERESTARTNOHAND 514
// Those that give up on any interruption, by their numbers. Source: <asm/unistd_64.h>, <asm/unistd_32.h>; NONE: none.
#define NONE UINT64_MAX
static const struct {
  const char *name;
  uint64_t x86_64, i386;
} calls[] = {
    {"epoll_wait", 232, 256},
    {"epoll_pwait", 281, 319},
    {"epoll_pwait2", 441, 441},
    {"semop", 65, NONE},
    {"semtimedop", 220, 420},
    {"rt_sigtimedwait", 128, 177},
    {"ipc", NONE, 117},
    {"rt_sigtimedwait", 128, 421},
    // of sockets with a time limit (SO_RCVTIMEO, SO_SNDTIMEO): what has moved bytes already answers how many
    {"read", 0, 3},
    {"write", 1, 4},
    {"readv", 19, 145},
    {"writev", 20, 146},
    {"accept", 43, NONE},
    {"accept4", 288, 364},
    {"recvfrom", 45, 371},
    {"recvmsg", 47, 372},
    {"sendto", 44, 369},
    {"sendmsg", 46, 370},
    {"socketcall", NONE, 102},
};

static bool
gives_up(uint64_t number, bool is_i386) {
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
    if (number == (is_i386 ? calls[i].i386 : calls[i].x86_64))
      return true;
  return false;
}

void
interrupted_mend(pid_t task) {
  struct user_regs_struct registers;
  struct __ptrace_syscall_info info;
  memset(&info, 0, sizeof info);
  if (ptrace(PTRACE_GETREGS, task, NULL, &registers) != 0
      || ptrace(PTRACE_GET_SYSCALL_INFO, task, (void *)sizeof info, &info) <= 0)
    return;
  bool is_i386 = info.arch == ARCH_WORD_I386;
  int64_t result = is_i386 ? (int64_t)(int32_t)registers.rax : (int64_t)registers.rax;
  if (result != -EINTR || !gives_up(registers.orig_rax, is_i386))
    return;
  registers.rax = (uint64_t)-ERESTARTNOHAND;
  (void)ptrace(PTRACE_SETREGS, task, NULL, &registers);
}
