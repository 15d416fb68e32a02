// SPDX-License-Identifier: LGPL-2.1-or-later
// start_check.h - whether a program begins in a way that the preload library can stand in front of.
#ifndef SCRUN_RUNNER_PRELOAD_START_CHECK_H
#define SCRUN_RUNNER_PRELOAD_START_CHECK_H
#include <stdbool.h>
#include <stddef.h>

// True if an ELF file for 64 bits has __libc_start_main among the names of its dynamic symbols. A program without it
// (made by Go, or without a C library) would never get to the library. The bytes are anybody's.
bool start_check(const unsigned char *file, size_t length);
#endif
