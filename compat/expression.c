// SPDX-License-Identifier: LGPL-2.1-or-later
// expression.c - reads argument tests. What stands behind a "!" is turned round while it is read: "and" becomes "or",
// and the tests their opposites, so that all that comes out are alternatives of tests.
#include "compat/expression.h"
#include "compat/expression_test.h"
#include "compat/number.h"
#include <stdio.h>
#include <stdlib.h>

// What is between two parentheses: chains of && with || between them.
struct frame {
  bool negated;         // stands behind an odd number of "!"
  bool negate_item;     // ... and the item that comes next behind one more
  size_t chains, items; // read so far; items of the last chain
  uint32_t start, chain_start;
  struct source_pos open;
};

struct parser {
  struct builder builder;
  struct lexer lexer;
  struct frame frames[EXPRESSION_DEPTH_MAX + 1];
  size_t depth;
};

static bool
fail(struct parser *parser, struct source_pos at, const char *problem, const char *hint) {
  diag_add(parser->builder.diags, DIAG_ERROR, at, "%s", problem);
  if (hint != NULL)
    diag_add(parser->builder.diags, DIAG_HINT, at, "%s", hint);
  return false;
}

static bool
fail_wanted(struct parser *parser, const char *wanted) {
  lexer_complain(&parser->lexer, wanted, parser->builder.diags);
  return false;
}

// One more parenthesis, with `within` of them open.
static bool
check_depth(struct parser *parser, size_t within) {
  if (within < EXPRESSION_DEPTH_MAX)
    return true;
  diag_add(parser->builder.diags, DIAG_ERROR, parser->lexer.at, "more than %d parentheses within one another",
           EXPRESSION_DEPTH_MAX);
  return false;
}

// Names of arguments.

// a0..a5: the register, or -1.
static int
raw_place(struct source_pos at) {
  const char *name = text_bytes(at);
  return at.length == 2 && name[0] == 'a' && name[1] >= '0' && name[1] <= '5' ? name[1] - '0' : -1;
}

static bool
names_argument(const struct parser *parser, struct source_pos at) {
  call_t call = parser->builder.call;
  return raw_place(at) >= 0 || (call != CALL_NONE && argument_find(call, text_bytes(at), at.length) != NULL);
}

// The call's arguments, as a sentence.
static void
hint_at_arguments(struct parser *parser, struct source_pos at) {
  struct diags *diags = parser->builder.diags;
  call_t call = parser->builder.call;
  size_t count = 0, length = 0;
  const struct argument *arguments = call == CALL_NONE ? NULL : arguments_of(call, &count);
  char list[8 * (ARGUMENT_NAME_BYTES + 2)] = "";
  for (size_t i = 0; i < count && length < sizeof list - ARGUMENT_NAME_BYTES - 2; i++) {
    int more = snprintf(list + length, sizeof list - length, "%s%s", i == 0 ? "" : ", ", arguments[i].name);
    length += more > 0 ? (size_t)more : 0;
  }
  if (count > 0)
    diag_add(diags, DIAG_HINT, at, "the arguments of %s are: %s", calls_name(call), list);
  else if (call != CALL_NONE && arguments_known(call))
    diag_add(diags, DIAG_HINT, at, "%s takes no arguments", calls_name(call));
  else
    diag_add(diags, DIAG_HINT, at, "%s has no names for its arguments here: write a0 to a5",
             call == CALL_NONE ? "a bare number" : calls_name(call));
}

static bool
fail_argument(struct parser *parser, struct source_pos at) {
  struct diags *diags = parser->builder.diags;
  call_t call = parser->builder.call;
  uint64_t ignored;
  if (text_is_any_case(text_bytes(at), at.length, "not"))
    return fail(parser, at, "\"not\" is no word of tests", "write \"!\"");
  diag_add(diags, DIAG_ERROR, at, "unknown argument \"%.*s\"", text_shown(at.length), text_bytes(at));
  if (diags_full(diags))
    return false;
  const char *near = call == CALL_NONE ? NULL : argument_suggest(call, text_bytes(at), at.length);
  if (near != NULL)
    diag_add(diags, DIAG_HINT, at, "did you mean \"%s\"?", near);
  else if (constant_find(text_bytes(at), at.length, &ignored))
    diag_add(diags, DIAG_HINT, at, "a test begins with the argument: NAME == %.*s", text_shown(at.length),
             text_bytes(at));
  hint_at_arguments(parser, at);
  return false;
}

