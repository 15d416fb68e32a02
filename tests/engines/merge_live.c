// SPDX-License-Identifier: LGPL-2.1-or-later
// merge_live.c - random profiles of engines merged with random policies, for real runtimes to start.
//
//     merge_live write SEED ENGINE.json MERGED.json      exit status 1: refused, nothing is written
//     merge_live check SEED ENGINE.filters MERGED.filters
//     merge_live needs crun|runc|any [least [privs]]      the names that hook/needs.h has, one a line
//
// check: whatever readback found in both containers, the filter for MERGED.json is nowhere weaker than the one for
// ENGINE.json, nor than the policy where the call is not needed; exit status 1 and a line for each call otherwise. Four
// things are the runtimes' own: runc answers ENOSYS instead of refusing otherwise to numbers above the highest call
// that a profile names; calls that libseccomp does not know lose their rules; ABIs that are not listed get kill-thread;
// and where ENGINE.json compares with constants beyond 32 bits libseccomp 2.5.4 misreads it, so there it counts as
// written.
#include "compat/merge.h"
#include "compat/oci_read.h"
#include "hook/seccomp.h"
#include "tests/engines/samples.h"
#include "tests/unit/random_seccomp.h"
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_EACH 3

static struct filters before, after;
static struct samples samples;
static struct policy *policy, *engine_policy;
static unsigned long wrong, asked;

_Noreturn static void
die(const char *what, const char *name) {
  fprintf(stderr, "merge_live: %s: %s\n", name, what);
  exit(2);
}

// What a container needs that is looked at: the runtimes' calls, and the program's.
static const char *const *
allowed_names(void) {
  static const char *names[NEEDS_MAX + 1];
  const char *const *needs = needs_of(RUNTIME_ANY, true, false);
  size_t count = 0;
  for (; needs[count] != NULL; count++)
    names[count] = needs[count];
  names[count++] = "pause";
  names[count] = NULL;
  return names;
}

// The same for every run with that seed.
static void
make_pair(unsigned long long seed, struct buffer *engine) {
  static const char *const pause_name[] = {"pause", NULL};
  struct random random = random_from(seed);
  struct error e;
  struct policy *narrow = random_sayable(&random, RULES_EACH);
  if (policy_widen(narrow, pause_name, &policy, &e) != 0)
    die(e.text, "policy");
  policy_free(narrow);
  random_engine(&random, allowed_names(), engine);
}

static void
write_file(const char *path, const struct buffer *text) {
  FILE *file = fopen(path, "we");
  if (file == NULL || fwrite(text->text, 1, text->length, file) != text->length || fclose(file) != 0)
    die(strerror(errno), path);
}

static int
write_pair(char **words) {
  struct buffer engine = {0};
  struct seccomp_result result = {.changed = false};
  struct diags diags = {0};
  make_pair(strtoull(words[0], NULL, 10), &engine);
  const struct source source = {.name = "engine", .text = engine.text, .length = engine.length, .has_lines = true};
  struct json *json = json_read(&source, &diags);
  if (json == NULL)
    die(diags.items[0].text, "engine");
  const struct seccomp_plan plan = {.engine = json_root(json), .policy = policy, .wrapper = true};
  bool made = seccomp_make(&plan, &result, &diags) == 0;
  if (made) {
    write_file(words[1], &engine);
    write_file(words[2], &result.json);
  } else
    printf("refused: %s\n", diags.items[0].text);
  seccomp_result_clear(&result);
  json_free(json);
  buffer_clear(&engine);
  policy_free(policy);
  return made ? 0 : 1;
}

// libseccomp's own name of the number, if it has one.
static bool
is_known_to_libseccomp(const struct seccomp_data *data) {
  uint32_t arch = data->arch == ARCH_WORD_I386                        ? SCMP_ARCH_X86
                  : abi_of(data->arch, (uint32_t)data->nr) == ABI_X32 ? SCMP_ARCH_X32
                                                                      : SCMP_ARCH_X86_64;
  char *name = seccomp_syscall_resolve_num_arch(arch, data->nr);
  free(name);
  return name != NULL;
}

static bool
is_enosys(struct action action) {
  return action.kind == ACTION_ERRNO && action.data == ENOSYS;
}

static bool
is_needed(enum abi abi, uint32_t number) {
  call_t call = calls_at(abi, number);
  for (const char *const *name = allowed_names(); *name != NULL; name++)
    if (call == calls_find(*name, strlen(*name)))
      return true;
  return false;
}

