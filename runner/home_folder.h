// SPDX-License-Identifier: LGPL-2.1-or-later
// home_folder.h - where a user's own folder is, as root wrote it down: $HOME has no say.
#ifndef SCRUN_RUNNER_HOME_FOLDER_H
#define SCRUN_RUNNER_HOME_FOLDER_H
#include "compat/error.h"
#include <limits.h>
#include <sys/types.h>

// A home is shorter than PATH_MAX by at least this: room for what goes behind it.
#define HOME_FOLDER_ROOM 64

// Finds the home of the first account of `uid` in the list of accounts that is open at `fd`, in the form of passwd(5);
// `path` is its name. Slashes at the end are taken away. Fails with ERROR_POLICY, naming `option`, which asked for it.
SC_NODISCARD int home_folder_find(int fd, const char *path, uid_t uid, const char *option, char home[PATH_MAX],
                                  struct error *e);
#endif
