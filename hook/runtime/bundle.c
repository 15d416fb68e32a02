// SPDX-License-Identifier: LGPL-2.1-or-later
// bundle.c - a bundle's config.json, read and replaced.
#include "hook/runtime/bundle.h"
#include "hook/stage/input.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG_NAME "config.json"

static int
fail(const char *name, const char *what, struct error *e) {
  return error_plain(e, ERROR_POLICY, "%s: %s; nothing was started", shown(name).text, what);
}

static int
read_config(struct bundle *bundle, struct error *e) {
  struct stat status = {0};
  int fd = openat(bundle->folder - 1, CONFIG_NAME, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    return fail(bundle->name, strerror(errno), e);
  int failed = fstat(fd, &status) != 0    ? fail(bundle->name, strerror(errno), e)
               : !S_ISREG(status.st_mode) ? fail(bundle->name, "not a regular file", e)
                                          : input_read(&bundle->config, fd, bundle->name, e);
  close(fd);
  bundle->uid = status.st_uid;
  bundle->gid = status.st_gid;
  bundle->mode = status.st_mode & 07777;
  return failed;
}

int
bundle_open(struct bundle *bundle, const char *path, struct error *e) {
  size_t length = strlen(path);
  *bundle = (struct bundle){0};
  bundle->name = malloc(length + sizeof "/" CONFIG_NAME);
  if (bundle->name == NULL)
    return error_memory(e, ERROR_POLICY);
  memcpy(bundle->name, path, length);
  memcpy(bundle->name + length, "/" CONFIG_NAME, sizeof "/" CONFIG_NAME);
  bundle->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) + 1;
  return bundle->folder == 0 ? fail(path, strerror(errno), e) : read_config(bundle, e);
}

// Returns -1 with errno.
static int
write_all(int fd, const struct buffer *text) {
  for (size_t done = 0; done < text->length;) {
    ssize_t written = write(fd, text->text + done, text->length - done);
    if (written == 0)
      errno = ENOSPC; // somebody answers for write(2)
    if (written <= 0)
      return -1;
    done += (size_t)written;
  }
  return 0;
}

// Owner first: a change of it may clear bits of the mode.
static int
write_beside(const struct bundle *bundle, const char *name, const struct buffer *text) {
  int fd = openat(bundle->folder - 1, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return -1;
  int failed = write_all(fd, text) != 0 || fchown(fd, bundle->uid, bundle->gid) != 0 || fchmod(fd, bundle->mode) != 0;
  int why = errno;
  if (close(fd) != 0 && !failed) {
    failed = 1;
    why = errno;
  }
  errno = why;
  return failed ? -1 : 0;
}

// Whether what is to be replaced is the file itself. Otherwise errno says why not.
static bool
is_file(const struct bundle *bundle) {
  struct stat status = {0};
  if (fstatat(bundle->folder - 1, CONFIG_NAME, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return false;
  errno = ELOOP;
  return S_ISREG(status.st_mode);
}

int
bundle_replace(const struct bundle *bundle, const struct buffer *text, struct error *e) {
  char name[64];
  (void)snprintf(name, sizeof name, "." CONFIG_NAME ".scrun-%ld", (long)getpid());
  if (is_file(bundle) && write_beside(bundle, name, text) == 0
      && renameat(bundle->folder - 1, name, bundle->folder - 1, CONFIG_NAME) == 0)
    return 0;
  int why = errno;
  if (why != EEXIST)
    (void)unlinkat(bundle->folder - 1, name, 0);
  return error_plain(e, ERROR_POLICY, "%s cannot be replaced: %s; nothing was started", shown(bundle->name).text,
                     why == ELOOP ? "it is a link" : strerror(why));
}

void
bundle_close(struct bundle *bundle) {
  if (bundle->folder > 0)
    close(bundle->folder - 1);
  free(bundle->name);
  input_clear(&bundle->config);
  *bundle = (struct bundle){0};
}
