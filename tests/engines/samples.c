// SPDX-License-Identifier: LGPL-2.1-or-later
// samples.c - collects what filters and a policy ask about, and crosses it.
#include "tests/engines/samples.h"
#include "runner/compile.h"
#include "runner/verify.h"
#include <stdlib.h>
#include <string.h>

#define NUMBERS 1024 // looked at one by one
#define CROSSED_MAX (1 << 22)

static bool
add_candidate(void *context, const struct candidate *candidate) {
  struct samples *samples = context;
  struct predicates *predicates = &samples->predicates;
  const struct rule *rule = candidate->rule;
  const char *wrong = NULL;
  if (candidate->chosen)
    wrong = predicates_add(predicates, SAMPLE_ARGUMENTS, candidate->choice_mask, candidate->choice);
  for (uint32_t i = 0; i < rule->test_count && !candidate->tests_hidden && wrong == NULL; i++) {
    const struct test *test = &samples->policy->tests[rule->first_test + i];
    size_t low = SAMPLE_ARGUMENTS + 2 * (size_t)test->argument;
    wrong = predicates_add(predicates, low, (uint32_t)test->mask, (uint32_t)test->value);
    if (test->width != 32 && wrong == NULL)
      wrong = predicates_add(predicates, low + 1, (uint32_t)(test->mask >> 32), (uint32_t)(test->value >> 32));
  }
  return wrong == NULL;
}

static const char *
predicates_find(struct samples *samples, uint32_t arch, uint32_t number) {
  enum abi abi = abi_of(arch, number);
  const char *wrong = NULL;
  memset(samples->predicates.counts, 0, sizeof samples->predicates.counts);
  for (size_t set = 0; set < SAMPLES_SETS && samples->sets[set] != NULL; set++)
    for (size_t i = 0; i < samples->sets[set]->count && wrong == NULL; i++)
      wrong = predicates_add_program(&samples->predicates, &samples->sets[set]->items[i], arch, number);
  if (abi != ABI_NONE)
    for (size_t i = 0; i < samples->policy->layer_count; i++)
      policy_candidates(samples->policy, &samples->policy->layers[i], abi, number, add_candidate, samples);
  for (size_t word = 0; word < SAMPLE_WORDS; word++)
    if (samples->predicates.counts[word] == PREDICATES_MAX)
      wrong = "asks too much about one argument";
  return wrong;
}

// The words that anybody asks about, and how many points each has.
struct crossing {
  size_t words[SAMPLE_WORDS], counts[SAMPLE_WORDS], used, points;
};

static const char *
crossing_find(struct samples *samples, bool halves, struct crossing *crossing) {
  struct predicates *predicates = &samples->predicates;
  *crossing = (struct crossing){.points = 1};
  for (size_t word = SAMPLE_ARGUMENTS; word < SAMPLE_WORDS; word++) {
    if (predicates->counts[word] == 0 || (halves && word % 2 == 1))
      continue;
    size_t count = atoms_find(predicates->items[word], predicates->counts[word], samples->atoms[word], ATOMS_MAX);
    crossing->words[crossing->used] = word;
    crossing->counts[crossing->used++] = count;
    crossing->points *= count;
    if (crossing->points == 0 || crossing->points > CROSSED_MAX)
      return "asks too much about one call";
  }
  return NULL;
}

const char *
samples_visit(struct samples *samples, uint32_t arch, uint32_t number,
              void (*visit)(void *context, const struct seccomp_data *data), void *context) {
  struct seccomp_data data = {.nr = (int)number, .arch = arch};
  size_t at[SAMPLE_WORDS] = {0};
  struct crossing crossing;
  const char *wrong = predicates_find(samples, arch, number);
  if (wrong == NULL)
    wrong = crossing_find(samples, abi_of(arch, number) == ABI_I386, &crossing);
  for (size_t point = 0; wrong == NULL && point < crossing.points; point++) {
    for (size_t i = 0; i < crossing.used; i++)
      memcpy((char *)&data + crossing.words[i] * sizeof(uint32_t), &samples->atoms[crossing.words[i]][at[i]],
             sizeof(uint32_t));
    visit(context, &data);
    for (size_t i = 0; i < crossing.used && ++at[i] == crossing.counts[i]; i++)
      at[i] = 0;
  }
  return wrong;
}

static int
number_order(const void *a, const void *b) {
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

static void
constants_sort(struct constants *constants) {
  size_t kept = 0;
  qsort(constants->items, constants->count, sizeof constants->items[0], number_order);
  for (size_t i = 0; i < constants->count; i++)
    if (kept == 0 || constants->items[kept - 1] != constants->items[i])
      constants->items[kept++] = constants->items[i];
  constants->count = kept;
}

static const char *
usual_add(struct samples *samples) {
  static const uint32_t borders[] = {X32_BIT, 0x80000000u, UINT32_MAX};
  static const uint32_t some_arches[] = {ARCH_WORD_X86_64, ARCH_WORD_I386, 0xc00000b7u, 0x80000016u, 0};
  const char *wrong = NULL;
  for (uint32_t number = 1; number < NUMBERS && wrong == NULL; number += 3) {
    wrong = constants_add(&samples->numbers, number);
    if (wrong == NULL)
      wrong = constants_add(&samples->numbers, number | X32_BIT);
  }
  for (size_t i = 0; i < sizeof borders / sizeof borders[0] && wrong == NULL; i++)
    wrong = constants_add(&samples->numbers, borders[i]);
  for (size_t i = 0; i < sizeof some_arches / sizeof some_arches[0] && wrong == NULL; i++)
    wrong = constants_add(&samples->arches, some_arches[i]);
  return wrong;
}

// scrun's program, which the verifier finds equal to the policy.
static const char *
program_add(struct samples *samples) {
  static struct program ours;
  struct error e;
  if (program_compile(samples->policy, PROGRAM_LAUNCH, &ours, &e) != 0
      || program_verify(&ours, PROGRAM_LAUNCH, samples->policy, &e) != 0)
    return "cannot be compiled by scrun";
  return constants_add_program(&samples->numbers, &samples->arches, &ours);
}

const char *
samples_collect(struct samples *samples) {
  const char *wrong = program_add(samples);
  for (size_t set = 0; set < SAMPLES_SETS && samples->sets[set] != NULL; set++)
    for (size_t i = 0; i < samples->sets[set]->count && wrong == NULL; i++)
      wrong = constants_add_program(&samples->numbers, &samples->arches, &samples->sets[set]->items[i]);
  if (wrong == NULL)
    wrong = usual_add(samples);
  constants_sort(&samples->numbers);
  constants_sort(&samples->arches);
  return wrong;
}
