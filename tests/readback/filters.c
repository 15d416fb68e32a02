// SPDX-License-Identifier: LGPL-2.1-or-later
// filters.c - reads readback's output and runs it.
#include "tests/readback/filters.h"
#include "runner/simulate.h"
#include <stdio.h>

static const char *
filter_read(struct program *filter, uint32_t length, FILE *file) {
  if (length < 1 || length > PROGRAM_MAX)
    return "holds a filter that is too long";
  filter->length = length;
  if (fread(filter->code, sizeof filter->code[0], length, file) != length)
    return "ends within a filter";
  return program_acceptable(filter) == 0 ? NULL : "holds what is no filter";
}

const char *
filters_read(struct filters *filters, const char *path) {
  FILE *file = fopen(path, "rb");
  const char *wrong = NULL;
  uint32_t length;
  if (file == NULL)
    return "cannot be opened";
  filters->count = 0;
  while (wrong == NULL && fread(&length, sizeof length, 1, file) == 1)
    wrong = filters->count == FILTERS_MAX ? "holds too many filters"
                                          : filter_read(&filters->items[filters->count++], length, file);
  fclose(file);
  return wrong;
}

bool
filters_decide(const struct filters *filters, const struct seccomp_data *data, struct action *out) {
  struct action strictest = {ACTION_ALLOW, 0};
  for (size_t i = filters->count; i > 0; i--) {
    struct action action;
    if (!action_from_return(program_run(&filters->items[i - 1], data, NULL), &action))
      return false;
    if (action.kind > strictest.kind)
      strictest = action;
  }
  *out = strictest;
  return true;
}
