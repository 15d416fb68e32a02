// SPDX-License-Identifier: LGPL-2.1-or-later
// failures_inject.c - stops a launch at every system call and lets that call fail, or sends a signal.
//
//   failures_inject [-u UID] calls|onwards|signals FOLDER -- SCRUN ARGUMENTS... failures_witness FOLDER
//   calls    each call alone fails, with each of several errno values and with a result of 0 for nothing done
//   onwards  each call and all after it fail, but for its exit
//   signals  each of several signals, before and after each call
// Whatever happens, the witness must run filtered or not at all. It leaves in FOLDER what it saw.
#include "tests/check.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_SECONDS 20
// The witness's own exit status for "filtered".
#define FILTERED 42

// What to do to one launch.
struct plan {
  unsigned call; // counted from 1, from the exec of scrun on; 0: nothing
  bool onwards;
  long result; // instead of the call's own
  int signal;  // sent before the call, or
  bool after;  // after it
};

// What became of it.
struct outcome {
  unsigned calls; // seen while it was traced
  bool reached, started, filtered, unfiltered;
  bool seccomp; // the kernel said so when the witness was about to run
  int status;
};

static const char *folder;
static char **command;
static long uid = -1;
static pid_t traced;

static void
give_up(int signal) {
  (void)signal;
  static const char message[] = "failures_inject: a launch hangs\n";
  if (write(2, message, sizeof message - 1) < 0)
    _exit(2);
  kill(traced, SIGKILL);
  _exit(1);
}

static _Noreturn void
fail(const char *what) {
  fprintf(stderr, "failures_inject: %s: %s\n", what, strerror(errno));
  if (traced > 0)
    kill(traced, SIGKILL);
  exit(1);
}

static bool
folder_take(const char *name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return rmdir(path) == 0;
}

static _Noreturn void
child_run(void) {
  int null = open("/dev/null", O_RDWR);
  if (null < 0 || dup2(null, 0) < 0 || dup2(null, 2) < 0)
    _exit(97);
  if (uid >= 0 && (setgroups(0, NULL) != 0 || setgid((gid_t)uid) != 0 || setuid((uid_t)uid) != 0))
    _exit(97);
  if (null > 2)
    close(null);
  if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise(SIGSTOP) != 0)
    _exit(97);
  execv(command[0], command);
  _exit(97);
}

static int
child_wait(void) {
  int status;
  if (waitpid(traced, &status, WUNTRACED) != traced)
    fail("waitpid");
  return status;
}

static void
child_continue(enum __ptrace_request request) {
  if (ptrace(request, traced, NULL, NULL) != 0)
    fail("ptrace");
}

// Up to the exec of scrun.
static void
child_start(void) {
  traced = fork();
  if (traced == 0)
    child_run();
  if (traced < 0 || !WIFSTOPPED(child_wait()))
    fail("fork");
  if (ptrace(PTRACE_SETOPTIONS, traced, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) != 0)
    fail("PTRACE_SETOPTIONS");
  child_continue(PTRACE_CONT);
  if (child_wait() >> 8 != (SIGTRAP | PTRACE_EVENT_EXEC << 8))
    fail("scrun does not start");
  child_continue(PTRACE_SYSCALL); // the end of its own execve
  child_wait();
}

static void
register_set(size_t offset, long value) {
  if (ptrace(PTRACE_POKEUSER, traced, offset, value) != 0)
    fail("PTRACE_POKEUSER");
}

// Lets it go, and through a stop.
static int
child_release(const struct plan *plan) {
  child_continue(PTRACE_DETACH);
  int status = child_wait();
  if (plan->signal == SIGSTOP && WIFSTOPPED(status)) {
    kill(traced, SIGCONT);
    status = child_wait();
  }
  return status;
}

static bool
kernel_filters(void) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/status", (int)traced);
  FILE *file = fopen(path, "r");
  if (file == NULL)
    fail(path);
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  return strstr(text, "\nSeccomp:\t2\n") != NULL;
}

// A C library that cannot exit tries for ever.
static bool
is_exit(void) {
  errno = 0;
  long number = ptrace(PTRACE_PEEKUSER, traced, offsetof(struct user_regs_struct, orig_rax), NULL);
  return errno == 0 && (number == SYS_exit_group || number == SYS_exit);
}

// Stopped in front of a call. Goes on to the stop behind it; returns false when the child was let go.
static bool
call_meet(const struct plan *plan, struct outcome *out) {
  bool hit = plan->call != 0 && (out->calls == plan->call || (plan->onwards && out->calls > plan->call && !is_exit()));
  out->reached |= hit;
  if (hit && plan->signal != 0 && !plan->after)
    kill(traced, plan->signal);
  else if (hit && plan->signal == 0)
    register_set(offsetof(struct user_regs_struct, orig_rax), -1);
  if (hit && plan->signal != 0 && !plan->after) {
    out->status = child_release(plan);
    return false;
  }
  child_continue(PTRACE_SYSCALL);
  out->status = child_wait();
  if (!WIFSTOPPED(out->status))
    return true;
  if (hit && plan->signal == 0)
    register_set(offsetof(struct user_regs_struct, rax), plan->result);
  if (hit && plan->signal != 0)
    kill(traced, plan->signal);
  if (hit && !plan->onwards) {
    out->status = child_release(plan);
    return false;
  }
  return true;
}

