// SPDX-License-Identifier: LGPL-2.1-or-later
// target.c - the program to start.
#include "runner/target.h"
#include "runner/elf.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Source: confstr(3), _CS_PATH.
#define DEFAULT_SEARCH "/bin:/usr/bin"

// 0 if `path` is a regular file that the effective ids may execute; otherwise the errno that says why not.
static int
file_check(const char *path) {
  struct stat info;
  if (stat(path, &info) != 0)
    return errno;
  if (!S_ISREG(info.st_mode))
    return S_ISDIR(info.st_mode) ? EISDIR : EACCES;
  if (syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
    return 0;
  if (errno != ENOSYS && errno != EPERM)
    return errno;
  return access(path, X_OK) == 0 ? 0 : errno; // before Linux 5.8, or an outer filter that does not know the call
}

static int
target_fail(struct error *e, int sys, const char *name) {
  if (sys == EISDIR)
    return error_plain(e, ERROR_EXEC, "%s is a directory, not a program", shown(name).text);
  if (sys == EACCES)
    return error_plain(e, ERROR_EXEC, "%s may not be executed: no execute permission, or a folder on the way is closed",
                       shown(name).text);
  return error_plain(e, ERROR_EXEC, "%s: %s", shown(name).text, strerror(sys));
}

static int
target_search(struct target *target, const char *name, const char *search, struct error *e) {
  int best = ENOENT;
  for (const char *folder = search, *end; folder != NULL; folder = end == NULL ? NULL : end + 1) {
    end = strchr(folder, ':');
    int length = (int)(end == NULL ? strlen(folder) : (size_t)(end - folder));
    int size = snprintf(target->path, sizeof target->path, "%.*s%s%s", length, folder, length == 0 ? "" : "/", name);
    if (size < 0 || (size_t)size >= sizeof target->path)
      continue;
    int sys = file_check(target->path);
    if (sys == 0)
      return 0;
    if (sys == EACCES || sys == EISDIR)
      best = EACCES; // as execvp(3): remembered, and looked for further on
  }
  if (best == ENOENT)
    return error_plain(e, ERROR_EXEC, "%s: no such program in PATH (%s)", shown(name).text, shown(search).text);
  return target_fail(e, best, name);
}

int
target_find(struct target *target, const char *name, const char *search, struct error *e) {
  target->interpreter[0] = '\0';
  if (strchr(name, '/') == NULL && name[0] != '\0')
    return target_search(target, name, search != NULL ? search : DEFAULT_SEARCH, e);
  size_t length = strlen(name);
  if (length >= sizeof target->path)
    return target_fail(e, ENAMETOOLONG, name);
  memcpy(target->path, name, length + 1);
  int sys = length == 0 ? ENOENT : file_check(name);
  return sys == 0 ? 0 : target_fail(e, sys, length == 0 ? "\"\"" : name);
}

bool
target_is_privileged(const struct target *target) {
  return elf_is_privileged(target->path);
}

// Source: execve(2), ERRORS, without those that only a security module or a filter gives.
static bool
is_answer_of_execve(int sys) {
  static const int known[] = {E2BIG,  EACCES, EAGAIN,       EINVAL, EIO,     EISDIR, ELIBBAD, ELOOP,
                              EMFILE, ENFILE, ENAMETOOLONG, ENOENT, ENOEXEC, ENOMEM, ENOTDIR, ETXTBSY};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (known[i] == sys)
      return true;
  return false;
}

void
target_explain(const struct target *target, int sys, char *text, size_t size) {
  struct shown shown_path = shown(target->path), shown_interpreter = shown(target->interpreter);
  const char *path = shown_path.text, *interpreter = shown_interpreter.text;
  if (sys == ENOEXEC && interpreter[0] != '\0')
    snprintf(text, size, "%s is no executable of this machine, or its interpreter %s is none", path, interpreter);
  else if (sys == ELOOP && interpreter[0] != '\0')
    snprintf(text, size, "%s cannot be started: its interpreter %s leads through too many scripts or links", path,
             interpreter);
  else if (sys == ENOEXEC)
    snprintf(text, size,
             "%s is no executable of this machine. If it is a script, it needs a first line such as #!/bin/sh; scrun "
             "starts no shell for it",
             path);
  else if (sys == ENOENT && target->missing[0] != '\0')
    snprintf(text, size, "%s cannot be started: its interpreter %s does not exist", path, shown(target->missing).text);
  else if (sys == EACCES && interpreter[0] != '\0')
    snprintf(text, size, "%s cannot be started: permission denied, for the file, its mount or its interpreter %s", path,
             interpreter);
  else if (!is_answer_of_execve(sys))
    snprintf(text, size,
             "%s cannot be started: %s; a filter around scrun may refuse execve, or the bounding set the file's "
             "capabilities",
             path, strerror(sys));
  else
    snprintf(text, size, "%s cannot be started: %s", path, strerror(sys));
}
