// SPDX-License-Identifier: LGPL-2.1-or-later
// expression_dnf.c - combines alternatives of tests, and decides whether tests on one argument can hold together.
#include "compat/expression_dnf.h"
#include "compat/array.h"
#include <string.h>

// Registers as named tests and as raw tests see them.
enum { REGISTERS = 6, VARIABLES = 2 * REGISTERS, VARIABLE_NONE = VARIABLES };

static unsigned
variable_of(const struct dnf *dnf, size_t test) {
  unsigned argument = dnf->all->tests[test].argument;
  return dnf->all->raw[test] && (dnf->apart >> argument & 1) != 0 ? REGISTERS + argument : argument;
}

static uint32_t
first_test(const struct expression *all, size_t alternative) {
  return alternative == 0 ? 0 : all->ends[alternative - 1];
}

// A puzzle: is there a value of one variable for which every clause holds? Either each test from..to about that
// variable is a clause, which is to hold; or each alternative from..to about it alone is one, of which some test is not
// to hold.
struct puzzle {
  struct dnf *dnf;
  size_t from, to, tests;
  unsigned variable;
  bool wanted;           // what the tests are to say
  uint64_t seen;         // all bits that some test looks at
  uint64_t known, value; // bits that can have one value only
};

struct clause {
  size_t from, to; // tests
};

// The variable that an alternative is about, if it is about one.
static unsigned
sole_variable(const struct dnf *dnf, size_t alternative) {
  uint32_t from = first_test(dnf->all, alternative), to = dnf->all->ends[alternative];
  unsigned variable = variable_of(dnf, from);
  for (uint32_t i = from + 1; i < to; i++)
    if (variable_of(dnf, i) != variable)
      return VARIABLE_NONE;
  return variable;
}

// Takes the next clause; *at is puzzle->from at first.
static bool
next_clause(const struct puzzle *puzzle, size_t *at, struct clause *out) {
  const struct dnf *dnf = puzzle->dnf;
  for (size_t i = *at; i < puzzle->to; i++) {
    unsigned variable = puzzle->wanted ? variable_of(dnf, i) : sole_variable(dnf, i);
    if (variable != puzzle->variable)
      continue;
    *at = i + 1;
    *out = puzzle->wanted ? (struct clause){i, i + 1} : (struct clause){first_test(dnf->all, i), dnf->all->ends[i]};
    return true;
  }
  return false;
}

// The smallest value >= `least` that has bits of `mask` only.
static bool
submask_at_least(uint64_t mask, uint64_t least, uint64_t *out) {
  uint64_t foreign = least & ~mask;
  if (foreign == 0) {
    *out = least;
    return true;
  }
  uint64_t above = ~(UINT64_MAX >> __builtin_clzll(foreign));
  uint64_t free = mask & ~least & above;
  if (free == 0)
    return false;
  uint64_t bit = free & -free;
  *out = (least & ~(bit - 1)) | bit;
  return true;
}

// The smallest value >= x with low <= (value & mask) <= high: x itself, or x with a bit set that was not, and what is
// below that bit made as small as can be.
static bool
masked_next(uint64_t mask, uint64_t low, uint64_t high, uint64_t x, uint64_t *out) {
  *out = x;
  if ((x & mask) >= low && (x & mask) <= high)
    return true;
  for (uint64_t zeros = ~x; zeros != 0; zeros &= zeros - 1) {
    uint64_t bit = zeros & -zeros, base = (x & ~(bit - 1)) | bit, rest = 0;
    uint64_t least = low > (base & mask) ? low - (base & mask) : 0;
    if (!submask_at_least(mask & (bit - 1), least, &rest) || (base & mask) + rest > high)
      continue;
    *out = base | rest;
    return true;
  }
  return false;
}

// The smallest value >= x with (value & mask) != other.
static bool
other_next(uint64_t mask, uint64_t other, uint64_t x, uint64_t *out) {
  *out = x;
  if ((x & mask) != other)
    return true;
  *out = (x | ((mask & -mask) - 1)) + 1;
  return mask != 0 && *out != 0;
}

