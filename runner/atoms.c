// SPDX-License-Identifier: LGPL-2.1-or-later
// atoms.c - walks the bits of the word from high to low, keeping one prefix for each different state of knowledge about
// the predicates.
//
// The predicates of one mask are sorted by value. A prefix of the word has settled some of them as less, some as
// greater; those that it equals so far are neighbours in the sorted row: a range [low, high). A state is one such range
// for each mask. After the last bit every range is empty (the word lies between two values) or one value (the word
// equals it), so that states are atoms.
#include "runner/atoms.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct range {
  uint16_t low, high;
};

struct level {
  size_t count;
  uint32_t prefix[ATOMS_MAX];
  struct range ranges[ATOMS_CELLS_MAX]; // `masks` of them for each state
};

// Different masks: predicates first .. first + count - 1 of the sorted row.
struct group {
  uint32_t mask;
  struct range all;
};

struct search {
  const struct predicate *predicates;
  struct group groups[ATOMS_MASKS_MAX];
  size_t masks;
  size_t states_max;
};

// At least twice as many slots as there can be states, so that a probe always ends.
#define SLOTS_MAX (2 * ATOMS_MAX)
static uint32_t slots[SLOTS_MAX]; // 1 + index of a state, 0: free
static struct level levels[2];

static int
predicate_compare(const void *a, const void *b) {
  const struct predicate *left = a, *right = b;
  if (left->mask != right->mask)
    return left->mask < right->mask ? -1 : 1;
  return left->value < right->value ? -1 : left->value > right->value;
}

static size_t
predicates_sort(struct predicate *predicates, size_t count) {
  if (count > 1)
    qsort(predicates, count, sizeof *predicates, predicate_compare);
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (kept == 0 || predicate_compare(&predicates[kept - 1], &predicates[i]) != 0)
      predicates[kept++] = predicates[i];
  return kept;
}

// The usual case, one mask only: each value, and one word of each gap between values. Words under the mask are counted
// through by adding one above all bits that it lacks.
static size_t
atoms_of_values(uint32_t mask, const struct predicate *predicates, size_t count, uint32_t *out, size_t max) {
  const uint64_t end = (uint64_t)UINT32_MAX + 1;
  size_t found = 0;
  uint64_t next = 0; // the first word not yet accounted for
  for (size_t i = 0; i <= count; i++) {
    uint64_t value = i < count ? predicates[i].value : end;
    if (max - found < (size_t)(next < value) + (i < count))
      return 0;
    if (next < value)
      out[found++] = (uint32_t)next;
    if (i < count)
      out[found++] = (uint32_t)value;
    next = value >= mask ? end : (((uint32_t)value | ~mask) + 1) & mask;
  }
  return found;
}

static bool
is_one_mask(const struct predicate *predicates, size_t count) {
  uint32_t outside = 0;
  for (size_t i = 0; i < count; i++)
    outside |= predicates[i].value & ~predicates[i].mask;
  return count == 0 || (predicates[0].mask == predicates[count - 1].mask && outside == 0);
}

static bool
groups_make(struct search *search, const struct predicate *predicates, size_t count) {
  search->predicates = predicates;
  search->masks = 0;
  for (size_t i = 0; i < count; i++) {
    if (search->masks == 0 || search->groups[search->masks - 1].mask != predicates[i].mask) {
      if (search->masks == ATOMS_MASKS_MAX)
        return false;
      search->groups[search->masks++] = (struct group){predicates[i].mask, {(uint16_t)i, (uint16_t)i}};
    }
    search->groups[search->masks - 1].all.high = (uint16_t)(i + 1);
  }
  return true;
}

// The values of a range agree in all higher bits, so those with `bit` clear come first. A word with the bit set is
// greater than they are; a word with it clear is less than the others.
static struct range
range_narrow(const struct predicate *predicates, struct range range, uint32_t bit, bool set) {
  uint16_t middle = range.low;
  while (middle < range.high && (predicates[middle].value & bit) == 0)
    middle++;
  return set ? (struct range){middle, range.high} : (struct range){range.low, middle};
}

static uint32_t
ranges_hash(const struct range *ranges, size_t count) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < count; i++)
    hash = (hash ^ ((uint32_t)ranges[i].low << 16 | ranges[i].high)) * 16777619u;
  return hash ^ hash >> 15;
}

// Keeps the state that stands behind the last one of `level`, unless it is there already. False when there is no room.
static bool
level_keep(const struct search *search, struct level *level, size_t slot_count, uint32_t prefix) {
  struct range *fresh = &level->ranges[level->count * search->masks];
  size_t slot = ranges_hash(fresh, search->masks) & (slot_count - 1);
  for (; slots[slot] != 0; slot = (slot + 1) & (slot_count - 1))
    if (memcmp(&level->ranges[(slots[slot] - 1) * search->masks], fresh, search->masks * sizeof *fresh) == 0)
      return true;
  if (level->count == search->states_max)
    return false;
  level->prefix[level->count++] = prefix;
  slots[slot] = (uint32_t)level->count;
  return true;
}

static bool
level_step(const struct search *search, const struct level *from, struct level *to, uint32_t bit) {
  size_t slot_count = 16;
  while (slot_count < 4 * from->count && slot_count < SLOTS_MAX)
    slot_count *= 2;
  memset(slots, 0, slot_count * sizeof slots[0]);
  uint32_t used = 0;
  for (size_t i = 0; i < search->masks; i++)
    used |= search->groups[i].mask;
  to->count = 0;
  for (size_t i = 0; i < from->count; i++)
    for (unsigned set = 0; set <= ((used & bit) != 0); set++) {
      for (size_t m = 0; m < search->masks; m++)
        to->ranges[to->count * search->masks + m] =
            range_narrow(search->predicates, from->ranges[i * search->masks + m], bit,
                         set != 0 && (search->groups[m].mask & bit) != 0);
      if (!level_keep(search, to, slot_count, from->prefix[i] | (set != 0 ? bit : 0)))
        return false;
    }
  return true;
}

static size_t
atoms_of_masks(struct search *search, uint32_t *out, size_t max) {
  // Behind the last state there must be room for one more to be tried.
  search->states_max = ATOMS_CELLS_MAX / search->masks - 1;
  if (search->states_max > ATOMS_MAX)
    search->states_max = ATOMS_MAX;
  struct level *now = &levels[0], *next = &levels[1];
  now->count = 1;
  now->prefix[0] = 0;
  for (size_t m = 0; m < search->masks; m++)
    now->ranges[m] = search->groups[m].all;
  for (uint32_t bit = 1u << 31; bit != 0; bit >>= 1) {
    if (!level_step(search, now, next, bit))
      return 0;
    struct level *swap = now;
    now = next;
    next = swap;
  }
  if (now->count > max)
    return 0;
  memcpy(out, now->prefix, now->count * sizeof *out);
  return now->count;
}

size_t
atoms_find(struct predicate *predicates, size_t count, uint32_t *out, size_t max) {
  struct search search;
  count = predicates_sort(predicates, count);
  if (max == 0 || count > ATOMS_PREDICATES_MAX)
    return 0;
  if (is_one_mask(predicates, count))
    return atoms_of_values(count == 0 ? UINT32_MAX : predicates[0].mask, predicates, count, out, max);
  if (!groups_make(&search, predicates, count))
    return 0;
  return atoms_of_masks(&search, out, max);
}
