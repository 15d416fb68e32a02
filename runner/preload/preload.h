// SPDX-License-Identifier: LGPL-2.1-or-later
// preload.h - At=main: the launcher's half and what it agrees on with the library. The library is a guest in somebody
// else's process: no libc call, no heap, no stdio, nothing left behind.
#ifndef SCRUN_RUNNER_PRELOAD_PRELOAD_H
#define SCRUN_RUNNER_PRELOAD_PRELOAD_H
#include "compat/error.h"
#include "runner/executable.h"

// The variable that tells the library three numbers, in decimal digits with ":" between them: the descriptor that the
// sealed struct arming (arming.h) is in, the descriptor that the library itself was opened as, and PRELOAD_CHILDLESS or
// 0.
#define PRELOAD_VARIABLE "SCRUN_ARMING"
// No process was below the program before its exec, all that its constructors leave behind comes to it
// (PR_SET_CHILD_SUBREAPER, which the library takes back), and the start-up filter lets the library ask for that: if one
// is there when the policy is put in force, main() is not called.
#define PRELOAD_CHILDLESS 1
// So waitid(2) answers ECHILD where there is no process below but ended ones, and waits for none.
#define PRELOAD_WAIT_OPTIONS (WSTOPPED | WNOHANG | WNOWAIT | __WALL)
// What stands in LD_PRELOAD, in front of the library's descriptor: no name, so nothing else can be there in time.
#define PRELOAD_FOLDER "/proc/self/fd/"
#define PRELOAD_NAME "libscrun-preload.so"

struct image;

// The descriptors stay open across the exec; the library closes them.
struct preload {
  int library;
  int arming;         // the memory that guard_make() writes the struct arming to
  bool childless;     // PRELOAD_CHILDLESS
  char **environment; // the program's, with LD_PRELOAD and PRELOAD_VARIABLE; on the heap
};

// Finds the library where it is installed, seen from this executable (SCRUN_PRELOAD_PATH, relative to its folder), and
// checks it: a regular file of root or of scrun's own owner that nobody else can write, an ELF library for 64 bits that
// the program will be able to read and map (no noexec mount). Makes the memory and the environment: the library is put
// behind what the user has in LD_PRELOAD, so many entries that the library takes out an even number. Starts the watcher
// (watch.h). `image` is the one that will be launched. Fails with ERROR_SECCOMP; nothing is started.
SC_NODISCARD int preload_prepare(struct preload *preload, const struct executable *executable,
                                 const struct image *image, char *const *environment, bool verbose, struct error *e);
void preload_clear(struct preload *preload);
#endif
