// SPDX-License-Identifier: LGPL-2.1-or-later
// values.c - cubes of values, and stretches of them.
#include "runner/analyze/values.h"

// Stretches of 64-bit values that end at random have a cube for each bit of their ends.
enum { CUBES_MAX = 4096, STRETCHES_MAX = VALUES_TESTS_MAX };

struct stretch {
  uint64_t first, last;
};

struct work {
  const struct diagram_store *store;
  unsigned argument;
  struct cube cubes[CUBES_MAX]; // of the set and of what is not in it, in order of values
  size_t count, inside;
  uint64_t support;
  struct stretch stretches[STRETCHES_MAX]; // inside; and outside
  struct stretch gaps[STRETCHES_MAX];
  size_t stretch_count, gap_count;
};

static bool
is_inside(const struct cube *cube) {
  return cube->then != DIAGRAM_NONE;
}

static bool
add_test(const struct work *work, struct values *out, enum test_op op, uint64_t mask, uint64_t value) {
  if (out->test_count == VALUES_TESTS_MAX)
    return false;
  out->tests[out->test_count++] =
      (struct test){.argument = work->argument, .width = 64, .op = op, .mask = mask, .value = value};
  return true;
}

static void
end_alternative(struct values *out) {
  out->ends[out->alternative_count++] = (uint32_t)out->test_count;
}

// The mask that stretches are seen through: down to bit 0, which the support does not reach where their ends are round.
static uint64_t
stretch_mask(uint64_t support) {
  return support | ((support & -support) - 1);
}

static bool
stretch_add(struct stretch *stretches, size_t *count, uint64_t mask, struct stretch next) {
  struct stretch *last = *count == 0 ? NULL : &stretches[*count - 1];
  if (last != NULL && (((last->last | ~mask) + 1) & mask) == next.first) {
    last->last = next.last;
    return true;
  }
  if (*count == STRETCHES_MAX)
    return false;
  stretches[(*count)++] = next;
  return true;
}

// A cube is a stretch if its free bits are the lowest ones.
static bool
find_stretches(struct work *work) {
  uint64_t mask = stretch_mask(work->support);
  work->stretch_count = work->gap_count = 0;
  for (size_t i = 0; i < work->count; i++) {
    const struct cube *cube = &work->cubes[i];
    uint64_t unset = mask & ~cube->mask;
    if (cube->mask != 0 && unset >= (cube->mask & -cube->mask))
      return false;
    struct stretch stretch = {cube->value, cube->value | unset};
    if (!(is_inside(cube) ? stretch_add(work->stretches, &work->stretch_count, mask, stretch)
                          : stretch_add(work->gaps, &work->gap_count, mask, stretch)))
      return false;
  }
  return true;
}

static bool
is_value(const struct stretch *stretch) {
  return stretch->first == stretch->last;
}

static size_t
stretch_cost(const struct stretch *stretch, uint64_t mask) {
  bool both_ends = stretch->first > 0 && stretch->last < mask && !is_value(stretch);
  return 1 + both_ends;
}

static bool
gaps_are_values(const struct work *work) {
  for (size_t i = 0; i < work->gap_count; i++)
    if (!is_value(&work->gaps[i]))
      return false;
  return true;
}

// Each as an alternative. Of a stretch, no value is skipped: its mask reaches down to bit 0.
static bool
add_values(const struct work *work, struct values *out, uint64_t mask, const struct stretch *stretch) {
  for (uint64_t i = 0; i <= stretch->last - stretch->first; i++) {
    if (!add_test(work, out, TEST_EQ, mask, stretch->first + i))
      return false;
    end_alternative(out);
  }
  return true;
}

static bool
write_stretches(const struct work *work, struct values *out) {
  uint64_t mask = stretch_mask(work->support);
  for (size_t i = 0; i < work->stretch_count; i++) {
    const struct stretch *stretch = &work->stretches[i];
    bool fits = true, values = stretch->last - stretch->first < 2 && stretch_cost(stretch, mask) > 1;
    if (values || is_value(stretch)) {
      if (!add_values(work, out, mask, stretch))
        return false;
      continue;
    }
    if (stretch->first > 0)
      fits = add_test(work, out, TEST_GE, mask, stretch->first);
    if (fits && stretch->last < mask)
      fits = add_test(work, out, TEST_LE, mask, stretch->last);
    if (!fits)
      return false;
    end_alternative(out);
  }
  return true;
}

static bool
write_all_but(const struct work *work, struct values *out) {
  uint64_t mask = stretch_mask(work->support);
  for (size_t i = 0; i < work->gap_count; i++)
    if (!add_test(work, out, TEST_NE, mask, work->gaps[i].first))
      return false;
  end_alternative(out);
  return true;
}

// A cube of a word that leaves one or two bits free was rather meant as two or four values.
static bool
add_cube(const struct work *work, struct values *out, const struct cube *cube) {
  uint64_t mask = stretch_mask(work->support), unset = mask & ~cube->mask, value = 0;
  bool values = (mask == UINT32_MAX || mask == UINT64_MAX) && __builtin_popcountll(unset) <= 2;
  do {
    if (!add_test(work, out, TEST_EQ, values ? mask : cube->mask, cube->value | (values ? value : 0)))
      return false;
    end_alternative(out);
    value = ((value | ~unset) + 1) & unset;
  } while (values && value != 0);
  return true;
}

// The values of each cube in the set; or the values of no cube that is not.
static bool
write_cubes(const struct work *work, bool inside, struct values *out) {
  for (size_t i = 0; i < work->count; i++) {
    const struct cube *cube = &work->cubes[i];
    if (is_inside(cube) != inside)
      continue;
    if (inside ? !add_cube(work, out, cube) : !add_test(work, out, TEST_NE, cube->mask, cube->value))
      return false;
  }
  if (!inside)
    end_alternative(out);
  return true;
}

static size_t
stretches_cost(const struct work *work) {
  size_t cost = 0;
  for (size_t i = 0; i < work->stretch_count; i++)
    cost += stretch_cost(&work->stretches[i], stretch_mask(work->support));
  return cost;
}

bool
values_make(const struct diagram_store *store, diagram_t set, struct values *out) {
  static struct work work;
  struct action action;
  if (diagram_is_action(set, &action)) // the store is full
    return false;
  work.store = store;
  work.argument = diagram_argument(store, set);
  work.count = diagram_cubes(store, set, work.cubes, CUBES_MAX);
  work.inside = 0;
  work.support = 0;
  out->test_count = out->alternative_count = 0;
  if (work.count == 0)
    return false;
  for (size_t i = 0; i < work.count; i++) {
    work.inside += is_inside(&work.cubes[i]);
    work.support |= work.cubes[i].mask;
  }
  size_t outside = work.count - work.inside, cubes = work.inside <= outside ? work.inside : outside;
  bool stretches = find_stretches(&work), but = stretches && gaps_are_values(&work);
  if (but && work.gap_count < cubes && work.gap_count < stretches_cost(&work))
    return write_all_but(&work, out);
  // Whole words are rather compared, and parts of them masked.
  bool whole = stretch_mask(work.support) == UINT64_MAX || stretch_mask(work.support) == UINT32_MAX;
  if (stretches && stretches_cost(&work) < cubes + whole)
    return write_stretches(&work, out);
  return write_cubes(&work, work.inside <= outside, out);
}
