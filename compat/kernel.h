// SPDX-License-Identifier: LGPL-2.1-or-later
// kernel.h - versions of the kernel.
#ifndef SCRUN_COMPAT_KERNEL_H
#define SCRUN_COMPAT_KERNEL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A version as one number that rises with it.
#define KERNEL(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor))

// Reads "MAJOR.MINOR", decimal and nothing else; with `tail` anything may follow ("6.1.0-9-amd64").
bool kernel_read(const char *text, size_t length, bool tail, uint32_t *kernel);
#endif
