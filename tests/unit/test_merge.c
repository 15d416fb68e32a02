// SPDX-License-Identifier: LGPL-2.1-or-later
// test_merge.c - two policies as one and a policy that is wider: what each call gets, and what is said beside it.
//     test_merge [POLICIES [SEED]]
#include "compat/merge.h"
#include "random_policy.h"
#include "tests/check.h"
#include <errno.h>
#include <stdlib.h>

#define POLICIES 4000
#define POINTS 60
#define RULES_EACH 5

static const struct action allow = {ACTION_ALLOW, 0}, eperm = {ACTION_ERRNO, EPERM}, enosys = {ACTION_ERRNO, ENOSYS},
                           kill_thread = {ACTION_KILL_THREAD, 0};

// A policy of one layer that says one thing; sealed.
static struct policy *
plain(struct action otherwise) {
  struct error e;
  struct policy *policy = policy_new();
  CHECK_INT(policy_add_layer(policy, otherwise, (struct source_pos){0}, &e), 0);
  CHECK_INT(policy_seal(policy, &e), 0);
  return policy;
}

// ---- What is said beside the layers. Everything is freed.

static struct policy *
merged(struct policy *first, struct policy *second) {
  struct error e;
  struct policy *out = NULL;
  CHECK_INT(policy_merge(first, second, &out, &e), 0);
  policy_free(first);
  policy_free(second);
  return out;
}

static void
check_refused(struct policy *first, struct policy *second, const char *part) {
  struct error e = {.text = ""};
  struct policy *out = NULL;
  CHECK_ROW(policy_merge(first, second, &out, &e) != 0 && out == NULL && e.kind == ERROR_POLICY
                && strstr(e.text, part) != NULL,
            part);
  policy_free(first);
  policy_free(second);
}

static void
check_settings(void) {
  static const struct {
    enum isolate_peers a, b, want;
  } peers[] = {
      {ISOLATE_PEERS_NO, ISOLATE_PEERS_NO, ISOLATE_PEERS_NO},
      {ISOLATE_PEERS_NO, ISOLATE_PEERS_AUTO, ISOLATE_PEERS_AUTO},
      {ISOLATE_PEERS_YES, ISOLATE_PEERS_NO, ISOLATE_PEERS_YES},
      {ISOLATE_PEERS_AUTO, ISOLATE_PEERS_YES, ISOLATE_PEERS_YES},
      {ISOLATE_PEERS_AUTO, ISOLATE_PEERS_NO, ISOLATE_PEERS_AUTO},
  };
  for (size_t i = 0; i < sizeof peers / sizeof peers[0]; i++) {
    struct policy *a = plain(allow), *b = plain(eperm);
    a->isolate_peers = peers[i].a;
    b->isolate_peers = peers[i].b;
    a->no_new_privs = i % 2 == 0;
    b->no_new_privs = false;
    a->flags = POLICY_FLAG_SPEC_ALLOW | POLICY_FLAG_LOG;
    b->flags = i % 2 == 0 ? POLICY_FLAG_SPEC_ALLOW : 0;
    a->abis = ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_I386);
    b->abis = ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_X32);
    b->foreign = kill_thread;
    b->listener_path = strdup("/run/listener");
    b->listener_metadata = strdup("data");
    a->at = MOMENT_EXEC;
    struct policy *out = merged(a, b);
    CHECK_INT(out->isolate_peers, peers[i].want);
    CHECK_INT(out->no_new_privs, i % 2 == 0);
    CHECK_INT(out->flags, POLICY_FLAG_LOG | (i % 2 == 0 ? POLICY_FLAG_SPEC_ALLOW : 0));
    CHECK_INT(out->abis, ABI_BIT(ABI_X86_64));
    CHECK_INT(out->foreign.kind, ACTION_KILL_PROCESS);
    CHECK_STR(out->listener_path, "/run/listener");
    CHECK_STR(out->listener_metadata, "data");
    CHECK_INT(out->at, MOMENT_EXEC);
    policy_free(out);
  }
}

static struct policy *
with_startup(struct action otherwise) {
  struct policy *policy = plain(eperm);
  policy->at = MOMENT_READY;
  policy->startup = plain(otherwise);
  return policy;
}

static void
check_refusals(void) {
  struct policy *a = plain(allow), *b = plain(allow);
  a->permissive = true;
  check_refused(a, b, "--log");
  a = plain(allow);
  a->abis = ABI_BIT(ABI_NATIVE);
  a->foreign = allow;
  check_refused(a, plain(eperm), "other architectures through");
  a = plain(allow);
  a->at = MOMENT_MAIN;
  check_refused(a, plain(eperm), "at main and at exec");
  check_refused(with_startup(eperm), with_startup(enosys), "StartupSystemCallFilter=");
  a = plain(allow);
  b = plain(allow);
  a->listener_path = strdup("/run/a");
  b->listener_path = strdup("/run/b");
  check_refused(a, b, "listeners of their own");
  struct policy *out = merged(with_startup(eperm), with_startup(eperm));
  CHECK(out->at == MOMENT_READY && out->startup != NULL && out->startup->layer_count == 1);
  policy_free(out);
}

static void
check_layers(void) {
  struct error e = {.text = ""};
  struct policy *so_far = plain(allow), *next = NULL;
  size_t merges = 0;
  while (policy_merge(so_far, so_far, &next, &e) == 0) {
    policy_free(so_far);
    so_far = next;
    merges++;
  }
  CHECK_INT(merges, 3); // 2, 4, 8
  CHECK(strstr(e.text, "at most 8 layers") != NULL);
  policy_free(so_far);
}

