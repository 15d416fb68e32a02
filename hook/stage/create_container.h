// SPDX-License-Identifier: LGPL-2.1-or-later
// create_container.h - the createContainer hook: proves, from inside the container's mount namespace and before its
// program, that what scrun wrote into config.json is what has come of it.
#ifndef SCRUN_HOOK_STAGE_CREATE_CONTAINER_H
#define SCRUN_HOOK_STAGE_CREATE_CONTAINER_H
#include "compat/diag.h"

// `state` is what the runtime says to its hooks. The config.json of its bundle must still start the program through
// the wrapper, and the wrapper must be what is mounted there (mounts.h). Returns 0, or the exit status, with messages:
// engines often show nothing else. *config is zeroed before; messages borrow from it, so it is for the caller to clear
// (input.h).
SC_NODISCARD int create_container(const struct source *state, struct source *config, struct diags *diags);
#endif
