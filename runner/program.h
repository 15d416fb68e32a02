// SPDX-License-Identifier: LGPL-2.1-or-later
// program.h - a finished BPF program: an array of struct sock_filter. ticket_at() finds the exec ticket in it.
#ifndef SCRUN_RUNNER_PROGRAM_H
#define SCRUN_RUNNER_PROGRAM_H
#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

// Source: BPF_MAXINSNS in <linux/bpf_common.h>; the kernel takes no longer program.
#define PROGRAM_MAX 4096

// 32 KiB: keep it in static storage or on the heap.
struct program {
  size_t length; // instructions
  struct sock_filter code[PROGRAM_MAX];
};
#endif
