// SPDX-License-Identifier: LGPL-2.1-or-later
// service.c - the programs that the tests run under scrun as services, as one static executable with verbs.
#include "tests/systemd/bus.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define FIRST_PASSED_FD 3 // SD_LISTEN_FDS_START in sd_listen_fds(3)
#define VERB_FAILED 99    // no errno that a test asks for

static int
fail(const char *what) {
  fprintf(stderr, "service: %s: %s\n", what, strerror(errno));
  return VERB_FAILED;
}

static int
line_write(const char *path, const char *line) {
  FILE *file = fopen(path, "w");
  if (file == NULL || fprintf(file, "%s\n", line) < 0 || fclose(file) != 0)
    return fail(path);
  return 0;
}

static int
pid_write(const char *path, pid_t pid) {
  char text[32];
  snprintf(text, sizeof text, "%ld", (long)pid);
  return line_write(path, text);
}

// The witness: exists if and only if the program ran. Holds the pid that it ran as.
static int
witness_write(const char *path) {
  return pid_write(path, getpid());
}

static int
address_make(const char *path, struct sockaddr_un *address, socklen_t *length) {
  size_t path_length = strlen(path);
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (path_length == 0 || path_length >= sizeof address->sun_path)
    return VERB_FAILED;
  memcpy(address->sun_path, path, path_length);
  if (path[0] == '@')
    address->sun_path[0] = '\0';
  *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_length + (path[0] == '@' ? 0 : 1));
  return 0;
}

// uname: exits with the errno that uname(2) got, 0 if none.
static int
verb_uname(char **arguments) {
  struct utsname names;
  (void)arguments;
  return uname(&names) == 0 ? 0 : errno;
}

// wait WITNESS: stays until it is stopped.
static int
verb_wait(char **arguments) {
  if (witness_write(arguments[0]) != 0)
    return VERB_FAILED;
  for (;;)
    pause();
}

// exec WITNESS PROGRAM: exits with the errno that execve(2) got.
static int
verb_exec(char **arguments) {
  if (witness_write(arguments[0]) != 0)
    return VERB_FAILED;
  execl(arguments[1], arguments[1], (char *)NULL);
  return errno;
}

// Says something to the manager the way sd_notify(3) does.
static int
manager_tell(const char *text) {
  const char *path = getenv("NOTIFY_SOCKET");
  struct sockaddr_un address;
  socklen_t length;
  if (path == NULL || address_make(path, &address, &length) != 0)
    return fail("NOTIFY_SOCKET");
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || sendto(fd, text, strlen(text), 0, (const struct sockaddr *)&address, length) < 0)
    return fail(text);
  close(fd);
  return 0;
}

// notify WITNESS: is ready, then stays.
static int
verb_notify(char **arguments) {
  if (witness_write(arguments[0]) != 0 || manager_tell("READY=1") != 0)
    return VERB_FAILED;
  for (;;)
    pause();
}

