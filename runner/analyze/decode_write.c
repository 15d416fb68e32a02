// SPDX-License-Identifier: LGPL-2.1-or-later
// decode_write.c - a decoded filter for people.
#include "compat/array.h"
#include "compat/expression_write.h"
#include "runner/analyze/decode.h"
#include "runner/analyze/wrap.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Numbers of one ABI that are one thing to say: a call, or numbers without a name.
struct piece {
  call_t call;
  uint32_t first, last;
  const struct decoded_range *range;
};

// One ABI of an architecture.
struct view {
  const struct decoded *decoded;
  const struct decoded_arch *arch;
  enum abi abi; // ABI_NONE: foreign
  uint32_t otherwise;
  struct piece *pieces;
  size_t count;
};

static void
add_action(struct buffer *out, struct action action) {
  char text[48];
  static const char *const words[] = {
      [ACTION_ALLOW] = "allowed",
      [ACTION_LOG] = "allowed and logged",
      [ACTION_NOTIFY] = "notified (a listener answers)",
      [ACTION_TRAP] = "trapped",
      [ACTION_KILL_THREAD] = "thread killed",
      [ACTION_KILL_PROCESS] = "killed",
  };
  if (action.kind == ACTION_TRACE)
    buffer_add(out, "traced (message %u)", (unsigned)action.data);
  else if (action.kind == ACTION_ERRNO)
    buffer_add(out, "refused: %s", action_describe(action, text, sizeof text));
  else
    buffer_add(out, "%s", words[action.kind]);
}

static void
add_unshown(struct buffer *out, unsigned unshown) {
  static const struct {
    enum unshown bit;
    const char *text;
  } reasons[] = {{UNSHOWN_POINTER, "the instruction pointer"},
                 {UNSHOWN_ARITHMETIC, "arithmetic"},
                 {UNSHOWN_ARGUMENTS, "arguments, in more ways than are shown"},
                 {UNSHOWN_NUMBER, "the number, in more ways than are shown"}};
  const char *before = "depends on ";
  for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
    if ((unshown & reasons[i].bit) == 0)
      continue;
    buffer_add(out, "%s%s", before, reasons[i].text);
    before = " and ";
  }
}

static void
add_answer(struct buffer *out, const struct answer_set *answer) {
  for (uint8_t i = 0; i < answer->count; i++) {
    buffer_add(out, i > 0 ? " or " : "");
    add_action(out, answer->actions[i]);
  }
  if (answer->more)
    buffer_add(out, answer->count > 0 ? " or anything else" : "anything");
  if (answer->count > 1 || answer->more) {
    buffer_add(out, " (");
    add_unshown(out, answer->unshown);
    buffer_add(out, ")");
  }
}

// In the syntax of policies.
static void
add_tests(struct buffer *out, const struct cases *cases, const struct case_rule *rule, const struct view *view,
          call_t call) {
  struct test tests[CASE_TESTS_MAX];
  const struct policy policy = {.tests = tests};
  struct rule written = {.call = call, .abis = ABI_BIT(view->abi), .test_count = rule->test_count};
  for (uint32_t i = 0; i < rule->test_count; i++)
    tests[i] = cases->tests[rule->first_test + i];
  expression_write(&policy, &written, out);
}

// "allowed if fd == 1 || fd == 2; otherwise refused: errno EPERM": rules with the same answer in a row are one.
static void
add_outcome(struct buffer *out, const struct outcome *outcome, const struct view *view, call_t call) {
  const struct cases *cases = outcome->cases;
  if (cases == NULL) {
    add_answer(out, &outcome->answer);
    return;
  }
  for (size_t i = 0; i < cases->rule_count; i++) {
    bool goes_on = i > 0 && cases->rules[i].answer == cases->rules[i - 1].answer;
    if (!goes_on) {
      buffer_add(out, i > 0 ? "; otherwise " : "");
      add_answer(out, &cases->answers[cases->rules[i].answer]);
    }
    buffer_add(out, goes_on ? " || " : " if ");
    add_tests(out, cases, &cases->rules[i], view, call);
  }
  buffer_add(out, cases->rule_count > 0 ? "; otherwise " : "");
  add_answer(out, &cases->answers[cases->rest]);
}

