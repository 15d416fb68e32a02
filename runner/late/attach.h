// SPDX-License-Identifier: LGPL-2.1-or-later
// attach.h - scrun --attach=PID: the filter on every thread of a process that runs already, or nothing.
#ifndef SCRUN_RUNNER_LATE_ATTACH_H
#define SCRUN_RUNNER_LATE_ATTACH_H
#include "runner/image.h"
#include <sys/types.h>

// Adds the image's later program (of any later moment) to all threads of `pid`, and verifies it from outside. Refuses
// before anything is touched: this process itself, one that cannot be traced (with the reason), kernel threads, one
// whose filters cannot be read (that takes CAP_SYS_ADMIN and a scrun without filters) or would not let seccomp(2) with
// TSYNC and prctl(PR_SET_NO_NEW_PRIVS) through. After a failure every filter is as it was; if no_new_privs was set by
// then, the message says so. `verbose`: one line about what is in force now. Children that the process has already are
// not touched; the line says how many there are. NoNewPrivileges=no and IsolatePeers=yes cannot be had for a process
// that runs: ERROR_USAGE. Otherwise fails with ERROR_SECCOMP.
SC_NODISCARD int attach(pid_t pid, struct image *image, bool verbose, struct error *e);
#endif
