// SPDX-License-Identifier: LGPL-2.1-or-later
// lint_words.c - words that could be taken out: the policy is read again without each of them, and compared.
#include "compat/array.h"
#include "runner/analyze/lint.h"
#include "runner/compare.h"
#include <stdlib.h>
#include <string.h>

struct words {
  struct lint *lint;
  struct source_pos *at; // in the order in which the reader asks, which is always the same
  bool *omitted;
  size_t count, room;
  size_t asked; // in this reading
};

static bool
note_word(void *context, struct source_pos word) {
  struct words *words = context;
  struct error e;
  struct source_pos *at = array_grow(words->at, &words->room, words->count + 1, 512, sizeof *at);
  if (at == NULL) {
    (void)error_memory(&e, ERROR_POLICY);
    lint_fail(words->lint, &e);
    return false;
  }
  words->at = at;
  words->at[words->count++] = word;
  return false;
}

static bool
omit_word(void *context, struct source_pos word) {
  struct words *words = context;
  (void)word;
  return words->asked < words->count && words->omitted[words->asked++];
}

// NULL if the reader does not take the text like that.
static struct policy *
read_again(struct words *words, bool (*omits)(void *context, struct source_pos word)) {
  static struct diags diags;
  const struct omission omission = {omits, words};
  struct policy_request *request = words->lint->request;
  struct policy *policy;
  memset(&diags, 0, sizeof diags);
  words->asked = 0;
  request->omission = &omission;
  int failed = policy_load(request, &policy, &diags);
  request->omission = NULL;
  if (failed != 0)
    return NULL;
  policy->permissive = false;
  return policy;
}

static bool
note_difference(void *context, const struct difference *difference) {
  (void)difference;
  *(bool *)context = true;
  return false;
}

static bool
is_equal_without(struct words *words) {
  struct policy *policy = read_again(words, omit_word);
  bool differs = false;
  struct error e;
  if (policy == NULL)
    return false;
  if (policy_compare(words->lint->policy, policy, note_difference, &differs, &e) != 0)
    lint_fail(words->lint, &e);
  policy_free(policy);
  return !differs && !words->lint->failed;
}

static void
report_word(struct words *words, struct source_pos at) {
  const char *name = at.source->text + at.offset;
  size_t length = 0;
  while (length < at.length && strchr("(:", name[length]) == NULL)
    length++;
  if (!lint_is_void(words->lint, at))
    lint_add(words->lint, at, "void-rule", "take it out, or write what was meant",
             "this decides nothing: without it, \"%.*s\" gets the same answer", (int)(length < 60 ? length : 60), name);
}

// What is found to do nothing stays out while the next ones are looked at: of two equal words one is needed.
static void
look_at_words(struct words *words) {
  for (size_t i = 0; i < words->count && !words->lint->failed; i++) {
    words->omitted[i] = true;
    words->omitted[i] = is_equal_without(words);
    if (words->omitted[i])
      report_word(words, words->at[i]);
  }
}

void
lint_words(struct lint *lint) {
  struct words words = {.lint = lint};
  struct error e;
  policy_free(read_again(&words, note_word));
  words.omitted = calloc(words.count + 1, sizeof *words.omitted);
  if (words.omitted != NULL) {
    look_at_words(&words);
  } else {
    (void)error_memory(&e, ERROR_POLICY);
    lint_fail(lint, &e);
  }
  free(words.omitted);
  free(words.at);
}