static uint32_t
plain(const struct view *view, uint32_t number) {
  return view->abi == ABI_X32 ? number & ~X32_BIT : number;
}

static uint32_t
last_number(enum abi abi) {
  return abi == ABI_X86_64 ? X32_BIT - 1 : abi == ABI_X32 ? UINT32_MAX - 1 : UINT32_MAX;
}

static void
add_piece(struct buffer *out, const struct view *view, const struct piece *piece) {
  if (piece->call != CALL_NONE)
    buffer_add(out, "%s", calls_name(piece->call));
  else if (piece->first == UINT32_MAX)
    buffer_add(out, "-1");
  else if (piece->first == piece->last)
    buffer_add(out, "%u", plain(view, piece->first));
  else if (piece->last == last_number(view->abi))
    buffer_add(out, "%u and above", plain(view, piece->first));
  else
    buffer_add(out, "%u..%u", plain(view, piece->first), plain(view, piece->last));
}

// Which numbers there are of the ABI, from `number` on: the end of those that are one thing to say.
static uint32_t
piece_end(const struct view *view, uint32_t number, uint32_t last, call_t *call) {
  uint32_t base = view->abi == ABI_X32 ? X32_BIT : 0, end = number;
  *call = calls_at(view->abi, number);
  if (*call != CALL_NONE || view->abi == ABI_NONE)
    return *call != CALL_NONE ? number : last;
  while (end < last && end - base < CALL_NUMBERS && calls_at(view->abi, end + 1) == CALL_NONE)
    end++;
  return end - base >= CALL_NUMBERS ? last : end;
}

static bool
add_pieces(struct view *view, size_t *room, const struct decoded_range *range, uint32_t first, uint32_t last) {
  for (uint64_t number = first; number <= last;) {
    struct piece piece = {.first = (uint32_t)number, .range = range};
    piece.last = piece_end(view, (uint32_t)number, last, &piece.call);
    struct piece *pieces = array_grow(view->pieces, room, view->count + 1, 256, sizeof *pieces);
    if (pieces == NULL)
      return false;
    view->pieces = pieces;
    view->pieces[view->count++] = piece;
    number = (uint64_t)piece.last + 1;
  }
  return true;
}

// The stretches of numbers that belong to the ABI.
static size_t
abi_segments(enum abi abi, uint32_t segments[2][2]) {
  segments[0][0] = abi == ABI_X32 ? X32_BIT : 0;
  segments[0][1] = last_number(abi);
  segments[1][0] = segments[1][1] = UINT32_MAX;
  return abi == ABI_X86_64 ? 2 : 1;
}

// Calls by name, numbers behind them.
static int
compare_pieces(const void *a, const void *b) {
  const struct piece *x = a, *y = b;
  if ((x->call == CALL_NONE) != (y->call == CALL_NONE))
    return x->call == CALL_NONE ? 1 : -1;
  if (x->call != CALL_NONE)
    return strcmp(calls_name(x->call), calls_name(y->call));
  return (x->first > y->first) - (x->first < y->first);
}

// What most numbers get. False when memory is out.
static bool
find_otherwise(struct view *view) {
  uint64_t *sums = calloc(view->decoded->outcome_count, sizeof *sums);
  if (sums == NULL)
    return false;
  view->otherwise = view->pieces[0].range->outcome;
  for (size_t i = 0; i < view->count; i++) {
    const struct piece *piece = &view->pieces[i];
    uint32_t outcome = piece->range->outcome;
    sums[outcome] += (uint64_t)piece->last - piece->first + 1;
    if (sums[outcome] > sums[view->otherwise])
      view->otherwise = outcome;
  }
  free(sums);
  return true;
}

static bool
view_fill(struct view *view) {
  uint32_t segments[2][2];
  size_t count = abi_segments(view->abi, segments), room = 0;
  for (size_t i = 0; i < view->arch->range_count; i++) {
    const struct decoded_range *range = &view->decoded->ranges[view->arch->first_range + i];
    for (size_t j = 0; j < count; j++) {
      uint32_t first = range->first > segments[j][0] ? range->first : segments[j][0];
      uint32_t last = range->last < segments[j][1] ? range->last : segments[j][1];
      if (first <= last && !add_pieces(view, &room, range, first, last))
        return false;
    }
  }
  qsort(view->pieces, view->count, sizeof *view->pieces, compare_pieces);
  return find_otherwise(view);
}

