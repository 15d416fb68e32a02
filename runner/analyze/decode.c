// SPDX-License-Identifier: LGPL-2.1-or-later
// decode.c - sweeps through architectures and numbers: each run says up to where it is the same.
#include "runner/analyze/decode.h"
#include "compat/array.h"
#include "runner/simulate.h"
#include <stdlib.h>

#define END ((uint64_t)UINT32_MAX + 1)

// Calls whose rules cannot be shown, or only after much work; past this, no rules are made any more.
enum { FAILURES_MAX = 6 };

struct sweep {
  struct symbolic *symbolic;
  struct decoded *out;
  unsigned failures;
};

static bool
outcome_equal(const struct outcome *a, const struct outcome *b) {
  if ((a->cases == NULL) != (b->cases == NULL))
    return false;
  return a->cases == NULL ? answer_equal(&a->answer, &b->answer) : cases_equal(a->cases, b->cases);
}

// The one that is equal, or a new one. False when memory is out.
static bool
outcome_keep(struct decoded *out, const struct outcome *outcome, uint32_t *index) {
  for (*index = 0; *index < out->outcome_count; (*index)++)
    if (outcome_equal(&out->outcomes[*index], outcome))
      return true;
  struct outcome *outcomes =
      array_grow(out->outcomes, &out->outcome_room, out->outcome_count + 1, 16, sizeof *outcomes);
  if (outcomes == NULL)
    return false;
  out->outcomes = outcomes;
  struct outcome *kept = &outcomes[out->outcome_count];
  *kept = *outcome;
  if (outcome->cases != NULL) {
    kept->cases = malloc(sizeof *kept->cases);
    if (kept->cases == NULL)
      return false;
    *kept->cases = *outcome->cases;
  }
  out->outcome_count++;
  return true;
}

static bool
range_add(struct decoded *out, struct decoded_range range, size_t first) {
  struct decoded_range *last = out->range_count > first ? &out->ranges[out->range_count - 1] : NULL;
  if (last != NULL && last->outcome == range.outcome && last->tickets == range.tickets) {
    last->last = range.last;
    return true;
  }
  struct decoded_range *ranges = array_grow(out->ranges, &out->range_room, out->range_count + 1, 64, sizeof *ranges);
  if (ranges == NULL)
    return false;
  out->ranges = ranges;
  out->ranges[out->range_count++] = range;
  return true;
}

// Rules where there are several regions that can be told as rules.
static bool
outcome_of(struct sweep *sweep, uint32_t arch, uint32_t number, struct run *run, uint32_t *index) {
  static struct cases cases;
  struct outcome outcome = {.cases = NULL};
  uint64_t number_edge = run->number_edge, arch_edge = run->arch_edge;
  bool tried = run->count > 1 && sweep->failures < FAILURES_MAX;
  bool made = tried && cases_make(symbolic_store(sweep->symbolic), run, &cases);
  if (tried && !made && symbolic_forget(sweep->symbolic)) {
    symbolic_run(sweep->symbolic, arch, number, run);
    made = run->count > 1 && cases_make(symbolic_store(sweep->symbolic), run, &cases);
  }
  sweep->failures += tried && !made;
  if (made) {
    outcome.cases = &cases;
  } else if (run->count > 1) {
    unsigned tickets = run->tickets;
    symbolic_run_coarse(sweep->symbolic, arch, number, run);
    run->tickets = tickets;
    run->number_edge = run->number_edge < number_edge ? run->number_edge : number_edge;
    run->arch_edge = run->arch_edge < arch_edge ? run->arch_edge : arch_edge;
  }
  outcome.answer = run->regions[0].answer;
  return outcome_keep(sweep->out, &outcome, index);
}

static const struct answer_set not_known = {.unshown = UNSHOWN_NUMBER, .more = true};

static bool
sweep_numbers(struct sweep *sweep, uint32_t arch, uint64_t *arch_edge) {
  static struct run run;
  struct decoded *out = sweep->out;
  size_t first = out->range_count, runs = 0;
  *arch_edge = END;
  for (uint64_t number = 0; number < END;) {
    struct decoded_range range = {.first = (uint32_t)number, .last = UINT32_MAX};
    uint64_t end = END;
    if (runs++ < DECODED_RANGES_MAX) {
      symbolic_run(sweep->symbolic, arch, (uint32_t)number, &run);
      if (!outcome_of(sweep, arch, (uint32_t)number, &run, &range.outcome))
        return false;
      range.tickets = (uint8_t)run.tickets;
      end = run.number_edge;
      *arch_edge = run.arch_edge < *arch_edge ? run.arch_edge : *arch_edge;
    } else if (!outcome_keep(out, &(struct outcome){.answer = not_known}, &range.outcome)) {
      return false;
    }
    range.last = (uint32_t)(end - 1);
    if (!range_add(out, range, first))
      return false;
    number = end;
  }
  return true;
}

