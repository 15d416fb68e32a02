// SPDX-License-Identifier: LGPL-2.1-or-later
// expression_token.h - the words and signs that argument tests are made of. Private to the reader of expressions.
#ifndef SCRUN_COMPAT_EXPRESSION_TOKEN_H
#define SCRUN_COMPAT_EXPRESSION_TOKEN_H
#include "compat/text.h"

enum token_kind {
  TOKEN_NONE,
  TOKEN_END,
  TOKEN_NAME,
  TOKEN_NUMBER,
  TOKEN_IN,
  TOKEN_OPEN,
  TOKEN_CLOSE,
  TOKEN_NOT,
  TOKEN_TILDE,
  TOKEN_MINUS,
  TOKEN_COMMA,
  TOKEN_BIT_AND,
  TOKEN_BIT_OR,
  TOKEN_AND,
  TOKEN_OR,
  TOKEN_EQ,
  TOKEN_NE,
  TOKEN_LT,
  TOKEN_LE,
  TOKEN_GT,
  TOKEN_GE,
  TOKEN_OTHER, // what no test holds
};

// A cursor: the token that it is at, and the one before. Copied, it is a place to come back to.
struct lexer {
  struct text text;
  enum token_kind kind;
  struct source_pos at;   // at the end: the last token, or the whole if there is none
  struct source_pos last; // the token before
};

// Starts at the first token of the text at `at`.
void lexer_start(struct lexer *lexer, struct source_pos at);
void lexer_next(struct lexer *lexer);

// The place from offset `from` up to the end of the last token.
struct source_pos lexer_since(const struct lexer *lexer, uint32_t from);

// What a message repeats of a place that may hold several tokens: its beginning, with one blank for all that separates
// two of them, be it the end of a line and comments. Returns `out`.
#define SHOWN_PLACE 64
const char *place_show(struct source_pos at, char out[SHOWN_PLACE]);

// Is the token one that stands between the two sides of a test?
static inline bool
token_compares(enum token_kind kind) {
  return kind == TOKEN_IN || (kind >= TOKEN_EQ && kind <= TOKEN_GE);
}

// Says what is wrong with a token that stands where `wanted` ("the name of an argument") should.
void lexer_complain(const struct lexer *lexer, const char *wanted, struct diags *diags);
#endif
