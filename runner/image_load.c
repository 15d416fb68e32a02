// SPDX-License-Identifier: LGPL-2.1-or-later
// image_load.c - finds out what the policy is written in, and makes or reads the image.
#include "runner/image_load.h"
#include "runner/helper.h"
#include "runner/report.h"

#define TOOL "scrun"

static int
fail(const struct error *e) {
  report_error(TOOL, e);
  return error_exit_status(e->kind);
}

static int
fail_started(void) {
  return report(TOOL, "nothing was started");
}

static int
fail_for(const struct source *file, const char *why) {
  report(TOOL, "%s: %s", shown(file->name).text, why);
  return fail_started();
}

static int
load_text(struct image *image, struct policy_request *request, struct diags *diags) {
  struct policy *policy;
  struct error e;
  if (request->capability_count > 0 || request->kernel != NULL) {
    report(TOOL, "%s is for JSON: a policy in systemd's syntax has nothing to resolve with it",
           request->kernel != NULL ? "--kernel" : "--cap");
    return fail_started();
  }
  int failed = policy_load(request, &policy, diags);
  report_diags(TOOL, diags);
  if (failed != 0)
    return fail_started();
  failed = image_make(image, policy, &e);
  policy_free(policy);
  return failed != 0 ? fail(&e) : 0;
}

static int
load_compiled(struct image *image, const struct policy_request *request, const struct source *file) {
  struct error e;
  if (request->permissive)
    return fail_for(file, "a compiled policy is what it is: compile it with --log");
  if (request->lenient || request->groups != NULL || request->capability_count > 0 || request->kernel != NULL)
    return fail_for(file, "--lenient, --groups, --cap and --kernel come too late for a compiled policy");
  if (image_read(image, (const unsigned char *)file->text, file->length, &e) != 0)
    return fail_for(file, e.text);
  return 0;
}

static int
load_json(struct image *image, const struct policy_request *request, const struct source *file) {
  struct error e;
  int status;
  if (request->lenient || request->groups != NULL)
    return fail_for(file, "--lenient and --groups are not for JSON");
  if (helper_compile(image, request, file, &status, &e) == 0)
    return 0;
  if (status == 0)
    return fail(&e);
  fail_started();
  return status;
}

int
image_load(struct image *image, struct policy_request *request) {
  static struct diags diags;
  enum policy_form form = POLICY_FORM_NONE;
  const struct source *file = NULL;
  if (policy_form(request, &form, &file, &diags) != 0) {
    report_diags(TOOL, &diags);
    return fail_started();
  }
  if (form == POLICY_FORM_IMAGE)
    return load_compiled(image, request, file);
  return form == POLICY_FORM_JSON ? load_json(image, request, file) : load_text(image, request, &diags);
}
