// SPDX-License-Identifier: LGPL-2.1-or-later
// exec_command.c - takes ExecStart= apart: continuations, prefixes, ";".
// All of it as measured with systemd 252.
#include "runner/analyze/exec_command.h"
#include "runner/analyze/exec_word.h"
#include <stdlib.h>
#include <string.h>

// Continuations: the backslash and the line's end are one blank, and so are "\r\n"; what the next line begins with
// stays.

// Takes the next byte as systemd has it in its joined line. Returns false at the end.
static bool
joined_byte(struct text *text, char *byte, bool *escaped) {
  if (text->at >= text->end)
    return false;
  *byte = text_peek(text, 0);
  if (!*escaped && *byte == '\\' && text_skip_continuation(text)) {
    *byte = ' ';
    return true;
  }
  *escaped = *byte == '\\' && !*escaped;
  text->at++;
  return true;
}

// The offset in its file of byte `at` of the joined line.
static uint32_t
joined_offset(const struct exec_line *line, size_t at) {
  struct text text = line->value;
  bool escaped = false;
  char byte;
  while (at > 0 && joined_byte(&text, &byte, &escaped))
    at--;
  return text.at;
}

static struct source_pos
joined_pos(const struct exec_line *line, size_t from, size_t to) {
  return text_pos(&line->value, joined_offset(line, from), joined_offset(line, to));
}

int
exec_line_open(struct exec_line *line, const struct text *value, struct error *e) {
  struct text text = *value;
  bool escaped = false;
  *line = (struct exec_line){.value = *value, .text = malloc(value->end - value->at + 1)};
  if (line->text == NULL)
    return error_memory(e, ERROR_POLICY);
  while (joined_byte(&text, &line->text[line->length], &escaped))
    line->length++;
  while (line->length > 0 && exec_is_blank(line->text[line->length - 1]))
    line->length--; // also behind a backslash
  line->text[line->length] = '\0';
  return 0;
}

void
exec_line_clear(struct exec_line *line) {
  free(line->text);
  *line = (struct exec_line){0};
}

static bool
is_word(const char *text, const char *word) {
  size_t length = strlen(word);
  return strncmp(text, word, length) == 0 && (text[length] == '\0' || exec_is_blank(text[length]));
}

// Prefixes and the program.

// Takes one prefix, if it is one that systemd takes there.
static bool
prefix_take(struct exec_command *command, bool *separate, unsigned *bangs, char byte) {
  bool taken = false;
  if (byte == '@')
    taken = !*separate;
  else if (byte == '-' || byte == ':')
    taken = strchr(command->prefixes, byte) == NULL;
  else if (byte == '+' || byte == '!')
    taken = !command->privileged && *bangs < (byte == '+' ? 1u : 2u);
  if (!taken)
    return false;
  *separate = *separate || byte == '@';
  *bangs += byte == '!';
  command->verbatim = command->verbatim || byte == ':';
  command->privileged = command->privileged || byte == '+';
  command->keeps_user = *bangs == 1;
  if (byte != '@')
    command->prefixes[strlen(command->prefixes)] = byte;
  return true;
}

// What systemd does not take for a program.
static const char *
program_problem(const char *program) {
  size_t length = strlen(program);
  if (length == 0)
    return "there is no program behind the prefixes";
  for (size_t i = 0; i < length; i++)
    if ((unsigned char)program[i] < ' ' || strchr("\"'\\\x7f", program[i]) != NULL)
      return "systemd starts no program with quotes, backslashes or control characters in its name";
  if (program[length - 1] == '/' || strcmp(program, ".") == 0 || strcmp(program, "..") == 0)
    return "this is no program's name";
  if (*program == '|')
    return "\"|\" is not taken: write the program that the shell is to start";
  return NULL;
}

// Values of these specifiers can hold a "$", or anything, which would then be taken for a variable.
static bool
has_loose_specifier(const char *text, bool only_first) {
  for (; (text = strchr(text, '%')) != NULL && text[1] != '\0'; text += 2) {
    if (strchr("IJPfq", text[1]) != NULL)
      return true;
    if (only_first)
      break;
  }
  return false;
}

bool
exec_command_is_path(const struct exec_command *command) {
  const char *program = command->program;
  return program[0] == '/' || (program[0] == '%' && program[1] != '\0' && strchr("hftdyYSCLETV", program[1]) != NULL);
}

