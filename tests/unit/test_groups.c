// SPDX-License-Identifier: LGPL-2.1-or-later
// test_groups.c - the tables of groups against the files that they are made from, read and flattened in another way.
#include "compat/groups.h"
#include "tests/check.h"
#include <stdlib.h>

#define LINES 8192

// A file as it stands: (group, member) pairs in order. Descriptions are members that begin with '#'.
struct pair {
  char group[40];
  char member[128];
};

static struct pair pairs[LINES];
static size_t pair_count;

static void
file_read(const char *name) {
  char path[512], line[256], group[40] = "";
  snprintf(path, sizeof path, PROFILES "/groups/%s.txt", name);
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '@')
      snprintf(group, sizeof group, "%.39s", line);
    if (line[0] != ' ' || pair_count == LINES)
      continue;
    snprintf(pairs[pair_count].group, sizeof pairs[0].group, "%s", group);
    snprintf(pairs[pair_count].member, sizeof pairs[0].member, "%.127s", line + 4);
    pair_count++;
  }
  fclose(file);
  CHECK(pair_count > 0 && pair_count < LINES);
}

// True if `call` is in `group`, by walking down from it. `depth` bounds what a cycle could do.
static bool
file_has(const char *group, const char *call, int depth) {
  for (size_t i = 0; i < pair_count; i++) {
    if (strcmp(pairs[i].group, group) != 0)
      continue;
    if (strcmp(pairs[i].member, call) == 0)
      return true;
    if (pairs[i].member[0] == '@' && depth > 0 && file_has(pairs[i].member, call, depth - 1))
      return true;
  }
  return false;
}

static void
group_check(const struct group *group) {
  size_t next = 0;
  for (size_t i = 0; i < pair_count; i++) {
    if (strcmp(pairs[i].group, group->name) != 0)
      continue;
    if (pairs[i].member[0] == '#')
      CHECK_STR(group->description, pairs[i].member + 2);
    else if (group->members[next] != NULL)
      CHECK_STR(group->members[next++], pairs[i].member);
    else
      CHECK_ROW(false, pairs[i].member);
  }
  CHECK_ROW(next > 0 && group->members[next] == NULL, group->name);
  for (call_t call = 0; call < calls_count(); call++)
    CHECK_ROW(call_set_has(group->all, call) == file_has(group->name, calls_name(call), 8), calls_name(call));
  for (size_t call = calls_count(); call < CALLS_MAX; call++)
    CHECK_ROW(!call_set_has(group->all, (call_t)call), group->name);
}

// Each group in the order of the files, systemd's before scrun's own.
static void
version_check(const struct group_tables *tables) {
  pair_count = 0;
  file_read(tables->name);
  file_read("scrun");
  size_t next = 0;
  for (size_t i = 0; i < pair_count; i++) {
    if (i > 0 && strcmp(pairs[i].group, pairs[i - 1].group) == 0)
      continue;
    CHECK_ROW(next < tables->count, pairs[i].group);
    if (next < tables->count)
      CHECK_STR(tables->groups[next++].name, pairs[i].group);
  }
  CHECK_INT(next, tables->count);
  for (size_t i = 0; i < tables->count; i++) {
    group_check(&tables->groups[i]);
    CHECK(group_find(tables, tables->groups[i].name, strlen(tables->groups[i].name)) == &tables->groups[i]);
  }
}

static const struct group *
find(const struct group_tables *tables, const char *name) {
  return group_find(tables, name, strlen(name));
}

static size_t
set_size(const struct group *group) {
  size_t size = 0;
  for (call_t call = 0; group != NULL && call < calls_count(); call++)
    size += call_set_has(group->all, call);
  return size;
}

// Counted under the real systemd of either version.
static void
test_sizes(void) {
  const struct group_tables *older = group_tables_find("systemd-252", 11);
  const struct group_tables *newer = group_tables_find("systemd-262", 11);
  CHECK(older == &group_versions[1] && newer == &group_versions[0]);
  CHECK_INT(group_version_count, 2);
  if (older == NULL || newer == NULL)
    return;
  CHECK_INT(older->count, 29 + 2);
  CHECK_INT(newer->count, 30 + 2);
  CHECK_INT(set_size(find(older, "@default")), 63);
  CHECK_INT(set_size(find(newer, "@default")), 70);
  CHECK(find(older, "@sandbox") == NULL);
  CHECK_INT(set_size(find(newer, "@sandbox")), 4);
}

static bool
has(const struct group *group, const char *name) {
  call_t call = calls_find(name, strlen(name));
  CHECK_ROW(group != NULL && call != CALL_NONE, name);
  return group != NULL && call != CALL_NONE && call_set_has(group->all, call);
}

// What a launcher meets whose unit keeps its own SystemCallFilter=@system-service.
static void
test_system_service(void) {
  for (size_t i = 0; i < group_version_count; i++) {
    const struct group *group = find(&group_versions[i], "@system-service");
    CHECK(has(group, "prctl"));
    CHECK(has(group, "execve"));
    CHECK(!has(group, "ptrace"));
  }
  CHECK(has(find(&group_versions[0], "@system-service"), "seccomp"));
  CHECK(!has(find(&group_versions[1], "@system-service"), "seccomp"));
}

static void
test_find(void) {
  const struct group_tables *tables = &group_versions[0];
  CHECK(group_tables_find("systemd-26", 10) == NULL);
  CHECK(group_tables_find("systemd-2620", 12) == NULL);
  CHECK(group_tables_find("scrun", 5) == NULL);
  CHECK(group_tables_find("", 0) == NULL);
  CHECK(find(tables, "default") == NULL);
  CHECK(find(tables, "@") == NULL);
  CHECK(find(tables, "@Default") == NULL);
  CHECK(group_find(tables, "@default", 7) == NULL);
  CHECK_STR(group_suggest(tables, "@sytem-service", 14), "@system-service");
  CHECK_STR(group_suggest(tables, "@files-system", 13), "@file-system");
  CHECK_STR(group_suggest(tables, "@privilege", 10), "@privileged");
  CHECK(group_suggest(tables, "@frobnication", 13) == NULL);
}

// A start-up filter that let these pass would hand the launcher's own powers to the program.
static void
test_startup(void) {
  static const char *const never[] = {"execve", "execveat", "seccomp", "prctl"};
  static const char *const groups[] = {"@static-startup", "@dynamic-startup"};
  for (size_t version = 0; version < group_version_count; version++) {
    for (size_t i = 0; i < 2; i++) {
      const struct group *group = find(&group_versions[version], groups[i]);
      CHECK_ROW(group != NULL, groups[i]);
      for (size_t j = 0; group != NULL && j < sizeof never / sizeof never[0]; j++)
        CHECK_ROW(!call_set_has(group->all, calls_find(never[j], strlen(never[j]))), never[j]);
    }
  }
}

// What the preload library calls before it arms the policy.
static void
test_preload(void) {
  static const char *const needed[] = {"mmap", "munmap", "close"};
  for (size_t version = 0; version < group_version_count; version++)
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
      CHECK_ROW(has(find(&group_versions[version], "@dynamic-startup"), needed[i]), needed[i]);
}

int
main(void) {
  for (size_t i = 0; i < group_version_count; i++)
    version_check(&group_versions[i]);
  test_sizes();
  test_system_service();
  test_find();
  test_startup();
  test_preload();
  return check_done();
}
