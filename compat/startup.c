// SPDX-License-Identifier: LGPL-2.1-or-later
// startup.c - the start-up policy: in front what is closed, then every layer of the policy behind the start-up list.
#include "compat/startup.h"
#include "compat/groups.h"
#include "compat/widen.h"
#include "compat/word.h"
#include <errno.h>
#include <string.h>

// Source: <linux/prctl.h>, <linux/sched.h>.
#define SCRUN_PR_SET_SECCOMP 22
#define SCRUN_PR_SET_CHILD_SUBREAPER 36
#define SCRUN_CLONE_UNTRACED 0x00800000
// Source: <linux/seccomp.h>.
#define SCRUN_SECCOMP_NEW_LISTENER 0x8

#define BELOW_ENTRY (1u << MOMENT_ENTRY)
#define BELOW_MAIN (1u << MOMENT_MAIN)
#define BELOW_READY (1u << MOMENT_READY)

// What a loader needs, and says why it cannot go on with; what a service needs until it is ready. Below main() the
// preload library asks for processes that are left (waitid), and takes back that they come to this one (prctl).
#define WORDS_MAX 7
#define LOADER_WORDS "@dynamic-startup", "write", "writev", "exit_group"
static const char *const default_words[MOMENT_COUNT][WORDS_MAX] = {
    [MOMENT_ENTRY] = {LOADER_WORDS},
    [MOMENT_MAIN] = {LOADER_WORDS, "waitid"},
    [MOMENT_READY] = {LOADER_WORDS, "@static-startup", "@system-service"},
};

// The layer in front. A prctl option is an int; of clone's flags the kernel looks at the low 32 bits only.
static const struct closing {
  const char *call;
  unsigned moments;
  uint16_t error;
  struct test test; // TEST_NONE: whatever its arguments
} closings[] = {
    {"seccomp", BELOW_ENTRY | BELOW_MAIN, EPERM, {.op = TEST_NONE}},
    {"prctl",
     BELOW_ENTRY | BELOW_MAIN,
     EPERM,
     {.argument = 0, .width = 32, .op = TEST_EQ, .mask = UINT32_MAX, .value = SCRUN_PR_SET_SECCOMP}},
    // who listens outside the tree could put another filter in place of the later one while that is being installed
    {"seccomp",
     BELOW_READY,
     EPERM,
     {.argument = 1, .width = 32, .op = TEST_NE, .mask = SCRUN_SECCOMP_NEW_LISTENER, .value = 0}},
    {"clone3", BELOW_ENTRY | BELOW_READY, ENOSYS, {.op = TEST_NONE}},
    {"clone",
     BELOW_ENTRY | BELOW_READY,
     EPERM,
     {.argument = 0, .width = 32, .op = TEST_NE, .mask = SCRUN_CLONE_UNTRACED, .value = 0}},
};

