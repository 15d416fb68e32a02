// SPDX-License-Identifier: LGPL-2.1-or-later
// descriptor.h - descriptors that no other program's are taken for, and memory behind one.
#ifndef SCRUN_RUNNER_DESCRIPTOR_H
#define SCRUN_RUNNER_DESCRIPTOR_H
#include "compat/error.h"

// Sees to it that `*fd` lies above the standard streams. A low one may be free because the caller closed it; or it is
// the caller's own, and somebody answered for the call that should have made ours, which is close-on-exec. Returns -1
// with errno; also for a negative *fd, whose errno it keeps.
SC_NODISCARD int descriptor_raise(int *fd);

// New memory that can be sealed, close-on-exec; -1 with errno. Where the kernel insists, memory must say that it is not
// to be executed; older ones do not know the word. Source: memfd_create(2).
int descriptor_memory(const char *name);
#endif
