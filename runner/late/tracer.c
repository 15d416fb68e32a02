// SPDX-License-Identifier: LGPL-2.1-or-later
// tracer.c - starts the tracer, and is the tracer.
//
// The tracer is a copy of the launcher, made while that still hides from peers, and the child of one that is gone: the
// program has no child, gets no SIGCHLD, and its caller has none either. It seizes the launcher while that shows
// itself; the launcher then executes itself anew. At that exec the tracer hands back the policy, which its copy of the
// memory still has; at the next, which is the program's, it finds the later filter in the socket, and goes to work.
#include "runner/late/tracer.h"
#include "compat/number.h"
#include "runner/arming.h"
#include "runner/capabilities.h"
#include "runner/child.h"
#include "runner/descriptor.h"
#include "runner/guard.h"
#include "runner/late/entry.h"
#include "runner/late/process.h"
#include "runner/late/ready.h"
#include "runner/late/tracee.h"
#include "runner/late/wait_ready.h"
#include "runner/late/yama.h"
#include "runner/report.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_BYTES (256 * 1024)
#define ANSWER_MS 10000
#define CLOSE_MAX 65536 // where close_range(2) is missing

struct tracer {
  const struct tracer_plan *plan;
  struct ready_socket ready;
  pid_t launcher;
  int own, other; // the ends of the socket: the tracer's and the launcher's
  pid_t self;     // the tracer, as the kernel says to it
  long started;   // the same, as it says to who starts it, or a negative errno
};

static _Noreturn void
leave(int status) {
  (void)syscall(SYS_exit_group, status);
  __builtin_trap();
}

// --- the tracer ---

// Nothing of the program's is kept open: a reader behind a pipe would wait for this process, too.
static void
close_range_or_each(int first, int last) {
  if (first > last || syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0U) == 0)
    return;
  for (int fd = first; fd <= last && fd < CLOSE_MAX; fd++)
    close(fd);
}

static void
close_others(int kept) {
  close_range_or_each(STDERR_FILENO + 1, kept - 1);
  close_range_or_each(kept + 1, INT_MAX);
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
}

// Out of the terminal's and the folder's way, and with room for the memory of many processes.
static void
settle(const struct tracer *tracer) {
  struct rlimit files;
  (void)prctl(PR_SET_NAME, "scrun-tracer", 0, 0, 0);
  close_others(tracer->own);
  if (setsid() < 0 || chdir("/") != 0)
    return; // it stays where it is
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
  }
}

static int
fail_record(struct error *e) {
  return error_plain(e, ERROR_SECCOMP, "the launcher has not handed over the later filter as a whole");
}

// Whoever opens the launcher while it shows itself can take its end of the socket, too: what comes out of it has to be
// the policy that this copy has had before, with tickets in place of the blanks.
static int
check_record(const struct tracer *tracer, const struct arming *record, struct error *e) {
  static struct arming own;
  own = (struct arming){.ticket = record->ticket, .flags = arming_flags(tracer->plan->image)};
  own.program.length = tracer->plan->image->program.length;
  memcpy(own.program.code, tracer->plan->image->program.code, own.program.length * sizeof own.program.code[0]);
  if (ticket_fill(&own.program, NULL, &own.ticket, e) != 0)
    return -1;
  bool same = record->flags == own.flags && record->program.length == own.program.length
              && memcmp(record->program.code, own.program.code, own.program.length * sizeof own.program.code[0]) == 0;
  explicit_bzero(&own, sizeof own);
  return same ? 0 : error_plain(e, ERROR_SECCOMP, "the later filter that was handed over is not that of the policy");
}

static int
take_record(const struct tracer *tracer, struct arming *record, struct error *e) {
  ssize_t got = recv(tracer->own, record, sizeof *record, MSG_DONTWAIT);
  if (got < (ssize_t)ARMING_BYTES(1) || record->magic != ARMING_MAGIC)
    return fail_record(e);
  if (record->program.length == 0 || record->program.length > PROGRAM_MAX
      || (size_t)got != ARMING_BYTES(record->program.length))
    return fail_record(e);
  return check_record(tracer, record, e);
}

// The program is at its exec.
static int
work(const struct tracer *tracer, struct tracees *tracees, pid_t task, struct error *e) {
  static struct arming record;
  int failed = take_record(tracer, &record, e);
  close(tracer->own);
  if (failed == 0)
    failed = tracer->plan->image->moment == MOMENT_READY ? ready_run(tracees, task, &record, tracer->plan, e)
                                                         : entry_run(tracees, task, &record, e);
  explicit_bzero(&record, sizeof record);
  return failed;
}

