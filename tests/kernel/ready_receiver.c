// SPDX-License-Identifier: LGPL-2.1-or-later
// ready_receiver.c - a service manager's part of sd_notify(3): ready_receiver SOCKET LOG COMMAND ARGUMENTS... runs the
// command with NOTIFY_SOCKET=SOCKET, and writes what it is told to LOG: the sender ("main", the command's process, or
// "other"), how many filters that has, and the text, its lines joined by "|". Ends when all that the command started
// are gone, helpers included, with the command's status, or 128 and the number of its signal; 124 after 30 seconds of
// silence.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define BROKEN 99
#define TIMED_OUT 124
#define TIMEOUT_S 30

static _Noreturn void
fail(const char *what) {
  perror(what);
  exit(BROKEN);
}

static int
receiver_open(const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(name);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
  if (fd < 0 || length >= sizeof address.sun_path)
    fail("socket");
  memcpy(address.sun_path, name, length);
  if (name[0] == '@')
    address.sun_path[0] = '\0';
  if (name[0] != '@')
    unlink(name);
  if (bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) != 0
      || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 || (name[0] != '@' && chmod(name, 0666) != 0))
    fail(name);
  return fd;
}

static int
filters_of(pid_t pid) {
  char path[64], line[256];
  int filters = -1;
  snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
  FILE *file = fopen(path, "r");
  while (file != NULL && fgets(line, sizeof line, file) != NULL)
    if (sscanf(line, "Seccomp_filters: %d", &filters) == 1)
      break;
  if (file != NULL)
    fclose(file);
  return filters;
}

static void
receive(int fd, FILE *log, pid_t command) {
  char text[4097];
  union {
    char bytes[CMSG_SPACE(sizeof(struct ucred))];
    struct cmsghdr header;
  } control;
  struct iovec piece = {text, sizeof text - 1};
  struct msghdr message = {
      .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t length = recvmsg(fd, &message, 0);
  struct ucred sender = {0};
  if (length < 0)
    return;
  if (message.msg_controllen >= sizeof(struct cmsghdr))
    memcpy(&sender, CMSG_DATA(&control.header), sizeof sender);
  text[length] = '\0';
  for (char *at = text; *at != '\0'; at++)
    if (*at == '\n')
      *at = '|';
  fprintf(log, "%s %d %s\n", sender.pid == command ? "main" : "other", filters_of(sender.pid), text);
  fflush(log);
}

static pid_t
command_start(char **argv, const sigset_t *before) {
  pid_t pid = fork();
  if (pid < 0)
    fail("fork");
  if (pid > 0)
    return pid;
  sigprocmask(SIG_SETMASK, before, NULL);
  execvp(argv[0], argv);
  fail(argv[0]);
}

// False when no child is left. Takes over the command's status.
static int
children_bury(pid_t command, int *command_status) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0)
    if (pid == command)
      *command_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return pid == 0 || errno != ECHILD;
}

int
main(int argc, char **argv) {
  sigset_t set, before;
  int command_status = BROKEN;
  if (argc < 4)
    return BROKEN;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  int fd = receiver_open(argv[1]);
  FILE *log = fopen(argv[2], "we");
  if (log == NULL || setenv("NOTIFY_SOCKET", argv[1], 1) != 0 || sigprocmask(SIG_BLOCK, &set, &before) != 0
      || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
    fail(argv[2]);
  struct pollfd polled[2] = {{.fd = fd, .events = POLLIN},
                             {.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .events = POLLIN}};
  pid_t command = command_start(argv + 3, &before);
  while (children_bury(command, &command_status)) {
    struct signalfd_siginfo info;
    if (poll(polled, 2, TIMEOUT_S * 1000) == 0) {
      kill(command, SIGKILL);
      return TIMED_OUT;
    }
    if ((polled[0].revents & POLLIN) != 0)
      receive(fd, log, command);
    while (read(polled[1].fd, &info, sizeof info) > 0)
      ;
  }
  while (poll(polled, 1, 0) > 0)
    receive(fd, log, command);
  return fclose(log) == 0 ? command_status : BROKEN;
}
