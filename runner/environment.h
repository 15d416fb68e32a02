// SPDX-License-Identifier: LGPL-2.1-or-later
// environment.h - the program's environment: the caller's, with the --setenv= assignments put in.
#ifndef SCRUN_RUNNER_ENVIRONMENT_H
#define SCRUN_RUNNER_ENVIRONMENT_H
#include "compat/error.h"

// Checks one --setenv= word: NAME=VALUE, or NAME for what the caller has (which the program gets anyway). Fails with
// ERROR_USAGE for an empty name.
SC_NODISCARD int environment_check(const char *assignment, struct error *e);

// A new array, ended by NULL, of `base` with `count` assignments in place of the variables of the same name; of several
// the last one counts. The strings are borrowed; the caller frees the array. NULL when memory is out.
char **environment_make(char *const *base, const char *const *assignments, size_t count);

// The value of a variable, or NULL.
const char *environment_get(char *const *environment, const char *name);
#endif
