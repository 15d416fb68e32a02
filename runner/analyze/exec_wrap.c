// SPDX-License-Identifier: LGPL-2.1-or-later
// exec_wrap.c - puts another program in front of a command of ExecStart=, and finds the one behind it again.
#include "runner/analyze/exec_command.h"
#include "runner/analyze/exec_word.h"
#include <stdlib.h>
#include <string.h>

// Only in names that program_check() has let pass: there are no quotes, backslashes or control characters.
static void
word_add(struct buffer *out, const char *text, bool double_dollars) {
  bool quotes = strpbrk(text, " ;") != NULL; // ";" alone would divide
  buffer_add_text(out, quotes ? "\"" : "");
  for (; *text != '\0'; text++)
    buffer_add(out, "%s%c", double_dollars && *text == '$' ? "$" : "", *text);
  buffer_add_text(out, quotes ? "\"" : "");
}

// systemd executes the path without repeated slashes and without ".", and argv[0] keeps them.
static bool
path_simplify(const char *path, struct buffer *out) {
  bool changed = false;
  buffer_add_text(out, path[0] == '/' ? "/" : "");
  for (bool first = true; *path != '\0';) {
    size_t slashes = strspn(path, "/"), length = strcspn(path + slashes, "/");
    const char *name = path + slashes;
    bool drop = length == 1 && *name == '.';
    changed = changed || drop || slashes > 1;
    if (!drop && length > 0)
      buffer_add(out, "%s%.*s", first ? "" : "/", (int)length, name);
    first = first && (drop || length == 0);
    path = name + length;
  }
  return changed;
}

void
exec_command_wrap(struct buffer *out, const struct exec_command *command, const char *before, const char *program) {
  struct buffer simple = {0};
  bool changed = path_simplify(command->program, &simple) || program != NULL;
  bool dollars = !command->verbatim && strchr(command->program, '$') != NULL;
  buffer_add(out, "%s%s", command->prefixes, before);
  if (command->argv0 != NULL) {
    bool semicolon = command->argv0_length == 2 && memcmp(command->argv0, "\\;", 2) == 0;
    buffer_add(out, " --argv0=%.*s", semicolon ? 1 : (int)command->argv0_length, command->argv0 + (semicolon ? 1 : 0));
  } else if (changed || dollars) {
    buffer_add_text(out, " --argv0="); // with its variables: systemd replaces them in argv[0], not in the path
    word_add(out, command->program, false);
  }
  buffer_add_text(out, " -- ");
  out->failed |= simple.failed;
  if (!out->failed)
    word_add(out, program != NULL ? program : simple.text, !command->verbatim);
  if (command->arguments_length > 0)
    buffer_add(out, " %.*s", (int)command->arguments_length, command->arguments);
  if (!out->failed && out->text[out->length - 1] == '\\')
    buffer_add_text(out, " "); // right before the line's end it would continue the line
  else if (!out->failed && exec_is_blank(out->text[out->length - 1]))
    buffer_add_text(out, "\"\""); // a backslash keeps that blank, and the line's end would lose it
  buffer_clear(&simple);
}

bool
exec_command_is_of(const struct exec_command *command, const char *name) {
  const char *slash = strrchr(command->program, '/');
  return strcmp(slash != NULL ? slash + 1 : command->program, name) == 0;
}

bool
exec_command_unwrap(const struct exec_command *command, const char *name, char **program) {
  const char *text = command->arguments;
  if (!exec_command_is_of(command, name))
    return false;
  const char *end = text + command->arguments_length;
  char *word = malloc(command->arguments_length + 1);
  bool behind = false;
  while (word != NULL && text < end) {
    text += exec_word_take(text, word);
    text += exec_blanks_length(text);
    if (behind) {
      *program = word;
      return true;
    }
    behind = strcmp(word, "--") == 0;
  }
  free(word);
  return false;
}

bool
exec_command_has_option(const struct exec_command *command, const char *option) {
  const char *text = command->arguments, *end = text + command->arguments_length;
  char *word = malloc(command->arguments_length + 1);
  bool found = false, ended = false;
  while (word != NULL && !found && !ended && text < end) {
    text += exec_word_take(text, word);
    text += exec_blanks_length(text);
    ended = strcmp(word, "--") == 0;
    found = !ended && strncmp(word, option, strlen(option)) == 0;
  }
  free(word);
  return found;
}

// Within a word, "$" is one by itself where no name in braces follows.
bool
exec_path_plain(const char *text, bool verbatim, struct buffer *out) {
  if (!verbatim && text[0] == '$' && text[1] != '$')
    return false;
  for (; *text != '\0'; text++) {
    bool doubled = *text == '%' || (*text == '$' && !verbatim && (text[1] == '$' || text[1] == '{'));
    if (doubled && text[1] != *text)
      return false;
    text += doubled ? 1 : 0;
    buffer_add(out, "%c", *text);
  }
  return !out->failed;
}
