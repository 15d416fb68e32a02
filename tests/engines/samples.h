// SPDX-License-Identifier: LGPL-2.1-or-later
// samples.h - the calls at which filters that others installed are held against a policy: enough of them that no
// difference can lie between.
//
// These are every number up to 1023, with and without the x32 bit, and every other one that some jump of a filter or of
// scrun's own program names, with its neighbours: both sides compare numbers with constants only, which is checked (of
// scrun's side by the verifier), so no other can differ from the nearest one of these. And for each number one point of
// every atom of the tests of all sides: the filters' jumps, and the rules of the policy; on x86 with upper halves of
// zero, as the kernel gives them.
#ifndef SCRUN_TESTS_SAMPLES_H
#define SCRUN_TESTS_SAMPLES_H
#include "compat/policy.h"
#include "tests/engines/predicates.h"
#include "tests/readback/filters.h"

// Large: keep it in static storage.
#define SAMPLES_SETS 2
struct samples {
  const struct policy *policy;
  const struct filters *sets[SAMPLES_SETS]; // NULL: none
  struct constants numbers, arches;         // filled in: sorted, each once
  struct predicates predicates;
  uint32_t atoms[SAMPLE_WORDS][ATOMS_MAX];
};

// Both return NULL, or what cannot be looked at exactly, as static text.
const char *samples_collect(struct samples *samples);
const char *samples_visit(struct samples *samples, uint32_t arch, uint32_t number,
                          void (*visit)(void *context, const struct seccomp_data *data), void *context);
#endif
