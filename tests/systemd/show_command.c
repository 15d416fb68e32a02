// SPDX-License-Identifier: LGPL-2.1-or-later
// show_command.c - prints what a service's command gets from its manager: words, environment, identity, signals, open
// descriptors; and in the last lines what differs from start to start, or with a filter. Static: nothing is added by a
// loader.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

extern char **environ;

// Bytes as they are, but for those that would end the line.
static void
print(const char *what, const char *text) {
  printf("%s ", what);
  for (; *text != '\0'; text++)
    printf(*text == '\n' || *text == '\\' ? "\\%02x" : "%c", *text);
  putchar('\n');
}

// Another one with every start; this one is the pid.
static void
print_variable(const char *text) {
  static const char pid[] = "SYSTEMD_EXEC_PID=";
  if (strncmp(text, "INVOCATION_ID=", 14) == 0)
    print("variable", "INVOCATION_ID=");
  else if (strncmp(text, pid, sizeof pid - 1) == 0 && atol(text + sizeof pid - 1) == (long)getpid())
    print("variable", "SYSTEMD_EXEC_PID=own");
  else
    print("variable", text);
}

// Lines of /proc/self/status that begin with one of `names`.
static void
print_status(const char *const *names) {
  char line[512];
  FILE *file = fopen("/proc/self/status", "re");
  while (file != NULL && fgets(line, sizeof line, file) != NULL)
    for (size_t i = 0; names[i] != NULL; i++)
      if (strncmp(line, names[i], strlen(names[i])) == 0)
        fputs(line, stdout);
  if (file != NULL)
    fclose(file);
}

static void
print_descriptors(void) {
  char path[64], target[4096];
  for (int fd = 0; fd < 64; fd++) {
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length < 0)
      continue;
    target[length] = '\0';
    snprintf(path, sizeof path, "descriptor %d", fd);
    print(path, target);
  }
}

int
main(int argc, char **argv) {
  static const char *const same[] = {"Umask", "Uid", "Gid", "Groups", "SigBlk", "SigIgn", "SigCgt", "Cap", NULL};
  static const char *const other[] = {"Seccomp_filters:", "NoNewPrivs", NULL};
  char folder[4096];
  print_descriptors();
  for (int i = 0; i < argc; i++)
    print("word", argv[i]);
  for (char **variable = environ; *variable != NULL; variable++)
    print_variable(*variable);
  print("file", (const char *)getauxval(AT_EXECFN));
  print("folder", getcwd(folder, sizeof folder) != NULL ? folder : "?");
  print_status(same);
  printf("mode %d\n", prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L)); // also where there is no /proc
  print_status(other);
  return fflush(stdout) != 0;
}
