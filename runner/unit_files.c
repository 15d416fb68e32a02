// SPDX-License-Identifier: LGPL-2.1-or-later
// unit_files.c - from the name of a service to its files, read.
#include "runner/unit_files.h"
#include "compat/nearest.h"
#include "runner/folder.h"
#include "runner/unit_dropins.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// A search: everything that is done with when the files are read.
struct search {
  struct unit_path path;
  struct unit_dropins dropins;
  char first[PATH_MAX]; // the folder of a unit that was given by its path; else empty
};

static const char *const other_types[] = {"socket", "target", "device", "mount", "automount",
                                          "swap",   "timer",  "path",   "slice", "scope"};

// Names.

// The whole name of a service: with ".service" behind, unless it is there.
static int
complete_name(const char *name, struct unit_name *out, struct error *e) {
  size_t length = strnlen(name, UNIT_NAME_BYTES_MAX + 1);
  const char *dot = strrchr(name, '.');
  for (size_t i = 0; dot != NULL && i < sizeof other_types / sizeof other_types[0]; i++)
    if (strcmp(dot + 1, other_types[i]) == 0)
      return error_plain(e, ERROR_POLICY, "\"%s\" is a %s unit: only services have a policy", shown(name).text,
                         other_types[i]);
  if (length <= UNIT_NAME_BYTES_MAX) {
    memcpy(out->text, name, length + 1);
    if (unit_name_kind(out->text) != UNIT_NAME_NONE)
      return 0;
  }
  if (length + sizeof ".service" <= sizeof out->text) {
    memcpy(out->text + length, ".service", sizeof ".service");
    if (unit_name_kind(out->text) != UNIT_NAME_NONE)
      return 0;
  }
  return error_plain(e, ERROR_POLICY, "\"%s\" is no name of a service: letters, digits, : - _ . \\ @ (a file: ./NAME)",
                     shown(name).text);
}

// Takes a path apart: the name of the unit, and its folder as a whole name.
static int
split_path(struct search *search, const char *root, const char *given, struct unit_name *name, struct error *e) {
  const char *base = strrchr(given, '/') + 1;
  size_t length = (size_t)(base - given), start = 0;
  if (unit_name_kind(base) == UNIT_NAME_NONE)
    return error_plain(e, ERROR_POLICY, "%s: the name of a service file ends in .service", shown(given).text);
  memcpy(name->text, base, strlen(base) + 1);
  if (given[0] != '/') {
    if (root != NULL)
      return error_plain(e, ERROR_POLICY, "%s: with --root= a path begins with \"/\"", shown(given).text);
    if (getcwd(search->first, sizeof search->first - 1) == NULL)
      return error_plain(e, ERROR_POLICY, "%s: %s", shown(given).text, strerror(errno));
    start = strlen(search->first);
    search->first[start++] = '/';
  }
  if (length >= sizeof search->first - start)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(given).text, strerror(ENAMETOOLONG));
  memcpy(search->first + start, given, length);
  search->first[start + length] = '\0';
  return 0;
}

// Missing units.

// Names near the one that was asked for, all without ".service".
struct hint {
  struct nearest nearest;
  char asked[UNIT_NAME_BYTES_MAX + 1], best[NEAREST_BYTES_MAX + 1];
};

static size_t
stem_length(const char *name) {
  return strlen(name) - (sizeof ".service" - 1);
}

static void
offer_name(struct hint *hint, const char *name) {
  char stem[NEAREST_BYTES_MAX + 1];
  if (unit_name_kind(name) == UNIT_NAME_NONE || stem_length(name) > NEAREST_BYTES_MAX)
    return;
  memcpy(stem, name, stem_length(name));
  stem[stem_length(name)] = '\0';
  if (strcmp(stem, hint->asked) == 0)
    return;
  nearest_offer(&hint->nearest, stem);
  if (hint->nearest.best == stem) {
    memcpy(hint->best, stem, sizeof stem);
    hint->nearest.best = hint->best;
  }
}

