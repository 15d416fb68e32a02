// SPDX-License-Identifier: LGPL-2.1-or-later
// atoms.h - representatives of the non-empty atoms of predicates over one 32-bit word.
//
// A predicate looks at (word & mask) and tells whether it is less than, equal to or greater than `value`. Two words are
// in the same atom when no predicate tells them apart. One word out of each atom is therefore all that needs to be
// tried, exactly.
#ifndef SCRUN_RUNNER_ATOMS_H
#define SCRUN_RUNNER_ATOMS_H
#include <stddef.h>
#include <stdint.h>

// `value` may have bits outside `mask`.
struct predicate {
  uint32_t mask, value;
};

// Bounds of the search: different masks on one word, predicates, atoms, and atoms times masks. They lie beyond anything
// a program of 4096 instructions is asked to do; past them the answer is "too many", never an incomplete one.
#define ATOMS_MASKS_MAX 64
#define ATOMS_PREDICATES_MAX 16384
#define ATOMS_MAX 65536
#define ATOMS_CELLS_MAX (1 << 19)

// Sorts `predicates` (dropping repeated ones) and writes one word of each atom to `out`, room for `max`. Returns how
// many, at least 1; 0 when there are more than `max` or than the bounds above. Uses static storage: one caller at a
// time.
size_t atoms_find(struct predicate *predicates, size_t count, uint32_t *out, size_t max);
#endif
