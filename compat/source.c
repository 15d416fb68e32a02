// SPDX-License-Identifier: LGPL-2.1-or-later
// source.c - finds the line and column of a place in policy text.
#include "compat/source.h"
#include <string.h>

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

  const char *start = source->text, *place = source->text + offset, *end = source->text + source->length;
  unsigned line = 1;
  for (const char *next; (next = memchr(start, '\n', (size_t)(place - start))) != NULL; start = next + 1)
    line++;
  const char *line_end = memchr(place, '\n', (size_t)(end - place));
  if (line_end == NULL)
    line_end = end;
  if (line_end > place && line_end[-1] == '\r')
    line_end--;
  return (struct source_line){line, (unsigned)(place - start) + 1, start, (size_t)(line_end - start)};
}
