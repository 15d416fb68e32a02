// SPDX-License-Identifier: LGPL-2.1-or-later
// exec_word.h - words of ExecStart=: blanks divide them, quotes hold them together anywhere, and a backslash that
// begins no escape is itself.
#ifndef SCRUN_RUNNER_ANALYZE_EXEC_WORD_H
#define SCRUN_RUNNER_ANALYZE_EXEC_WORD_H
#include "compat/text.h"

static inline bool
exec_is_blank(char byte) {
  return byte != '\0' && text_is_blank(byte);
}

// How many blanks `text` begins with.
size_t exec_blanks_length(const char *text);

// Takes the word at `text`, which is no blank, into `out`, where it is never longer; both end in NUL. Returns how many
// bytes it is long as written, or 0 if a quote is not closed, or at the end of the text.
size_t exec_word_take(const char *text, char *out);
#endif
