// SPDX-License-Identifier: LGPL-2.1-or-later
// cloudflare_read.c - the environment variables of cloudflare/sandbox, as a policy.
#include "compat/cloudflare_read.h"
#include "compat/word.h"
#include <string.h>

const char *const cloudflare_names[CLOUDFLARE_VARIABLES] = {"SECCOMP_SYSCALL_ALLOW", "SECCOMP_SYSCALL_DENY",
                                                            "SECCOMP_DEFAULT_ACTION"};

// What the variables ask for, as actions.
struct answers {
  struct action listed, otherwise;
};

static int
fail(struct diags *diags, struct source_pos at, const char *problem, const char *hint) {
  diag_add(diags, DIAG_ERROR, at, "%s", problem);
  diag_add(diags, DIAG_HINT, at, "%s", hint);
  return -1;
}

static int
fail_memory(struct diags *diags) {
  diag_add(diags, DIAG_ERROR, (struct source_pos){0}, "%s", out_of_memory);
  return -1;
}

// A value up to its NUL, but not much farther than the longest one that is right.
static void
source_set(struct cloudflare_words *words, enum cloudflare_variable variable) {
  const char *value = words->values[variable];
  size_t length = value == NULL ? 0 : strnlen(value, CLOUDFLARE_BYTES_MAX + 1);
  words->sources[variable] = (struct source){.name = cloudflare_names[variable], .text = value, .length = length};
}

static struct source_pos
whole(const struct source *source) {
  return (struct source_pos){source, 0, (uint32_t)source->length};
}

static int
check_length(const struct source *source, struct diags *diags) {
  if (source->length <= CLOUDFLARE_BYTES_MAX)
    return 0;
  diag_add(diags, DIAG_ERROR, (struct source_pos){source, 0, 1}, "the value is longer than %d bytes",
           CLOUDFLARE_BYTES_MAX);
  return -1;
}

// What is done with a call that the lists close.
static int
read_default_action(const struct source *source, struct action *closed, struct diags *diags) {
  *closed = (struct action){ACTION_KILL_PROCESS, 0};
  if (source->text == NULL)
    return 0;
  if (!text_is(source->text, source->length, "log"))
    return fail(diags, whole(source), "unknown action",
                "\"log\" is the only one; without the variable a call that the lists close kills the process");
  *closed = (struct action){ACTION_LOG, 0};
  return 0;
}

// Names only: what else scrun knows as a word has no meaning in these variables.
static bool
is_name(const struct word *word, struct diags *diags) {
  char first = word->name_length == 0 ? ':' : word->name[0];
  if (first == ':') {
    (void)fail(diags, word->at, "there is no name here", "one \":\" stands between two names, and nowhere else");
    return false;
  }
  if (first != '@' && (first < '0' || first > '9'))
    return true;
  (void)fail(diags, word->at, "only names of system calls stand here",
             "groups and numbers are for SystemCallFilter= of scrun");
  return false;
}

static int
add_name(struct policy *policy, struct source_pos at, struct action action, struct diags *diags) {
  struct word word = {.at = at, .name = text_bytes(at), .name_length = at.length};
  struct meaning meaning;
  struct error e;
  if (!is_name(&word, diags) || !word_mean(&word, DIAG_ERROR, &meaning, diags))
    return -1;
  if (policy_add_rule(policy, &(struct rule){.call = meaning.call, .action = action, .at = at}, NULL, 0, &e) == 0)
    return 0;
  diag_add(diags, DIAG_ERROR, e.at, "%s", e.text);
  return -1;
}

// Goes on behind a wrong name, so that all are named at once.
static int
add_names(struct policy *policy, const struct source *list, struct action action, struct diags *diags) {
  int failed = 0;
  for (uint32_t at = 0; list->length > 0 && at <= list->length;) {
    const char *colon = memchr(list->text + at, ':', list->length - at);
    uint32_t end = colon == NULL ? (uint32_t)list->length : (uint32_t)(colon - list->text);
    failed |= add_name(policy, (struct source_pos){list, at, end - at}, action, diags);
    at = end + 1;
  }
  return failed;
}

static int
fill(struct policy *policy, const struct source *list, const struct answers *answers, struct diags *diags) {
  struct error e;
  policy->abis = ABI_BIT(ABI_NATIVE);
  if (policy_add_layer(policy, answers->otherwise, whole(list), &e) != 0)
    return fail_memory(diags);
  if (add_names(policy, list, answers->listed, diags) != 0)
    return -1;
  return policy_seal(policy, &e) == 0 ? 0 : fail_memory(diags);
}

static int
make(const struct source *list, const struct answers *answers, struct policy **out, struct diags *diags) {
  struct policy *policy = policy_new();
  if (policy == NULL)
    return fail_memory(diags);
  if (fill(policy, list, answers, diags) == 0) {
    *out = policy;
    return 0;
  }
  policy_free(policy);
  return -1;
}

int
cloudflare_read(struct cloudflare_words *words, struct policy **out, struct diags *diags) {
  const struct action allow = {ACTION_ALLOW, 0};
  const struct source *sources = words->sources;
  bool allows = words->values[CLOUDFLARE_ALLOW] != NULL, denies = words->values[CLOUDFLARE_DENY] != NULL;
  struct action closed;
  for (enum cloudflare_variable i = 0; i < CLOUDFLARE_VARIABLES; i++)
    source_set(words, i);
  const struct source *list = &sources[allows ? CLOUDFLARE_ALLOW : CLOUDFLARE_DENY];
  *out = NULL;
  if (read_default_action(&sources[CLOUDFLARE_DEFAULT_ACTION], &closed, diags) != 0)
    return -1;
  if (allows || denies)
    return check_length(list, diags) != 0
               ? -1
               : make(list, &(struct answers){allows ? allow : closed, allows ? closed : allow}, out, diags);
  if (words->values[CLOUDFLARE_DEFAULT_ACTION] == NULL)
    return 0;
  return fail(diags, whole(&sources[CLOUDFLARE_DEFAULT_ACTION]), "there is no list that this would be the action of",
              "set SECCOMP_SYSCALL_ALLOW or SECCOMP_SYSCALL_DENY");
}
