// SPDX-License-Identifier: LGPL-2.1-or-later
// line.c - takes lines off a text.
#include "compat/line.h"
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

// Is there a backslash before `end`? Nearly no line has one.
static bool
has_backslash(const struct text *text, uint32_t end) {
  return text->at < end && memchr(text->source->text + text->at, '\\', end - text->at) != NULL;
}

// Moves to the end of a line that may be continued. Two backslashes continue nothing: the first takes the second with
// it.
static void
skip_continued(struct text *text) {
  while (text->at < text->end && text_peek(text, 0) != '\n') {
    if (text_peek(text, 0) != '\\')
      text->at++;
    else if (!text_skip_continuation(text))
      text->at += 2; // there is a next byte: a backslash that is the last would be a continuation
  }
}

bool
line_next(struct text *text, struct text *line) {
  if (!skip_to_content(text))
    return false;
  *line = *text;
  const char *start = text->source->text + text->at, *newline = memchr(start, '\n', text->end - text->at);
  uint32_t end = newline == NULL ? text->end : text->at + (uint32_t)(newline - start);
  if (has_backslash(text, end))
    skip_continued(text);
  else
    text->at = end;
  line->end = text->at;
  return true;
}

// From the start of `line` to the last byte before `end` that is neither a blank nor part of a continuation.
static struct source_pos
content_pos(struct text line, uint32_t end) {
  uint32_t start = line.at, stop = end;
  if (!has_backslash(&line, stop)) {
    while (end > start && text_is_blank(line.source->text[end - 1]))
      end--;
    return text_pos(&line, start, end);
  }
  for (end = start; text_skip_blanks(&line) && line.at < stop;) {
    line.at += text_peek(&line, 0) == '\\' ? 2 : 1; // as skip_continued() steps
    end = line.at < stop ? line.at : stop;
  }
  return text_pos(&line, start, end);
}

struct source_pos
line_pos(const struct text *line) {
  return content_pos(*line, line->end);
}

bool
line_split(const struct text *line, struct assignment *out) {
  const char *start = line->source->text + line->at;
  const char *equals = memchr(start, '=', line->end - line->at);
  if (equals == NULL)
    return false;
  uint32_t end = line->at + (uint32_t)(equals - start);
  out->value = (struct text){line->source, end + 1, line->end};
  out->name = content_pos(*line, end); // a continuation may stand before "="
  return true;
}