static int
program_check(const struct exec_command *command, struct error *e) {
  const char *problem = program_problem(command->program);
  if (problem == NULL && !exec_command_is_path(command) && strpbrk(command->program, "/%") != NULL)
    problem = "neither a path from / nor a name without slashes and specifiers; or its prefix is one that systemd does "
              "not take there";
  if (problem == NULL && !command->verbatim && has_loose_specifier(command->program, false))
    problem = "%I, %J, %P, %f and %q may hold a \"$\", which would be taken for a variable in a wrapped program's name";
  if (problem == NULL && !command->verbatim && command->program[0] == '$')
    problem = "a program's name is no variable: systemd looks for a file of that very name";
  return problem == NULL ? 0 : error_set(e, ERROR_POLICY, command->at, "%s", problem);
}

static int
program_read(struct exec_command *command, bool *separate, struct error *e) {
  size_t skip = 0;
  unsigned bangs = 0;
  *separate = false;
  while (prefix_take(command, separate, &bangs, command->program[skip]))
    skip++;
  memmove(command->program, command->program + skip, strlen(command->program + skip) + 1);
  return program_check(command, e);
}

// Arguments.

// The word for argv[0] has to stay one word: behind --argv0= it could not become several, or none.
static int
argv0_check(const struct exec_command *command, const char *word, struct error *e) {
  if (!command->verbatim && word[0] == '$' && word[1] != '{' && word[1] != '$')
    return error_set(e, ERROR_POLICY, command->at,
                     "\"@\" with a variable alone as argv[0], which may become several words or none; write ${...}");
  size_t backslashes = 0;
  while (backslashes < command->argv0_length && command->argv0[command->argv0_length - 1 - backslashes] == '\\')
    backslashes++;
  if (backslashes % 2 != 0)
    return error_set(
        e, ERROR_POLICY, command->at,
        "\"@\" with an argv[0] that ends in a backslash alone, which would keep the next word with it; write "
        "two");
  if (!command->verbatim && word[0] == '%' && has_loose_specifier(word, true))
    return error_set(e, ERROR_POLICY, command->at,
                     "\"@\" with an argv[0] that begins with %.2s, which may hold a variable alone", word);
  return 0;
}

// Takes the words up to a ";" alone, or the end. `word` is room for any of them.
static int
arguments_read(struct exec_line *line, struct exec_command *command, bool separate, char *word, struct error *e) {
  const char *text = line->text;
  size_t end = line->at;
  command->arguments = text + line->at;
  while (text[line->at] != '\0' && !is_word(text + line->at, ";")) {
    bool semicolon = is_word(text + line->at, "\\;");
    size_t length = semicolon ? 2 : exec_word_take(text + line->at, word);
    if (length == 0)
      return error_set(e, ERROR_POLICY, joined_pos(line, line->at, line->length), "this quote is not closed");
    end = line->at + length;
    if (separate) {
      command->argv0 = text + line->at;
      command->argv0_length = length;
      if (!semicolon && argv0_check(command, word, e) != 0)
        return -1;
    }
    line->at = end + exec_blanks_length(text + end);
    if (separate)
      command->arguments = text + line->at;
    separate = false;
  }
  if (separate)
    return error_set(e, ERROR_POLICY, command->at, "\"@\" without a word for argv[0]: systemd does not take it");
  command->arguments_length = command->arguments < text + end ? (size_t)(text + end - command->arguments) : 0;
  command->at.length = joined_offset(line, end) - command->at.offset;
  return 0;
}

// A first word ";" is passed over, however it is written. Returns the length of the next, 0 if there is none.
static size_t
first_word(struct exec_line *line, char *word) {
  const char *text = line->text;
  size_t length;
  do {
    line->at += exec_blanks_length(text + line->at);
    length = exec_word_take(text + line->at, word);
    if (strcmp(word, ";") == 0 && length > 0)
      line->at += length;
  } while (strcmp(word, ";") == 0 && length > 0);
  return length;
}

static int
command_read(struct exec_line *line, struct exec_command *out, char *word, struct error *e) {
  const char *text = line->text;
  size_t length = first_word(line, out->program), start = line->at;
  bool separate;
  if (text[start] == '\0')
    return 0;
  out->at = joined_pos(line, start, length > 0 ? start + length : line->length);
  if (length == 0)
    return error_set(e, ERROR_POLICY, out->at, "this quote is not closed");
  line->at += length;
  line->at += exec_blanks_length(text + line->at);
  return program_read(out, &separate, e) != 0 || arguments_read(line, out, separate, word, e) != 0 ? -1 : 1;
}

int
exec_line_next(struct exec_line *line, struct exec_command *out, struct error *e) {
  size_t room = line->length + 1;
  char *word = malloc(room);
  *out = (struct exec_command){.program = malloc(room)};
  int found = word == NULL || out->program == NULL ? error_memory(e, ERROR_POLICY) : command_read(line, out, word, e);
  free(word);
  if (found != 1)
    exec_command_clear(out);
  return found;
}

void
exec_command_clear(struct exec_command *command) {
  free(command->program);
  *command = (struct exec_command){0};
}
