// SPDX-License-Identifier: LGPL-2.1-or-later
// drop_in_write.c - the text of a drop-in.
#include "compat/policy_file.h"
#include "runner/analyze/drop_in.h"
#include <stdio.h>
#include <string.h>

// Words of the command line, as a shell takes them. Bytes that would end the comment, or drive a terminal, are shown as
// blanks.
static void
shell_word(struct buffer *out, const char *option, const char *text) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  bool quotes = *text == '\0' || text[strspn(text, plain)] != '\0';
  buffer_add(out, " %s%s", quotes ? "'" : "", option);
  for (; *text != '\0'; text++)
    if (*text == '\'')
      buffer_add_text(out, "'\\''");
    else
      buffer_add(out, "%c", *text >= ' ' && *text < 0x7f ? *text : ' ');
  buffer_add_text(out, quotes ? "'" : "");
}

static void
write_heading(struct buffer *out, const struct drop_in *drop_in) {
  const struct analyze_line *line = drop_in->line;
  const struct policy_request *request = &line->policy;
  buffer_add_text(out, "# written by: " TOOL " drop-in");
  shell_word(out, "", line->arguments[0]);
  for (size_t i = 0; i < request->count; i++)
    shell_word(out,
               request->words[i].kind == POLICY_WORD_PROFILE ? "--profile=" : "--property=", request->words[i].text);
  if (request->groups != NULL)
    shell_word(out, "--groups=", request->groups);
  if (request->at != MOMENT_NONE)
    shell_word(out, "--at=", moment_name(request->at));
  buffer_add(out, "%s%s%s%s\n", drop_in->unit.files.user ? " --user" : "", request->lenient ? " --lenient" : "",
             request->permissive ? " --log" : "", request->files.user_profiles ? " --user-profiles" : "");
}

// Is that property named on the command line?
static bool
is_asked(const struct drop_in *drop_in, const char *name) {
  const struct policy_request *request = &drop_in->line->policy;
  size_t length = strlen(name);
  for (size_t i = 0; i < request->count; i++) {
    const char *text = request->words[i].text;
    if (request->words[i].kind == POLICY_WORD_PROPERTY && strncmp(text, name, length) == 0 && text[length] == '=')
      return true;
  }
  return false;
}

// What the reset of SystemCallFilter= leaves without a filter, and what gets one that had none.
static void
note_filter(struct buffer *out, const struct drop_in *drop_in) {
  const struct drop_in_unit *unit = &drop_in->unit;
  const char *before = "# The unit's own SystemCallFilter= bound scrun, too, and is taken back: scrun puts it on the "
                       "program. No longer filtered:";
  if (drop_in_unit_last(unit, UNIT_FILTER) == NULL)
    return;
  for (size_t i = 0; i < unit->line_count; i++) {
    struct source_pos name = unit->lines[i].name;
    if (unit->lines[i].key != UNIT_EXEC_OTHER)
      continue;
    buffer_add(out, "%s %.*s=", before, (int)name.length, text_bytes(name));
    before = "";
  }
  buffer_add_text(out, *before == '\0' ? "\n" : "");
  for (size_t i = 0; i < unit->command_count; i++)
    if (unit->commands[i].privileged)
      buffer_add(out, "# \"+\" kept systemd's filter from %s, and does not keep scrun's.\n", unit->commands[i].program);
}

static int
write_command(struct buffer *out, const struct drop_in *drop_in, const struct exec_command *command, struct error *e) {
  const struct policy_request *request = &drop_in->line->policy;
  char program[PATH_MAX], before[PATH_MAX + 128];
  bool found = !exec_command_is_path(command);
  if (found && drop_in_find_program(drop_in, command, program, e) != 0)
    return -1;
  if (found)
    buffer_add(out, "# systemd looks for \"%s\" in folders of its own, and finds this one:\n", command->program);
  snprintf(before, sizeof before, "%s%s --unit-file=%%n%s%s%s", drop_in->scrun,
           drop_in->unit.files.user ? " --user" : "", request->lenient ? " --lenient" : "",
           request->permissive ? " --log" : "", request->files.user_profiles ? " --user-profiles" : "");
  buffer_add_text(out, "ExecStart=");
  exec_command_wrap(out, command, before, found ? program : NULL);
  buffer_add_text(out, "\n");
  return 0;
}

