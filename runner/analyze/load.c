// SPDX-License-Identifier: LGPL-2.1-or-later
// load.c - the policy of the command line, and its program.
#include "runner/analyze/analyze.h"
#include "runner/compile.h"
#include "runner/oci/oci_request.h"
#include "runner/verify.h"
#include <string.h>

// The only argument that is left is a policy too.
static int
take_argument(struct analyze_line *line) {
  struct error e;
  if (line->argument_count > 1)
    return report(TOOL, "one policy at a time: \"%s\" is too much", shown(line->arguments[1]).text);
  if (line->argument_count == 1 && policy_take_profile(&line->policy, line->arguments[0], &e) != 0)
    return report_error(TOOL, &e);
  line->argument_count = 0;
  return policy_check_root(&line->policy, &e) != 0 ? report_error(TOOL, &e) : 0;
}

int
load_policy(struct analyze_line *line, struct policy **policy) {
  static struct diags diags;
  memset(&diags, 0, sizeof diags);
  if (take_argument(line) != 0)
    return STATUS_UNUSABLE;
  line->policy.read_json = oci_request_read;
  int failed = policy_load(&line->policy, policy, &diags);
  report_diags(TOOL, &diags);
  return failed != 0 ? STATUS_UNUSABLE : 0;
}

int
load_compiled(struct analyze_line *line, struct image *image, bool *compiled) {
  static struct diags diags;
  const struct source *file;
  enum policy_form form;
  struct error e;
  memset(&diags, 0, sizeof diags);
  if (take_argument(line) != 0)
    return STATUS_UNUSABLE;
  if (policy_form(&line->policy, &form, &file, &diags) != 0) {
    report_diags(TOOL, &diags);
    return STATUS_UNUSABLE;
  }
  *compiled = form == POLICY_FORM_IMAGE;
  if (!*compiled || image_read(image, (const unsigned char *)file->text, file->length, &e) == 0)
    return 0;
  return report(TOOL, "%s: %s", shown(file->name).text, e.text);
}

int
load_verified(struct analyze_line *line, struct policy **policy, struct program *program) {
  struct error e;
  if (load_policy(line, policy) != 0)
    return STATUS_UNUSABLE;
  if (program_compile(*policy, PROGRAM_LAUNCH, program, &e) == 0
      && program_verify(program, PROGRAM_LAUNCH, *policy, &e) == 0)
    return 0;
  policy_free(*policy);
  return report_error(TOOL, &e);
}
