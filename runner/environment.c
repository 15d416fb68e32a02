// SPDX-License-Identifier: LGPL-2.1-or-later
// environment.c - the program's environment.
#include "runner/environment.h"
#include <stdlib.h>
#include <string.h>

int
environment_check(const char *assignment, struct error *e) {
  if (assignment[0] == '\0' || assignment[0] == '=')
    return error_plain(e, ERROR_USAGE, "--setenv=%s: a variable needs a name", shown(assignment).text);
  return 0;
}

static bool
same_name(const char *a, const char *b) {
  size_t length = strcspn(a, "=");
  return strcspn(b, "=") == length && memcmp(a, b, length) == 0;
}

static void
environment_put(char **environment, size_t *count, char *assignment) {
  for (size_t i = 0; i < *count; i++)
    if (same_name(environment[i], assignment)) {
      environment[i] = assignment;
      return;
    }
  environment[(*count)++] = assignment;
}

char **
environment_make(char *const *base, const char *const *assignments, size_t count) {
  size_t used = 0;
  while (base[used] != NULL)
    used++;
  char **environment = calloc(used + count + 1, sizeof *environment);
  if (environment == NULL)
    return NULL;
  memcpy(environment, base, used * sizeof *environment);
  for (size_t i = 0; i < count; i++)
    if (strchr(assignments[i], '=') != NULL)
      environment_put(environment, &used, (char *)(uintptr_t)assignments[i]);
  return environment;
}

const char *
environment_get(char *const *environment, const char *name) {
  for (; *environment != NULL; environment++)
    if (same_name(*environment, name))
      return strchr(*environment, '=') == NULL ? NULL : strchr(*environment, '=') + 1;
  return NULL;
}
