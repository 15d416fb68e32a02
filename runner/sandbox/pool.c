// SPDX-License-Identifier: LGPL-2.1-or-later
// pool.c - the heap of libsandbox.so: one mapping, unmapped as a whole.
#include "runner/sandbox/pool.h"
#include "runner/heap.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#define PAGE_BYTES 4096

static unsigned char *pool;

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
  void *mapped = mmap(NULL, HEAP_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED)
    return false;
  (void)madvise(mapped, HEAP_BYTES, MADV_NOHUGEPAGE);
  pool = mapped;
  return true;
}

void
pool_drop(void) {
  size_t length;
  void *first = static_pages(&length);
  if (pool != NULL)
    (void)munmap(pool, HEAP_BYTES);
  pool = NULL;
  heap_reset();
  (void)madvise(first, length, MADV_DONTNEED);
}

unsigned char *
heap_pool(void) {
  return pool != NULL || pool_open() ? pool : NULL;
}
