// SPDX-License-Identifier: LGPL-2.1-or-later
// isolate.c - IsolatePeers=, on Landlock.
#include "runner/isolate.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// A domain of the first version of Landlock (Linux 5.13) refuses every rename and link between folders; the second
// (5.19) can grant them. They are refused unless granted, so this is the one right that a domain which restricts
// nothing has to handle.
#define LANDLOCK_VERSION_MIN 2
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif

// True unless it is certain that the program will not have CAP_SYS_ADMIN.
static bool
program_may_mount(const struct image *image) {
  bool bounded = prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) == 0;
  bool ambient = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_SYS_ADMIN, 0, 0) != 0;
  bool may_gain = getuid() == 0 || geteuid() == 0 || !image->no_new_privs;
  return ambient || (may_gain && !bounded);
}

// Returns 0, or the errno of what failed.
static int
domain_enter(void) {
  const struct landlock_ruleset_attr handled = {.handled_access_fs = LANDLOCK_ACCESS_FS_REFER};
  int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled.handled_access_fs, 0);
  if (ruleset < 0)
    return errno;
  int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  int sys = root < 0 ? errno : 0;
  struct landlock_path_beneath_attr rule = {.allowed_access = LANDLOCK_ACCESS_FS_REFER, .parent_fd = root};
  if (sys == 0 && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
    sys = errno;
  // No kernel takes descriptor -1; an outer filter that answers for the kernel does, and then no domain would be there.
  if (sys == 0 && syscall(SYS_landlock_restrict_self, -1, 0) == 0)
    sys = ENOTSUP;
  if (sys == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
    sys = errno;
  return sys; // both descriptors are close-on-exec; an outer filter that answers 0 must not make this close the
              // program's stdin
}

// What a kernel without Landlock answers, a filter around scrun, or 16 domains around it already. Anything else (no
// descriptors, no memory) says nothing about the kernel: the launch fails rather than go on without what `auto`
// promises.
static bool
means_unavailable(int sys) {
  return sys == ENOSYS || sys == EOPNOTSUPP || sys == EPERM || sys == EACCES || sys == E2BIG;
}

// Why there is to be none, or NULL.
static const char *
reason_without(const struct image *image) {
  bool insists = image->isolate_peers == ISOLATE_PEERS_YES;
  if (image->isolate_peers == ISOLATE_PEERS_NO)
    return "IsolatePeers=no";
  if (!insists && !image->closes_execve)
    return "the policy leaves execve open";
  if (!insists && image->can_mount && program_may_mount(image))
    return "the program may mount, which a domain would refuse";
  return NULL;
}

// Returns 0, or the errno of what failed: EPERM for a filter that would kill.
static int
landlock_enter(isolate_outer *kills) {
  if (kills != NULL && kills(SYS_landlock_create_ruleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION))
    return EPERM;
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version < 0 ? errno : version < LANDLOCK_VERSION_MIN ? ENOTSUP : domain_enter();
}

int
isolate_peers(const struct image *image, isolate_outer *kills, struct isolation *out, struct error *e) {
  bool insists = image->isolate_peers == ISOLATE_PEERS_YES;
  out->isolated = false;
  out->reason = reason_without(image);
  if (out->reason != NULL)
    return 0;
  int sys = landlock_enter(kills);
  if (sys != 0 && (insists || !means_unavailable(sys)))
    return error_plain(e, ERROR_SECCOMP,
                       "IsolatePeers=%s: Landlock (version %d or later) is not to be had here: %s; nothing was started",
                       insists ? "yes" : "auto", LANDLOCK_VERSION_MIN,
                       sys == E2BIG ? "16 domains are around it already" : strerror(sys));
  out->isolated = sys == 0;
  out->reason = sys == 0 ? (insists ? "IsolatePeers=yes" : "IsolatePeers=auto") : "Landlock is not to be had here";
  return 0;
}