static void
offer_names(const struct unit_folder *at, struct hint *hint) {
  struct folder folder;
  struct folder_entry entry;
  struct error ignored;
  folder_start(&folder, at->fd, at->path); // not read before: drop-ins come after the unit
  while (folder_next(&folder, &entry, &ignored) > 0)
    offer_name(hint, entry.name);
}

static int
say_missing(const struct search *search, const char *name, const struct unit_found *found, struct error *e) {
  struct hint hint;
  if (search->first[0] != '\0')
    return error_plain(e, ERROR_POLICY, "%s/%s: there is no such unit", shown(search->path.folders[0].path).text,
                       shown(name).text);
  if (strcmp(found->name.text, name) != 0)
    return error_plain(e, ERROR_POLICY, "%s is an alias of %s, and there is no such unit", shown(name).text,
                       shown(found->name.text).text);
  memcpy(hint.asked, name, stem_length(name));
  hint.asked[stem_length(name)] = '\0';
  nearest_start(&hint.nearest, hint.asked, stem_length(name));
  for (size_t i = 0; i < search->path.count; i++)
    if (search->path.folders[i].fd >= 0)
      offer_names(&search->path.folders[i], &hint);
  if (hint.nearest.best != NULL)
    return error_plain(e, ERROR_POLICY, "there is no unit \"%s\"; did you mean \"%s.service\"?", shown(name).text,
                       hint.nearest.best);
  return error_plain(e, ERROR_POLICY, "there is no unit \"%s\"", shown(name).text);
}

// Looks for a unit, and for an instance then for its template.
static int
find_unit(const struct search *search, const char *name, struct unit_found *found, struct error *e) {
  struct unit_name template;
  struct unit_found first;
  int result = unit_path_find(&search->path, name, found, e);
  if (result == 1 && unit_name_kind(name) == UNIT_NAME_INSTANCE) {
    first = *found;
    unit_name_template(name, &template);
    result = unit_path_find(&search->path, template.text, found, e);
    if (result == 1)
      *found = first;
  }
  if (result == 1 || (result == 0 && search->first[0] != '\0' && found->first != 0))
    return say_missing(search, name, found, e);
  return result;
}

// Files.

// Whether an open file masks what it stands for. Source: systemd.unit(5), as measured with systemd 252: an empty file
// or a device.
static bool
is_mask(const struct stat *status) {
  return (S_ISREG(status->st_mode) && status->st_size == 0) || S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode);
}

static bool
is_null_device(const struct stat *status) {
  return S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3);
}

// Reads the open file as the next one of the unit.
static int
take_file(struct unit_files *files, const struct search *search, int fd, const char *path, struct error *e) {
  struct stat status;
  if (kept_file_check(fd, path, &status, e) != 0)
    return -1;
  const char *problem = trust_problem(fd, &status, search->path.trust);
  if (problem != NULL)
    return error_plain(e, ERROR_POLICY, "%s is not read: it %s", shown(path).text, problem);
  if (kept_file_read(&files->first, fd, path, status.st_size, false, &files->files[files->count], e) != 0)
    return -1;
  files->count++;
  return 0;
}

static int
say_masked(struct unit_files *files, const char *path, struct error *e) {
  files->masked = true;
  return error_plain(e, ERROR_POLICY, "%s is masked: %s is empty, or leads to a device", shown(files->name).text,
                     shown(path).text);
}

static int
say_unopened(const char *path, struct error *e) {
  const char *why = errno == ENOENT ? "a link to nothing" : strerror(errno);
  return error_plain(e, ERROR_POLICY, "%s: %s%s", shown(path).text, why,
                     errno == EACCES ? ": scrun runs as the service's user, for whom the mode 0644 is needed" : "");
}

