// SPDX-License-Identifier: LGPL-2.1-or-later
// unit_path.c - opens the folders of units, follows links in them as systemd does, and finds names.
#include "runner/unit_path.h"
#include "runner/home_folder.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINKS_MAX 40  // as the kernel
#define ALIASES_MAX 8 // in a row, as systemd

static const char *const system_folders[] = {
    "/etc/systemd/system.control",   "/run/systemd/system.control",  "/run/systemd/transient",
    "/run/systemd/generator.early",  "/etc/systemd/system",          "/etc/systemd/system.attached",
    "/run/systemd/system",           "/run/systemd/system.attached", "/run/systemd/generator",
    "/usr/local/lib/systemd/system", "/lib/systemd/system",          "/usr/lib/systemd/system",
    "/run/systemd/generator.late",
};

// "~" stands for the caller's home, "@" for /run/user/UID.
static const char *const user_folders[] = {
    "~/.config/systemd/user.control",
    "@/systemd/user.control",
    "@/systemd/transient",
    "@/systemd/generator.early",
    "~/.config/systemd/user",
    "/etc/xdg/systemd/user",
    "/etc/systemd/user",
    "@/systemd/user",
    "/run/systemd/user",
    "@/systemd/generator",
    "~/.local/share/systemd/user",
    "/usr/local/share/systemd/user",
    "/usr/share/systemd/user",
    "/usr/local/lib/systemd/user",
    "/usr/lib/systemd/user",
    "@/systemd/generator.late",
};

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
_Static_assert(COUNT_OF(user_folders) < UNIT_FOLDERS_MAX && COUNT_OF(system_folders) < UNIT_FOLDERS_MAX, "one more");

