// SPDX-License-Identifier: LGPL-2.1-or-later
// drop_in_sandbox.c - what a unit allows its commands, as far as scrun in front of them has to do with it: privileges
// and what can be seen and executed. As measured with systemd 252.
#include "compat/number.h"
#include "compat/text.h"
#include "runner/analyze/drop_in.h"
#include <stdlib.h>
#include <string.h>

#define SYS_ADMIN 21 // CAP_SYS_ADMIN in <linux/capability.h>

// Sets of capabilities, as far as CAP_SYS_ADMIN is concerned.

struct capability {
  bool whole; // the set is still what it is without any line, or was made so again
  bool has;   // CAP_SYS_ADMIN is in it
};

// In any case, or by its number. Source: capability_from_name() of systemd 252.
static bool
is_sys_admin(const char *word, size_t length) {
  uint64_t number;
  return text_is_any_case(word, length, "cap_sys_admin")
         || (number_read(word, length, NUMBER_OCTAL, 63, &number) && number == SYS_ADMIN);
}

static bool
names_sys_admin(const char *text) {
  for (const char *at = text + strspn(text, " \t~"); *at != '\0'; at += strspn(at, " \t")) {
    size_t length = strcspn(at, " \t");
    if (is_sys_admin(at, length))
      return true;
    at += length;
  }
  return false;
}

// A list replaces a set that is whole; otherwise it adds to it, or with "~" takes away. Nothing listed empties it, and
// with "~" makes it everything.
static void
capability_apply(struct capability *set, const char *text, bool all_at_first) {
  bool inverted = text[0] == '~', listed = names_sys_admin(text);
  bool nothing = text[inverted ? 1 + strspn(text + 1, " \t") : 0] == '\0';
  if (set->whole || nothing)
    set->has = inverted != listed;
  else if (listed)
    set->has = !inverted;
  set->whole = nothing && inverted == all_at_first;
}

// Memory that is out counts as a set without it: then no_new_privs is asked for.
static bool
set_has(const struct drop_in_unit *unit, enum unit_key key, bool all_at_first) {
  struct capability set = {true, all_at_first};
  for (size_t i = 0; i < unit->line_count; i++) {
    char *text = unit->lines[i].key == key ? unit_line_text(&unit->lines[i]) : NULL;
    if (unit->lines[i].key == key && text == NULL)
      return false;
    if (text != NULL)
      capability_apply(&set, text, all_at_first);
    free(text);
  }
  return set.has;
}

// The last value is one of two words; `otherwise` where there is none.
static bool
last_is(const struct drop_in_unit *unit, enum unit_key key, const char *one, const char *other, bool otherwise) {
  const struct unit_line *line = drop_in_unit_last(unit, key);
  char *text = line != NULL ? unit_line_text(line) : NULL;
  bool is = line == NULL ? otherwise : text != NULL && (strcmp(text, one) == 0 || strcmp(text, other) == 0);
  free(text);
  return is;
}

static bool
is_root(const struct drop_in_unit *unit) {
  return last_is(unit, UNIT_USER, "root", "0", true) && drop_in_unit_boolean(unit, UNIT_DYNAMIC_USER) != 1;
}

// SecureBits= can make root an ordinary user.
static bool
root_is_nobody(const struct drop_in_unit *unit) {
  bool is = false;
  for (size_t i = 0; i < unit->line_count; i++) {
    char *text = unit->lines[i].key == UNIT_SECURE_BITS ? unit_line_text(&unit->lines[i]) : NULL;
    is = is || (unit->lines[i].key == UNIT_SECURE_BITS && (text == NULL || strstr(text, "noroot") != NULL));
    free(text);
  }
  return is;
}

// "!!" keeps no user where the kernel has ambient capabilities: since 4.3.
static bool
is_privileged(const struct drop_in_unit *unit, const struct exec_command *command) {
  if (command->privileged)
    return true;
  if (root_is_nobody(unit) || !set_has(unit, UNIT_BOUNDING_SET, true))
    return false;
  return command->keeps_user || is_root(unit) || set_has(unit, UNIT_AMBIENT, false);
}

bool
drop_in_is_privileged(const struct drop_in_unit *unit) {
  bool all = !unit->files.user;
  for (size_t i = 0; i < unit->command_count; i++)
    all = all && is_privileged(unit, &unit->commands[i]);
  return all;
}

// NoNewPrivileges=

