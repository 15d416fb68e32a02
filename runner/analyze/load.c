// SPDX-License-Identifier: LGPL-2.1-or-later
// load.c - the policy of the command line, and its program.
#include "runner/analyze/analyze.h"
#include "runner/compile.h"
#include "runner/verify.h"

int
load_verified(struct analyze_line *line, struct policy **policy, struct program *program) {
  static struct diags diags;
  struct error e;
  int failed = policy_load(&line->policy, policy, &diags);
  report_diags(TOOL, &diags);
  if (failed != 0)
    return STATUS_UNUSABLE;
  if (program_compile(*policy, program, &e) == 0 && program_verify(program, *policy, &e) == 0)
    return 0;
  policy_free(*policy);
  return report_error(TOOL, &e);
}