// A low descriptor that is not close-on-exec is none of ours: somebody answered for the kernel.
static int
check_own(int fd) {
  if (fd < 0 || fd > STDERR_FILENO || (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0)
    return fd;
  errno = EPERM;
  return -1;
}

// Without a library between: musl sets the flag once more in a call of its own.
static int
open_plain(const char *name, int flags) {
  return check_own((int)syscall(SYS_openat, AT_FDCWD, name, flags));
}

int
unit_path_open_file(const struct unit_path *path, const char *name, int flags) {
  flags |= (flags & O_PATH) != 0 ? O_CLOEXEC : O_CLOEXEC | O_NOCTTY | O_NONBLOCK; // openat2(2) takes no others
  if (path->root == NULL)
    return open_plain(name, flags);
  struct open_how how = {.flags = (unsigned)flags, .resolve = RESOLVE_IN_ROOT};
  return check_own((int)syscall(SYS_openat2, path->root_fd, name, &how, sizeof how));
}

// Names and links.

// A name on its way: `done` has no links, the rest is to be looked at.
struct canonical {
  char *done; // PATH_MAX bytes
  size_t length;
  char rest[PATH_MAX];
  bool missing; // nothing is there any more
};

static int
fail(int reason) {
  errno = reason;
  return -1;
}

static int
canonical_add(struct canonical *at, const char *component, size_t length) {
  if (length == 1 && component[0] == '.')
    return 0;
  if (length == 2 && component[0] == '.' && component[1] == '.') {
    while (at->length > 0 && at->done[--at->length] != '/')
      ;
    return at->missing ? fail(ENOENT) : 0;
  }
  if (at->length + 1 + length >= PATH_MAX)
    return fail(ENAMETOOLONG);
  at->done[at->length++] = '/';
  memcpy(at->done + at->length, component, length);
  at->length += length;
  return 0;
}

// Puts what the link at the end of `done` says in front of the rest. Returns 1 if that is a link.
static int
canonical_follow(struct canonical *at, int root_fd, size_t parent, const char *rest) {
  char target[PATH_MAX];
  at->done[at->length] = '\0';
  ssize_t length = readlinkat(root_fd, at->done + 1, target, sizeof target);
  if (length < 0 && (errno == EINVAL || errno == ENOENT)) {
    at->missing = errno == ENOENT;
    return 0;
  }
  if (length <= 0)
    return length < 0 ? -1 : fail(ENOENT);
  size_t tail = strlen(rest);
  if ((size_t)length + 1 + tail >= PATH_MAX)
    return fail(ENAMETOOLONG);
  memmove(at->rest + length + 1, rest, tail + 1);
  memcpy(at->rest, target, (size_t)length);
  at->rest[length] = '/';
  at->length = target[0] == '/' ? 0 : parent;
  return 1;
}

int
unit_path_canonical(const struct unit_path *path, const char *name, bool last, char out[PATH_MAX]) {
  struct canonical at = {.done = out};
  size_t size = strlen(name) + 1, links = 0;
  if (size > PATH_MAX)
    return fail(ENAMETOOLONG);
  memcpy(at.rest, name, size);
  const char *rest = at.rest + strspn(at.rest, "/");
  while (*rest != '\0') {
    size_t length = strcspn(rest, "/"), parent = at.length;
    if (canonical_add(&at, rest, length) != 0)
      return -1;
    rest += length;
    rest += strspn(rest, "/");
    if (at.length <= parent || at.missing || (*rest == '\0' && !last))
      continue;
    int link = canonical_follow(&at, path->root_fd, parent, rest);
    if (link < 0 || (link > 0 && ++links > LINKS_MAX))
      return link < 0 ? -1 : fail(ELOOP);
    if (link > 0)
      rest = at.rest + strspn(at.rest, "/");
  }
  if (at.length == 0)
    out[at.length++] = '/';
  out[at.length] = '\0';
  return 0;
}

// The folders.

static bool
is_repeated(const struct unit_path *path, const struct unit_folder *folder) {
  for (size_t i = 0; i < path->count; i++)
    if (path->folders[i].fd >= 0 && path->folders[i].inode == folder->inode
        && path->folders[i].device == folder->device)
      return true;
  return false;
}

// Adds a folder, and opens it if it is there. Takes ownership of `made`.
static int
add_folder(struct unit_path *path, const char *name, char *made, struct error *e) {
  struct unit_folder *folder = &path->folders[path->count];
  struct stat status = {0};
  *folder = (struct unit_folder){.path = name, .made = made};
  folder->fd = unit_path_open_file(path, name, O_RDONLY | O_DIRECTORY);
  if (folder->fd < 0 && errno != ENOENT && errno != ENOTDIR)
    error_plain(e, ERROR_POLICY, "%s: %s", shown(name).text, strerror(errno));
  else if (folder->fd < 0 || (fstat(folder->fd, &status) == 0 && S_ISDIR(status.st_mode))) {
    folder->device = status.st_dev;
    folder->inode = status.st_ino;
    if (folder->fd >= 0 && is_repeated(path, folder)) {
      close(folder->fd);
      folder->fd = -1;
    }
    folder->problem = folder->fd < 0 ? NULL : trust_problem(folder->fd, &status, path->trust);
    path->count++;
    return 0;
  } else
    error_plain(e, ERROR_POLICY, "%s: cannot be judged", shown(name).text);
  path->count++; // to be closed
  return -1;
}

static int
add_user_folder(struct unit_path *path, const char *form, const char *home, struct error *e) {
  size_t size = PATH_MAX;
  char *made = malloc(size);
  if (made == NULL)
    return error_memory(e, ERROR_POLICY);
  if (form[0] == '~')
    snprintf(made, size, "%s%s", home, form + 1);
  else if (form[0] == '@')
    snprintf(made, size, "/run/user/%u%s", (unsigned)path->trust.uid, form + 1);
  else
    snprintf(made, size, "%s", form);
  return add_folder(path, made, made, e);
}

static int
add_user_folders(struct unit_path *path, const char *passwd, struct error *e) {
  char home[PATH_MAX];
  const char *name = passwd != NULL ? passwd : "/etc/passwd";
  int fd = unit_path_open_file(path, name, O_RDONLY);
  int result = home_folder_find(fd, name, path->trust.uid, "--user", home, e);
  if (fd >= 0)
    close(fd);
  for (size_t i = 0; result == 0 && i < COUNT_OF(user_folders); i++)
    result = add_user_folder(path, user_folders[i], home, e);
  return result;
}

// Adds the folder of a unit that was given by its path.
static int
add_first(struct unit_path *path, const char *name, struct error *e) {
  char *made = malloc(PATH_MAX);
  if (made == NULL)
    return error_memory(e, ERROR_POLICY);
  if (unit_path_canonical(path, name, true, made) == 0)
    return add_folder(path, made, made, e);
  free(made);
  return error_plain(e, ERROR_POLICY, "%s: %s", shown(name).text, strerror(errno));
}

static int
open_root(struct unit_path *path, const char *root, struct error *e) {
  path->root = root;
  path->root_fd = open_plain(root != NULL ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (path->root_fd < 0)
    return error_plain(e, ERROR_POLICY, "--root=%s: %s", root != NULL ? shown(root).text : "/", strerror(errno));
  int probe = root != NULL ? unit_path_open_file(path, "/", O_PATH | O_DIRECTORY) : -1;
  if (root != NULL && probe < 0)
    return error_plain(e, ERROR_POLICY, "--root=%s: %s", shown(root).text,
                       errno == ENOSYS ? "it takes openat2(2), of Linux 5.6, to stay inside" : strerror(errno));
  if (probe >= 0)
    close(probe);
  return 0;
}

static bool
is_seen(const struct unit_path *path, const char *name) {
  for (size_t i = 0; i < path->count; i++)
    if (strcmp(path->folders[i].path, name) == 0)
      return path->folders[i].inode != 0;
  return false;
}

// A sandbox of the service's own can hide files of its unit, and what is left of them would make another policy. A
// manager that runs services has these folders.
static int
check_seen(const struct unit_path *path, bool user, struct error *e) {
  static const char *const always[] = {"/etc/systemd/system", "/run/systemd/system"};
  char own[64];
  if (path->root != NULL || getenv("INVOCATION_ID") == NULL)
    return 0;
  const char *missing = NULL;
  for (size_t i = 0; !user && i < COUNT_OF(always); i++)
    missing = is_seen(path, always[i]) ? missing : always[i];
  if (user) {
    snprintf(own, sizeof own, "/run/user/%u/systemd", (unsigned)path->trust.uid);
    int fd = open_plain(own, O_PATH | O_DIRECTORY | O_CLOEXEC);
    missing = fd < 0 ? own : NULL;
    if (fd >= 0)
      close(fd);
  }
  if (missing == NULL)
    return 0;
  return error_plain(e, ERROR_POLICY,
                     "%s is not to be seen from this service: its drop-ins may be hidden, too (with RootDirectory= or "
                     "RootImage= bind it there, with BindReadOnlyPaths=, as scrun-analyze drop-in writes it)",
                     missing);
}

int
unit_path_open(struct unit_path *path, const char *root, bool user, const char *passwd, const char *first,
               struct error *e) {
  *path = (struct unit_path){.trust = {.caller = user, .uid = getuid()}};
  if (open_root(path, root, e) != 0)
    return -1;
  int result = first != NULL ? add_first(path, first, e) : 0;
  if (result == 0 && user)
    result = add_user_folders(path, passwd, e);
  for (size_t i = 0; result == 0 && !user && i < COUNT_OF(system_folders); i++)
    result = add_folder(path, system_folders[i], NULL, e);
  return result == 0 ? check_seen(path, user, e) : -1;
}

void
unit_path_close(struct unit_path *path) {
  for (size_t i = 0; i < path->count; i++) {
    if (path->folders[i].fd >= 0)
      close(path->folders[i].fd);
    free(path->folders[i].made);
  }
  if (path->root_fd >= 0)
    close(path->root_fd);
  path->count = 0;
}

// Names.

static bool
is_beneath(const char *name, const char *folder) {
  size_t length = strlen(folder);
  return strncmp(name, folder, length) == 0 && name[length] == '/';
}

static bool
is_in_path(const struct unit_path *path, const char *name) {
  for (size_t i = 0; i < path->count; i++)
    if (is_beneath(name, path->folders[i].path))
      return true;
  return false;
}

// Whether a link by one name may stand for another.
static bool
is_alias_for(const char *name, const char *target) {
  enum unit_name_kind kind = unit_name_kind(name), target_kind = unit_name_kind(target);
  if (target_kind == UNIT_NAME_NONE || strcmp(name, target) == 0)
    return false;
  if (kind == UNIT_NAME_INSTANCE && target_kind == UNIT_NAME_INSTANCE)
    return unit_name_same_instance(name, target);
  return kind == target_kind || (kind == UNIT_NAME_INSTANCE && target_kind == UNIT_NAME_TEMPLATE);
}

enum meaning { MEANS_NOTHING, MEANS_FILE, MEANS_ALIAS, MEANS_ERROR };

// What the link `name` in a folder means; an alias' target is put in out->name.
static enum meaning
read_link(const struct unit_path *path, const struct unit_folder *folder, struct unit_found *out, struct error *e) {
  char target[PATH_MAX], whole[PATH_MAX], end[PATH_MAX];
  ssize_t length = readlinkat(folder->fd, out->name.text, target, sizeof target);
  if (length <= 0 || (size_t)length >= sizeof target) {
    error_plain(e, ERROR_POLICY, "%s/%s: %s", shown(folder->path).text, shown(out->name.text).text,
                length < 0 ? strerror(errno) : "a link that cannot be read");
    return MEANS_ERROR;
  }
  target[length] = '\0';
  int size = target[0] == '/' ? snprintf(whole, sizeof whole, "%s", target)
                              : snprintf(whole, sizeof whole, "%s/%s", folder->path, target);
  errno = ENAMETOOLONG;
  if (size < 0 || (size_t)size >= sizeof whole || unit_path_canonical(path, whole, false, end) != 0) {
    error_plain(e, ERROR_POLICY, "%s/%s: a link to %s: %s", shown(folder->path).text, shown(out->name.text).text,
                shown(target).text, strerror(errno));
    return MEANS_ERROR;
  }
  out->null = strcmp(end, "/dev/null") == 0;
  if (!is_in_path(path, end))
    return MEANS_FILE;
  const char *name = strrchr(end, '/') + 1;
  if (!is_alias_for(out->name.text, name))
    return MEANS_NOTHING;
  memcpy(out->name.text, name, strlen(name) + 1); // is_alias_for() found it short enough
  return MEANS_ALIAS;
}

// What out->name is in one folder.
static enum meaning
look_in(const struct unit_path *path, const struct unit_folder *folder, struct unit_found *out, struct error *e) {
  struct stat status = {0};
  if (fstatat(folder->fd, out->name.text, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT)
      return MEANS_NOTHING;
    error_plain(e, ERROR_POLICY, "%s/%s: %s", shown(folder->path).text, shown(out->name.text).text, strerror(errno));
    return MEANS_ERROR;
  }
  if (folder->problem != NULL) {
    error_plain(e, ERROR_POLICY, "%s/%s is not read: %s %s", shown(folder->path).text, shown(out->name.text).text,
                shown(folder->path).text, folder->problem);
    return MEANS_ERROR;
  }
  if (S_ISLNK(status.st_mode))
    return read_link(path, folder, out, e);
  return S_ISDIR(status.st_mode) ? MEANS_NOTHING : MEANS_FILE;
}

// Looks for out->name in all folders, once.
static enum meaning
look_up(const struct unit_path *path, struct unit_found *out, struct error *e) {
  for (size_t i = 0; i < path->count; i++) {
    out->folder = i;
    enum meaning meaning = path->folders[i].fd < 0 ? MEANS_NOTHING : look_in(path, &path->folders[i], out, e);
    if (meaning != MEANS_NOTHING)
      return meaning;
  }
  return MEANS_NOTHING;
}

int
unit_path_find(const struct unit_path *path, const char *name, struct unit_found *out, struct error *e) {
  memset(out, 0, sizeof *out);
  memcpy(out->name.text, name, strlen(name) + 1);
  for (unsigned hop = 0; hop < ALIASES_MAX; hop++) {
    enum meaning meaning = look_up(path, out, e);
    if (meaning == MEANS_NOTHING && hop > 0 && unit_name_kind(out->name.text) == UNIT_NAME_INSTANCE) {
      struct unit_name instance = out->name;
      unit_name_template(instance.text, &out->name);
      meaning = look_up(path, out, e);
    }
    if (hop == 0)
      out->first = out->folder;
    if (meaning != MEANS_ALIAS)
      return meaning == MEANS_FILE ? 0 : meaning == MEANS_NOTHING ? 1 : -1;
  }
  return error_plain(e, ERROR_POLICY, "%s: more than %d aliases in a row", shown(name).text, ALIASES_MAX - 1);
}
