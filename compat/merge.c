// SPDX-License-Identifier: LGPL-2.1-or-later
// merge.c - layers of two policies in one, or a list of calls in front of those of one: of layers the strictest decides
// anyway.
#include "compat/merge.h"
#include "compat/widen.h"
#include <string.h>

// ---- What a policy says beside its layers.

static bool
copy_text(char **to, const char *from) {
  *to = from == NULL ? NULL : strdup(from);
  return from == NULL || *to != NULL;
}

static int
copy_listener(struct policy *out, const struct policy *policy, struct error *e) {
  bool copied = copy_text(&out->listener_path, policy->listener_path)
                && copy_text(&out->listener_metadata, policy->listener_metadata);
  return copied ? 0 : error_memory(e, ERROR_POLICY);
}

static void
copy_settings(struct policy *out, const struct policy *policy) {
  out->abis = policy->abis;
  out->foreign = policy->foreign;
  out->abis_at = policy->abis_at;
  out->permissive = policy->permissive;
  out->no_new_privs = policy->no_new_privs;
  out->isolate_peers = policy->isolate_peers;
  out->flags = policy->flags;
  out->at = policy->at;
}

// A start-up list has no other one.
static int
copy_startup(struct policy *out, const struct policy *policy, struct error *e) {
  if (policy->startup == NULL)
    return 0;
  out->startup = policy_new();
  if (out->startup == NULL)
    return error_memory(e, ERROR_POLICY);
  copy_settings(out->startup, policy->startup);
  if (layers_widen(out->startup, policy->startup, NULL, e) != 0)
    return -1;
  return policy_seal(out->startup, e);
}

// Seals `made`, of which `result` says whether it is whole, and hands it on.
static int
finish(struct policy *made, int result, struct policy **out, struct error *e) {
  if (result == 0)
    result = policy_seal(made, e);
  if (result == 0)
    *out = made;
  else
    policy_free(made);
  return result;
}

// ---- Wider.

static int
fill_list(struct policy *list, const char *const *names, struct error *e) {
  if (policy_add_layer(list, (struct action){ACTION_KILL_PROCESS, 0}, (struct source_pos){0}, e) != 0)
    return -1;
  for (; *names != NULL; names++) {
    const struct rule rule = {.call = calls_find(*names, strlen(*names)), .action = {ACTION_ALLOW, 0}};
    if (rule.call == CALL_NONE)
      return error_plain(e, ERROR_POLICY, "unknown system call \"%s\"", shown(*names).text);
    if (policy_add_rule(list, &rule, NULL, 0, e) != 0)
      return -1;
  }
  return 0;
}

static int
fill_widened(struct policy *made, const struct policy *policy, const struct policy *list, struct error *e) {
  const struct widening widening = {.list = list};
  copy_settings(made, policy);
  if (copy_listener(made, policy, e) != 0 || copy_startup(made, policy, e) != 0)
    return -1;
  return layers_widen(made, policy, &widening, e);
}

int
policy_widen(const struct policy *policy, const char *const *names, struct policy **out, struct error *e) {
  struct policy *list = policy_new(), *made = policy_new();
  int result = list == NULL || made == NULL ? error_memory(e, ERROR_POLICY) : fill_list(list, names, e);
  if (result == 0)
    result = fill_widened(made, policy, list, e);
  policy_free(list);
  return finish(made, result, out, e);
}

// ---- As strict as two.

