// SPDX-License-Identifier: LGPL-2.1-or-later
// drop_in_paths.c - where scrun, programs and drop-ins are, and writing a drop-in there. Everything is below the root:
// links in it lead nowhere else.
#include "runner/analyze/drop_in.h"
#include "runner/home_folder.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Is it a regular file that somebody may execute?
static bool
is_program(const struct drop_in *drop_in, const char *path) {
  struct stat info;
  int fd = unit_path_open_file(&drop_in->path, path, O_PATH);
  bool is = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 0111) != 0;
  if (fd >= 0)
    close(fd);
  return is;
}

static int
find_home(const struct drop_in *drop_in, char home[PATH_MAX], struct error *e) {
  static const char accounts[] = "/etc/passwd";
  int fd = unit_path_open_file(&drop_in->path, accounts, O_RDONLY);
  if (fd < 0)
    return error_plain(e, ERROR_POLICY, "--user: %s: %s", accounts, strerror(errno));
  int failed = home_folder_find(fd, accounts, getuid(), "--user", home, e);
  close(fd);
  return failed;
}

int
drop_in_find_folder(struct drop_in *drop_in, struct error *e) {
  static const char below[] = "/.config/systemd/user";
  _Static_assert(sizeof below <= HOME_FOLDER_ROOM, "fits behind a home");
  if (!drop_in->unit.files.user) {
    strcpy(drop_in->folder, "/etc/systemd/system");
    return 0;
  }
  if (find_home(drop_in, drop_in->folder, e) != 0)
    return -1;
  strcat(drop_in->folder, below);
  return 0;
}

// scrun.

static int
find_own_path(char path[PATH_MAX], struct error *e) {
  ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
  if (length <= 0 || path[0] != '/')
    return error_plain(e, ERROR_POLICY, "/proc/self/exe does not say where scrun is");
  path[length] = '\0';
  return 0;
}

// Takes the root off a path that lies below it.
static void
cut_root(const char *root, char path[PATH_MAX]) {
  char real[PATH_MAX];
  if (root == NULL || realpath(root, real) == NULL || strcmp(real, "/") == 0)
    return;
  size_t length = strlen(real);
  if (strncmp(path, real, length) == 0 && path[length] == '/')
    memmove(path, path + length, strlen(path + length) + 1);
}

int
drop_in_find_scrun(struct drop_in *drop_in, struct error *e) {
  static const char name[] = "scrun", plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-";
  char *path = drop_in->scrun;
  if (find_own_path(path, e) != 0)
    return -1;
  cut_root(drop_in->line->policy.root, path);
  char *slash = strrchr(path, '/');
  if ((size_t)(slash + 1 - path) + sizeof name > PATH_MAX)
    return error_plain(e, ERROR_POLICY, "%s: this path is too long", shown(path).text);
  memcpy(slash + 1, name, sizeof name);
  if (path[strspn(path, plain)] != '\0')
    return error_plain(e, ERROR_POLICY, "%s: a unit could take some of these characters for something else",
                       shown(path).text);
  if (!is_program(drop_in, path))
    return error_plain(e, ERROR_POLICY, "there is no scrun at %s%s%s, beside " TOOL ": install both together",
                       shown(path).text, drop_in->line->policy.root != NULL ? " below " : "",
                       drop_in->line->policy.root != NULL ? shown(drop_in->line->policy.root).text : "");
  return 0;
}

// Programs.

int
drop_in_find_program(const struct drop_in *drop_in, const struct exec_command *command, char program[PATH_MAX],
                     struct error *e) {
  // The folders that systemd is built with, on systems with /usr merged and without.
  static const char *const folders[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"};
  const struct drop_in_unit *unit = &drop_in->unit;
  if (drop_in_unit_last(unit, UNIT_SEARCH_PATH) != NULL || drop_in_unit_last(unit, UNIT_ROOT_IMAGE) != NULL
      || drop_in_unit_last(unit, UNIT_ROOT_DIRECTORY) != NULL)
    return error_set(e, ERROR_POLICY, command->at,
                     "with ExecSearchPath=, RootDirectory= or RootImage= it is not known here which file \"%s\" is: "
                     "write its path",
                     shown(command->program).text);
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
    int length = snprintf(program, PATH_MAX, "%s/%s", folders[i], command->program);
    if (length > 0 && length < PATH_MAX && is_program(drop_in, program))
      return 0;
  }
  return error_set(e, ERROR_POLICY, command->at, "there is no \"%s\" in the folders that systemd looks into",
                   shown(command->program).text);
}

