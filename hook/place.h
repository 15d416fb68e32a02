// SPDX-License-Identifier: LGPL-2.1-or-later
// place.h - where the parts that belong together are: found from the running program's own folder, installed or not.
#ifndef SCRUN_HOOK_PLACE_H
#define SCRUN_HOOK_PLACE_H
#include "compat/error.h"
#include <limits.h>

enum place_part { PLACE_WRAPPER, PLACE_STAGE };

// The absolute path of a part. Fails with ERROR_EXEC: it is not there, not executable by everybody, or somebody else
// than root (or, in a user namespace, its owner) could write to it.
SC_NODISCARD int place_find(enum place_part part, char out[PATH_MAX], struct error *e);
#endif
