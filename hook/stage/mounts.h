// SPDX-License-Identifier: LGPL-2.1-or-later
// mounts.h - mount tables, read with libmount.
#ifndef SCRUN_HOOK_STAGE_MOUNTS_H
#define SCRUN_HOOK_STAGE_MOUNTS_H
#include "compat/error.h"
#include <sys/types.h>

// Proves that in the mount table of this process the last mount at `root`/.scrun is the file `wrapper` (the same device
// and file, by descriptors that nothing can change in between) and that nothing covers it. Fails with ERROR_SECCOMP,
// saying what is there instead.
SC_NODISCARD int mounts_check_wrapper(const char *root, const char *wrapper, struct error *e);

// Proves that what the container will execute as `path` is the init of the host at `source`, whatever links and mounts
// lead to it below `root`, and that it is static: a loader would be the image's, and would run what it likes, outside
// of the policy. Fails with ERROR_SECCOMP.
SC_NODISCARD int mounts_check_init(const char *root, const char *path, const char *source, struct error *e);
#endif
