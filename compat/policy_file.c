// SPDX-License-Identifier: LGPL-2.1-or-later
// policy_file.c - takes a policy file apart into assignments.
#include "compat/policy_file.h"
#include <string.h>

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

static bool
split_line(const struct text *line, struct assignment *out, struct diags *diags) {
  if (!line_split(line, out)) {
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
  struct text line;
  while (line_next(&file->text, &line)) {
    if (text_peek(&line, 0) == '[')
      read_header(file, &line, diags);
    else if (!file->foreign && split_line(&line, out, diags))
      return true;
  }
  return false;
}

bool
policy_value_next(struct text *text, struct text *value) {
  return line_next(text, value);
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
