// SPDX-License-Identifier: LGPL-2.1-or-later
// policy_file.c - takes a policy file apart into assignments.
#include "compat/policy_file.h"
#include <string.h>

// The cursor is at the start of a line. Moves over empty lines and comments.
static bool
skip_to_content(struct text *text) {
  while (text_skip_blanks(text)) {
    if (text_peek(text, 0) != '#' && text_peek(text, 0) != ';')
      return true;
    text_skip_line(text);
  }
  return false;
}

// Takes the line at the cursor with all its continuations. Two backslashes continue nothing: the first takes the second
// with it.
static struct text
take_line(struct text *text) {
  struct text line = *text;
  while (text->at < text->end && text_peek(text, 0) != '\n') {
    if (text_peek(text, 0) != '\\')
      text->at++;
    else if (!text_skip_continuation(text))
      text->at += 2; // there is a next byte: a backslash that is the last would be a continuation
  }
  line.end = text->at;
  return line;
}

// The line from its start to its last byte that is no blank.
static struct source_pos
line_pos(const struct text *line) {
  uint32_t end = line->end;
  while (end > line->at && text_is_blank(line->source->text[end - 1]))
    end--;
  return text_pos(line, line->at, end);
}

static void
read_header(struct policy_file *file, const struct text *line, struct diags *diags) {
  const char *section = file->section != NULL ? file->section : "[Service]";
  struct source_pos at = line_pos(line);
  file->foreign = !text_is(text_bytes(at), at.length, section);
  if (!file->foreign)
    return;
  diag_add(diags, DIAG_ERROR, at, "%s has no section but %s", file->section != NULL ? "this file" : "a policy file",
           section);
  diag_add(diags, DIAG_HINT, at, "sections and settings that scrun does not know are never ignored");
}

// The bytes before the first "=", without blanks around them; with *value behind it. False if there is none.
static bool
split_at_equals(const struct text *line, struct source_pos *name, struct text *value) {
  const char *start = line->source->text + line->at;
  const char *equals = memchr(start, '=', line->end - line->at);
  if (equals == NULL)
    return false;
  uint32_t end = line->at + (uint32_t)(equals - start);
  *value = (struct text){line->source, end + 1, line->end};
  struct text before = {line->source, line->at, end};
  uint32_t name_end = before.at;
  while (text_skip_blanks(&before)) // a continuation may stand between the name and "="
    name_end = ++before.at;
  *name = text_pos(line, line->at, name_end);
  return true;
}

static bool
split_line(const struct text *line, struct assignment *out, struct diags *diags) {
  if (!split_at_equals(line, &out->name, &out->value)) {
    diag_add(diags, DIAG_ERROR, line_pos(line), "not a setting: there is no \"=\"");
    diag_add(diags, DIAG_HINT, line_pos(line), "a line is NAME=VALUE, or a comment that begins with # or ;");
    return false;
  }
  if (out->name.length == 0) {
    diag_add(diags, DIAG_ERROR, line_pos(line), "there is no name before \"=\"");
    return false;
  }
  return true;
}

bool
policy_file_next(struct policy_file *file, struct assignment *out, struct diags *diags) {
  while (skip_to_content(&file->text)) {
    struct text line = take_line(&file->text);
    if (text_peek(&line, 0) == '[')
      read_header(file, &line, diags);
    else if (!file->foreign && split_line(&line, out, diags))
      return true;
  }
  return false;
}

bool
policy_value_next(struct text *text, struct text *value) {
  if (!skip_to_content(text))
    return false;
  *value = take_line(text);
  return true;
}

bool
policy_property_split(const struct text *text, struct assignment *out, struct diags *diags) {
  const char *start = text->source->text + text->at;
  const char *equals = text->at == text->end ? NULL : memchr(start, '=', text->end - text->at);
  if (equals == NULL || equals == start) {
    diag_add(diags, DIAG_ERROR, text_pos(text, text->at, text->end), "a property is NAME=VALUE");
    return false;
  }
  uint32_t length = (uint32_t)(equals - start);
  out->name = text_pos(text, text->at, text->at + length);
  out->value = (struct text){text->source, text->at + length + 1, text->end};
  return true;
}
