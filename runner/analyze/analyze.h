// SPDX-License-Identifier: LGPL-2.1-or-later
// analyze.h - scrun-analyze: its command line, and one function for each verb.
#ifndef SCRUN_RUNNER_ANALYZE_ANALYZE_H
#define SCRUN_RUNNER_ANALYZE_ANALYZE_H
#include "runner/policy_load.h"
#include "runner/program.h"
#include "runner/report.h"

#define TOOL "scrun-analyze"

enum analyze_status { STATUS_ALLOWED = 0, STATUS_REFUSED = 1, STATUS_UNUSABLE = 2 };

struct analyze_line {
  struct policy_request policy;
  enum abi abi; // --abi=, or ABI_NONE
  bool help, version;
  char **arguments; // behind the verb, in the caller's argv
  int argument_count;
};

// Each prints to stdout, its complaints to stderr, and returns the exit status. main() looks after errors of stdout.
int verb_show(struct analyze_line *line);
int verb_syscall_filter(struct analyze_line *line);
int verb_test(struct analyze_line *line);

// Loads the policy of the command line and makes the program that scrun would install, verified. Prints the messages,
// also on success: warnings. Returns 0 and a policy that the caller owns, or STATUS_UNUSABLE.
SC_NODISCARD int load_verified(struct analyze_line *line, struct policy **policy, struct program *program);
#endif
