// SPDX-License-Identifier: LGPL-2.1-or-later
// check_hook.h - one file of a hooks.d folder: what an engine will make of it. Source: oci-hooks(5).
#ifndef SCRUN_HOOK_CHECK_HOOK_H
#define SCRUN_HOOK_CHECK_HOOK_H
#include "compat/json.h"

// Findings, one line each on stdout. A problem is what keeps a policy off a container, or might.
struct findings {
  size_t problems;
};
void finding_problem(struct findings *findings, const char *format, ...) SC_PRINTF(2, 3);
void finding_note(const char *format, ...) SC_PRINTF(1, 2);
void finding_good(const char *format, ...) SC_PRINTF(1, 2);

#define HOOK_WORDS_MAX 64

// Borrows from the JSON.
struct hook_file {
  struct json *json;
  const char *path;                          // hook.path
  const char *words[HOOK_WORDS_MAX + 1];     // hook.args, or path alone; ends with NULL
  const char *variables[HOOK_WORDS_MAX + 1]; // hook.env
  const char *program;                       // the word that names scrun-hook, or NULL: not ours
  size_t program_at;                         // its index in words; 0 where path is it
  bool at_precreate;
};

// Reads it. Fails with messages: engines refuse every container over such a file.
SC_NODISCARD int hook_file_read(const struct source *source, struct hook_file *out, struct diags *diags);
void hook_file_clear(struct hook_file *file);

// Says of a file of ours, called `name`, what keeps it from being called for annotated containers, and whether it fails
// closed.
void hook_file_judge(const struct hook_file *file, const char *name, struct findings *findings);

// Calls it as an engine would, with a small config.json that asks for a policy, and says if it does not answer as it
// should.
void hook_file_try(const struct hook_file *file, const char *name, struct findings *findings);
#endif
