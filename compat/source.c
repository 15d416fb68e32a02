// SPDX-License-Identifier: LGPL-2.1-or-later
// source.c - finds the line and column of a place in policy text.
#include "compat/source.h"

// The whole text counts as one line: a property of the command line may hold line ends, which then are mere blanks.
static struct source_line
line_of_one(const struct source *source, size_t offset) {
  return (struct source_line){1, (unsigned)offset + 1, source->text, source->length};
}

struct source_line
source_line_at(struct source_pos at) {
  const struct source *source = at.source;
  size_t offset = at.offset < source->length ? at.offset : source->length;
  if (!source->has_lines)
    return line_of_one(source, offset);

  unsigned line = 1;
  size_t start = 0;
  for (size_t i = 0; i < offset; i++) {
    if (source->text[i] == '\n') {
      line++;
      start = i + 1;
    }
  }
  size_t end = offset;
  while (end < source->length && source->text[end] != '\n')
    end++;
  if (end > start && end > offset && source->text[end - 1] == '\r')
    end--;
  return (struct source_line){line, (unsigned)(offset - start) + 1, source->text + start, end - start};
}
