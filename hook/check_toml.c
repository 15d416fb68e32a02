// SPDX-License-Identifier: LGPL-2.1-or-later
// check_toml.c - walks over a TOML file, and reads one array of strings in it.
#include "hook/check_toml.h"
#include "compat/text.h"
#include <string.h>

#define KEY "hooks_dir"
#define NAME_BYTES_MAX 128
#define DEPTH_MAX 64

struct walk {
  struct text text;
  struct diags *diags;
  char table[NAME_BYTES_MAX];
};

static int
give_up(struct walk *walk, uint32_t from, const char *why) {
  uint32_t end = walk->text.at > from ? walk->text.at : from;
  diag_add(walk->diags, DIAG_ERROR, text_pos(&walk->text, from, end), "not understood: %s", why);
  return -1;
}

static bool
at_end(const struct walk *walk) {
  return walk->text.at >= walk->text.end;
}

static char
peek(const struct walk *walk) {
  return text_peek(&walk->text, 0);
}

static void
skip_spaces(struct walk *walk) {
  while (peek(walk) == ' ' || peek(walk) == '\t' || peek(walk) == '\r')
    walk->text.at++;
}

static void
skip_comment(struct walk *walk) {
  while (peek(walk) == '#')
    while (!at_end(walk) && peek(walk) != '\n')
      walk->text.at++;
}

// Blanks, line ends and comments.
static void
skip_empty(struct walk *walk) {
  while (!at_end(walk) && (text_is_blank(peek(walk)) || peek(walk) == '#')) {
    skip_comment(walk);
    if (!at_end(walk))
      walk->text.at++;
  }
}

static bool
is_tripled(const struct walk *walk, char quote) {
  return peek(walk) == quote && text_peek(&walk->text, 1) == quote && text_peek(&walk->text, 2) == quote;
}

// A string of one line: its bytes. False if it does not end there.
static bool
take_string(struct walk *walk, uint32_t *from, uint32_t *to, bool *escaped) {
  char quote = peek(walk);
  *from = ++walk->text.at;
  *escaped = false;
  while (!at_end(walk) && peek(walk) != quote && peek(walk) != '\n') {
    bool escape = quote == '"' && peek(walk) == '\\';
    *escaped = *escaped || escape;
    walk->text.at += escape && walk->text.end - walk->text.at > 1 ? 2 : 1;
  }
  *to = walk->text.at;
  if (peek(walk) != quote)
    return false;
  walk->text.at++;
  return true;
}

static bool
skip_string(struct walk *walk) {
  char quote = peek(walk);
  uint32_t from, to;
  bool escaped;
  if (!is_tripled(walk, quote))
    return take_string(walk, &from, &to, &escaped);
  for (walk->text.at += 3; !at_end(walk); walk->text.at++) {
    if (is_tripled(walk, quote)) {
      while (peek(walk) == quote) // as many as five end it
        walk->text.at++;
      return true;
    }
    if (quote == '"' && peek(walk) == '\\' && walk->text.end - walk->text.at > 1)
      walk->text.at++;
  }
  return false;
}

// Moves behind a value, which ends with its line unless a bracket is open.
static int
skip_value(struct walk *walk, uint32_t from) {
  unsigned depth = 0;
  for (; !at_end(walk) && (depth > 0 || peek(walk) != '\n');) {
    char byte = peek(walk);
    if (byte == '#') {
      skip_comment(walk);
    } else if (byte == '"' || byte == '\'') {
      if (!skip_string(walk))
        return give_up(walk, from, "a string that does not end");
    } else {
      depth += byte == '[' || byte == '{';
      if ((byte == ']' || byte == '}') && depth-- == 0)
        return give_up(walk, from, "a bracket that nothing opens");
      if (depth > DEPTH_MAX)
        return give_up(walk, from, "too many brackets");
      walk->text.at++;
    }
  }
  return depth == 0 ? 0 : give_up(walk, from, "a bracket that nothing closes");
}

static int
add_folder(struct walk *walk, struct toml_folders *out) {
  uint32_t from, to, start = walk->text.at;
  bool escaped;
  if ((peek(walk) != '"' && peek(walk) != '\'') || is_tripled(walk, peek(walk)))
    return give_up(walk, start, KEY " is a list of plain strings");
  if (!take_string(walk, &from, &to, &escaped) || escaped)
    return give_up(walk, start, "a string with escapes, or without an end");
  if (out->count == TOML_FOLDERS_MAX || to - from >= PATH_MAX)
    return give_up(walk, start, "too many folders, or too long a name");
  memcpy(out->path[out->count], walk->text.source->text + from, to - from);
  out->path[out->count++][to - from] = '\0';
  return 0;
}

