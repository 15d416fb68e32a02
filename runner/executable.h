// SPDX-License-Identifier: LGPL-2.1-or-later
// executable.h - what an exec of a file will run: scripts followed to their interpreter, the ELF file behind them
// looked at, and which moments it leaves possible.
#ifndef SCRUN_RUNNER_EXECUTABLE_H
#define SCRUN_RUNNER_EXECUTABLE_H
#include "compat/abi.h"
#include "compat/error.h"
#include "compat/moment.h"
#include "runner/elf.h"
#include <limits.h>
#include <stdbool.h>

struct executable {
  unsigned scripts; // how many #! lines led there
  enum abi abi;     // of its code: ABI_X86_64, ABI_X32 or ABI_I386
  bool dynamic;     // it has an ELF interpreter, which runs before it
  bool readable;    // it and its interpreter can be read; otherwise only `path` and `scripts` are to be relied on
  bool privileged;  // setuid, setgid or file capabilities, of the file that the kernel heeds them of
  struct elf_dynamic says;    // of a dynamic one
  char path[PATH_MAX];        // the ELF file: the program itself, or what interprets its script
  char interpreter[PATH_MAX]; // its ELF interpreter; empty if it is not dynamic
};

// Looks at `path` as the kernel will. Fails with ERROR_EXEC: not there, no ELF file of this machine, headers that lie,
// or more than five scripts one behind the other. An execute-only file is no failure. What is read is the file of this
// moment: an exec may find another one, which is why a later filter is proved once it is in force.
SC_NODISCARD int executable_read(struct executable *out, const char *path, struct error *e);

// MOMENT_EXEC where `moment` is MOMENT_ENTRY and the program has no interpreter: nothing runs between its exec and its
// entry. Otherwise `moment`.
enum moment executable_moment(const struct executable *executable, enum moment moment);

// Whether a policy can begin at `moment` (already settled by executable_moment()). Fails with ERROR_USAGE, saying why
// not and which moment is possible instead:
// - entry, ready: a file that may not be read, or that is setuid, setgid or has file capabilities (a tracer would be
//   refused), or of x32;
// - main: the same, and no interpreter, i386 (the library is for 64 bits), a sanitizer's run time, or no
// __libc_start_main().
SC_NODISCARD int executable_allows(const struct executable *executable, enum moment moment, struct error *e);
#endif
