// SPDX-License-Identifier: LGPL-2.1-or-later
// word.h - one word of a list of calls: NAME, NUMBER or @GROUP, optional (tests), and an optional :SUFFIX.
#ifndef SCRUN_COMPAT_WORD_H
#define SCRUN_COMPAT_WORD_H
#include "compat/calls.h"
#include "compat/text.h"

// The bound on name and suffix of a word with backslashes or tests in it, which have to be copied.
#define WORD_BYTES_MAX 128

// Not to be copied: name and suffix may point into `plain`.
struct word {
  struct source_pos at;
  const char *name;
  size_t name_length;
  bool has_suffix;
  const char *suffix;
  size_t suffix_length;
  struct source_pos suffix_at; // in the text as it was written
  bool has_tests;
  struct source_pos tests; // what stands between the parentheses (expression.h reads it)
  char plain[WORD_BYTES_MAX];
};

// Takes the word at `at` (from text_word(), with its `closed`) apart. Backslashes outside the tests are dropped, as
// systemd does. What can be no part of any word (quotes, commas, a second ~, ...) is an error that says what to write.
// Returns false after adding one.
bool word_split(struct source_pos at, bool closed, struct word *out, struct diags *diags);

enum meaning_kind { MEANING_NONE, MEANING_CALL, MEANING_NUMBER, MEANING_GROUP };

struct meaning {
  enum meaning_kind kind;
  call_t call;
  uint32_t number;
};

// What the name of a word stands for. A number of an x86-64 call is that call; groups are not looked up. Returns false
// after adding a message: of kind `unknown` for names that do not exist, an error for everything else.
bool word_mean(const struct word *word, enum diag_kind unknown, struct meaning *out, struct diags *diags);

// True if no ABI of this machine has the call.
bool call_is_nowhere(call_t call);
#endif
