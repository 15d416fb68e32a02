// SPDX-License-Identifier: LGPL-2.1-or-later
// pool.c - one mapping, handed out from its beginning, never taken back in parts, unmapped as a whole.
#include "runner/sandbox/pool.h"
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// The longest lists need 2 MiB; pages that nobody writes to cost nothing. Past it allocations fail, and with them the
// program.
#define POOL_BYTES ((size_t)8 << 20)
#define ALIGNMENT 16
#define PAGE_BYTES 4096

static unsigned char *pool;
static size_t pool_used;

// The library's own static storage that begins as zeros.
extern __attribute__((visibility("hidden"))) char __bss_start[], _end[];

static void *
static_pages(size_t *length) {
  uintptr_t first = ((uintptr_t)__bss_start + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);
  uintptr_t end = (uintptr_t)_end & ~(uintptr_t)(PAGE_BYTES - 1);
  *length = end > first ? end - first : 0;
  return (void *)first;
}

// Huge pages would make memory of hundreds of bytes one of megabytes, cleared first. A kernel without them says no.
static bool
pool_open(void) {
  size_t length;
  void *first = static_pages(&length);
  (void)madvise(first, length, MADV_NOHUGEPAGE);
  void *mapped = mmap(NULL, POOL_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED)
    return false;
  (void)madvise(mapped, POOL_BYTES, MADV_NOHUGEPAGE);
  pool = mapped;
  return true;
}

void
pool_drop(void) {
  size_t length;
  void *first = static_pages(&length);
  if (pool != NULL)
    (void)munmap(pool, POOL_BYTES);
  pool = NULL;
  pool_used = 0;
  (void)madvise(first, length, MADV_DONTNEED);
}

// Each block is preceded by its size, for realloc().
#define HEADER ALIGNMENT

void *
malloc(size_t size) {
  if ((pool == NULL && !pool_open()) || size > POOL_BYTES - HEADER - ALIGNMENT) {
    errno = ENOMEM;
    return NULL;
  }
  size_t needed = HEADER + ((size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1));
  if (needed > POOL_BYTES - pool_used) {
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
