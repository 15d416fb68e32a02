// SPDX-License-Identifier: LGPL-2.1-or-later
// input.h - whole files in memory, bounded.
#ifndef SCRUN_HOOK_STAGE_INPUT_H
#define SCRUN_HOOK_STAGE_INPUT_H
#include "compat/error.h"

#define INPUT_BYTES_MAX (4 * 1024 * 1024)

// Reads all of `fd`, which is called `name` in messages (borrowed), into *out. Free it with input_clear(). Fails with
// ERROR_POLICY: not to be read, empty, or more than INPUT_BYTES_MAX.
SC_NODISCARD int input_read(struct source *out, int fd, const char *name, struct error *e);
// The same for a file, which must be a regular one.
SC_NODISCARD int input_read_file(struct source *out, const char *path, struct error *e);
void input_clear(struct source *source);
#endif
