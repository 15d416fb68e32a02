// SPDX-License-Identifier: LGPL-2.1-or-later
// yama.h - the Yama security module's say about who may trace whom.
#ifndef SCRUN_RUNNER_LATE_YAMA_H
#define SCRUN_RUNNER_LATE_YAMA_H
#include "compat/error.h"
#include <stdbool.h>

#define YAMA_FILE "/proc/sys/kernel/yama/ptrace_scope"

// Source: the kernel's Documentation/admin-guide/LSM/Yama.rst. NONE: no Yama, or 0.
enum yama { YAMA_NONE, YAMA_RESTRICTED, YAMA_ADMIN_ONLY, YAMA_NO_ATTACH };

// Reads the setting from `path` (YAMA_FILE); no such file means YAMA_NONE. Fails with ERROR_SECCOMP for a file that
// cannot be read or says anything else: what is not known is not taken for permission.
SC_NODISCARD int yama_read(const char *path, enum yama *out, struct error *e);

// Whether a helper may trace this process once it is named with PR_SET_PTRACER (`named`), or another process if not,
// with CAP_SYS_PTRACE or without. Fails with ERROR_SECCOMP and what to do.
SC_NODISCARD int yama_allows(enum yama yama, bool named, bool capable, struct error *e);
#endif
