// SPDX-License-Identifier: LGPL-2.1-or-later
// decode.h - any seccomp filter as a table of what every number of every architecture gets, exactly, and as text.
#ifndef SCRUN_RUNNER_ANALYZE_DECODE_H
#define SCRUN_RUNNER_ANALYZE_DECODE_H
#include "compat/buffer.h"
#include "runner/analyze/cases.h"

// Numbers from `first` to `last`, as the filter sees them, all get the same.
struct decoded_range {
  uint32_t first, last;
  uint32_t outcome; // in outcomes[]
  uint8_t tickets;  // set of enum ticket_gives: what the holder of a ticket gets there
};

// With `cases` the answer depends on arguments; otherwise it is `answer`.
struct outcome {
  struct answer_set answer;
  struct cases *cases;
};

// Architectures from `arch` to `arch_last`. Source: struct seccomp_data in seccomp(2).
struct decoded_arch {
  uint32_t arch, arch_last;
  size_t first_range, range_count; // in ranges[]: all numbers, rising
};

struct decoded {
  struct decoded_arch *arches; // all architectures, rising; those of x86-64 and x86 stand alone
  struct decoded_range *ranges;
  struct outcome *outcomes; // each once
  size_t arch_count, arch_room, range_count, range_room, outcome_count, outcome_room;
};

// Decodes `program`. Always complete: numbers that a program tells apart in more ways than DECODED_RANGES_MAX are one
// range, with an answer that says that it is not known. The caller owns *out also after a failure. Fails with
// ERROR_SECCOMP: it is no filter, or memory is out. Works in static storage: one caller at
// a time.
#define DECODED_RANGES_MAX 2048
#define DECODED_ARCHES_MAX 64
SC_NODISCARD int decode(const struct program *program, struct decoded *out, struct error *e);
void decoded_clear(struct decoded *decoded);

// What one number gets.
const struct decoded_range *decoded_at(const struct decoded *decoded, uint32_t arch, uint32_t number);
// What a call gets without a ticket.
const struct answer_set *decoded_decide(const struct decoded *decoded, uint32_t arch, uint32_t number,
                                        const uint64_t args[6]);

// Writes it for people: by ABI, what calls get by default, lists of names, rules.
void decoded_write(const struct decoded *decoded, struct buffer *out);
#endif
