// SPDX-License-Identifier: LGPL-2.1-or-later
// program.h - a finished BPF program: an array of struct sock_filter. ticket_at() finds the exec ticket in it.
#ifndef SCRUN_RUNNER_PROGRAM_H
#define SCRUN_RUNNER_PROGRAM_H
#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

// Source: BPF_MAXINSNS in <linux/bpf_common.h>; the kernel takes no longer program.
#define PROGRAM_MAX 4096

// What a program is for, which decides where tickets (ticket.h) are asked for in it.
enum program_kind {
  PROGRAM_NONE,
  PROGRAM_LAUNCH,  // installed by the launcher before its exec: execve and the launcher's last words
  PROGRAM_STARTUP, // the same, and the arming ticket for seccomp: a later program is to come
  PROGRAM_LATER,   // installed with the arming ticket, or by a tracer: answers the arming ticket with an errno
  PROGRAM_BARE     // for others to install: no ticket, which unfilled would be an open door
};

// 32 KiB: keep it in static storage or on the heap.
struct program {
  size_t length; // instructions
  struct sock_filter code[PROGRAM_MAX];
};
#endif
