// SPDX-License-Identifier: LGPL-2.1-or-later
// listener_supervisor.c - who answers for a filter: listener_supervisor MODE SOCKET -- COMMAND...
//
//   answer  takes one connection to its end, prints the message, and answers every getppid with 4242 and everything
//   else
//           with EPERM, as long as there is somebody to ask
//   close   takes one connection and closes it unread
//   deaf    never takes a connection
// Runs COMMAND once the socket is there, and ends as it does.
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_SECONDS 20
#define ANSWER 4242

static _Noreturn void
fail(const char *what) {
  fprintf(stderr, "listener_supervisor: %s: %s\n", what, strerror(errno));
  exit(99);
}

static int
socket_make(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || strlen(path) >= sizeof address.sun_path)
    fail("socket");
  strcpy(address.sun_path, path);
  unlink(path);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || chmod(path, 0777) != 0 || listen(fd, 1) != 0)
    fail(path);
  return fd;
}

// Takes bytes and descriptors. Returns the bytes, 0 at the end; counts descriptors and keeps the last one.
static size_t
receive(int connection, char *out, size_t size, int *descriptor, unsigned *count) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(8 * sizeof(int))];
  } control;
  struct iovec part = {out, size};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t got = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
  if (got < 0)
    fail("recvmsg");
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
      fail("a control message");
    *count += (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof *descriptor);
    memcpy(descriptor, CMSG_DATA(c), sizeof *descriptor);
  }
  return (size_t)got;
}

// The whole message; the connection ends when the launcher has become the program.
static int
take_message(int connection, pid_t pid) {
  static char text[65536];
  size_t length = 0, got;
  int descriptor = -1;
  unsigned count = 0;
  while ((got = receive(connection, text + length, sizeof text - 1 - length, &descriptor, &count)) > 0)
    length += got;
  printf("pid %d\ndescriptors %u\nmessage %s\n", (int)pid, count, text);
  fflush(stdout);
  close(connection);
  return descriptor;
}

static void
answer_all(int filter) {
  struct pollfd watch = {.fd = filter, .events = POLLIN};
  while (poll(&watch, 1, -1) > 0 && (watch.revents & POLLIN) != 0) {
    struct seccomp_notif question;
    struct seccomp_notif_resp reply;
    memset(&question, 0, sizeof question);
    memset(&reply, 0, sizeof reply);
    if (ioctl(filter, SECCOMP_IOCTL_NOTIF_RECV, &question) != 0)
      continue; // who asked is gone
    reply.id = question.id;
    if (question.data.nr == SYS_getppid)
      reply.val = ANSWER;
    else
      reply.error = -EPERM;
    printf("asked %d\n", question.data.nr);
    fflush(stdout);
    if (ioctl(filter, SECCOMP_IOCTL_NOTIF_SEND, &reply) != 0 && errno != ENOENT)
      fail("SECCOMP_IOCTL_NOTIF_SEND");
  }
}

int
main(int argc, char **argv) {
  if (argc < 5 || strcmp(argv[3], "--") != 0)
    return 99;
  int listener = socket_make(argv[2]), status;
  alarm(RUN_SECONDS);
  pid_t pid = fork();
  if (pid == 0) {
    execv(argv[4], argv + 4);
    _exit(98);
  }
  if (pid < 0)
    fail("fork");
  if (strcmp(argv[1], "deaf") != 0) {
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0)
      fail("accept4");
    if (strcmp(argv[1], "answer") == 0) {
      int filter = take_message(connection, pid);
      if (filter >= 0)
        answer_all(filter);
    } else {
      close(connection);
    }
  }
  if (waitpid(pid, &status, 0) != pid)
    fail("waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
