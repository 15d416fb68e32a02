// SPDX-License-Identifier: LGPL-2.1-or-later
// test.c - what happens to one call, asked of the policy and of the finished program.
#include "runner/analyze/answer.h"
#include "compat/arguments.h"
#include "compat/number.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include <stdio.h>
#include <string.h>

// Every ABI directly, and x86 through a multiplexer too.
#define WAYS_MAX (ABI_COUNT + 1)

struct question {
  const char *name; // of the call, or the number as it was given
  uint64_t args[6];
  struct answer ways[WAYS_MAX]; // the first one is what was asked for; the others are mentioned where they differ
  size_t count;
};

// One word of an argument: a number, "-1" being what it is in C, all bits set, or a constant's name.
static bool
read_term(const char *text, size_t length, uint64_t *out) {
  bool negative = length > 0 && text[0] == '-';
  if (constant_find(text, length, out))
    return true;
  if (!number_read(text + negative, length - negative, NUMBER_PLAIN, negative ? (uint64_t)1 << 63 : UINT64_MAX, out))
    return false;
  if (negative)
    *out = 0 - *out;
  return true;
}

// "O_RDWR|O_CREAT"
static bool
read_argument(const char *text, uint64_t *out) {
  *out = 0;
  for (;;) {
    uint64_t term;
    size_t length = strcspn(text, "|");
    if (!read_term(text, length, &term))
      return false;
    *out |= term;
    if (text[length] == '\0')
      return true;
    text += length + 1;
  }
}

static int
read_arguments(struct question *question, char **arguments, int count) {
  if (count > 6)
    return report(TOOL, "a system call has at most 6 arguments, not %d", count);
  for (int i = 0; i < count; i++)
    if (!read_argument(arguments[i], &question->args[i]))
      return report(TOOL, "argument %d: \"%s\" is no number (decimal or 0x..., with - in front or without) or constant",
                    i, shown(arguments[i]).text);
  return 0;
}

// The native ABI comes first: it has the lowest number.
static void
collect_ways(struct question *question, call_t call, enum abi only) {
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    if (only != ABI_NONE && only != abi)
      continue;
    question->count += answer_direct(&question->ways[question->count], call, abi);
    question->count += answer_through(&question->ways[question->count], call, abi);
  }
}

static int
find_name(struct question *question, const char *name, enum abi only) {
  call_t call = calls_find(name, strlen(name));
  if (call == CALL_NONE) {
    report(TOOL, "unknown system call \"%s\"", shown(name).text);
    return report_suggestion(TOOL, calls_suggest(name, strlen(name)));
  }
  question->name = name;
  collect_ways(question, call, only);
  if (question->count > 0)
    return 0;
  if (only != ABI_NONE)
    return report(TOOL, "%s has no system call \"%s\"", abi_name(only), name);
  return report(TOOL, "no ABI of this machine has the system call \"%s\"", name);
}

// A number that no call has means just itself, on every ABI: a newer kernel may have a call there.
static void
add_bare_number(struct question *question, uint32_t number, enum abi only) {
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if (only == ABI_NONE || only == abi)
      question->ways[question->count++] =
          (struct answer){.abi = abi, .number = number | (abi == ABI_X32 ? X32_BIT : 0)};
}

static int
find_number(struct question *question, const char *text, enum abi only) {
  enum abi abi = only == ABI_NONE ? ABI_NATIVE : only;
  uint64_t number;
  if (!number_read(text, strlen(text), NUMBER_PLAIN, 2 * (uint64_t)X32_BIT - 1, &number))
    return report(TOOL, "\"%s\" is no system call number", shown(text).text);
  if (number >= X32_BIT && abi != ABI_X32)
    return report(TOOL, "%s: numbers with the bit 0x40000000 are x32's: say --abi=x32", shown(text).text);
  number &= ~(uint64_t)X32_BIT;
  call_t call = calls_at(abi, (uint32_t)number | (abi == ABI_X32 ? X32_BIT : 0));
  if (call != CALL_NONE)
    return find_name(question, calls_name(call), only);
  question->name = text;
  add_bare_number(question, (uint32_t)number, only);
  return 0;
}

// The program on one call that does not hold the ticket: its words differ from what the call has there.
static int
check_program(const struct question *question, const struct answer *way, const struct program *verified) {
  static struct program program;
  struct ticket ticket = {.words = {~(uint32_t)way->args[4], 1, 1, 1}, .probe_errno = 1};
  struct seccomp_data data = {.nr = (int)way->number, .arch = abi_arch_word(way->abi)};
  struct error e;
  uint32_t value;
  memcpy(data.args, way->args, sizeof data.args);
  program = *verified;
  if (ticket_fill(&program, &ticket, NULL, &e) != 0)
    return report_error(TOOL, &e);
  if (program_simulate(&program, &data, &value, NULL) != 0)
    return report(TOOL, "internal error: the kernel would not take the program; please report this");
  if (value == action_to_return(way->decision.action))
    return 0;
  return report(
      TOOL, "internal error: for %s on %s the program returns 0x%08x, but the policy says 0x%08x; please report this",
      question->name, abi_name(way->abi), value, action_to_return(way->decision.action));
}

static void
print_answer(const struct question *question, const struct answer *way, const struct policy *policy,
             const struct analyze_line *line) {
  char action[ACTION_BYTES];
  fputs(question->name, stdout);
  if (way->abi != ABI_NATIVE || line->abi != ABI_NONE)
    printf(" on %s", abi_name(way->abi));
  if (way->through != NULL)
    printf(" through %s", calls_name(way->through->call));
  answer_action(way, policy, action);
  if (action_refuses(way->decision.action))
    printf(": refused: %s (", action);
  else if (way->decision.action.kind == ACTION_ALLOW)
    printf(": allowed (");
  else
    printf(": allowed: %s (", action);
  answer_print_origin(way, policy, line);
  puts(")");
}

static int
answer_question(struct question *question, const struct policy *policy, const struct program *program,
                const struct analyze_line *line) {
  struct answer *asked = &question->ways[0];
  for (size_t i = 0; i < question->count; i++) {
    struct answer *way = &question->ways[i];
    answer_decide(way, policy, question->args);
    if (check_program(question, way, program) != 0)
      return STATUS_UNUSABLE;
    if (i == 0 || !action_equal(way->decision.action, asked->decision.action))
      print_answer(question, way, policy, line);
  }
  return action_refuses(asked->decision.action) ? STATUS_REFUSED : STATUS_ALLOWED;
}

int
verb_test(struct analyze_line *line) {
  static struct program program;
  struct question question = {.name = NULL};
  struct policy *policy;
  if (line->argument_count == 0)
    return report(TOOL, "test what? give a system call; see --help");
  const char *call = line->arguments[0];
  bool is_number = call[0] >= '0' && call[0] <= '9';
  if (read_arguments(&question, line->arguments + 1, line->argument_count - 1) != 0
      || (is_number ? find_number : find_name)(&question, call, line->abi) != 0)
    return STATUS_UNUSABLE;
  line->argument_count = 0; // none of them is a policy
  if (load_verified(line, &policy, &program) != 0)
    return STATUS_UNUSABLE;
  int status = answer_question(&question, policy, &program, line);
  policy_free(policy);
  return status;
}