// Finds the argument that the token names, and goes on to the next token.
static bool
read_name(struct parser *parser, struct left *left) {
  struct source_pos at = parser->lexer.at;
  call_t call = parser->builder.call;
  int raw = raw_place(at);
  *left = (struct left){.at = at};
  if (raw >= 0) {
    left->place = (unsigned)raw;
  } else {
    left->argument = call == CALL_NONE ? NULL : argument_find(call, text_bytes(at), at.length);
    if (left->argument == NULL || left->argument->place < 0)
      return fail_argument(parser, at);
    left->place = (unsigned)left->argument->place;
  }
  lexer_next(&parser->lexer);
  return true;
}

// Values.

static bool
fail_number(struct parser *parser, struct source_pos at) {
  struct diags *diags = parser->builder.diags;
  uint64_t octal;
  diag_add(diags, DIAG_ERROR, at, "\"%.*s\" is no number", text_shown(at.length), text_bytes(at));
  if (number_read(text_bytes(at), at.length, NUMBER_OCTAL, UINT64_MAX, &octal))
    diag_add(diags, DIAG_HINT, at, "if it is octal, write 0x%llx", (unsigned long long)octal);
  else
    diag_add(diags, DIAG_HINT, at, "numbers are decimal or 0x..., and below 2 to the power of 64");
  return false;
}

static bool
read_number(struct parser *parser, struct value *out) {
  struct lexer *lexer = &parser->lexer;
  bool minus = lexer->kind == TOKEN_MINUS;
  uint32_t start = lexer->at.offset;
  if (minus)
    lexer_next(lexer);
  if (lexer->kind != TOKEN_NUMBER)
    return fail_wanted(parser, "a number");
  uint64_t bits;
  if (!number_read(text_bytes(lexer->at), lexer->at.length, NUMBER_PLAIN, UINT64_MAX, &bits))
    return fail_number(parser, lexer->at);
  lexer_next(lexer);
  if (minus && bits > (uint64_t)INT64_MAX + 1)
    return fail(parser, lexer_since(lexer, start), "no number of 64 bits is that low", NULL);
  out->bits = minus ? -bits : bits;
  out->kind = minus && bits != 0 ? VALUE_NEGATIVE : VALUE_PLAIN;
  return true;
}

static bool
fail_constant(struct parser *parser, struct source_pos at) {
  struct diags *diags = parser->builder.diags;
  if (names_argument(parser, at)) {
    diag_add(diags, DIAG_ERROR, at, "%.*s is an argument, and stands where a value should", text_shown(at.length),
             text_bytes(at));
    diag_add(diags, DIAG_HINT, at,
             "compare an argument with numbers or constants, and write \"&&\" or \"||\" between two tests");
    return false;
  }
  diag_add(diags, DIAG_ERROR, at, "unknown constant \"%.*s\"", text_shown(at.length), text_bytes(at));
  const char *near = diags_full(diags) ? NULL : constant_suggest(text_bytes(at), at.length);
  if (near != NULL)
    diag_add(diags, DIAG_HINT, at, "did you mean \"%s\"?", near);
  return false;
}

static bool
read_constant(struct parser *parser, struct value *out) {
  struct source_pos at = parser->lexer.at;
  if (text_is(text_bytes(at), at.length, "NULL"))
    out->bits = 0;
  else if (!constant_find(text_bytes(at), at.length, &out->bits))
    return fail_constant(parser, at);
  out->kind = out->bits > INT64_MAX ? VALUE_NEGATIVE : VALUE_PLAIN;
  lexer_next(&parser->lexer);
  return true;
}

// What is between two parentheses of a value: terms joined by |.
struct value_frame {
  uint64_t bits;
  enum value_kind kind;
  bool complement; // a ~ stands before the next term
};

static void
value_join(struct value_frame *frame, uint64_t bits, enum value_kind kind) {
  if (frame->complement) {
    bits = ~bits;
    kind = VALUE_COMPLEMENT;
  }
  frame->complement = false;
  frame->bits |= bits;
  frame->kind = kind > frame->kind ? kind : frame->kind;
}

// ~ and ( before a term. `within` parentheses of tests are open.
static bool
read_term_start(struct parser *parser, struct value_frame *frames, size_t *depth, size_t within) {
  for (;;) {
    if (parser->lexer.kind == TOKEN_TILDE) {
      frames[*depth].complement = !frames[*depth].complement;
    } else if (parser->lexer.kind == TOKEN_OPEN) {
      if (!check_depth(parser, within + *depth))
        return false;
      frames[++*depth] = (struct value_frame){0, VALUE_NONE, false};
    } else {
      return true;
    }
    lexer_next(&parser->lexer);
  }
}

