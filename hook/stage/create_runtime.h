// SPDX-License-Identifier: LGPL-2.1-or-later
// create_runtime.h - the createRuntime hook: a policy for a container whose config.json nobody can rewrite.
#ifndef SCRUN_HOOK_STAGE_CREATE_RUNTIME_H
#define SCRUN_HOOK_STAGE_CREATE_RUNTIME_H
#include "hook/request.h"

// `state` is what the runtime says to its hooks; with the settings it says what is asked for. If that is a policy, the
// container's first process is traced when this returns (exec_tracer.h). Returns 0, or the exit status, with messages:
// engines often show nothing else. They borrow from `request`: the caller clears it, in either case.
SC_NODISCARD int create_runtime(const struct source *state, struct hook_settings *settings,
                                struct container_request *request, struct diags *diags);
#endif
