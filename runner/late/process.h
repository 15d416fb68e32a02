// SPDX-License-Identifier: LGPL-2.1-or-later
// process.h - what /proc says about a process and its threads, as far as filters are concerned.
#ifndef SCRUN_RUNNER_LATE_PROCESS_H
#define SCRUN_RUNNER_LATE_PROCESS_H
#include "compat/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Of /proc/PID/task/TID/status. Source: proc(5).
struct task_status {
  char name[64]; // comm, as the file escapes it
  char state;    // "State:", its letter
  pid_t tgid, parent, tracer;
  unsigned uid;      // effective
  unsigned threads;  // of its process, dead ones that are still listed among them
  bool no_new_privs; // "NoNewPrivs:"
  unsigned mode;     // "Seccomp:": 0, 1 strict, 2 filter
  unsigned filters;  // "Seccomp_filters:" (Linux 5.9)
  bool has_filters;  // the kernel says that number
};

// Fails with ERROR_USAGE: no such task, or a file that cannot be read or says less.
SC_NODISCARD int task_status_read(pid_t pid, pid_t tid, struct task_status *out, struct error *e);

// Threads of the kernel's: all its own, and those that it makes in a process for io_uring, which have its filters and
// make no system calls. Source: "flags" in /proc/PID/stat of proc(5); PF_KTHREAD and PF_IO_WORKER in the kernel's
// include/linux/sched.h.
enum task_flag { TASK_KERNEL = 0x00200000, TASK_IO_WORKER = 0x10 };

// False also where that cannot be read.
bool task_has_flag(pid_t pid, pid_t tid, enum task_flag flag);

// Whether /proc is there, and of this process's own pid namespace: otherwise its numbers are other processes'.
bool task_proc_is_own(void);

// The threads of a process, rising, into `out`; *count of at most `room`. Fails with ERROR_USAGE: no such process, or
// more.
SC_NODISCARD int task_list(pid_t pid, pid_t *out, size_t room, size_t *count, struct error *e);

// The children of all threads of `pid`, likewise.
SC_NODISCARD int task_children(pid_t pid, pid_t *out, size_t room, size_t *count, struct error *e);
#endif
