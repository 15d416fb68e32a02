// SPDX-License-Identifier: LGPL-2.1-or-later
// child.h - a process on this one's memory.
#ifndef SCRUN_RUNNER_CHILD_H
#define SCRUN_RUNNER_CHILD_H

// The child shares the memory, but runs on a stack of its own (`stack_end` is above its last byte, and aligned to 16),
// which also tells it from a parent whose clone(2) was answered for. `run` must not return. `flags` go to clone(2)
// beside CLONE_VM. Returns the child, or a negative errno.
long child_start(void (*run)(void *), void *argument, unsigned char *stack_end, unsigned long flags);
#endif
