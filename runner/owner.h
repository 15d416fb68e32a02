// SPDX-License-Identifier: LGPL-2.1-or-later
// owner.h - owners whom a user namespace does not map: in there, root's files belong to the overflow uid.
#ifndef SCRUN_RUNNER_OWNER_H
#define SCRUN_RUNNER_OWNER_H
#include <stdbool.h>
#include <sys/stat.h>

// Whether the file or folder at `fd` (O_PATH will do), which `info` is about, belongs to somebody whom the user
// namespace of this process does not map: nobody in there can act as that one, nor give files to him. False where that
// is not certain, and wherever everybody is mapped, or root: who is not mapped there is somebody else. Where the
// overflow uid is mapped as well, it takes CAP_FOWNER to tell the two apart. Source: user_namespaces(7), O_NOATIME in
// open(2).
bool owner_is_unmapped(int fd, const struct stat *info);
#endif
