// SPDX-License-Identifier: LGPL-2.1-or-later
// output.c - where what a verb made goes.
#include "runner/analyze/analyze.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
write_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, bytes, length);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    bytes += written;
    length -= (size_t)written;
  }
  return true;
}

bool
output_finish(int fd, const void *bytes, size_t length, mode_t mode) {
  bool written = write_all(fd, bytes, length) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
  int sys = errno;
  if (close(fd) != 0 && written)
    return false;
  errno = sys;
  return written;
}

static mode_t
usual_mode(void) {
  mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

static int
fail(const char *path, int sys) {
  return report(TOOL, "--output=%s: %s; nothing was written", shown(path).text, strerror(sys));
}

// A device or a pipe is written to; nothing else takes its place.
static int
write_device(const char *path, const void *bytes, size_t length) {
  int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    return fail(path, errno);
  bool written = write_all(fd, bytes, length);
  int sys = errno;
  close(fd);
  return written ? 0 : report(TOOL, "--output=%s: %s", shown(path).text, strerror(sys));
}

// A file of another name takes the place of the old one, with its mode and owner, once it is whole: a launch never
// reads half of it.
static int
replace_file(const char *path, const struct stat *old, const void *bytes, size_t length) {
  char whole[PATH_MAX];
  int size = snprintf(whole, sizeof whole, "%s.XXXXXX", path);
  if (size < 0 || (size_t)size >= sizeof whole)
    return fail(path, ENAMETOOLONG);
  int fd = mkostemp(whole, O_CLOEXEC);
  if (fd < 0)
    return fail(path, errno);
  bool owned = old == NULL || fchown(fd, old->st_uid, old->st_gid) == 0 || errno == EPERM;
  int sys = errno;
  mode_t mode = old == NULL ? usual_mode() : old->st_mode & 0777;
  if (!owned)
    close(fd);
  else if (output_finish(fd, bytes, length, mode) && rename(whole, path) == 0)
    return 0;
  else
    sys = errno;
  unlink(whole);
  return fail(path, sys);
}

// Behind a link stands the file that is meant.
static int
write_file(const char *path, const void *bytes, size_t length) {
  struct stat old;
  char *target = NULL;
  signal(SIGXFSZ, SIG_IGN); // a limit is an error, which leaves nothing behind
  if (stat(path, &old) != 0)
    return errno == ENOENT ? replace_file(path, NULL, bytes, length) : fail(path, errno);
  if (!S_ISREG(old.st_mode))
    return write_device(path, bytes, length);
  target = realpath(path, NULL);
  if (target == NULL)
    return fail(path, errno);
  int status = replace_file(target, &old, bytes, length);
  free(target);
  return status;
}

int
write_output(const struct analyze_line *line, const void *bytes, size_t length) {
  if (line->output != NULL && strcmp(line->output, "-") != 0)
    return write_file(line->output, bytes, length);
  fwrite(bytes, 1, length, stdout); // main() looks after errors of stdout
  return 0;
}
