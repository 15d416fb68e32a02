// SPDX-License-Identifier: LGPL-2.1-or-later
// analyze.h - scrun-analyze: its command line, and one function for each verb.
#ifndef SCRUN_RUNNER_ANALYZE_ANALYZE_H
#define SCRUN_RUNNER_ANALYZE_ANALYZE_H
#include "runner/image.h"
#include "runner/policy_load.h"
#include "runner/program.h"
#include "runner/report.h"
#include <sys/types.h>

#define TOOL "scrun-analyze"

enum analyze_status { STATUS_ALLOWED = 0, STATUS_REFUSED = 1, STATUS_UNUSABLE = 2 };

struct analyze_line {
  struct policy_request policy;
  enum abi abi;        // --abi=, or ABI_NONE
  const char *to;      // --to=, or NULL
  const char *output;  // --output=, or NULL
  const char *format;  // --format=, or NULL
  bool self, follow;   // of verb_status()
  const char *drop_in; // --drop-in=, or NULL
  bool install, check; // of verb_drop_in()
  bool help, version;
  char **arguments; // behind the verb, in the caller's argv
  int argument_count;
};

// Each prints to stdout, its complaints to stderr, and returns the exit status. main() looks after errors of stdout.
int verb_cat(struct analyze_line *line);
int verb_compile(struct analyze_line *line);
int verb_convert(struct analyze_line *line);
int verb_diff(struct analyze_line *line);
int verb_drop_in(struct analyze_line *line);
int verb_lint(struct analyze_line *line);
int verb_show(struct analyze_line *line);
int verb_status(struct analyze_line *line);
int verb_syscall_filter(struct analyze_line *line);
int verb_test(struct analyze_line *line);

// The policy of the command line, which may also be its only argument: FILE or NAME, as --profile= takes it. Prints the
// messages, also on success: warnings. Returns 0 and a policy that the caller owns, or STATUS_UNUSABLE.
SC_NODISCARD int load_policy(struct analyze_line *line, struct policy **policy);

// If the policy of the command line is a compiled file, reads it and sets *compiled. Returns 0, also when it is not, or
// STATUS_UNUSABLE.
SC_NODISCARD int load_compiled(struct analyze_line *line, struct image *image, bool *compiled);

// Writes what a verb made: to --output=, whole or not at all, or to stdout for "-" and without it. Returns the exit
// status.
SC_NODISCARD int write_output(const struct analyze_line *line, const void *bytes, size_t length);

// Writes all of it to a new file, brings it to the disk and closes `fd`. Returns false with errno set: then it is not
// whole.
SC_NODISCARD bool output_finish(int fd, const void *bytes, size_t length, mode_t mode);

// load_policy(), and makes the program that scrun would install, verified.
SC_NODISCARD int load_verified(struct analyze_line *line, struct policy **policy, struct program *program);
#endif
