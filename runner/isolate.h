// SPDX-License-Identifier: LGPL-2.1-or-later
// isolate.h - IsolatePeers=: a Landlock domain of its own for the program, so that it can neither take over a process
// outside it through ptrace and /proc nor read the ticket of the next launch.
#ifndef SCRUN_RUNNER_ISOLATE_H
#define SCRUN_RUNNER_ISOLATE_H
#include "runner/image.h"

struct isolation {
  bool isolated;
  const char *reason; // for -v: why, or why not; static
};

// Tells whether a filter around this process would kill it for a call: outer_kills().
typedef bool isolate_outer(long number, long a0, long a1, long a2);

// Puts the calling process in a domain of its own if the image's IsolatePeers= asks for it: always on "yes", never on
// "no", and on "auto" if the policy closes execve, the kernel can, and nothing that the policy allows is lost by it.
// The domain restricts no file access: it handles only the right to move files between folders, and grants that
// everywhere. What a domain takes away is mount(2) and its relatives; they answer EPERM. Call after no_new_privs is
// set. Where a filter around it kills for Landlock's calls, which `kills` tells (NULL: nobody asks), there is no
// Landlock. Fails with ERROR_SECCOMP when "yes" cannot be done, or "auto" for want of descriptors or memory. Source:
// landlock(7); ptrace restrictions in the kernel's Documentation/userspace-api/landlock.rst.
SC_NODISCARD int isolate_peers(const struct image *image, isolate_outer *kills, struct isolation *out, struct error *e);
#endif
