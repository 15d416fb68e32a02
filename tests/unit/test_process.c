// SPDX-License-Identifier: LGPL-2.1-or-later
// test_process.c - what /proc says about this process, its threads, its children, and one with a filter.
#include "runner/late/process.h"
#include "tests/check.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 5
#define CHILDREN 3
#define GROUPS_MAX 4000

static pthread_barrier_t begun, ended;

static void *
run_thread(void *argument) {
  *(pid_t *)argument = (pid_t)syscall(SYS_gettid);
  pthread_barrier_wait(&begun);
  pthread_barrier_wait(&ended);
  return NULL;
}

static bool
has(const pid_t *list, size_t count, pid_t wanted) {
  for (size_t i = 0; i < count; i++)
    if (list[i] == wanted)
      return true;
  return false;
}

static bool
rises(const pid_t *list, size_t count) {
  for (size_t i = 1; i < count; i++)
    if (list[i - 1] >= list[i])
      return false;
  return true;
}

static void
test_own_status(void) {
  struct task_status status;
  struct error e;
  prctl(PR_SET_NAME, "a b)\n(c", 0, 0, 0);
  CHECK_INT(task_status_read(getpid(), getpid(), &status, &e), 0);
  CHECK_STR(status.name, "a b)\\n(c");
  CHECK_INT(status.state, 'R');
  CHECK_INT(status.tgid, getpid());
  CHECK_INT(status.parent, getppid());
  CHECK_INT(status.uid, geteuid());
  CHECK_INT(status.threads, 1);
  CHECK_INT(status.no_new_privs, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  CHECK_INT(status.mode, prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
  CHECK(status.has_filters);
  CHECK(!task_has_flag(getpid(), getpid(), TASK_IO_WORKER));
}

static void
test_absent(void) {
  struct task_status status;
  struct error e;
  pid_t list[1];
  size_t count;
  pid_t child = fork();
  if (child == 0)
    _exit(0);
  CHECK_INT(waitpid(child, NULL, 0), child);
  CHECK_INT(task_status_read(child, child, &status, &e), -1);
  CHECK_INT(e.kind, ERROR_USAGE);
  CHECK(strstr(e.text, "no such process") != NULL);
  CHECK_INT(task_list(child, list, 1, &count, &e), -1);
  CHECK_INT(task_children(child, list, 1, &count, &e), -1);
  CHECK_INT(task_status_read(getpid(), 1, &status, &e), -1); // no thread of this process
  CHECK(!task_has_flag(child, child, TASK_IO_WORKER));
}

static void
test_threads(void) {
  pthread_t threads[THREADS];
  pid_t ids[THREADS], list[THREADS + 1];
  size_t count;
  struct task_status status;
  struct error e;
  pthread_barrier_init(&begun, NULL, THREADS + 1);
  pthread_barrier_init(&ended, NULL, THREADS + 1);
  for (size_t i = 0; i < THREADS; i++)
    CHECK_INT(pthread_create(&threads[i], NULL, run_thread, &ids[i]), 0);
  pthread_barrier_wait(&begun);
  CHECK_INT(task_list(getpid(), list, THREADS + 1, &count, &e), 0);
  CHECK_INT(count, THREADS + 1);
  CHECK(rises(list, count));
  CHECK(has(list, count, getpid()));
  for (size_t i = 0; i < THREADS; i++) {
    CHECK(has(list, count, ids[i]));
    CHECK_INT(task_status_read(getpid(), ids[i], &status, &e), 0);
    CHECK_INT(status.tgid, getpid());
    CHECK_INT(status.threads, THREADS + 1);
    CHECK(!task_has_flag(getpid(), ids[i], TASK_IO_WORKER));
  }
  CHECK_INT(task_list(getpid(), list, THREADS, &count, &e), -1);
  CHECK(strstr(e.text, "more than 5 threads") != NULL);
  pthread_barrier_wait(&ended);
  for (size_t i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
}

static void
test_children(void) {
  pid_t children[CHILDREN], list[CHILDREN];
  size_t count;
  struct error e;
  CHECK_INT(task_children(getpid(), list, CHILDREN, &count, &e), 0);
  CHECK_INT(count, 0);
  for (size_t i = 0; i < CHILDREN; i++)
    if ((children[i] = fork()) == 0) {
      pause();
      _exit(0);
    }
  CHECK_INT(task_children(getpid(), list, CHILDREN, &count, &e), 0);
  CHECK_INT(count, CHILDREN);
  CHECK(rises(list, count));
  for (size_t i = 0; i < CHILDREN; i++)
    CHECK(has(list, count, children[i]));
  CHECK_INT(task_children(getpid(), list, CHILDREN - 1, &count, &e), -1);
  for (size_t i = 0; i < CHILDREN; i++) {
    kill(children[i], SIGKILL);
    waitpid(children[i], NULL, 0);
  }
}

static _Noreturn void
run_filtered(int ready) {
  struct sock_filter allow[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  struct sock_fprog program = {.len = 1, .filter = allow};
  bool done = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  for (int i = 0; i < 3; i++)
    done = done && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
  if (write(ready, done ? "y" : "n", 1) == 1)
    pause();
  _exit(1);
}

static void
test_filtered(void) {
  struct task_status own, status;
  struct error e;
  int ends[2];
  char done = 'n';
  CHECK_INT(task_status_read(getpid(), getpid(), &own, &e), 0);
  CHECK_INT(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0)
    run_filtered(ends[1]);
  CHECK_INT(read(ends[0], &done, 1), 1);
  CHECK_INT(done, 'y');
  CHECK_INT(task_status_read(child, child, &status, &e), 0);
  CHECK_INT(status.mode, SECCOMP_MODE_FILTER);
  CHECK_INT(status.filters, own.filters + 3);
  CHECK(status.no_new_privs);
  CHECK_INT(status.parent, getpid());
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  close(ends[0]);
  close(ends[1]);
}

// Their line comes before those that are looked for, and is longer than the room for one. It takes root.
static void
test_many_groups(void) {
  static gid_t groups[GROUPS_MAX];
  struct task_status status;
  struct error e;
  for (size_t i = 0; i < GROUPS_MAX; i++)
    groups[i] = (gid_t)(100000 + i);
  if (syscall(SYS_setgroups, GROUPS_MAX, groups) != 0)
    return;
  CHECK_INT(task_status_read(getpid(), getpid(), &status, &e), 0);
  CHECK(status.has_filters);
  CHECK_INT(status.tgid, getpid());
}

int
main(void) {
  test_own_status();
  test_absent();
  test_threads();
  test_children();
  test_filtered();
  test_many_groups();
  return check_done();
}
