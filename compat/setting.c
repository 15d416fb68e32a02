// SPDX-License-Identifier: LGPL-2.1-or-later
// setting.c - reads values of one word.
#include "compat/setting.h"

enum one_word
setting_read_word(const struct assignment *line, struct word *word, struct diags *diags) {
  struct text value = line->value;
  struct source_pos at, more;
  bool closed;
  if (!text_word(&value, &at, &closed))
    return WORD_EMPTY;
  if (!word_split(at, closed, word, diags))
    return WORD_WRONG;
  if (text_word(&value, &more, &closed)) {
    diag_add(diags, DIAG_ERROR, more, "%.*s= takes one word", text_shown(line->name.length), text_bytes(line->name));
    return WORD_WRONG;
  }
  if (word->has_tests) {
    diag_add(diags, DIAG_ERROR, at, "%.*s= takes a word without parentheses", text_shown(line->name.length),
             text_bytes(line->name));
    return WORD_WRONG;
  }
  if (word->has_suffix) {
    diag_add(diags, DIAG_ERROR, at, "%.*s= takes a word without a colon", text_shown(line->name.length),
             text_bytes(line->name));
    return WORD_WRONG;
  }
  return WORD_READ;
}

// Source: systemd.syntax(7).
static const struct boolean {
  const char *name;
  bool value;
} booleans[] = {
    {"0", false},   {"1", true},  {"f", false}, {"false", false}, {"n", false}, {"no", false},
    {"off", false}, {"on", true}, {"t", true},  {"true", true},   {"y", true},  {"yes", true},
};

int
setting_boolean_of(const struct word *word) {
  for (size_t i = 0; i < sizeof booleans / sizeof booleans[0]; i++)
    if (text_is_any_case(word->name, word->name_length, booleans[i].name))
      return booleans[i].value;
  return -1;
}

void
setting_report_choice(const struct assignment *line, const char *choices, struct diags *diags) {
  struct source_pos at = line->name;
  struct text value = line->value;
  bool closed;
  (void)text_word(&value, &at, &closed);
  diag_add(diags, DIAG_ERROR, at, "%.*s= takes %s", text_shown(line->name.length), text_bytes(line->name), choices);
}

bool
setting_read_boolean(const struct assignment *line, bool *out, struct diags *diags) {
  struct word word;
  enum one_word found = setting_read_word(line, &word, diags);
  if (found == WORD_WRONG)
    return false;
  int value = found == WORD_READ ? setting_boolean_of(&word) : -1;
  if (value < 0)
    setting_report_choice(line, "yes or no", diags);
  else
    *out = value == 1;
  return value >= 0;
}
