// SPDX-License-Identifier: LGPL-2.1-or-later
// argument_samples.c - values of arguments to compare at.
#include "tests/systemd/argument_samples.h"
#include <stdio.h>
#include <stdlib.h>

#define ARGUMENTS 4

static void
add(struct argument_samples *samples, uint32_t value) {
  for (size_t i = 0; i < samples->count; i++)
    if (samples->values[i] == value)
      return;
  if (samples->count == ARGUMENT_SAMPLES_MAX) {
    fprintf(stderr, "argument_samples: more than %d values\n", ARGUMENT_SAMPLES_MAX);
    exit(2);
  }
  samples->values[samples->count++] = value;
}

void
argument_samples_add(struct argument_samples *samples, uint32_t constant) {
  if (samples->count == 0) {
    add(samples, 0);
    add(samples, UINT32_MAX);
    for (unsigned bit = 0; bit < 32; bit++)
      add(samples, (uint32_t)1 << bit);
  }
  add(samples, constant - 1);
  add(samples, constant);
  add(samples, constant + 1);
  add(samples, ~constant);
}

static void
visit_one(uint64_t value, size_t place, void (*visit)(void *context, const uint64_t args[6]), void *context) {
  static const uint64_t others[] = {0, UINT32_MAX};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    uint64_t args[6] = {others[i], others[i], others[i], others[i], others[i], others[i]};
    args[place] = value;
    visit(context, args);
  }
}

static void
visit_pairs(struct argument_samples *samples, size_t a, size_t b, void (*visit)(void *context, const uint64_t args[6]),
            void *context) {
  uint64_t args[6] = {0};
  for (size_t i = 0; i < samples->count; i++)
    for (size_t j = 0; j < samples->count; j++) {
      args[a] = samples->values[i];
      args[b] = samples->values[j];
      visit(context, args);
    }
}

void
argument_samples_visit(struct argument_samples *samples, bool pairs,
                       void (*visit)(void *context, const uint64_t args[6]), void *context) {
  static const uint64_t upper[] = {0, 1, UINT32_MAX};
  for (size_t i = 0; i < samples->count; i++)
    for (size_t j = 0; j < sizeof upper / sizeof upper[0]; j++)
      for (size_t place = 0; place < ARGUMENTS; place++)
        visit_one(upper[j] << 32 | samples->values[i], place, visit, context);
  for (size_t a = 0; pairs && a < ARGUMENTS; a++)
    for (size_t b = a + 1; b < ARGUMENTS; b++)
      visit_pairs(samples, a, b, visit, context);
}
