// SPDX-License-Identifier: LGPL-2.1-or-later
// pool.h - the heap of libsandbox.so, gone before the program starts. All its sources are compiled with malloc(3) and
// its relatives renamed to pool_malloc() and so on; the host's allocator, whichever that is, never hears of it.
#ifndef SCRUN_RUNNER_SANDBOX_POOL_H
#define SCRUN_RUNNER_SANDBOX_POOL_H

// Gives all memory back to the kernel: what was allocated, and what the library's static storage held. Everything
// static is zero afterwards.
void pool_drop(void);
#endif