// What a test says, or its opposite: the value behind the mask is in a range, or is another one than `low`.
struct range {
  uint64_t mask, low, high;
  bool other;
};

// False if no value is in it.
static bool
range_of(const struct test *test, bool wanted, struct range *out) {
  bool equality = test->op == TEST_EQ || test->op == TEST_NE;
  bool upper = (test->op == TEST_GE || test->op == TEST_GT) == wanted;
  bool beyond = test->op == TEST_LE || test->op == TEST_GT;
  uint64_t edge = test->value + beyond; // the first of the upper part, which is empty if this goes round
  bool round = beyond && edge == 0;
  *out = (struct range){test->mask, upper ? edge : 0, upper ? UINT64_MAX : edge - 1, false};
  if (equality)
    *out = (struct range){test->mask, test->value, test->value, (test->op == TEST_EQ) != wanted};
  return equality || (upper ? !round : edge != 0 || round);
}

// The smallest value >= x that the clause accepts.
static bool
clause_least(const struct puzzle *puzzle, const struct clause *clause, uint64_t x, uint64_t *out) {
  bool found = false;
  for (size_t i = clause->from; i < clause->to; i++) {
    struct range range;
    uint64_t next;
    if (!range_of(&puzzle->dnf->all->tests[i], puzzle->wanted, &range))
      continue;
    bool some = range.other ? other_next(range.mask, range.low, x, &next)
                            : masked_next(range.mask, range.low, range.high, x, &next);
    if (some && (!found || next < *out)) {
      *out = next;
      found = true;
    }
  }
  return found;
}

// (x & mask) == value. False if other bits are known.
static bool
learn_equal(struct puzzle *puzzle, uint64_t mask, uint64_t value) {
  if (((puzzle->value ^ value) & puzzle->known & mask) != 0)
    return false;
  puzzle->known |= mask;
  puzzle->value |= value;
  return true;
}

// (x & mask) != value, which says something once a single bit of it is left.
static bool
learn_other(struct puzzle *puzzle, uint64_t mask, uint64_t value) {
  uint64_t open = mask & ~puzzle->known;
  if ((value & ~mask) != 0 || ((puzzle->value ^ value) & puzzle->known & mask) != 0)
    return true;
  return (open & (open - 1)) != 0 || (open != 0 && learn_equal(puzzle, open, ~value & open));
}

// low <= (x & mask) <= high: the bits above the first in which the ends differ are known.
static bool
learn_range(struct puzzle *puzzle, const struct range *range) {
  uint64_t mask = range->mask, low, below = 0;
  if (!submask_at_least(mask, range->low, &low))
    return false;
  // mask ^ x is mask - x, so this is the largest x that is not above `high`
  if (range->high < mask && !submask_at_least(mask, mask - range->high, &below))
    return false;
  uint64_t high = mask ^ below;
  if (low > high)
    return false;
  uint64_t open = low == high ? 0 : UINT64_MAX >> __builtin_clzll(low ^ high);
  return learn_equal(puzzle, mask & ~open, low & ~open);
}

// Collects what a clause says about single bits, if it is one test. False if that contradicts what is known.
static bool
learn_clause(struct puzzle *puzzle, const struct clause *clause) {
  struct range range;
  for (size_t i = clause->from; i < clause->to; i++)
    puzzle->seen |= puzzle->dnf->all->tests[i].mask;
  if (clause->to - clause->from != 1)
    return true;
  if (!range_of(&puzzle->dnf->all->tests[clause->from], puzzle->wanted, &range))
    return false;
  return range.other ? learn_other(puzzle, range.mask, range.low) : learn_range(puzzle, &range);
}

// Pays for a look at all tests. False if nothing is left to pay with: the puzzle stays undecided.
static bool
puzzle_pay(struct puzzle *puzzle) {
  size_t *effort = &puzzle->dnf->effort;
  bool enough = *effort >= puzzle->tests;
  *effort = enough ? *effort - puzzle->tests : 0;
  return enough;
}

