// SPDX-License-Identifier: LGPL-2.1-or-later
// groups.h - named groups of calls: systemd's tables, selectable by version, and scrun's own. Generated
// (profiles/groups/).
#ifndef SCRUN_COMPAT_GROUPS_H
#define SCRUN_COMPAT_GROUPS_H
#include "compat/calls.h"
#include "compat/diag.h"

// A set of calls, one bit for each index of the table of calls.
struct call_set {
  uint64_t bits[CALLS_MAX / 64];
};

static inline bool
call_set_has(const struct call_set *set, call_t call) {
  return (set->bits[call / 64] >> (call % 64) & 1) != 0;
}

static inline void
call_set_add(struct call_set *set, call_t call) {
  set->bits[call / 64] |= (uint64_t)1 << (call % 64);
}

struct group {
  const char *name;           // "@system-service"
  const char *description;    // one line, as systemd-analyze prints it
  const char *const *members; // direct members in the order of the source, calls and @groups; ends with NULL
  const struct call_set *all; // every call in it, nested groups included
};

// One version of the tables. Groups in the order that systemd-analyze prints them.
struct group_tables {
  const char *name; // "systemd-262"
  const struct group *groups;
  size_t count;
};

// All versions, the newest first; that is the default. scrun's own groups (@static-startup ...) are in each of them.
extern const struct group_tables group_versions[];
extern const size_t group_version_count;

// The version of that name, or NULL.
const struct group_tables *group_tables_find(const char *name, size_t length);

// The same, but without such a version it adds an error at `at`, and as hints which ones there are.
const struct group_tables *group_tables_choose(const char *name, size_t length, struct source_pos at,
                                               struct diags *diags);

// The group of that name, "@" included, or NULL.
const struct group *group_find(const struct group_tables *tables, const char *name, size_t length);

// The group name nearest to a mistyped one, or NULL if none is near.
const char *group_suggest(const struct group_tables *tables, const char *name, size_t length);
#endif
