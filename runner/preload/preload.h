// SPDX-License-Identifier: LGPL-2.1-or-later
// preload.h - At=main: the launcher's half and what it agrees on with the library. The library is a guest in somebody
// else's process: no libc call, no heap, no stdio, nothing left behind.
#ifndef SCRUN_RUNNER_PRELOAD_PRELOAD_H
#define SCRUN_RUNNER_PRELOAD_PRELOAD_H
#include "compat/error.h"
#include "runner/executable.h"

// The variable that tells the library which descriptor the sealed struct arming (arming.h) is in: decimal digits.
#define PRELOAD_VARIABLE "SCRUN_ARMING"
#define PRELOAD_NAME "libscrun-preload.so"

struct preload {
  char library[PATH_MAX]; // found by preload_find()
  int arming;             // the memory that guard_make() writes the struct arming to; it stays open across the exec
  char **environment;     // the program's, with LD_PRELOAD and PRELOAD_VARIABLE; on the heap
};

// Finds the library where it is installed, seen from this executable (SCRUN_PRELOAD_PATH, relative to its folder), and
// checks it: a regular file of root or of scrun's own owner that nobody else can write, an ELF library for 64 bits that
// the program will be able to read and map (no noexec mount). Makes the memory and the environment: the library is put
// behind what the user has in LD_PRELOAD, so many entries that the library takes out an even number. Starts the watcher
// (watch.h). Fails with ERROR_SECCOMP; nothing is started.
SC_NODISCARD int preload_prepare(struct preload *preload, const struct executable *executable, char *const *environment,
                                 bool verbose, struct error *e);
void preload_clear(struct preload *preload);
#endif
