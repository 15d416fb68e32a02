// SPDX-License-Identifier: LGPL-2.1-or-later
// seccomp.c - engine's profile and policy -> linux.seccomp -> read again as the runtimes do -> compared with both.
#include "hook/seccomp.h"
#include "compat/merge.h"
#include "compat/oci_read.h"
#include "compat/oci_write.h"
#include "hook/order.h"
#include "hook/seccomp_as_runtime.h"
#include "hook/seccomp_check.h"
#include "runner/compile.h"
#include "runner/points.h"
#include "runner/verify.h"
#include <string.h>

// Of one rule that is narrowed.
#define TESTS_MAX 64

struct making {
  const struct seccomp_plan *plan;
  struct seccomp_result *out;
  struct diags *diags;
  struct policy *engine;   // read strictly; NULL: the container has none
  struct policy *in_force; // as the runtimes read it; NULL: not simply said
  struct policy *widened, *merged;
  struct source source;    // the text of `merged`
  struct json *json;       // read again
  struct policy *written;  // and as the runtimes read it
  struct policy *narrowed; // what a program is compiled from
  const char *slow;        // why none is
};

static bool
given(struct json_value value) {
  return json_kind(value) != JSON_NONE && json_kind(value) != JSON_NULL;
}

static bool
fail(const struct making *making, const struct error *e) {
  diag_add(making->diags, DIAG_ERROR, e->at, "%s", e->text);
  return false;
}

// ---- The engine's own profile.

// What it says with warnings it says with or without scrun; who starts a container did not write it.
static void
copy_errors(struct diags *to, const struct diags *from) {
  for (size_t i = 0; i < from->count; i++)
    if (from->items[i].kind != DIAG_WARNING)
      diag_add(to, from->items[i].kind, from->items[i].at, "%s", from->items[i].text);
}

static bool
read_engine(struct making *making) {
  struct diags said = {0}, unsaid = {0};
  if (!given(making->plan->engine))
    return true;
  if (seccomp_as_runtime(making->plan->engine, SECCOMP_ENGINES, &making->in_force, &unsaid) != 0)
    making->in_force = NULL;
  if (making->plan->policy == NULL)
    return true;
  if (oci_read_value(making->plan->engine, &making->engine, &said) == 0)
    return true;
  copy_errors(making->diags, &said);
  making->engine = NULL;
  return false;
}

// ---- Calls that a start cannot do without.

// Neither a tracer nor a listener lets it through.
static bool
is_closed(struct action action) {
  return action_refuses(action) && action.kind != ACTION_TRACE && action.kind != ACTION_NOTIFY;
}

// True if `policy` refuses the call, with that first argument (NULL: any), whatever the others are.
static bool
refuses_need(const struct policy *policy, const char *name, const uint32_t *first) {
  static struct points points;
  uint32_t words[POINT_WORDS], number;
  uint64_t args[6];
  if (!calls_number(calls_find(name, strlen(name)), ABI_NATIVE, &number))
    return false;
  points_clear(&points);
  points_add_policy(&points, policy, ABI_NATIVE, number);
  bool more = points_first(&points, words);
  if (!more)
    return false; // too much is asked about it to be told here
  for (; more; more = points_next(&points, words)) {
    points_arguments(words, args);
    args[0] = first == NULL ? args[0] : *first;
    if (!is_closed(policy_decide(policy, ABI_NATIVE, number, args).action))
      return false;
  }
  return true;
}

// Options of prctl(2) that every wrapper sets or asks for. Source: <linux/prctl.h>.
static const uint32_t wrapper_options[] = {
    38, // PR_SET_NO_NEW_PRIVS
    39, // PR_GET_NO_NEW_PRIVS
    4,  // PR_SET_DUMPABLE
    3,  // PR_GET_DUMPABLE
    22, // PR_SET_SECCOMP
};

static const char *
refused_option(const struct making *making) {
  if (making->plan->wrapper)
    for (size_t i = 0; i < sizeof wrapper_options / sizeof wrapper_options[0]; i++)
      if (refuses_need(making->engine, "prctl", &wrapper_options[i]))
        return "prctl";
  return NULL;
}

static void
report_need(const struct making *making, const char *name) {
  json_complain(making->plan->engine, DIAG_ERROR, making->diags,
                "the engine's own profile refuses \"%s\", which the runtime or the wrapper calls before the program "
                "starts; allow it there",
                name);
}

