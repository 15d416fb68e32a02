// SPDX-License-Identifier: LGPL-2.1-or-later
// main_replace.c - takes a file away after scrun has looked at it, and before the program's loader does: main_replace
// HOW FILE SCRUN ARGUMENTS... Both are at the exec of the program: HOW is done before its first instruction. "replace":
// another file has the name; "remove": none; "write": the file itself has other bytes. Ends as the program does, 128
// and the signal if it was killed.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void
fail(const char *what) {
  perror(what);
  exit(98);
}

static void
fill(const char *path) {
  FILE *file = fopen(path, "w");
  if (file == NULL || fputs("nothing that can be loaded\n", file) < 0 || fclose(file) != 0)
    fail(path);
}

static void
replace(const char *how, const char *path) {
  char other[4096];
  snprintf(other, sizeof other, "%s.new", path);
  if (strcmp(how, "write") == 0) {
    fill(path);
  } else if (strcmp(how, "remove") == 0) {
    if (unlink(path) != 0)
      fail(path);
  } else {
    fill(other);
    if (rename(other, path) != 0)
      fail(path);
  }
}

int
main(int argc, char **argv) {
  int end, execs = 0;
  pid_t child = argc < 4 ? -1 : fork();
  if (child < 0)
    fail("main_replace HOW FILE PROGRAM...");
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise(SIGSTOP) != 0)
      fail("ptrace");
    execv(argv[3], argv + 3);
    fail(argv[3]);
  }
  if (waitpid(child, &end, 0) != child || ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACEEXEC) != 0)
    fail("PTRACE_SETOPTIONS");
  while (execs < 2) {
    if (ptrace(PTRACE_CONT, child, NULL, NULL) != 0 || waitpid(child, &end, 0) != child || !WIFSTOPPED(end))
      fail("it did not come to its exec");
    execs += end >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8);
  }
  replace(argv[1], argv[2]);
  if (ptrace(PTRACE_DETACH, child, NULL, NULL) != 0 || waitpid(child, &end, 0) != child)
    fail("PTRACE_DETACH");
  return WIFEXITED(end) ? WEXITSTATUS(end) : 128 + WTERMSIG(end);
}
