// SPDX-License-Identifier: LGPL-2.1-or-later
// arming.h - all that is needed to put a later filter on a process that has its start-up filter: what the launcher
// hands to the tracer or to the preload library.
#ifndef SCRUN_RUNNER_ARMING_H
#define SCRUN_RUNNER_ARMING_H
#include "runner/program.h"
#include "runner/ticket.h"

// As it is handed over: one record of ARMING_BYTES(program.length) bytes in memory or through a socket. It holds no
// pointer. Whoever has it can install filters past the start-up filter once, so it is never printed, and wiped after
// use.
#define ARMING_MAGIC 0x676e6d61u
struct arming {
  uint32_t magic;
  uint32_t flags;         // of seccomp(2): SECCOMP_FILTER_FLAG_TSYNC, and what the policy asks for
  struct ticket ticket;   // the arming ticket; its probe_errno is what the later filter answers to it
  struct program program; // PROGRAM_LATER, filled
};
#define ARMING_BYTES(length) (offsetof(struct arming, program.code) + (length) * sizeof(struct sock_filter))
#endif
