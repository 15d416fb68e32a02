// SPDX-License-Identifier: LGPL-2.1-or-later
// drop_in_unit.c - reads the lines of a unit that matter to a drop-in.
#include "runner/analyze/drop_in_unit.h"
#include "compat/array.h"
#include "compat/unit_file.h"
#include "runner/analyze/exec_word.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// An empty value takes back the lines before it, where systemd has it so.
static const struct known {
  const char *name;
  enum unit_key key;
  bool resets;
} known[] = {
    {"AmbientCapabilities", UNIT_AMBIENT, false},
    {"CapabilityBoundingSet", UNIT_BOUNDING_SET, false},
    {"DynamicUser", UNIT_DYNAMIC_USER, false},
    {"ExecCondition", UNIT_EXEC_OTHER, true},
    {"ExecReload", UNIT_EXEC_OTHER, true},
    {"ExecSearchPath", UNIT_SEARCH_PATH, true},
    {"ExecStart", UNIT_EXEC_START, true},
    {"ExecStartPost", UNIT_EXEC_OTHER, true},
    {"ExecStartPre", UNIT_EXEC_OTHER, true},
    {"ExecStop", UNIT_EXEC_OTHER, true},
    {"ExecStopPost", UNIT_EXEC_OTHER, true},
    {"InaccessiblePaths", UNIT_INACCESSIBLE, true},
    {"NoExecPaths", UNIT_NO_EXEC, true},
    {"NoNewPrivileges", UNIT_NO_NEW_PRIVILEGES, false},
    {"RootDirectory", UNIT_ROOT_DIRECTORY, true},
    {"RootImage", UNIT_ROOT_IMAGE, true},
    {"SecureBits", UNIT_SECURE_BITS, true},
    {"SystemCallArchitectures", UNIT_ARCHITECTURES, true},
    {"SystemCallErrorNumber", UNIT_ERROR_NUMBER, true},
    {"SystemCallFilter", UNIT_FILTER, true},
    {"SystemCallLog", UNIT_LOG, true},
    {"TemporaryFileSystem", UNIT_TEMPORARY, true},
    {"User", UNIT_USER, true},
};

static const struct known own = {"", UNIT_OWN, false};

static const struct known *
known_find(const struct unit_file *file, struct source_pos name) {
  if (unit_file_in(file, "X-Scrun"))
    return &own;
  for (size_t i = 0; unit_file_in(file, "Service") && i < sizeof known / sizeof known[0]; i++)
    if (text_is(text_bytes(name), name.length, known[i].name))
      return &known[i];
  return NULL;
}

static bool
same_name(struct source_pos a, struct source_pos b) {
  return a.length == b.length && memcmp(text_bytes(a), text_bytes(b), a.length) == 0;
}

// What an empty value takes back: all lines of that name.
static void
lines_reset(struct drop_in_unit *unit, const struct known *what, struct source_pos name) {
  size_t left = 0;
  for (size_t i = 0; i < unit->line_count; i++)
    if (unit->lines[i].key != what->key || !same_name(unit->lines[i].name, name))
      unit->lines[left++] = unit->lines[i];
  unit->line_count = left;
}

static int
lines_add(struct drop_in_unit *unit, const struct known *what, const struct assignment *line, struct error *e) {
  struct text rest = line->value;
  if (what->resets && !text_skip_blanks(&rest)) {
    lines_reset(unit, what, line->name);
    return 0;
  }
  struct unit_line *lines = array_grow(unit->lines, &unit->line_room, unit->line_count + 1, 32, sizeof *unit->lines);
  if (lines == NULL)
    return error_memory(e, ERROR_POLICY);
  unit->lines = lines;
  lines[unit->line_count++] = (struct unit_line){what->key, line->name, line->value};
  return 0;
}

// What counts behind our drop-in must not set what that one sets.
static int
check_behind(const struct drop_in_unit *unit, const struct known *what, struct source_pos name, struct error *e) {
  static const enum unit_key ours[] = {UNIT_OWN, UNIT_EXEC_START, UNIT_FILTER, UNIT_ARCHITECTURES, UNIT_LOG};
  for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
    if (what->key == ours[i])
      return error_set(
          e, ERROR_POLICY, name,
          "this drop-in counts behind %s and would undo some of it: give that one a name that sorts behind "
          "this one's, as --drop-in=zz-scrun.conf",
          unit->path);
  return 0;
}

static int
file_read(struct drop_in_unit *unit, size_t index, struct error *e) {
  static struct diags diags;
  struct unit_file file = {.strict = NULL};
  struct assignment line;
  diags = (struct diags){.count = 0};
  bool opened = text_open(&file.text, unit->files.files[index], &diags);
  while (opened && unit_file_next(&file, &line, &diags)) {
    const struct known *what = known_find(&file, line.name);
    if (what == NULL)
      continue;
    if ((index >= unit->place && check_behind(unit, what, line.name, e) != 0) || lines_add(unit, what, &line, e) != 0)
      return -1;
  }
  return diags.errors == 0 ? 0 : error_set(e, ERROR_POLICY, diags.items[0].at, "%s", diags.items[0].text);
}

