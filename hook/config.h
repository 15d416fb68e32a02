// SPDX-License-Identifier: LGPL-2.1-or-later
// config.h - the parts of a config.json that matter here, found once and with their types checked.
#ifndef SCRUN_HOOK_CONFIG_H
#define SCRUN_HOOK_CONFIG_H
#include "compat/json.h"

// What is not there is no value. Source: runtime-spec, config.md and config-linux.md.
struct config_view {
  struct json *json; // owned
  struct json_value root;
  struct json_value annotations, hooks, linux_object, mounts, process, rootfs; // of the root; objects, mounts an array
  struct json_value args, env, capabilities, no_new_privs;                     // of process; args and env hold strings
  struct json_value ambient, bounding, effective, inheritable, permitted;      // of process.capabilities; hold strings
  struct json_value rootfs_path;                                               // root.path, a string
  struct json_value create_container;                                          // of hooks: an array of objects
  struct json_value seccomp;                                                   // of linux
};

// Reads a whole config.json (CONFIG_BYTES_MAX in rewrite.h), which must outlive the view. null is a wrong type like any
// other, and a name that runc takes for one of these while crun does not ("Linux", or with an escape in it) is an
// error. Fails with messages. Either way the caller ends with config_clear().
SC_NODISCARD int config_read(const struct source *source, struct config_view *out, struct diags *diags);
// The same for a process.json, which is the value of "process" alone.
SC_NODISCARD int config_read_process(const struct source *source, struct config_view *out, struct diags *diags);
void config_clear(struct config_view *view);

// Is the value the string `text`?
bool config_is(struct json_value value, const char *text);
// Is a capability (its bit) in a list of them (no value: in none)?
bool config_has_capability(struct json_value list, int capability);
// Is it an annotation by which crun hands the container to something else than execve(2), which may not heed
// process.args? Source: crun(1), and the handlers in its source.
bool config_is_handler(const char *name, size_t length);

// Takes apart an object (no value: none) by a table of names: each value that is there, of the right kind, goes to
// `offset` in the struct `out`. Names as above. Returns false after adding an error.
struct config_member {
  const char *name;
  enum json_kind kind;
  size_t offset;
};
bool config_read_members(struct json_value object, const struct config_member *members, size_t count, void *out,
                         struct diags *diags);
#endif
