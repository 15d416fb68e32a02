// SPDX-License-Identifier: LGPL-2.1-or-later
// unit_dropins.c - finds the drop-ins of a service.
#include "runner/unit_dropins.h"
#include "runner/folder.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LISTED_MAX 16384 // folders of drop-ins, and links, of all units
#define ALIASES_MAX 64   // of one unit, that have drop-ins

// Groups of folders, in the order in which they count: of the name itself, of each alias, of the type.
enum { GROUP_NAME = 0, GROUP_TYPE = ALIASES_MAX + 1 };

// A folder of drop-ins ("foo.service" for foo.service.d; "service" for service.d), or a link that may be an alias.
struct listed {
  struct listed *next;
  size_t folder;
  bool is_link;
  bool taken; // it is among the folders of this service
  char name[];
};

// What the folders of units hold that matters to drop-ins: one pass over each.
struct unit_listing {
  struct listed *first, **last;
  size_t count;
};

struct unit_dropin_folder {
  struct unit_dropin_folder *next;
  unsigned group, rank;
  size_t folder;
  char whole[]; // with links followed
};

// Listing.

static bool
ends_in(const char *name, size_t length, const char *suffix) {
  size_t size = strlen(suffix);
  return length > size && memcmp(name + length - size, suffix, size) == 0;
}

static int
keep_name(struct unit_listing *listing, size_t folder, const char *name, size_t length, bool is_link, struct error *e) {
  if (listing->count == LISTED_MAX)
    return error_plain(e, ERROR_POLICY, "more than %d aliases and folders of drop-ins of services", LISTED_MAX);
  struct listed *listed = calloc(1, sizeof *listed + length + 1);
  if (listed == NULL)
    return error_memory(e, ERROR_POLICY);
  listed->folder = folder;
  listed->is_link = is_link;
  memcpy(listed->name, name, length);
  *listing->last = listed;
  listing->last = &listed->next;
  listing->count++;
  return 0;
}

// Keeps an entry of a folder if it can matter.
static int
list_entry(struct unit_listing *listing, size_t folder, const struct folder_entry *entry, struct error *e) {
  size_t length = strlen(entry->name);
  if (length > UNIT_NAME_BYTES_MAX + 2)
    return 0;
  if (entry->type == DT_LNK && unit_name_kind(entry->name) != UNIT_NAME_NONE)
    return keep_name(listing, folder, entry->name, length, true, e);
  bool is_folder = entry->type == DT_DIR || entry->type == DT_LNK;
  if (is_folder && (ends_in(entry->name, length, ".service.d") || strcmp(entry->name, "service.d") == 0))
    return keep_name(listing, folder, entry->name, length - 2, false, e);
  return 0;
}

static int
list_folder(struct unit_listing *listing, const struct unit_path *path, size_t index, struct error *e) {
  struct folder folder;
  struct folder_entry entry;
  folder_start(&folder, path->folders[index].fd, path->folders[index].path);
  int more = folder_next(&folder, &entry, e);
  while (more > 0) {
    if (list_entry(listing, index, &entry, e) != 0)
      return -1;
    more = folder_next(&folder, &entry, e);
  }
  return more;
}

static int
list_all(struct unit_dropins *dropins, const struct unit_path *path, struct error *e) {
  dropins->listing = calloc(1, sizeof *dropins->listing);
  if (dropins->listing == NULL)
    return error_memory(e, ERROR_POLICY);
  dropins->listing->last = &dropins->listing->first;
  for (size_t i = 0; i < path->count; i++)
    if (path->folders[i].fd >= 0 && list_folder(dropins->listing, path, i, e) != 0)
      return -1;
  return 0;
}

// Aliases.

struct aliases {
  struct unit_name names[ALIASES_MAX];
  size_t count;
};

// Does any folder hold drop-ins for that name? Most aliases end here, and their links need not be read.
static bool
has_dropins(const struct unit_listing *listing, const char *name) {
  struct unit_name_walk walk = {.name = name};
  struct unit_name folder;
  while (unit_name_next(&walk, &folder))
    for (const struct listed *at = listing->first; at != NULL; at = at->next)
      if (!at->is_link && strcmp(at->name, folder.text) == 0)
        return true;
  return false;
}

// The name that the service `name` gets from a link, if the link leads to it: its own, or, of a template, the instance
// that is called alike. Returns false if it can be none.
static bool
alias_through(const char *link, const char *name, const char *fragment, struct unit_name *out) {
  enum unit_name_kind kind = unit_name_kind(link), own = unit_name_kind(name);
  if (own == UNIT_NAME_INSTANCE && kind == UNIT_NAME_TEMPLATE) {
    if (unit_name_kind(fragment) != UNIT_NAME_TEMPLATE || !unit_name_instantiate(link, name, out))
      return false;
  } else if (kind != own || (own == UNIT_NAME_INSTANCE && !unit_name_same_instance(link, name)))
    return false;
  else
    memcpy(out->text, link, strlen(link) + 1);
  return strcmp(out->text, name) != 0;
}

