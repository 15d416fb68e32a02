// SPDX-License-Identifier: LGPL-2.1-or-later
// array.h - arrays that grow by doubling.
#ifndef SCRUN_COMPAT_ARRAY_H
#define SCRUN_COMPAT_ARRAY_H
#include <stdlib.h>

// Makes room for `wanted` items (at least one) of `size` bytes in the heap array `items`, NULL at first. *room is for
// how many it has room: 0 at first, then `first`, then twice as many as before. Returns the array, moved or not, or
// NULL when memory is out; then `items` is as it was.
static inline void *
array_grow(void *items, size_t *room, size_t wanted, size_t first, size_t size) {
  size_t grown = *room == 0 ? first : *room, bytes;
  if (wanted <= *room)
    return items;
  while (grown < wanted)
    if (__builtin_mul_overflow(grown, 2, &grown))
      return NULL;
  if (__builtin_mul_overflow(grown, size, &bytes))
    return NULL;
  void *moved = realloc(items, bytes);
  if (moved != NULL)
    *room = grown;
  return moved;
}
#endif
