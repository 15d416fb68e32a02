// SPDX-License-Identifier: LGPL-2.1-or-later
// guard.c - installs the filter, proves it, and execs through it.
#include "runner/guard.h"
#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// One native system call with all six registers: the ticket travels in the fifth and sixth.
static long
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

static bool
has_effective_sys_admin(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  memset(data, 0, sizeof data);
  if (syscall(SYS_capget, &header, data) != 0)
    return false;
  return (data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective & CAP_TO_MASK(CAP_SYS_ADMIN)) != 0;
}

int
guard_set_privileges(const struct policy *policy, struct error *e) {
  if (!policy->no_new_privs) {
    // not by a capability of scrun's own file: anybody could then put a filter on a setuid program
    if (has_effective_sys_admin() && getauxval(AT_SECURE) == 0)
      return 0;
    return error_plain(e, ERROR_PRIVILEGES,
                       "NoNewPrivileges=no needs CAP_SYS_ADMIN: without it the kernel takes no filter. Leave the line "
                       "out; nothing was started");
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return error_plain(e, ERROR_PRIVILEGES, "cannot set no_new_privs: %s; nothing was started", strerror(errno));
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
    return error_plain(
        e, ERROR_PRIVILEGES,
        "no_new_privs did not take: something outside answers prctl(2) in the kernel's place; nothing was started");
  return 0;
}

// An unfiltered kernel answers EFAULT to an execve of nothing; what the new filter answers nobody else knows.
static bool
guard_is_proved(const struct guard *guard) {
  return ticketed_call(&guard->ticket, SYS_execve, 0, 0, 0, 1) == -(long)guard->ticket.probe_errno;
}

int
guard_make(struct guard *guard, struct program *program, bool *installed, struct error *e) {
  *installed = false;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
    return error_plain(e, ERROR_SECCOMP,
                       "cannot hide from peers: PR_SET_DUMPABLE of prctl(2) did not take; nothing was started");
  if (ticket_draw(&guard->ticket, e) != 0 || ticket_fill(program, &guard->ticket, e) != 0)
    return -1;
  struct sock_fprog filter = {.len = (unsigned short)program->length, .filter = program->code};
  // prctl and not seccomp(2): it needs no flag here, and works below an outer filter that knows prctl only.
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
    return error_plain(e, ERROR_SECCOMP,
                       "the kernel did not take the filter (%zu instructions): %s; nothing was started",
                       program->length, strerror(errno));
  *installed = true;
  if (!guard_is_proved(guard))
    return error_plain(
        e, ERROR_SECCOMP,
        "the filter is not in force although the kernel seemed to take it: something outside answers prctl(2) or "
        "execve(2) in its place; nothing was started");
  return 0;
}

int
guard_exec(const struct guard *guard, const char *path, char *const argv[], char *const envp[]) {
  return (int)-ticketed_call(&guard->ticket, SYS_execve, (long)path, (long)argv, (long)envp, 0);
}

void
guard_fail(const struct guard *guard, const char *text, size_t length, int status) {
  while (length > 0) {
    long written = ticketed_call(&guard->ticket, SYS_write, STDERR_FILENO, (long)text, (long)length, 0);
    if (written <= 0)
      break; // a closed or full stderr changes nothing about the status; without handlers nothing is interrupted
    text += written;
    length -= (size_t)written;
  }
  ticketed_call(&guard->ticket, SYS_exit_group, status, 0, 0, 0);
  for (;;)
    __builtin_trap();
}
