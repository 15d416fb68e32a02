// SPDX-License-Identifier: LGPL-2.1-or-later
// tracees.h - a traced tree of processes: every thread and every child of it is followed from its first instruction on.
//
// Only PTRACE_SEIZE is used, always with PTRACE_O_EXITKILL unless tracees_attach() is told otherwise: a tracer that
// ends takes its tracees with it. What happens to the tree is passed on as it would be without a tracer: signals are
// delivered (and not swallowed by a stop), group stops stop, children and threads are followed, the dead are forgotten.
#ifndef SCRUN_RUNNER_LATE_TRACEES_H
#define SCRUN_RUNNER_LATE_TRACEES_H
#include "compat/error.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// More threads and processes than a start-up has.
#define TRACEES_MAX 4096

struct tracees; // opaque, large; the caller owns it

struct tracees *tracees_new(void); // NULL when memory is out
void tracees_free(struct tracees *tracees);

// Seizes one task, with exec events only; tracees_follow() asks for children, threads and calls as well. It is what the
// launcher is traced with before its exec. Fails with ERROR_SECCOMP, with the kernel's reason.
SC_NODISCARD int tracees_seize(struct tracees *tracees, pid_t pid, struct error *e);
// From a stop of the only tracee: follows forks, threads and execs from here on; with `calls`, every call stops at its
// entry.
SC_NODISCARD int tracees_follow(struct tracees *tracees, bool calls, struct error *e);

// Seizes every thread of a running process and stops it, until there are no others; threads that it makes later are
// followed. With `kill` a tracer that ends takes it with it, otherwise it goes on running. Fails with ERROR_SECCOMP;
// then nothing is traced.
SC_NODISCARD int tracees_attach(struct tracees *tracees, pid_t pid, bool kill, struct error *e);

enum tracees_event {
  TRACEES_NONE,
  TRACEES_EXEC,    // a process has another program; stopped before its first instruction
  TRACEES_TRAP,    // a hardware breakpoint that tracees_break_at() set was reached
  TRACEES_CALL,    // a task is about to make a call (tracees_follow() with calls)
  TRACEES_GONE,    // none is left; *status is the wait status of the first process
  TRACEES_TIMEOUT, // the deadline has passed
};

// Waits for the next event, until `deadline_ms` of CLOCK_MONOTONIC (INT64_MAX: for ever). The task of an EXEC, TRAP or
// CALL is stopped in *task until tracees_resume(). Everything else goes on by itself. Fails with ERROR_SECCOMP when the
// kernel's answers make no sense; kill the tree then.
SC_NODISCARD int tracees_next(struct tracees *tracees, int64_t deadline_ms, enum tracees_event *event, pid_t *task,
                              int *status, struct error *e);
SC_NODISCARD int tracees_resume(struct tracees *tracees, pid_t task, struct error *e);

// A hardware breakpoint on the next instruction that `task`, stopped, executes at `address`. Fails with ERROR_SECCOMP
// where there is none to be had.
SC_NODISCARD int tracees_break_at(struct tracees *tracees, pid_t task, uint64_t address, struct error *e);

// Stops every task. Fails with ERROR_SECCOMP when one does not stop within `timeout_ms`.
SC_NODISCARD int tracees_stop_all(struct tracees *tracees, unsigned timeout_ms, struct error *e);

// Lets all go, untraced, with the signals that they were about to get, system calls restarted as if nothing had been.
void tracees_release(struct tracees *tracees);
// Kills all; tracees_bury() then waits until they are dead, and only after that their parents hear of it.
void tracees_kill(struct tracees *tracees);
void tracees_bury(struct tracees *tracees);
#endif
