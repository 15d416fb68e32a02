// SPDX-License-Identifier: LGPL-2.1-or-later
// beside.c - files that are installed with this executable.
#include "runner/beside.h"
#include <string.h>
#include <unistd.h>

static int
check_own(const char *path, const char *what, struct stat *own, struct error *e) {
  struct stat named = {.st_ino = 1};
  *own = (struct stat){.st_ino = 2}; // differ where nobody fills them in
  if (stat(path, &named) == 0 && stat("/proc/self/exe", own) == 0 && named.st_dev == own->st_dev
      && named.st_ino == own->st_ino)
    return 0;
  return error_plain(e, ERROR_POLICY,
                     "%s beside scrun, and %s is not the scrun that runs: another root, or another file by now; "
                     "nothing was started",
                     what, shown(path).text);
}

int
beside_find(char path[PATH_MAX], const char *name, const char *what, struct stat *own, struct error *e) {
  ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
  char *slash = NULL;
  if (length > 0) {
    path[length] = '\0';
    slash = strrchr(path, '/');
  }
  if (slash == NULL || (size_t)(slash + 1 - path) + strlen(name) >= PATH_MAX)
    return error_plain(e, ERROR_POLICY,
                       "%s beside scrun, and /proc/self/exe does not say where that is; nothing was started", what);
  if (check_own(path, what, own, e) != 0)
    return -1;
  memcpy(slash + 1, name, strlen(name) + 1);
  return 0;
}