// Until there is no news.
static bool
puzzle_learn(struct puzzle *puzzle) {
  uint64_t before;
  struct clause clause;
  do {
    before = puzzle->known;
    for (size_t at = puzzle->from; next_clause(puzzle, &at, &clause);)
      if (!learn_clause(puzzle, &clause))
        return false;
  } while (puzzle->known != before && puzzle_pay(puzzle));
  return true;
}

// Goes up from x to a value that every clause accepted in its turn. False if some clause accepts none from there on.
static bool
puzzle_climb(const struct puzzle *puzzle, uint64_t *x) {
  struct clause clause;
  for (size_t at = puzzle->from; next_clause(puzzle, &at, &clause);)
    if (!clause_least(puzzle, &clause, *x, x))
      return false;
  return true;
}

// Goes up from 0 to the first value that every clause accepts. Bits that no test looks at stay 0.
static bool
puzzle_possible(struct puzzle *puzzle) {
  if (!puzzle_learn(puzzle))
    return false;
  uint64_t fixed = puzzle->known | ~puzzle->seen, x = 0;
  while (puzzle_pay(puzzle)) {
    if (!masked_next(fixed, puzzle->value, puzzle->value, x, &x))
      return false;
    uint64_t before = x;
    if (!puzzle_climb(puzzle, &x))
      return false;
    if (x == before)
      return true;
  }
  return true;
}

// Can the tests from..to hold together? Single tests were looked at when they were read.
static bool
tests_possible(struct dnf *dnf, size_t from, size_t to) {
  unsigned once = 0, twice = 0;
  for (size_t i = from; i < to; i++) {
    unsigned bit = 1u << variable_of(dnf, i);
    twice |= once & bit;
    once |= bit;
  }
  for (unsigned variable = 0; twice >> variable != 0; variable++) {
    struct puzzle puzzle = {
        .dnf = dnf, .from = from, .to = to, .tests = to - from, .variable = variable, .wanted = true};
    if ((twice >> variable & 1) != 0 && !puzzle_possible(&puzzle))
      return false;
  }
  return true;
}

bool
dnf_never(struct dnf *dnf) {
  const struct expression *all = dnf->all;
  size_t from = dnf->starts[dnf->count - 1];
  return all->alternative_count - from == 1 && !tests_possible(dnf, first_test(all, from), all->ends[from]);
}

bool
dnf_always(struct dnf *dnf) {
  size_t from = dnf->starts[dnf->count - 1], to = dnf->all->alternative_count;
  size_t tests = dnf->all->test_count - first_test(dnf->all, from);
  unsigned once = 0, twice = 0;
  for (size_t i = from; i < to; i++) {
    unsigned bit = 1u << sole_variable(dnf, i);
    twice |= once & bit;
    once |= bit;
  }
  twice &= (1u << VARIABLES) - 1;
  for (unsigned variable = 0; twice >> variable != 0; variable++) {
    struct puzzle puzzle = {.dnf = dnf, .from = from, .to = to, .tests = tests, .variable = variable, .wanted = false};
    if ((twice >> variable & 1) != 0 && !puzzle_possible(&puzzle))
      return true;
  }
  return false;
}

// The stack.

static bool
room_for_tests(struct expression *all, size_t count) {
  struct test *tests = array_grow(all->tests, &all->test_room, all->test_count + count, 4, sizeof *tests);
  if (tests == NULL)
    return false;
  all->tests = tests;
  bool *raw = array_grow(all->raw, &all->raw_room, all->test_count + count, 16, sizeof *raw);
  if (raw == NULL)
    return false;
  all->raw = raw;
  return true;
}

static bool
room_for_alternative(struct expression *all) {
  uint32_t *ends = array_grow(all->ends, &all->alternative_room, all->alternative_count + 1, 4, sizeof *ends);
  if (ends == NULL)
    return false;
  all->ends = ends;
  return true;
}

// The bounds hold for what begins with the alternative `start`.
static bool
within_bounds(const struct expression *all, size_t start) {
  return all->alternative_count - start <= EXPRESSION_ALTERNATIVES_MAX
         && all->test_count - first_test(all, start) <= EXPRESSION_TESTS_MAX;
}

