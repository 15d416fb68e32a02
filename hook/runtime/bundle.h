// SPDX-License-Identifier: LGPL-2.1-or-later
// bundle.h - a bundle's config.json, read and replaced.
#ifndef SCRUN_HOOK_RUNTIME_BUNDLE_H
#define SCRUN_HOOK_RUNTIME_BUNDLE_H
#include "compat/buffer.h"
#include "compat/error.h"
#include <sys/types.h>

// Zeroed memory is not open; bundle_close() then does nothing.
struct bundle {
  int folder;           // its descriptor plus 1
  struct source config; // the text is owned
  char *name;           // of the source. Owned
  uid_t uid;
  gid_t gid;
  mode_t mode;
};

// Opens the folder `path` and reads its config.json, a regular file of at most INPUT_BYTES_MAX (hook/stage/input.h).
// Fails with ERROR_POLICY.
SC_NODISCARD int bundle_open(struct bundle *bundle, const char *path, struct error *e);

// Puts `text` in the place of config.json, with its owner and mode: whole, or not at all. A link is not replaced.
SC_NODISCARD int bundle_replace(const struct bundle *bundle, const struct buffer *text, struct error *e);
void bundle_close(struct bundle *bundle);
#endif
