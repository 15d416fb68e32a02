// SPDX-License-Identifier: LGPL-2.1-or-later
// compare_container.c - holds the filters of a process in a container against what the engine installs without scrun
// and the policy that was asked for.
//
//     compare_container payload|exec POLICY ENGINE_FILTERS|- FILTERS
//
// POLICY is a policy file; both FILTERS are what readback wrote, "-" for a container without a filter. Of a payload
// each call has to get the stricter of both answers, of equally strict ones the policy's. Of a process that `exec`
// brought in it may be wider than that, by what the runtime needs itself, but never wider than the engine's. Prints
// "same", or a line for each call that gets something else, which says what was expected and what is so:
//     opened x86-64 capset: errno EPERM, allow
// WIDER    the engine's own filter refuses it      narrower   only now it is refused
// opened   the policy refuses it                   otherwise  refused or allowed in another way
// unknown  refused, and libseccomp, by which engines make filters, has no such name
// Each call is also tried with the exec ticket, which the filters tell; where that makes a difference there is a line
//     ticket x86-64 execve
// Exit status: 0 if the comparison was made, otherwise 2.
#include "runner/policy_load.h"
#include "runner/ticket.h"
#include "tests/engines/samples.h"
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { SAME, TICKET, UNKNOWN, OTHERWISE, NARROWER, OPENED, WIDER, KINDS };
static const char *const kind_words[] = {"same", "ticket", "unknown", "otherwise", "narrower", "opened", "WIDER"};

// What was found of one number; of each kind the first pair of answers.
struct finding {
  bool found[KINDS];
  struct action expected[KINDS], got[KINDS];
};

static struct policy *policy;
static struct filters engine, filters, plain;
static struct samples samples;
static struct ticket ticket;
static bool has_ticket;
static size_t differences, points;

_Noreturn static void
die(const char *what, const char *name) {
  fprintf(stderr, "compare_container: %s: %s\n", name, what);
  exit(2);
}

static void
insist(const char *wrong, const char *name) {
  if (wrong != NULL)
    die(wrong, name);
}

static struct policy *
policy_of(const char *path) {
  static struct policy_request request;
  static struct diags diags;
  struct error e;
  struct policy *out = NULL;
  if (policy_take_profile(&request, path, &e) != 0 || policy_load(&request, &out, &diags) != 0)
    die("is no policy", path);
  return out;
}

// Finds the one ticket of the filters, if one of them has it. What is asked of arguments is then looked for in `plain`,
// where a jump over each template stands for it.
static void
tickets_hide(void) {
  plain = filters;
  for (size_t i = 0; i < plain.count; i++) {
    struct program *program = &plain.items[i];
    for (size_t at = 0; at < program->length; at++) {
      struct ticket found;
      enum ticket_form form;
      size_t length = ticket_at(&filters.items[i], at, &found, &form);
      if (length == 0)
        continue;
      program->code[at] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)length - 1);
      has_ticket = true;
      ticket = found;
    }
  }
}

static struct action
decide(const struct filters *all, const struct seccomp_data *data) {
  struct action action;
  if (!filters_decide(all, data, &action))
    die("gives what is no action", "a filter");
  return action;
}

static bool
is_unknown(const struct seccomp_data *data) {
  enum abi abi = abi_of(data->arch, (uint32_t)data->nr);
  call_t call = abi == ABI_NONE ? CALL_NONE : calls_at(abi, (uint32_t)data->nr);
  return call != CALL_NONE && seccomp_syscall_resolve_name(calls_name(call)) == __NR_SCMP_ERROR;
}

static enum kind
kind_of(const struct seccomp_data *data, struct action theirs, struct action expected, struct action got) {
  if (action_equal(expected, got))
    return SAME;
  if (!action_refuses(got) && action_refuses(expected))
    return action_refuses(theirs) ? WIDER : OPENED;
  if (is_unknown(data))
    return UNKNOWN;
  return action_refuses(got) && !action_refuses(expected) ? NARROWER : OTHERWISE;
}