static bool
read_term(struct parser *parser, struct value_frame *frame) {
  struct value term;
  enum token_kind kind = parser->lexer.kind;
  if (kind != TOKEN_NUMBER && kind != TOKEN_MINUS && kind != TOKEN_NAME)
    return fail_wanted(parser, "a value");
  if (!(kind == TOKEN_NAME ? read_constant : read_number)(parser, &term))
    return false;
  value_join(frame, term.bits, term.kind);
  return true;
}

static bool
read_value(struct parser *parser, size_t within, struct value *out) {
  struct value_frame frames[EXPRESSION_DEPTH_MAX + 1];
  struct lexer *lexer = &parser->lexer;
  uint32_t start = lexer->at.offset;
  size_t depth = 0;
  frames[0] = (struct value_frame){0, VALUE_NONE, false};
  for (;;) {
    if (!read_term_start(parser, frames, &depth, within) || !read_term(parser, &frames[depth]))
      return false;
    for (; depth > 0 && lexer->kind == TOKEN_CLOSE; lexer_next(lexer)) {
      depth--;
      value_join(&frames[depth], frames[depth + 1].bits, frames[depth + 1].kind);
    }
    if (lexer->kind != TOKEN_BIT_OR)
      break;
    lexer_next(lexer);
  }
  if (depth > 0)
    return fail_wanted(parser, "\")\"");
  *out = (struct value){frames[0].bits, frames[0].kind, lexer_since(lexer, start)};
  return true;
}

// Tests.

// Takes the polarity of the item that begins now.
static bool
take_polarity(struct frame *frame) {
  bool negated = frame->negated != frame->negate_item;
  frame->negate_item = false;
  return negated;
}

static bool
read_in(struct parser *parser, const struct left *left, uint32_t start, bool negated) {
  struct value value;
  dnf_push(&parser->builder.dnf);
  do {
    lexer_next(&parser->lexer);
    if (!read_value(parser, parser->depth, &value) || !test_add_in(&parser->builder, left, &value, negated))
      return false;
  } while (parser->lexer.kind == TOKEN_COMMA);
  return test_end_in(&parser->builder, negated, lexer_since(&parser->lexer, start));
}

// The token is what stands between the two sides of a test.
static bool
read_comparison(struct parser *parser, const struct left *left, uint32_t start) {
  enum token_kind compare = parser->lexer.kind;
  bool negated = take_polarity(&parser->frames[parser->depth]);
  struct value value;
  if (compare == TOKEN_IN)
    return read_in(parser, left, start, negated);
  lexer_next(&parser->lexer);
  if (!read_value(parser, parser->depth, &value))
    return false;
  struct source_pos at = lexer_since(&parser->lexer, start);
  return test_push(&parser->builder, left, compare, &value, negated, at);
}

// `NAME & value`, which has been read, is the whole test.
static bool
end_any(struct parser *parser, const struct left *left) {
  struct lexer *lexer = &parser->lexer;
  bool negated = take_polarity(&parser->frames[parser->depth]);
  if (!token_compares(lexer->kind))
    return test_push_any(&parser->builder, left, negated);
  struct source_pos masked = lexer_since(lexer, left->at.offset);
  char shown[SHOWN_PLACE];
  diag_add(parser->builder.diags, DIAG_ERROR, lexer->at, "what is compared here needs parentheses");
  diag_add(parser->builder.diags, DIAG_HINT, masked, "write \"(%s) %.*s ...\"", place_show(masked, shown),
           text_shown(lexer->at.length), text_bytes(lexer->at));
  return false;
}

// & and what follows it.
static bool
read_mask(struct parser *parser, struct left *left, size_t within) {
  struct value mask;
  lexer_next(&parser->lexer);
  return read_value(parser, within, &mask) && left_mask(&parser->builder, left, &mask);
}

static bool
fail_alone(struct parser *parser, const struct left *left) {
  struct lexer *lexer = &parser->lexer;
  if (lexer->kind == TOKEN_OTHER)
    return fail_wanted(parser, "a comparison");
  diag_add(parser->builder.diags, DIAG_ERROR, left->at, "\"%.*s\" alone is no test", text_shown(left->at.length),
           text_bytes(left->at));
  diag_add(parser->builder.diags, DIAG_HINT, left->at, "what follows is one of: == != < <= > >= in &");
  return false;
}

