// SPDX-License-Identifier: LGPL-2.1-or-later
// syscall_filter.c - the groups of calls, laid out as systemd-analyze syscall-filter prints them.
#include "runner/analyze/analyze.h"
#include "compat/groups.h"
#include "compat/word.h"
#include <stdio.h>
#include <string.h>

static void
print_group(const struct group *group) {
  printf("%s\n    # %s\n", group->name, group->description);
  for (const char *const *member = group->members; *member != NULL; member++)
    printf("    %s\n", *member);
}

static void
add_all(struct call_set *set, const struct group *group) {
  for (size_t i = 0; i < CALLS_MAX / 64; i++)
    set->bits[i] |= group->all->bits[i];
}

// The heading is printed with the first call; without one there is nothing to say.
static void
print_listed(const char **heading, call_t call) {
  if (*heading != NULL)
    printf("\n%s\n", *heading);
  *heading = NULL;
  printf("#   %s\n", calls_name(call));
}

// What no group but @known holds, and what not even @known does. systemd asks the running kernel for the second list;
// here it is the calls of this machine in the tables.
static void
print_others(const struct group_tables *tables) {
  const char *ungrouped = "# Ungrouped System Calls (known but not included in any of the groups except @known):";
  const char *unlisted =
      "# Unlisted System Calls (known to scrun, but not included in any of the groups listed above):";
  struct call_set known = {{0}}, grouped = {{0}};
  for (size_t i = 0; i < tables->count; i++)
    add_all(strcmp(tables->groups[i].name, "@known") == 0 ? &known : &grouped, &tables->groups[i]);
  for (call_t call = 0; call < calls_count(); call++)
    if (call_set_has(&known, call) && !call_set_has(&grouped, call))
      print_listed(&ungrouped, call);
  for (call_t call = 0; call < calls_count(); call++)
    if (!call_set_has(&known, call) && !call_set_has(&grouped, call) && !call_is_nowhere(call))
      print_listed(&unlisted, call);
}

static int
print_all(const struct group_tables *tables) {
  for (size_t i = 0; i < tables->count; i++) {
    fputs(i == 0 ? "" : "\n", stdout);
    print_group(&tables->groups[i]);
  }
  print_others(tables);
  return 0;
}

static int
print_named(const struct group_tables *tables, char **names, int count) {
  for (int i = 0; i < count; i++) {
    if (group_find(tables, names[i], strlen(names[i])) != NULL)
      continue;
    report(TOOL, "unknown group \"%s\" (tables of %s)", shown(names[i]).text, tables->name);
    return report_suggestion(TOOL, group_suggest(tables, names[i], strlen(names[i])));
  }
  for (int i = 0; i < count; i++) {
    fputs(i == 0 ? "" : "\n", stdout);
    print_group(group_find(tables, names[i], strlen(names[i])));
  }
  return 0;
}

int
verb_syscall_filter(struct analyze_line *line) {
  const struct policy_request *policy = &line->policy;
  const struct group_tables *tables = &group_versions[0];
  static struct diags diags;
  if (policy->count > 0 || policy->lenient || policy->permissive || policy->files.user_profiles
      || line->abi != ABI_NONE)
    return report(TOOL, "syscall-filter shows groups, not a policy: it takes no option but --groups=");
  if (policy->groups != NULL)
    tables = group_tables_choose(policy->groups, strlen(policy->groups), (struct source_pos){0}, &diags);
  if (tables == NULL) {
    report_diags(TOOL, &diags);
    return STATUS_UNUSABLE;
  }
  return line->argument_count == 0 ? print_all(tables) : print_named(tables, line->arguments, line->argument_count);
}
