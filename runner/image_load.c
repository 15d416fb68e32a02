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
open_text(struct image_source *source, struct policy_request *request, struct diags *diags) {
  if (request->capability_count > 0 || request->kernel != NULL) {
    report(TOOL, "%s is for JSON: a policy in systemd's syntax has nothing to resolve with it",
           request->kernel != NULL ? "--kernel" : "--cap");
    return fail_started();
  }
  int failed = policy_load(request, &source->policy, diags);
  report_diags(TOOL, diags);
  if (failed != 0)
    return fail_started();
  source->at = source->policy->at;
  return 0;
}

static int
open_compiled(struct image_source *source, const struct policy_request *request, struct image *image) {
  struct error e;
  const struct source *file = source->file;
  if (request->permissive)
    return fail_for(file, "a compiled policy is what it is: compile it with --log");
  if (request->lenient || request->groups != NULL || request->capability_count > 0 || request->kernel != NULL)
    return fail_for(file, "--lenient, --groups, --cap and --kernel come too late for a compiled policy");
  if (image_read(image, (const unsigned char *)file->text, file->length, &e) != 0)
    return fail_for(file, e.text);
  source->at = image->moment;
  return 0;
}

static int
open_json(const struct image_source *source, const struct policy_request *request) {
  if (request->lenient || request->groups != NULL)
    return fail_for(source->file, "--lenient and --groups are not for JSON");
  return 0;
}

int
image_source_open(struct image_source *source, struct policy_request *request, struct image *image) {
  static struct diags diags;
  *source = (struct image_source){.form = POLICY_FORM_NONE};
  if (policy_form(request, &source->form, &source->file, &diags) != 0) {
    report_diags(TOOL, &diags);
    return fail_started();
  }
  if (source->form == POLICY_FORM_IMAGE)
    return open_compiled(source, request, image);
  return source->form == POLICY_FORM_JSON ? open_json(source, request) : open_text(source, request, &diags);
}

static int
make_text(const struct image_source *source, enum moment moment, struct image *image) {
  struct error e;
  if (moment == MOMENT_EXEC && source->policy->startup != NULL)
    report(TOOL,
           "warning: StartupSystemCallFilter= has no meaning at exec: the policy itself is in force from there on");
  return image_make(image, source->policy, moment, &e) != 0 ? fail(&e) : 0;
}

static int
make_compiled(const struct image_source *source, enum moment moment, const struct image *image) {
  if (image->moment == moment)
    return 0;
  report(TOOL, "%s: compiled for %s, and this launch needs one for %s: compile it with --at=%s",
         shown(source->file->name).text, moment_name(image->moment), moment_name(moment), moment_name(moment));
  return fail_started();
}

static int
make_json(const struct image_source *source, struct policy_request *request, enum moment moment, struct image *image) {
  struct error e;
  int status;
  request->at = moment;
  if (helper_compile(image, request, source->file, &status, &e) == 0)
    return 0;
  if (status == 0)
    return fail(&e);
  fail_started();
  return status;
}

int
image_source_make(const struct image_source *source, struct policy_request *request, enum moment moment,
                  struct image *image) {
  if (source->form == POLICY_FORM_IMAGE)
    return make_compiled(source, moment, image);
  return source->form == POLICY_FORM_JSON ? make_json(source, request, moment, image)
                                          : make_text(source, moment, image);
}

void
image_source_clear(struct image_source *source) {
  policy_free(source->policy);
  source->policy = NULL;
}
