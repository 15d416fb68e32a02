// SPDX-License-Identifier: LGPL-2.1-or-later
// diff.h - two policies side by side: the rows that `diff` prints.
#ifndef SCRUN_RUNNER_ANALYZE_DIFF_H
#define SCRUN_RUNNER_ANALYZE_DIFF_H
#include "runner/analyze/condition.h"
#include <stdio.h>

enum change { CHANGE_NONE, CHANGE_ALLOWED, CHANGE_REFUSED, CHANGE_OTHER, CHANGE_SAME };

// A way in which a call reaches the kernel: the bits of the ABIs, that of ABI_NONE for any other architecture, and one
// more for x86's multiplexers.
enum { WAY_THROUGH = ABI_COUNT };

#define NUMBERS_BYTES 640

// One call, or numbers that no call has, or everything on an ABI; with the ways that change alike. Where only one of
// the policies covers an ABI, the other says the same to all of its calls: a row is then about all that the one answers
// so. Where what no rule names changes, a row says that for all that no other row names, and that got `a`; what keeps
// `a` then has a row, too.
struct diff_row {
  enum change change;
  const char *name;            // of the call, or NULL
  char numbers[NUMBERS_BYTES]; // without a name: "600", "473..1073741823, 4294967295"; "" for an ABI
  bool answered_so;            // an ABI: not all of its calls, but all that get `a` and `b`
  bool is_rest;                // likewise, and that have no row of their own
  unsigned ways;
  struct action a, b;
  char condition[CONDITION_BYTES]; // "" where there is no simple one
  char example[EXAMPLE_BYTES];     // "" where the arguments do not matter
  uint64_t args[6];                // likewise
};

// What of two policies is no decision on a call.
struct diff_setting {
  const char *name;
  const char *a, *b;
  bool wider; // the second is the weaker one
};

#define SETTINGS_MAX 8

struct diff {
  const struct policy *a, *b;
  struct diff_row *rows; // sorted; on the heap
  size_t row_count, row_room;
  struct diff_setting settings[SETTINGS_MAX];
  size_t setting_count;
};

// Compares two sealed policies. Fails with ERROR_POLICY; diff_clear() in any case.
SC_NODISCARD int diff_make(struct diff *diff, const struct policy *a, const struct policy *b, struct error *e);
void diff_clear(struct diff *diff);

// "newly-allowed", "newly-refused", "changed", "unchanged"; and the names of the ways of a row, one after the other:
// NULL after the last.
const char *change_name(enum change change);
const char *way_next(const struct diff_row *row, unsigned *at);

// True if the row holds wherever that call can be made, on the ABIs that one of the policies covers.
bool diff_row_is_everywhere(const struct diff *diff, const struct diff_row *row);
#endif
