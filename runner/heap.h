// SPDX-License-Identifier: LGPL-2.1-or-later
// heap.h - one pool in place of a heap, for what is over soon: a launch (allocator.c), a library's constructor
// (sandbox/pool.c). Past its end allocations fail.
#ifndef SCRUN_RUNNER_HEAP_H
#define SCRUN_RUNNER_HEAP_H
#include <stddef.h>

// The largest sensible policy stays far below 16 MiB; programs that read more than policies have more. Pages of a pool
// that nobody writes to cost nothing.
#ifndef HEAP_MIB
#define HEAP_MIB 16
#endif
#define HEAP_BYTES ((size_t)HEAP_MIB << 20)

// Who has the pool defines this: HEAP_BYTES of zeros, aligned to 16 bytes; NULL when they are not to be had.
unsigned char *heap_pool(void);

// Everything that was handed out is gone: the pool is, or is all zeros again.
void heap_reset(void);
#endif
