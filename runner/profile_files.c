// SPDX-License-Identifier: LGPL-2.1-or-later
// profile_files.c - opens policy files so that nobody but their owner can have a say in them.
#include "runner/profile_files.h"
#include "runner/home_folder.h"
#include "runner/kept_file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_BYTES_MAX 128

static const char *const system_folders[] = {"/etc/scrun", "/run/scrun", "/usr/local/lib/scrun", "/usr/lib/scrun",
                                             NULL};

// A descriptor, closed when it goes out of scope.
static void
close_fd(const int *fd) {
  if (*fd >= 0)
    close(*fd);
}
#define CLEANUP_FD __attribute__((cleanup(close_fd)))

// A folder on the way, opened one component at a time. The first thing that is wrong with it is kept: it counts only if
// there is something at the end, since folders that do not matter are not ours to judge.
struct walk {
  int fd;
  const char *problem;
  char problem_at[PATH_MAX];
};

static int
walk_check(struct walk *walk, struct trust trust, const char *path, size_t length, struct error *e) {
  struct stat status;
  memset(&status, 0, sizeof status); // an outer filter may answer for the kernel and leave it as it was
  if (fstat(walk->fd, &status) != 0)
    return error_plain(e, ERROR_POLICY, "%s: cannot be judged: %s", shown_part(path, length).text, strerror(errno));
  if (!S_ISDIR(status.st_mode))
    return error_plain(e, ERROR_POLICY, "%s: cannot be judged: not a folder", shown_part(path, length).text);
  if (walk->problem != NULL)
    return 0;
  walk->problem = trust_problem(walk->fd, &status, trust);
  memcpy(walk->problem_at, path, length);
  walk->problem_at[length] = '\0';
  return 0;
}

// Steps into the component of `path` between `start` and `end`. Returns 1 if there is none.
static int
walk_step(struct walk *walk, const char *path, size_t start, size_t end, struct error *e) {
  char component[NAME_MAX + 1];
  if (end - start > NAME_MAX)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown_part(path, end).text, strerror(ENAMETOOLONG));
  memcpy(component, path + start, end - start);
  component[end - start] = '\0';
  int fd = openat(walk->fd, component, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT)
    return 1;
  if (fd < 0)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown_part(path, end).text,
                       errno == ENOTDIR || errno == ELOOP ? "not a folder (links are not followed)" : strerror(errno));
  close(walk->fd);
  walk->fd = fd;
  return 0;
}

static bool
is_dots(const char *component, size_t length) {
  return (length == 1 && component[0] == '.') || (length == 2 && component[0] == '.' && component[1] == '.');
}

// Opens the folder at an absolute path. Returns 1 if it does not exist.
static int
walk_open(struct walk *walk, const char *path, struct trust trust, struct error *e) {
  if (path[0] != '/' || strlen(path) >= PATH_MAX)
    return error_plain(e, ERROR_POLICY, "%s: not an absolute path", shown(path).text);
  walk->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (walk->fd < 0)
    return error_plain(e, ERROR_POLICY, "/: %s", strerror(errno));
  if (walk_check(walk, trust, "/", 1, e) != 0)
    return -1;
  for (size_t start = 1; path[start] != '\0';) {
    size_t end = start + strcspn(path + start, "/");
    if (is_dots(path + start, end - start))
      return error_plain(e, ERROR_POLICY, "%s: a folder with a dot component", shown(path).text);
    int result = end == start ? 0 : walk_step(walk, path, start, end, e);
    if (result != 0)
      return result;
    if (walk_check(walk, trust, path, end, e) != 0)
      return -1;
    start = path[end] == '/' ? end + 1 : end;
  }
  return 0;
}

static int
read_path(struct profile_files *files, const char *path, const struct source **out, struct error *e) {
  struct stat status = {0}, named = {0};
  CLEANUP_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(path).text, strerror(errno));
  if (kept_file_check(fd, path, &status, e) != 0)
    return -1;
  // An outer filter that answers 0 to open(2) hands out the caller's stdin for the policy.
  if (stat(path, &named) != 0 || named.st_dev != status.st_dev || named.st_ino != status.st_ino)
    return error_plain(e, ERROR_POLICY, "%s: what was opened is another file", shown(path).text);
  return kept_file_read(&files->first, fd, path, status.st_size, true, out, e);
}

// Reads `name` in an open folder. Returns 1 if it is not there.
static int
read_in_folder(struct profile_files *files, const struct walk *walk, const char *folder, const char *name,
               struct trust trust, const struct source **out, struct error *e) {
  char path[PATH_MAX + NAME_BYTES_MAX + 16];
  size_t length = strlen(folder);
  if (length >= PATH_MAX || strlen(name) > NAME_BYTES_MAX + 8)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(name).text, strerror(ENAMETOOLONG));
  memcpy(path, folder, length);
  path[length] = '/';
  memcpy(path + length + 1, name, strlen(name) + 1);

  CLEANUP_FD int fd = openat(walk->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT)
    return 1;
  if (walk->problem != NULL)
    return error_plain(e, ERROR_POLICY, "%s is not read: %s %s", shown(path).text, shown(walk->problem_at).text,
                       walk->problem);
  if (fd < 0)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(path).text,
                       errno == ELOOP ? "a link, and links are not followed here" : strerror(errno));
  struct stat status = {0};
  if (kept_file_check(fd, path, &status, e) != 0)
    return -1;
  const char *problem = trust_problem(fd, &status, trust);
  if (problem != NULL)
    return error_plain(e, ERROR_POLICY, "%s is not read: it %s", shown(path).text, problem);
  return kept_file_read(&files->first, fd, path, status.st_size, true, out, e);
}

