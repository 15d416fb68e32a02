// SPDX-License-Identifier: LGPL-2.1-or-later
// state.h - the state of a container, as a runtime tells it to its hooks on stdin. Source: runtime-spec, "State".
#ifndef SCRUN_HOOK_STAGE_STATE_H
#define SCRUN_HOOK_STAGE_STATE_H
#include "compat/json.h"
#include <stdbool.h>
#include <sys/types.h>

struct container_state {
  struct json *json;
  const char *bundle;            // absolute
  pid_t pid;                     // in the pid namespace of the runtime; 0: not said
  bool runs;                     // "status": the program was started already, or has ended
  struct json_value annotations; // or no value
};

// Reads it from `source`; borrows from that. Fails with messages. Free json with json_free().
SC_NODISCARD int container_state_read(const struct source *source, struct container_state *out, struct diags *diags);
#endif