static bool
read_test(struct parser *parser) {
  struct left left;
  if (parser->lexer.kind != TOKEN_NAME)
    return fail_wanted(parser, "the name of an argument");
  if (!read_name(parser, &left))
    return false;
  if (parser->lexer.kind == TOKEN_BIT_AND)
    return read_mask(parser, &left, parser->depth) && end_any(parser, &left);
  if (!token_compares(parser->lexer.kind))
    return fail_alone(parser, &left);
  return left_open(&parser->builder, &left, parser->lexer.kind) && read_comparison(parser, &left, left.at.offset);
}

// Parentheses and chains.

static void
open_frame(struct parser *parser, struct source_pos open, uint32_t start) {
  bool negated = take_polarity(&parser->frames[parser->depth]);
  parser->frames[++parser->depth] =
      (struct frame){.negated = negated, .start = start, .chain_start = start, .open = open};
}

// True if the tokens are "(" NAME "&": then it goes there, otherwise it stays.
static bool
at_masked(struct parser *parser, struct lexer *name) {
  struct lexer ahead = parser->lexer;
  lexer_next(&ahead);
  *name = ahead;
  if (ahead.kind != TOKEN_NAME)
    return false;
  lexer_next(&ahead);
  return ahead.kind == TOKEN_BIT_AND;
}

// "(" NAME "&" value: either with ")" and a comparison behind it, or the first test in a parenthesis. `*item` says
// whether an item has been read.
static bool
read_open(struct parser *parser, bool *item) {
  struct source_pos open = parser->lexer.at;
  struct lexer name;
  struct left left;
  *item = false;
  if (!check_depth(parser, parser->depth))
    return false;
  if (!at_masked(parser, &name)) {
    open_frame(parser, open, name.at.offset);
    parser->lexer = name;
    return true;
  }
  *item = true;
  parser->lexer = name;
  if (!read_name(parser, &left) || !read_mask(parser, &left, parser->depth + 1))
    return false;
  struct lexer ahead = parser->lexer;
  lexer_next(&ahead);
  if (parser->lexer.kind == TOKEN_CLOSE && token_compares(ahead.kind)) {
    parser->lexer = ahead;
    return read_comparison(parser, &left, open.offset);
  }
  open_frame(parser, open, name.at.offset);
  return end_any(parser, &left);
}

// Reads up to the end of a test: any number of "!" and "(", then the test.
static bool
read_item(struct parser *parser) {
  for (bool item = false; !item;) {
    if (parser->lexer.kind == TOKEN_NOT) {
      struct frame *frame = &parser->frames[parser->depth];
      frame->negate_item = !frame->negate_item;
      lexer_next(&parser->lexer);
    } else if (parser->lexer.kind == TOKEN_OPEN) {
      if (!read_open(parser, &item))
        return false;
    } else {
      return read_test(parser);
    }
  }
  return true;
}

// Joins the upper two of the stack. If nothing is left of an "and", the text since `start` never holds, or always where
// all is negated.
static bool
join(struct parser *parser, bool with_and, uint32_t start) {
  struct builder *builder = &parser->builder;
  enum dnf_result result = with_and ? dnf_and(&builder->dnf) : dnf_or(&builder->dnf);
  if (result == DNF_NEVER)
    return builder_constant(builder, lexer_since(&parser->lexer, start), parser->frames[parser->depth].negated);
  return builder_check(builder, result);
}

// Looks at what several have been joined to, the text since `start`.
static bool
check_joined(struct parser *parser, bool with_and, uint32_t start) {
  struct builder *builder = &parser->builder;
  bool negated = parser->frames[parser->depth].negated;
  if (with_and ? !dnf_never(&builder->dnf) : !dnf_always(&builder->dnf))
    return true;
  return builder_constant(builder, lexer_since(&parser->lexer, start), with_and == negated);
}

static bool
end_item(struct parser *parser) {
  struct frame *frame = &parser->frames[parser->depth];
  return ++frame->items == 1 || join(parser, !frame->negated, frame->chain_start);
}

static bool
end_chain(struct parser *parser) {
  struct frame *frame = &parser->frames[parser->depth];
  if (frame->items > 1 && !check_joined(parser, !frame->negated, frame->chain_start))
    return false;
  frame->items = 0;
  return ++frame->chains == 1 || join(parser, frame->negated, frame->start);
}