static int
write_service(struct buffer *out, const struct drop_in *drop_in, struct error *e) {
  const struct drop_in_unit *unit = &drop_in->unit;
  buffer_add_text(out, "\n[Service]\nSystemCallFilter=\n");
  // What was asked for takes their place, and a filter of systemd's would stay beside it.
  if (drop_in_unit_last(unit, UNIT_ARCHITECTURES) != NULL && is_asked(drop_in, "SystemCallArchitectures"))
    buffer_add_text(out, "SystemCallArchitectures=\n");
  if (drop_in_unit_last(unit, UNIT_LOG) != NULL && is_asked(drop_in, "SystemCallLog"))
    buffer_add_text(out, "SystemCallLog=\n");
  if (drop_in_open_sandbox(drop_in, out, e) != 0)
    return -1;
  buffer_add_text(out, "ExecStart=\n");
  for (size_t i = 0; i < unit->command_count; i++)
    if (write_command(out, drop_in, &unit->commands[i], e) != 0)
      return -1;
  return 0;
}

// A setting with its continuations, as it stands in its file.
static void
write_setting(struct buffer *out, struct source_pos name, const struct text *value) {
  struct text line = {value->source, name.offset, value->end};
  struct source_pos at = line_pos(&line);
  buffer_add(out, "%.*s\n", (int)at.length, text_bytes(at));
}

static void
write_carried(struct buffer *out, const struct drop_in *drop_in) {
  const struct drop_in_unit *unit = &drop_in->unit;
  if (drop_in_adds_default(drop_in))
    buffer_add_text(out, "# systemd lets @default pass with every list of its own that allows; scrun does not:\n"
                         "SystemCallFilter=@default\n");
  for (size_t i = 0; i < unit->line_count; i++) {
    const struct unit_line *line = &unit->lines[i];
    if (line->key != UNIT_OWN && line->key != UNIT_NO_NEW_PRIVILEGES && drop_in_unit_counts(unit, line))
      write_setting(out, line->name, &line->value);
  }
}

// One line: a line's end counts as a blank, as it does for the reader of properties.
static void
write_property(struct buffer *out, const char *text) {
  for (; *text != '\0'; text++)
    buffer_add(out, "%c", *text == '\n' || *text == '\r' ? ' ' : *text);
  buffer_add_text(out, "\n");
}

// Was read once already, without a mistake.
static void
write_profile(struct buffer *out, const struct policy_word *word) {
  static struct diags diags;
  struct policy_file file = {.section = NULL};
  struct assignment line;
  diags = (struct diags){.count = 0};
  buffer_add_text(out, "# from");
  shell_word(out, "", word->file->name);
  buffer_add_text(out, "\n");
  if (text_open(&file.text, word->file, &diags))
    while (policy_file_next(&file, &line, &diags))
      write_setting(out, line.name, &line.value);
}

static void
write_own(struct buffer *out, const struct drop_in *drop_in) {
  const struct policy_request *request = &drop_in->line->policy;
  buffer_add_text(out, DROP_IN_HEADER);
  if (request->groups != NULL)
    buffer_add(out, "SystemCallGroups=%s\n", request->groups);
  write_carried(out, drop_in);
  for (size_t i = drop_in->asked_from; i < drop_in->asked_end; i++) {
    const struct policy_word *word = &drop_in->asked.words[i];
    if (word->kind == POLICY_WORD_PROFILE)
      write_profile(out, word);
    else
      write_property(out, word->text);
  }
  if (drop_in->privileges != NULL)
    buffer_add(out, "%s\n", drop_in->privileges);
  if (request->at != MOMENT_NONE)
    buffer_add(out, "At=%s\n", moment_name(request->at));
}

int
drop_in_write(struct drop_in *drop_in, struct error *e) {
  struct buffer *out = &drop_in->text;
  write_heading(out, drop_in);
  buffer_add(out, "%s", drop_in->notes.text != NULL ? drop_in->notes.text : "");
  note_filter(out, drop_in);
  if (write_service(out, drop_in, e) != 0)
    return -1;
  write_own(out, drop_in);
  if (out->failed || drop_in->notes.failed)
    return error_memory(e, ERROR_POLICY);
  if (out->length > PROFILE_BYTES_MAX)
    return error_plain(e, ERROR_POLICY, "the drop-in would be longer than %d bytes", PROFILE_BYTES_MAX);
  drop_in->source = (struct source){drop_in->unit.path, out->text, out->length, true};
  return 0;
}
