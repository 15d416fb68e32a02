// SPDX-License-Identifier: LGPL-2.1-or-later
// tracees.c - follows a tree of processes with ptrace(2), and stops it as a whole.
//
// A stop that is to last is always the one of PTRACE_INTERRUPT: the task is in the kernel then, behind whatever it was
// doing, and a call that was cut short is made over when it goes on. So a task that is found at another stop is asked
// for an interrupt and let on, with its signal: it comes to the right stop before its next instruction.
#include "runner/late/interrupted.h"
#include "runner/late/process.h"
#include "runner/late/tracee.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALL_STOP (SIGTRAP | 0x80)
#define OPTIONS_FIRST (PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC)
#define OPTIONS_FOLLOW (PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACESYSGOOD)
#define OPTIONS_ATTACH (PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD)
#ifndef TRAP_HWBKPT
#define TRAP_HWBKPT 4
#endif

#define SLICE_MS 10 // between looks for what does not stop because it is dead
#define SIGNAL_MS 50
#define ATTACH_STOP_MS 5000
#define ATTACH_PASSES 16
#define RELEASE_STOP_MS 1000
#define KILL_WAIT_MS 10000

// The kernel's own ptrace(2): libc's has another form for what reads.
long
tracee_request(int what, pid_t task, uint64_t address, uint64_t data) {
  return syscall(SYS_ptrace, (long)what, (long)task, address, data);
}

