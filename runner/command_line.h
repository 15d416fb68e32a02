// SPDX-License-Identifier: LGPL-2.1-or-later
// command_line.h - scrun's own command line.
#ifndef SCRUN_RUNNER_COMMAND_LINE_H
#define SCRUN_RUNNER_COMMAND_LINE_H
#include "runner/policy_load.h"
#include <sys/types.h>

struct command_line {
  struct policy_request policy;
  unsigned ready_timeout_ms;     // --ready-timeout=; 0: none
  pid_t attach;                  // --attach=; 0: none. Then there is no program
  const char *traced;            // what follows TRACER_WORD (late/tracer.h): this is the second start
  const char *argv0;             // --argv0=
  const char *working_directory; // --working-directory=
  const char **assignments;      // --setenv=, on the heap
  size_t assignment_count;
  bool verbose, help, version;
  char **program; // the program and its arguments, in the caller's argv
};

// Reads argv into zeroed *out. Fails: ERROR_USAGE. With help or version set, nothing else need be there.
SC_NODISCARD int command_line_read(struct command_line *out, int argc, char **argv, struct error *e);

extern const char command_line_help[];
#endif
