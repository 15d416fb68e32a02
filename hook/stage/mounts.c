// SPDX-License-Identifier: LGPL-2.1-or-later
// mounts.c - the only file that includes libmount.
//
// What a path leads to is found by walking it once, to a descriptor; the kernel says which mount that is on, and the
// mount table is then asked about that mount, by its number. So nothing is compared by name alone, and what is mounted
// above the wrapper, or beside it, cannot be taken for it.
#include "hook/stage/mounts.h"
#include "hook/destination.h"
#include "runner/elf.h"
#include <errno.h>
#include <fcntl.h>
#include <libmount.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TABLE "/proc/self/mountinfo"

// A file, and the mount that it is reached by.
struct place {
  int fd; // O_PATH
  uint64_t mount;
  dev_t device;
  ino_t inode;
  mode_t mode;
};

static int
place_open(struct place *place, int folder, const char *path, int flags, struct error *e) {
  struct stat info;
  struct statx more;
  *place = (struct place){.fd = openat(folder, path, O_PATH | O_CLOEXEC | flags)};
  if (place->fd < 0)
    return error_plain(e, ERROR_SECCOMP, "%s: %s", shown(path).text, strerror(errno));
  if (fstat(place->fd, &info) != 0 || statx(place->fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &more) != 0) {
    (void)error_plain(e, ERROR_SECCOMP, "%s: %s", shown(path).text, strerror(errno));
  } else if ((more.stx_mask & STATX_MNT_ID) == 0) {
    (void)error_plain(e, ERROR_SECCOMP, "this kernel does not say which mount a file is on (Linux 5.8 does)");
  } else {
    *place = (struct place){place->fd, more.stx_mnt_id, info.st_dev, info.st_ino, info.st_mode};
    return 0;
  }
  close(place->fd);
  return -1;
}

static struct libmnt_table *
table_read(struct error *e) {
  struct libmnt_table *table = mnt_new_table();
  if (table != NULL && mnt_table_parse_file(table, TABLE) == 0 && mnt_table_get_nents(table) > 0)
    return table;
  mnt_unref_table(table);
  (void)error_plain(e, ERROR_SECCOMP, TABLE " cannot be read: the wrapper's mount cannot be proven");
  return NULL;
}

static int
next(struct libmnt_table *table, struct libmnt_iter *iterator, struct libmnt_fs **fs) {
  return mnt_table_next_fs(table, iterator, fs);
}

// NULL: there is none of that number.
static struct libmnt_fs *
find_mount(struct libmnt_table *table, uint64_t id) {
  struct libmnt_iter *iterator = mnt_new_iter(MNT_ITER_FORWARD);
  struct libmnt_fs *fs = NULL, *found = NULL;
  while (iterator != NULL && found == NULL && next(table, iterator, &fs) == 0)
    if (mnt_fs_get_id(fs) >= 0 && (uint64_t)mnt_fs_get_id(fs) == id)
      found = fs;
  mnt_free_iter(iterator);
  return found;
}

// How many mounts stand on `target`: hidden ones count, too.
static size_t
count_mounts(struct libmnt_table *table, const char *target) {
  struct libmnt_iter *iterator = mnt_new_iter(MNT_ITER_FORWARD);
  struct libmnt_fs *fs;
  size_t count = iterator == NULL ? SIZE_MAX : 0;
  while (iterator != NULL && next(table, iterator, &fs) == 0)
    count += mnt_fs_get_target(fs) != NULL && strcmp(mnt_fs_get_target(fs), target) == 0;
  mnt_free_iter(iterator);
  return count;
}

static bool
is_read_only(struct libmnt_fs *fs) {
  const char *options = mnt_fs_get_vfs_options(fs);
  return options != NULL && mnt_optstr_get_option(options, "ro", NULL, NULL) == 0;
}

static int
refuse(struct error *e, const char *why) {
  return error_plain(e, ERROR_SECCOMP, "%s in the container is not the wrapper: %s; the program is not started",
                     WRAPPER_DESTINATION, why);
}

