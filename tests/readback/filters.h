// SPDX-License-Identifier: LGPL-2.1-or-later
// filters.h - the filters that readback read from a process, and what they decide together.
#ifndef SCRUN_TESTS_FILTERS_H
#define SCRUN_TESTS_FILTERS_H
#include "compat/action.h"
#include "runner/program.h"
#include <linux/seccomp.h>
#include <stdbool.h>

#define FILTERS_MAX 64

// Two megabytes: keep it in static storage.
struct filters {
  size_t count;
  struct program items[FILTERS_MAX]; // the oldest first; programs that the kernel's checker accepts
};

// Reads the file that readback wrote. Returns NULL, or what is wrong with it, as static text.
const char *filters_read(struct filters *filters, const char *path);

// What the kernel does with several filters: all run, the newest first, and the strictest answer counts; of equals the
// first. False if one gives a value that stands for no action. Source: seccomp_run_filters() in the kernel.
bool filters_decide(const struct filters *filters, const struct seccomp_data *data, struct action *out);
#endif
