// SPDX-License-Identifier: LGPL-2.1-or-later
// log.h - what scrun-runtime has to say: on stderr, and in the log that the engine reads the runtime's errors from.
#ifndef SCRUN_HOOK_RUNTIME_LOG_H
#define SCRUN_HOOK_RUNTIME_LOG_H
#include "compat/diag.h"
#include "hook/runtime/command.h"

#define RUNTIME_TOOL "scrun-runtime"

// Says all of it on stderr. If there is an error among it and the command line named a log file, all errors and hints
// are written there, too, as one entry in the runtime's own format: engines show only one. What cannot be written is
// passed over: a message never decides.
void log_diags(const struct command *command, const struct diags *diags);
#endif
