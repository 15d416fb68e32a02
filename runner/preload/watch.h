// SPDX-License-Identifier: LGPL-2.1-or-later
// watch.h - the watcher of At=main: a process, no child of the program, that sees from outside that the filter was
// armed.
//
// A loader that cannot load a preloaded library says so and goes on; the program would then run under its start-up
// filter only. The watcher kills it when other libraries are mapped and ours is not, or when nothing is mapped in time;
// it is gone once every thread has one filter more, or the program has ended. It first looks after 2 ms, and does
// nothing before: it outlives a program that ends sooner by as much, without anything of the program's but its stderr.
//
// The library looks for processes that constructors have left behind, where it can (preload.h); the watcher does so
// always, kills them, and the program.
#ifndef SCRUN_RUNNER_PRELOAD_WATCH_H
#define SCRUN_RUNNER_PRELOAD_WATCH_H
#include "runner/executable.h"

// To be called before anything is in force; it waits until this process has become the program (`executable`).
// `library` is an open descriptor of the library, above stderr. watch_start() returns while the watcher is still being
// started, on another processor if there is one; watch_finish() waits for that. Leaves no child: the watcher's parent
// is not this process, unless orphans come to that (PID 1, PR_SET_CHILD_SUBREAPER). Both fail with ERROR_SECCOMP. Once
// watch_start() has succeeded the watcher may run; it ends with this process.
struct watch;
SC_NODISCARD int watch_start(struct watch **watch, const struct executable *executable, int library, struct error *e);
SC_NODISCARD int watch_finish(struct watch *watch, struct error *e);
#endif