static void
check_widen(void) {
  static const char *const names[] = {"execve", "prctl", NULL}, *const unknown[] = {"opennat", NULL};
  static const uint64_t zeros[6];
  struct error e = {.text = ""};
  struct policy *policy = plain(eperm), *out = NULL;
  policy->listener_path = strdup("/run/listener");
  policy->flags = POLICY_FLAG_LOG;
  CHECK_INT(policy_widen(policy, names, &out, &e), 0);
  CHECK(policy_decide(out, ABI_X86_64, 59, zeros).action.kind == ACTION_ALLOW);
  CHECK(policy_decide(out, ABI_X86_64, 157, zeros).action.kind == ACTION_ALLOW);
  CHECK(policy_decide(out, ABI_X32, 520 | X32_BIT, zeros).action.kind == ACTION_ALLOW);
  CHECK(policy_decide(out, ABI_I386, 11, zeros).action.kind == ACTION_ALLOW);
  CHECK(policy_decide(out, ABI_I386, 102, zeros).action.kind == ACTION_ERRNO);
  CHECK(policy_decide(out, ABI_X86_64, 322, zeros).action.kind == ACTION_ERRNO);
  CHECK(out->flags == POLICY_FLAG_LOG && strcmp(out->listener_path, "/run/listener") == 0);
  policy_free(out);
  out = NULL;
  CHECK(policy_widen(policy, unknown, &out, &e) != 0 && out == NULL && strstr(e.text, "opennat") != NULL);
  policy_free(policy);
}

// ---- Random policies: each call by itself.

static struct policy *
random_plain(struct random *random) {
  struct policy *policy = random_policy(random, RULES_EACH);
  policy->permissive = false;
  if (!action_refuses(policy->foreign))
    policy->foreign = eperm;
  return policy;
}

static struct action
stricter(const struct policy *a, const struct policy *b, enum abi abi, uint32_t number, const uint64_t args[6]) {
  unsigned both = a->abis & b->abis;
  if (abi == ABI_NONE || (both & ABI_BIT(abi)) == 0)
    return action_stricter(a->foreign, b->foreign);
  return action_stricter(policy_decide(a, abi, number, args).action, policy_decide(b, abi, number, args).action);
}

static void
check_merged_point(struct random *random, const struct policy *a, const struct policy *b, const struct policy *out) {
  uint64_t args[6];
  enum abi near = (enum abi)(ABI_X86_64 + (int)random_below(random, 3));
  const struct policy *from = random_below(random, 2) ? a : b;
  uint32_t number = random_number(random, from, near);
  random_arguments(random, from, args);
  enum abi abi = random_below(random, 16) ? abi_of(abi_arch_word(near), number) : ABI_NONE;
  CHECK(action_equal(policy_decide(out, abi, number, args).action, stricter(a, b, abi, number, args)));
}

static void
check_merged(struct random *random) {
  struct policy *a = random_plain(random), *b = random_plain(random), *out = NULL;
  struct error e;
  CHECK_INT(policy_merge(a, b, &out, &e), 0);
  for (unsigned i = 0; i < POINTS && out != NULL; i++)
    check_merged_point(random, a, b, out);
  policy_free(a);
  policy_free(b);
  policy_free(out);
}

// True if rules on the call match there: by its number, or inside a multiplexer.
static bool
is_named(call_t call, enum abi abi, uint32_t number, const uint64_t args[6]) {
  const struct multiplexer *inside = abi == ABI_I386 ? multiplexer_at(number) : NULL;
  uint32_t choice = inside == NULL ? 0 : (uint32_t)args[0] & inside->mask;
  return calls_at(abi, number) == call
         || (inside != NULL && choice < inside->inner_count && inside->inner[choice] == call);
}

static void
check_widened_point(struct random *random, const struct policy *policy, const struct policy *out,
                    const char *const *names) {
  uint64_t args[6];
  enum abi near = (enum abi)(ABI_X86_64 + (int)random_below(random, 3));
  uint32_t number = random_number(random, policy, near);
  call_t given = calls_find(names[0], strlen(names[0]));
  if (random_below(random, 3) == 0 && !calls_number(given, near, &number))
    number = 0;
  random_arguments(random, policy, args);
  enum abi abi = abi_of(abi_arch_word(near), number);
  struct action want = policy_decide(policy, abi, number, args).action;
  bool ours = abi != ABI_NONE && (policy->abis & ABI_BIT(abi)) != 0;
  for (size_t i = 0; names[i] != NULL && ours; i++)
    if (is_named(calls_find(names[i], strlen(names[i])), abi, number, args))
      want = allow;
  CHECK(action_equal(policy_decide(out, abi, number, args).action, want));
}

static void
check_widened(struct random *random) {
  static const char *const lists[][4] = {
      {"execve", "write", "close"}, {"socket", "ioctl"}, {"prctl"}, {"mmap2", "fork"}};
  const char *const *names = lists[random_below(random, 4)];
  struct policy *policy = random_plain(random), *out = NULL;
  struct error e;
  CHECK_INT(policy_widen(policy, names, &out, &e), 0);
  for (unsigned i = 0; i < POINTS && out != NULL; i++)
    check_widened_point(random, policy, out, names);
  policy_free(policy);
  policy_free(out);
}

int
main(int count, char **arguments) {
  unsigned long policies = count > 1 ? strtoul(arguments[1], NULL, 10) : POLICIES;
  unsigned long long seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  check_settings();
  check_refusals();
  check_layers();
  check_widen();
  for (unsigned long i = 0; i < policies && check_failures < 10; i++) {
    struct random random = random_from(seed + i);
    check_merged(&random);
    check_widened(&random);
  }
  return check_done();
}