// What the policy asks for at least; on x32 and x86 no JSON can speak of upper halves.
static struct action
least(const struct seccomp_data *data, enum abi abi) {
  uint64_t args[6];
  for (size_t i = 0; i < 6; i++) {
    args[i] = data->args[i];
    if (abi != ABI_NATIVE && args[i] > UINT32_MAX)
      return (struct action){ACTION_ALLOW, 0};
  }
  if (abi == ABI_NONE || (policy->abis & engine_policy->abis & ABI_BIT(abi)) == 0)
    return (struct action){ACTION_KILL_THREAD, 0};
  if (is_needed(abi, (uint32_t)data->nr) || !is_known_to_libseccomp(data))
    return (struct action){ACTION_ALLOW, 0};
  return policy_decide(policy, abi, (uint32_t)data->nr, args).action;
}

static bool
is_misread(const struct seccomp_data *data, enum abi abi) {
  const call_t call = calls_at(abi, (uint32_t)data->nr);
  for (size_t i = 0; i < engine_policy->rule_count; i++) {
    const struct rule *rule = &engine_policy->rules[i];
    for (uint32_t t = 0; rule->call == call && t < rule->test_count; t++)
      if (engine_policy->tests[rule->first_test + t].value > UINT32_MAX)
        return true;
  }
  return false;
}

static void
visit(void *context, const struct seccomp_data *data) {
  struct action old, new;
  enum abi abi = abi_of(data->arch, (uint32_t)data->nr);
  (void)context;
  if (!filters_decide(&before, data, &old) || !filters_decide(&after, data, &new))
    die("gives what is no action", "a filter");
  if (abi != ABI_NONE && is_misread(data, abi)) {
    uint64_t args[6];
    memcpy(args, data->args, sizeof args);
    old = policy_decide(engine_policy, abi, (uint32_t)data->nr, args).action;
  }
  struct action want = action_stricter(old, least(data, abi));
  asked++;
  if (new.kind >= want.kind || (is_enosys(new) && action_refuses(want) && !is_enosys(want)))
    return;
  char has[64], wants[64];
  if (wrong++ < 20)
    printf("%s %d(0x%llx 0x%llx 0x%llx): %s, not %s\n", abi_name(abi), data->nr, (unsigned long long)data->args[0],
           (unsigned long long)data->args[1], (unsigned long long)data->args[2], action_describe(new, has, sizeof has),
           action_describe(want, wants, sizeof wants));
}

static int
check_pair(char **words) {
  struct buffer engine = {0};
  struct diags diags = {0};
  make_pair(strtoull(words[0], NULL, 10), &engine);
  const struct source source = {.name = "engine", .text = engine.text, .length = engine.length, .has_lines = true};
  struct json *json = json_read(&source, &diags);
  if (json == NULL || oci_read_value(json_root(json), &engine_policy, &diags) != 0)
    die(diags.items[0].text, "engine");
  const char *problem = filters_read(&before, words[1]);
  if (problem == NULL)
    problem = filters_read(&after, words[2]);
  samples.policy = policy;
  samples.sets[0] = &before;
  samples.sets[1] = &after;
  if (problem == NULL)
    problem = samples_collect(&samples);
  for (size_t i = 0; i < samples.arches.count && problem == NULL; i++)
    for (size_t j = 0; j < samples.numbers.count && problem == NULL; j++)
      problem = samples_visit(&samples, samples.arches.items[i], samples.numbers.items[j], visit, NULL);
  policy_free(engine_policy);
  json_free(json);
  buffer_clear(&engine);
  policy_free(policy);
  if (problem != NULL)
    die(problem, words[0]);
  if (before.count == 0 || after.count == 0)
    die("no filter", words[0]);
  return wrong != 0;
}

static int
print_needs(int count, char **words) {
  enum runtime_kind runtime = runtime_kind_of(words[0]);
  const char *const *names =
      count > 1 ? needs_at_least(runtime, count > 2, false, false) : needs_of(runtime, false, false);
  for (; *names != NULL; names++)
    puts(*names);
  return 0;
}

int
main(int count, char **words) {
  if (count == 5 && strcmp(words[1], "write") == 0)
    return write_pair(words + 2);
  if (count == 5 && strcmp(words[1], "check") == 0)
    return check_pair(words + 2);
  if (count >= 3 && strcmp(words[1], "needs") == 0)
    return print_needs(count - 2, words + 2);
  die("is no command", count > 1 ? words[1] : "");
}
