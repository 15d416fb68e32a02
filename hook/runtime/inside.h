// SPDX-License-Identifier: LGPL-2.1-or-later
// inside.h - what there is in a container that runs: its wrapper, and who owns its mounts.
#ifndef SCRUN_HOOK_RUNTIME_INSIDE_H
#define SCRUN_HOOK_RUNTIME_INSIDE_H
#include "compat/json.h"
#include <sys/types.h>

enum inside {
  INSIDE_NONE,
  INSIDE_ABSENT, // nothing, or the empty file that a start with a policy leaves in a root
  INSIDE_WRAPPER,
  INSIDE_OTHER, // also when it cannot be seen
};

// What stands at the wrapper's destination in the root of process `pid`. Nothing is followed; a wrapper is the host's
// file `wrapper`, mounted there.
enum inside inside_look(pid_t pid, const char *wrapper);

// Whether the user namespace that owns the mount namespace of process `pid` is the one that the runtime gave the
// container: ours, the one that its config.json names, or a new one below ours. Whoever has made himself another user
// namespace can mount what he likes over the wrapper in a mount namespace of that.
bool inside_mounts_are_runtimes(pid_t pid, const struct json *config);
#endif
