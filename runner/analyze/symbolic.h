// SPDX-License-Identifier: LGPL-2.1-or-later
// symbolic.h - runs a filter on all calls of one number at once: the number and the architecture are known, the
// arguments are not.
//
// Words are known numbers, or 32 decision diagrams (diagram.h), one for each bit, over the bits of the arguments. What
// these cannot say (the instruction pointer, products) is unknown: a jump that looks at it goes both ways, and the
// answer is then one of several. A word in which at least three words of arguments were compared with constants
// without branches is a ticket: such a jump goes both ways too, but what its holder gets is kept apart, and nothing of
// the constants goes anywhere.
#ifndef SCRUN_RUNNER_ANALYZE_SYMBOLIC_H
#define SCRUN_RUNNER_ANALYZE_SYMBOLIC_H
#include "runner/analyze/bits.h"
#include "runner/program.h"

// What is not shown and has a say in an answer. Bits.
enum unshown { UNSHOWN_POINTER = 1, UNSHOWN_ARITHMETIC = 2, UNSHOWN_ARGUMENTS = 4, UNSHOWN_NUMBER = 8 };

// What a call gets: one action; or one of several, depending on what `unshown` says. Past the room `more` is set: then
// it may be any.
#define ANSWER_ACTIONS 8
struct answer_set {
  struct action actions[ANSWER_ACTIONS]; // rising by kind and data
  uint8_t count, unshown;
  bool more;
};

// What the holder of a ticket gets: bits.
enum ticket_gives { TICKET_GIVES_ALLOW = 1, TICKET_GIVES_ERRNO = 2, TICKET_GIVES_OTHER = 4 };

// Arguments of `region` get `answer`. Regions do not meet, and together they are all there is.
#define REGIONS_MAX 32
struct region {
  diagram_t region; // DIAGRAM_TRUE where it is
  struct answer_set answer;
};

struct run {
  struct region regions[REGIONS_MAX];
  size_t count;     // at least 1
  unsigned tickets; // set of enum ticket_gives
  // The run is the same for all numbers from this one up to the one before number_edge, and for all architectures up to
  // the one before arch_edge.
  uint64_t number_edge, arch_edge;
};

struct symbolic; // large
// For a program that program_acceptable() accepts, borrowed. The caller owns it. NULL when memory is out.
struct symbolic *symbolic_new(const struct program *program);
void symbolic_free(struct symbolic *symbolic);
// Where the regions of the last run are.
struct diagram_store *symbolic_store(struct symbolic *symbolic);
// What runs leave there fills it in the end. If it is full, forgets all of it and returns true: it is worth while to
// run again.
bool symbolic_forget(struct symbolic *symbolic);

// Never fails: past what one run, or all runs of one program, may cost, it knows less of the arguments (one region,
// with UNSHOWN_ARGUMENTS) and in the end nothing. May forget the diagrams of the runs before.
void symbolic_run(struct symbolic *symbolic, uint32_t arch, uint32_t number, struct run *out);
// The same, looking at no argument: one region.
void symbolic_run_coarse(struct symbolic *symbolic, uint32_t arch, uint32_t number, struct run *out);

// Adds to a set; `b` into `a`.
void answer_add(struct answer_set *set, struct action action);
void answer_join(struct answer_set *a, const struct answer_set *b);
bool answer_equal(const struct answer_set *a, const struct answer_set *b);
#endif
