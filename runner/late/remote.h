// SPDX-License-Identifier: LGPL-2.1-or-later
// remote.h - system calls made in the place of a stopped task, which notices nothing: its registers, its signal mask
// and its memory are put back, and a call that it was in goes on.
#ifndef SCRUN_RUNNER_LATE_REMOTE_H
#define SCRUN_RUNNER_LATE_REMOTE_H
#include "runner/late/tracee.h"
#include <sys/user.h>

// A task in whose place calls are made. Nothing of it is for others but `compat`.
struct remote {
  struct tracee *tracee;
  bool compat;                // its calls are those of x86
  uint64_t vdso, instruction; // the kernel's code in it, and one that makes a call
  int memory, maps;           // borrowed
  struct user_regs_struct before;
  uint64_t mask_before;
  bool in_front; // of the call that it was about to make
  bool moved;    // its registers are others
  struct {       // its system call user dispatch, which is off meanwhile. Source: <linux/ptrace.h>
    uint64_t mode, selector, offset, length;
  } dispatch;
  int64_t deadline_ms;
};

// `tracee` is still (tracees_stop_all()), and so are all others that can reach its memory. All of it has to be done
// within `timeout_ms`. Fails with ERROR_SECCOMP; then there is nothing to close.
SC_NODISCARD int remote_open(struct remote *remote, struct tracees *tracees, struct tracee *tracee, unsigned timeout_ms,
                             struct error *e);

// Makes the call `number` (of x86 if `compat`). *result is what the kernel answers, an errno as a negative number.
// Fails with ERROR_SECCOMP: the task is gone, or did not come back in time.
SC_NODISCARD int remote_call(struct remote *remote, uint64_t number, const uint64_t arguments[6], int64_t *result,
                             struct error *e);

// Puts all back and leaves the task still. Fails with ERROR_SECCOMP.
SC_NODISCARD int remote_close(struct remote *remote, struct error *e);

// Memory that the task can do without while it is stopped: at least `length` bytes, private and writable. The bytes
// there are kept in `kept` for remote_give_back(). Fails with ERROR_SECCOMP.
SC_NODISCARD int remote_borrow(struct remote *remote, size_t length, void *kept, uint64_t *address, struct error *e);
SC_NODISCARD int remote_write(struct remote *remote, uint64_t address, const void *bytes, size_t length,
                              struct error *e);
// Whether the memory still holds what was written: the kernel writes there, too, where somebody asked it to before
// (io_uring, restartable sequences), and other processes may.
SC_NODISCARD int remote_compare(struct remote *remote, uint64_t address, const void *bytes, size_t length,
                                struct error *e);
SC_NODISCARD int remote_give_back(struct remote *remote, size_t length, const void *kept, uint64_t address,
                                  struct error *e);
#endif
