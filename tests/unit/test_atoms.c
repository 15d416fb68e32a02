// SPDX-License-Identifier: LGPL-2.1-or-later
// test_atoms.c - every non-empty atom has exactly one representative, held against trying every word.
#include "runner/atoms.h"
#include "tests/check.h"
#include <stdbool.h>

#define PREDICATES_MAX 8
#define OUT_MAX 4096

static uint64_t random_state = 1;

static uint32_t
random_below(uint32_t bound) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (uint32_t)(random_state >> 16) % bound;
}

// The outcome of all predicates, two bits each.
static uint32_t
outcome(const struct predicate *predicates, size_t count, uint32_t word) {
  uint32_t all = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t value = word & predicates[i].mask;
    all = all << 2 | (value < predicates[i].value ? 0u : value == predicates[i].value ? 1u : 2u);
  }
  return all;
}

static unsigned char seen[1 << (2 * PREDICATES_MAX)];

// Spreads the low bits of `packed` over the bits that are set in `places`.
static uint32_t
spread(uint32_t packed, uint32_t places) {
  uint32_t word = 0;
  for (; places != 0; places &= places - 1, packed >>= 1)
    if (packed & 1)
      word |= places & -places;
  return word;
}

static size_t
outcomes_count(const struct predicate *predicates, size_t count, uint32_t places, unsigned place_count) {
  size_t different = 0;
  memset(seen, 0, sizeof seen);
  for (uint32_t packed = 0; packed < 1u << place_count; packed++) {
    uint32_t all = outcome(predicates, count, spread(packed, places));
    different += seen[all] == 0;
    seen[all] = 1;
  }
  return different;
}

// `found` words, no two in one atom, and as many as there are atoms (in seen[]): then each is represented.
static int
is_complete(const struct predicate *predicates, size_t count, const uint32_t *words, size_t found, size_t atoms) {
  for (size_t i = 0; i < found; i++) {
    uint32_t all = outcome(predicates, count, words[i]);
    if (seen[all] != 1)
      return 0;
    seen[all] = 2;
  }
  return found == atoms;
}

static uint32_t
random_places(unsigned count) {
  uint32_t places = 0;
  while ((unsigned)__builtin_popcount(places) < count)
    places |= 1u << random_below(32);
  return places;
}

static uint32_t
random_mask(uint32_t places) {
  switch (random_below(4)) {
  case 0:
    return places;
  case 1:
    return places & (1u << random_below(32));
  case 2:
    return places & (UINT32_MAX << random_below(32));
  default:
    return places & random_below(UINT32_MAX);
  }
}

static void
random_predicates(struct predicate *predicates, size_t count, uint32_t places) {
  for (size_t i = 0; i < count; i++) {
    predicates[i].mask = i > 0 && random_below(3) == 0 ? predicates[i - 1].mask : random_mask(places);
    predicates[i].value = random_mask(random_below(4) == 0 ? UINT32_MAX : predicates[i].mask);
    if (i > 0 && random_below(4) == 0)
      predicates[i].value = predicates[i - 1].value + random_below(3) - 1;
  }
}

static void
test_masks_exhaustively(void) {
  for (int round = 0; round < 4000; round++) {
    struct predicate predicates[PREDICATES_MAX], sorted[PREDICATES_MAX];
    uint32_t words[OUT_MAX];
    unsigned place_count = round % 40 == 0 ? 16 : 4 + random_below(7);
    uint32_t places = random_places(place_count);
    size_t count = 1 + random_below(PREDICATES_MAX);
    random_predicates(predicates, count, places);
    memcpy(sorted, predicates, sizeof sorted);
    size_t atoms = outcomes_count(predicates, count, places, place_count);
    size_t found = atoms_find(sorted, count, words, OUT_MAX);
    CHECK(is_complete(predicates, count, words, found, atoms));
    // Room for exactly as many is enough, room for one less is refused.
    CHECK(atoms_find(sorted, count, words, atoms) == atoms);
    CHECK(atoms_find(sorted, count, words, atoms - 1) == 0);
  }
}

