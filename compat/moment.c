// SPDX-License-Identifier: LGPL-2.1-or-later
// moment.c - the names of the moments.
#include "compat/moment.h"
#include <string.h>

static const char *const names[MOMENT_COUNT] = {
    [MOMENT_EXEC] = "exec",
    [MOMENT_ENTRY] = "entry",
    [MOMENT_MAIN] = "main",
    [MOMENT_READY] = "ready",
};

const char *
moment_name(enum moment moment) {
  return names[moment];
}

enum moment
moment_find(const char *name, size_t length) {
  for (enum moment moment = MOMENT_NONE + 1; moment < MOMENT_COUNT; moment++)
    if (strlen(names[moment]) == length && memcmp(names[moment], name, length) == 0)
      return moment;
  return MOMENT_NONE;
}