// timed WITNESS: is ready, having written when, in microseconds of the manager's clock; then stays.
static int
verb_timed(char **arguments) {
  struct timespec now;
  char text[32];
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
    return fail("the clock");
  snprintf(text, sizeof text, "%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
  if (line_write(arguments[0], text) != 0 || manager_tell("READY=1") != 0)
    return VERB_FAILED;
  for (;;)
    pause();
}

// watchdog WITNESS: is ready, then says all the time that it is alive, if it is the one that is asked: as
// sd_watchdog_enabled(3) finds out.
static int
verb_watchdog(char **arguments) {
  const char *pid = getenv("WATCHDOG_PID");
  if (pid == NULL || getenv("WATCHDOG_USEC") == NULL || strtol(pid, NULL, 10) != (long)getpid())
    return fail("WATCHDOG_PID");
  if (witness_write(arguments[0]) != 0 || manager_tell("READY=1") != 0)
    return VERB_FAILED;
  while (manager_tell("WATCHDOG=1") == 0)
    usleep(100000);
  return VERB_FAILED;
}

// note FILE WORD: adds a line to the file: the word, and this process's mode of seccomp.
static int
verb_note(char **arguments) {
  char line[128];
  int length = snprintf(line, sizeof line, "%.100s %d\n", arguments[1], prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
  int fd = open(arguments[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd < 0 || write(fd, line, (size_t)length) != length || close(fd) != 0)
    return fail(arguments[0]);
  return 0;
}

// reload FILE: is ready, then adds a line to the file for every SIGHUP.
static int
verb_reload(char **arguments) {
  sigset_t reload;
  int signal;
  sigemptyset(&reload);
  sigaddset(&reload, SIGHUP);
  char *line[] = {arguments[0], (char[]){"start"}};
  if (sigprocmask(SIG_BLOCK, &reload, NULL) != 0 || verb_note(line) != 0 || manager_tell("READY=1") != 0)
    return VERB_FAILED;
  line[1] = (char[]){"reload"};
  while (sigwait(&reload, &signal) == 0)
    if (verb_note(line) != 0)
      break;
  return VERB_FAILED;
}

// create WITNESS FILE: the errno of making that file, 0 if none, in the witness; is ready, then stays.
static int
verb_create(char **arguments) {
  char text[16];
  int fd = open(arguments[1], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  snprintf(text, sizeof text, "%d", fd < 0 ? errno : 0);
  if (line_write(arguments[0], text) != 0 || manager_tell("READY=1") != 0)
    return VERB_FAILED;
  for (;;)
    pause();
}

// once FILE: the first time, while the file is not there, calls uname(2); then stays.
static int
verb_once(char **arguments) {
  struct utsname names;
  bool first = access(arguments[0], F_OK) != 0;
  if (witness_write(arguments[0]) != 0)
    return VERB_FAILED;
  if (first && uname(&names) != 0)
    return errno;
  for (;;)
    pause();
}

// bus WITNESS NAME: has that name on the system's bus, then stays.
static int
verb_bus(char **arguments) {
  if (witness_write(arguments[0]) != 0 || bus_own_name(arguments[1]) != 0)
    return fail(arguments[1]);
  for (;;)
    pause();
}

// fork WITNESS PID_FILE: becomes a daemon of the old kind; only the child has a witness.
static int
verb_fork(char **arguments) {
  pid_t child = fork();
  if (child < 0)
    return fail("fork");
  if (child > 0)
    return pid_write(arguments[1], child);
  return verb_wait(arguments);
}

// refused WITNESS: the errnos of memory that can be written and executed, of a new namespace, and of uname(2), in the
// witness; then stays.
static int
verb_refused(char **arguments) {
  struct utsname names;
  char text[64];
  // Made directly: musl turns this call's EPERM into ENOMEM.
  long memory =
      syscall(SYS_mmap, NULL, 4096UL, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
  int mapping = memory == -1 ? errno : 0;
  int namespace = unshare(CLONE_NEWUTS) != 0 ? errno : 0;
  int name = uname(&names) != 0 ? errno : 0;
  snprintf(text, sizeof text, "%d %d %d", mapping, namespace, name);
  if (line_write(arguments[0], text) != 0)
    return VERB_FAILED;
  for (;;)
    pause();
}

// listen: serves the socket that systemd passed; each client is told our pid, LISTEN_PID and LISTEN_FDS.
static int
verb_listen(char **arguments) {
  const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
  (void)arguments;
  if (pid == NULL || fds == NULL)
    return fail("LISTEN_PID");
  for (;;) {
    int client = accept4(FIRST_PASSED_FD, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0 || dprintf(client, "%ld %s %s\n", (long)getpid(), pid, fds) < 0 || close(client) != 0)
      return fail("serving");
  }
}

// connect SOCKET: prints what the service behind it says.
static int
verb_connect(char **arguments) {
  struct sockaddr_un address;
  socklen_t length;
  char text[256];
  ssize_t got;
  if (address_make(arguments[0], &address, &length) != 0)
    return fail("the address");
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (const struct sockaddr *)&address, length) != 0)
    return fail(arguments[0]);
  while ((got = read(fd, text, sizeof text)) > 0)
    if (write(STDOUT_FILENO, text, (size_t)got) != got)
      return fail("standard output");
  return got == 0 ? 0 : fail("reading");
}

static const struct verb {
  const char *name;
  int arguments;
  int (*run)(char **arguments);
} verbs[] = {
    {"uname", 0, verb_uname},       {"wait", 1, verb_wait},     {"exec", 2, verb_exec},
    {"notify", 1, verb_notify},     {"listen", 0, verb_listen}, {"connect", 1, verb_connect},
    {"watchdog", 1, verb_watchdog}, {"fork", 2, verb_fork},     {"refused", 1, verb_refused},
    {"note", 2, verb_note},         {"reload", 1, verb_reload}, {"create", 2, verb_create},
    {"once", 1, verb_once},         {"bus", 2, verb_bus},       {"timed", 1, verb_timed},
};

int
main(int argc, char **argv) {
  for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
    if (strcmp(argv[1], verbs[i].name) == 0 && argc - 2 == verbs[i].arguments)
      return verbs[i].run(argv + 2);
  fprintf(stderr, "service: what to do?\n");
  return VERB_FAILED;
}
