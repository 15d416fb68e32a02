// SPDX-License-Identifier: LGPL-2.1-or-later
// needs.c - the table, and who needs what of it. tests/engines/needs finds it again with real runtimes.
#include "hook/needs.h"
#include <stddef.h>
#include <string.h>

// CRUN, RUNC: called after the filter is there, at some start or exec with or without no_new_privs; not all of them
// by every one. MUST: no start without no_new_privs comes to an end where it is refused; MUST_PRIVS: neither does one
// with.
enum {
  CRUN = 1,
  CRUN_MUST = 2,
  CRUN_MUST_PRIVS = 4,
  RUNC = 8,
  RUNC_MUST = 16,
  RUNC_MUST_PRIVS = 32,
  WRAPPER = 64,
  WRAPPER_MUST = 128,
  ISOLATE = 256,
};
#define CRUN_FATAL (CRUN | CRUN_MUST)
#define RUNC_FATAL (RUNC | RUNC_MUST)
#define RUNC_FATAL_PRIVS (RUNC_FATAL | RUNC_MUST_PRIVS)

// Measured with crun 1.8.1 and runc 1.1.5: run, create and start, exec; with a terminal and without; as root and as
// another user with more groups; with all, some and no capabilities. Beside those that runc asks for, what Go's own
// threads may call at any time. Of the wrapper: its own code and runner/guard.c; with IsolatePeers=yes
// runner/isolate.c.
static const struct need {
  const char *name;
  unsigned who;
} needs[] = {
    {"capget", RUNC_FATAL | WRAPPER},
    {"capset", CRUN_FATAL | RUNC_FATAL},
    {"chdir", RUNC_FATAL},
    {"close", CRUN | RUNC_FATAL_PRIVS},
    {"epoll_ctl", RUNC},
    {"epoll_pwait", RUNC},
    {"execve", CRUN_FATAL | CRUN_MUST_PRIVS | RUNC_FATAL_PRIVS | WRAPPER | WRAPPER_MUST},
    {"exit_group", WRAPPER},
    {"faccessat2", RUNC},
    {"fchown", CRUN | RUNC},
    {"fcntl", RUNC},
    {"fstat", RUNC_FATAL},
    {"fstatfs", RUNC_FATAL_PRIVS},
    {"futex", RUNC},
    {"getcwd", RUNC_FATAL},
    {"getdents64", RUNC_FATAL_PRIVS},
    {"getpid", RUNC},
    {"getppid", RUNC_FATAL},
    {"getrandom", WRAPPER | WRAPPER_MUST},
    {"gettid", RUNC},
    {"ioctl", CRUN},
    {"landlock_add_rule", ISOLATE},
    {"landlock_create_ruleset", ISOLATE},
    {"landlock_restrict_self", ISOLATE},
    {"madvise", RUNC},
    {"mmap", RUNC},
    {"munmap", RUNC},
    {"nanosleep", RUNC},
    {"newfstatat", RUNC_FATAL},
    {"openat", CRUN | RUNC_FATAL_PRIVS | ISOLATE},
    {"prctl", CRUN_FATAL | RUNC_FATAL | WRAPPER | WRAPPER_MUST},
    {"pselect6", CRUN},
    {"read", CRUN | RUNC_FATAL},
    {"rt_sigaction", CRUN_FATAL | RUNC},
    {"rt_sigprocmask", CRUN_FATAL | RUNC},
    {"rt_sigreturn", RUNC},
    {"sched_yield", RUNC},
    {"seccomp", WRAPPER},
    {"setgid", RUNC_FATAL},
    {"setgroups", CRUN | RUNC_FATAL},
    {"setresgid", CRUN_FATAL},
    {"setresuid", CRUN_FATAL},
    {"setuid", RUNC_FATAL},
    {"sigaltstack", RUNC},
    {"statx", CRUN},
    {"tgkill", RUNC},
    {"write", CRUN_FATAL | RUNC_FATAL_PRIVS | WRAPPER},
};
#define NEEDS (sizeof needs / sizeof needs[0])
_Static_assert(NEEDS < NEEDS_MAX, "there is room for all and the end");

enum runtime_kind
runtime_kind_of(const char *path) {
  const char *slash = strrchr(path, '/');
  const char *name = slash == NULL ? path : slash + 1;
  if (strcmp(name, "crun") == 0)
    return RUNTIME_CRUN;
  return strcmp(name, "runc") == 0 ? RUNTIME_RUNC : RUNTIME_ANY;
}

const char *const *
needs_of(enum runtime_kind runtime, bool wrapper, bool isolate) {
  static const char *names[NEEDS_MAX];
  unsigned who = runtime == RUNTIME_CRUN ? CRUN : runtime == RUNTIME_RUNC ? RUNC : CRUN | RUNC;
  size_t count = 0;
  who |= (wrapper ? WRAPPER : 0u) | (wrapper && isolate ? ISOLATE : 0u);
  for (size_t i = 0; i < NEEDS; i++)
    if ((needs[i].who & who) != 0)
      names[count++] = needs[i].name;
  names[count] = NULL;
  return names;
}

// True if the start fails without the call whichever of the runtimes it is.
static bool
is_fatal(const struct need *need, enum runtime_kind runtime, bool no_new_privs) {
  bool crun = (need->who & (no_new_privs ? CRUN_MUST_PRIVS : CRUN_MUST)) != 0;
  bool runc = (need->who & (no_new_privs ? RUNC_MUST_PRIVS : RUNC_MUST)) != 0;
  return (crun || runtime == RUNTIME_RUNC) && (runc || runtime == RUNTIME_CRUN);
}

const char *const *
needs_at_least(enum runtime_kind runtime, bool no_new_privs, bool wrapper, bool isolate) {
  static const char *names[NEEDS_MAX];
  const unsigned who = (wrapper ? WRAPPER_MUST : 0u) | (wrapper && isolate ? ISOLATE : 0u);
  size_t count = 0;
  for (size_t i = 0; i < NEEDS; i++)
    if (is_fatal(&needs[i], runtime, no_new_privs) || (needs[i].who & who) != 0)
      names[count++] = needs[i].name;
  names[count] = NULL;
  return names;
}
