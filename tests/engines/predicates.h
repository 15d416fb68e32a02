// SPDX-License-Identifier: LGPL-2.1-or-later
// predicates.h - what somebody else's filter asks about a call, so that it can be tried at one point of every answer.
#ifndef SCRUN_TESTS_PREDICATES_H
#define SCRUN_TESTS_PREDICATES_H
#include "runner/atoms.h"
#include "runner/program.h"
#include <stdbool.h>

// struct seccomp_data as words of 32 bits: number, architecture, the instruction pointer, and the arguments.
enum { SAMPLE_NUMBER = 0, SAMPLE_ARCH = 1, SAMPLE_ARGUMENTS = 4, SAMPLE_WORDS = 16 };

// The constants that numbers and architectures are compared with, and both neighbours of each. They may repeat.
#define CONSTANTS_MAX (3 * PROGRAM_MAX + 8192)
struct constants {
  size_t count;
  uint32_t items[CONSTANTS_MAX];
};

// Predicates of each word.
#define PREDICATES_MAX 1024
struct predicates {
  size_t counts[SAMPLE_WORDS];
  struct predicate items[SAMPLE_WORDS][PREDICATES_MAX];
};

// All of these return NULL, or why the filter cannot be looked at exactly, as static text. A filter that only compares
// numbers and architectures with constants answers for all others as for the nearest one of these.
const char *constants_add(struct constants *constants, uint32_t value);
const char *constants_add_program(struct constants *numbers, struct constants *arches, const struct program *program);
const char *predicates_add(struct predicates *predicates, size_t word, uint32_t mask, uint32_t value);

// Every test of an argument that some path for this number and architecture can come to.
const char *predicates_add_program(struct predicates *predicates, const struct program *program, uint32_t arch,
                                   uint32_t number);
#endif