// [X-Scrun] and the command line have the last word.
static bool
privileges_said(const struct drop_in *drop_in) {
  static const char name[] = "NoNewPrivileges=";
  const struct policy_request *request = &drop_in->line->policy;
  const struct drop_in_unit *unit = &drop_in->unit;
  for (size_t i = 0; i < request->count; i++)
    if (request->words[i].kind == POLICY_WORD_PROPERTY && strncmp(request->words[i].text, name, sizeof name - 1) == 0)
      return true;
  for (size_t i = 0; i < unit->line_count; i++)
    if (unit->lines[i].key == UNIT_OWN
        && text_is(text_bytes(unit->lines[i].name), unit->lines[i].name.length, "NoNewPrivileges"))
      return true;
  return false;
}

void
drop_in_decide_privileges(struct drop_in *drop_in) {
  int service = drop_in_unit_boolean(&drop_in->unit, UNIT_NO_NEW_PRIVILEGES);
  if (drop_in->privileges_said || privileges_said(drop_in) || service == 1)
    return;
  if (drop_in_is_privileged(&drop_in->unit)) {
    drop_in->privileges = "NoNewPrivileges=no";
    buffer_add_text(&drop_in->notes, "# NoNewPrivileges=no: the commands have CAP_SYS_ADMIN, so systemd would not set "
                                     "it, and what they start may need setuid programs, as sudo.\n");
    return;
  }
  drop_in->privileges = service == 0 ? "NoNewPrivileges=yes" : NULL;
  buffer_add(&drop_in->notes, "# NoNewPrivileges=yes%s: without CAP_SYS_ADMIN the kernel takes no filter otherwise.\n",
             service == 0 ? ", whatever [Service] says" : " goes without saying");
}

// What scrun needs to see.

// Is one of them the other, or below it?
static bool
overlap(const char *path, const char *other, size_t length) {
  size_t both = strlen(path);
  while (length > 0 && other[length - 1] == '/')
    length--;
  both = both < length ? both : length;
  return strncmp(path, other, both) == 0 && (path[both] == '/' || path[both] == '\0')
         && (both == length || other[both] == '/');
}

// Is scrun, or something in a folder of units, below one of the paths of a list? Each may begin with "-" or "+" and
// have options behind ":". With specifiers it is not known: then yes.
static bool
list_covers(const struct drop_in *drop_in, const char *text) {
  for (size_t length; text += strspn(text, " \t\"'"), *text != '\0'; text += length) {
    text += strspn(text, "-+");
    length = strcspn(text, " \t\"'");
    size_t path_length = strcspn(text, ": \t\"'");
    bool covers = memchr(text, '%', path_length) != NULL || overlap(drop_in->scrun, text, path_length);
    for (size_t i = 0; i < drop_in->path.count; i++)
      covers = covers || overlap(drop_in->path.folders[i].path, text, path_length);
    if (covers)
      return true;
  }
  return false;
}

// The line of that kind that hides something, or NULL.
static const struct unit_line *
find_cover(const struct drop_in *drop_in, enum unit_key key) {
  for (size_t i = 0; i < drop_in->unit.line_count; i++) {
    const struct unit_line *line = &drop_in->unit.lines[i];
    char *text = line->key == key ? unit_line_text(line) : NULL;
    bool covers = line->key == key && (text == NULL || list_covers(drop_in, text));
    free(text);
    if (covers)
      return line;
  }
  return NULL;
}

static bool
has_other_root(const struct drop_in_unit *unit) {
  return drop_in_unit_last(unit, UNIT_ROOT_IMAGE) != NULL || !last_is(unit, UNIT_ROOT_DIRECTORY, "/", "/", true);
}

int
drop_in_open_sandbox(const struct drop_in *drop_in, struct buffer *out, struct error *e) {
  const struct drop_in_unit *unit = &drop_in->unit;
  const struct unit_line *covered = find_cover(drop_in, UNIT_INACCESSIBLE);
  bool hidden = has_other_root(unit) || find_cover(drop_in, UNIT_TEMPORARY) != NULL;
  if (covered != NULL)
    return error_set(e, ERROR_POLICY, covered->name,
                     "this hides scrun or the folders of units from scrun, which reads its policy there");
  if (hidden && unit->files.user)
    return error_plain(
        e, ERROR_POLICY,
        "a user's unit with another root or TemporaryFileSystem= over it: scrun would not find its files "
        "in there");
  if (hidden) {
    buffer_add(out, "# In there, scrun needs itself and the folders of units:\nBindReadOnlyPaths=%s", drop_in->scrun);
    for (size_t i = 0; i < drop_in->path.count; i++)
      buffer_add(out, " -%s", drop_in->path.folders[i].path); // "-": if it is there
    buffer_add_text(out, "\n");
  }
  if (drop_in_unit_last(unit, UNIT_NO_EXEC) != NULL)
    buffer_add(out, "# NoExecPaths= would hold for scrun, too:\nExecPaths=%s\n", drop_in->scrun);
  return 0;
}