static bool
check_needs(const struct making *making) {
  const struct seccomp_plan *plan = making->plan;
  const char *const *names = needs_at_least(plan->runtime, plan->no_new_privs, plan->wrapper, plan->isolate);
  bool right = true, prctl_said = false;
  if (making->engine == NULL)
    return true;
  for (; *names != NULL; names++)
    if (refuses_need(making->engine, *names, NULL)) {
      report_need(making, *names);
      prctl_said = prctl_said || strcmp(*names, "prctl") == 0;
      right = false;
    }
  const char *option = prctl_said ? NULL : refused_option(making);
  if (option != NULL)
    report_need(making, option);
  return right && option == NULL;
}

// ---- Merging.

static bool
check_policy(const struct making *making) {
  if (policy_notifies(making->plan->policy)) {
    diag_add(making->diags, DIAG_ERROR, (struct source_pos){0},
             "a policy that hands calls to a listener cannot be merged into a container's profile");
    return false;
  }
  return true;
}

// What linux.seccomp has no place for is the wrapper's affair, or config.json says it elsewhere; libseccomp has one
// answer for other architectures. Flags that were not there would make runc 1.1.5 refuse the container.
static void
fit_frame(struct policy *merged, const struct policy *engine) {
  merged->foreign = (struct action){ACTION_KILL_THREAD, 0};
  merged->no_new_privs = true;
  merged->isolate_peers = ISOLATE_PEERS_AUTO;
  merged->flags &= engine == NULL ? 0u : engine->flags;
}

static bool
merge(struct making *making) {
  const struct seccomp_plan *plan = making->plan;
  const char *const *needs = needs_of(plan->runtime, plan->wrapper, plan->isolate);
  struct error e;
  if (policy_widen(plan->policy, needs, &making->widened, &e) != 0)
    return fail(making, &e);
  if (making->engine == NULL) {
    making->merged = making->widened;
    making->widened = NULL;
  } else if (policy_merge(making->widened, making->engine, &making->merged, &e) != 0)
    return fail(making, &e);
  fit_frame(making->merged, making->engine);
  return true;
}

// ---- What a program is compiled from.

// More rules with tests on one call than a launch should wait for to be compiled; profiles have a few.
#define COMPILED_MAX 32

static bool
is_too_much(const struct policy *policy) {
  unsigned counts[CALLS_MAX] = {0};
  for (size_t i = 0; i < policy->rule_count; i++) {
    const struct rule *rule = &policy->rules[i];
    if (rule->test_count > 0 && rule->call != CALL_NONE && ++counts[rule->call] > COMPILED_MAX)
      return true;
  }
  return false;
}

static const char not_plain[] = "libseccomp makes of linux.seccomp what its text does not simply say";

// Why a policy, NULL if there is none, is not compiled; or NULL.
static const char *
why_slow(const struct policy *policy) {
  if (policy == NULL)
    return not_plain;
  if (policy_notifies(policy))
    return "linux.seccomp hands calls to a listener";
  if (is_too_much(policy))
    return "there are more tests of arguments in linux.seccomp than can be compiled at each start";
  return NULL;
}

static int
add_narrowed(struct policy *out, const struct policy *policy, const struct rule *from, struct error *e) {
  const unsigned wide = ABI_BIT(ABI_X86_64), abis = from->abis == 0 ? (unsigned)ABI_ALL : from->abis;
  struct test tests[TESTS_MAX];
  struct rule rule = *from;
  if (from->test_count == 0)
    return policy_add_rule(out, from, NULL, 0, e);
  if (from->test_count > TESTS_MAX)
    return error_plain(e, ERROR_POLICY, "a rule has too many tests");
  memcpy(tests, policy->tests + from->first_test, from->test_count * sizeof *tests);
  rule.abis = abis & wide;
  if (rule.abis != 0 && policy_add_rule(out, &rule, tests, from->test_count, e) != 0)
    return -1;
  for (size_t i = 0; i < from->test_count; i++)
    tests[i] = (struct test){tests[i].argument, 32, tests[i].op, (uint32_t)tests[i].mask, (uint32_t)tests[i].value};
  rule.abis = abis & ~wide;
  return rule.abis == 0 ? 0 : policy_add_rule(out, &rule, tests, from->test_count, e);
}

