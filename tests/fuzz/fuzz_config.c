// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_config.c - a config.json behind a byte of settings: what comes out is JSON, the same once more gives the same
// bytes (but for the program of an accelerated profile, of which there is more than one that decides the same), and the
// order in it is found again.
#include "hook/rewrite.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

#define WRAPPER "/opt/scrun-wrapper"

static struct rewrite_place
take_place(uint8_t head) {
  return (struct rewrite_place){.wrapper = WRAPPER,
                                .stage = (head & 32) != 0 ? NULL : "/opt/scrun-stage",
                                .bundle = (head & 4) != 0 ? "/" : NULL};
}

// The folders of profiles are not the fuzzer's matter.
static void
take_settings(struct hook_settings *settings, uint8_t head) {
  static const char *const no_folders[] = {NULL};
  struct error e;
  *settings = (struct hook_settings){.accelerate = (head & 2) != 0,
                                     .runtime = (head & 8) != 0    ? "runc"
                                                : (head & 16) != 0 ? "/usr/bin/crun"
                                                                   : NULL};
  settings->mandatory.files.folders = no_folders;
  if ((head & 1) != 0 && policy_take_property(&settings->mandatory, "SystemCallFilter=~execve", &e) != 0)
    abort();
}

// Returns what rewrite_config() does.
static int
rewrite(const struct source *config, uint8_t head, bool *changed, struct buffer *out) {
  static struct diags diags;
  struct hook_settings settings;
  const struct rewrite_place place = take_place(head);
  memset(&diags, 0, sizeof diags);
  take_settings(&settings, head);
  int result = rewrite_config(config, &settings, &place, changed, out, &diags);
  if ((result != 0) != (diags.errors > 0))
    fuzz_fail("the rewriting returned %d with %zu errors", result, diags.errors);
  if (*changed != (out->length > 0) || (result != 0 && *changed))
    fuzz_fail("the rewriting returned %d, changed %d, %zu bytes", result, *changed, out->length);
  fuzz_check_messages(&diags);
  if (memmem(config->text, config->length, "json-c", 6) == NULL)
    for (size_t i = 0; i < diags.count; i++)
      if (strstr(diags.items[i].text, "json-c") != NULL)
        fuzz_fail("json-c and the scan differ: %s", diags.items[i].text);
  hook_settings_clear(&settings);
  return result;
}

static bool
is_string_end(const char *at) {
  return *at == '"' || *at == '\0';
}

// Equal, with any text for the program in both.
static bool
differ_in_program(const char *a, const char *b) {
  static const char name[] = "\"run.oci.seccomp_bpf_data\":\"";
  const char *in_a = strstr(a, name), *in_b = strstr(b, name);
  if (in_a == NULL || in_b == NULL || in_a - a != in_b - b || memcmp(a, b, (size_t)(in_a - a)) != 0)
    return false;
  for (in_a += sizeof name - 1; !is_string_end(in_a);)
    in_a++;
  for (in_b += sizeof name - 1; !is_string_end(in_b);)
    in_b++;
  return strcmp(in_a, in_b) == 0;
}

static void
check_again(const struct buffer *text, uint8_t head) {
  const struct source source = {"again.json", text->text, text->length, true};
  struct buffer out = {0};
  bool changed;
  if (text->length > CONFIG_BYTES_MAX) // more than a runtime would be given again
    return;
  if (rewrite(&source, head, &changed, &out) != 0 || (changed && !differ_in_program(text->text, out.text)))
    fuzz_fail("once more: %s\n%.*s\n%s", changed ? "changed" : "refused", (int)text->length, text->text,
              changed ? out.text : "");
  buffer_clear(&out);
}

// What reads a config.json or process.json that was rewritten, or says it was.
static void
check_readers(const struct source *source) {
  static struct diags diags;
  struct buffer out = {0};
  char *order = NULL;
  bool can_mount;
  memset(&diags, 0, sizeof diags);
  int result = rewrite_find_order(source, WRAPPER, &order, &can_mount, &diags);
  if ((result != 0) != (diags.errors > 0) || (result != 0 && order != NULL))
    fuzz_fail("the search for the order returned %d with %zu errors", result, diags.errors);
  memset(&diags, 0, sizeof diags);
  result = rewrite_process(source, order != NULL ? order : "\"QUJD", &out, &diags);
  if ((result != 0) != (diags.errors > 0) || (result == 0) != (out.length > source->length))
    fuzz_fail("the change of the process returned %d with %zu errors", result, diags.errors);
  free(order);
  buffer_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes bytes = {data, size};
  struct buffer out = {0};
  uint8_t head = bytes_take8(&bytes);
  bool changed;
  char *text = malloc(bytes.left > 0 ? bytes.left : 1);
  if (text == NULL)
    abort();
  if (bytes.left > 0)
    memcpy(text, bytes.at, bytes.left);
  const struct source source = {"config.json", text, bytes.left, true};
  if (rewrite(&source, head, &changed, &out) == 0 && changed)
    check_again(&out, head);
  check_readers(&source);
  buffer_clear(&out);
  free(text);
  return 0;
}
