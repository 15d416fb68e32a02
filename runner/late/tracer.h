// SPDX-License-Identifier: LGPL-2.1-or-later
// tracer.h - the tracer of a launch: a process of its own, no child of the program, which puts the filter on it at its
// entry or when it is ready, and is gone.
//
// A process that hides from peers (guard.h) cannot be traced without privilege, and one that has once been open to
// peers cannot hide again: they may have its memory open. So scrun shows itself for the moment that its tracer needs,
// and then executes itself anew: the launch goes on, traced and with fresh memory, which nobody has seen. The policy is
// compiled by then; the tracer, whose copy of the memory still has it, hands it back as an image (image.h).
#ifndef SCRUN_RUNNER_LATE_TRACER_H
#define SCRUN_RUNNER_LATE_TRACER_H
#include "runner/image.h"

struct tracer_plan {
  const struct image *image;
  const char *program;       // for messages
  const char *notify_socket; // NOTIFY_SOCKET= of the program's environment; NULL: none
  unsigned timeout_ms;       // of MOMENT_READY; 0: for ever
  bool verbose;
};

// The word that the second start of scrun finds as its first argument; not for users.
#define TRACER_WORD "--traced="

// Starts the tracer and executes scrun anew with TRACER_WORD in front of argv[1]. Before that, ptrace is seen to be to
// be had: no tracer is there, Yama allows it, and the kernel does it. Comes back only on failure: ERROR_SECCOMP
// (nothing was started, the tracer is gone), or ERROR_USAGE for MOMENT_READY without a NOTIFY_SOCKET.
SC_NODISCARD int tracer_start(const struct tracer_plan *plan, char **argv, struct error *e);

// In the second start: `word` is what follows TRACER_WORD, the number of the tracer's socket. Reads the image from it,
// and makes sure that a tracer is there.
// *arming is the descriptor (close-on-exec) that guard_make() writes the struct arming to. Fails with ERROR_SECCOMP.
SC_NODISCARD int tracer_resume(const char *word, struct image *image, int *arming, struct error *e);
#endif
