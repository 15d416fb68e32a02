// SPDX-License-Identifier: LGPL-2.1-or-later
// late_caller.c - runs a program as a caller that cares about SIGCHLD: late_caller ignored|blocked|child... PROGRAM
// ARGUMENTS...
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int
prepare(const char *word) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  if (strcmp(word, "ignored") == 0)
    return signal(SIGCHLD, SIG_IGN) == SIG_ERR ? -1 : 1;
  if (strcmp(word, "blocked") == 0)
    return sigprocmask(SIG_BLOCK, &set, NULL) != 0 ? -1 : 1;
  if (strcmp(word, "child") != 0)
    return 0;
  pid_t parent = getpid(), child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    alarm(20);
    while (getppid() == parent)
      pause();
    _exit(0);
  }
  return child < 0 ? -1 : 1;
}

int
main(int argc, char **argv) {
  int at = 1, prepared = 1;
  while (at < argc && (prepared = prepare(argv[at])) > 0)
    at++;
  if (prepared < 0 || at >= argc)
    return 99;
  execv(argv[at], argv + at);
  perror(argv[at]);
  return 99;
}