bool
startup_leaves_out(call_t call) {
  static const char *const names[] = {"execve", "execveat", "seccomp"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (call == calls_find(names[i], strlen(names[i])))
      return true;
  return false;
}

static int
add_closings(struct policy *out, enum moment moment, struct error *e) {
  struct source_pos nowhere = {0};
  if (policy_add_layer(out, (struct action){ACTION_ALLOW, 0}, nowhere, e) != 0)
    return -1;
  for (size_t i = 0; i < sizeof closings / sizeof closings[0]; i++) {
    const struct closing *closing = &closings[i];
    struct rule rule = {.call = calls_find(closing->call, strlen(closing->call)),
                        .action = {ACTION_ERRNO, closing->error}};
    if ((closing->moments & 1u << moment) != 0
        && policy_add_rule(out, &rule, &closing->test, closing->test.op != TEST_NONE, e) != 0)
      return -1;
  }
  return 0;
}

// The default lists, as StartupSystemCallFilter= would be read.

static void
add_word(struct call_set *set, const char *word) {
  const struct group *group = word[0] == '@' ? group_find(&group_versions[0], word, strlen(word)) : NULL;
  if (group == NULL) {
    call_set_add(set, calls_find(word, strlen(word)));
    return;
  }
  for (size_t i = 0; i < CALLS_MAX / 64; i++)
    set->bits[i] |= group->all->bits[i];
}

static int
add_subreaper(struct policy *list, struct error *e) {
  const struct rule rule = {.call = calls_find("prctl", 5), .action = {ACTION_ALLOW, 0}};
  const struct test test = {
      .argument = 0, .width = 32, .op = TEST_EQ, .mask = UINT32_MAX, .value = SCRUN_PR_SET_CHILD_SUBREAPER};
  return policy_add_rule(list, &rule, &test, 1, e);
}

static int
make_default_list(enum moment moment, struct policy *list, struct error *e) {
  struct call_set set = {{0}};
  struct source_pos nowhere = {0};
  for (size_t i = 0; i < WORDS_MAX && default_words[moment][i] != NULL; i++)
    add_word(&set, default_words[moment][i]);
  if (policy_add_layer(list, (struct action){ACTION_ERRNO, EPERM}, nowhere, e) != 0)
    return -1;
  for (call_t call = 0; call < calls_count(); call++) {
    struct rule rule = {.call = call, .action = {ACTION_ALLOW, 0}};
    if (call_set_has(&set, call) && !call_is_nowhere(call) && policy_add_rule(list, &rule, NULL, 0, e) != 0)
      return -1;
  }
  return moment == MOMENT_MAIN ? add_subreaper(list, e) : 0;
}

// What no list opens.

static bool
rule_is_on(const struct rule *rule, enum abi abi) {
  return rule->abis == 0 || (rule->abis & ABI_BIT(abi)) != 0;
}

// Kernels before 5.4 take numbers of x86-64 on x32 and the other way round.
static bool
number_is_left_out(enum abi abi, uint32_t number) {
  if (abi == ABI_I386)
    return startup_leaves_out(calls_at(ABI_I386, number));
  return startup_leaves_out(calls_at(ABI_X86_64, number)) || startup_leaves_out(calls_at(ABI_X32, number | X32_BIT));
}

// Takes out of a rule what no list opens. False if nothing is left of it.
static bool
narrow_rule(struct rule *rule) {
  unsigned abis = 0;
  if (rule->call != CALL_NONE)
    return !startup_leaves_out(rule->call);
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if (rule_is_on(rule, abi) && !number_is_left_out(abi, rule->number))
      abis |= ABI_BIT(abi);
  rule->abis = abis == ABI_ALL ? 0 : abis;
  return abis != 0;
}

static int
fill(struct policy *out, const struct policy *policy, enum moment moment, const struct policy *list, struct error *e) {
  out->abis = policy->abis;
  out->foreign = policy->foreign;
  out->abis_at = policy->abis_at;
  out->permissive = policy->permissive;
  out->no_new_privs = policy->no_new_privs;
  out->isolate_peers = policy->isolate_peers;
  out->flags = policy->flags;
  if (add_closings(out, moment, e) != 0)
    return -1;
  const struct widening widening = {list, narrow_rule};
  return layers_widen(out, policy, &widening, e) != 0 ? -1 : policy_seal(out, e);
}

static int
check(const struct policy *policy, enum moment moment, struct error *e) {
  const char *name = moment_name(moment);
  if (moment != MOMENT_ENTRY && moment != MOMENT_MAIN && moment != MOMENT_READY)
    return error_plain(e, ERROR_POLICY, "there is no start-up policy below the moment \"%s\"",
                       name == NULL ? "" : name);
  if (policy->layer_count == POLICY_LAYERS_MAX)
    return error_plain(e, ERROR_POLICY, "a policy of %d layers cannot begin at %s: below it there would be one more",
                       POLICY_LAYERS_MAX, name);
  if (policy_notifies(policy))
    return error_plain(e, ERROR_POLICY, "a policy with a listener cannot begin at %s: there is one at exec only", name);
  // A program could change the ABI, and do there what is closed.
  if (policy->abis != ABI_ALL && !action_refuses(policy->foreign))
    return error_set(e, ERROR_POLICY, policy->abis_at,
                     "a policy that lets calls of other architectures through cannot begin at %s", name);
  return 0;
}

int
startup_policy(const struct policy *policy, enum moment moment, struct policy **out, struct error *e) {
  if (check(policy, moment, e) != 0)
    return -1;
  struct policy *made = policy_new(), *list = policy_new();
  int result = made == NULL || list == NULL ? error_memory(e, ERROR_POLICY) : 0;
  if (result == 0 && policy->startup == NULL)
    result = make_default_list(moment, list, e);
  if (result == 0)
    result = fill(made, policy, moment, policy->startup != NULL ? policy->startup : list, e);
  policy_free(list);
  if (result != 0) {
    policy_free(made);
    return -1;
  }
  *out = made;
  return 0;
}
