// SPDX-License-Identifier: LGPL-2.1-or-later
// task_filters.h - the filters of one running task, read while it is stopped for a moment.
#ifndef SCRUN_RUNNER_ANALYZE_TASK_FILTERS_H
#define SCRUN_RUNNER_ANALYZE_TASK_FILTERS_H
#include "runner/analyze/filter_book.h"

#define TASK_FILTERS_MAX 512

// Why filters of others cannot be read at all by this process, or NULL.
const char *task_filters_refused(void);

// Seizes `task`, stops it, reads its filters into the book, the newest first, and lets it go on, or lie stopped, as it
// was. Fails with ERROR_SECCOMP and a reason: it may not be traced, does not stop, has gone, or has more filters.
SC_NODISCARD int task_filters_read(pid_t task, struct filter_book *book, uint32_t out[TASK_FILTERS_MAX], size_t *count,
                                   struct error *e);
#endif