// Is what was found the fragment of the service? Links from an instance to a template mean that instance only.
static bool
is_fragment(const struct unit_found *found, const char *link, const char *name, const char *fragment) {
  struct unit_name instance;
  if (strcmp(found->name.text, fragment) != 0)
    return false;
  if (unit_name_kind(link) != UNIT_NAME_INSTANCE || unit_name_kind(fragment) != UNIT_NAME_TEMPLATE)
    return true;
  return unit_name_instantiate(fragment, link, &instance) && strcmp(instance.text, name) == 0;
}

// Whether the link leads to the fragment, and the alias, where it has files of its own, does not lead elsewhere: 1, 0
// or -1.
static int
leads_here(const struct unit_path *path, const char *link, const char *alias, const char *name, const char *fragment,
           struct error *e) {
  struct unit_found found;
  int result = unit_path_find(path, link, &found, e);
  if (result != 0 || !is_fragment(&found, link, name, fragment))
    return result < 0 ? -1 : 0;
  if (strcmp(link, alias) == 0)
    return 1;
  result = unit_path_find(path, alias, &found, e);
  return result < 0 ? -1 : result == 1 || strcmp(found.name.text, fragment) == 0;
}

static bool
is_known(const struct aliases *aliases, const char *name) {
  for (size_t i = 0; i < aliases->count; i++)
    if (strcmp(aliases->names[i].text, name) == 0)
      return true;
  return false;
}

static int
find_aliases(struct aliases *aliases, const struct unit_dropins *dropins, const struct unit_path *path,
             const char *name, const char *fragment, struct error *e) {
  struct unit_name alias;
  for (const struct listed *link = dropins->listing->first; link != NULL; link = link->next) {
    if (!link->is_link || !alias_through(link->name, name, fragment, &alias) || is_known(aliases, alias.text)
        || !has_dropins(dropins->listing, alias.text))
      continue;
    int here = leads_here(path, link->name, alias.text, name, fragment, e);
    if (here < 0)
      return -1;
    if (here > 0 && aliases->count == ALIASES_MAX)
      return error_plain(e, ERROR_POLICY, "%s: more than %d aliases with drop-ins", shown(name).text, ALIASES_MAX);
    if (here > 0)
      aliases->names[aliases->count++] = alias;
  }
  return 0;
}

// Folders.

static bool
counts_before(const struct unit_dropin_folder *a, const struct unit_dropin_folder *b) {
  if (a->group != b->group)
    return a->group < b->group;
  return a->folder != b->folder ? a->folder < b->folder : a->rank < b->rank;
}

// Puts a folder where it counts. What systemd follows may be hidden from here, by a sandbox of the service's own.
static int
add_folder(struct unit_dropins *dropins, const struct unit_path *path, struct listed *listed, unsigned group,
           unsigned rank, struct error *e) {
  char name[PATH_MAX], whole[PATH_MAX];
  const char *parent = path->folders[listed->folder].path;
  size_t parent_length = strlen(parent), length = strlen(listed->name);
  listed->taken = true;
  if (parent_length + length + 4 > sizeof name)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(parent).text, strerror(ENAMETOOLONG));
  memcpy(name, parent, parent_length);
  name[parent_length] = '/';
  memcpy(name + parent_length + 1, listed->name, length);
  memcpy(name + parent_length + 1 + length, ".d", sizeof ".d");
  if (unit_path_canonical(path, name, true, whole) != 0)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(name).text,
                       errno == ENOENT ? "a link to nothing" : strerror(errno));
  if (path->folders[listed->folder].problem != NULL)
    return error_plain(e, ERROR_POLICY, "%s is not read: %s %s", shown(name).text, shown(parent).text,
                       path->folders[listed->folder].problem);
  struct unit_dropin_folder *folder = calloc(1, sizeof *folder + strlen(whole) + 1);
  if (folder == NULL)
    return error_memory(e, ERROR_POLICY);
  *folder = (struct unit_dropin_folder){.group = group, .rank = rank, .folder = listed->folder};
  memcpy(folder->whole, whole, strlen(whole) + 1);
  struct unit_dropin_folder **at = &dropins->folders;
  while (*at != NULL && counts_before(*at, folder))
    at = &(*at)->next;
  folder->next = *at;
  *at = folder;
  return 0;
}

static int
add_named(struct unit_dropins *dropins, const struct unit_path *path, const char *name, unsigned group, unsigned rank,
          struct error *e) {
  for (struct listed *at = dropins->listing->first; at != NULL; at = at->next)
    if (!at->is_link && !at->taken && strcmp(at->name, name) == 0 && add_folder(dropins, path, at, group, rank, e) != 0)
      return -1;
  return 0;
}

static int
add_folders(struct unit_dropins *dropins, const struct unit_path *path, const char *name, unsigned group,
            struct error *e) {
  struct unit_name_walk walk = {.name = name};
  struct unit_name folder;
  for (unsigned rank = 0; unit_name_next(&walk, &folder); rank++)
    if (add_named(dropins, path, folder.text, group, rank, e) != 0)
      return -1;
  return 0;
}

