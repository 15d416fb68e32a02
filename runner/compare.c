// SPDX-License-Identifier: LGPL-2.1-or-later
// compare.c - walks both policies over all numbers at once and asks both at every point where one of them could change
// its mind.
#include "runner/compare.h"
#include "runner/points.h"

struct comparison {
  const struct policy *a, *b;
  bool (*visit)(void *context, const struct difference *difference);
  void *context;
  struct points points;                             // of one number
  struct difference differences[COMPARE_PAIRS_MAX]; // likewise
  size_t count, tried;
};

// Too large for the stack; each use writes what it reads.
static struct comparison the_comparison;

static int
refuse_size(enum abi abi, uint32_t number, const char *what, struct error *e) {
  call_t call = calls_at(abi, number);
  return error_plain(e, ERROR_POLICY, "the policies cannot be compared: call %u%s%s%s on %s has too many %s", number,
                     call == CALL_NONE ? "" : " (", call == CALL_NONE ? "" : calls_name(call),
                     call == CALL_NONE ? "" : ")", abi_name(abi), what);
}

static bool
is_pair(const struct difference *difference, struct action a, struct action b) {
  return action_equal(difference->a, a) && action_equal(difference->b, b);
}

// The difference of that pair; false if it is a new one and there is no room.
static bool
count_pair(struct comparison *c, const struct difference *found) {
  c->tried++;
  if (action_equal(found->a, found->b))
    return true;
  for (size_t i = c->count; i-- > 0;)
    if (is_pair(&c->differences[i], found->a, found->b)) {
      c->differences[i].count++;
      return true;
    }
  if (c->count == COMPARE_PAIRS_MAX)
    return false;
  c->differences[c->count] = *found;
  c->differences[c->count++].count = 1;
  return true;
}

// Every point of one number, or of a stretch that no rule names.
static int
ask(struct comparison *c, enum abi abi, uint32_t number, uint32_t last, struct error *e) {
  struct difference found = {.abi = abi, .number = number, .last = last};
  uint32_t words[POINT_WORDS];
  if (!points_first(&c->points, words))
    return refuse_size(abi, number, "cases to look at", e);
  do {
    points_arguments(words, found.args);
    found.a = policy_decide(c->a, abi, number, found.args).action;
    found.b = policy_decide(c->b, abi, number, found.args).action;
    if (!count_pair(c, &found))
      return refuse_size(abi, number, "different answers", e);
  } while (points_next(&c->points, words));
  return 0;
}

// Returns 1 when the visitor has seen enough.
static int
compare_stretch(struct comparison *c, enum abi abi, uint32_t number, uint32_t last, struct error *e) {
  c->count = c->tried = 0;
  points_clear(&c->points);
  if ((c->a->abis & ABI_BIT(abi)) != 0)
    points_add_policy(&c->points, c->a, abi, number);
  if ((c->b->abis & ABI_BIT(abi)) != 0)
    points_add_policy(&c->points, c->b, abi, number);
  if (ask(c, abi, number, last, e) != 0)
    return -1;
  for (size_t i = 0; i < c->count; i++) {
    c->differences[i].whole = c->differences[i].count == c->tried;
    if (!c->visit(c->context, &c->differences[i]))
      return 1;
  }
  return 0;
}

// Rising numbers, read from the front.
struct row {
  const uint32_t *numbers;
  size_t count, at;
};

// Steps behind all that is below `number`; returns the lowest that is left, or `end`.
static uint64_t
row_from(struct row *row, uint64_t number, uint64_t end) {
  while (row->at < row->count && row->numbers[row->at] < number)
    row->at++;
  return row->at < row->count && row->numbers[row->at] < end ? row->numbers[row->at] : end;
}

enum { ROW_A, ROW_B, ROW_EDGES, ROWS };

// Numbers first..last: each one that a rule of either names, and each stretch between; stretches also end where
// numbers begin or cease to be newer than the tables.
static int
compare_range(struct comparison *c, enum abi abi, uint32_t first, uint32_t last, struct error *e) {
  struct row rows[ROWS] = {{0}};
  rows[ROW_A].numbers = policy_numbers(c->a, abi, &rows[ROW_A].count);
  rows[ROW_B].numbers = policy_numbers(c->b, abi, &rows[ROW_B].count);
  rows[ROW_EDGES].numbers = calls_newer_edges(abi, &rows[ROW_EDGES].count);
  for (uint64_t number = first, next; number <= last; number = next) {
    uint64_t end = (uint64_t)last + 1;
    bool named = row_from(&rows[ROW_A], number, end) == number || row_from(&rows[ROW_B], number, end) == number;
    next = named ? number + 1 : end;
    for (size_t i = 0; i < ROWS && !named; i++)
      next = row_from(&rows[i], number + 1, next);
    int status = compare_stretch(c, abi, (uint32_t)number, (uint32_t)(next - 1), e);
    if (status != 0)
      return status;
  }
  return 0;
}

// What abi_of() gives to each ABI; it has nothing to say of the numbers of foreign architectures.
static const struct range {
  enum abi abi;
  uint32_t first, last;
} ranges[] = {
    {ABI_X86_64, 0, X32_BIT - 1},
    {ABI_X86_64, UINT32_MAX, UINT32_MAX},
    {ABI_X32, X32_BIT, UINT32_MAX - 1},
    {ABI_I386, 0, UINT32_MAX},
};

int
policy_compare(const struct policy *a, const struct policy *b,
               bool (*visit)(void *context, const struct difference *difference), void *context, struct error *e) {
  struct comparison *c = &the_comparison;
  c->a = a;
  c->b = b;
  c->visit = visit;
  c->context = context;
  int status = compare_stretch(c, ABI_NONE, 0, UINT32_MAX, e);
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0] && status == 0; i++)
    status = compare_range(c, ranges[i].abi, ranges[i].first, ranges[i].last, e);
  return status < 0 ? -1 : 0;
}
