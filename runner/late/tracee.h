// SPDX-License-Identifier: LGPL-2.1-or-later
// tracee.h - one traced task, as those who work on it see it.
#ifndef SCRUN_RUNNER_LATE_TRACEE_H
#define SCRUN_RUNNER_LATE_TRACEE_H
#include "runner/late/auxv.h"
#include "runner/late/tracees.h"
#include <signal.h>
#include <stddef.h>

// Where a task is. What TRACEE_ASLEEP and TRACEE_CALL have in common: it has nothing left to do in the kernel that
// would not be done over, so that calls can be made in its place.
enum tracee_state {
  TRACEE_NONE,
  TRACEE_RUNS,
  TRACEE_NEW,    // stopped at its first instruction; who made it has not said so yet
  TRACEE_HELD,   // stopped at an event that tracees_next() has returned
  TRACEE_CALL,   // stopped at the entry of a call; held as well
  TRACEE_ASLEEP, // stopped by PTRACE_INTERRUPT, with its process by a signal (PTRACE_EVENT_STOP), or at a breakpoint
  TRACEE_DONE,   // stopped at the exit of a call that was made in its place, its registers put back
};

struct tracee {
  pid_t task, process; // thread and thread group
  enum tracee_state state;
  int signal;        // TRACEE_HELD: the one that it is about to get, or 0
  pid_t vfork_child; // the task waits in vfork(2) until that one has another memory; or 0
  bool fresh;        // it has not stopped yet, as a new one does before its first instruction
  bool interrupted;  // PTRACE_INTERRUPT was asked for since its last stop
  bool zombie;       // it is dead, but others of its process are not
  uint64_t break_at; // its hardware breakpoint; 0: none
  // Of the process, taken before it can hide.
  int memory, maps; // /proc/PID/mem and maps; or -1, and nothing is known
  struct auxv auxv;
};

struct tracees {
  size_t count;
  pid_t first; // the process that all began with
  int status;  // its end
  unsigned long options;
  bool following, calls, stopping;
  sigset_t mask_before;
  struct sigaction child_before;
  struct tracee items[TRACEES_MAX];
};

// NULL: not traced (any more).
struct tracee *tracee_find(struct tracees *tracees, pid_t task);
void tracee_forget(struct tracees *tracees, pid_t task);

long tracee_request(int what, pid_t task, uint64_t address, uint64_t data);

// Takes in what /proc has of the task's process, if it is not there yet. Nothing is said of a failure: `memory` stays
// -1.
void tracee_open_memory(struct tracee *tracee);

int64_t tracee_clock_ms(void);

// Waits for `which` (-1: any) to stop or end, until `deadline_ms` (INT64_MAX: for ever). Returns the task and fills
// *status, 0 when the time is over, or -1 when there is none. SIGCHLD is blocked.
pid_t tracee_wait(pid_t which, int64_t deadline_ms, int *status);

// The event of a wait status: PTRACE_EVENT_*, or 0.
#define TRACEE_EVENT(status) ((int)((unsigned)(status) >> 16))
#endif
