// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_seccomp_as_runtime.c - a linux.seccomp of an engine's behind a byte that chooses a policy: read as the runtimes
// do, and merged. What comes out is nowhere wider than what went in, whichever reader is asked, and a ready program
// decides as its text does.
#include "compat/oci_read.h"
#include "hook/seccomp.h"
#include "hook/seccomp_as_runtime.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

static const char *const texts[] = {
    "SystemCallFilter=~execve keyctl:EACCES\n",
    "SystemCallFilter=@system-service\n",
    "SystemCallFilter=@system-service\nSystemCallArchitectures=native\n",
    "SystemCallFilter=~connect semop:kill clone(flags & 0x100) personality(a0 == 8):ENOSYS\n",
};
#define POLICIES (sizeof texts / sizeof texts[0])

static struct policy *
read_policy(size_t which) {
  static struct source sources[POLICIES];
  static struct policy *policies[POLICIES]; // kept until the end
  struct reader_options options = {0};
  struct diags diags = {0};
  if (policies[which] != NULL)
    return policies[which];
  struct reader *reader = reader_new(&options);
  sources[which] =
      (struct source){.name = "policy", .text = texts[which], .length = strlen(texts[which]), .has_lines = true};
  if (reader == NULL || reader_read_file(reader, &sources[which], &diags) != 0
      || reader_finish(reader, &policies[which], &diags) != 0)
    fuzz_fail("the policy is wrong: %s", diags.items[0].text);
  reader_free(reader);
  return policies[which];
}

static struct policy *
read_as(struct json_value value, enum seccomp_author author) {
  struct policy *policy = NULL;
  struct diags diags = {0};
  int result = seccomp_as_runtime(value, author, &policy, &diags);
  if ((result == 0) != (diags.errors == 0) || (result == 0) != (policy != NULL))
    fuzz_fail("the reader returned %d with %zu errors", result, diags.errors);
  return policy;
}

// At the constants of `near`, one of the three.
static void
check_near(const struct policy *near, const struct policy *before, const struct policy *after) {
  for (size_t i = 0; i < near->rule_count; i++) {
    const struct rule *rule = &near->rules[i];
    uint64_t args[6] = {0};
    for (uint32_t j = 0; j < rule->test_count; j++) {
      const struct test *test = &near->tests[rule->first_test + j];
      args[test->argument] = test->value + (j + i) % 3 - 1;
    }
    for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
      uint32_t number;
      if (rule->call == CALL_NONE || !calls_number(rule->call, abi, &number))
        continue;
      for (size_t j = 0; j < 6 && abi != ABI_NATIVE; j++)
        args[j] &= UINT32_MAX;
      if (policy_decide(after, abi, number, args).action.kind < policy_decide(before, abi, number, args).action.kind)
        fuzz_fail("%s is wider on %s", calls_name(rule->call), abi_name(abi));
    }
  }
}

static void
check_pair(const struct policy *before, const struct policy *after) {
  if (before == NULL || after == NULL)
    return;
  check_near(before, before, after);
  check_near(after, before, after);
}

// Whoever wrote it: the plain reading is there if the two others are, and is the same as they are.
static void
check_readers(struct json_value value) {
  struct policy *ours = read_as(value, SECCOMP_OURS), *engines = read_as(value, SECCOMP_ENGINES),
                *plain = read_as(value, SECCOMP_OURS_PLAIN);
  if ((plain != NULL) != (ours != NULL && engines != NULL))
    fuzz_fail("the plain reading is %s", plain != NULL ? "there" : "not there");
  if (plain != NULL) {
    check_pair(plain, ours);
    check_pair(ours, plain);
    check_pair(plain, engines);
    check_pair(engines, plain);
  }
  policy_free(ours);
  policy_free(engines);
  policy_free(plain);
}

static void
check_result(struct json_value engine, const struct seccomp_result *result) {
  struct diags diags = {0};
  struct source source = {.name = "merged", .text = result->json.text, .length = result->json.length};
  struct json *json = json_read(&source, &diags);
  struct policy *read = NULL, *back = NULL;
  if (json == NULL || oci_read_value(engine, &read, &diags) != 0 || oci_read_value(json_root(json), &back, &diags) != 0)
    fuzz_fail("not read: %s", diags.items[0].text);
  struct policy *before = read_as(engine, SECCOMP_ENGINES), *after = read_as(json_root(json), SECCOMP_OURS);
  if (after == NULL)
    fuzz_fail("the text is not as scrun writes it");
  check_readers(json_root(json));
  check_pair(before, after);
  check_pair(read, back);
  policy_free(read);
  policy_free(back);
  policy_free(before);
  policy_free(after);
  json_free(json);
}

static void
check_value(struct json_value engine, uint8_t head) {
  const struct seccomp_plan plan = {.engine = engine,
                                    .policy = head % 5 == 0 ? NULL : read_policy(head % 5 - 1),
                                    .wrapper = (head & 0x40) != 0,
                                    .accelerate = (head & 0x80) != 0};
  struct seccomp_result result = {.changed = false};
  struct diags diags = {0};
  check_readers(engine);
  int status = seccomp_make(&plan, &result, &diags);
  if ((status != 0) != (diags.errors > 0) || (status != 0 && result.changed))
    fuzz_fail("seccomp_make() returned %d with %zu errors", status, diags.errors);
  if (status == 0 && plan.accelerate && (result.slow == NULL) != (result.program.length > 0))
    fuzz_fail("neither a program nor a reason why there is none");
  fuzz_check_messages(&diags);
  if (result.changed)
    check_result(engine, &result);
  seccomp_result_clear(&result);
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
  const struct source source = {"fuzz.json", text, bytes.left, true};
  struct json *json = json_read(&source, &diags);
  if (json != NULL)
    check_value(json_root(json), head);
  json_free(json);
  free(text);
  return 0;
}
