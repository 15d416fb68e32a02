// SPDX-License-Identifier: LGPL-2.1-or-later
// say.h - messages to who started the container. Engines throw away what a hook writes to stderr, so it is also written
// to the stderr of the engine itself.
#ifndef SCRUN_HOOK_SAY_H
#define SCRUN_HOOK_SAY_H
#include "compat/diag.h"

// Writes to stderr and to descriptor 2 of the parent process (pidfd_getfd(2); where that is refused, its /proc entry
// opened for appending), unless both are the same open file. What cannot be written is passed over: a message never
// decides.
void say_diags(const char *tool, const struct diags *diags);
void say_error(const char *tool, const struct error *e);
#endif
