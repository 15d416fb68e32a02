// SPDX-License-Identifier: LGPL-2.1-or-later
// text.h - a cursor over the bytes of a source. Words are taken straight from it, so that every place stays exact, also
// across continued lines.
#ifndef SCRUN_COMPAT_TEXT_H
#define SCRUN_COMPAT_TEXT_H
#include "compat/diag.h"

// The bytes from `at` up to `end` of the source.
struct text {
  const struct source *source;
  uint32_t at, end;
};

// The bound on one piece of policy text; profile files have the same.
#define TEXT_BYTES_MAX (1024 * 1024)

// The whole of a source, behind a UTF-8 byte order mark if it begins with one. Adds an error and returns false for text
// that no reader takes: too long, with a NUL, or (in files) with a carriage return that ends no line: systemd ends a
// line there, other programs do not.
bool text_open(struct text *text, const struct source *source, struct diags *diags);
// The same with a bound of its own, for what is no policy text.
bool text_open_up_to(struct text *text, const struct source *source, size_t max, struct diags *diags);

// The byte at the cursor plus `ahead`, or 0 past the end.
static inline char
text_peek(const struct text *text, uint32_t ahead) {
  return ahead < text->end - text->at ? text->source->text[text->at + ahead] : '\0';
}

static inline bool
text_is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

// The place from offset `from` up to offset `to`.
struct source_pos text_pos(const struct text *text, uint32_t from, uint32_t to);

// The bytes at a place; not NUL-terminated.
static inline const char *
text_bytes(struct source_pos at) {
  return at.source->text + at.offset;
}

// How much of a word a message repeats, for "%.*s".
static inline int
text_shown(size_t length) {
  return length < 60 ? (int)length : 60;
}

// Are these bytes that name? And in any case; `name` is lower case then.
bool text_is(const char *bytes, size_t length, const char *name);
bool text_is_any_case(const char *bytes, size_t length, const char *name);

static inline char
text_lower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

// If the cursor is at a backslash that continues a line (last on it, or last of a file), moves behind the line's end
// and behind comment lines that follow, and returns true. Only files have lines to continue.
bool text_skip_continuation(struct text *text);

// Moves over blanks, line ends and continuations. Returns whether anything is left.
bool text_skip_blanks(struct text *text);

// Moves behind the line's end. Lines are not joined.
void text_skip_line(struct text *text);

// Takes the next word: up to a blank or a continuation. A backslash takes the next byte with it, and what stands in
// parentheses belongs to the word, blanks included. Returns false if there is none. *closed says whether every
// parenthesis was closed.
bool text_word(struct text *text, struct source_pos *word, bool *closed);
#endif