struct tracees *
tracees_new(void) {
  const struct sigaction plain = {.sa_handler = SIG_DFL};
  sigset_t child;
  struct tracees *tracees = mmap(NULL, sizeof *tracees, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (tracees == MAP_FAILED)
    return NULL;
  // ignored, it would not say that something stopped
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigaction(SIGCHLD, &plain, &tracees->child_before);
  sigprocmask(SIG_BLOCK, &child, &tracees->mask_before);
  return tracees;
}

static void
close_memory(struct tracee *tracee) {
  if (tracee->memory >= 0)
    close(tracee->memory);
  if (tracee->maps >= 0)
    close(tracee->maps);
  tracee->memory = tracee->maps = -1;
}

void
tracees_free(struct tracees *tracees) {
  if (tracees == NULL)
    return;
  for (size_t i = 0; i < tracees->count; i++)
    close_memory(&tracees->items[i]);
  sigaction(SIGCHLD, &tracees->child_before, NULL);
  sigprocmask(SIG_SETMASK, &tracees->mask_before, NULL);
  munmap(tracees, sizeof *tracees);
}

struct tracee *
tracee_find(struct tracees *tracees, pid_t task) {
  for (size_t i = 0; i < tracees->count; i++)
    if (tracees->items[i].task == task)
      return &tracees->items[i];
  return NULL;
}

void
tracee_forget(struct tracees *tracees, pid_t task) {
  struct tracee *tracee = tracee_find(tracees, task);
  if (tracee == NULL)
    return;
  close_memory(tracee);
  *tracee = tracees->items[--tracees->count];
  for (size_t i = 0; i < tracees->count; i++)
    if (tracees->items[i].vfork_child == task)
      tracees->items[i].vfork_child = 0;
}

static struct tracee *
add(struct tracees *tracees, pid_t task, enum tracee_state state, struct error *e) {
  if (tracees->count == TRACEES_MAX) {
    (void)error_plain(e, ERROR_SECCOMP, "there are more than %d threads and processes", TRACEES_MAX);
    return NULL;
  }
  struct tracee *tracee = &tracees->items[tracees->count++];
  *tracee = (struct tracee){.task = task, .process = task, .state = state, .memory = -1, .maps = -1};
  return tracee;
}

void
tracee_open_memory(struct tracee *tracee) {
  struct error unused;
  char path[64];
  if (tracee->memory >= 0)
    return;
  snprintf(path, sizeof path, "/proc/%ld/mem", (long)tracee->task);
  tracee->memory = open(path, O_RDWR | O_CLOEXEC);
  snprintf(path, sizeof path, "/proc/%ld/maps", (long)tracee->task);
  tracee->maps = open(path, O_RDONLY | O_CLOEXEC);
  if (tracee->memory < 0 || tracee->maps < 0 || auxv_read(tracee->task, &tracee->auxv, &unused) != 0)
    close_memory(tracee);
}

int64_t
tracee_clock_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Returns false when the time is over. A signal that somebody takes away costs a moment only.
static bool
wait_for_signal(int64_t deadline_ms) {
  int64_t left = deadline_ms - tracee_clock_ms();
  const struct timespec limit = {.tv_nsec = (long)(left < SIGNAL_MS ? left : SIGNAL_MS) * 1000000};
  sigset_t child;
  if (left <= 0)
    return false;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  (void)sigtimedwait(&child, NULL, &limit);
  return true;
}

pid_t
tracee_wait(pid_t which, int64_t deadline_ms, int *status) {
  for (;;) {
    pid_t task = waitpid(which, status, __WALL | (deadline_ms == INT64_MAX ? 0 : WNOHANG));
    if (task > 0)
      return task;
    if (task < 0 && errno != EINTR)
      return -1;
    if (task == 0 && !wait_for_signal(deadline_ms))
      return 0;
  }
}

// --- starting ---

static int
fail_seize(pid_t task, int sys, struct error *e) {
  struct task_status status;
  struct error unused;
  if (task_status_read(task, task, &status, &unused) == 0 && status.tracer != 0)
    return error_plain(e, ERROR_SECCOMP, "process %ld is traced already, by process %ld (a debugger, strace?)",
                       (long)task, (long)status.tracer);
  return error_plain(e, ERROR_SECCOMP, "ptrace(2) does not take process %ld: %s", (long)task, strerror(sys));
}

int
tracees_seize(struct tracees *tracees, pid_t pid, struct error *e) {
  tracees->options = OPTIONS_FIRST;
  if (tracee_request(PTRACE_SEIZE, pid, 0, tracees->options) != 0)
    return fail_seize(pid, errno, e);
  tracees->first = pid;
  return add(tracees, pid, TRACEE_RUNS, e) == NULL ? -1 : 0;
}

int
tracees_follow(struct tracees *tracees, bool calls, struct error *e) {
  struct tracee *only = tracee_find(tracees, tracees->first);
  tracees->options |= OPTIONS_FOLLOW;
  tracees->calls = calls;
  if (only == NULL || tracees->count != 1 || tracee_request(PTRACE_SETOPTIONS, only->task, 0, tracees->options) != 0)
    return error_plain(e, ERROR_SECCOMP, "ptrace(2) does not follow its children: %s", strerror(errno));
  tracees->following = true;
  tracee_open_memory(only);
  return 0;
}

// --- going on ---

static int
fail_request(const struct tracee *tracee, const char *what, struct error *e) {
  return error_plain(e, ERROR_SECCOMP, "ptrace(2) does not %s process %ld: %s", what, (long)tracee->task,
                     strerror(errno));
}

// A task that was killed is not there to be let on; its end is yet to be heard of.
static int
let_on(struct tracee *tracee, bool calls, struct error *e) {
  int signal = tracee->signal;
  tracee->state = TRACEE_RUNS;
  tracee->signal = 0;
  if (tracee_request(calls ? PTRACE_SYSCALL : PTRACE_CONT, tracee->task, 0, (uint64_t)signal) == 0 || errno == ESRCH)
    return 0;
  return fail_request(tracee, "let on", e);
}

int
tracees_resume(struct tracees *tracees, pid_t task, struct error *e) {
  struct tracee *tracee = tracee_find(tracees, task);
  return tracee == NULL ? 0 : let_on(tracee, tracees->calls, e);
}

// Source: the layout of DR7 in the processor's manual: bit 0 switches DR0 on; type and length 0 mean execution.
static int
set_break(struct tracee *tracee, uint64_t address) {
  if (address != 0 && tracee_request(PTRACE_POKEUSER, tracee->task, offsetof(struct user, u_debugreg[0]), address) != 0)
    return -1;
  if (tracee_request(PTRACE_POKEUSER, tracee->task, offsetof(struct user, u_debugreg[7]), address != 0) != 0)
    return -1;
  tracee->break_at = address;
  return 0;
}

int
tracees_break_at(struct tracees *tracees, pid_t task, uint64_t address, struct error *e) {
  struct tracee *tracee = tracee_find(tracees, task);
  if (tracee == NULL || set_break(tracee, address) == 0 || errno == ESRCH)
    return 0;
  return error_plain(e, ERROR_SECCOMP, "there is no hardware breakpoint to be had: %s (use --at=main)",
                     strerror(errno));
}

// --- what a status means ---

// The new task is stopped before its first instruction: what it has from its maker is made good.
static int
begin_child(struct tracees *tracees, struct tracee *child, struct error *e) {
  child->fresh = false;
  child->state = TRACEE_ASLEEP;
  if (child->process == child->task)
    tracee_open_memory(child); // before it can hide
  if (child->break_at != 0 && set_break(child, child->break_at) != 0 && errno != ESRCH)
    return fail_request(child, "set a breakpoint in", e);
  return tracees->stopping ? 0 : let_on(child, tracees->calls, e);
}

static bool
is_thread_of(pid_t process, pid_t task) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/task/%ld", (long)process, (long)task);
  return access(path, F_OK) == 0;
}

