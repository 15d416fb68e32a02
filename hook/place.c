// SPDX-License-Identifier: LGPL-2.1-or-later
// place.c - looks for the parts, and at who could change them.
#include "hook/place.h"
#include "runner/beside.h"
#include "runner/owner.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVERYBODY_EXECUTES (S_IXUSR | S_IXGRP | S_IXOTH)
#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

// Seen from the programs' folder, and from the parts' own.
static const struct part {
  const char *far, *near, *what;
} parts[] = {
    [PLACE_WRAPPER] = {SCRUN_PARTS_PATH "/scrun-wrapper", "scrun-wrapper", "a container needs scrun-wrapper"},
    [PLACE_STAGE] = {SCRUN_PARTS_PATH "/scrun-stage", "scrun-stage", "a container needs scrun-stage"},
};

// Root's, this user's, or in a user namespace those of somebody outside: whose files this executable may be, too.
static const char *
find_owner_problem(int fd, const struct stat *info) {
  if (info->st_uid != 0 && info->st_uid != geteuid() && !owner_is_unmapped(fd, info))
    return "belongs to somebody else than root";
  return NULL;
}

// NULL if nobody can change the part who must not.
static const char *
find_part_problem(int fd) {
  struct stat info;
  memset(&info, 0, sizeof info);
  if (fstat(fd, &info) != 0)
    return strerror(errno);
  if (!S_ISREG(info.st_mode))
    return "is no regular file";
  if ((info.st_mode & EVERYBODY_EXECUTES) != EVERYBODY_EXECUTES)
    return "is not executable by everybody: install it with mode 0711";
  if ((info.st_mode & OTHERS_WRITE) != 0)
    return "can be written by others than its owner";
  return find_owner_problem(fd, &info);
}

static const char *
find_folder_problem(int fd) {
  struct stat info;
  memset(&info, 0, sizeof info);
  if (fstat(fd, &info) != 0)
    return strerror(errno);
  if ((info.st_mode & OTHERS_WRITE) != 0 && (info.st_mode & S_ISVTX) == 0)
    return "is in a folder that others than its owner can write to";
  return find_owner_problem(fd, &info) != NULL ? "is in a folder of somebody else than root" : NULL;
}

// What is wrong with the part at `path`, and with the folder that it is in; a name can be given another file there.
static const char *
find_problem(char *path) {
  char *slash = strrchr(path, '/');
  int fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return errno == ENOENT ? "is not there: install all of scrun" : strerror(errno);
  const char *problem = find_part_problem(fd);
  close(fd);
  *slash = '\0';
  fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  *slash = '/';
  if (fd < 0)
    return problem != NULL ? problem : strerror(errno);
  if (problem == NULL)
    problem = find_folder_problem(fd);
  close(fd);
  return problem;
}

// Without "..", for whoever reads the path in a config.json. What is not there keeps its name for the message.
static void
resolve(char path[PATH_MAX]) {
  char plain[PATH_MAX];
  if (realpath(path, plain) != NULL)
    memcpy(path, plain, strlen(plain) + 1);
}

int
place_find(enum place_part part, char out[PATH_MAX], struct error *e) {
  const struct part *row = &parts[part];
  const char *const names[] = {row->far, row->near, row->far};
  struct stat own;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (beside_find(out, names[i], row->what, &own, e) != 0)
      return -1;
    if (access(out, F_OK) == 0)
      break;
  }
  resolve(out);
  const char *problem = find_problem(out);
  return problem == NULL ? 0 : error_plain(e, ERROR_EXEC, "%s %s; nothing was started", shown(out).text, problem);
}
