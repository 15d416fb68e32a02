// SPDX-License-Identifier: LGPL-2.1-or-later
// watch.c - starts the watcher of At=main.
//
// A process that shares this one's memory starts it and ends, so that it is no child of the program. The starter has a
// table of descriptors of its own: what the watcher must not keep is closed there, before it exists. Where orphans come
// to this process itself (PID 1, PR_SET_CHILD_SUBREAPER), the watcher ends as a child that sends no signal and that a
// plain wait(2) does not see.
#include "runner/preload/watch.h"
#include "runner/child.h"
#include "runner/preload/watch_run.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

// What the starter says to its parent.
struct starter {
  struct watch *watch;
  bool keep_orphan; // the watcher is to be a child of the program all the same
  const char *step; // which one failed, and its errno; NULL: the watcher runs
  int sys;
};

static int
fail(struct error *e, const char *what, int sys) {
  return error_plain(e, ERROR_SECCOMP,
                     "--at=main needs a watcher, which cannot be started: %s: %s; nothing was started", what,
                     strerror(sys));
}

// All but stderr, the program and its folder. The numbers rise.
static int
close_others(const struct watch *watch) {
  int keep[] = {STDERR_FILENO, watch->proc, watch->pidfd};
  unsigned next = 0;
  for (size_t i = 0; i < sizeof keep / sizeof keep[0]; i++) {
    unsigned kept = (unsigned)keep[i];
    if (kept > next && syscall(SYS_close_range, next, kept - 1, 0) != 0)
      return -1;
    if (kept >= next)
      next = kept + 1;
  }
  return (int)syscall(SYS_close_range, next, ~0U, 0);
}

// In the starter, on the parent's memory, which stands still.
static const char *
start_watcher(struct watch *watch, unsigned long flags) {
  errno = ENOTSUP; // what is said where an answer is none of the kernel's
  watch->pidfd = (int)syscall(SYS_pidfd_open, watch->pid, 0);
  if (watch->pidfd < 0 || getppid() != watch->pid)
    return "pidfd_open(2)";
  int proc = fcntl(watch->proc, F_DUPFD, STDERR_FILENO + 1);
  int pidfd = fcntl(watch->pidfd, F_DUPFD, proc);
  if (proc <= STDERR_FILENO || pidfd <= proc)
    return "fcntl(2)";
  watch->proc = proc;
  watch->pidfd = pidfd;
  if (close_others(watch) != 0)
    return "close_range(2)";
  long child = child_start(watch_run, watch, watch->stack + sizeof watch->stack, flags);
  errno = child < 0 ? (int)-child : 0;
  return child < 0 ? "clone(2)" : NULL;
}

static _Noreturn void
starter_run(void *argument) {
  struct starter *starter = argument;
  starter->step = start_watcher(starter->watch, starter->keep_orphan ? CLONE_PARENT : 0);
  starter->sys = errno;
  (void)syscall(SYS_exit_group, 0);
  __builtin_trap();
}

static bool
takes_orphans(void) {
  int reaper = 0;
  return getpid() == 1 || (prctl(PR_GET_CHILD_SUBREAPER, &reaper, 0, 0, 0) == 0 && reaper != 0);
}

// Whatever the caller does with SIGCHLD: a child that ends without it is seen by none but who asks for all.
static int
run_starter(struct starter *starter, struct error *e) {
  struct watch *watch = starter->watch;
  int end = -1;
  long child = child_start(starter_run, starter, watch->starter_stack + sizeof watch->starter_stack, CLONE_VFORK);
  if (child < 0)
    return fail(e, "clone(2)", (int)-child);
  errno = ENOTSUP;
  if (wait4((pid_t)child, &end, __WALL, NULL) != child)
    return fail(e, "wait4(2)", errno);
  return starter->step == NULL ? 0 : fail(e, starter->step, starter->sys);
}

// Signals of the terminal, or of the program's group, are not for the watcher. It gets these with its first
// instruction, so this process has them meanwhile.
static int
start_deaf(struct starter *starter, struct error *e) {
  const uint64_t all = UINT64_MAX;
  uint64_t before = 0;
  if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all) != 0)
    return fail(e, "rt_sigprocmask(2)", errno);
  int failed = run_starter(starter, e);
  if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before) != 0 && failed == 0)
    return fail(e, "rt_sigprocmask(2)", errno);
  return failed;
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

// Nothing in it can drive a terminal.
static void
set_texts(struct watch *watch, const struct executable *executable, const char *library) {
  snprintf(watch->program, sizeof watch->program, "%s", shown(executable->path).text);
  snprintf(watch->library, sizeof watch->library, "%s", library);
}

static struct watch *
watch_new(struct error *e) {
  struct watch *watch = mmap(NULL, sizeof *watch, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (watch != MAP_FAILED)
    return watch;
  (void)fail(e, "mmap(2)", errno);
  return NULL;
}

int
watch_start(const struct executable *executable, const char *library, struct error *e) {
  struct watch *watch = watch_new(e); // the watcher's, also when this fails: it ends with this process
  if (watch == NULL || open_folder(watch, e) != 0)
    return -1;
  int folder = watch->proc;
  struct starter starter = {.watch = watch, .keep_orphan = takes_orphans()};
  watch->pid = getpid();
  watch->executing = (uint32_t)watch->pid;
  set_texts(watch, executable, library);
  int failed = start_deaf(&starter, e);
  close(folder);
  return failed != 0 ? -1 : announce_exec(watch, e);
}