// One that was taken for an orphan may have ended by the time that its maker says so.
static bool
is_here(pid_t task) {
  struct task_status status;
  struct error unused;
  return task_status_read(task, task, &status, &unused) == 0 && status.tracer == getpid();
}

// `tracee` has made another task, which stops by itself, or has already.
static int
take_child(struct tracees *tracees, struct tracee *tracee, int event, struct error *e) {
  unsigned long message = 0;
  if (tracee_request(PTRACE_GETEVENTMSG, tracee->task, 0, (uint64_t)&message) != 0)
    return errno == ESRCH ? 0 : fail_request(tracee, "say what was made by", e);
  pid_t task = (pid_t)message;
  struct tracee *child = tracee_find(tracees, task);
  if (child == NULL && !is_here(task))
    return 0;
  if (child == NULL) {
    child = add(tracees, task, TRACEE_RUNS, e);
    if (child == NULL)
      return -1;
    child->fresh = true;
  }
  if (event == PTRACE_EVENT_VFORK)
    tracee->vfork_child = task;
  if (is_thread_of(tracee->process, task)) // whatever the kernel calls it: that goes by the signal at its end
    child->process = tracee->process;
  child->break_at = tracee->break_at;
  return child->state == TRACEE_NEW ? begin_child(tracees, child, e) : 0;
}

// Whoever made them may be dead, and never say so.
static int
take_orphans(struct tracees *tracees, struct error *e) {
  for (size_t i = 0; i < tracees->count; i++) {
    struct tracee *child = &tracees->items[i];
    struct task_status status;
    struct error unused;
    if (child->state != TRACEE_NEW || task_status_read(child->task, child->task, &status, &unused) != 0)
      continue;
    const struct tracee *maker = tracee_find(tracees, status.tgid == child->task ? status.parent : status.tgid);
    child->process = status.tgid;
    child->break_at = maker != NULL ? maker->break_at : 0;
    if (begin_child(tracees, child, e) != 0)
      return -1;
  }
  return 0;
}

// All other threads are gone; one of them may have taken the leader's place.
static struct tracee *
take_exec(struct tracees *tracees, pid_t process, struct error *e) {
  for (size_t i = tracees->count; i > 0; i--) {
    struct tracee *other = &tracees->items[i - 1];
    if (other->vfork_child == process)
      other->vfork_child = 0;
    if (other->process == process && other->task != process)
      tracee_forget(tracees, other->task);
  }
  struct tracee *tracee = tracee_find(tracees, process);
  if (tracee == NULL && (tracee = add(tracees, process, TRACEE_RUNS, e)) == NULL)
    return NULL;
  close_memory(tracee);
  *tracee = (struct tracee){.task = process, .process = process, .state = TRACEE_HELD, .memory = -1, .maps = -1};
  if (tracees->following)
    tracee_open_memory(tracee);
  return tracee;
}

