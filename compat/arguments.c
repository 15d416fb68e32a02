// SPDX-License-Identifier: LGPL-2.1-or-later
// arguments.c - looks arguments and constants up in the generated tables.
#include "compat/arguments.h"
#include "compat/argument_tables.h"
#include "compat/nearest.h"
#include "compat/text.h"
#include <string.h>

const struct argument *
arguments_of(call_t call, size_t *count) {
  *count = call < calls_count() ? argument_lists[call].count : 0;
  return *count != 0 ? &argument_rows[argument_lists[call].first] : NULL;
}

bool
arguments_known(call_t call) {
  return call < calls_count() && argument_lists[call].is_known;
}

const struct argument *
argument_find(call_t call, const char *name, size_t length) {
  size_t count;
  const struct argument *list = arguments_of(call, &count);
  for (size_t i = 0; i < count; i++)
    if (text_is(name, length, list[i].name))
      return &list[i];
  for (size_t i = 0; i < synonym_row_count; i++)
    if (synonym_rows[i].call == call && text_is(name, length, synonym_rows[i].name))
      return &list[synonym_rows[i].argument];
  return NULL;
}

// As strcmp(), of a name that is not NUL-terminated and one that is.
static int
name_compare(const char *name, size_t length, const char *other) {
  int difference = strncmp(name, other, length);
  return difference != 0 ? difference : -(other[length] != '\0');
}

bool
constant_find(const char *name, size_t length, uint64_t *value) {
  if (length == 0 || memchr(name, '\0', length) != NULL)
    return false;
  size_t low = 0, high = constant_row_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int difference = name_compare(name, length, &constant_names[constant_rows[middle].name]);
    if (difference == 0) {
      *value = constant_values[constant_rows[middle].value];
      return true;
    }
    if (difference < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return false;
}

const char *
argument_suggest(call_t call, const char *name, size_t length) {
  size_t count;
  const struct argument *list = arguments_of(call, &count);
  struct nearest nearest;
  nearest_start(&nearest, name, length);
  for (size_t i = 0; i < count; i++)
    nearest_offer(&nearest, list[i].name);
  return nearest.best;
}

const char *
constant_suggest(const char *name, size_t length) {
  struct nearest nearest;
  nearest_start(&nearest, name, length);
  for (size_t i = 0; i < constant_row_count; i++)
    nearest_offer(&nearest, &constant_names[constant_rows[i].name]);
  return nearest.best;
}
