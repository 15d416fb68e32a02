// SPDX-License-Identifier: LGPL-2.1-or-later
// peer_constructor.c - how a preloaded library puts a filter on with libseccomp linked into it: in a constructor, from
// a list in the environment.
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((constructor)) static void
install(void) {
  char list[256];
  const char *given = getenv("SECCOMP_SYSCALL_DENY");
  scmp_filter_ctx ctx = given == NULL ? NULL : seccomp_init(SCMP_ACT_ALLOW);
  if (ctx == NULL || strlen(given) >= sizeof list)
    _exit(228);
  strcpy(list, given);
  for (char *save = NULL, *name = strtok_r(list, ":", &save); name != NULL; name = strtok_r(NULL, ":", &save))
    if (seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, seccomp_syscall_resolve_name(name), 0) != 0)
      _exit(228);
  if (seccomp_load(ctx) != 0)
    _exit(228);
  seccomp_release(ctx);
  unsetenv("SECCOMP_SYSCALL_DENY");
}
