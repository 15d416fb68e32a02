// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_oci.c - seccomp JSON behind a byte of options: what is read must compile to what verifies, and json-c must see
// every text that our own scan lets pass as the scan does.
#include "compat/kernel.h"
#include "compat/oci_read.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

// Of options, and of what is compared afterwards.
static struct oci_options
take_options(uint8_t head) {
  return (struct oci_options){.capabilities = (head & 1) != 0   ? UINT64_MAX
                                              : (head & 2) != 0 ? 0x800405fb
                                                                : 0,
                              .kernel = (head & 4) != 0 ? KERNEL(6, 1) : KERNEL(4, 8)};
}

static void
check_agreement(const struct diags *diags) {
  for (size_t i = 0; i < diags->count; i++)
    if (strstr(diags->items[i].text, "json-c") != NULL)
      fuzz_fail("json-c and the scan differ: %s", diags->items[i].text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct program program;
  struct bytes bytes = {data, size};
  uint8_t head = bytes_take8(&bytes);
  struct oci_options options = take_options(head);
  struct diags diags = {0};
  struct policy *policy = NULL;
  char *text = malloc(bytes.left > 0 ? bytes.left : 1);
  if (text == NULL)
    abort();
  if (bytes.left > 0)
    memcpy(text, bytes.at, bytes.left);
  const struct source source = {"fuzz.json", text, bytes.left, true};
  int result = oci_read(&source, &options, &policy, &diags);
  if ((result != 0) != (diags.errors > 0))
    fuzz_fail("the reader returned %d with %zu errors", result, diags.errors);
  fuzz_check_messages(&diags);
  // What the user wrote may hold the word.
  if (memmem(text, bytes.left, "json-c", 6) == NULL)
    check_agreement(&diags);
  if (result == 0) {
    fuzz_check_policy(policy);
    (void)fuzz_build(policy, &program, head);
    policy_free(policy);
  }
  free(text);
  return 0;
}