// An exec that the kernel tells of proves that the launcher is traced, whatever was answered to PTRACE_SEIZE: without
// the image it goes no further.
static int
hand_back(const struct tracer *tracer, const unsigned char *bytes, size_t length, struct error *e) {
  if (send(tracer->own, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length)
    return 0;
  return error_plain(e, ERROR_SECCOMP, "the policy cannot be handed to the second start: %s", strerror(errno));
}

// Returns 1 and the program's process at its exec, 0 when the launcher ended before, or -1.
static int
await_program(const struct tracer *tracer, struct tracees *tracees, pid_t *task, struct error *e) {
  static unsigned char bytes[IMAGE_BYTES_MAX];
  size_t length = image_write(tracer->plan->image, bytes);
  for (int execs = 0; execs < 2; execs++) {
    enum tracees_event event = TRACEES_NONE;
    int status;
    if (tracees_next(tracees, INT64_MAX, &event, task, &status, e) != 0)
      return -1;
    if (event != TRACEES_EXEC)
      return 0;
    if (execs == 0 && (hand_back(tracer, bytes, length, e) != 0 || tracees_resume(tracees, *task, e) != 0))
      return -1;
  }
  return 1;
}

static void
trace(const struct tracer *tracer, struct tracees *tracees) {
  struct error e;
  pid_t task = 0;
  int found = await_program(tracer, tracees, &task, &e);
  if (found == 0 || (found > 0 && work(tracer, tracees, task, &e) == 0))
    return;
  tracees_kill(tracees); // first: nobody need read what is said
  report("scrun", "%s: %s; killed", shown(tracer->plan->program).text, e.text);
  tracees_bury(tracees); // the program's parent hears of its end after that
}

// The launcher says when it can be seized, and hears what came of it: an error of kind NONE is none.
static int
seize(const struct tracer *tracer, struct tracees *tracees) {
  struct error e = {.kind = ERROR_NONE};
  char word;
  if (recv(tracer->own, &word, sizeof word, 0) != (ssize_t)sizeof word)
    return -1;
  if (tracees == NULL)
    (void)error_memory(&e, ERROR_SECCOMP);
  else if (tracees_seize(tracees, tracer->launcher, &e) != 0)
    e.kind = ERROR_SECCOMP;
  if (send(tracer->own, &e, sizeof e, MSG_NOSIGNAL) != (ssize_t)sizeof e)
    return -1;
  return e.kind == ERROR_NONE ? 0 : -1;
}

static _Noreturn void
tracer_run(const struct tracer *tracer) {
  close(tracer->other); // otherwise the launcher would not be seen to end
  struct tracees *tracees = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? tracees_new() : NULL;
  if (seize(tracer, tracees) == 0) {
    settle(tracer); // while the launcher executes itself
    trace(tracer, tracees);
  }
  leave(0);
}

// On the launcher's memory. What it starts is a copy.
static _Noreturn void
start_tracer(void *argument) {
  struct tracer *tracer = (struct tracer *)argument;
  long result = syscall(SYS_clone, (unsigned long)CLONE_CHILD_SETTID, NULL, NULL, &tracer->self, 0UL);
  if (result == 0 && tracer->self != 0)
    tracer_run(tracer);
  tracer->started = result < 0 ? -errno : result == 0 ? -ENOTSUP : result; // 0: somebody answered for clone(2)
  leave(0);
}

// --- the launcher ---

static int
fail(struct error *e, const char *what, int sys) {
  return error_plain(e, ERROR_SECCOMP, "the tracer cannot be started: %s: %s; nothing was started", what,
                     strerror(sys));
}

static int
refuse(struct error *e) {
  struct error why = *e;
  return error_plain(e, ERROR_SECCOMP, "%.*s; nothing was started (--at=main needs no tracer)", ERROR_TEXT_BYTES - 64,
                     why.text);
}

// The tracer has to find the program there.
static int
check_proc(struct error *e) {
  if (task_proc_is_own())
    return 0;
  return error_plain(e, ERROR_SECCOMP,
                     "the tracer cannot be started: /proc is not there, or that of another pid namespace; nothing was "
                     "started");
}

static int
check_yama(bool *named, struct error *e) {
  struct capabilities own;
  enum yama yama;
  if (yama_read(YAMA_FILE, &yama, e) != 0)
    return -1;
  *named = yama != YAMA_NONE;
  if (!*named)
    return 0;
  return yama_allows(yama, true, capabilities_get(&own) && (own.effective >> CAP_SYS_PTRACE & 1) != 0, e);
}

static int
open_socket(struct tracer *tracer, struct error *e) {
  const struct timeval limit = {.tv_sec = ANSWER_MS / 1000};
  int ends[2] = {-1, -1};
  errno = ENOTSUP;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0 || descriptor_raise(&ends[0]) != 0
      || descriptor_raise(&ends[1]) != 0 || setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0) {
    int sys = errno;
    for (size_t i = 0; i < 2; i++)
      if (ends[i] > STDERR_FILENO)
        close(ends[i]);
    return fail(e, "socketpair(2)", sys);
  }
  tracer->own = ends[0];
  tracer->other = ends[1];
  return 0;
}

// With all signals blocked: the tracer keeps it so.
static int
start(struct tracer *tracer, struct error *e) {
  static _Alignas(16) unsigned char stack[STACK_BYTES];
  tracer->started = -ENOTSUP;
  long between = child_start(start_tracer, tracer, stack + STACK_BYTES, CLONE_VFORK);
  if (between < 0)
    return fail(e, "clone(2)", (int)-between);
  if (waitpid((pid_t)between, NULL, __WALL) != between)
    return fail(e, "wait4(2)", errno);
  return tracer->started > 0 ? 0 : fail(e, "clone(2)", (int)-tracer->started);
}

