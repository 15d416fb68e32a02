// SPDX-License-Identifier: LGPL-2.1-or-later
// moment.h - when the policy begins to be in force: At= and --at=.
#ifndef SCRUN_COMPAT_MOMENT_H
#define SCRUN_COMPAT_MOMENT_H
#include <stddef.h>

enum moment {
  MOMENT_NONE,  // not said
  MOMENT_EXEC,  // with the exec
  MOMENT_ENTRY, // at the executable's own first instruction, after the dynamic loader
  MOMENT_MAIN,  // right before main(), after constructors
  MOMENT_READY, // when the service sends READY=1
  MOMENT_COUNT
};

// "exec", "entry", "main", "ready"; static. NULL for MOMENT_NONE.
const char *moment_name(enum moment moment);

// The moment of that name (`length` bytes), or MOMENT_NONE.
enum moment moment_find(const char *name, size_t length);
#endif
