// SPDX-License-Identifier: LGPL-2.1-or-later
// allocator.c - the heap of the launcher: a pool in its static storage, since the exec ends it all.
//
// Linked into scrun, scrun-oci, scrun-hook and scrun-runtime only, in place of the libc's. musl's allocator makes and
// drops a mapping for nearly every array of a policy: 60 of 250 us for a short one, 120 of 520 us for a long one. Pages
// of the pool that nobody writes to cost nothing.
#include "compat/error.h"
#include "runner/heap.h"
#include <stdint.h>
#include <sys/mman.h>

#define TEXT_OF(number) #number
#define MIB_TEXT(number) TEXT_OF(number)

const char *const out_of_memory = "out of memory (scrun itself uses at most " MIB_TEXT(HEAP_MIB) " MiB)";
#define PAGE_BYTES 4096

static _Alignas(16) unsigned char pool[HEAP_BYTES];

unsigned char *
heap_pool(void) {
  return pool;
}

// Where transparent huge pages are on for everything, the kernel would clear 2 MiB for the first touch of each part of
// a large .bss: twice the time of a launch. Constructors run before main(), and nothing of size is touched before.
extern char __bss_start[], _end[];

static __attribute__((constructor)) void
allocator_prepare(void) {
  uintptr_t first = ((uintptr_t)__bss_start + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);
  (void)madvise((void *)first, (uintptr_t)_end - first, MADV_NOHUGEPAGE); // a kernel without huge pages says no
}