enum { INDENT = 4, INDENT_MORE = 8 };

// The list of everything that gets one unconditional answer.
static void
write_list(const struct view *view, uint32_t outcome, struct buffer *out) {
  struct buffer text = {0};
  bool any = false;
  add_outcome(&text, &view->decoded->outcomes[outcome], view, CALL_NONE);
  buffer_add(&text, ":");
  for (size_t i = 0; i < view->count; i++) {
    if (view->pieces[i].range->outcome != outcome)
      continue;
    buffer_add(&text, any ? ", " : " ");
    add_piece(&text, view, &view->pieces[i]);
    any = true;
  }
  if (any)
    wrap(out, INDENT, INDENT_MORE, &text);
  buffer_clear(&text);
}

static void
write_rules(const struct view *view, struct buffer *out) {
  for (size_t i = 0; i < view->count; i++) {
    const struct piece *piece = &view->pieces[i];
    const struct outcome *outcome = &view->decoded->outcomes[piece->range->outcome];
    struct buffer text = {0};
    if (piece->range->outcome == view->otherwise || outcome->cases == NULL)
      continue;
    add_piece(&text, view, piece);
    buffer_add(&text, ": ");
    add_outcome(&text, outcome, view, piece->call);
    wrap(out, INDENT, INDENT_MORE, &text);
    buffer_clear(&text);
  }
}

// Never more of a ticket than that there is one.
enum ticket_kind {
  TICKET_KIND_NONE,
  TICKET_KIND_EXEC,
  TICKET_KIND_WORDS,
  TICKET_KIND_ARM,
  TICKET_KIND_USED,
  TICKET_KIND_OTHER,
  TICKET_KINDS
};

static enum ticket_kind
ticket_kind(const struct piece *piece) {
  switch (piece->range->tickets) {
  case 0:
    return TICKET_KIND_NONE;
  case TICKET_GIVES_ALLOW | TICKET_GIVES_ERRNO:
    return TICKET_KIND_EXEC;
  case TICKET_GIVES_ALLOW:
    return piece->call == calls_find("seccomp", 7) ? TICKET_KIND_ARM : TICKET_KIND_WORDS;
  case TICKET_GIVES_ERRNO:
    return TICKET_KIND_USED;
  default:
    return TICKET_KIND_OTHER;
  }
}

static void
write_tickets(const struct view *view, struct buffer *out) {
  static const char *const words[TICKET_KINDS] = {
      [TICKET_KIND_EXEC] = "launch ticket",
      [TICKET_KIND_WORDS] = "launch ticket, last words",
      [TICKET_KIND_ARM] = "arming ticket",
      [TICKET_KIND_USED] = "arming ticket, answered by this filter",
      [TICKET_KIND_OTHER] = "ticket of another kind",
  };
  for (enum ticket_kind kind = TICKET_KIND_NONE + 1; kind < TICKET_KINDS; kind++) {
    struct buffer text = {0};
    for (size_t i = 0; i < view->count; i++) {
      if (ticket_kind(&view->pieces[i]) != kind)
        continue;
      buffer_add(&text, "%s%s", text.length == 0 ? words[kind] : "", text.length == 0 ? ": " : ", ");
      add_piece(&text, view, &view->pieces[i]);
    }
    if (text.length > 0)
      wrap(out, INDENT, INDENT_MORE, &text);
    buffer_clear(&text);
  }
}

// What most numbers get stands first, then what is allowed, and so on.
static int
compare_outcomes(const struct decoded *decoded, uint32_t a, uint32_t b) {
  const struct answer_set *x = &decoded->outcomes[a].answer, *y = &decoded->outcomes[b].answer;
  enum action_kind kind_x = x->count > 0 ? x->actions[0].kind : ACTION_NONE;
  enum action_kind kind_y = y->count > 0 ? y->actions[0].kind : ACTION_NONE;
  return kind_x != kind_y ? (kind_x > kind_y) - (kind_x < kind_y) : (a > b) - (a < b);
}

