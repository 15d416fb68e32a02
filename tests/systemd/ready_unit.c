// SPDX-License-Identifier: LGPL-2.1-or-later
// ready_unit.c - a service that says READY=1 and knows whether uname(2) was refused before and after: ready_unit
// WITNESS WORD... appends "PID BEFORE AFTER LISTEN_FDS WATCHDOG THREADS" to the witness: errnos; whether the variables
// are there and meant for this process; how many threads and children were refused as well, of 4. Then it serves the
// socket that it was given and says WATCHDOG=1. Words: never (says READY), silent (says nothing after READY).
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FIRST_PASSED_FD 3 // SD_LISTEN_FDS_START in sd_listen_fds(3)
#define FAILED 99
#define WORKERS 4

static struct shared {
  atomic_bool sent;
  atomic_int refused, judged, running;
} * shared;

static int
refusal(void) {
  struct utsname names;
  return uname(&names) == 0 ? 0 : errno;
}

// The first call after READY is refused, the last one before was not.
static void *
work(void *unused) {
  bool allowed = refusal() == 0;
  atomic_fetch_add(&shared->running, 1);
  while (!atomic_load(&shared->sent))
    usleep(100);
  if (allowed && refusal() != 0)
    atomic_fetch_add(&shared->refused, 1);
  atomic_fetch_add(&shared->judged, 1);
  return unused;
}

// Two threads, and two children, which end then.
static void
workers_start(void) {
  pthread_t thread;
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    exit(FAILED);
  for (int i = 0; i < WORKERS / 2; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      work(NULL);
      _exit(0);
    }
    if (pid < 0 || pthread_create(&thread, NULL, work, NULL) != 0)
      exit(FAILED);
  }
  while (atomic_load(&shared->running) < WORKERS)
    usleep(100);
}

static void
tell(const char *text) {
  const char *name = getenv("NOTIFY_SOCKET");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (name == NULL || fd < 0 || strlen(name) >= sizeof address.sun_path)
    exit(FAILED);
  strcpy(address.sun_path, name);
  if (name[0] == '@')
    address.sun_path[0] = '\0';
  if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name)))
      < 0)
    exit(FAILED);
  close(fd);
}

// A pid in the environment is this process's.
static bool
is_meant(const char *name) {
  const char *value = getenv(name);
  return value != NULL && strtol(value, NULL, 10) == (long)getpid();
}

static void
witness_write(const char *path, int before, int after) {
  const char *fds = getenv("LISTEN_FDS");
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  while (atomic_load(&shared->judged) < WORKERS)
    usleep(100);
  if (fd < 0
      || dprintf(fd, "%ld %d %d %s %s %d\n", (long)getpid(), before, after, is_meant("LISTEN_PID") ? fds : "-",
                 is_meant("WATCHDOG_PID") ? "watchdog" : "-", atomic_load(&shared->refused))
             < 0)
    exit(FAILED);
  close(fd);
}

static void
serve(void) {
  struct pollfd passed = {.fd = is_meant("LISTEN_PID") ? FIRST_PASSED_FD : -1, .events = POLLIN};
  bool watched = is_meant("WATCHDOG_PID");
  for (;;) {
    if (watched)
      tell("WATCHDOG=1");
    if (poll(&passed, 1, 100) <= 0)
      continue;
    int client = accept4(passed.fd, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0 || dprintf(client, "%ld %d\n", (long)getpid(), refusal()) < 0 || close(client) != 0)
      exit(FAILED);
  }
}

static _Noreturn void
stay(void) {
  for (;;)
    pause();
}

int
main(int argc, char **argv) {
  if (argc < 2)
    return FAILED;
  const char *word = argc > 2 ? argv[2] : "";
  int before = refusal();
  workers_start();
  if (strcmp(word, "never") == 0)
    stay();
  tell("STATUS=begins");
  tell("READY=1\nSTATUS=serves");
  int after = refusal();
  atomic_store(&shared->sent, true);
  witness_write(argv[1], before, after);
  if (strcmp(word, "silent") == 0)
    stay();
  serve();
}
