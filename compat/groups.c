// SPDX-License-Identifier: LGPL-2.1-or-later
// groups.c - looks groups up in the generated tables.
#include "compat/groups.h"
#include "compat/nearest.h"
#include <string.h>

static bool
name_is(const char *known, const char *name, size_t length) {
  return strlen(known) == length && memcmp(known, name, length) == 0;
}

const struct group_tables *
group_tables_find(const char *name, size_t length) {
  for (size_t i = 0; i < group_version_count; i++)
    if (name_is(group_versions[i].name, name, length))
      return &group_versions[i];
  return NULL;
}

const struct group *
group_find(const struct group_tables *tables, const char *name, size_t length) {
  for (size_t i = 0; i < tables->count; i++)
    if (name_is(tables->groups[i].name, name, length))
      return &tables->groups[i];
  return NULL;
}

const char *
group_suggest(const struct group_tables *tables, const char *name, size_t length) {
  struct nearest nearest;
  nearest_start(&nearest, name, length);
  for (size_t i = 0; i < tables->count; i++)
    nearest_offer(&nearest, tables->groups[i].name);
  return nearest.best;
}
