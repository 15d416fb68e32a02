// SPDX-License-Identifier: LGPL-2.1-or-later
// options.h - a command line against a table of options. Both scrun and scrun-analyze read theirs with it.
#ifndef SCRUN_RUNNER_OPTIONS_H
#define SCRUN_RUNNER_OPTIONS_H
#include "compat/error.h"

enum option_kind {
  OPTION_NONE,
  OPTION_IGNORED, // accepted, means nothing here
  OPTION_FLAG,    // sets the bool at `offset` of the target
  OPTION_TEXT,    // puts its value at the const char * at `offset`; the last one counts
  OPTION_TAKE,    // hands the place at `offset` of the target, and its value, to take()
};

struct option_spec {
  const char *name; // without the dashes
  char letter;      // '\0': there is no short form
  enum option_kind kind;
  size_t offset;
  int (*take)(void *field, const char *value, struct error *e);
};

// Reads options up to the first word that is none, or through "--". Values stand in the same word (--name=VALUE,
// -nVALUE) or in the next. On success *first is the index of the first word that is left. Fails: ERROR_USAGE for an
// unknown option, a missing or unasked-for value, or whatever take() says. `specs` ends with a row whose name is NULL.
SC_NODISCARD int options_read(const struct option_spec *specs, void *target, int argc, char **argv, int *first,
                              struct error *e);
#endif