// The cursor is behind "hooks_dir =".
static int
read_list(struct walk *walk, struct toml_folders *out) {
  uint32_t start = walk->text.at;
  out->count = 0;
  skip_spaces(walk);
  if (peek(walk) != '[')
    return give_up(walk, start, KEY " is a list: " KEY " = [\"/folder\"]");
  walk->text.at++;
  for (;;) {
    skip_empty(walk);
    if (peek(walk) == ']')
      break;
    if (add_folder(walk, out) != 0)
      return -1;
    skip_empty(walk);
    if (peek(walk) == ',')
      walk->text.at++;
    else if (peek(walk) != ']')
      return give_up(walk, start, "a list that does not end");
  }
  walk->text.at++;
  skip_spaces(walk);
  skip_comment(walk);
  return at_end(walk) || peek(walk) == '\n' ? 1 : give_up(walk, start, "something behind the list");
}

// The bytes of a name up to `end`, without blanks around its dots. Quoted parts are as they are.
static bool
take_name(struct walk *walk, char end, char out[NAME_BYTES_MAX]) {
  size_t length = 0;
  char quote = '\0';
  for (; !at_end(walk) && peek(walk) != '\n' && (quote != '\0' || peek(walk) != end); walk->text.at++) {
    char byte = peek(walk);
    if (quote == '\0' && (byte == '"' || byte == '\''))
      quote = byte;
    else if (byte == quote)
      quote = '\0';
    else if (quote == '\0' && (byte == ' ' || byte == '\t'))
      continue;
    if (quote == '"' && byte == '\\')
      return false;
    if (length == NAME_BYTES_MAX - 1)
      return false;
    out[length++] = byte;
  }
  out[length] = '\0';
  return !at_end(walk) && peek(walk) == end && length > 0;
}

static int
read_table(struct walk *walk) {
  uint32_t start = walk->text.at++;
  if (peek(walk) == '[') { // one of many tables of a name, which no engine's hooks_dir is in
    walk->text.at++;
    if (!take_name(walk, ']', walk->table))
      return give_up(walk, start, "the name of a table");
    walk->text.at++;
    strcpy(walk->table, "[]");
  } else if (!take_name(walk, ']', walk->table)) {
    return give_up(walk, start, "the name of a table");
  }
  if (peek(walk) != ']')
    return give_up(walk, start, "the name of a table");
  walk->text.at++;
  return 0;
}

static bool
holds_key(const struct walk *walk, uint32_t from) {
  return memmem(walk->text.source->text + from, walk->text.at - from, KEY, strlen(KEY)) != NULL;
}

// One KEY = VALUE. Returns 1 where it was the wanted one.
static int
read_pair(struct walk *walk, const char *table, struct toml_folders *out) {
  uint32_t start = walk->text.at;
  char name[NAME_BYTES_MAX], whole[2 * NAME_BYTES_MAX];
  if (!take_name(walk, '=', name))
    return give_up(walk, start, "not NAME = VALUE");
  walk->text.at++;
  size_t length = strlen(walk->table);
  memcpy(whole, walk->table, length);
  if (length > 0)
    whole[length++] = '.';
  memcpy(whole + length, name, strlen(name) + 1);
  size_t table_length = strlen(table);
  if (strncmp(whole, table, table_length) == 0 && strcmp(whole + table_length, "." KEY) == 0)
    return read_list(walk, out);
  if (skip_value(walk, start) != 0)
    return -1;
  if (strstr(name, KEY) != NULL)
    return give_up(walk, start, KEY " in another place than where the engine looks for it");
  return strncmp(table, whole, strlen(whole)) == 0 && holds_key(walk, start)
             ? give_up(walk, start, "a table within a line")
             : 0;
}

int
toml_read_folders(const struct source *source, const char *table, struct toml_folders *out, struct diags *diags) {
  struct walk walk = {.diags = diags};
  bool found = false;
  if (!text_open(&walk.text, source, diags))
    return -1;
  for (skip_empty(&walk); !at_end(&walk); skip_empty(&walk)) {
    int result = peek(&walk) == '[' ? read_table(&walk) : read_pair(&walk, table, out);
    if (result < 0)
      return -1;
    if (result > 0 && found)
      return give_up(&walk, walk.text.at, KEY " stands there twice");
    found = found || result > 0;
  }
  return found;
}
