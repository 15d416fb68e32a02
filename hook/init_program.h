// SPDX-License-Identifier: LGPL-2.1-or-later
// init_program.h - the small init that an engine starts in front of the payload: `podman run --init`, `docker run
// --init`. It has to reap and to forward signals, and is the engine's own, so that the payload alone is bound.
#ifndef SCRUN_HOOK_INIT_PROGRAM_H
#define SCRUN_HOOK_INIT_PROGRAM_H
#include "compat/json.h"

// The first of the args that is the payload's: the one behind "INIT --" where INIT is mounted from one of the known
// programs, in a folder that belongs to the system, and no later mount covers it; otherwise the very first. No value if
// there is none. `mounts` may be no value, and has been looked at by destination_check_mounts().
struct json_value init_program_skip(struct json_value args, struct json_value mounts);

// Where that INIT is mounted from: the string; no value if there is none. A symbolic link of the image can have it
// covered all the same, and a file that needs a loader takes the image's: mounts_check_init() looks at what is there.
struct json_value init_program_source(struct json_value args, struct json_value mounts);
#endif
