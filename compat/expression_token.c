// SPDX-License-Identifier: LGPL-2.1-or-later
// expression_token.c - takes argument tests apart into words and signs.
#include "compat/expression_token.h"

// Longer ones first.
static const struct sign {
  char text[3];
  enum token_kind kind;
} signs[] = {
    {"==", TOKEN_EQ},  {"!=", TOKEN_NE},   {"<=", TOKEN_LE},     {">=", TOKEN_GE},
    {"&&", TOKEN_AND}, {"||", TOKEN_OR},   {"&", TOKEN_BIT_AND}, {"|", TOKEN_BIT_OR},
    {"(", TOKEN_OPEN}, {")", TOKEN_CLOSE}, {"<", TOKEN_LT},      {">", TOKEN_GT},
    {"!", TOKEN_NOT},  {",", TOKEN_COMMA}, {"-", TOKEN_MINUS},   {"~", TOKEN_TILDE},
};

// What people mean by bytes that no test holds.
static const struct misuse {
  char byte;
  const char *problem, *hint;
} misuses[] = {
    {'=', "\"=\" is no comparison", "write \"==\""},
    {'"', "a string cannot be tested", "a filter sees numbers and addresses, not what is there"},
    {'\'', "a string cannot be tested", "a filter sees numbers and addresses, not what is there"},
    {'\\', "a backslash is no part of a test", NULL},
    {'#', "a comment cannot stand in a test", "write comments on lines of their own"},
    {';', "a comment cannot stand in a test", "write comments on lines of their own"},
    {'%', "specifiers are not expanded here", "write the number"},
    {'+', "values are not added", "\"|\" joins bits: PROT_READ|PROT_WRITE"},
    {'*', "values are not calculated", "write the number"},
    {'/', "values are not calculated", "write the number"},
    {'^', "values are not calculated", "write the number"},
    {'.', "values are whole numbers", NULL},
};

static bool
is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

static bool
is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static enum token_kind
take_word(struct text *text) {
  uint32_t start = text->at;
  while (is_letter(text_peek(text, 0)) || is_digit(text_peek(text, 0)))
    text->at++;
  const char *word = text->source->text + start;
  return is_digit(word[0]) ? TOKEN_NUMBER : text_is(word, text->at - start, "in") ? TOKEN_IN : TOKEN_NAME;
}

static enum token_kind
take_sign(struct text *text) {
  for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
    const struct sign *sign = &signs[i];
    if (sign->text[0] == text_peek(text, 0) && (sign->text[1] == '\0' || sign->text[1] == text_peek(text, 1))) {
      text->at += sign->text[1] == '\0' ? 1 : 2;
      return sign->kind;
    }
  }
  text->at++;
  return TOKEN_OTHER;
}

void
lexer_next(struct lexer *lexer) {
  struct text *text = &lexer->text;
  if (lexer->kind == TOKEN_END)
    return;
  lexer->last = lexer->at;
  if (!text_skip_blanks(text)) {
    lexer->kind = TOKEN_END;
    return;
  }
  uint32_t start = text->at;
  char byte = text_peek(text, 0);
  lexer->kind = is_letter(byte) || is_digit(byte) ? take_word(text) : take_sign(text);
  lexer->at = text_pos(text, start, text->at);
}

void
lexer_start(struct lexer *lexer, struct source_pos at) {
  *lexer = (struct lexer){{at.source, at.offset, at.offset + at.length}, TOKEN_NONE, at, at};
  lexer_next(lexer);
}

struct source_pos
lexer_since(const struct lexer *lexer, uint32_t from) {
  return text_pos(&lexer->text, from, lexer->last.offset + lexer->last.length);
}

const char *
place_show(struct source_pos at, char out[SHOWN_PLACE]) {
  struct text text = {at.source, at.offset, at.offset + at.length};
  size_t length = 0;
  for (uint32_t from = text.at; length + 2 < SHOWN_PLACE && text_skip_blanks(&text); from = text.at) {
    if (text.at != from && length > 0)
      out[length++] = ' ';
    out[length++] = text_peek(&text, 0);
    text.at++;
  }
  out[length] = '\0';
  return out;
}

// A byte that no test holds; true if something was said about it.
static bool
complain_of_byte(const struct lexer *lexer, struct diags *diags) {
  char byte = text_bytes(lexer->at)[0];
  for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++) {
    if (misuses[i].byte != byte)
      continue;
    diag_add(diags, DIAG_ERROR, lexer->at, "%s", misuses[i].problem);
    if (misuses[i].hint != NULL)
      diag_add(diags, DIAG_HINT, lexer->at, "%s", misuses[i].hint);
    return true;
  }
  return false;
}

void
lexer_complain(const struct lexer *lexer, const char *wanted, struct diags *diags) {
  struct source_pos at = lexer->at;
  int shown = text_shown(at.length);
  if (lexer->kind == TOKEN_END)
    diag_add(diags, DIAG_ERROR, at, "%s is missing behind \"%.*s\"", wanted, shown, text_bytes(at));
  else if (lexer->kind != TOKEN_OTHER || !complain_of_byte(lexer, diags))
    diag_add(diags, DIAG_ERROR, at, "\"%.*s\" stands where %s should", shown, text_bytes(at), wanted);
}
