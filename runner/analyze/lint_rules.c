// SPDX-License-Identifier: LGPL-2.1-or-later
// lint_rules.c - tests that are none, and comparisons of more bits than the kernel reads.
#include "compat/arguments.h"
#include "runner/analyze/condition.h"
#include "runner/analyze/lint.h"
#include "runner/policy_load.h"
#include <stdlib.h>
#include <string.h>

// What was seen of a rule, over all numbers, ABIs and points.
enum {
  SEEN_LISTED = 1, // some number of a covered ABI has it
  SEEN_HOLDS = 2,  // its tests hold somewhere
  SEEN_FAILS = 4,  // and fail somewhere
};

struct rules {
  struct lint *lint;
  const struct policy *policy;
  uint8_t *seen;                // for each rule
  struct candidate *candidates; // of one number
  size_t count;
  enum abi abi;
  uint32_t number;
  uint64_t told[CALLS_MAX / 64]; // calls whose high bits were reported
};

static size_t
rule_index(const struct rules *rules, const struct rule *rule) {
  return (size_t)(rule - rules->policy->rules);
}

static bool
list_candidate(void *context, const struct candidate *candidate) {
  struct rules *rules = context;
  rules->seen[rule_index(rules, candidate->rule)] |= SEEN_LISTED;
  rules->candidates[rules->count++] = *candidate; // a rule is a candidate once at most
  return true;
}

static void
list_number(struct rules *rules) {
  rules->count = 0;
  for (size_t i = 0; i < rules->policy->layer_count; i++)
    policy_candidates(rules->policy, &rules->policy->layers[i], rules->abi, rules->number, list_candidate, rules);
}

static void
look_at_point(struct rules *rules, const uint64_t args[6]) {
  for (size_t i = 0; i < rules->count; i++) {
    const struct candidate *candidate = &rules->candidates[i];
    if (candidate->chosen && ((uint32_t)args[0] & candidate->choice_mask) != candidate->choice)
      continue;
    bool holds = candidate->tests_hidden || policy_rule_holds(rules->policy, candidate->rule, args);
    rules->seen[rule_index(rules, candidate->rule)] |= (uint8_t)(holds ? SEEN_HOLDS : SEEN_FAILS);
  }
}

// Arguments of which the kernel reads only the low bits.

// How many bits of a register the kernel reads, and whether a negative number is sign extended by who passes it. Of
// x86's registers nobody looks at more than 32 (policy_decide()).
static unsigned
bits_read(enum abi abi, call_t call, size_t place, bool *is_signed) {
  size_t count = 0;
  const struct argument *arguments = call == CALL_NONE ? NULL : arguments_of(call, &count);
  unsigned bits = abi == ABI_I386 ? 32 : 64;
  *is_signed = false;
  for (size_t i = 0; i < count; i++) {
    if ((abi == ABI_I386 ? arguments[i].place_i386 : arguments[i].place) != (int)place)
      continue;
    *is_signed = arguments[i].is_signed;
    bits = arguments[i].bits < bits ? arguments[i].bits : bits;
  }
  return bits;
}

static uint64_t
sign_extended(uint64_t value, unsigned bits) {
  uint64_t sign = (uint64_t)1 << (bits - 1);
  return ((value & (2 * sign - 1)) ^ sign) - sign;
}

// The arguments as an honest program would pass what the kernel reads. Returns whether that makes a difference.
static bool
arguments_as_read(const struct rules *rules, const uint64_t args[6], bool extend, uint64_t out[6]) {
  call_t call = calls_at(rules->abi, rules->number);
  bool differs = false;
  for (size_t i = 0; i < 6; i++) {
    bool is_signed;
    unsigned bits = bits_read(rules->abi, call, i, &is_signed);
    out[i] = args[i];
    if (bits == 64)
      continue;
    uint64_t low = args[i] & (((uint64_t)1 << bits) - 1), extended = sign_extended(args[i], bits);
    if (args[i] == low || (is_signed && args[i] == extended))
      continue;
    out[i] = extend && is_signed && rules->abi != ABI_I386 ? extended : low;
    differs = true;
  }
  return differs;
}

static bool
was_told(struct rules *rules) {
  call_t call = calls_at(rules->abi, rules->number);
  if (call == CALL_NONE)
    return false;
  bool told = (rules->told[call / 64] >> (call % 64) & 1) != 0;
  rules->told[call / 64] |= (uint64_t)1 << (call % 64);
  return told;
}

static void
report_high_bits(struct rules *rules, const uint64_t args[6], const struct decision *allowed,
                 const struct decision *refused, const uint64_t read[6]) {
  struct difference passes = {.abi = rules->abi, .number = rules->number}, reads = passes;
  char passes_text[EXAMPLE_BYTES], reads_text[EXAMPLE_BYTES];
  if (was_told(rules))
    return;
  memcpy(passes.args, args, sizeof passes.args);
  memcpy(reads.args, read, sizeof reads.args);
  lint_add(rules->lint,
           refused->rule != NULL   ? refused->rule->at
           : allowed->rule != NULL ? allowed->rule->at
                                   : (struct source_pos){0},
           "high-bits",
           lint_advice(rules->lint, "compare what the kernel reads: the argument by name",
                       "compare what the kernel reads: SCMP_CMP_MASKED_EQ with the mask 4294967295"),
           "%s is allowed%s, and the kernel reads it as %s, which is refused", condition_example(&passes, passes_text),
           rules->abi == ABI_I386  ? " on x86"
           : rules->abi == ABI_X32 ? " on x32"
                                   : "",
           condition_example(&reads, reads_text));
}