// Where the next architecture begins that has to be looked at for itself.
static uint64_t
next_arch(uint64_t arch, uint64_t edge) {
  static const uint64_t own[] = {ARCH_WORD_I386, ARCH_WORD_I386 + 1, ARCH_WORD_X86_64, ARCH_WORD_X86_64 + (uint64_t)1};
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
    if (own[i] > arch && own[i] < edge)
      return own[i];
  return edge;
}

static bool
same_ranges(const struct decoded *decoded, const struct decoded_arch *a, const struct decoded_arch *b) {
  if (a->range_count != b->range_count)
    return false;
  for (size_t i = 0; i < a->range_count; i++) {
    const struct decoded_range *x = &decoded->ranges[a->first_range + i], *y = &decoded->ranges[b->first_range + i];
    if (x->first != y->first || x->last != y->last || x->outcome != y->outcome || x->tickets != y->tickets)
      return false;
  }
  return true;
}

static bool
is_own(uint32_t arch) {
  return arch == ARCH_WORD_X86_64 || arch == ARCH_WORD_I386;
}

// Foreign ones in a row that are the same become one.
static bool
arch_add(struct decoded *out, struct decoded_arch arch) {
  struct decoded_arch *last = out->arch_count > 0 ? &out->arches[out->arch_count - 1] : NULL;
  if (last != NULL && !is_own(last->arch) && !is_own(arch.arch) && same_ranges(out, last, &arch)) {
    last->arch_last = arch.arch_last;
    out->range_count = arch.first_range;
    return true;
  }
  struct decoded_arch *arches = array_grow(out->arches, &out->arch_room, out->arch_count + 1, 8, sizeof *arches);
  if (arches == NULL)
    return false;
  out->arches = arches;
  out->arches[out->arch_count++] = arch;
  return true;
}

// Past the bound, foreign ones are lumped together as not known.
static bool
sweep_foreign_rest(struct sweep *sweep) {
  struct decoded_range range = {.first = 0, .last = UINT32_MAX};
  return outcome_keep(sweep->out, &(struct outcome){.answer = not_known}, &range.outcome)
         && range_add(sweep->out, range, sweep->out->range_count);
}

static bool
sweep_arches(struct sweep *sweep) {
  struct decoded *out = sweep->out;
  size_t runs = 0;
  for (uint64_t arch = 0; arch < END;) {
    struct decoded_arch now = {.arch = (uint32_t)arch, .first_range = out->range_count};
    uint64_t edge = END;
    bool lumped = runs++ >= DECODED_ARCHES_MAX && !is_own(now.arch);
    if (lumped ? !sweep_foreign_rest(sweep) : !sweep_numbers(sweep, now.arch, &edge))
      return false;
    arch = is_own(now.arch) ? arch + 1 : next_arch(arch, edge);
    now.arch_last = (uint32_t)(arch - 1);
    now.range_count = out->range_count - now.first_range;
    if (!arch_add(out, now))
      return false;
  }
  return true;
}

int
decode(const struct program *program, struct decoded *out, struct error *e) {
  *out = (struct decoded){.arch_count = 0};
  if (program_acceptable(program) != 0)
    return error_plain(e, ERROR_SECCOMP, "this is no seccomp filter");
  struct sweep sweep = {.symbolic = symbolic_new(program), .out = out};
  bool done = sweep.symbolic != NULL && sweep_arches(&sweep);
  symbolic_free(sweep.symbolic);
  return done ? 0 : error_memory(e, ERROR_SECCOMP);
}

void
decoded_clear(struct decoded *decoded) {
  for (size_t i = 0; i < decoded->outcome_count; i++)
    free(decoded->outcomes[i].cases);
  free(decoded->outcomes);
  free(decoded->ranges);
  free(decoded->arches);
  *decoded = (struct decoded){.arch_count = 0};
}

const struct decoded_range *
decoded_at(const struct decoded *decoded, uint32_t arch, uint32_t number) {
  size_t i = 0;
  while (decoded->arches[i].arch_last < arch)
    i++;
  const struct decoded_range *range = &decoded->ranges[decoded->arches[i].first_range];
  while (range->last < number)
    range++;
  return range;
}

const struct answer_set *
decoded_decide(const struct decoded *decoded, uint32_t arch, uint32_t number, const uint64_t args[6]) {
  const struct outcome *outcome = &decoded->outcomes[decoded_at(decoded, arch, number)->outcome];
  return outcome->cases != NULL ? cases_decide(outcome->cases, args) : &outcome->answer;
}
