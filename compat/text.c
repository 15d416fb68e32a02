// SPDX-License-Identifier: LGPL-2.1-or-later
// text.c - blanks, continued lines and words. The only place that knows what a line is.
#include "compat/text.h"
#include <string.h>

// Returns the offset of the first byte that no reader takes, or `length`.
static size_t
bad_byte(const struct source *source) {
  size_t length = source->length;
  const char *nul = memchr(source->text, '\0', length);
  if (nul != NULL)
    length = (size_t)(nul - source->text);
  if (!source->has_lines)
    return nul != NULL ? length : source->length;
  for (size_t i = 0; i < length; i++) {
    const char *cr = memchr(source->text + i, '\r', length - i);
    if (cr == NULL)
      break;
    i = (size_t)(cr - source->text);
    if (i + 1 == source->length || source->text[i + 1] != '\n')
      return i;
  }
  return nul != NULL ? length : source->length;
}

bool
text_open(struct text *text, const struct source *source, struct diags *diags) {
  return text_open_up_to(text, source, TEXT_BYTES_MAX, diags);
}

bool
text_open_up_to(struct text *text, const struct source *source, size_t max, struct diags *diags) {
  *text = (struct text){source, 0, 0};
  if (source->length > max) {
    diag_add(diags, DIAG_ERROR, text_pos(text, 0, 0), "longer than %zu bytes", max);
    return false;
  }
  size_t bad = source->length == 0 ? 0 : bad_byte(source);
  if (bad != source->length) {
    diag_add(diags, DIAG_ERROR, text_pos(text, (uint32_t)bad, (uint32_t)bad + 1),
             source->text[bad] == '\0' ? "there is a NUL byte in the text"
                                       : "a carriage return in the middle of a line");
    return false;
  }
  text->end = (uint32_t)source->length;
  if (source->has_lines && source->length >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0)
    text->at = 3;
  return true;
}

struct source_pos
text_pos(const struct text *text, uint32_t from, uint32_t to) {
  return (struct source_pos){text->source, from, to > from ? to - from : 0};
}

bool
text_is(const char *bytes, size_t length, const char *name) {
  return strlen(name) == length && memcmp(bytes, name, length) == 0;
}

bool
text_is_any_case(const char *bytes, size_t length, const char *name) {
  if (strlen(name) != length)
    return false;
  for (size_t i = 0; i < length; i++)
    if (text_lower(bytes[i]) != name[i])
      return false;
  return true;
}

void
text_skip_line(struct text *text) {
  if (text->at >= text->end)
    return;
  const char *start = text->source->text + text->at;
  const char *newline = memchr(start, '\n', text->end - text->at);
  text->at = newline == NULL ? text->end : text->at + (uint32_t)(newline - start) + 1;
}

// At the start of a line: is it a comment?
static bool
at_comment(const struct text *text) {
  struct text ahead = *text;
  while (text_peek(&ahead, 0) == ' ' || text_peek(&ahead, 0) == '\t')
    ahead.at++;
  return text_peek(&ahead, 0) == '#' || text_peek(&ahead, 0) == ';';
}

bool
text_skip_continuation(struct text *text) {
  if (!text->source->has_lines || text_peek(text, 0) != '\\')
    return false;
  uint32_t left = text->end - text->at;
  bool line_end = text_peek(text, 1) == '\n' || (text_peek(text, 1) == '\r' && text_peek(text, 2) == '\n');
  if (left > 1 && !line_end)
    return false;
  text_skip_line(text);
  while (at_comment(text))
    text_skip_line(text);
  return true;
}

bool
text_skip_blanks(struct text *text) {
  for (;;) {
    if (text->at < text->end && text_is_blank(text_peek(text, 0)))
      text->at++;
    else if (!text_skip_continuation(text))
      return text->at < text->end;
  }
}

bool
text_word(struct text *text, struct source_pos *word, bool *closed) {
  if (!text_skip_blanks(text))
    return false;
  uint32_t start = text->at, end = text->at;
  unsigned depth = 0;
  while (text->at < text->end) {
    char byte = text->source->text[text->at];
    if (depth == 0 && text_is_blank(byte))
      break;
    end = text->at; // a continuation ends the word here
    if (byte == '\\' && text_skip_continuation(text)) {
      if (depth == 0)
        break;
      continue;
    }
    if (byte == '\\' && text->end - text->at > 1)
      text->at++;
    depth += byte == '(';
    depth -= byte == ')' && depth > 0;
    end = ++text->at;
  }
  *closed = depth == 0;
  *word = text_pos(text, start, end);
  return true;
}
