// SPDX-License-Identifier: LGPL-2.1-or-later
// report.h - scrun-analyze's messages, all to stderr.
#ifndef SCRUN_RUNNER_ANALYZE_REPORT_H
#define SCRUN_RUNNER_ANALYZE_REPORT_H
#include "runner/analyze/analyze.h"
#include "runner/program.h"

// Each says something and returns STATUS_UNUSABLE, for `return report(...)`. A hint is only a second line.
int report(const char *format, ...) SC_PRINTF(1, 2);
int report_error(const struct error *e);

// "did you mean ...?", unless `meant` is NULL. Returns STATUS_UNUSABLE too.
int report_suggestion(const char *meant);

// Loads the policy of the command line and makes the program that scrun would install, verified. Prints the messages,
// also on success: warnings. Returns 0 and a policy that the caller owns, or STATUS_UNUSABLE.
SC_NODISCARD int report_load(struct analyze_line *line, struct policy **policy, struct program *program);
#endif
