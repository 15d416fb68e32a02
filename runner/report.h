// SPDX-License-Identifier: LGPL-2.1-or-later
// report.h - what the programs say to the user, all of it to stderr and as "tool: message". Nothing in a message can
// drive a terminal, whatever stood in the user's text.
#ifndef SCRUN_RUNNER_REPORT_H
#define SCRUN_RUNNER_REPORT_H
#include "compat/diag.h"

// Both return 2, the exit status of a command line or policy that is wrong, for `return report(...)`.
int report(const char *tool, const char *format, ...) SC_PRINTF(2, 3);
int report_error(const char *tool, const struct error *e);

// "did you mean ...?", unless `meant` is NULL. Returns 2 as well.
int report_suggestion(const char *tool, const char *meant);

// All messages, and how many more there were.
void report_diags(const char *tool, const struct diags *diags);

// Pushes out what was printed to stdout. Returns `status`, or 2 after saying that something of it is lost: half an
// answer is none.
SC_NODISCARD int report_output(const char *tool, int status);
#endif
