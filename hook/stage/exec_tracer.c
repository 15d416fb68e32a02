// SPDX-License-Identifier: LGPL-2.1-or-later
// exec_tracer.c - holds a container's first process until it has executed the program under the policy.
//
// The runtime may have several threads in that process (runc's is written in Go), and the one that executes the program
// need not be the first: of a thread that nobody traces, the kernel would tell of no exec. So all are seized, and
// those that they make are followed; their children, as hooks are, are not.
#include "hook/stage/exec_tracer.h"
#include "compat/abi.h"
#include "runner/late/arm.h"
#include "runner/late/process.h"
#include "runner/late/tracee.h"
#include "runner/report.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOOL "scrun-stage"
#define STOP_TIMEOUT_MS 5000
#define ANSWER_S 20
#define SAY_TIMEOUT_MS 1000
#define OWN_FD (STDERR_FILENO + 1)

struct tracer {
  const struct exec_plan *plan;
  struct tracees *tracees;
  int process; // pidfd
  int stderr_there;
  bool wrapped;  // the wrapper was executed before
  char name[64]; // of the program
};

// --- the program ---

// What the container's program will write messages to; -1 if it has none. As long as it cannot run, nobody else can
// have put another one there.
static int
take_stderr(const struct tracer *tracer) {
  return (int)syscall(SYS_pidfd_getfd, tracer->process, STDERR_FILENO, 0U);
}

static void
take_name(struct tracer *tracer) {
  struct task_status status;
  struct error unused;
  if (task_status_read(tracer->plan->pid, tracer->plan->pid, &status, &unused) == 0)
    memcpy(tracer->name, status.name, sizeof tracer->name);
}

// By device and file: the container has another root.
static bool
is_wrapper(const struct exec_plan *plan) {
  char path[64];
  struct stat program, wrapper;
  snprintf(path, sizeof path, "/proc/%ld/exe", (long)plan->pid);
  return plan->wrapper != NULL && stat(plan->wrapper, &wrapper) == 0 && stat(path, &program) == 0
         && program.st_dev == wrapper.st_dev && program.st_ino == wrapper.st_ino;
}

static int
check_program(const struct exec_plan *plan, struct tracees *tracees, struct error *e) {
  struct tracee *tracee = tracee_find(tracees, plan->pid);
  if (tracee == NULL)
    return error_plain(e, ERROR_SECCOMP, "it is gone");
  tracee_open_memory(tracee);
  if (tracee->memory < 0)
    return error_plain(e, ERROR_SECCOMP, "/proc does not show its memory");
  if (tracee->auxv.compat && (plan->abis & ABI_BIT(ABI_I386)) == 0)
    return error_plain(e, ERROR_SECCOMP,
                       "it is an x86 program, and the policy refuses x86 calls (SystemCallArchitectures=)");
  return 0;
}

static unsigned
count_filters(pid_t pid) {
  struct task_status status;
  struct error unused;
  return task_status_read(pid, pid, &status, &unused) == 0 ? status.filters : 0;
}

// A profile of the engine's is in force there by now, and what the wrapper has installed.
static void
explain(const struct tracer *tracer, unsigned filters, struct error *e) {
  size_t length = strlen(e->text);
  if (filters > 0)
    snprintf(e->text + length, sizeof e->text - length, "; %s to let prctl(2) and seccomp(2) through",
             tracer->wrapped ? "with the wrapper and a createRuntime hook for one container, the policy has"
                             : "the container's own seccomp profile has");
}

static int
arm(struct tracer *tracer, struct error *e) {
  const struct exec_plan *plan = tracer->plan;
  unsigned filters = count_filters(plan->pid);
  bool changed, installed;
  if (tracees_stop_all(tracer->tracees, STOP_TIMEOUT_MS, e) != 0 || check_program(plan, tracer->tracees, e) != 0)
    return -1;
  if (arm_all(tracer->tracees, plan->arming, plan->no_new_privs, &changed, &installed, e) != 0) {
    explain(tracer, filters, e);
    return -1;
  }
  tracees_release(tracer->tracees);
  return 0;
}

// Returns 1 when the program is at its exec, 0 when the process ended before, or -1.
static int
await_program(struct tracer *tracer, struct error *e) {
  for (;;) {
    enum tracees_event event = TRACEES_NONE;
    pid_t task;
    int status;
    if (tracees_next(tracer->tracees, INT64_MAX, &event, &task, &status, e) != 0)
      return -1;
    if (event == TRACEES_GONE)
      return 0;
    if (event != TRACEES_EXEC)
      return error_plain(e, ERROR_SECCOMP, "process %ld stopped for no reason that is known", (long)task);
    bool wrapper = task == tracer->plan->pid && is_wrapper(tracer->plan);
    if (task == tracer->plan->pid && !wrapper)
      return 1;
    tracer->wrapped = tracer->wrapped || wrapper;
    if (tracees_resume(tracer->tracees, task, e) != 0)
      return -1;
  }
}

// --- the tracer ---

// What is said must not hold the tracer: a pipe that has room takes a message whole.
static void
say(struct tracer *tracer, const struct error *e) {
  struct pollfd out = {.fd = tracer->stderr_there, .events = POLLOUT};
  if (out.fd < 0 || poll(&out, 1, SAY_TIMEOUT_MS) != 1 || (out.revents & POLLOUT) == 0)
    return;
  if (dup2(out.fd, STDERR_FILENO) == STDERR_FILENO)
    report(TOOL, "the policy cannot be put on the container's program (%s): %s; killed", shown(tracer->name).text,
           e->text);
}

