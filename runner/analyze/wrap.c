// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap.c - breaks lines at spaces.
#include "runner/analyze/wrap.h"
#include <string.h>

void
wrap(struct buffer *out, unsigned indent, unsigned more, const struct buffer *text) {
  const char *word = text->text;
  size_t column = 0;
  out->failed |= text->failed || word == NULL;
  while (!out->failed && *word != '\0') {
    size_t length = strcspn(word, " ");
    if (column > 0 && column + 1 + length <= WRAP_COLUMNS) {
      buffer_add(out, " ");
      column++;
    } else {
      unsigned blanks = column == 0 ? indent : more;
      buffer_add(out, "%s%*s", column == 0 ? "" : "\n", (int)blanks, "");
      column = blanks;
    }
    buffer_add(out, "%.*s", (int)length, word);
    column += length;
    word += length + (word[length] == ' ');
  }
  buffer_add(out, "\n");
}