static void
point_compare(void *context, const struct seccomp_data *data) {
  struct finding *finding = context;
  uint32_t number = (uint32_t)data->nr;
  uint64_t args[6];
  for (size_t i = 0; i < 6; i++)
    args[i] = data->args[i];
  struct action theirs = decide(&engine, data), got = decide(&filters, data);
  struct action ours = policy_decide(policy, abi_of(data->arch, number), number, args).action;
  struct action expected = action_stricter(ours, theirs);
  enum kind kind = kind_of(data, theirs, expected, got);
  points++;
  if (finding->found[kind])
    return;
  finding->found[kind] = true;
  finding->expected[kind] = expected;
  finding->got[kind] = got;
}

static void
call_print(uint32_t arch, uint32_t number) {
  enum abi abi = abi_of(arch, number);
  call_t call = abi == ABI_NONE ? CALL_NONE : calls_at(abi, number);
  if (abi == ABI_NONE)
    printf("0x%08x ", arch);
  else
    printf("%s ", abi_name(abi));
  if (call == CALL_NONE)
    printf("%u", number);
  else
    printf("%s", calls_name(call));
}

static void
finding_print(uint32_t arch, uint32_t number, const struct finding *finding) {
  for (enum kind kind = TICKET; kind < KINDS; kind++) {
    char expected[64], got[64];
    if (!finding->found[kind])
      continue;
    printf("%s ", kind_words[kind]);
    call_print(arch, number);
    if (kind != TICKET)
      printf(": %s, %s", action_describe(finding->expected[kind], expected, sizeof expected),
             action_describe(finding->got[kind], got, sizeof got));
    putchar('\n');
    differences++;
  }
}

// With the ticket in its arguments, and nothing else.
static void
ticket_compare(uint32_t arch, uint32_t number, struct finding *finding) {
  struct seccomp_data data = {.nr = (int)number, .arch = arch};
  struct finding ticketed = {0};
  data.args[4] = (uint64_t)ticket.words[1] << 32 | ticket.words[0];
  data.args[5] = (uint64_t)ticket.words[3] << 32 | ticket.words[2];
  if (!has_ticket)
    return;
  point_compare(&ticketed, &data);
  for (enum kind kind = TICKET; kind < KINDS; kind++)
    finding->found[TICKET] |= ticketed.found[kind] && !finding->found[kind];
}

static bool
action_pairs_equal(const struct finding *a, const struct finding *b) {
  for (enum kind kind = TICKET; kind < KINDS; kind++)
    if (a->found[kind] != b->found[kind]
        || (a->found[kind]
            && (!action_equal(a->expected[kind], b->expected[kind]) || !action_equal(a->got[kind], b->got[kind]))))
      return false;
  return true;
}

// Of numbers in a row that have no name and the same findings only the first is printed.
static void
arch_compare(uint32_t arch) {
  struct finding before = {0};
  for (size_t i = 0; i < samples.numbers.count; i++) {
    uint32_t number = samples.numbers.items[i];
    enum abi abi = abi_of(arch, number);
    struct finding finding = {0};
    insist(samples_visit(&samples, arch, number, point_compare, &finding), "the filters or the policy");
    ticket_compare(arch, number, &finding);
    bool named = abi != ABI_NONE && calls_at(abi, number) != CALL_NONE;
    if (named || i == 0 || !action_pairs_equal(&finding, &before))
      finding_print(arch, number, &finding);
    before = finding;
  }
}

int
main(int argc, char **argv) {
  bool payload = argc == 5 && strcmp(argv[1], "payload") == 0;
  if (argc != 5 || (!payload && strcmp(argv[1], "exec") != 0))
    die("compare_container payload|exec POLICY ENGINE_FILTERS|- FILTERS", "usage");
  policy = policy_of(argv[2]);
  if (strcmp(argv[3], "-") != 0)
    insist(filters_read(&engine, argv[3]), argv[3]);
  insist(filters_read(&filters, argv[4]), argv[4]);
  tickets_hide();
  if (has_ticket && !payload)
    die("has a ticket", argv[4]);
  samples.policy = policy;
  samples.sets[0] = &engine;
  samples.sets[1] = &plain;
  insist(samples_collect(&samples), "the filters or the policy");
  for (size_t i = 0; i < samples.arches.count; i++)
    arch_compare(samples.arches.items[i]);
  if (differences == 0)
    puts("same");
  fprintf(stderr, "compare_container: %zu and %zu filters, %zu points\n", engine.count, filters.count, points);
  policy_free(policy);
  return 0;
}
