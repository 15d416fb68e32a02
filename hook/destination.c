// SPDX-License-Identifier: LGPL-2.1-or-later
// destination.c - nothing else may be where the wrapper goes.
#include "hook/destination.h"
#include "compat/text.h"
#include "hook/config.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The container's root folder.

static const char *
file_kind(mode_t mode) {
  return S_ISREG(mode)   ? "a file that is not empty"
         : S_ISDIR(mode) ? "a directory"
         : S_ISLNK(mode) ? "a symbolic link"
                         : "a special file";
}

// Not by libc: musl has no statx(2).
static int
look_at(int folder, const char *path, int flags, struct statx *out) {
  memset(out, 0, sizeof *out);
  return (int)syscall(SYS_statx, folder, path, flags, STATX_BASIC_STATS | STATX_MNT_ID, out);
}

// Two places on one mount have one id. Devices would not do: files of an overlay may have another than its folders.
// Where the kernel tells no ids (before 5.8), it is for the hook inside the container alone to look at what is mounted.
static int
check_found(int folder, const char *root, struct error *e) {
  struct statx found, above;
  if (look_at(folder, &WRAPPER_DESTINATION[1], AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, &found) != 0
      || look_at(folder, "", AT_EMPTY_PATH, &above) != 0) {
    if (errno == ENOENT)
      return 0;
    return error_plain(e, ERROR_POLICY, "%s%s: %s", shown(root).text, WRAPPER_DESTINATION, strerror(errno));
  }
  if (!S_ISREG(found.stx_mode) || found.stx_size != 0)
    return error_plain(e, ERROR_POLICY,
                       "%s%s: the image has %s where the wrapper is to be mounted: rename it, or use "
                       "io.scrun.wrapper=false",
                       shown(root).text, WRAPPER_DESTINATION, file_kind(found.stx_mode));
  if ((found.stx_mask & above.stx_mask & STATX_MNT_ID) != 0 && found.stx_mnt_id != above.stx_mnt_id)
    return error_plain(e, ERROR_POLICY, "%s%s: something is mounted there already", shown(root).text,
                       WRAPPER_DESTINATION);
  return 0;
}

int
destination_check_root(const char *root, struct error *e) {
  int folder = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    return error_plain(e, ERROR_POLICY, "%s: the container's root folder: %s", shown(root).text, strerror(errno));
  int result = check_found(folder, root, e);
  close(folder);
  return result;
}

// Mounts.

#define MEMBER(name, kind, field)                                                                                      \
  { name, kind, offsetof(struct mount_view, field) }

bool
mount_read(struct json_value mount, struct mount_view *out, struct diags *diags) {
  static const struct config_member members[] = {
      MEMBER("destination", JSON_STRING, destination),
      MEMBER("source", JSON_STRING, source),
      MEMBER("type", JSON_STRING, type),
  };
  *out = (struct mount_view){0};
  if (json_kind(mount) != JSON_OBJECT) {
    json_complain(mount, DIAG_ERROR, diags, "must be an object, not %s", json_kind_name(json_kind(mount)));
    return false;
  }
  if (!config_read_members(mount, members, sizeof members / sizeof members[0], out, diags))
    return false;
  if (out->destination.json == NULL)
    json_complain(mount, DIAG_ERROR, diags, "\"destination\" is missing");
  return out->destination.json != NULL;
}

// The next name of a path behind slashes and ".": what remains begins with it; *length is 0 at the end.
static const char *
next_name(const char *path, size_t *length) {
  for (;;) {
    path += strspn(path, "/");
    *length = strcspn(path, "/");
    if (*length != 1 || *path != '.')
      return path;
    path++;
  }
}

static bool
has_dots(const char *path) {
  size_t length;
  for (path = next_name(path, &length); length > 0; path = next_name(path + length, &length))
    if (length == 2 && memcmp(path, "..", 2) == 0)
      return true;
  return false;
}

enum destination_place
destination_compare(struct json_value destination, const char *path) {
  size_t length, name_length;
  const char *at = json_string(destination, &length), *name = path;
  if (has_dots(at))
    return DESTINATION_UNSURE;
  at = next_name(at, &length);
  name = next_name(name, &name_length);
  while (length > 0 && length == name_length && memcmp(at, name, length) == 0) {
    at = next_name(at + length, &length);
    name = next_name(name + name_length, &name_length);
  }
  if (length > 0)
    return name_length > 0 ? DESTINATION_APART : DESTINATION_BELOW;
  return name_length > 0 ? DESTINATION_ABOVE : DESTINATION_SAME;
}

static bool
is_own(const struct mount_view *mount, const char *wrapper) {
  return config_is(mount->destination, WRAPPER_DESTINATION) && config_is(mount->source, wrapper)
         && config_is(mount->type, "bind");
}

static bool
check_mount(struct json_value mount, const char *wrapper, struct json_value *own, struct diags *diags) {
  static const char *const problems[] = {
      [DESTINATION_SAME] = "the wrapper is mounted at " WRAPPER_DESTINATION ": this mount is in its place",
      [DESTINATION_ABOVE] = "a mount over the whole root is not supported: where the wrapper would stand is not known",
      [DESTINATION_BELOW] = "the wrapper is mounted at " WRAPPER_DESTINATION ": nothing can be below it",
      [DESTINATION_UNSURE] = "\"..\" in a destination: where it leads is not simply said; write it without",
  };
  struct mount_view view;
  if (!mount_read(mount, &view, diags))
    return false;
  if (own->json == NULL && is_own(&view, wrapper)) {
    *own = mount;
    return true;
  }
  enum destination_place place = destination_compare(view.destination, WRAPPER_DESTINATION);
  if (place == DESTINATION_APART)
    return true;
  json_complain(view.destination, DIAG_ERROR, diags, "%s", problems[place]);
  return false;
}

int
destination_check_mounts(struct json_value mounts, const char *wrapper, struct json_value *own, struct diags *diags) {
  bool right = true;
  *own = (struct json_value){0};
  for (struct json_value mount = json_first(mounts); mount.json != NULL; mount = json_next(mount))
    right = check_mount(mount, wrapper, own, diags) && right;
  return right ? 0 : -1;
}
