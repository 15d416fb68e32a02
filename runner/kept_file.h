// SPDX-License-Identifier: LGPL-2.1-or-later
// kept_file.h - policy text out of open files: who may have written it, reading it whole, and keeping it, so that
// messages can quote it.
#ifndef SCRUN_RUNNER_KEPT_FILE_H
#define SCRUN_RUNNER_KEPT_FILE_H
#include "compat/error.h"
#include <sys/stat.h>

// The bound on one file; the largest sensible one (every call by name, commented) is far below.
#define KEPT_BYTES_MAX (1024 * 1024)

// Files in the order opposite to that in which they were read.
struct kept_file {
  struct kept_file *next;
  struct source source;
  char *name, *text;
};

// Who may own a folder or file: root, and with `caller` also the user `uid`.
struct trust {
  bool caller;
  uid_t uid;
};

// NULL if only a trusted user can change what is open at `fd`, and `status` is about; otherwise what is wrong, to be
// read behind "it". Root's own files are not mapped in most user namespaces, and nobody there can make others that look
// so (owner.h). A sticky bit is no excuse: anybody could add files.
const char *trust_problem(int fd, const struct stat *status, struct trust trust);

// Says no to anything but a regular file. Whoever opens it gives O_NONBLOCK, so that a pipe does not hold it up before
// this.
SC_NODISCARD int kept_file_check(int fd, const char *path, struct stat *status, struct error *e);

// Reads an open regular file of at least `size` bytes (half a policy would be another policy) and at most
// KEPT_BYTES_MAX; with `images` a compiled policy (image.h) may hold NUL bytes. `path` is copied: the name of the
// source. *out lives until kept_files_clear(). Fails with ERROR_POLICY.
SC_NODISCARD int kept_file_read(struct kept_file **first, int fd, const char *path, off_t size, bool images,
                                const struct source **out, struct error *e);

// A source of no bytes, for a file that is not to be read.
SC_NODISCARD int kept_file_empty(struct kept_file **first, const char *path, const struct source **out,
                                 struct error *e);

void kept_files_clear(struct kept_file **first);

// Reads all of it, about `size` and at most `max` bytes; the caller frees. Returns NULL with errno set; EFBIG when
// there is more.
char *read_bounded(int fd, size_t size, size_t max, size_t *length);
#endif
