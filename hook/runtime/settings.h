// SPDX-License-Identifier: LGPL-2.1-or-later
// settings.h - the administrator's runtime.conf: which runtime is behind scrun-runtime, and what holds for all
// containers. Nothing else has a say, no variable and no option.
#ifndef SCRUN_HOOK_RUNTIME_SETTINGS_H
#define SCRUN_HOOK_RUNTIME_SETTINGS_H
#include "hook/request.h"

// Where profiles have their first folder, too (profile_files.h).
#define SETTINGS_FOLDER "/etc/scrun"
#define SETTINGS_FILE "runtime.conf"

// Zeroed memory is empty.
struct runtime_settings {
  struct hook_settings hook;   // its runtime is the one below
  char *runtime;               // absolute path
  struct profile_files files;  // what messages quote
  struct settings_name *names; // of profiles; private to settings.c
};

// Reads `folder`/runtime.conf, which must belong to root and be writable by nobody else, and so must every folder on
// the way (profile_files.h). Lines, as in policy files, under [Runtime]:
//   Runtime=PATH      absolute; not scrun-runtime itself
//   Accelerate=BOOL   for all containers
//   Profile=NAME ...  the policy that all containers have at least, by bare names; several are one policy
// Nothing may be given twice but Profile=. Fails with messages in *diags; runtime_settings_clear() then, too.
SC_NODISCARD int runtime_settings_read(const char *folder, struct runtime_settings *out, struct diags *diags);

// The lines alone: nothing is looked up.
SC_NODISCARD int runtime_settings_read_source(const struct source *source, struct runtime_settings *out,
                                              struct diags *diags);
void runtime_settings_clear(struct runtime_settings *settings);
#endif
