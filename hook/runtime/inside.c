// SPDX-License-Identifier: LGPL-2.1-or-later
// inside.c - looks into a container through /proc.
#include "hook/runtime/inside.h"
#include "hook/destination.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/stat.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Not by libc: musl has no statx(2). Source: STATX_ATTR_MOUNT_ROOT, since Linux 5.8.
static int
look_at(int folder, const char *path, struct statx *out) {
  memset(out, 0, sizeof *out);
  return (int)syscall(SYS_statx, folder, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, out);
}

enum inside
inside_look(pid_t pid, const char *wrapper) {
  struct statx inside, host;
  char path[64];
  (void)snprintf(path, sizeof path, "/proc/%ld/root", (long)pid);
  int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0)
    return INSIDE_OTHER;
  bool seen = look_at(root, &WRAPPER_DESTINATION[1], &inside) == 0;
  bool absent = !seen && errno == ENOENT;
  close(root);
  if (!seen || look_at(AT_FDCWD, wrapper, &host) != 0)
    return absent ? INSIDE_ABSENT : INSIDE_OTHER;
  bool mounted = (inside.stx_attributes_mask & inside.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  if (!mounted && S_ISREG(inside.stx_mode) && inside.stx_size == 0)
    return INSIDE_ABSENT; // the empty file that an earlier start left
  return mounted && S_ISREG(inside.stx_mode) && inside.stx_dev_major == host.stx_dev_major
                 && inside.stx_dev_minor == host.stx_dev_minor && inside.stx_ino == host.stx_ino
             ? INSIDE_WRAPPER
             : INSIDE_OTHER;
}

static bool
same_file(int fd, const char *path) {
  struct stat one = {0}, other = {0};
  return fstat(fd, &one) == 0 && stat(path, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

// The user namespace that the configuration asks for; *path is where it stands already, or NULL.
static bool
has_user_namespace(const struct json *config, const char **path) {
  struct json_value object = json_member(json_root(config), "linux"), list = {0};
  size_t length;
  *path = NULL;
  if (json_kind(object) == JSON_OBJECT)
    list = json_member(object, "namespaces");
  for (struct json_value item = json_kind(list) == JSON_ARRAY ? json_first(list) : (struct json_value){0};
       item.json != NULL; item = json_next(item)) {
    struct json_value type = json_kind(item) == JSON_OBJECT ? json_member(item, "type") : (struct json_value){0};
    if (json_kind(type) != JSON_STRING || strcmp(json_string(type, &length), "user") != 0)
      continue;
    struct json_value where = json_member(item, "path");
    if (json_kind(where) == JSON_STRING)
      *path = json_string(where, &length);
    return true;
  }
  return false;
}

static bool
is_owner(int owner, const struct json *config) {
  static const char own[] = "/proc/self/ns/user";
  const char *path;
  if (same_file(owner, own))
    return true;
  bool asked = has_user_namespace(config, &path);
  if (path != NULL)
    return same_file(owner, path);
  int parent = asked || geteuid() != 0 ? ioctl(owner, NS_GET_PARENT) : -1;
  bool below = parent >= 0 && same_file(parent, own);
  if (parent >= 0)
    close(parent);
  return below;
}

bool
inside_mounts_are_runtimes(pid_t pid, const struct json *config) {
  char path[64];
  (void)snprintf(path, sizeof path, "/proc/%ld/ns/mnt", (long)pid);
  int mounts = open(path, O_RDONLY | O_CLOEXEC);
  int owner = mounts < 0 ? -1 : ioctl(mounts, NS_GET_USERNS);
  bool good = owner >= 0 && is_owner(owner, config);
  if (owner >= 0)
    close(owner);
  if (mounts >= 0)
    close(mounts);
  return good;
}
