// SPDX-License-Identifier: LGPL-2.1-or-later
// folder.c - reads folders with getdents64(2).
#include "runner/folder.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// An entry as the kernel writes it. Source: getdents64(2).
struct record {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[];
};

void
folder_start(struct folder *folder, int fd, const char *path) {
  folder->fd = fd;
  folder->path = path;
  folder->at = folder->end = 0;
  folder->begun = false;
}

// Returns 1 if there is more, 0 at the end.
static int
fill(struct folder *folder, struct error *e) {
  long got = syscall(SYS_getdents64, folder->fd, folder->buffer, sizeof folder->buffer);
  if (got < 0)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(folder->path).text, strerror(errno));
  if ((got == 0 && !folder->begun) || (size_t)got > sizeof folder->buffer)
    return error_plain(e, ERROR_POLICY, "%s: lists nothing, not even itself", shown(folder->path).text);
  folder->begun = true;
  folder->at = 0;
  folder->end = (size_t)got;
  return got > 0;
}

// Some file systems do not say what an entry is.
static unsigned char
ask_type(int fd, const char *name) {
  struct stat status;
  return fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? (unsigned char)IFTODT(status.st_mode) : DT_UNKNOWN;
}

int
folder_next(struct folder *folder, struct folder_entry *out, struct error *e) {
  if (folder->at >= folder->end) {
    int more = fill(folder, e);
    if (more <= 0)
      return more;
  }
  const char *bytes = folder->buffer + folder->at;
  const struct record *record = (const void *)bytes;
  folder->at += record->length;
  *out = (struct folder_entry){.name = record->name, .type = record->type};
  if (record->type == DT_UNKNOWN)
    out->type = ask_type(folder->fd, record->name);
  return 1;
}
