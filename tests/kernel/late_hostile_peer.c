// SPDX-License-Identifier: LGPL-2.1-or-later
// late_hostile_peer.c - a peer of the launcher: late_hostile_peer COMMAND ARGUMENTS... starts it, takes its end of the
// socket to its tracer with pidfd_getfd(2) while it shows itself, and sends a later filter of its own, which allows
// everything, with tickets of its own. Says on stderr whether it could; ends with the command's status, or 128 and the
// number of its signal.
#include "runner/arming.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BROKEN 99
#define DESCRIPTORS_MAX 12
#define SECONDS 2
#define OWN_ERRNO 77

static struct arming own = {.magic = ARMING_MAGIC,
                            .flags = SECCOMP_FILTER_FLAG_TSYNC,
                            .ticket = {.words = {1, 2, 3, 4}, .probe_errno = OWN_ERRNO},
                            .program = {.length = 6,
                                        .code = {
                                            {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
                                            {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_seccomp},
                                            {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, args[4])},
                                            {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 1},
                                            {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | OWN_ERRNO},
                                            {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
                                        }}};

static bool
is_packet_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

// Returns whether it was the one. The launcher stands still meanwhile.
static bool
send_own(pid_t launcher, int fd) {
  const struct timespec pause = {.tv_nsec = 1000000};
  if (!is_packet_socket(fd))
    return false;
  kill(launcher, SIGSTOP);
  nanosleep(&pause, NULL);
  bool sent = send(fd, &own, ARMING_BYTES(own.program.length), MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
  kill(launcher, SIGCONT);
  return sent;
}

// False when the launcher is gone.
static bool
try_all(pid_t launcher, int pidfd, bool *sent) {
  for (int number = 3; number < DESCRIPTORS_MAX && !*sent; number++) {
    int fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
    if (fd < 0 && errno == ESRCH)
      return false;
    if (fd < 0)
      continue;
    *sent = send_own(launcher, fd);
    close(fd);
  }
  return true;
}

int
main(int argc, char **argv) {
  struct timespec now, begun;
  bool sent = false;
  int status;
  pid_t launcher = fork();
  if (argc < 2 || launcher < 0)
    return BROKEN;
  if (launcher == 0) {
    execv(argv[1], argv + 1);
    _exit(BROKEN);
  }
  int pidfd = (int)syscall(SYS_pidfd_open, launcher, 0);
  clock_gettime(CLOCK_MONOTONIC, &begun);
  do
    clock_gettime(CLOCK_MONOTONIC, &now);
  while (!sent && now.tv_sec - begun.tv_sec < SECONDS && try_all(launcher, pidfd, &sent));
  fprintf(stderr, "peer: %s\n", sent ? "sent" : "came too late");
  if (waitpid(launcher, &status, 0) != launcher)
    return BROKEN;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
