// SPDX-License-Identifier: LGPL-2.1-or-later
// main_replace.c - replaces a file after scrun has looked at it, and before the program's loader does: main_replace
// FILE SCRUN ARGUMENTS... Both are at the exec of the program: the file is another one before its first instruction.
// Ends as the program does, 128 and the signal if it was killed.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void
fail(const char *what) {
  perror(what);
  exit(98);
}

// A file of another kind takes the name; the one that was looked at is not touched.
static void
replace(const char *path) {
  char other[4096];
  snprintf(other, sizeof other, "%s.new", path);
  FILE *file = fopen(other, "w");
  if (file == NULL || fputs("nothing that can be loaded\n", file) < 0 || fclose(file) != 0 || rename(other, path) != 0)
    fail(path);
}

int
main(int argc, char **argv) {
  int end, execs = 0;
  pid_t child = argc < 3 ? -1 : fork();
  if (child < 0)
    fail("main_replace FILE PROGRAM...");
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise(SIGSTOP) != 0)
      fail("ptrace");
    execv(argv[2], argv + 2);
    fail(argv[2]);
  }
  if (waitpid(child, &end, 0) != child || ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACEEXEC) != 0)
    fail("PTRACE_SETOPTIONS");
  while (execs < 2) {
    if (ptrace(PTRACE_CONT, child, NULL, NULL) != 0 || waitpid(child, &end, 0) != child || !WIFSTOPPED(end))
      fail("it did not come to its exec");
    execs += end >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8);
  }
  replace(argv[1]);
  if (ptrace(PTRACE_DETACH, child, NULL, NULL) != 0 || waitpid(child, &end, 0) != child)
    fail("PTRACE_DETACH");
  return WIFEXITED(end) ? WEXITSTATUS(end) : 128 + WTERMSIG(end);
}