static int
ask(const struct tracer *tracer, struct error *e) {
  struct error answer;
  errno = ENOTSUP;
  ssize_t got = send(tracer->other, "s", 1, MSG_NOSIGNAL) != 1 ? -1 : 0;
  while (got == 0 && (got = recv(tracer->other, &answer, sizeof answer, 0)) < 0 && errno == EINTR)
    got = 0; // stopped and continued meanwhile: with a time limit, that ends a recv(2)
  if (got != (ssize_t)sizeof answer)
    return fail(e, "it does not answer", got == 0 ? ECHILD : errno);
  if (answer.kind == ERROR_NONE)
    return 0;
  *e = answer;
  return refuse(e);
}

// This process shows itself, and must execute itself anew afterwards.
static int
be_seized(const struct tracer *tracer, bool named, struct error *e) {
  int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  if ((named && prctl(PR_SET_PTRACER, tracer->started, 0, 0, 0) != 0) || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0)
    return fail(e, "prctl(2)", errno);
  if (ask(tracer, e) == 0)
    return 0;
  if (prctl(PR_SET_DUMPABLE, dumpable == 1, 0, 0, 0) != 0)
    return fail(e, "prctl(2)", errno);
  return -1;
}

// Comes back only with a failure.
static int
start_again(const struct tracer *tracer, char **argv, struct error *e) {
  char word[sizeof TRACER_WORD + 16];
  size_t count = 0;
  while (argv[count] != NULL)
    count++;
  char **words = calloc(count + 2, sizeof *words);
  if (words == NULL)
    return error_memory(e, ERROR_SECCOMP);
  snprintf(word, sizeof word, TRACER_WORD "%d", tracer->other);
  words[0] = argv[0];
  words[1] = word;
  for (size_t i = 1; i < count; i++)
    words[i + 1] = argv[i];
  if (fcntl(tracer->other, F_SETFD, 0) == 0)
    execve("/proc/self/exe", words, environ);
  (void)fail(e, "/proc/self/exe", errno);
  free(words);
  return -1;
}

static int
start_seized(struct tracer *tracer, bool named, struct error *e) {
  sigset_t all, before;
  sigfillset(&all);
  if (sigprocmask(SIG_BLOCK, &all, &before) != 0)
    return fail(e, "sigprocmask(2)", errno);
  int failed = start(tracer, e);
  close(tracer->own); // otherwise it would not be seen to end
  tracer->own = -1;
  if (failed == 0)
    failed = be_seized(tracer, named, e);
  if (sigprocmask(SIG_SETMASK, &before, NULL) != 0)
    return fail(e, "sigprocmask(2)", errno);
  return failed;
}

int
tracer_start(const struct tracer_plan *plan, char **argv, struct error *e) {
  struct tracer tracer = {.plan = plan, .launcher = getpid()};
  bool named;
  if (plan->image->moment == MOMENT_READY && plan->notify_socket == NULL)
    return error_plain(e, ERROR_USAGE,
                       "--at=ready is for services that say READY=1, and NOTIFY_SOCKET is not set (Type=notify); "
                       "nothing was started");
  if (plan->image->moment == MOMENT_READY && ready_socket_read(&tracer.ready, plan->notify_socket, e) != 0)
    return -1;
  if (check_proc(e) != 0 || check_yama(&named, e) != 0 || open_socket(&tracer, e) != 0)
    return -1;
  int failed = start_seized(&tracer, named, e);
  if (failed == 0)
    failed = start_again(&tracer, argv, e);
  close(tracer.other);
  return failed;
}

static int
fail_resume(struct error *e, const char *what) {
  return error_plain(e, ERROR_SECCOMP, TRACER_WORD " is for scrun itself: %s; nothing was started", what);
}

int
tracer_resume(const char *word, struct image *image, int *arming, struct error *e) {
  static unsigned char bytes[IMAGE_BYTES_MAX];
  uint64_t fd;
  if (!number_read(word, strlen(word), NUMBER_PLAIN, INT_MAX, &fd) || fd <= STDERR_FILENO)
    return fail_resume(e, "that is no descriptor");
  int flags = fcntl((int)fd, F_GETFL);
  if (flags < 0 || fcntl((int)fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl((int)fd, F_SETFL, flags | O_NONBLOCK) != 0)
    return fail_resume(e, strerror(errno));
  ssize_t length = recv((int)fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (length <= 0)
    return fail_resume(e, "nobody traces it, or something answers ptrace(2) in the kernel's place");
  if (image_read(image, bytes, (size_t)length, e) != 0)
    return -1;
  if (tracee_request(PTRACE_TRACEME, 0, 0, 0) == 0 || errno != EPERM)
    return fail_resume(e, "nobody traces it");
  *arming = (int)fd;
  return 0;
}
