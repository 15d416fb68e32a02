// SPDX-License-Identifier: LGPL-2.1-or-later
// watch_run.h - what the watcher does once it is started (watch.h). It runs on scrun's memory while scrun goes on, and
// gives all of that back but this block once scrun has become the program: so no libc in it, no thread data, and no
// instrumentation of a compiler's.
#ifndef SCRUN_RUNNER_PRELOAD_WATCH_RUN_H
#define SCRUN_RUNNER_PRELOAD_WATCH_RUN_H
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the watcher uses of its stack until it sleeps for the first time is the little that stands in the header's page.
#define WATCH_STACK_BYTES (4 * 4096 + WATCH_STACK_START_BYTES)
#define WATCH_STACK_START_BYTES 512
#define STARTER_STACK_BYTES 1024
#define WATCH_PROGRAM_BYTES 160

// What is known of one image of the program: a constructor may execute another.
struct watch_image {
  int maps;          // its /proc/PID/maps: reads as empty once the program has another image, or none; -1: not open
  bool mapped;       // the library is there
  bool relocated;    // when its mappings were looked at last, the loader had relocated the program
  uint64_t relocate; // an address that is writable until then; 0: there is none
};

// Whole pages, zero at first. What a start needs, the ends of both stacks among it, lies in one page, but for a long
// name: a page is only there once it is touched.
struct watch {
  _Alignas(4096) unsigned char stack[WATCH_STACK_BYTES];
  _Alignas(16) unsigned char starter_stack[STARTER_STACK_BYTES];
  volatile uint32_t executing; // not 0 until the program has left this memory: the kernel clears it
  int pid;                     // the program
  int pidfd, proc, library;    // descriptors: of it, of its folder in /proc, of the library
  unsigned armed;              // Seccomp_filters: of an armed thread
  bool keep_orphan;            // the watcher is to be a child of the program all the same
  long starter;                // the process that starts it
  const char *step;            // which step of that one failed, and its errno; NULL: the watcher runs
  int sys;
  struct watch_image image;
  uint64_t waited; // nanoseconds that the library was not there, of an image that was not stopped
  char path[64];
  char program[WATCH_PROGRAM_BYTES]; // for the message
  char name[PATH_MAX];               // the library's
  char buffer[2 * PATH_MAX];
};
_Static_assert(offsetof(struct watch, stack) == 0 && sizeof(struct watch) % 4096 == 0, "whole pages");
_Static_assert((WATCH_STACK_BYTES - WATCH_STACK_START_BYTES) / 4096
                   == (offsetof(struct watch, name) + WATCH_STACK_START_BYTES) / 4096,
               "one page");

// The watcher, from its first instruction on its own stack. `argument` is the struct watch.
_Noreturn void watch_run(void *argument);
#endif
