// SPDX-License-Identifier: LGPL-2.1-or-later
// exec.h - `exec`: what is brought into a container that has a policy goes through its wrapper, too.
#ifndef SCRUN_HOOK_RUNTIME_EXEC_H
#define SCRUN_HOOK_RUNTIME_EXEC_H
#include "compat/buffer.h"
#include "hook/rewrite.h"
#include "hook/runtime/command.h"

// The runtime's own command line with what was put into it. Zeroed memory is empty.
struct exec_line {
  char **argv;            // NULL: as it was. Ends with NULL; the array is owned
  struct buffer value;    // --process=/proc/self/fd/N
  struct exec_kept *kept; // what messages quote. Owned
};

// Asks `runtime` (`RUNTIME OPTIONS... state NAME`) where the container's bundle is and what its first process is. If
// its config.json has an order: checks that the wrapper stands in the container and that nobody inside can take it
// away, and makes a command line that starts the program through it. Where it has none there must be no wrapper either.
// Fails with messages in *diags, which quote what *out keeps.
SC_NODISCARD int exec_prepare(const char *runtime, const char *wrapper, int argc, char **argv,
                              const struct command *command, struct exec_line *out, struct diags *diags);
void exec_line_clear(struct exec_line *line);
#endif
