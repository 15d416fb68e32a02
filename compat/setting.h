// SPDX-License-Identifier: LGPL-2.1-or-later
// setting.h - values of properties that are one word: yes or no, a name, a version.
#ifndef SCRUN_COMPAT_SETTING_H
#define SCRUN_COMPAT_SETTING_H
#include "compat/policy_file.h"
#include "compat/word.h"

enum one_word { WORD_WRONG, WORD_EMPTY, WORD_READ };

// Takes the only word of the value; a message was added when it returns WORD_WRONG.
enum one_word setting_read_word(const struct assignment *line, struct word *word, struct diags *diags);

// systemd's booleans, in any case. Returns 1 or 0, or -1 if the word is none.
int setting_boolean_of(const struct word *word);

// Adds the error that the property takes `choices` ("yes or no"). Always an error, --lenient or not: what was meant
// might be the stricter one.
void setting_report_choice(const struct assignment *line, const char *choices, struct diags *diags);

// Reads yes or no. Returns false after adding an error; an empty value is one.
bool setting_read_boolean(const struct assignment *line, bool *out, struct diags *diags);
#endif
