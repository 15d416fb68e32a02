// SPDX-License-Identifier: LGPL-2.1-or-later
// simulate.h - runs a program on one call, as the kernel would. For tests and for scrun-analyze.
#ifndef SCRUN_RUNNER_SIMULATE_H
#define SCRUN_RUNNER_SIMULATE_H
#include "compat/error.h"
#include "runner/program.h"
#include <linux/seccomp.h>

// Runs `program` on `data`. Returns 0 and fills *value with what it returns (SECCOMP_RET_* | data) and, where `steps`
// is not NULL, how many instructions ran; -1 on anything the kernel's checker would not have accepted (a jump out of
// range, an unknown instruction, no return), so that the caller can feed it any bytes. Source: seccomp_check_filter()
// and bpf_check_classic() in the kernel.
SC_NODISCARD int program_simulate(const struct program *program, const struct seccomp_data *data, uint32_t *value,
                                  unsigned *steps);

// The two halves of it, for a caller that runs one program on many calls: 0 if the kernel's checker would accept the
// program ...
SC_NODISCARD int program_acceptable(const struct program *program);
// ... and the run, of an accepted program only.
uint32_t program_run(const struct program *program, const struct seccomp_data *data, unsigned *steps);
#endif
