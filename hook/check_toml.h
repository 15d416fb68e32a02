// SPDX-License-Identifier: LGPL-2.1-or-later
// check_toml.h - one setting out of an engine's TOML file: hooks_dir, a list of folders. A file of which that is not
// certain is not understood, which is said.
#ifndef SCRUN_HOOK_CHECK_TOML_H
#define SCRUN_HOOK_CHECK_TOML_H
#include "compat/diag.h"
#include <limits.h>

#define TOML_FOLDERS_MAX 16

struct toml_folders {
  char path[TOML_FOLDERS_MAX][PATH_MAX];
  size_t count;
};

// Looks for hooks_dir in `table` ("engine", "crio.runtime"). Returns 1 and fills *out where it stands, 0 where it does
// not, -1 with messages where that cannot be said. Source: TOML 1.0.
int toml_read_folders(const struct source *source, const char *table, struct toml_folders *out, struct diags *diags);
#endif
