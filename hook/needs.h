// SPDX-License-Identifier: LGPL-2.1-or-later
// needs.h - the calls that a container runtime makes between installing linux.seccomp and executing the payload, and
// those of the wrapper: data, as measured with real runtimes.
#ifndef SCRUN_HOOK_NEEDS_H
#define SCRUN_HOOK_NEEDS_H
#include <stdbool.h>

// Who reads the config.json; a hook is not told.
enum runtime_kind { RUNTIME_ANY, RUNTIME_CRUN, RUNTIME_RUNC };

// RUNTIME_ANY for a name that is none of them; by the last component of a path.
enum runtime_kind runtime_kind_of(const char *path);

// Room for the names, their NULL included.
#define NEEDS_MAX 80

// The names, sorted, ending with NULL: execve and what that runtime (any of them: all) needs without no_new_privs,
// which an exec into the container may lack even if the container has it; with `wrapper` also what the wrapper makes
// before and around its exec, with `isolate` what Landlock takes. Static or borrowed from static storage: one caller at
// a time.
const char *const *needs_of(enum runtime_kind runtime, bool wrapper, bool isolate);

// The same, but only what no start of the container does without, whichever of the runtimes it is: where the engine's
// own profile refuses one of these, the payload is never reached. `no_new_privs`: the container's own setting; with it
// a runtime installs the filter later.
const char *const *needs_at_least(enum runtime_kind runtime, bool no_new_privs, bool wrapper, bool isolate);
#endif
