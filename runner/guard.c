// SPDX-License-Identifier: LGPL-2.1-or-later
// guard.c - installs the filter, proves it, and execs through it.
#include "runner/guard.h"
#include "runner/capabilities.h"
#include "runner/listener.h"
#include "runner/ticketed.h"
#include <errno.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool
has_effective_sys_admin(void) {
  struct capabilities own;
  return capabilities_get(&own) && (own.effective >> CAP_SYS_ADMIN & 1) != 0;
}

int
guard_set_privileges(const struct image *image, struct error *e) {
  if (!image->no_new_privs) {
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

// Source: SECCOMP_FILTER_FLAG_* in seccomp(2).
static unsigned
filter_flags(const struct image *image) {
  return ((image->flags & POLICY_FLAG_LOG) != 0 ? SECCOMP_FILTER_FLAG_LOG : 0u)
         | ((image->flags & POLICY_FLAG_SPEC_ALLOW) != 0 ? SECCOMP_FILTER_FLAG_SPEC_ALLOW : 0u)
         | (image->notifies ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0u);
}

// What the exec happens under.
static struct program *
first_program(struct image *image) {
  return image->moment == MOMENT_EXEC ? &image->program : &image->startup;
}

// Returns the descriptor of a filter that notifies, 0 for any other, or -1 with errno set.
static long
install(struct image *image) {
  struct program *program = first_program(image);
  struct sock_fprog filter = {.len = (unsigned short)program->length, .filter = program->code};
  unsigned flags = filter_flags(image);
  // Without flags prctl and not seccomp(2): it works below an outer filter that knows prctl only.
  return flags == 0 ? prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0)
                    : syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (unsigned long)flags, &filter);
}

static int
fail_install(struct image *image, struct error *e) {
  return error_plain(e, ERROR_SECCOMP, "the kernel did not take the filter (%zu instructions): %s; nothing was started",
                     first_program(image)->length,
                     errno == EBUSY && image->notifies ? "a filter with a listener is around scrun already"
                                                       : strerror(errno));
}

uint32_t
arming_flags(const struct image *image) {
  return SECCOMP_FILTER_FLAG_TSYNC | filter_flags(image);
}

int
guard_make(struct guard *guard, struct image *image, int arming, bool *installed, struct error *e) {
  static struct listener listener;
  *installed = false;
  if (image->notifies && listener_open(&listener, image, e) != 0)
    return -1;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
    return error_plain(e, ERROR_SECCOMP,
                       "cannot hide from peers: PR_SET_DUMPABLE of prctl(2) did not take; nothing was started");
  if (ticket_draw(&guard->ticket, e) != 0)
    return -1;
  if ((image->moment == MOMENT_EXEC ? ticket_fill(&image->program, &guard->ticket, NULL, e)
                                    : guard_prepare_later(image, &guard->ticket, arming, e))
      != 0)
    return -1;
  long descriptor = install(image);
  if (descriptor < 0)
    return fail_install(image, e);
  *installed = true;
  if (!guard_is_proved(guard) || (descriptor != 0 && !image->notifies))
    return error_plain(
        e, ERROR_SECCOMP,
        "the filter is not in force although the kernel seemed to take it: something outside answers prctl(2), "
        "seccomp(2) or execve(2) in its place; nothing was started");
  return image->notifies ? guard_tell_listener(guard, &listener, (int)descriptor, e) : 0;
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
