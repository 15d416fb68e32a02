// SPDX-License-Identifier: LGPL-2.1-or-later
// kept_file.c - judges, reads and keeps files of policy text.
#include "runner/kept_file.h"
#include "runner/image.h"
#include "runner/owner.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
is_trusted_owner(int fd, const struct stat *status, struct trust trust) {
  if (status->st_uid == 0 || (trust.caller && status->st_uid == trust.uid))
    return true;
  return !trust.caller && owner_is_unmapped(fd, status);
}

const char *
trust_problem(int fd, const struct stat *status, struct trust trust) {
  if (!is_trusted_owner(fd, status, trust))
    return trust.caller ? "belongs neither to root nor to you" : "does not belong to root";
  if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return trust.caller ? "can be written by others than you" : "can be written by others than root";
  return NULL;
}

int
kept_file_check(int fd, const char *path, struct stat *status, struct error *e) {
  memset(status, 0, sizeof *status); // an outer filter may answer for the kernel and leave it as it was
  if (fstat(fd, status) != 0)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(path).text, strerror(errno));
  if (S_ISDIR(status->st_mode))
    return error_plain(e, ERROR_POLICY, "%s: a folder, not a file", shown(path).text);
  if (!S_ISREG(status->st_mode))
    return error_plain(e, ERROR_POLICY, "%s: not a regular file", shown(path).text);
  return 0;
}

char *
read_bounded(int fd, size_t size, size_t max, size_t *length) {
  size_t room = (size < max ? size : max) + 1, count = 0; // one more, to see the end in
  char *text = malloc(room);
  while (text != NULL) {
    ssize_t got = read(fd, text + count, room - count);
    if (got == 0) {
      *length = count;
      return text;
    }
    int failed = got < 0 ? errno : 0;
    count += got > 0 ? (size_t)got : 0;
    if (failed == 0 && count > max)
      failed = EFBIG;
    char *grown = text;
    if (failed == 0 && count == room)
      grown = realloc(text, room *= 2);
    if (failed != 0 || grown == NULL) {
      free(text);
      errno = failed != 0 ? failed : ENOMEM;
      return NULL;
    }
    text = grown;
  }
  errno = ENOMEM;
  return NULL;
}

// Takes ownership of `text`, also on failure.
static int
keep(struct kept_file **first, const char *path, char *text, size_t length, const struct source **out,
     struct error *e) {
  struct kept_file *file = calloc(1, sizeof *file);
  char *name = strdup(path);
  if (file == NULL || name == NULL || text == NULL) {
    free(file);
    free(name);
    free(text);
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(path).text, out_of_memory);
  }
  file->name = name;
  file->text = text;
  file->source = (struct source){.name = name, .text = text, .length = length, .has_lines = true};
  file->next = *first;
  *first = file;
  *out = &file->source;
  return 0;
}

int
kept_file_read(struct kept_file **first, int fd, const char *path, off_t size, bool images, const struct source **out,
               struct error *e) {
  size_t length = 0;
  char *text = read_bounded(fd, (size_t)size, KEPT_BYTES_MAX, &length);
  if (text == NULL && errno == EFBIG)
    return error_plain(e, ERROR_POLICY, "%s: longer than %d bytes", shown(path).text, KEPT_BYTES_MAX);
  if (text == NULL)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(path).text, errno == ENOMEM ? out_of_memory : strerror(errno));
  if ((off_t)length < size) {
    free(text);
    return error_plain(e, ERROR_POLICY, "%s: only %zu of its bytes could be read", shown(path).text, length);
  }
  if (!(images && image_is(text, length)) && memchr(text, '\0', length) != NULL) {
    free(text);
    return error_plain(e, ERROR_POLICY, "%s: there is a NUL byte in it: not a text file", shown(path).text);
  }
  return keep(first, path, text, length, out, e);
}

int
kept_file_empty(struct kept_file **first, const char *path, const struct source **out, struct error *e) {
  return keep(first, path, calloc(1, 1), 0, out, e);
}

void
kept_files_clear(struct kept_file **first) {
  while (*first != NULL) {
    struct kept_file *file = *first;
    *first = file->next;
    free(file->name);
    free(file->text);
    free(file);
  }
}
