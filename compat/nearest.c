// SPDX-License-Identifier: LGPL-2.1-or-later
// nearest.c - edit distance between short names.
#include "compat/nearest.h"
#include "compat/text.h"
#include <string.h>

static unsigned
least(unsigned a, unsigned b) {
  return a < b ? a : b;
}

// The edits between the first `i` bytes of a and the first `j` of b, from the rows for one and two bytes less of a.
static unsigned
cell(const char *a, size_t i, const char *b, size_t j, const unsigned *before, const unsigned *last, unsigned left) {
  unsigned other = text_lower(a[i - 1]) != text_lower(b[j - 1]);
  unsigned best = least(least(last[j] + 1, left + 1), last[j - 1] + other);
  if (i > 1 && j > 1 && text_lower(a[i - 1]) == text_lower(b[j - 2]) && text_lower(a[i - 2]) == text_lower(b[j - 1]))
    best = least(best, before[j - 2] + 1);
  return best;
}

// Both at most NEAREST_BYTES_MAX long.
static unsigned
distance(const char *a, size_t a_length, const char *b, size_t b_length) {
  unsigned rows[3][NEAREST_BYTES_MAX + 1];
  for (size_t j = 0; j <= b_length; j++)
    rows[0][j] = (unsigned)j;
  for (size_t i = 1; i <= a_length; i++) {
    unsigned *row = rows[i % 3];
    const unsigned *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
    row[0] = (unsigned)i;
    for (size_t j = 1; j <= b_length; j++)
      row[j] = cell(a, i, b, j, before, last, row[j - 1]);
  }
  return rows[a_length % 3][b_length];
}

void
nearest_start(struct nearest *nearest, const char *word, size_t length) {
  *nearest = (struct nearest){.word = word, .length = length};
}

void
nearest_offer(struct nearest *nearest, const char *name) {
  size_t length = strlen(name);
  size_t longer = length > nearest->length ? length : nearest->length;
  size_t shorter = length > nearest->length ? nearest->length : length;
  unsigned limit = longer < 4 ? 1 : longer < 10 ? 2 : 3;
  if (longer > NEAREST_BYTES_MAX || shorter == 0 || longer - shorter > limit)
    return;
  unsigned edits = distance(nearest->word, nearest->length, name, length);
  if (edits > limit || edits >= shorter || (nearest->best != NULL && edits >= nearest->distance))
    return;
  nearest->best = name;
  nearest->distance = edits;
}
