// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap_libseccomp.c - a static wrapper that builds "@default @system-service" for the three ABIs with libseccomp: the
// names come from the same tables as scrun's, everything else is the library.
#include "compat/groups.h"
#include "tests/bench/wrap.h"
#include <errno.h>
#include <seccomp.h>
#include <string.h>

static bool
add_call(scmp_filter_ctx ctx, const char *name) {
  int number = seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR)
    return true; // newer than the library
  int result = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 0);
  return result == 0 || result == -EDOM;
}

static bool
add_group(scmp_filter_ctx ctx, const char *name) {
  const struct group *group = group_find(&group_versions[0], name, strlen(name));
  bool added = group != NULL;
  for (size_t call = 0; call < calls_count() && added; call++)
    if (call_set_has(group->all, (call_t)call))
      added = add_call(ctx, calls_name((call_t)call));
  return added;
}

int
main(int argc, char **argv) {
  scmp_filter_ctx ctx = argc < 2 ? NULL : seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (ctx == NULL)
    return 2;
  if (seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0
      || seccomp_arch_add(ctx, SCMP_ARCH_X86) != 0 || seccomp_arch_add(ctx, SCMP_ARCH_X32) != 0
      || !add_group(ctx, "@default") || !add_group(ctx, "@system-service") || seccomp_load(ctx) != 0)
    return 228;
  execve(argv[1], argv + 1, environ);
  return 203;
}
