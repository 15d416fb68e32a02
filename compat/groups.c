// SPDX-License-Identifier: LGPL-2.1-or-later
// groups.c - looks groups up in the generated tables.
#include "compat/groups.h"
#include "compat/nearest.h"
#include "compat/text.h"

const struct group_tables *
group_tables_find(const char *name, size_t length) {
  for (size_t i = 0; i < group_version_count; i++)
    if (text_is(name, length, group_versions[i].name))
      return &group_versions[i];
  return NULL;
}

const struct group_tables *
group_tables_choose(const char *name, size_t length, struct source_pos at, struct diags *diags) {
  const struct group_tables *tables = group_tables_find(name, length);
  if (tables != NULL)
    return tables;
  diag_add(diags, DIAG_ERROR, at, "there are no group tables \"%.*s\"", text_shown(length), name);
  for (size_t i = 0; i < group_version_count; i++)
    diag_add(diags, DIAG_HINT, at, "there is \"%s\"%s", group_versions[i].name, i == 0 ? " (the default)" : "");
  return NULL;
}

const struct group *
group_find(const struct group_tables *tables, const char *name, size_t length) {
  for (size_t i = 0; i < tables->count; i++)
    if (text_is(name, length, tables->groups[i].name))
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
