// SPDX-License-Identifier: LGPL-2.1-or-later
// search.c - tries what PATH leads to. Under the filter there is no looking first: each candidate is one execve.
#include "hook/wrapper/search.h"
#include <errno.h>
#include <limits.h>
#include <string.h>

// Source: execvp(3), and execvpe() of glibc for the rare ones.
static bool
means_elsewhere(int sys) {
  return sys == ENOENT || sys == ENOTDIR || sys == ESTALE || sys == ENODEV || sys == ETIMEDOUT;
}

int
search_exec(const struct guard *guard, const char *search, char *const argv[], char *const environment[]) {
  static char path[PATH_MAX];
  const char *name = argv[0];
  size_t length = strlen(name);
  int best = ENOENT;
  if (length == 0)
    return ENOENT;
  if (strchr(name, '/') != NULL)
    return guard_exec(guard, name, argv, environment);
  if (length > NAME_MAX)
    return ENAMETOOLONG;
  for (const char *folder = search, *end; folder != NULL; folder = end == NULL ? NULL : end + 1) {
    end = strchr(folder, ':');
    size_t used = end == NULL ? strlen(folder) : (size_t)(end - folder);
    if (used + 1 + length >= sizeof path)
      continue; // as execvp(3): no such file can be
    memcpy(path, folder, used);
    if (used > 0)
      path[used++] = '/';
    memcpy(path + used, name, length + 1);
    int sys = guard_exec(guard, path, argv, environment);
    if (sys == EACCES)
      best = EACCES; // remembered, and looked for further on
    else if (!means_elsewhere(sys))
      return sys;
  }
  return best;
}
