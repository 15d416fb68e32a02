// SPDX-License-Identifier: LGPL-2.1-or-later
// auxv.h - what the kernel told a program about itself when it was started.
#ifndef SCRUN_RUNNER_LATE_AUXV_H
#define SCRUN_RUNNER_LATE_AUXV_H
#include "compat/error.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// Source: getauxval(3).
struct auxv {
  bool compat;    // a program of 32 bits
  uint64_t entry; // its first instruction
  uint64_t base;  // where its ELF interpreter is; 0: it has none
  uint64_t vdso;  // the kernel's code in it; 0: none
};

// Reads it of a process that may be looked into. Fails with ERROR_SECCOMP.
SC_NODISCARD int auxv_read(pid_t process, struct auxv *out, struct error *e);
#endif
