// SPDX-License-Identifier: LGPL-2.1-or-later
// input.c - whole files in memory, bounded.
#include "hook/stage/input.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM_FIRST (16 * 1024)

static int
fail(struct error *e, const char *name, const char *why) {
  return error_plain(e, ERROR_POLICY, "%s: %s", shown(name).text, why);
}

// At most one byte more than is allowed, so that too much is seen.
static ssize_t
read_all(int fd, char **text) {
  size_t length = 0, room = ROOM_FIRST;
  *text = malloc(room);
  while (*text != NULL && length <= INPUT_BYTES_MAX) {
    if (length == room) {
      char *larger = realloc(*text, room *= 2);
      if (larger == NULL)
        break;
      *text = larger;
    }
    ssize_t got = read(fd, *text + length, room - length);
    if (got == 0)
      return (ssize_t)length;
    if (got < 0 && errno != EINTR)
      return -1;
    length += got > 0 ? (size_t)got : 0;
  }
  errno = length > INPUT_BYTES_MAX ? EFBIG : ENOMEM;
  return -1;
}

int
input_read(struct source *out, int fd, const char *name, struct error *e) {
  char *text;
  ssize_t length = read_all(fd, &text);
  if (length > 0 && length <= INPUT_BYTES_MAX) {
    *out = (struct source){.name = name, .text = text, .length = (size_t)length, .has_lines = true};
    return 0;
  }
  int sys = length > 0 ? EFBIG : errno;
  free(text);
  return fail(e, name, length == 0 ? "it is empty" : strerror(sys));
}

int
input_read_file(struct source *out, const char *path, struct error *e) {
  struct stat info;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return fail(e, path, strerror(errno));
  bool regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  int failed = regular ? input_read(out, fd, path, e) : fail(e, path, "it is no regular file");
  close(fd);
  return failed;
}

void
input_clear(struct source *source) {
  free((char *)(uintptr_t)source->text);
  source->text = NULL;
}
