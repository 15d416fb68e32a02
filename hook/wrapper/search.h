// SPDX-License-Identifier: LGPL-2.1-or-later
// search.h - the one exec, of a name that PATH is searched for.
#ifndef SCRUN_HOOK_WRAPPER_SEARCH_H
#define SCRUN_HOOK_WRAPPER_SEARCH_H
#include "runner/guard.h"

// Executes argv[0] with the guard's ticket: with a slash in it as it is, otherwise in each folder of `search` in turn,
// as execvp(3) does, but that no shell is started for a file without a format, and that without a PATH (NULL) nothing
// is found, as crun and runc have it. Comes back only if nothing could be executed, with the errno that says why; 0 if
// something outside pretended that it was.
int search_exec(const struct guard *guard, const char *search, char *const argv[], char *const environment[]);
#endif
