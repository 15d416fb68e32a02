// SPDX-License-Identifier: LGPL-2.1-or-later
// argument_samples.h - values of arguments at which two readings of a policy are compared.
//
// Of each constant that a side compares with: itself, its neighbours and its complement. Beside them every single bit,
// none and all. Each in each of the first four arguments, below three upper halves, with all other arguments zero or
// all bits; and if asked each pair of values in each pair of arguments, below no upper half.
#ifndef SCRUN_TESTS_ARGUMENT_SAMPLES_H
#define SCRUN_TESTS_ARGUMENT_SAMPLES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARGUMENT_SAMPLES_MAX 1024

// Zeroed memory has no constants.
struct argument_samples {
  uint32_t values[ARGUMENT_SAMPLES_MAX];
  size_t count;
};

// Adds what belongs to a constant. Ends the program when there are too many: fewer would prove less.
void argument_samples_add(struct argument_samples *samples, uint32_t constant);

void argument_samples_visit(struct argument_samples *samples, bool pairs,
                            void (*visit)(void *context, const uint64_t args[6]), void *context);
#endif