static int
read_fragment(struct unit_files *files, const struct search *search, const struct unit_found *found, struct error *e) {
  char path[PATH_MAX];
  struct stat status = {0};
  int size = snprintf(path, sizeof path, "%s/%s", search->path.folders[found->folder].path, found->name.text);
  if (size < 0 || (size_t)size >= sizeof path)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(found->name.text).text, strerror(ENAMETOOLONG));
  if (found->null)
    return say_masked(files, path, e);
  int fd = unit_path_open_file(&search->path, path, O_RDONLY);
  if (fd < 0)
    return say_unopened(path, e);
  int result =
      fstat(fd, &status) == 0 && is_mask(&status) ? say_masked(files, path, e) : take_file(files, search, fd, path, e);
  close(fd);
  return result;
}

// Is it a link to /dev/null? In a root there may be no such device.
static bool
leads_to_null(const struct search *search, const char *path) {
  char end[PATH_MAX];
  return search->path.root != NULL && unit_path_canonical(&search->path, path, true, end) == 0
         && strcmp(end, "/dev/null") == 0;
}

// A drop-in that leads nowhere is passed over by systemd with a message at the most; here it could have been what
// closes something.
static int
read_dropin(struct unit_files *files, const struct search *search, const struct unit_dropin *dropin, struct error *e) {
  char path[PATH_MAX];
  struct stat status = {0};
  int size = snprintf(path, sizeof path, "%s/%s", dropin->folder, dropin->name);
  if (size < 0 || (size_t)size >= sizeof path)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(dropin->name).text, strerror(ENAMETOOLONG));
  bool null = leads_to_null(search, path);
  int fd = null ? -1 : unit_path_open_file(&search->path, path, O_RDONLY), result;
  if (!null && fd < 0)
    return say_unopened(path, e);
  if (null || (fstat(fd, &status) == 0 && is_null_device(&status))) {
    result = kept_file_empty(&files->first, path, &files->files[files->count], e);
    files->count += result == 0;
  } else
    result = take_file(files, search, fd, path, e);
  if (fd >= 0)
    close(fd);
  return result;
}

// The unit's own name: an alias is followed; the fragment of an instance may be its template.
static int
name_unit(struct unit_files *files, const struct unit_found *found, const char *asked, struct error *e) {
  struct unit_name name = found->name;
  if (unit_name_kind(name.text) == UNIT_NAME_TEMPLATE && unit_name_kind(asked) == UNIT_NAME_INSTANCE
      && !unit_name_instantiate(found->name.text, asked, &name))
    return error_plain(e, ERROR_POLICY, "%s: too long a name for an instance of %s", shown(asked).text,
                       shown(found->name.text).text);
  memcpy(files->name, name.text, sizeof name.text);
  return 0;
}

static int
find_files(struct unit_files *files, struct search *search, const char *name, struct error *e) {
  struct unit_found found;
  if (find_unit(search, name, &found, e) != 0 || name_unit(files, &found, name, e) != 0
      || read_fragment(files, search, &found, e) != 0
      || unit_dropins_find(&search->dropins, &search->path, files->name, found.name.text, e) != 0)
    return -1;
  for (size_t i = 0; i < search->dropins.count; i++)
    if (read_dropin(files, search, &search->dropins.found[i], e) != 0)
      return -1;
  return 0;
}

int
unit_files_find(struct unit_files *files, const char *name, struct error *e) {
  struct unit_name whole;
  struct search *search = calloc(1, sizeof *search);
  if (search == NULL)
    return error_memory(e, ERROR_POLICY);
  files->count = 0;
  files->masked = false;
  int result =
      strchr(name, '/') != NULL ? split_path(search, files->root, name, &whole, e) : complete_name(name, &whole, e);
  if (result == 0) {
    result = unit_path_open(&search->path, files->root, files->user, files->passwd,
                            search->first[0] != '\0' ? search->first : NULL, e);
    if (result == 0)
      result = find_files(files, search, whole.text, e);
    unit_path_close(&search->path);
    unit_dropins_clear(&search->dropins);
  }
  if (result != 0)
    files->count = 0;
  free(search);
  return result;
}

void
unit_files_clear(struct unit_files *files) {
  kept_files_clear(&files->first);
  files->count = 0;
}