// Returns true when there is something to tell: one example of a number is enough.
static bool
look_at_high_bits(struct rules *rules, const uint64_t args[6]) {
  struct decision decision = policy_decide(rules->policy, rules->abi, rules->number, args);
  if (action_refuses(decision.action))
    return false;
  for (int extend = 0; extend < 2; extend++) {
    uint64_t read[6];
    if (!arguments_as_read(rules, args, extend == 1, read))
      return false;
    struct decision as_read = policy_decide(rules->policy, rules->abi, rules->number, read);
    if (!action_refuses(as_read.action))
      continue;
    report_high_bits(rules, args, &decision, &as_read, read);
    return true;
  }
  return false;
}

static void
look_at_number(struct rules *rules) {
  struct points *points = &rules->lint->points;
  uint32_t words[POINT_WORDS];
  uint64_t args[6];
  bool told = rules->policy->test_count == 0;
  struct error e;
  list_number(rules);
  points_clear(points);
  points_add_policy(points, rules->policy, rules->abi, rules->number);
  if (!points_first(points, words)) {
    (void)error_plain(&e, ERROR_POLICY, "call %u on %s has too many cases to look at", rules->number,
                      abi_name(rules->abi));
    lint_fail(rules->lint, &e);
    return;
  }
  do {
    points_arguments(words, args);
    look_at_point(rules, args);
    told = told || look_at_high_bits(rules, args);
  } while (points_next(points, words));
}

// Findings. One word can be many rules: what counts is whether all of them do nothing.

static int
compare_places(const void *a, const void *b) {
  const struct rule *left = *(const struct rule *const *)a, *right = *(const struct rule *const *)b;
  uintptr_t x = (uintptr_t)left->at.source, y = (uintptr_t)right->at.source;
  if (x != y)
    return x < y ? -1 : 1;
  if (left->at.offset != right->at.offset)
    return left->at.offset < right->at.offset ? -1 : 1;
  return (left > right) - (left < right);
}

static bool
is_same_word(const struct rule *a, const struct rule *b) {
  return a->at.source != NULL && a->at.source == b->at.source && a->at.offset == b->at.offset;
}

static const char *
rule_name(const struct rule *rule) {
  return rule->call == CALL_NONE ? "this number" : calls_name(rule->call);
}

static void
report_word(struct rules *rules, const struct rule *rule, unsigned seen, bool all_tested) {
  struct lint *lint = rules->lint;
  const char *remove = "take it out, or write what was meant";
  if ((seen & SEEN_LISTED) == 0)
    lint_add(lint, rule->at, "void-rule", remove, "this decides nothing: no architecture of the policy has \"%s\"",
             rule_name(rule));
  else if (all_tested && (seen & SEEN_HOLDS) == 0)
    lint_add(lint, rule->at, "test-never-holds", remove, "this decides nothing: no call of \"%s\" has such arguments",
             rule_name(rule));
  else if (all_tested && (seen & SEEN_FAILS) == 0)
    lint_add(lint, rule->at, "test-always-holds", "write the call without tests, or write what was meant",
             "the tests look at nothing: every call of \"%s\" has such arguments", rule_name(rule));
}

static void
report_words(struct rules *rules, const struct rule **order) {
  size_t count = rules->policy->rule_count, end;
  for (size_t i = 0; i < count; i++)
    order[i] = &rules->policy->rules[i];
  if (count > 1)
    qsort(order, count, sizeof(const struct rule *), compare_places);
  for (size_t first = 0; first < count; first = end) {
    unsigned seen = 0;
    bool all_tested = true;
    for (end = first; end < count && (end == first || is_same_word(order[first], order[end])); end++) {
      seen |= rules->seen[rule_index(rules, order[end])];
      all_tested &= order[end]->test_count > 0;
    }
    report_word(rules, order[first], seen, all_tested);
  }
}

static void
look_at_all(struct rules *rules) {
  for (rules->abi = ABI_X86_64; rules->abi < ABI_COUNT && !rules->lint->failed; rules->abi++) {
    size_t count;
    const uint32_t *numbers = policy_numbers(rules->policy, rules->abi, &count);
    if ((rules->policy->abis & ABI_BIT(rules->abi)) == 0)
      continue;
    for (size_t i = 0; i < count && !rules->lint->failed; i++) {
      rules->number = numbers[i];
      look_at_number(rules);
    }
  }
}

void
lint_rules(struct lint *lint) {
  struct rules rules = {.lint = lint, .policy = lint->policy};
  size_t room = lint->policy->rule_count + 1;
  const struct rule **order = calloc(room, sizeof *order);
  struct error e;
  rules.seen = calloc(room, sizeof *rules.seen);
  rules.candidates = calloc(room, sizeof *rules.candidates);
  if (order == NULL || rules.seen == NULL || rules.candidates == NULL) {
    (void)error_memory(&e, ERROR_POLICY);
    lint_fail(lint, &e);
  } else {
    look_at_all(&rules);
    if (!lint->failed)
      report_words(&rules, order);
  }
  free(order);
  free(rules.seen);
  free(rules.candidates);
}
