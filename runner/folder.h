// SPDX-License-Identifier: LGPL-2.1-or-later
// folder.h - what is in an open folder, read in few calls and without a heap.
#ifndef SCRUN_RUNNER_FOLDER_H
#define SCRUN_RUNNER_FOLDER_H
#include "compat/error.h"

// Large, and not to be zeroed: folder_start() sets what is needed.
struct folder {
  int fd;
  const char *path;
  size_t at, end; // private, as are the others
  bool begun;
  _Alignas(8) char buffer[16384];
};

struct folder_entry {
  const char *name;   // good until the next call
  unsigned char type; // DT_REG, DT_LNK, DT_DIR...; DT_UNKNOWN only if it is gone already
};

// Starts where a folder that is open for reading stands; `path` is its name. Both are borrowed.
void folder_start(struct folder *folder, int fd, const char *path);

// Takes the next entry, "." and ".." too. Returns 1, 0 at the end, or -1 after filling *e (ERROR_POLICY): also for a
// folder that lists nothing at all, not even itself, because somebody answers for the kernel.
SC_NODISCARD int folder_next(struct folder *folder, struct folder_entry *out, struct error *e);
#endif