static void
trace(struct tracer *tracer) {
  struct error e;
  int found = await_program(tracer, &e);
  if (found != 0) {
    take_name(tracer);
    tracer->stderr_there = take_stderr(tracer);
  }
  if (found > 0 && arm(tracer, &e) == 0)
    return;
  // also where it seems to be gone
  (void)syscall(SYS_pidfd_send_signal, tracer->process, SIGKILL, NULL, 0U);
  if (found == 0)
    return;
  tracees_kill(tracer->tracees);
  say(tracer, &e);
  tracees_bury(tracer->tracees);
}

static int
fail(struct error *e, const char *what) {
  return error_plain(e, ERROR_SECCOMP, "the tracer cannot be started: %s: %s", what, strerror(errno));
}

// Out of the engine's way: it waits for the end of what hooks have open.
static int
settle(struct error *e) {
  sigset_t all;
  sigfillset(&all);
  (void)prctl(PR_SET_NAME, "scrun-tracer", 0, 0, 0);
  if (sigprocmask(SIG_BLOCK, &all, NULL) != 0 || setsid() < 0 || chdir("/") != 0)
    return fail(e, "setsid(2)");
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0)
    return fail(e, "/dev/null");
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (dup2(null, fd) != fd)
      return fail(e, "dup2(2)");
  return 0;
}

static int
close_others(int *kept, struct error *e) {
  int raised = fcntl(*kept, F_DUPFD_CLOEXEC, OWN_FD);
  if (raised < 0)
    return fail(e, "fcntl(2)");
  *kept = raised;
  if ((raised > OWN_FD && close_range(OWN_FD, (unsigned)raised - 1, 0) != 0)
      || close_range((unsigned)raised + 1, UINT32_MAX, 0) != 0)
    return fail(e, "close_range(2)");
  return 0;
}

// All that the kernel says is EPERM.
static void
explain_seize(struct error *e) {
  size_t length = strlen(e->text);
  snprintf(e->text + length, sizeof e->text - length,
           " (a tracer takes CAP_SYS_PTRACE in the user namespace that the runtime was started in)");
}

static int
seize(struct tracer *tracer, struct error *e) {
  tracer->process = (int)syscall(SYS_pidfd_open, tracer->plan->pid, 0U);
  if (tracer->process < 0)
    return fail(e, "pidfd_open(2)");
  tracer->tracees = tracees_new();
  if (tracer->tracees == NULL)
    return error_memory(e, ERROR_SECCOMP);
  if (tracees_attach(tracer->tracees, tracer->plan->pid, true, e) != 0) {
    explain_seize(e);
    return -1;
  }
  for (size_t i = 0; i < tracer->tracees->count; i++)
    if (tracees_resume(tracer->tracees, tracer->tracees->items[i].task, e) != 0)
      return -1;
  return 0;
}

// The hook hears what came of it: an error of kind NONE is none.
static _Noreturn void
tracer_run(const struct exec_plan *plan, int socket) {
  struct tracer tracer = {.plan = plan, .process = -1, .stderr_there = -1, .name = "?"};
  struct error e = {.kind = ERROR_NONE};
  if (close_others(&socket, &e) == 0 && settle(&e) == 0 && seize(&tracer, &e) == 0)
    e.kind = ERROR_NONE;
  bool told = send(socket, &e, sizeof e, MSG_NOSIGNAL) == (ssize_t)sizeof e;
  close(socket);
  if (told && e.kind == ERROR_NONE)
    trace(&tracer);
  _exit(0);
}

// --- the hook ---

static int
hear(int socket, struct error *e) {
  struct error answer;
  ssize_t got;
  do
    got = recv(socket, &answer, sizeof answer, 0);
  while (got < 0 && errno == EINTR);
  if (got != (ssize_t)sizeof answer) {
    errno = got == 0 ? ECHILD : errno;
    return fail(e, "it does not answer");
  }
  if (answer.kind == ERROR_NONE)
    return 0;
  *e = answer;
  return -1;
}

// Not a child of this process: nobody who waits for children waits for it.
static int
start(const struct exec_plan *plan, const int ends[2], struct error *e) {
  pid_t between = fork();
  if (between == 0) {
    close(ends[0]);
    if (fork() == 0)
      tracer_run(plan, ends[1]);
    _exit(0); // if it failed, the hook reads the end of the socket
  }
  if (between < 0)
    return fail(e, "fork(2)");
  while (waitpid(between, NULL, 0) < 0)
    if (errno != EINTR)
      return fail(e, "waitpid(2)");
  return 0;
}

int
exec_tracer_start(const struct exec_plan *plan, struct error *e) {
  const struct timeval limit = {.tv_sec = ANSWER_S};
  int ends[2];
  if (!task_proc_is_own())
    return error_plain(e, ERROR_SECCOMP, "/proc is not there, or that of another pid namespace: the tracer needs it");
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(e, "socketpair(2)");
  int failed = setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ? fail(e, "setsockopt(2)")
                                                                                       : start(plan, ends, e);
  close(ends[1]);
  if (failed == 0)
    failed = hear(ends[0], e);
  close(ends[0]);
  return failed;
}