// `target`: the destination as the mount table names it.
static int
check_table(struct libmnt_table *table, const struct place *root, const struct place *there, const char *target,
            struct error *e) {
  struct libmnt_fs *fs = find_mount(table, there->mount);
  if (fs == NULL)
    return refuse(e, "its mount is not in the mount table");
  if (mnt_fs_get_target(fs) == NULL || strcmp(mnt_fs_get_target(fs), target) != 0)
    return refuse(e, "it is mounted somewhere else");
  if ((uint64_t)mnt_fs_get_parent_id(fs) != root->mount)
    return refuse(e, "it is mounted on something that is mounted there");
  if (count_mounts(table, target) != 1)
    return refuse(e, "several mounts have this place");
  if (!is_read_only(fs))
    return refuse(e, "it is not mounted read-only");
  return 0;
}

// What a look at the files alone shows.
static int
check_files(const struct place *root, const struct place *there, const struct place *wrapper, struct error *e) {
  if (!S_ISREG(there->mode))
    return refuse(e, S_ISLNK(there->mode) ? "there is a symbolic link" : "there is no regular file");
  if (there->device != wrapper->device || there->inode != wrapper->inode)
    return refuse(e, "there is another file");
  if (there->mount == root->mount)
    return refuse(e, "nothing is mounted there");
  return 0;
}

static int
check_there(const char *root_path, const struct place *root, const struct place *there, struct error *e) {
  char path[PATH_MAX], target[PATH_MAX + sizeof WRAPPER_DESTINATION];
  if (realpath(root_path, path) == NULL)
    return error_plain(e, ERROR_SECCOMP, "%s: %s", shown(root_path).text, strerror(errno));
  snprintf(target, sizeof target, "%s%s", strcmp(path, "/") == 0 ? "" : path, WRAPPER_DESTINATION);
  struct libmnt_table *table = table_read(e);
  int failed = table == NULL ? -1 : check_table(table, root, there, target, e);
  mnt_unref_table(table);
  return failed;
}

static int
check_in_root(const char *root_path, const struct place *root, const struct place *wrapper, struct error *e) {
  struct place there;
  struct error reason;
  if (place_open(&there, root->fd, &WRAPPER_DESTINATION[1], O_NOFOLLOW, &reason) != 0)
    return refuse(e, reason.text);
  int failed = check_files(root, &there, wrapper, e);
  if (failed == 0)
    failed = check_there(root_path, root, &there, e);
  close(there.fd);
  return failed;
}

int
mounts_check_wrapper(const char *root_path, const char *wrapper_path, struct error *e) {
  struct place wrapper, root;
  if (place_open(&wrapper, AT_FDCWD, wrapper_path, O_NOFOLLOW, e) != 0)
    return -1;
  int failed = place_open(&root, AT_FDCWD, root_path, O_DIRECTORY, e);
  if (failed == 0) {
    failed = check_in_root(root_path, &root, &wrapper, e);
    close(root.fd);
  }
  close(wrapper.fd);
  return failed;
}

// The init.

static int
refuse_init(struct error *e, const char *path, const char *why) {
  return error_plain(e, ERROR_SECCOMP, "%s in the container is not the engine's init: %s; the program is not started",
                     shown(path).text, why);
}

// As the container's own root leads there: the image's links are followed, and none leads out of it.
static int
open_inside(int root, const char *path) {
  const struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

static int
check_init(int init, int there, const char *path, struct error *e) {
  struct stat host, inside;
  struct elf elf;
  if (fstat(init, &host) != 0 || fstat(there, &inside) != 0)
    return refuse_init(e, path, strerror(errno));
  if (host.st_dev != inside.st_dev || host.st_ino != inside.st_ino)
    return refuse_init(e, path, "there is another file");
  elf_read(init, &elf);
  if (elf.kind != ELF_IMAGE || elf.wrong != NULL)
    return refuse_init(e, path, "it is no ELF file that can be read");
  if (elf.has_interpreter)
    return refuse_init(e, path, "it needs a loader, which would be the image's; use a static one");
  return 0;
}

int
mounts_check_init(const char *root_path, const char *path, const char *source, struct error *e) {
  int root = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int there = root < 0 ? -1 : open_inside(root, path);
  int init = there < 0 ? -1 : elf_open(source);
  int failed = init < 0 ? refuse_init(e, path, strerror(errno)) : check_init(init, there, path, e);
  const int opened[] = {init, there, root};
  for (size_t i = 0; i < sizeof opened / sizeof opened[0]; i++)
    if (opened[i] >= 0)
      close(opened[i]);
  return failed;
}
