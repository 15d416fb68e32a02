// SPDX-License-Identifier: LGPL-2.1-or-later
// report.c - prints messages. Each is a diag, which knows how it looks.
#include "runner/report.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Not by stdio, which would try for ever where an outer filter answers 0.
static int
say(const char *tool, const struct diag *diag) {
  char text[DIAG_BYTES];
  size_t length = diag_write(diag, tool, text, sizeof text);
  for (size_t done = 0; done < length;) {
    ssize_t written = write(STDERR_FILENO, text + done, length - done);
    if (written <= 0)
      break;
    done += (size_t)written;
  }
  return error_exit_status(ERROR_USAGE);
}

int
report(const char *tool, const char *format, ...) {
  struct diag diag = {.kind = DIAG_ERROR};
  va_list arguments;
  va_start(arguments, format);
  if (vsnprintf(diag.text, sizeof diag.text, format, arguments) < 0)
    diag.text[0] = '\0';
  va_end(arguments);
  return say(tool, &diag);
}

int
report_error(const char *tool, const struct error *e) {
  struct diag diag = diag_of_error(e);
  return say(tool, &diag);
}

int
report_suggestion(const char *tool, const char *meant) {
  return meant == NULL ? error_exit_status(ERROR_USAGE) : report(tool, "did you mean \"%s\"?", meant);
}

void
report_diags(const char *tool, const struct diags *diags) {
  for (size_t i = 0; i < diags->count; i++)
    (void)say(tool, &diags->items[i]);
  if (diags->dropped > 0)
    report(tool, "%zu more messages", diags->dropped);
}

int
report_output(const char *tool, int status) {
  errno = 0;
  if (fflush(stdout) == 0 && ferror(stdout) == 0)
    return status;
  return report(tool, "standard output: %s", errno != 0 ? strerror(errno) : "not everything could be written");
}