void
dnf_push(struct dnf *dnf) {
  dnf->starts[dnf->count++] = (uint32_t)dnf->all->alternative_count;
}

enum dnf_result
dnf_add(struct dnf *dnf, const struct test *test, bool raw) {
  struct expression *all = dnf->all;
  if (!room_for_tests(all, 1))
    return DNF_NO_MEMORY;
  all->tests[all->test_count] = *test;
  all->raw[all->test_count++] = raw;
  return within_bounds(all, dnf->starts[dnf->count - 1]) ? DNF_OK : DNF_TOO_MANY;
}

enum dnf_result
dnf_close(struct dnf *dnf) {
  struct expression *all = dnf->all;
  if (!room_for_alternative(all))
    return DNF_NO_MEMORY;
  all->ends[all->alternative_count++] = (uint32_t)all->test_count;
  return within_bounds(all, dnf->starts[dnf->count - 1]) ? DNF_OK : DNF_TOO_MANY;
}

enum dnf_result
dnf_or(struct dnf *dnf) {
  dnf->count--;
  return within_bounds(dnf->all, dnf->starts[dnf->count - 1]) ? DNF_OK : DNF_TOO_MANY;
}

static void
copy_tests(struct expression *all, size_t to, size_t from, size_t count) {
  memmove(all->tests + to, all->tests + from, count * sizeof all->tests[0]);
  memmove(all->raw + to, all->raw + from, count * sizeof all->raw[0]);
}

// Adds the alternative of all tests of two others at the end, if they can hold together.
static enum dnf_result
add_pair(struct dnf *dnf, size_t left, size_t right) {
  struct expression *all = dnf->all;
  uint32_t left_at = first_test(all, left), left_count = all->ends[left] - left_at;
  uint32_t right_at = first_test(all, right), right_count = all->ends[right] - right_at;
  if (!room_for_tests(all, left_count + right_count) || !room_for_alternative(all))
    return DNF_NO_MEMORY;
  size_t start = all->test_count, end = start + left_count + right_count;
  copy_tests(all, start, left_at, left_count);
  copy_tests(all, start + left_count, right_at, right_count);
  if (end - start > EXPRESSION_TESTS_MAX)
    return DNF_TOO_MANY;
  if (!tests_possible(dnf, start, end))
    return DNF_OK;
  all->test_count = end;
  all->ends[all->alternative_count++] = (uint32_t)end;
  return DNF_OK;
}

// Moves the alternatives from `from` on, with their tests, down to `to`.
static void
move_down(struct expression *all, size_t to, size_t from) {
  uint32_t test_to = first_test(all, to), test_from = first_test(all, from);
  size_t count = all->alternative_count - from, tests = all->test_count - test_from;
  copy_tests(all, test_to, test_from, tests);
  for (size_t i = 0; i < count; i++)
    all->ends[to + i] = all->ends[from + i] - (test_from - test_to);
  all->alternative_count = to + count;
  all->test_count = test_to + tests;
}

// Most of what people write: one alternative and another.
static enum dnf_result
join_single(struct dnf *dnf, size_t left) {
  struct expression *all = dnf->all;
  all->ends[left] = all->ends[left + 1];
  all->alternative_count--;
  return within_bounds(all, left) ? DNF_OK : DNF_TOO_MANY;
}

enum dnf_result
dnf_and(struct dnf *dnf) {
  struct expression *all = dnf->all;
  size_t right = dnf->starts[--dnf->count], left = dnf->starts[dnf->count - 1], end = all->alternative_count;
  if (right - left == 1 && end - right == 1)
    return join_single(dnf, left);
  for (size_t i = left; i < right; i++) {
    for (size_t j = right; j < end; j++) {
      enum dnf_result result = add_pair(dnf, i, j);
      if (result == DNF_OK && !within_bounds(all, end))
        result = DNF_TOO_MANY;
      if (result != DNF_OK)
        return result;
    }
  }
  move_down(all, left, end);
  return all->alternative_count == left ? DNF_NEVER : DNF_OK;
}