static void
write_lists(const struct view *view, struct buffer *out) {
  const struct decoded *decoded = view->decoded;
  uint32_t *order = calloc(decoded->outcome_count, sizeof *order);
  out->failed |= order == NULL;
  size_t count = 0;
  for (uint32_t i = 0; i < decoded->outcome_count && order != NULL; i++) {
    size_t place = count;
    if (i == view->otherwise || decoded->outcomes[i].cases != NULL)
      continue;
    for (count++; place > 0 && compare_outcomes(decoded, order[place - 1], i) > 0; place--)
      order[place] = order[place - 1];
    order[place] = i;
  }
  for (size_t i = 0; i < count; i++)
    write_list(view, order[i], out);
  free(order);
}

// Below the line that names the ABI: the default, lists, rules. The default alone stands on that line.
static void
view_write(struct view *view, struct buffer *out) {
  struct buffer text = {0};
  if (view_fill(view)) {
    write_tickets(view, out);
    write_lists(view, out);
    write_rules(view, out);
    buffer_add(&text, out->length == 0 ? "every call: " : "every other call: ");
    add_outcome(&text, &view->decoded->outcomes[view->otherwise], view, CALL_NONE);
    wrap(out, INDENT, INDENT_MORE, &text);
  } else {
    out->failed = true;
  }
  buffer_clear(&text);
  free(view->pieces);
}

static const struct decoded_arch *
arch_find(const struct decoded *decoded, uint32_t arch) {
  size_t i = 0;
  while (decoded->arches[i].arch_last < arch)
    i++;
  return &decoded->arches[i];
}

static bool
same_text(const struct buffer *a, const struct buffer *b) {
  return a->length == b->length && (a->length == 0 || memcmp(a->text, b->text, a->length) == 0);
}

static void
add_body(struct buffer *out, struct buffer *body) {
  if (body->failed || body->text == NULL)
    out->failed = true;
  else
    buffer_add(out, "%s", body->text);
  buffer_clear(body);
}

// ABIs of which the same is to be said stand together.
static void
write_own(const struct decoded *decoded, struct buffer *out) {
  struct buffer bodies[ABI_COUNT] = {{0}};
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    struct view view = {.decoded = decoded, .arch = arch_find(decoded, abi_arch_word(abi)), .abi = abi};
    view_write(&view, &bodies[abi]);
  }
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    if (bodies[abi].length == 0)
      continue; // said
    buffer_add(out, "  %s", abi_name(abi));
    for (enum abi other = abi + 1; other < ABI_COUNT; other++)
      if (same_text(&bodies[abi], &bodies[other])) {
        buffer_add(out, ", %s", abi_name(other));
        buffer_clear(&bodies[other]);
      }
    buffer_add(out, ":\n");
    add_body(out, &bodies[abi]);
  }
}

static bool
is_foreign(const struct decoded_arch *arch) {
  return arch->arch != ARCH_WORD_X86_64 && arch->arch != ARCH_WORD_I386;
}

// Nearly always one answer for all of them.
static void
write_foreign(const struct decoded *decoded, struct buffer *out) {
  struct buffer first = {0};
  for (size_t i = 0; i < decoded->arch_count; i++) {
    const struct decoded_arch *arch = &decoded->arches[i];
    struct view view = {.decoded = decoded, .arch = arch, .abi = ABI_NONE};
    struct buffer body = {0};
    if (!is_foreign(arch))
      continue;
    view_write(&view, &body);
    if (first.length == 0) {
      buffer_add(out, "  any other architecture:\n");
    } else if (same_text(&first, &body)) {
      buffer_clear(&body);
      continue;
    } else if (arch->arch == arch->arch_last) {
      buffer_add(out, "  but architecture 0x%x:\n", arch->arch);
    } else {
      buffer_add(out, "  but architectures 0x%x to 0x%x:\n", arch->arch, arch->arch_last);
    }
    if (first.length == 0 && body.text != NULL)
      buffer_add(&first, "%s", body.text);
    add_body(out, &body);
  }
  buffer_clear(&first);
}

void
decoded_write(const struct decoded *decoded, struct buffer *out) {
  write_own(decoded, out);
  write_foreign(decoded, out);
}