static bool
end_frame(struct parser *parser) {
  struct frame *frame = &parser->frames[parser->depth];
  return end_chain(parser) && (frame->chains == 1 || check_joined(parser, frame->negated, frame->start));
}

static bool
fail_operator(struct parser *parser) {
  const struct lexer *lexer = &parser->lexer;
  const char *bytes = text_bytes(lexer->at);
  size_t length = lexer->at.length;
  if (token_compares(lexer->kind))
    return fail(parser, lexer->at, "a second comparison in one test", "write two tests with \"&&\" between them");
  if (lexer->kind == TOKEN_COMMA)
    return fail(parser, lexer->at, "tests are not separated by commas", "write \"&&\" or \"||\"");
  if (lexer->kind == TOKEN_BIT_AND || (lexer->kind == TOKEN_NAME && text_is_any_case(bytes, length, "and")))
    return fail(parser, lexer->at, "tests are joined by \"&&\" or \"||\"", "write \"&&\"");
  if (lexer->kind == TOKEN_BIT_OR || (lexer->kind == TOKEN_NAME && text_is_any_case(bytes, length, "or")))
    return fail(parser, lexer->at, "tests are joined by \"&&\" or \"||\"", "write \"||\"");
  return fail_wanted(parser, "\"&&\" or \"||\"");
}

// Reads what may follow an item, up to where the next one begins. *end: there is none.
static bool
read_joint(struct parser *parser, bool *end) {
  struct frame *frame = &parser->frames[parser->depth];
  *end = parser->lexer.kind == TOKEN_END;
  while (parser->lexer.kind == TOKEN_CLOSE && parser->depth > 0) {
    if (!end_frame(parser))
      return false;
    lexer_next(&parser->lexer);
    frame = &parser->frames[--parser->depth];
    if (!end_item(parser))
      return false;
    *end = parser->lexer.kind == TOKEN_END;
  }
  if (*end)
    return parser->depth == 0 ? end_frame(parser) : fail(parser, frame->open, "this parenthesis is not closed", NULL);
  if (parser->lexer.kind == TOKEN_CLOSE)
    return fail(parser, parser->lexer.at, "there is nothing that this ) closes", NULL);
  if (parser->lexer.kind != TOKEN_AND && parser->lexer.kind != TOKEN_OR)
    return fail_operator(parser);
  bool chain = parser->lexer.kind == TOKEN_OR;
  if (chain && !end_chain(parser))
    return false;
  lexer_next(&parser->lexer);
  if (chain)
    frame->chain_start = parser->lexer.at.offset;
  return true;
}

static bool
read_all(struct parser *parser) {
  struct builder *builder = &parser->builder;
  bool end = false;
  if (parser->lexer.kind == TOKEN_END)
    return fail(parser, builder->whole, "there is no test in the parentheses",
                "without parentheses, the word is about the call whatever its arguments");
  while (!end)
    if (!read_item(parser) || !end_item(parser) || !read_joint(parser, &end))
      return false;
  return true;
}

// Registers that a name and a0..a5 do not see alike on every ABI: one uses another register, or x86 has 32 bits of it
// only.
static unsigned
registers_apart(call_t call) {
  size_t count;
  const struct argument *arguments = call == CALL_NONE ? NULL : arguments_of(call, &count);
  unsigned apart = 0;
  for (size_t i = 0; arguments != NULL && i < count; i++) {
    const struct argument *argument = &arguments[i];
    bool moves = argument->place != argument->place_i386 || argument->place != argument->place_x32;
    if (argument->place >= 0 && (moves || argument->bits == 64))
      apart |= 1u << argument->place;
  }
  return apart;
}

bool
expression_read(struct expression *out, struct source_pos at, call_t call, struct diags *diags) {
  struct parser parser;
  *out = (struct expression){.test_count = 0};
  parser.builder.dnf.all = out;
  parser.builder.dnf.count = 0;
  parser.builder.dnf.effort = DNF_EFFORT;
  parser.builder.dnf.apart = registers_apart(call);
  parser.builder.call = call;
  parser.builder.whole = at;
  parser.builder.diags = diags;
  parser.depth = 0;
  lexer_start(&parser.lexer, at);
  parser.frames[0] = (struct frame){.start = parser.lexer.at.offset, .chain_start = parser.lexer.at.offset};
  if (read_all(&parser))
    return true;
  expression_clear(out);
  return false;
}

void
expression_clear(struct expression *expression) {
  free(expression->tests);
  free(expression->raw);
  free(expression->ends);
  *expression = (struct expression){.test_count = 0};
}