// The merged policy as libseccomp looks at arguments on x32 and x86: what it makes of the text, said with fewer rules
// than the text takes. Whether it is so seccomp_check() says.
static struct policy *
narrow(const struct policy *policy) {
  struct policy *out = policy_new();
  struct error e;
  bool right = out != NULL;
  if (right) {
    out->abis = policy->abis;
    out->foreign = policy->foreign;
  }
  for (size_t i = 0; i < policy->layer_count && right; i++) {
    const struct layer *layer = &policy->layers[i];
    right = policy_add_layer(out, layer->otherwise, layer->otherwise_at, &e) == 0;
    for (uint32_t j = layer->first_rule; j < layer->first_rule + layer->rule_count && right; j++)
      right = add_narrowed(out, policy, &policy->rules[j], &e) == 0;
  }
  if (right && policy_seal(out, &e) == 0)
    return out;
  policy_free(out);
  return NULL;
}

// What the runtimes make of the text. A program is only made where they read it all in the same way.
static bool
read_written(struct making *making, struct diags *said) {
  const struct json_value seccomp = json_root(making->json);
  struct diags unsaid = {0};
  making->slow = not_plain;
  if (making->plan->accelerate && seccomp_as_runtime(seccomp, SECCOMP_OURS_PLAIN, &making->written, &unsaid) == 0) {
    making->narrowed = narrow(making->merged);
    making->slow = why_slow(making->narrowed);
    return true;
  }
  return seccomp_as_runtime(seccomp, SECCOMP_OURS, &making->written, said) == 0;
}

// The text, and what the runtimes make of it.
static bool
write_merged(struct making *making) {
  struct buffer *out = &making->out->json;
  struct diags said = {0};
  struct error e;
  if (oci_write_for_runtimes(making->merged, out, &e) != 0)
    return fail(making, &e);
  making->source = (struct source){.name = "linux.seccomp", .text = out->text, .length = out->length};
  making->json = json_read(&making->source, &said);
  if (making->json != NULL && read_written(making, &said))
    return true;
  making->written = NULL;
  diag_add(making->diags, DIAG_ERROR, (struct source_pos){0},
           "the merged profile cannot be handed to a runtime as it is meant: %s",
           said.count > 0 ? said.items[0].text : out_of_memory);
  return false;
}

static bool
check_merged(struct making *making) {
  bool same;
  const struct seccomp_check check = {.written = making->written,
                                      .merged = making->merged,
                                      .policy = making->widened,
                                      .engine = making->engine,
                                      .in_force = making->in_force,
                                      .compiled = making->slow == NULL ? making->narrowed : NULL};
  struct error e;
  if (seccomp_check(&check, &same, &e) != 0)
    return fail(making, &e);
  if (making->slow == NULL && !same)
    making->slow = not_plain;
  return true;
}

static bool
make_json(struct making *making) {
  if (!check_policy(making) || !check_needs(making) || !merge(making) || !write_merged(making) || !check_merged(making))
    return false;
  making->out->changed = true;
  return true;
}

// ---- The ready program.

// Returns NULL, or why there can be none.
static const char *
make_program(struct buffer *out, const struct policy *policy) {
  static struct program program;
  struct error e;
  if (program_compile(policy, PROGRAM_BARE, &program, &e) != 0
      || program_verify(&program, PROGRAM_BARE, policy, &e) != 0)
    return "the program of linux.seccomp could not be made or verified";
  base64_write(out, program.code, program.length * sizeof program.code[0]);
  return out->failed ? out_of_memory : NULL;
}

// From what is known to decide as the runtimes' own programs do.
static void
accelerate(struct making *making) {
  struct seccomp_result *out = making->out;
  const struct policy *policy = out->changed ? making->narrowed : making->in_force;
  if (!out->changed && !given(making->plan->engine))
    out->slow = "the container has no filter";
  else
    out->slow = out->changed ? making->slow : why_slow(policy);
  if (out->slow == NULL)
    out->slow = make_program(&out->program, policy);
  if (out->slow != NULL)
    buffer_clear(&out->program);
}

// ---- The whole.

int
seccomp_make(const struct seccomp_plan *plan, struct seccomp_result *out, struct diags *diags) {
  struct making making = {.plan = plan, .out = out, .diags = diags};
  bool right = read_engine(&making) && (plan->policy == NULL || make_json(&making));
  if (right && plan->accelerate)
    accelerate(&making);
  policy_free(making.engine);
  policy_free(making.in_force);
  policy_free(making.widened);
  policy_free(making.merged);
  policy_free(making.written);
  policy_free(making.narrowed);
  json_free(making.json);
  return right ? 0 : -1;
}

void
seccomp_result_clear(struct seccomp_result *result) {
  buffer_clear(&result->json);
  buffer_clear(&result->program);
  *result = (struct seccomp_result){.changed = false};
}
