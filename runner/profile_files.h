// SPDX-License-Identifier: LGPL-2.1-or-later
// profile_files.h - finds and reads policy files and user groups. Bare names come only from folders that nobody but
// root (or, on request, the caller) can write; no environment variable has a say.
#ifndef SCRUN_RUNNER_PROFILE_FILES_H
#define SCRUN_RUNNER_PROFILE_FILES_H
#include "runner/kept_file.h"

// The bound on a policy file.
#define PROFILE_BYTES_MAX KEPT_BYTES_MAX

// Owns every file it has read, so that messages can quote them. Zeroed memory is a valid start.
struct profile_files {
  bool user_profiles;         // --user-profiles: look in the caller's own folder first
  bool bare_only;             // names with a slash are refused, too: who gives them may not choose a path
  const char *const *folders; // ends with NULL; NULL: /etc/scrun, /run/scrun, /usr/local/lib/scrun, /usr/lib/scrun
  const char *passwd;         // NULL: /etc/passwd, which says where the caller's own folder is
  struct kept_file *first;
};

// Reads the policy that `name` means: with a slash in it a path, as it is; otherwise a bare name ([A-Za-z0-9_.@-]+, no
// leading dot), looked for as NAME.conf (or NAME, if it ends in .conf, .json or .scrun) in the folders. Every folder on
// the way and the file must belong to root (in a user namespace: or to somebody whom it does not map, owner.h) and be
// writable by nobody else (the caller instead of root below the caller's own folder); links are not followed. Only a
// regular file of at most PROFILE_BYTES_MAX is read; only an image (image.h) may hold NUL bytes. Fails: ERROR_POLICY,
// naming the file. *out lives until profile_files_clear().
SC_NODISCARD int profile_files_read(struct profile_files *files, const char *name, const struct source **out,
                                    struct error *e);

// The same for a user group "@name": NAME.group in the folders. Returns 1 when there is none. Has the shape of
// reader_options.open_group; context is the struct profile_files.
SC_NODISCARD int profile_files_open_group(void *files, const char *name, size_t length, const struct source **out,
                                          struct error *e);

void profile_files_clear(struct profile_files *files);
#endif
