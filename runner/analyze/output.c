// SPDX-License-Identifier: LGPL-2.1-or-later
// output.c - where what a verb made goes.
#include "runner/analyze/analyze.h"
#include <errno.h>
#include <limits.h>
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

static mode_t
usual_mode(void) {
  mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

// A file of another name takes the place of the old one once it is whole: a launch never reads half of it.
static int
write_file(const char *path, const void *bytes, size_t length) {
  char whole[PATH_MAX];
  int size = snprintf(whole, sizeof whole, "%s.XXXXXX", path);
  if (size < 0 || (size_t)size >= sizeof whole)
    return report(TOOL, "--output=%s: %s", shown(path).text, strerror(ENAMETOOLONG));
  int fd = mkstemp(whole);
  if (fd < 0)
    return report(TOOL, "--output=%s: %s", shown(path).text, strerror(errno));
  bool written = write_all(fd, bytes, length) && fchmod(fd, usual_mode()) == 0 && fsync(fd) == 0;
  int sys = errno;
  if (close(fd) != 0 && written) {
    written = false;
    sys = errno;
  }
  if (written && rename(whole, path) == 0)
    return 0;
  sys = written ? errno : sys;
  unlink(whole);
  return report(TOOL, "--output=%s: %s; nothing was written", shown(path).text, strerror(sys));
}

int
write_output(const struct analyze_line *line, const void *bytes, size_t length) {
  if (line->output != NULL && strcmp(line->output, "-") != 0)
    return write_file(line->output, bytes, length);
  fwrite(bytes, 1, length, stdout); // main() looks after errors of stdout
  return 0;
}
