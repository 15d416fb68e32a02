// SPDX-License-Identifier: LGPL-2.1-or-later
// heap.c - malloc(3) and its relatives on one pool, handed out from its beginning and never taken back in parts.
#include "runner/heap.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 16
// Each block is preceded by its size, for realloc().
#define HEADER ALIGNMENT

static size_t pool_used;

void
heap_reset(void) {
  pool_used = 0;
}

void *
malloc(size_t size) {
  unsigned char *pool = heap_pool();
  if (pool == NULL || size > HEAP_BYTES - HEADER - ALIGNMENT) {
    errno = ENOMEM;
    return NULL;
  }
  size_t needed = HEADER + ((size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1));
  if (needed > HEAP_BYTES - pool_used) {
    errno = ENOMEM;
    return NULL;
  }
  unsigned char *block = pool + pool_used;
  memcpy(block, &size, sizeof size);
  pool_used += needed;
  return block + HEADER;
}

void
free(void *block) {
  (void)block;
}

// The pool is zero where it was never handed out, and nothing is handed out twice.
void *
calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  return malloc(bytes);
}

void *
realloc(void *block, size_t size) {
  size_t old = 0;
  if (block != NULL)
    memcpy(&old, (unsigned char *)block - HEADER, sizeof old);
  if (block != NULL && size <= old)
    return block;
  void *grown = malloc(size);
  if (grown != NULL && block != NULL)
    memcpy(grown, block, old);
  return grown;
}
