// SPDX-License-Identifier: LGPL-2.1-or-later
// line.h - lines as systemd's files have them: empty ones and comments between them, continuations inside, NAME=VALUE.
#ifndef SCRUN_COMPAT_LINE_H
#define SCRUN_COMPAT_LINE_H
#include "compat/text.h"

// The value may be interrupted by continuations: text_word() walks over them.
struct assignment {
  struct source_pos name;
  struct text value;
};

// Takes the next line with all its continuations, from its first byte that is no blank. Empty lines and comments are
// passed over. `text` is at the start of a line. Returns false at the end.
bool line_next(struct text *text, struct text *line);

// The line without blanks and continuations at its end.
struct source_pos line_pos(const struct text *line);

// Splits at the first "=". The name is without blanks around it, and may be empty. Returns false if there is no "=".
bool line_split(const struct text *line, struct assignment *out);
#endif
