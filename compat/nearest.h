// SPDX-License-Identifier: LGPL-2.1-or-later
// nearest.h - which of many names was meant by a mistyped one.
#ifndef SCRUN_COMPAT_NEAREST_H
#define SCRUN_COMPAT_NEAREST_H
#include <stddef.h>

// Names longer than this are never near anything.
#define NEAREST_BYTES_MAX 63

// The best candidate so far.
struct nearest {
  const char *word;
  size_t length;
  const char *best; // NULL while none was near
  unsigned distance;
};

// Starts a search for the name that `word` (borrowed) was meant to be.
void nearest_start(struct nearest *nearest, const char *word, size_t length);

// Offers a candidate, NUL-terminated. It is taken if fewer edits (a byte more, less, other, or two swapped; case is
// free) lead to it than to the best so far, and few enough for its length.
void nearest_offer(struct nearest *nearest, const char *name);
#endif
