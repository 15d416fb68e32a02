// SPDX-License-Identifier: LGPL-2.1-or-later
// inside.c - what a container runs to be looked at: inside VERB...
//   wait [WORD...]   prints "ran" and waits; WORDs tell it from others
//   view             what a program can see of how it was started: a line each
//   exit STATUS      signal NUMBER     ends so
//   term             waits for SIGTERM, says so and ends with 7
//   attack WORD...   tries each of these on the wrapper as its own user, a line each, then waits, unless the last is
//   "end"
// It is static: nothing else is in some images.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRAPPER "/.scrun"

extern char **environ;

static int
say(const char *what, const char *value) {
  printf("%s %s\n", what, value);
  return fflush(stdout);
}

static void
view_descriptors(void) {
  DIR *folder = opendir("/proc/self/fd");
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
    if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(folder))
      say("descriptor", entry->d_name);
}

// Lines of a file of /proc that begin with, or hold, a text.
static void
view_lines(const char *path, const char *text) {
  char line[4096];
  FILE *file = fopen(path, "r");
  if (file == NULL)
    return;
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (strstr(line, text) != NULL)
      say("line", line);
  }
  fclose(file);
}

static int
view(int argc, char **argv) {
  struct stat status;
  for (int i = 0; i < argc; i++)
    say("argument", argv[i]);
  for (char **word = environ; *word != NULL; word++)
    say("variable", *word);
  view_descriptors();
  view_lines("/proc/self/mountinfo", " " WRAPPER " ");
  view_lines("/proc/self/status", "NoNewPrivs:");
  view_lines("/proc/self/status", "Groups:");
  view_lines("/proc/self/status", "Uid:");
  say("dumpable", prctl(PR_GET_DUMPABLE) == 1 ? "yes" : "no");
  if (lstat(WRAPPER, &status) == 0)
    printf("wrapper %o %ld\n", (unsigned)status.st_mode, (long)status.st_uid);
  return 0;
}

static int
wait_forever(int argc, char **argv) {
  (void)argc, (void)argv;
  puts("ran");
  fflush(stdout);
  while (pause() != 0)
    continue;
  return 0;
}

static int
end(int argc, char **argv) {
  puts("ran");
  return argc > 2 ? atoi(argv[2]) : 0;
}

static int
end_by_signal(int argc, char **argv) {
  puts("ran");
  fflush(stdout);
  return raise(argc > 2 ? atoi(argv[2]) : SIGKILL);
}

static void
terminate(int number) {
  static const char text[] = "terminated\n";
  (void)number;
  _exit(write(STDOUT_FILENO, text, sizeof text - 1) < 0 ? 8 : 7);
}

static int
wait_term(int argc, char **argv) {
  signal(SIGTERM, terminate);
  return wait_forever(argc, argv);
}

static int
attack_rename(void) {
  return rename(WRAPPER, "/moved");
}
static int
attack_unlink(void) {
  return unlink(WRAPPER);
}
static int
attack_unmount(void) {
  return umount2(WRAPPER, MNT_DETACH);
}
static int
attack_cover(void) {
  return mount("/proc/self/exe", WRAPPER, NULL, MS_BIND, NULL);
}
static int
attack_write(void) {
  return open(WRAPPER, O_WRONLY | O_TRUNC);
}
static int
attack_replace(void) {
  return rename("/inside", WRAPPER);
}
static int
attack_remount(void) {
  return mount(NULL, WRAPPER, NULL, MS_REMOUNT | MS_BIND, NULL);
}

static const struct {
  const char *word;
  int (*attempt)(void);
} attacks[] = {
    {"rename", attack_rename}, {"unlink", attack_unlink},   {"unmount", attack_unmount}, {"cover", attack_cover},
    {"write", attack_write},   {"replace", attack_replace}, {"remount", attack_remount},
};

static int
attack(int argc, char **argv) {
  for (int word = 2; word < argc; word++)
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++)
      if (strcmp(argv[word], attacks[i].word) == 0)
        say(attacks[i].word, attacks[i].attempt() >= 0 ? "done" : strerror(errno));
  return strcmp(argv[argc - 1], "end") == 0 ? 0 : wait_forever(argc, argv);
}

static const struct {
  const char *word;
  int (*run)(int argc, char **argv);
} verbs[] = {
    {"wait", wait_forever},    {"view", view},      {"exit", end},
    {"signal", end_by_signal}, {"term", wait_term}, {"attack", attack},
};

int
main(int argc, char **argv) {
  for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof verbs[0]; i++)
    if (strcmp(argv[1], verbs[i].word) == 0)
      return verbs[i].run(argc, argv);
  fprintf(stderr, "usage: inside wait|view|exit|signal|term|attack\n");
  return 2;
}