// Follows scrun from call to call, up to its end or to the exec of the witness.
static void
child_follow(const struct plan *plan, struct outcome *out) {
  for (;;) {
    child_continue(PTRACE_SYSCALL);
    out->status = child_wait();
    if (!WIFSTOPPED(out->status))
      return;
    int stop = out->status >> 8;
    if (stop != (SIGTRAP | 0x80)) { // a signal, such as that of its own trap
      if (ptrace(PTRACE_CONT, traced, NULL, WSTOPSIG(out->status)) != 0)
        fail("PTRACE_CONT");
      out->status = child_wait();
      return;
    }
    out->calls++;
    if (!call_meet(plan, out))
      return;
    if (!WIFSTOPPED(out->status))
      return;
    if (out->status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
      out->seccomp = kernel_filters();
      out->status = child_release(plan);
      return;
    }
  }
}

static struct outcome
launch(const struct plan *plan) {
  struct outcome out = {.calls = 0};
  alarm(RUN_SECONDS);
  child_start();
  child_follow(plan, &out);
  alarm(0);
  out.started = folder_take("started");
  out.filtered = folder_take("filtered");
  out.unfiltered = folder_take("unfiltered");
  return out;
}

// Filtered, or not there.
static void
outcome_check(const struct plan *plan, const struct outcome *out) {
  char row[128];
  snprintf(row, sizeof row, "call %u%s, result %ld, signal %d %s: status 0x%x", plan->call,
           plan->onwards ? " and all after it" : "", plan->result, plan->signal, plan->after ? "after" : "before",
           (unsigned)out->status);
  bool ran_filtered = WIFEXITED(out->status) && WEXITSTATUS(out->status) == FILTERED;
  CHECK_ROW(out->reached, row);
  CHECK_ROW(!out->unfiltered, row);
  CHECK_ROW(out->started == out->filtered, row);
  CHECK_ROW(out->started == ran_filtered, row);
  CHECK_ROW(!WIFEXITED(out->status) || WEXITSTATUS(out->status) != 0, row);
  CHECK_ROW(!WIFSTOPPED(out->status), row);
}

// Signals that end a process, and one that only holds it up.
static void
signals_check(unsigned calls) {
  static const int signals[] = {SIGSTOP, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGALRM};
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
    for (unsigned at = 2; at < 2 * calls + 2; at++) {
      struct plan plan = {.call = at / 2, .after = at % 2 == 1, .signal = signals[i]};
      struct outcome out = launch(&plan);
      outcome_check(&plan, &out);
      if (signals[i] == SIGSTOP)
        CHECK(out.filtered);
      else
        CHECK(WIFSIGNALED(out.status) && WTERMSIG(out.status) == signals[i]);
    }
}

static unsigned
failures_check(unsigned calls, bool onwards) {
  static const long results[] = {-EPERM, -ENOMEM, -EINTR, -EFAULT, -ENOSYS, -EACCES, -EAGAIN, 0};
  size_t count = sizeof results / sizeof results[0] - onwards;
  unsigned started = 0;
  for (size_t i = 0; i < count; i++)
    for (unsigned call = 1; call <= calls; call++) {
      struct plan plan = {.call = call, .result = results[i], .onwards = onwards};
      struct outcome out = launch(&plan);
      outcome_check(&plan, &out);
      started += out.started;
    }
  return started;
}

int
main(int argc, char **argv) {
  unsigned started = 0;
  if (argc > 2 && strcmp(argv[1], "-u") == 0) {
    uid = atol(argv[2]);
    argc -= 2;
    argv += 2;
  }
  if (argc < 5)
    return 2;
  folder = argv[2];
  command = argv + (strcmp(argv[3], "--") == 0 ? 4 : 3);
  signal(SIGALRM, give_up);
  // Nothing done to it: it runs, filtered, and that tells how many calls there are.
  struct plan nothing = {.call = 0};
  struct outcome base = launch(&nothing);
  CHECK(base.calls > 5 && base.started && base.filtered && !base.unfiltered && base.seccomp);
  CHECK(WIFEXITED(base.status) && WEXITSTATUS(base.status) == FILTERED);
  if (check_failures == 0 && strcmp(argv[1], "signals") == 0)
    signals_check(base.calls);
  else if (check_failures == 0)
    started = failures_check(base.calls, strcmp(argv[1], "onwards") == 0);
  printf("%u calls in a launch; %u launches went on, filtered\n", base.calls, started);
  return check_done();
}