static bool
is_call_entry(pid_t task) {
  struct __ptrace_syscall_info info;
  memset(&info, 0, sizeof info);
  return tracee_request(PTRACE_GET_SYSCALL_INFO, task, sizeof info, (uint64_t)&info) > 0
         && info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

// The trap of one that stands there is yet to come, or is waiting already: it must not stay behind as a signal.
static bool
is_at_breakpoint(const struct tracee *tracee) {
  uint64_t ip = 0;
  return tracee->break_at != 0
         && tracee_request(PTRACE_PEEKUSER, tracee->task, offsetof(struct user, regs.rip), (uint64_t)&ip) == 0
         && ip == tracee->break_at;
}

// The debug register says it, whatever became of the signal: one SIGTRAP of the program's own that is waiting swallows
// it, and with the trap flag set it has another code. Source: thread->virtual_dr6 in the kernel's
// arch/x86/kernel/hw_breakpoint.c; the task makes no step between the trap and its first stop behind it.
static bool
is_breakpoint(const struct tracee *tracee) {
  uint64_t hit = 0;
  return is_at_breakpoint(tracee)
         && tracee_request(PTRACE_PEEKUSER, tracee->task, offsetof(struct user, u_debugreg[6]), (uint64_t)&hit) == 0
         && (hit & 1) != 0;
}

// The signal of the breakpoint itself, and none that the program is to get.
static bool
is_breakpoint_signal(const struct tracee *tracee, int signal) {
  siginfo_t info;
  return signal == SIGTRAP && tracee_request(PTRACE_GETSIGINFO, tracee->task, 0, (uint64_t)&info) == 0
         && info.si_code == TRAP_HWBKPT;
}

// What a stop is, once the table has taken it in.
enum stop {
  STOP_FAILED,
  STOP_OVER,       // the task is gone, or waits for its maker's word
  STOP_PASSING,    // held, and nobody asks why
  STOP_GROUP,      // asleep, and its process is stopped by a signal
  STOP_EXEC,       // held
  STOP_BREAK,      // asleep, or held with a signal
  STOP_CALL_ENTRY, // in front of a call
};

static enum stop
take_plain_stop(struct tracee *tracee, int signal) {
  if (signal == CALL_STOP) {
    if (!is_call_entry(tracee->task))
      return STOP_PASSING;
    tracee->state = TRACEE_CALL;
    return STOP_CALL_ENTRY;
  }
  if (is_breakpoint(tracee)) {
    (void)set_break(tracee, 0);
    if (is_breakpoint_signal(tracee, signal))
      tracee->state = TRACEE_ASLEEP; // between two instructions, and the signal was none
    else
      tracee->signal = signal;
    return STOP_BREAK;
  }
  tracee->signal = signal;
  return STOP_PASSING;
}

static enum stop
take_stop(struct tracees *tracees, struct tracee *tracee, int status, struct error *e) {
  int event = TRACEE_EVENT(status), signal = WSTOPSIG(status);
  tracee->state = TRACEE_HELD;
  tracee->signal = 0;
  tracee->vfork_child = 0;     // it is out of there
  tracee->interrupted = false; // whatever stop it is
  switch (event) {
  case 0:
    return take_plain_stop(tracee, signal);
  case PTRACE_EVENT_STOP:
    if (tracee->fresh)
      return begin_child(tracees, tracee, e) != 0 ? STOP_FAILED : STOP_OVER;
    if (is_at_breakpoint(tracee))
      return let_on(tracee, tracees->calls, e) != 0 ? STOP_FAILED : (tracee->interrupted = true, STOP_OVER);
    tracee->state = TRACEE_ASLEEP;
    if (signal != SIGTRAP)
      return STOP_GROUP;
    interrupted_mend(tracee->task); // nobody but us has stopped it
    return STOP_PASSING;
  case PTRACE_EVENT_FORK:
  case PTRACE_EVENT_VFORK:
  case PTRACE_EVENT_CLONE:
    return take_child(tracees, tracee, event, e) != 0 ? STOP_FAILED : STOP_PASSING;
  default:
    return STOP_PASSING;
  }
}

static enum stop
take_end(struct tracees *tracees, pid_t task, int status, struct error *e) {
  if (task == tracees->first)
    tracees->status = status;
  tracee_forget(tracees, task);
  return take_orphans(tracees, e) != 0 ? STOP_FAILED : STOP_OVER;
}

static enum stop
take(struct tracees *tracees, pid_t task, int status, struct error *e) {
  if (!WIFSTOPPED(status))
    return take_end(tracees, task, status, e);
  if (TRACEE_EVENT(status) == PTRACE_EVENT_EXEC)
    return take_exec(tracees, task, e) == NULL ? STOP_FAILED : STOP_EXEC;
  struct tracee *tracee = tracee_find(tracees, task);
  if (tracee != NULL)
    return take_stop(tracees, tracee, status, e);
  tracee = add(tracees, task, TRACEE_NEW, e);
  return tracee == NULL ? STOP_FAILED : STOP_OVER;
}

// --- events ---

// Passes a stop on as it would be without a tracer.
static int
pass(struct tracees *tracees, struct tracee *tracee, enum stop stop, struct error *e) {
  if (stop != STOP_GROUP)
    return let_on(tracee, tracees->calls, e);
  tracee->state = TRACEE_RUNS;
  if (tracee_request(PTRACE_LISTEN, tracee->task, 0, 0) == 0 || errno == ESRCH)
    return 0;
  return fail_request(tracee, "leave stopped", e);
}

static enum tracees_event
event_of(enum stop stop) {
  switch (stop) {
  case STOP_EXEC:
    return TRACEES_EXEC;
  case STOP_BREAK:
    return TRACEES_TRAP;
  case STOP_CALL_ENTRY:
    return TRACEES_CALL;
  case STOP_FAILED:
  case STOP_OVER:
  case STOP_PASSING:
  case STOP_GROUP:
    break;
  }
  return TRACEES_NONE;
}

int
tracees_next(struct tracees *tracees, int64_t deadline_ms, enum tracees_event *event, pid_t *task, int *status,
             struct error *e) {
  for (*event = TRACEES_NONE; *event == TRACEES_NONE;) {
    int now = 0;
    *task = tracees->count == 0 ? -1 : tracee_wait(-1, deadline_ms, &now);
    *status = tracees->status;
    if (*task <= 0)
      return *event = *task == 0 ? TRACEES_TIMEOUT : TRACEES_GONE, 0;
    enum stop stop = take(tracees, *task, now, e);
    if (stop == STOP_FAILED)
      return -1;
    *event = event_of(stop);
    if ((stop == STOP_PASSING || stop == STOP_GROUP) && pass(tracees, tracee_find(tracees, *task), stop, e) != 0)
      return -1;
  }
  return 0;
}

// --- stopping ---

static bool
is_still(const struct tracee *tracee) {
  return tracee->zombie || tracee->state == TRACEE_CALL || tracee->state == TRACEE_ASLEEP
         || tracee->state == TRACEE_DONE;
}

// Until a vforked child has a memory of its own, its maker cannot stop.
static bool
is_awaited(const struct tracees *tracees, const struct tracee *tracee) {
  for (size_t i = 0; i < tracees->count; i++)
    if (tracees->items[i].vfork_child == tracee->task && tracees->items[i].state == TRACEE_RUNS)
      return true;
  return false;
}

static bool
has_vforks(const struct tracees *tracees) {
  for (size_t i = 0; i < tracees->count; i++)
    if (tracees->items[i].vfork_child != 0)
      return true;
  return false;
}

static int
interrupt(struct tracee *tracee, struct error *e) {
  if (tracee->interrupted || tracee->zombie)
    return 0;
  tracee->interrupted = true;
  if (tracee_request(PTRACE_INTERRUPT, tracee->task, 0, 0) == 0 || errno == ESRCH || errno == EIO)
    return 0;
  return fail_request(tracee, "interrupt", e);
}

// One step of a task on its way to the stop that lasts.
static int
quieten(struct tracees *tracees, struct tracee *tracee, bool vforks, struct error *e) {
  if (vforks && is_awaited(tracees, tracee))
    return tracee->state == TRACEE_RUNS || tracee->state == TRACEE_NEW ? 0 : let_on(tracee, false, e);
  if (is_still(tracee) || tracee->state == TRACEE_NEW)
    return 0;
  if (interrupt(tracee, e) != 0)
    return -1;
  return tracee->state == TRACEE_HELD ? let_on(tracee, false, e) : 0;
}

// NULL: all are still.
static const struct tracee *
find_restless(const struct tracees *tracees) {
  for (size_t i = 0; i < tracees->count; i++)
    if (!is_still(&tracees->items[i]))
      return &tracees->items[i];
  return NULL;
}

// A leader that has ended does not stop, and its end is not told before its threads'.
static void
look_for_dead(struct tracees *tracees) {
  for (size_t i = 0; i < tracees->count; i++) {
    struct tracee *tracee = &tracees->items[i];
    struct task_status status;
    struct error unused;
    if (tracee->interrupted && tracee->state == TRACEE_RUNS
        && task_status_read(tracee->process, tracee->task, &status, &unused) == 0)
      tracee->zombie = status.state == 'Z' || status.state == 'X';
  }
}

static int
stop_all(struct tracees *tracees, int64_t deadline_ms, struct error *e) {
  for (;;) {
    bool vforks = has_vforks(tracees);
    for (size_t i = 0; i < tracees->count; i++)
      if (quieten(tracees, &tracees->items[i], vforks, e) != 0)
        return -1;
    const struct tracee *restless = find_restless(tracees);
    int64_t now_ms = tracee_clock_ms();
    if (restless == NULL)
      return 0;
    if (now_ms >= deadline_ms)
      return error_plain(e, ERROR_SECCOMP, "process %ld cannot be stopped (does it wait for a child, or for a disk?)",
                         (long)restless->task);
    int status = 0;
    pid_t task = tracee_wait(-1, now_ms + SLICE_MS, &status);
    if (task < 0)
      tracees->count = 0;
    if (task == 0)
      look_for_dead(tracees);
    if (task > 0 && take(tracees, task, status, e) == STOP_FAILED)
      return -1;
  }
}

int
tracees_stop_all(struct tracees *tracees, unsigned timeout_ms, struct error *e) {
  tracees->stopping = true;
  int failed = stop_all(tracees, tracee_clock_ms() + timeout_ms, e);
  tracees->stopping = false;
  return failed;
}

// Seizes the threads that are not traced yet. Returns how many these were, or -1.
static int
seize_threads(struct tracees *tracees, pid_t pid, struct error *e) {
  static pid_t threads[TRACEES_MAX];
  size_t count;
  int seized = 0;
  if (task_list(pid, threads, TRACEES_MAX, &count, e) != 0)
    return -1;
  for (size_t i = 0; i < count; i++) {
    struct task_status status;
    struct error unused;
    if (tracee_find(tracees, threads[i]) != NULL)
      continue;
    if (tracee_request(PTRACE_SEIZE, threads[i], 0, tracees->options) != 0) {
      int sys = errno;
      // a thread that ends is refused with EPERM, and may be gone by now
      if (sys == ESRCH || task_status_read(pid, threads[i], &status, &unused) != 0 || status.state == 'Z'
          || status.state == 'X')
        continue;
      return fail_seize(threads[i], sys, e);
    }
    struct tracee *tracee = add(tracees, threads[i], TRACEE_RUNS, e);
    if (tracee == NULL)
      return -1;
    tracee->process = pid;
    seized++;
  }
  return seized;
}

int
tracees_attach(struct tracees *tracees, pid_t pid, bool kill, struct error *e) {
  tracees->options = OPTIONS_ATTACH | (kill ? PTRACE_O_EXITKILL : 0);
  tracees->first = pid;
  for (int pass = 0; pass < ATTACH_PASSES; pass++) {
    int seized = seize_threads(tracees, pid, e);
    if (seized == 0 && tracees->count > 0)
      return 0;
    if (seized == 0)
      return error_plain(e, ERROR_SECCOMP, "process %ld has ended", (long)pid);
    if (seized < 0 || tracees_stop_all(tracees, ATTACH_STOP_MS, e) != 0) {
      tracees_release(tracees);
      return -1;
    }
  }
  tracees_release(tracees);
  return error_plain(e, ERROR_SECCOMP, "process %ld makes threads faster than they can be stopped", (long)pid);
}

// --- the end ---

void
tracees_release(struct tracees *tracees) {
  struct error unused;
  if (find_restless(tracees) != NULL && tracees_stop_all(tracees, RELEASE_STOP_MS, &unused) != 0)
    tracees->stopping = false; // what does not stop cannot be let go
  for (size_t i = 0; i < tracees->count; i++) {
    struct tracee *tracee = &tracees->items[i];
    if (tracee->break_at != 0)
      (void)set_break(tracee, 0);
    (void)tracee_request(PTRACE_DETACH, tracee->task, 0, (uint64_t)tracee->signal);
    close_memory(tracee);
  }
  tracees->count = 0;
}

// Whatever else there is dies by PTRACE_O_EXITKILL.
void
tracees_kill(struct tracees *tracees) {
  for (size_t i = 0; i < tracees->count; i++)
    (void)kill(tracees->items[i].process, SIGKILL);
}

// The first process of a pid namespace is only killed by the kernel's own signal, when this tracer ends.
void
tracees_bury(struct tracees *tracees) {
  int64_t deadline_ms = tracee_clock_ms() + (tracees->first == 1 ? 0 : KILL_WAIT_MS);
  int status;
  pid_t task;
  while ((task = tracee_wait(-1, deadline_ms, &status)) > 0)
    if (WIFSTOPPED(status))
      (void)kill(task, SIGKILL);
  for (size_t i = 0; i < tracees->count; i++)
    close_memory(&tracees->items[i]);
  tracees->count = 0;
}