// Writing.

// Opens the folder of `path`, and makes what of it is missing. *made: the last of them was. That one is no link: where
// it leads may be the folder of another unit, which would then run this one's program.
static int
open_folder(const struct unit_path *units, const char *path, bool *made) {
  char part[PATH_MAX];
  int parent = unit_path_open_file(units, "/", O_PATH | O_DIRECTORY);
  for (const char *slash = path; parent >= 0 && (slash = strchr(slash + 1, '/')) != NULL;) {
    size_t length = (size_t)(slash - path);
    memcpy(part, path, length);
    part[length] = '\0';
    *made = mkdirat(parent, strrchr(part, '/') + 1, 0755) == 0;
    int sys = errno, folder = -1;
    if (*made)
      (void)fsync(parent);
    if (strchr(slash + 1, '/') == NULL && (*made || sys == EEXIST))
      folder = openat(parent, strrchr(part, '/') + 1, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    else if (*made || sys == EEXIST)
      folder = unit_path_open_file(units, part, O_RDONLY | O_DIRECTORY);
    sys = folder < 0 && (*made || sys == EEXIST) ? errno : sys;
    close(parent);
    errno = sys;
    parent = folder;
  }
  return parent;
}

// Links refuse to take the place of a file, which renames do only where the file system can.
static int
write_file(int folder, const char *name, const struct buffer *text) {
  char whole[64];
  snprintf(whole, sizeof whole, ".scrun-drop-in.%ld", (long)getpid()); // no drop-in, to systemd
  int fd = openat(folder, whole, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return -1;
  bool written = output_finish(fd, text->text, text->length, 0644) && linkat(folder, whole, folder, name, 0) == 0;
  int sys = errno;
  unlinkat(folder, whole, 0);
  (void)fsync(folder); // or the service could run without, after the power was lost
  errno = sys;
  return written ? 0 : -1;
}

// A folder that was made for nothing goes again.
static void
remove_folder(const struct unit_path *units, const char *path) {
  char part[PATH_MAX];
  size_t length = (size_t)(strrchr(path, '/') - path);
  memcpy(part, path, length);
  part[length] = '\0';
  char *name = strrchr(part, '/');
  *name = '\0';
  int parent = unit_path_open_file(units, part[0] != '\0' ? part : "/", O_PATH | O_DIRECTORY);
  if (parent < 0)
    return;
  unlinkat(parent, name + 1, AT_REMOVEDIR);
  close(parent);
}

int
drop_in_install(const struct drop_in *drop_in, struct error *e) {
  const char *root = drop_in->line->policy.root, *path = drop_in->unit.path;
  bool made = false;
  signal(SIGXFSZ, SIG_IGN); // a limit is an error, which leaves nothing behind
  umask(022);
  int folder = open_folder(&drop_in->path, path, &made);
  struct stat status;
  // scrun would not read it there, and the service not start.
  const char *problem =
      folder >= 0 && fstat(folder, &status) == 0 ? trust_problem(folder, &status, drop_in->path.trust) : NULL;
  bool written = folder >= 0 && problem == NULL && write_file(folder, strrchr(path, '/') + 1, &drop_in->text) == 0;
  int sys = errno;
  if (folder >= 0)
    close(folder);
  if (written)
    return 0;
  if (made)
    remove_folder(&drop_in->path, path);
  if (problem != NULL)
    return error_plain(e, ERROR_POLICY, "%s%s: the folder %s; nothing was written",
                       root != NULL ? shown(root).text : "", shown(path).text, problem);
  return error_plain(e, ERROR_POLICY, "%s%s: %s; nothing was written%s", root != NULL ? shown(root).text : "",
                     shown(path).text, strerror(sys),
                     sys == EEXIST ? ". Choose another name with --drop-in=NAME.conf, or join it with what is printed "
                                     "without --install"
                                   : "");
}
