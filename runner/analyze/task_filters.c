// SPDX-License-Identifier: LGPL-2.1-or-later
// task_filters.c - PTRACE_SEIZE leaves no trace in a task, other than PTRACE_ATTACH, which sends it a SIGSTOP.
#include "runner/analyze/task_filters.h"
#include "runner/capabilities.h"
#include "runner/late/filters.h"
#include "runner/late/interrupted.h"
#include "runner/late/process.h"
#include <errno.h>
#include <linux/capability.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// A task in an uninterruptible sleep does not stop.
enum { STOP_TRIES = 2000, EVENT_STOP = 128 };

const char *
task_filters_refused(void) {
  static const char takes[] = "that takes CAP_SYS_ADMIN and no filter of one's own";
  struct task_status own;
  struct capabilities capabilities;
  struct error e;
  if (task_status_read(getpid(), getpid(), &own, &e) != 0)
    return e.kind != ERROR_NONE ? "/proc does not say whether scrun-analyze is under a filter itself" : NULL;
  if (own.mode != 0)
    return takes;
  if (!capabilities_get(&capabilities) || (capabilities.effective >> CAP_SYS_ADMIN & 1) == 0)
    return takes;
  return NULL;
}

static int
fail_seize(pid_t task, int sys, struct error *e) {
  struct task_status status;
  if (task_status_read(task, task, &status, e) != 0 || sys == ESRCH)
    return error_plain(e, ERROR_SECCOMP, "it has ended");
  if (status.tracer != 0)
    return error_plain(e, ERROR_SECCOMP, "process %ld traces it already", (long)status.tracer);
  return error_plain(e, ERROR_SECCOMP, "it may not be traced (PTRACE_SEIZE: %s)",
                     sys == EPERM ? "not permitted" : "failed");
}

// Waits until it stops; *signal is one that it was about to get, and gets.
static int
wait_for_stop(pid_t task, int *signal, struct error *e) {
  const struct timespec pause = {.tv_nsec = 1000000};
  for (int tries = 0; tries < STOP_TRIES; tries++) {
    int status;
    pid_t got = waitpid(task, &status, __WALL | WNOHANG);
    if (got == task && WIFSTOPPED(status)) {
      bool interrupted = (unsigned)status >> 16 == EVENT_STOP;
      *signal = interrupted ? 0 : WSTOPSIG(status);
      if (interrupted)
        interrupted_mend(task);
      return 0;
    }
    if (got == task || (got < 0 && errno != EINTR))
      return error_plain(e, ERROR_SECCOMP, "it has ended");
    if (got == 0)
      nanosleep(&pause, NULL);
  }
  return error_plain(e, ERROR_SECCOMP, "it does not stop, as in an uninterruptible sleep");
}

static struct program programs[TASK_FILTERS_MAX];

static int
read_all(pid_t task, size_t *count, struct error *e) {
  for (*count = 0; *count < TASK_FILTERS_MAX; (*count)++) {
    int got = filters_read(task, (unsigned)*count, &programs[*count], e);
    if (got <= 0)
      return got;
  }
  return error_plain(e, ERROR_SECCOMP, "it has %d filters or more", TASK_FILTERS_MAX);
}

// The task goes on before anything is decoded.
int
task_filters_read(pid_t task, struct filter_book *book, uint32_t out[TASK_FILTERS_MAX], size_t *count,
                  struct error *e) {
  int signal = 0;
  *count = 0;
  if (ptrace(PTRACE_SEIZE, task, NULL, NULL) != 0)
    return fail_seize(task, errno, e);
  if (ptrace(PTRACE_INTERRUPT, task, NULL, NULL) != 0)
    return error_plain(e, ERROR_SECCOMP, "it has ended");
  if (wait_for_stop(task, &signal, e) != 0)
    return -1;
  int result = read_all(task, count, e);
  ptrace(PTRACE_DETACH, task, NULL, (void *)(intptr_t)signal);
  for (size_t i = 0; i < *count && result == 0; i++)
    result = filter_book_find(book, &programs[*count - 1 - i], &out[i], e);
  return result;
}
