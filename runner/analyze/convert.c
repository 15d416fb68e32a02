// SPDX-License-Identifier: LGPL-2.1-or-later
// convert.c - a policy in another form. What was written is read back and compared: a form that would decide one call
// differently is never printed.
#include "compat/oci_read.h"
#include "compat/oci_write.h"
#include "compat/systemd_read.h"
#include "compat/systemd_write.h"
#include "runner/analyze/analyze.h"
#include "runner/compare.h"
#include "runner/compile.h"
#include "runner/listing.h"
#include "runner/verify.h"
#include <string.h>

static int
write_listing(const struct policy *policy, struct buffer *out, struct error *e) {
  static struct program program;
  if (program_compile(policy, &program, e) != 0 || program_verify(&program, policy, e) != 0)
    return -1;
  return listing_write(&program, out, e);
}

static int
read_oci(const struct source *source, struct policy **out, struct diags *diags) {
  const struct oci_options none = {0}; // what is written asks for no capability and no kernel
  return oci_read(source, &none, out, diags);
}

static int
read_systemd(const struct source *source, struct policy **out, struct diags *diags) {
  const struct reader_options options = {0};
  struct reader *reader = reader_new(&options);
  if (reader == NULL)
    return -1;
  int failed = reader_read_file(reader, source, diags);
  if (failed == 0)
    failed = reader_finish(reader, out, diags);
  reader_free(reader);
  return failed;
}

static const struct form {
  const char *name;
  int (*write)(const struct policy *policy, struct buffer *out, struct error *e);
  int (*read)(const struct source *source, struct policy **out, struct diags *diags); // NULL: nobody reads it back
} forms[] = {
    {"listing", write_listing, NULL},
    {"oci", oci_write, read_oci},
    {"systemd", systemd_write, read_systemd},
};

// A policy for all ABIs kills what comes from any other architecture, and forms differ in whether that is the process
// or the thread. On x86 nothing can come from there.
static bool
take_difference(void *context, const struct difference *difference) {
  if (difference->abi == ABI_NONE && difference->a.kind >= ACTION_KILL_THREAD
      && difference->b.kind >= ACTION_KILL_THREAD)
    return true;
  *(struct difference *)context = *difference;
  return false;
}

static bool
texts_equal(const char *a, const char *b) {
  return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int
refuse_difference(const struct form *form, const struct difference *difference) {
  char written[48], meant[48];
  call_t call = calls_at(difference->abi, difference->number);
  return report(TOOL, "--to=%s cannot say what this policy decides: %s (%u) on %s would be %s instead of %s",
                form->name, call == CALL_NONE ? "call" : calls_name(call), difference->number,
                difference->abi == ABI_NONE ? "foreign architectures" : abi_name(difference->abi),
                action_describe(difference->b, written, sizeof written),
                action_describe(difference->a, meant, sizeof meant));
}

// Both forms say what a launch does beside the calls, or their writer has refused.
static int
compare(const struct form *form, const struct policy *policy, const struct policy *again) {
  struct difference difference = {.count = 0};
  struct error e;
  if (policy_compare(policy, again, take_difference, &difference, &e) != 0)
    return report_error(TOOL, &e);
  if (difference.count > 0)
    return refuse_difference(form, &difference);
  if (policy->no_new_privs != again->no_new_privs || policy->isolate_peers != again->isolate_peers
      || policy->flags != again->flags || !texts_equal(policy->listener_path, again->listener_path)
      || !texts_equal(policy->listener_metadata, again->listener_metadata))
    return report(TOOL, "--to=%s cannot say what this policy asks for beside the calls", form->name);
  return 0;
}

static int
check(const struct form *form, const struct policy *policy, const struct buffer *text) {
  static struct diags diags;
  const struct source source = {form->name, text->text, text->length, true};
  struct policy *again;
  if (form->read == NULL)
    return 0;
  if (form->read(&source, &again, &diags) != 0) {
    report_diags(TOOL, &diags);
    return report(TOOL, "internal error: what was written cannot be read back; please report this");
  }
  int status = compare(form, policy, again);
  policy_free(again);
  return status;
}

static int
convert(const struct analyze_line *line, const struct form *form, const struct policy *policy) {
  struct buffer text = {0};
  struct error e;
  int status = form->write(policy, &text, &e) != 0 ? report_error(TOOL, &e) : check(form, policy, &text);
  if (status == 0)
    status = write_output(line, text.text, text.length);
  buffer_clear(&text);
  return status;
}

int
verb_convert(struct analyze_line *line) {
  const struct form *form = NULL;
  struct policy *policy;
  for (size_t i = 0; line->to != NULL && i < sizeof forms / sizeof forms[0]; i++)
    if (strcmp(line->to, forms[i].name) == 0)
      form = &forms[i];
  if (line->to == NULL)
    return report(TOOL, "convert to what? give --to=systemd, --to=oci or --to=listing");
  if (form == NULL)
    return report(TOOL, "convert --to=%s: it is systemd, oci or listing", shown(line->to).text);
  if (load_policy(line, &policy) != 0)
    return STATUS_UNUSABLE;
  int status = convert(line, form, policy);
  policy_free(policy);
  return status;
}
