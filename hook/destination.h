// SPDX-License-Identifier: LGPL-2.1-or-later
// destination.h - where the wrapper stands in a container: a file directly in its root, which nobody inside can rename
// or unlink while something is mounted on it.
#ifndef SCRUN_HOOK_DESTINATION_H
#define SCRUN_HOOK_DESTINATION_H
#include "compat/json.h"

#define WRAPPER_DESTINATION "/.scrun"

// Looks at the container's root folder on the host: nothing by that name, or the empty regular file that an earlier
// start left, not mounted upon. Nothing is followed. Fails with ERROR_POLICY, saying what is there.
SC_NODISCARD int destination_check_root(const char *root, struct error *e);

// Looks at the mounts of a config.json (no value: none): none may have the destination, in any spelling ("//.scrun",
// "/a/../.scrun", relative), or "/" itself, or be below the destination, but for the wrapper's own from an earlier
// rewriting, which is then *own. A destination that is no string or holds ".." is an error: what a runtime makes of it
// is not simply said. Fails with messages.
SC_NODISCARD int destination_check_mounts(struct json_value mounts, const char *wrapper, struct json_value *own,
                                          struct diags *diags);

// The parts of one mount; of those that are missing no value. False after adding an error.
struct mount_view {
  struct json_value destination, source, type;
};
bool mount_read(struct json_value mount, struct mount_view *out, struct diags *diags);

// How a path (absolute, without "." and "..") lies to a mount's destination, by the words alone.
enum destination_place {
  DESTINATION_APART,
  DESTINATION_SAME,
  DESTINATION_ABOVE,
  DESTINATION_BELOW,
  DESTINATION_UNSURE
};
// DESTINATION_ABOVE: the mount covers the path; DESTINATION_UNSURE: it holds "..".
enum destination_place destination_compare(struct json_value destination, const char *path);
#endif
