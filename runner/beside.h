// SPDX-License-Identifier: LGPL-2.1-or-later
// beside.h - files that are installed with this executable, whatever name it was started by.
#ifndef SCRUN_RUNNER_BESIDE_H
#define SCRUN_RUNNER_BESIDE_H
#include "compat/error.h"
#include <limits.h>
#include <sys/stat.h>

// Where `name` (relative) stands, seen from the folder of this executable. `what` begins the messages, as "JSON needs
// scrun-oci". *own is what stat(2) says of this executable. Fails with ERROR_POLICY: /proc/self/exe does not say, or
// its text means another file here: another root, or another file by now.
SC_NODISCARD int beside_find(char path[PATH_MAX], const char *name, const char *what, struct stat *own,
                             struct error *e);
#endif
