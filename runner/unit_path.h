// SPDX-License-Identifier: LGPL-2.1-or-later
// unit_path.h - the folders that units are looked for in, in systemd's order, and what a name means there.
#ifndef SCRUN_RUNNER_UNIT_PATH_H
#define SCRUN_RUNNER_UNIT_PATH_H
#include "runner/kept_file.h"
#include "runner/unit_name.h"
#include <limits.h>

#define UNIT_FOLDERS_MAX 20

struct unit_folder {
  const char *path;    // as systemd names it, without the root
  char *made;          // the same, if it is on the heap
  int fd;              // -1: not there, or the same as an earlier one
  const char *problem; // who else could add files to it, to be read behind "it"; NULL: nobody
  dev_t device;
  ino_t inode;
};

// The caller owns it and closes it, also after a failure.
struct unit_path {
  const char *root; // or NULL
  int root_fd;
  struct trust trust;
  struct unit_folder folders[UNIT_FOLDERS_MAX];
  size_t count;
};

// Opens the folders of the system's units or the caller's own; `first`, unless NULL, is the whole name of a folder
// before all others. Fails with ERROR_POLICY: a root that cannot be opened, a folder that is there and
// cannot be opened, a caller without a home, a service (INVOCATION_ID is set) that does not see its manager's folders.
// Source: systemd.unit(5), "Unit File Load Path"; systemd-analyze unit-paths of systemd 252.
SC_NODISCARD int unit_path_open(struct unit_path *path, const char *root, bool user, const char *passwd,
                                const char *first, struct error *e);
void unit_path_close(struct unit_path *path);

// Opens a file or folder by its whole name (without the root, which links do not lead out of), close-on-exec and
// without waiting for anybody. -1 with errno.
int unit_path_open_file(const struct unit_path *path, const char *name, int flags);

// Follows the links in a whole name, with `last` also the last component, and takes "." and ".." away. What does not
// exist is no failure. -1 with errno.
SC_NODISCARD int unit_path_canonical(const struct unit_path *path, const char *name, bool last, char out[PATH_MAX]);

// Where a name leads.
struct unit_found {
  struct unit_name name; // of the file, after all links that are aliases; or that which is missing
  size_t folder, first;  // the folder of the file, and the one in which the name itself was found
  bool null;             // it is a link to /dev/null
};

// Looks for the name, and follows aliases: links to another name in these folders. A link to outside of them is as good
// as a file, and a link that is no proper alias (another kind of name, another instance, to itself) is passed over.
// Returns 0, 1 if there is no such unit, or -1 after filling *e: too many aliases in a row, a link that cannot be
// followed (what hides its target from here may not hide it from systemd), a folder that others can write.
SC_NODISCARD int unit_path_find(const struct unit_path *path, const char *name, struct unit_found *out,
                                struct error *e);
#endif
