// SPDX-License-Identifier: LGPL-2.1-or-later
// allocator.c - the heap of the launcher: memory is handed out from one pool and never taken back, since the exec ends
// it all.
//
// Linked into scrun and scrun-oci only, in place of the libc's. musl's allocator makes and drops a mapping for nearly
// every array of a policy: 60 of 250 us for a short one, 120 of 520 us for a long one. Pages of the pool that nobody
// writes to cost nothing.
#include "compat/error.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// The largest sensible launch (a few policy files of 1 MiB) stays far below; past it allocations fail, and with them
// the launch.
#define POOL_BYTES ((size_t)16 << 20)
const char *const out_of_memory = "out of memory (scrun itself uses at most 16 MiB)";
#define ALIGNMENT 16
#define PAGE_BYTES 4096

static _Alignas(ALIGNMENT) unsigned char pool[POOL_BYTES];
static size_t pool_used;

// Each block is preceded by its size, for realloc().
#define HEADER ALIGNMENT

// Where transparent huge pages are on for everything, the kernel would clear 2 MiB for the first touch of each part of
// a large .bss: twice the time of a launch. Constructors run before main(), and nothing of size is touched before.
extern char __bss_start[], _end[];

static __attribute__((constructor)) void
allocator_prepare(void) {
  uintptr_t first = ((uintptr_t)__bss_start + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);
  (void)madvise((void *)first, (uintptr_t)_end - first, MADV_NOHUGEPAGE); // a kernel without huge pages says no
}

void *
malloc(size_t size) {
  if (size > POOL_BYTES - HEADER - ALIGNMENT) {
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
