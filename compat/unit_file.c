// SPDX-License-Identifier: LGPL-2.1-or-later
// unit_file.c - takes a unit file apart into sections and assignments.
#include "compat/unit_file.h"
#include <string.h>

static const char mark[] = "\xef\xbb\xbf"; // byte order mark
enum { MARK_BYTES = sizeof mark - 1 };

// Bytes that are not ASCII, in the words of utf8_is_valid() of systemd: no surrogates, no noncharacters, nothing longer
// than need be. Returns the length of the character at the cursor, or 0.
static uint32_t
character_length(const struct text *text) {
  unsigned char first = (unsigned char)text_peek(text, 0);
  uint32_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  uint32_t character = length > 1 ? first & (0x7fu >> length) : first;
  for (uint32_t i = 1; i < length; i++) {
    unsigned char next = (unsigned char)text_peek(text, i);
    if ((next & 0xc0) != 0x80)
      return 0;
    character = character << 6 | (next & 0x3f);
  }
  bool too_long = (length == 3 && character < 0x800) || (length == 4 && (character < 0x10000 || character > 0x10ffff));
  bool surrogate = character >= 0xd800 && character < 0xe000;
  bool none = (character >= 0xfdd0 && character < 0xfdf0) || (character & 0xfffe) == 0xfffe;
  return too_long || surrogate || none ? 0 : length;
}

// Nearly all lines are, so eight bytes at a time.
static bool
is_ascii(const struct text *line) {
  const char *at = line->source->text + line->at, *end = line->source->text + line->end;
  uint64_t all = 0, some;
  for (; end - at >= (ptrdiff_t)sizeof some; at += sizeof some) {
    memcpy(&some, at, sizeof some);
    all |= some;
  }
  for (; at < end; at++)
    all |= (unsigned char)*at;
  return (all & UINT64_C(0x8080808080808080)) == 0;
}

// Comments inside the line are not looked at.
static bool
check_characters(const struct text *line, struct diags *diags) {
  struct text text = *line;
  uint32_t length = 1;
  if (is_ascii(line))
    return true;
  while (text.at < text.end && length > 0) {
    if (text_peek(&text, 0) == '\\' && text_skip_continuation(&text))
      continue;
    length = character_length(&text);
    text.at += length;
  }
  if (length == 0)
    diag_add(diags, DIAG_ERROR, text_pos(&text, text.at, text.at + 1), "not UTF-8: systemd does not load this file");
  return length > 0;
}

// Control characters, quotes and backslashes before `end`, but not those that continue the line.
static bool
has_bad_byte(struct text line, uint32_t end) {
  while (line.at < end) {
    unsigned char byte = (unsigned char)text_peek(&line, 0);
    if (byte == '\\' && text_skip_continuation(&line))
      continue;
    if (byte < ' ' || byte == 0x7f || byte == '"' || byte == '\'' || byte == '\\')
      return true;
    line.at++;
  }
  return false;
}

static bool
read_header(struct unit_file *file, const struct text *line, struct diags *diags) {
  struct source_pos at = line_pos(line);
  struct text inside = {line->source, at.offset + 1, line->end};
  uint32_t end = at.offset + at.length - 1;
  const char *problem = NULL;
  if (at.length < 2 || text_bytes(at)[at.length - 1] != ']')
    problem = "this section header does not end in \"]\": systemd does not load this file";
  else if (has_bad_byte(inside, end))
    problem = "no section has such a name: systemd does not load this file";
  if (problem != NULL)
    diag_add(diags, DIAG_ERROR, at, "%s", problem);
  else
    file->section = text_pos(&inside, inside.at, end);
  return problem == NULL;
}

// The first mark at the start of a line is passed over, wherever it is; what is behind it on the line is no comment.
static void
skip_mark(struct unit_file *file, struct text *line) {
  const char *start = line->source->text + line->at;
  bool at_start = line->at == 0 || start[-1] == '\n';
  if (file->marked || !at_start || line->end - line->at < MARK_BYTES || memcmp(start, mark, MARK_BYTES) != 0)
    return;
  file->marked = true;
  line->at += MARK_BYTES;
  (void)text_skip_blanks(line);
}

// text_open() has passed over a mark at the start already.
static void
begin(struct unit_file *file) {
  if (!file->begun)
    file->text.at = 0;
  file->begun = true;
}

// Returns whether the line is one for the caller. What is none is an error in the strict section only.
static bool
split_line(const struct unit_file *file, const struct text *line, struct assignment *out, struct diags *diags) {
  bool split = line_split(line, out);
  if (split && out->name.length > 0 && file->section.length > 0)
    return true;
  if (file->strict == NULL || !unit_file_in(file, file->strict) || line->at == line->end)
    return false;
  diag_add(diags, DIAG_ERROR, line_pos(line),
           split ? "there is no name before \"=\"" : "not a setting: there is no \"=\"");
  diag_add(diags, DIAG_HINT, line_pos(line), "nothing in [%s] is ignored", file->strict);
  return false;
}

bool
unit_file_next(struct unit_file *file, struct assignment *out, struct diags *diags) {
  struct text line;
  begin(file);
  while (line_next(&file->text, &line)) {
    skip_mark(file, &line);
    bool loads = check_characters(&line, diags);
    if (loads && text_peek(&line, 0) == '[')
      loads = read_header(file, &line, diags);
    else if (loads && split_line(file, &line, out, diags))
      return true;
    if (!loads)
      file->text.at = file->text.end;
  }
  return false;
}

bool
unit_file_in(const struct unit_file *file, const char *name) {
  return file->section.source != NULL && text_is(text_bytes(file->section), file->section.length, name);
}
