// SPDX-License-Identifier: LGPL-2.1-or-later
// say.c - writes messages where somebody reads them, and waits for no reader.
#include "hook/say.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

// How long one message may wait for a full pipe or a stopped terminal.
#define PATIENCE_MS 200

// Where messages go; -1: nowhere (any more).
struct ears {
  int own, parents;
};

// What writing without end or signal changes in this process, which may go on to be another program.
struct calm {
  struct sigaction alarm, pipe;
  sigset_t mask;
  struct itimerval timer;
};

static void
wake(int signal) {
  (void)signal;
}

// A write that waits is interrupted, again and again; one that nobody will read fails.
static void
calm_begin(struct calm *calm) {
  const struct sigaction waking = {.sa_handler = wake}, ignoring = {.sa_handler = SIG_IGN}; // without SA_RESTART
  const struct timeval patience = {0, PATIENCE_MS * 1000};
  const struct itimerval timer = {patience, patience};
  sigset_t alarm;
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  sigaction(SIGALRM, &waking, &calm->alarm);
  sigaction(SIGPIPE, &ignoring, &calm->pipe);
  sigprocmask(SIG_UNBLOCK, &alarm, &calm->mask);
  setitimer(ITIMER_REAL, &timer, &calm->timer);
}

static void
calm_end(const struct calm *calm) {
  setitimer(ITIMER_REAL, &calm->timer, NULL);
  sigprocmask(SIG_SETMASK, &calm->mask, NULL);
  sigaction(SIGPIPE, &calm->pipe, NULL);
  sigaction(SIGALRM, &calm->alarm, NULL);
}

// The parent's descriptor 2 as it is, so that files are written at their end and sockets at all.
static int
take_descriptor(pid_t parent) {
  long process = syscall(SYS_pidfd_open, parent, 0);
  if (process < 0)
    return -1;
  long fd = syscall(SYS_pidfd_getfd, process, STDERR_FILENO, 0);
  close((int)process);
  return (int)fd;
}

static int
open_parents(void) {
  pid_t parent = getppid();
  char path[40];
  if (parent < 1) // outside of this pid namespace; 1 may be a container's first process, whose hook this is
    return -1;
  int fd = take_descriptor(parent);
  if (fd >= 0)
    return fd;
  snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)parent, STDERR_FILENO);
  return open(path, O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

// The same pipe, terminal or file: what is written to both would be read twice.
static bool
is_same(int a, int b) {
  struct stat first, second;
  return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_dev == second.st_dev
         && first.st_ino == second.st_ino;
}

static struct ears
ears_open(void) {
  struct ears ears = {.own = STDERR_FILENO, .parents = open_parents()};
  if (ears.parents >= 0 && is_same(ears.own, ears.parents)) {
    close(ears.parents);
    ears.parents = -1;
  }
  return ears;
}

static void
say_to(int *fd, const char *text, size_t length) {
  for (size_t done = 0; *fd >= 0 && done < length;) {
    ssize_t written = write(*fd, text + done, length - done);
    if (written > 0)
      done += (size_t)written;
    else if (*fd == STDERR_FILENO)
      *fd = -1;
    else {
      close(*fd);
      *fd = -1;
    }
  }
}

static void
say_diag(struct ears *ears, const char *tool, const struct diag *diag) {
  char text[DIAG_BYTES];
  size_t length = diag_write(diag, tool, text, sizeof text);
  say_to(&ears->own, text, length);
  say_to(&ears->parents, text, length);
}

static void
say_more(struct ears *ears, const char *tool, size_t dropped) {
  struct diag diag = {.kind = DIAG_ERROR};
  if (dropped == 0)
    return;
  snprintf(diag.text, sizeof diag.text, "%zu more messages", dropped);
  say_diag(ears, tool, &diag);
}

void
say_diags(const char *tool, const struct diags *diags) {
  struct calm calm;
  if (diags->count == 0)
    return;
  struct ears ears = ears_open();
  calm_begin(&calm);
  for (size_t i = 0; i < diags->count; i++)
    say_diag(&ears, tool, &diags->items[i]);
  say_more(&ears, tool, diags->dropped);
  calm_end(&calm);
  if (ears.parents >= 0)
    close(ears.parents);
}

void
say_error(const char *tool, const struct error *e) {
  struct diags diags = {.count = 1, .errors = 1};
  diags.items[0] = diag_of_error(e);
  say_diags(tool, &diags);
}