static bool
text_is_same(const char *a, const char *b) {
  return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
tests_are_same(const struct policy *a, const struct rule *x, const struct policy *b, const struct rule *y) {
  for (uint32_t i = 0; i < x->test_count; i++) {
    const struct test *t = &a->tests[x->first_test + i], *u = &b->tests[y->first_test + i];
    if (t->argument != u->argument || t->width != u->width || t->op != u->op || t->mask != u->mask
        || t->value != u->value)
      return false;
  }
  return true;
}

static bool
rules_are_same(const struct policy *a, const struct policy *b) {
  for (size_t i = 0; i < a->rule_count; i++) {
    const struct rule *x = &a->rules[i], *y = &b->rules[i];
    if (x->call != y->call || x->number != y->number || x->abis != y->abis || x->test_count != y->test_count
        || !action_equal(x->action, y->action) || !tests_are_same(a, x, b, y))
      return false;
  }
  return true;
}

// As it is written, rule for rule; a start-up list has one layer.
static bool
startup_is_same(const struct policy *a, const struct policy *b) {
  if (a == NULL || b == NULL)
    return a == b;
  return a->layer_count == 1 && b->layer_count == 1 && action_equal(a->layers[0].otherwise, b->layers[0].otherwise)
         && action_equal(a->layers[0].newer, b->layers[0].newer) && a->rule_count == b->rule_count
         && rules_are_same(a, b);
}

static enum moment
moment_of(const struct policy *policy) {
  return policy->at == MOMENT_NONE ? MOMENT_EXEC : policy->at;
}

static int
check_moments(const struct policy *first, const struct policy *second, struct error *e) {
  if (moment_of(first) != moment_of(second))
    return error_plain(e, ERROR_POLICY, "two policies that begin at %s and at %s cannot be one",
                       moment_name(moment_of(first)), moment_name(moment_of(second)));
  if (!startup_is_same(first->startup, second->startup))
    return error_plain(e, ERROR_POLICY, "two policies cannot be one: their StartupSystemCallFilter= is not the same");
  return 0;
}

// An ABI that only `one` decides is foreign to `other`.
static int
check_foreign(const struct policy *one, const struct policy *other, struct error *e) {
  if ((one->abis & ~other->abis) == 0 || action_refuses(other->foreign))
    return 0;
  return error_set(e, ERROR_POLICY, other->abis_at,
                   "two policies cannot be one: this one lets calls of other architectures through, the other one "
                   "decides them");
}

static int
check_listeners(const struct policy *first, const struct policy *second, struct error *e) {
  if (first->listener_path == NULL || second->listener_path == NULL
      || (text_is_same(first->listener_path, second->listener_path)
          && text_is_same(first->listener_metadata, second->listener_metadata)))
    return 0;
  return error_plain(e, ERROR_POLICY, "two policies with listeners of their own cannot be one");
}

static int
check(const struct policy *first, const struct policy *second, struct error *e) {
  if (first->permissive || second->permissive)
    return error_plain(e, ERROR_POLICY, "a policy that only logs (--log) cannot be merged with another");
  if (check_foreign(first, second, e) != 0 || check_foreign(second, first, e) != 0
      || check_moments(first, second, e) != 0)
    return -1;
  return check_listeners(first, second, e);
}

static enum isolate_peers
stronger_isolation(enum isolate_peers a, enum isolate_peers b) {
  static const int rank[] = {
      [ISOLATE_PEERS_NONE] = 0, [ISOLATE_PEERS_NO] = 1, [ISOLATE_PEERS_AUTO] = 2, [ISOLATE_PEERS_YES] = 3};
  return rank[b] > rank[a] ? b : a;
}

static int
merge_settings(struct policy *made, const struct policy *first, const struct policy *second, struct error *e) {
  made->abis = first->abis & second->abis;
  made->foreign = action_stricter(first->foreign, second->foreign);
  made->abis_at = first->abis == ABI_ALL ? second->abis_at : first->abis_at;
  made->no_new_privs = first->no_new_privs || second->no_new_privs;
  made->isolate_peers = stronger_isolation(first->isolate_peers, second->isolate_peers);
  made->flags =
      ((first->flags | second->flags) & POLICY_FLAG_LOG) | (first->flags & second->flags & POLICY_FLAG_SPEC_ALLOW);
  made->at = first->at != MOMENT_NONE ? first->at : second->at;
  if (copy_startup(made, first, e) != 0)
    return -1;
  return copy_listener(made, first->listener_path != NULL ? first : second, e);
}

int
policy_merge(const struct policy *first, const struct policy *second, struct policy **out, struct error *e) {
  if (check(first, second, e) != 0)
    return -1;
  struct policy *made = policy_new();
  if (made == NULL)
    return error_memory(e, ERROR_POLICY);
  int result = merge_settings(made, first, second, e);
  if (result == 0)
    result = layers_widen(made, first, NULL, e);
  if (result == 0)
    result = layers_widen(made, second, NULL, e);
  return finish(made, result, out, e);
}
