// SPDX-License-Identifier: LGPL-2.1-or-later
// convert.c - a policy in another form. What was written is read back and compared: a form that would decide one call
// differently is never printed.
#include "compat/kernel.h"
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
  if (program_compile(policy, PROGRAM_LAUNCH, &program, e) != 0
      || program_verify(&program, PROGRAM_LAUNCH, policy, e) != 0)
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

// What a libseccomp of version 2.5.4 or older does not know: runtimes with it pass over such names.
#define NEWER_THAN_LIBSECCOMP KERNEL(5, 17)

static bool
runtimes_may_lose(const struct policy *policy, call_t call) {
  static const uint64_t args[6];
  uint32_t number;
  if (calls_first_kernel(call, ABI_NATIVE) <= NEWER_THAN_LIBSECCOMP || !calls_number(call, ABI_NATIVE, &number))
    return false;
  struct action otherwise = policy_decide(policy, ABI_NATIVE, CALLS_X32_END, args).action;
  return policy_decide(policy, ABI_NATIVE, number, args).action.kind > otherwise.kind;
}

// A runtime whose libseccomp does not know a name drops it without a word, so a refusal is lost there.
static void
warn_about_names(const struct policy *policy) {
  struct buffer names = {0};
  for (size_t i = 0; i < calls_count(); i++)
    if (runtimes_may_lose(policy, (call_t)i))
      buffer_add(&names, " %s", calls_name((call_t)i));
  if (names.length > 0 && !names.failed)
    report(
        TOOL,
        "--to=oci: crun and runc with libseccomp 2.5.4 or older do not know these calls, and would not refuse them:%s",
        shown_part(names.text, names.length).text);
  buffer_clear(&names);
}

static int
write_oci(const struct policy *policy, struct buffer *out, struct error *e) {
  if (oci_write(policy, out, e) != 0)
    return -1;
  warn_about_names(policy);
  return 0;
}

static const struct form {
  const char *name;
  int (*write)(const struct policy *policy, struct buffer *out, struct error *e);
  int (*read)(const struct source *source, struct policy **out, struct diags *diags); // NULL: nobody reads it back
} forms[] = {
    {"listing", write_listing, NULL},
    {"oci", write_oci, read_oci},
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

static enum moment
moment_of(const struct policy *policy) {
  return policy->at == MOMENT_NONE ? MOMENT_EXEC : policy->at;
}

static bool
startups_equal(const struct policy *a, const struct policy *b) {
  struct difference difference = {.count = 0};
  struct error e;
  if (a == NULL || b == NULL)
    return a == b;
  return policy_compare(a, b, take_difference, &difference, &e) == 0 && difference.count == 0;
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
      || policy->flags != again->flags || moment_of(policy) != moment_of(again)
      || !startups_equal(policy->startup, again->startup) || !texts_equal(policy->listener_path, again->listener_path)
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

// What a compiled file holds beside the program.
static void
add_settings(struct buffer *out, const struct image *image) {
  static const char *const isolate[] = {[ISOLATE_PEERS_NONE] = "?",
                                        [ISOLATE_PEERS_AUTO] = "auto",
                                        [ISOLATE_PEERS_YES] = "yes",
                                        [ISOLATE_PEERS_NO] = "no"};
  buffer_add(out, "At: %s\narchitectures:", moment_name(image->moment));
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if ((image->abis & ABI_BIT(abi)) != 0)
      buffer_add(out, " %s", abi_name(abi));
  buffer_add(out, "\nNoNewPrivileges: %s\nIsolatePeers: %s\n", image->no_new_privs ? "yes" : "no",
             isolate[image->isolate_peers]);
  if (image->permissive)
    buffer_add(out, "mode: --log, so what the policy refuses is logged and allowed\n");
  if (image->flags != 0)
    buffer_add(out, "flags:%s%s\n", (image->flags & POLICY_FLAG_LOG) != 0 ? " log" : "",
               (image->flags & POLICY_FLAG_SPEC_ALLOW) != 0 ? " spec-allow" : "");
  if (image->notifies)
    buffer_add(out, "listener: %s\n", image->listener_path);
  buffer_add(out, "\n");
}

// A compiled file can only be listed: the policy that it was made from is not in it.
static int
convert_compiled(const struct analyze_line *line, const struct form *form, const struct image *image) {
  struct buffer text = {0};
  struct error e;
  if (form->write != write_listing)
    return report(TOOL, "a compiled file holds no policy to convert, only a program: --to=listing shows it");
  add_settings(&text, image);
  if (image->moment != MOMENT_EXEC)
    buffer_add(&text, "from exec to %s:\n", moment_name(image->moment));
  int failed = image->moment != MOMENT_EXEC ? listing_write(&image->startup, &text, &e) : 0;
  if (image->moment != MOMENT_EXEC)
    buffer_add(&text, "\nfrom %s on, beside that:\n", moment_name(image->moment));
  failed = failed != 0 ? failed : listing_write(&image->program, &text, &e);
  int status = failed != 0 ? report_error(TOOL, &e) : write_output(line, text.text, text.length);
  buffer_clear(&text);
  return status;
}

int
verb_convert(struct analyze_line *line) {
  static struct image image;
  bool compiled;
  const struct form *form = NULL;
  struct policy *policy;
  for (size_t i = 0; line->to != NULL && i < sizeof forms / sizeof forms[0]; i++)
    if (strcmp(line->to, forms[i].name) == 0)
      form = &forms[i];
  if (line->to == NULL)
    return report(TOOL, "convert to what? give --to=systemd, --to=oci or --to=listing");
  if (form == NULL)
    return report(TOOL, "convert --to=%s: it is systemd, oci or listing", shown(line->to).text);
  if (load_compiled(line, &image, &compiled) != 0)
    return STATUS_UNUSABLE;
  if (compiled)
    return convert_compiled(line, form, &image);
  if (load_policy(line, &policy) != 0)
    return STATUS_UNUSABLE;
  int status = convert(line, form, policy);
  policy_free(policy);
  return status;
}