// Drop-ins count in the order of their names, wherever they lie; of one name, only one counts.
static int
find_place(struct drop_in_unit *unit, const char *folder, const char *name, struct error *e) {
  int length = snprintf(unit->path, sizeof unit->path, "%s/%s.d/%s", folder, unit->files.name, name);
  if (length < 0 || (size_t)length >= sizeof unit->path)
    return error_plain(e, ERROR_POLICY, "%s/%s.d: this path is too long", shown(folder).text, unit->files.name);
  unit->place = 1;
  for (size_t i = 1; i < unit->files.count; i++) {
    const char *path = unit->files.files[i]->name, *slash = strrchr(path, '/');
    int order = strcmp(slash != NULL ? slash + 1 : path, name);
    if (order <= 0)
      unit->place = i + 1;
    if (order == 0 && strcmp(path, unit->path) != 0)
      return error_plain(e, ERROR_POLICY,
                         "%s has the same name, and of one name only one drop-in counts: choose another with "
                         "--drop-in=NAME.conf",
                         shown(path).text);
  }
  return 0;
}

static int
command_add(struct drop_in_unit *unit, const struct exec_command *command, struct error *e) {
  struct exec_command *commands =
      array_grow(unit->commands, &unit->command_room, unit->command_count + 1, 4, sizeof *commands);
  if (commands == NULL)
    return error_memory(e, ERROR_POLICY);
  unit->commands = commands;
  commands[unit->command_count++] = *command;
  return 0;
}

static int
commands_read(struct drop_in_unit *unit, const struct unit_line *line, struct error *e) {
  struct exec_command command;
  struct exec_line *texts = array_grow(unit->texts, &unit->text_room, unit->text_count + 1, 4, sizeof *texts);
  if (texts == NULL)
    return error_memory(e, ERROR_POLICY);
  unit->texts = texts;
  struct exec_line *text = &texts[unit->text_count];
  if (exec_line_open(text, &line->value, e) != 0)
    return -1;
  unit->text_count++;
  int found;
  while ((found = exec_line_next(text, &command, e)) == 1)
    if (command_add(unit, &command, e) != 0) {
      exec_command_clear(&command);
      return -1;
    }
  return found;
}

int
drop_in_unit_read(struct drop_in_unit *unit, const char *unit_name, const char *folder, const char *name,
                  struct error *e) {
  if (unit_files_find(&unit->files, unit_name, e) != 0)
    return -1;
  unit->place = unit->files.count;
  if (name != NULL && find_place(unit, folder, name, e) != 0)
    return -1;
  for (size_t i = 0; i < unit->files.count; i++)
    if (file_read(unit, i, e) != 0)
      return -1;
  for (size_t i = 0; i < unit->line_count; i++)
    if (unit->lines[i].key == UNIT_EXEC_START && commands_read(unit, &unit->lines[i], e) != 0)
      return -1;
  return 0;
}

void
drop_in_unit_clear(struct drop_in_unit *unit) {
  for (size_t i = 0; i < unit->command_count; i++)
    exec_command_clear(&unit->commands[i]);
  for (size_t i = 0; i < unit->text_count; i++)
    exec_line_clear(&unit->texts[i]);
  free(unit->commands);
  free(unit->texts);
  free(unit->lines);
  unit_files_clear(&unit->files);
}

const struct unit_line *
drop_in_unit_last(const struct drop_in_unit *unit, enum unit_key key) {
  for (size_t i = unit->line_count; i > 0; i--)
    if (unit->lines[i - 1].key == key)
      return &unit->lines[i - 1];
  return NULL;
}

bool
drop_in_unit_owns(const struct drop_in_unit *unit, const struct unit_line *line) {
  for (size_t i = 0; i < unit->line_count; i++)
    if (unit->lines[i].key == UNIT_OWN && same_name(unit->lines[i].name, line->name))
      return true;
  return false;
}

bool
drop_in_unit_counts(const struct drop_in_unit *unit, const struct unit_line *line) {
  if (line->key == UNIT_OWN)
    return true;
  bool shared = line->key == UNIT_FILTER || line->key == UNIT_ERROR_NUMBER || line->key == UNIT_ARCHITECTURES
                || line->key == UNIT_LOG || line->key == UNIT_NO_NEW_PRIVILEGES;
  return shared && !drop_in_unit_owns(unit, line);
}

bool
drop_in_unit_is_wrapped(const struct drop_in_unit *unit) {
  for (size_t i = 0; i < unit->command_count; i++)
    if (exec_command_is_of(&unit->commands[i], "scrun"))
      return true;
  return false;
}

char *
unit_line_text(const struct unit_line *line) {
  struct exec_line text;
  struct error e;
  if (exec_line_open(&text, &line->value, &e) != 0)
    return NULL;
  while (text.length > 0 && exec_is_blank(text.text[text.length - 1]))
    text.text[--text.length] = '\0';
  size_t blanks = exec_blanks_length(text.text);
  memmove(text.text, text.text + blanks, text.length - blanks + 1);
  return text.text;
}

// Returns 1 or 0, or -1 if the line has none.
static int
line_boolean(const struct unit_line *line) {
  static const char *const words[] = {"0", "1", "no", "yes", "n", "y", "false", "true", "f", "t", "off", "on"};
  char *text = unit_line_text(line);
  int value = -1;
  for (size_t i = 0; text != NULL && i < sizeof words / sizeof words[0]; i++)
    if (text_is_any_case(text, strlen(text), words[i]))
      value = (int)(i % 2);
  free(text);
  return value;
}

int
drop_in_unit_boolean(const struct drop_in_unit *unit, enum unit_key key) {
  for (size_t i = unit->line_count; i > 0; i--) {
    int value = unit->lines[i - 1].key == key ? line_boolean(&unit->lines[i - 1]) : -1;
    if (value >= 0)
      return value;
  }
  return -1;
}
