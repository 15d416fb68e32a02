// SPDX-License-Identifier: LGPL-2.1-or-later
// yama.c - the Yama security module's say about who may trace whom.
#include "runner/late/yama.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int
file_fail(struct error *e, const char *path, const char *what) {
  return error_plain(e, ERROR_SECCOMP, "%s: %s; whether Yama lets a process be traced is not known", shown(path).text,
                     what);
}

// The kernel writes a digit and the end of the line.
static int
setting_read(const char *text, size_t length, enum yama *out) {
  static const enum yama settings[] = {YAMA_NONE, YAMA_RESTRICTED, YAMA_ADMIN_ONLY, YAMA_NO_ATTACH};
  if (length == 2 && text[1] == '\n')
    length = 1;
  if (length != 1 || text[0] < '0' || text[0] > '3')
    return -1;
  *out = settings[text[0] - '0'];
  return 0;
}

int
yama_read(const char *path, enum yama *out, struct error *e) {
  char text[4];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    *out = YAMA_NONE;
    return 0;
  }
  if (fd < 0)
    return file_fail(e, path, strerror(errno));
  ssize_t length = read(fd, text, sizeof text);
  int sys = errno;
  close(fd);
  if (length < 0)
    return file_fail(e, path, strerror(sys));
  if (setting_read(text, (size_t)length, out) != 0)
    return file_fail(e, path, "does not say 0, 1, 2 or 3");
  return 0;
}

// What is in the way; NULL: nothing.
static const char *
obstacle(enum yama yama, bool named, bool capable) {
  switch (yama) {
  case YAMA_NONE:
    return NULL;
  case YAMA_RESTRICTED:
    return named || capable ? NULL
                            : "1: without CAP_SYS_PTRACE a process is traced by its parents only. Run scrun as root";
  case YAMA_ADMIN_ONLY:
    return capable ? NULL : "2: tracing takes CAP_SYS_PTRACE. Run scrun as root";
  case YAMA_NO_ATTACH:
    return "3: nobody can trace a process until the next boot";
  }
  return "unknown";
}

int
yama_allows(enum yama yama, bool named, bool capable, struct error *e) {
  const char *why = obstacle(yama, named, capable);
  if (why == NULL)
    return 0;
  return error_plain(e, ERROR_SECCOMP, "kernel.yama.ptrace_scope is %s; %s", why,
                     named ? "--at=exec and --at=main need no tracer"
                           : "a program that scrun starts itself need not be traced");
}
