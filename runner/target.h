// SPDX-License-Identifier: LGPL-2.1-or-later
// target.h - the program to start: where it is, what starts it, and its pages brought in before the exec.
#ifndef SCRUN_RUNNER_TARGET_H
#define SCRUN_RUNNER_TARGET_H
#include "compat/error.h"
#include <limits.h>

// What a file is, as far as it can be read; an execute-only file is started all the same.
struct target {
  char path[PATH_MAX];
  char interpreter[PATH_MAX]; // of its #! line, or its ELF interpreter; empty if it has none or it could not be read
  char missing[PATH_MAX];     // the interpreter, or an interpreter's interpreter, that does not exist; or empty
};

// Finds `name` like execvp(3): with a slash in it as it is, otherwise in the folders of `search` (the value of PATH;
// NULL: the default path of confstr(3)). Only one execve will follow, so what execvp finds out by trying is found out
// by looking: the first regular file that may be executed. Fails with ERROR_EXEC.
SC_NODISCARD int target_find(struct target *target, const char *name, const char *search, struct error *e);

// Brings into memory, and keeps mapped, what an execve reads of the program, the interpreters of #! lines and the ELF
// interpreter once its new memory can be looked into: the page at the head of each file, and of each segment that is
// longer in memory than in the file the last page, the rest of which is cleared. An execve that need not wait there for
// the disk leaves no time in which another process of the same user can read the ticket from /proc/PID/syscall
// (SECURITY.md). Fills in `interpreter` and `missing`. Never fails: what cannot be read cannot be brought in.
void target_bring_in(struct target *target);

// True for a setuid, setgid or file-capability program: under no_new_privs it starts without what its file would give
// it.
bool target_is_privileged(const struct target *target);

// The message for an execve that failed with `sys`, into `text`: what it means for this file, and what to do.
void target_explain(const struct target *target, int sys, char *text, size_t size);
#endif
