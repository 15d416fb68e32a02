// SPDX-License-Identifier: LGPL-2.1-or-later
// launch.h - from an image to the program: everything behind the policy, with one exec at its end.
#ifndef SCRUN_RUNNER_LAUNCH_H
#define SCRUN_RUNNER_LAUNCH_H
#include "runner/image.h"
#include "runner/target.h"

// All of it borrowed.
struct launch {
  const char *tool;      // for messages
  struct image *image;   // its blank tickets are filled in
  struct target *target; // found by target_find()
  int arming;            // where the later filter is handed over (guard.h); -1 at exec
  char *const *argv, *const *environment;
  bool verbose; // one line that says what is in force
};

// A setuid launcher would start programs with its owner's rights for anybody: fails with ERROR_USAGE if this is one.
SC_NODISCARD int launch_refuse_setuid(const char *tool, struct error *e);

// Sets no_new_privs, isolates, installs and proves the filter (at later moments the start-up filter), execs. Comes back
// only if it failed before the filter could be in force; after that it ends the process itself, with a message.
SC_NODISCARD int launch(const struct launch *what, struct error *e);
#endif
