// SPDX-License-Identifier: LGPL-2.1-or-later
// watch.c - starts the watcher of At=main.
//
// A process that shares this one's memory starts it and ends, so that it is no child of the program. The starter has a
// table of descriptors of its own, which the watcher takes over: what it must not keep is closed there, before it
// exists. Where orphans come to this process itself (PID 1, PR_SET_CHILD_SUBREAPER), the watcher ends as a child that
// sends no signal and that a plain wait(2) does not see.
#include "runner/preload/watch.h"
#include "runner/child.h"
#include "runner/preload/call.h"
#include "runner/preload/watch_run.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

static int
fail(struct error *e, const char *what, int sys) {
  return error_plain(e, ERROR_SECCOMP,
                     "--at=main needs a watcher, which cannot be started: %s: %s; nothing was started", what,
                     sys == 0 ? "it ended" : strerror(sys));
}

// The starter runs on this process's memory while this one goes on: no libc call in it, and nothing written but the
// block. It returns what the kernel does.

static long
starter_call(long number, long a0, long a1, long a2) {
  return call_make(number, a0, a1, a2, 0, 0);
}

// All but stderr, the program, its folder and the library. The numbers rise.
static long
close_others(const struct watch *watch) {
  const long keep[] = {STDERR_FILENO, watch->proc, watch->library, watch->pidfd};
  long next = 0, result = 0;
  for (size_t i = 0; i < sizeof keep / sizeof keep[0] && result >= 0; i++) {
    if (keep[i] > next)
      result = starter_call(SYS_close_range, next, keep[i] - 1, 0);
    if (keep[i] >= next)
      next = keep[i] + 1;
  }
  return result < 0 ? result : starter_call(SYS_close_range, next, UINT32_MAX, 0);
}

// Returns 0, or a negative errno and the step that failed.
static long
start_watcher(struct watch *watch, const char **step) {
  *step = "pidfd_open(2)";
  long pidfd = starter_call(SYS_pidfd_open, watch->pid, 0, 0);
  if (pidfd < 0 || starter_call(SYS_getppid, 0, 0, 0) != watch->pid)
    return pidfd < 0 ? pidfd : -ESRCH;
  *step = "fcntl(2)";
  watch->pidfd = (int)pidfd;
  int *const rising[] = {&watch->proc, &watch->library, &watch->pidfd};
  long result, next = STDERR_FILENO + 1;
  for (size_t i = 0; i < sizeof rising / sizeof rising[0]; i++) {
    if ((result = starter_call(SYS_fcntl, *rising[i], F_DUPFD, next)) < next)
      return result < 0 ? result : -ENOTSUP;
    *rising[i] = (int)result;
    next = result + 1;
  }
  *step = "close_range(2)";
  result = close_others(watch);
  if (result < 0)
    return result;
  *step = "clone(2)";
  return child_start(watch_run, watch, watch->stack + sizeof watch->stack,
                     CLONE_FILES | CLONE_FS | CLONE_SIGHAND | (watch->keep_orphan ? CLONE_PARENT : 0));
}

static void
starter_run(void *argument) {
  struct watch *watch = argument;
  const char *step;
  long result = start_watcher(watch, &step);
  watch->sys = result < 0 ? (int)-result : 0;
  watch->step = result < 0 ? step : NULL;
  for (;;)
    (void)starter_call(SYS_exit_group, 0, 0, 0);
}

static bool
takes_orphans(void) {
  int reaper = 0;
  return getpid() == 1 || (prctl(PR_GET_CHILD_SUBREAPER, &reaper, 0, 0, 0) == 0 && reaper != 0);
}

// Signals of the terminal, or of the program's group, are not for the watcher. It gets these with its first
// instruction, so this process has them for a moment.
static int
start_deaf(struct watch *watch, struct error *e) {
  const uint64_t all = UINT64_MAX;
  uint64_t before = 0;
  if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all) != 0)
    return fail(e, "rt_sigprocmask(2)", errno);
  watch->starter = child_start(starter_run, watch, watch->starter_stack + sizeof watch->starter_stack, 0);
  if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before) != 0)
    return fail(e, "rt_sigprocmask(2)", errno);
  return watch->starter < 0 ? fail(e, "clone(2)", (int)-watch->starter) : 0;
}

// Without its answer the kernel would not say when the program has left this memory.
static int
announce_exec(struct watch *watch, struct error *e) {
  errno = ENOTSUP;
  if (syscall(SYS_set_tid_address, &watch->executing) == watch->pid)
    return 0;
  return fail(e, "set_tid_address(2)", errno);
}

static int
open_folder(struct watch *watch, struct error *e) {
  struct statfs system = {.f_type = 0};
  errno = ENOTSUP;
  watch->proc = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (watch->proc >= 0 && fstatfs(watch->proc, &system) == 0 && system.f_type == PROC_SUPER_MAGIC)
    return 0;
  return fail(e, "/proc", errno);
}

int
watch_start(struct watch **out, const struct executable *executable, int library, struct error *e) {
  static struct watch block; // the watcher's, also when this fails: it ends with this process
  struct watch *watch = &block;
  if (open_folder(watch, e) != 0)
    return -1;
  int folder = watch->proc; // the starter, which has descriptors of its own, gives them other numbers
  watch->library = library;
  watch->pid = getpid();
  watch->executing = (uint32_t)watch->pid;
  watch->keep_orphan = takes_orphans();
  watch->step = "it did not begin";
  snprintf(watch->program, sizeof watch->program, "%s", shown(executable->path).text);
  int failed = start_deaf(watch, e);
  close(folder);
  *out = watch;
  return failed;
}

// Whatever the caller does with SIGCHLD: a child that ends without it is seen by none but who asks for all. Not as
// vfork(2) would, which cannot be stopped: in wait4(2) both can.
int
watch_finish(struct watch *watch, struct error *e) {
  int end = -1;
  errno = ENOTSUP; // what is said where an answer is none of the kernel's
  if (wait4((pid_t)watch->starter, &end, __WALL, NULL) != (pid_t)watch->starter)
    return fail(e, "wait4(2)", errno);
  if (watch->step != NULL)
    return fail(e, watch->step, watch->sys);
  return announce_exec(watch, e);
}
