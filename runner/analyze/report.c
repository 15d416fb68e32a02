// SPDX-License-Identifier: LGPL-2.1-or-later
// report.c - scrun-analyze's messages, and loading, which has most of them.
#include "runner/analyze/report.h"
#include "runner/compile.h"
#include "runner/verify.h"
#include <stdarg.h>
#include <stdio.h>

static void
say(const struct diag *diag) {
  char text[2048];
  fwrite(text, 1, diag_write(diag, "scrun-analyze", text, sizeof text), stderr);
}

// Through a diag, so that words of the command line cannot drive a terminal.
int
report(const char *format, ...) {
  struct diag diag = {.kind = DIAG_ERROR};
  va_list arguments;
  va_start(arguments, format);
  if (vsnprintf(diag.text, sizeof diag.text, format, arguments) < 0)
    diag.text[0] = '\0';
  va_end(arguments);
  say(&diag);
  return STATUS_UNUSABLE;
}

int
report_error(const struct error *e) {
  struct diag diag = diag_of_error(e);
  say(&diag);
  return STATUS_UNUSABLE;
}

int
report_suggestion(const char *meant) {
  return meant == NULL ? STATUS_UNUSABLE : report("did you mean \"%s\"?", meant);
}

int
report_load(struct analyze_line *line, struct policy **policy, struct program *program) {
  static struct diags diags;
  struct error e;
  int failed = policy_load(&line->policy, policy, &diags);
  for (size_t i = 0; i < diags.count; i++)
    say(&diags.items[i]);
  if (diags.dropped > 0)
    fprintf(stderr, "scrun-analyze: %zu more messages\n", diags.dropped);
  if (failed != 0)
    return STATUS_UNUSABLE;
  if (program_compile(*policy, program, &e) == 0 && program_verify(program, *policy, &e) == 0)
    return 0;
  policy_free(*policy);
  return report_error(&e);
}