static int
search_folder(struct profile_files *files, const char *folder, const char *name, struct trust trust,
              const struct source **out, struct error *e) {
  struct walk walk = {.fd = -1};
  int result = walk_open(&walk, folder, trust, e);
  if (result == 0)
    result = read_in_folder(files, &walk, folder, name, trust, out, e);
  close_fd(&walk.fd);
  return result;
}

// The caller's own folder.

// Whoever runs for somebody else must not be led by that somebody's files.
static int
check_user_profiles(struct error *e) {
  if (getuid() == 0 || geteuid() == 0)
    return error_plain(e, ERROR_POLICY, "--user-profiles is not for root: root's policies stand in /etc/scrun");
  if (getauxval(AT_SECURE) != 0)
    return error_plain(e, ERROR_POLICY, "--user-profiles is not for programs with more rights than their caller");
  if (getenv("INVOCATION_ID") != NULL)
    return error_plain(e, ERROR_POLICY, "--user-profiles is not for services (INVOCATION_ID is set)");
  return 0;
}

// HOME/.config/scrun, with the home that root wrote down for the caller: $HOME has no say.
static int
user_folder(const struct profile_files *files, char folder[PATH_MAX], struct error *e) {
  static const char own[] = "/.config/scrun";
  _Static_assert(sizeof own <= HOME_FOLDER_ROOM, "no room for it behind a home");
  const char *path = files->passwd != NULL ? files->passwd : "/etc/passwd";
  CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (home_folder_find(fd, path, getuid(), "--user-profiles", folder, e) != 0)
    return -1;
  memcpy(folder + strlen(folder), own, sizeof own);
  return 0;
}

// Looks for the file in all folders. Returns 1 if it is in none of them.
static int
search_folders(struct profile_files *files, const char *name, const struct source **out, struct error *e) {
  const struct trust root = {false, 0}, caller = {true, getuid()};
  if (files->user_profiles) {
    char folder[PATH_MAX];
    if (user_folder(files, folder, e) != 0)
      return -1;
    int result = search_folder(files, folder, name, caller, out, e);
    if (result != 1)
      return result;
  }
  const char *const *folders = files->folders != NULL ? files->folders : system_folders;
  for (; *folders != NULL; folders++) {
    int result = search_folder(files, *folders, name, root, out, e);
    if (result != 1)
      return result;
  }
  return 1;
}

static bool
is_bare_name(const char *name, size_t length) {
  if (length == 0 || length > NAME_BYTES_MAX || name[0] == '.')
    return false;
  for (size_t i = 0; i < length; i++) {
    char byte = name[i];
    bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
    if (!letter && byte != '_' && byte != '.' && byte != '@' && byte != '-')
      return false;
  }
  return true;
}

// NAME, and ".conf" unless it ends in what a profile's name ends in. `file` holds NAME_BYTES_MAX + 8 bytes.
static void
add_suffix(char *file, const char *name, size_t length) {
  static const char *const suffixes[] = {".conf", ".json", ".scrun"};
  memcpy(file, name, length + 1);
  for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
    size_t suffix_length = strlen(suffixes[i]);
    if (length > suffix_length && strcmp(file + length - suffix_length, suffixes[i]) == 0)
      return;
  }
  memcpy(file + length, ".conf", sizeof ".conf");
}

int
profile_files_read(struct profile_files *files, const char *name, const struct source **out, struct error *e) {
  char file[NAME_BYTES_MAX + 8];
  if (files->user_profiles && check_user_profiles(e) != 0)
    return -1;
  if (strchr(name, '/') != NULL && !files->bare_only)
    return read_path(files, name, out, e);
  if (!is_bare_name(name, strlen(name))) {
    error_plain(e, ERROR_POLICY, "\"%s\" is no name of a profile: letters, digits, _ . @ -%s", shown(name).text,
                files->bare_only ? "; paths are not taken here" : " (a file: ./NAME)");
    return -1;
  }
  add_suffix(file, name, strlen(name));
  int result = search_folders(files, file, out, e);
  if (result != 1)
    return result;
  if (files->bare_only)
    return error_plain(e, ERROR_POLICY,
                       "there is no profile \"%s\" in /etc/scrun, /run/scrun, /usr/local/lib/scrun or "
                       "/usr/lib/scrun",
                       name);
  return error_plain(e, ERROR_POLICY, "there is no profile \"%s\" (a file of your own: ./%s)", name, name);
}

int
profile_files_open_group(void *context, const char *name, size_t length, const struct source **out, struct error *e) {
  static const char suffix[] = ".group";
  struct profile_files *files = context;
  char file[NAME_BYTES_MAX + 8];
  if (files->user_profiles && check_user_profiles(e) != 0)
    return -1;
  if (!is_bare_name(name, length))
    return 1;
  memcpy(file, name, length);
  memcpy(file + length, suffix, sizeof suffix);
  return search_folders(files, file, out, e);
}

void
profile_files_clear(struct profile_files *files) {
  kept_files_clear(&files->first);
}