static int
add_all_folders(struct unit_dropins *dropins, const struct unit_path *path, const char *name, const char *fragment,
                struct error *e) {
  struct aliases *aliases = calloc(1, sizeof *aliases);
  if (aliases == NULL)
    return error_memory(e, ERROR_POLICY);
  int result = find_aliases(aliases, dropins, path, name, fragment, e);
  if (result == 0)
    result = add_folders(dropins, path, name, GROUP_NAME, e);
  for (size_t i = 0; result == 0 && i < aliases->count; i++)
    result = add_folders(dropins, path, aliases->names[i].text, (unsigned)i + 1, e);
  free(aliases);
  return result != 0 ? -1 : add_named(dropins, path, "service", GROUP_TYPE, 0, e);
}

// Files.

static struct unit_dropin *
find_dropin(struct unit_dropins *dropins, const char *name) {
  for (size_t i = 0; i < dropins->count; i++)
    if (strcmp(dropins->found[i].name, name) == 0)
      return &dropins->found[i];
  return NULL;
}

// systemd keeps aliases in no order: which of two comes first changes from one start of the manager to the next.
static int
check_order(const struct unit_dropin *earlier, const struct unit_dropin_folder *folder, struct error *e) {
  if (earlier->group == folder->group || earlier->group == GROUP_NAME || folder->group == GROUP_TYPE
      || strcmp(earlier->folder, folder->whole) == 0)
    return 0;
  return error_plain(e, ERROR_POLICY, "%s stands in %s and in %s, of two aliases: systemd reads either one",
                     shown(earlier->name).text, shown(earlier->folder).text, shown(folder->whole).text);
}

static int
add_file(struct unit_dropins *dropins, const struct unit_dropin_folder *folder, const char *name, struct error *e) {
  const struct unit_dropin *earlier = find_dropin(dropins, name);
  if (earlier != NULL)
    return check_order(earlier, folder, e);
  if (dropins->count == UNIT_DROPINS_MAX)
    return error_plain(e, ERROR_POLICY, "%s: more than %d drop-ins", shown(folder->whole).text, UNIT_DROPINS_MAX);
  char *copy = strdup(name);
  if (copy == NULL)
    return error_memory(e, ERROR_POLICY);
  dropins->found[dropins->count++] = (struct unit_dropin){folder->whole, copy, folder->group};
  return 0;
}

// Drop-ins are all that end in ".conf" and are not hidden, whatever they are.
static int
read_entries(struct unit_dropins *dropins, const struct unit_dropin_folder *at, int fd, const char *problem,
             struct error *e) {
  struct folder folder;
  struct folder_entry entry;
  folder_start(&folder, fd, at->whole);
  int more = folder_next(&folder, &entry, e);
  for (; more > 0; more = folder_next(&folder, &entry, e)) {
    if (entry.name[0] == '.' || !ends_in(entry.name, strlen(entry.name), ".conf"))
      continue;
    if (problem != NULL)
      return error_plain(e, ERROR_POLICY, "%s/%s is not read: %s %s", shown(at->whole).text, shown(entry.name).text,
                         shown(at->whole).text, problem);
    if (add_file(dropins, at, entry.name, e) != 0)
      return -1;
  }
  return more;
}

static int
read_folder(struct unit_dropins *dropins, const struct unit_path *path, const struct unit_dropin_folder *folder,
            struct error *e) {
  struct stat status = {0};
  int fd = unit_path_open_file(path, folder->whole, O_RDONLY | O_DIRECTORY);
  if (fd < 0)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(folder->whole).text,
                       errno == ENOENT ? "drop-ins that a link leads to are not to be seen from here"
                                       : strerror(errno));
  int result = fstat(fd, &status) == 0
                   ? read_entries(dropins, folder, fd, trust_problem(fd, &status, path->trust), e)
                   : error_plain(e, ERROR_POLICY, "%s: %s", shown(folder->whole).text, strerror(errno));
  close(fd);
  return result;
}

static int
by_name(const void *a, const void *b) {
  return strcmp(((const struct unit_dropin *)a)->name, ((const struct unit_dropin *)b)->name);
}

int
unit_dropins_find(struct unit_dropins *dropins, const struct unit_path *path, const char *name, const char *fragment,
                  struct error *e) {
  if (list_all(dropins, path, e) != 0 || add_all_folders(dropins, path, name, fragment, e) != 0)
    return -1;
  for (const struct unit_dropin_folder *at = dropins->folders; at != NULL; at = at->next)
    if (read_folder(dropins, path, at, e) != 0)
      return -1;
  qsort(dropins->found, dropins->count, sizeof dropins->found[0], by_name);
  return 0;
}

void
unit_dropins_clear(struct unit_dropins *dropins) {
  while (dropins->listing != NULL && dropins->listing->first != NULL) {
    struct listed *listed = dropins->listing->first;
    dropins->listing->first = listed->next;
    free(listed);
  }
  free(dropins->listing);
  while (dropins->folders != NULL) {
    struct unit_dropin_folder *folder = dropins->folders;
    dropins->folders = folder->next;
    free(folder);
  }
  for (size_t i = 0; i < dropins->count; i++)
    free(dropins->found[i].name);
  dropins->listing = NULL;
  dropins->count = 0;
}
