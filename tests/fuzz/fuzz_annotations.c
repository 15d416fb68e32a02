// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_annotations.c - a config.json's annotations behind a byte of what the administrator demands: whatever they ask
// for, nothing is allowed then that was not without them, and what fails says why.
#include "hook/request.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

static const char *const mandatory_words[] = {"SystemCallFilter=~ptrace bpf:EPERM @module", "NoNewPrivileges=no"};

static struct json_value
find_annotations(const struct json *json) {
  struct json_value found = json_member(json_root(json), "annotations");
  return json_kind(found) == JSON_NONE ? json_root(json) : found;
}

// Every number of every ABI, with arguments that tests ask about.
static void
check_narrower(const struct policy *policy, const struct policy *mandatory, uint8_t seed) {
  uint64_t args[6] = {seed, seed, (uint64_t)seed << 32, 0, UINT64_MAX, 1};
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    for (uint32_t number = 0; number < 1024; number++) {
      uint32_t call = abi == ABI_X32 ? number | X32_BIT : number;
      struct action own = policy_decide(policy, abi, call, args).action;
      struct action outer = policy_decide(mandatory, abi, call, args).action;
      if (action_refuses(outer) && !action_refuses(own))
        fuzz_fail("call %u of ABI %d is allowed by annotation", number, (int)abi);
    }
  }
}

static void
check_request(const struct container_request *request, struct hook_settings *settings, uint8_t head) {
  struct diags diags = {0};
  struct policy *mandatory = NULL;
  if (request->policy == NULL) {
    if (request->wrapper || settings->mandatory.count > 0)
      fuzz_fail("no policy where there must be one");
    return;
  }
  fuzz_check_policy(request->policy);
  if (request->policy->at > MOMENT_EXEC || request->policy->startup != NULL || policy_notifies(request->policy))
    fuzz_fail("a policy that a container cannot have");
  if (settings->mandatory.count == 0)
    return;
  if (!request->wrapper)
    fuzz_fail("the mandatory policy without the wrapper");
  if (policy_load(&settings->mandatory, &mandatory, &diags) != 0)
    fuzz_fail("the mandatory policy is wrong");
  check_narrower(request->policy, mandatory, head);
  policy_free(mandatory);
}

static void
ask(const struct json *json, uint8_t head, struct diags *diags) {
  static const char *const no_folders[] = {NULL};
  struct hook_settings settings = {.mandatory = {.files.folders = no_folders}, .accelerate = (head & 4) != 0};
  struct container_request request = {0};
  struct error e;
  for (size_t i = 0; i < 2; i++)
    if ((head & 1U << i) != 0 && (i == 0 || (head & 1) != 0)
        && policy_take_property(&settings.mandatory, mandatory_words[i], &e) != 0)
      abort();
  int failed = container_request_read(find_annotations(json), &settings, &request, diags);
  if ((failed != 0) != (diags->errors > 0))
    fuzz_fail("the reader returned %d with %zu errors", failed, diags->errors);
  fuzz_check_messages(diags);
  if (failed == 0)
    check_request(&request, &settings, head);
  container_request_clear(&request);
  hook_settings_clear(&settings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes bytes = {data, size};
  uint8_t head = bytes_take8(&bytes);
  struct diags diags = {0};
  char *text = malloc(bytes.left > 0 ? bytes.left : 1);
  if (text == NULL)
    abort();
  if (bytes.left > 0)
    memcpy(text, bytes.at, bytes.left);
  const struct source source = {"config.json", text, bytes.left, true};
  struct json *json = json_read(&source, &diags);
  if (json != NULL)
    ask(json, head, &diags);
  json_free(json);
  free(text);
  return 0;
}