// Whole words: their atoms are the values and the gaps, so that a value, its neighbours and both ends find them all.
static void
test_values(void) {
  static const uint32_t interesting[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
  for (int round = 0; round < 4000; round++) {
    struct predicate predicates[PREDICATES_MAX], sorted[PREDICATES_MAX];
    uint32_t words[OUT_MAX];
    size_t count = 1 + random_below(PREDICATES_MAX), atoms = 0;
    for (size_t i = 0; i < count; i++)
      predicates[i] = (struct predicate){UINT32_MAX, random_below(2) ? interesting[random_below(7)]
                                                                     : random_below(1u << (1 + random_below(31)))};
    memcpy(sorted, predicates, sizeof sorted);
    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < 5 * count; i++) {
      const uint32_t value = predicates[i / 5].value;
      const uint32_t points[5] = {0, value - 1, value, value + 1, UINT32_MAX};
      uint32_t all = outcome(predicates, count, points[i % 5]);
      atoms += seen[all] == 0;
      seen[all] = 1;
    }
    size_t found = atoms_find(sorted, count, words, OUT_MAX);
    CHECK(is_complete(predicates, count, words, found, atoms));
    CHECK(atoms_find(sorted, count, words, atoms) == atoms);
    CHECK(atoms_find(sorted, count, words, atoms - 1) == 0);
  }
}

static void
test_edges(void) {
  uint32_t words[64];
  struct predicate nothing = {0, 0}, never = {0, 5}, top = {0x80000000u, 0x80000000u};
  CHECK_INT(atoms_find(NULL, 0, words, 64), 1);
  CHECK_INT(atoms_find(NULL, 0, words, 0), 0);
  CHECK_INT(atoms_find(&nothing, 1, words, 64), 1);
  CHECK_INT(atoms_find(&never, 1, words, 64), 1);
  CHECK_INT(atoms_find(&top, 1, words, 64), 2);
  // The mask that facts about verifying call a missed fault: 0xf0 against 0x70 differ at 0xa0 and the like.
  struct predicate masks[] = {{0xf0, 0x20}, {0x70, 0x20}};
  size_t count = atoms_find(masks, 2, words, 64);
  bool both_ways = false;
  for (size_t i = 0; i < count; i++)
    both_ways = both_ways || ((words[i] & 0xf0) != 0x20 && (words[i] & 0x70) == 0x20);
  CHECK(both_ways);
}

// Independent bits double the atoms each time: found while they fit, refused after.
static void
test_bounds(void) {
  static uint32_t words[ATOMS_MAX];
  struct predicate bits[32];
  for (unsigned count = 1; count <= 32; count++) {
    for (unsigned i = 0; i < count; i++)
      bits[i] = (struct predicate){1u << i, 0};
    size_t found = atoms_find(bits, count, words, ATOMS_MAX);
    CHECK(count > 12 ? found == 0 || found == (size_t)1 << count : found == (size_t)1 << count);
    CHECK(count < 17 || found == 0);
  }
  static struct predicate many[ATOMS_PREDICATES_MAX + 1];
  for (uint32_t i = 0; i <= ATOMS_PREDICATES_MAX; i++)
    many[i] = (struct predicate){UINT32_MAX, 3 * i + 1};
  CHECK_INT(atoms_find(many, ATOMS_PREDICATES_MAX + 1, words, ATOMS_MAX), 0);
  CHECK_INT(atoms_find(many, ATOMS_PREDICATES_MAX, words, ATOMS_MAX), 2 * ATOMS_PREDICATES_MAX + 1);
  // Masks nested in one another: many masks, few atoms.
  struct predicate nested[32];
  for (unsigned i = 0; i < 32; i++)
    nested[i] = (struct predicate){UINT32_MAX >> i, 0};
  CHECK_INT(atoms_find(nested, 32, words, ATOMS_MAX), 33);
}

int
main(void) {
  test_masks_exhaustively();
  test_values();
  test_edges();
  test_bounds();
  return check_done();
}
