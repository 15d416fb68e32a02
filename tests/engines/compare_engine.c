// SPDX-License-Identifier: LGPL-2.1-or-later
// compare_engine.c - holds what scrun decides for an OCI profile against the filter that an engine installed for it.
//
//     compare_engine ENGINE PROFILE.json FILTERS|- [CAPABILITY...]
//
// FILTERS is what readback wrote; with "-" the profile is only read. Prints "ENGINE same", or a line for each stretch
// of calls that are decided differently, which says in whose favour:
//     crun x86 socketcall, sometimes: scrun errno EPERM, crun allow: narrower
// A filter of runc's that answers ENOSYS above the highest call is said in one line: "runc ENOSYS above the highest
// call". "always" is for all arguments, "WIDER" a call that scrun allows and the engine refuses. Exit status: 0 if the
// comparison was made, 1 if scrun refuses the profile, 2 if it cannot be made.
//
// Where they are compared, samples.h says.
#include "compat/kernel.h"
#include "compat/oci_read.h"
#include "tests/engines/samples.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROFILE_BYTES_MAX (1024 * 1024)
#define PAIRS_MAX 8
#define NAMES_MAX 4 // stretches up to here are printed by name

// Two different answers, and at how many points.
struct pair {
  struct action ours, theirs;
  size_t points;
};

// What became of the calls of one number.
struct outcome {
  size_t points, count;
  struct pair pairs[PAIRS_MAX];
};

// Numbers in a row with the same outcome.
struct stretch {
  uint32_t arch, first, last;
  struct outcome outcome;
};

static struct {
  const char *engine;
  const struct policy *policy;
  size_t numbers, points, differences, unknown;
} run;

static struct filters filters;
static struct samples samples;

_Noreturn static void
die(const char *what, const char *name) {
  fprintf(stderr, "compare_engine: %s: %s\n", name, what);
  exit(2);
}

static void
insist(const char *wrong, const char *name) {
  if (wrong != NULL)
    die(wrong, name);
}

static struct source
source_read(const char *path) {
  static char text[PROFILE_BYTES_MAX];
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    die("cannot be opened", path);
  size_t length = fread(text, 1, sizeof text, file);
  fclose(file);
  if (length == 0 || length == sizeof text)
    die("is empty or too long", path);
  return (struct source){.name = path, .text = text, .length = length, .has_lines = true};
}

static uint64_t
capabilities_read(char **names) {
  uint64_t set = 0;
  for (; *names != NULL; names++) {
    int bit = capability_find(*names, strlen(*names));
    if (bit < 0)
      die("is no capability", *names);
    set |= (uint64_t)1 << bit;
  }
  return set;
}

// NULL after printing why.
static struct policy *
policy_read(const struct source *source, uint64_t capabilities) {
  static struct diags diags;
  struct oci_options options = {.capabilities = capabilities, .kernel = KERNEL(6, 1)};
  struct policy *policy = NULL;
  if (oci_read(source, &options, &policy, &diags) != 0)
    policy = NULL;
  for (size_t i = 0; i < diags.count; i++) {
    char text[DIAG_BYTES];
    diag_write(&diags.items[i], "scrun", text, sizeof text);
    fputs(text, stderr);
  }
  return policy;
}

static void
outcome_add(struct outcome *outcome, struct action mine, struct action theirs) {
  size_t i = 0;
  outcome->points++;
  if (action_equal(mine, theirs))
    return;
  while (i < outcome->count
         && !(action_equal(outcome->pairs[i].ours, mine) && action_equal(outcome->pairs[i].theirs, theirs)))
    i++;
  if (i == PAIRS_MAX)
    die("too many different answers for one number", "the engine's filter");
  if (i == outcome->count)
    outcome->pairs[outcome->count++] = (struct pair){mine, theirs, 0};
  outcome->pairs[i].points++;
}

static void
point_compare(void *outcome, const struct seccomp_data *data) {
  uint32_t number = (uint32_t)data->nr;
  uint64_t args[6];
  struct action theirs;
  for (size_t i = 0; i < 6; i++)
    args[i] = data->args[i];
  struct action mine = policy_decide(run.policy, abi_of(data->arch, number), number, args).action;
  if (!filters_decide(&filters, data, &theirs))
    die("gives what is no action", "the engine's filter");
  outcome_add(outcome, mine, theirs);
}

static struct outcome
number_compare(uint32_t arch, uint32_t number) {
  struct outcome outcome = {0};
  insist(samples_visit(&samples, arch, number, point_compare, &outcome), "the engine's filter or the policy");
  run.numbers++;
  run.points += outcome.points;
  return outcome;
}

static const char *
favour(const struct pair *pair) {
  bool mine = action_refuses(pair->ours), theirs = action_refuses(pair->theirs);
  return mine == theirs ? mine ? "refused otherwise" : "allowed otherwise" : mine ? "narrower" : "WIDER";
}

static void
call_print(enum abi abi, uint32_t number) {
  call_t call = abi == ABI_NONE ? CALL_NONE : calls_at(abi, number);
  if (call == CALL_NONE)
    printf("%u", number);
  else
    printf("%s", calls_name(call));
}

static void
calls_print(const struct stretch *stretch) {
  enum abi abi = abi_of(stretch->arch, stretch->first);
  if (abi == ABI_NONE)
    printf("0x%08x ", stretch->arch);
  else
    printf("%s ", abi_name(abi));
  if (stretch->last - stretch->first >= NAMES_MAX) {
    printf("%u-%u", stretch->first, stretch->last);
    return;
  }
  for (uint32_t number = stretch->first;; number++) {
    call_print(abi, number);
    if (number == stretch->last)
      return;
    putchar(' ');
  }
}

static void
stretch_print(const struct stretch *stretch) {
  for (size_t i = 0; i < stretch->outcome.count; i++) {
    const struct pair *pair = &stretch->outcome.pairs[i];
    char mine[64], theirs[64];
    printf("%s ", run.engine);
    calls_print(stretch);
    printf(", %s: scrun %s, %s %s: %s\n", pair->points == stretch->outcome.points ? "always" : "sometimes",
           action_describe(pair->ours, mine, sizeof mine), run.engine,
           action_describe(pair->theirs, theirs, sizeof theirs), favour(pair));
    run.differences++;
  }
}

// runc puts in front of the filter that numbers above the highest one of the profile, of each ABI, get ENOSYS instead
// of a default that refuses. To it, x32 is what has the x32 bit.
static bool
is_unknown_to_runc(uint32_t arch, uint32_t number, const struct outcome *outcome) {
  const struct pair *pair = &outcome->pairs[0];
  enum abi abi = arch == ARCH_WORD_I386 ? ABI_I386 : (number & X32_BIT) != 0 ? ABI_X32 : ABI_X86_64;
  size_t count;
  const uint32_t *named = policy_numbers(run.policy, abi, &count);
  return strcmp(run.engine, "runc") == 0 && outcome->count == 1 && pair->points == outcome->points
         && pair->theirs.kind == ACTION_ERRNO && pair->theirs.data == ENOSYS && action_refuses(pair->ours) && count > 0
         && number > named[count - 1];
}

static bool
outcome_equal(const struct outcome *a, const struct outcome *b) {
  if (a->count != b->count)
    return false;
  for (size_t i = 0; i < a->count; i++)
    if (!action_equal(a->pairs[i].ours, b->pairs[i].ours) || !action_equal(a->pairs[i].theirs, b->pairs[i].theirs)
        || (a->pairs[i].points == a->points) != (b->pairs[i].points == b->points))
      return false;
  return true;
}

static bool
stretch_goes_on(const struct stretch *stretch, uint32_t number, const struct outcome *outcome) {
  return outcome_equal(outcome, &stretch->outcome)
         && abi_of(stretch->arch, number) == abi_of(stretch->arch, stretch->first);
}

static void
arch_compare(uint32_t arch) {
  struct stretch stretch = {.arch = arch, .first = samples.numbers.items[0]};
  for (size_t i = 0; i < samples.numbers.count; i++) {
    uint32_t number = samples.numbers.items[i];
    struct outcome outcome = number_compare(arch, number);
    if (is_unknown_to_runc(arch, number, &outcome)) {
      outcome.count = 0;
      run.unknown++;
    }
    if (i > 0 && !stretch_goes_on(&stretch, number, &outcome)) {
      stretch_print(&stretch);
      stretch.first = number;
    }
    stretch.last = number;
    stretch.outcome = outcome;
  }
  stretch_print(&stretch);
}

// Architectures of other machines: no call here has one. All numbers in one.
static void
foreign_compare(uint32_t arch) {
  struct stretch stretch = {.arch = arch, .last = UINT32_MAX};
  for (size_t i = 0; i < samples.numbers.count; i++) {
    struct outcome outcome = number_compare(arch, samples.numbers.items[i]);
    for (size_t j = 0; j < outcome.count; j++)
      outcome_add(&stretch.outcome, outcome.pairs[j].ours, outcome.pairs[j].theirs);
    stretch.outcome.points += outcome.points;
  }
  stretch_print(&stretch);
}

static void
compare_all(const char *path) {
  insist(filters_read(&filters, path), path);
  samples.policy = run.policy;
  samples.sets[0] = &filters;
  insist(samples_collect(&samples), "the engine's filter or the policy");
  for (size_t i = 0; i < samples.arches.count; i++)
    if (abi_of(samples.arches.items[i], 0) == ABI_NONE)
      foreign_compare(samples.arches.items[i]);
    else
      arch_compare(samples.arches.items[i]);
  if (run.differences == 0)
    printf("%s same\n", run.engine);
  if (run.unknown > 0)
    printf("%s ENOSYS above the highest call\n", run.engine);
  fprintf(stderr, "compare_engine: %zu filters, %zu numbers, %zu points, %zu lines of differences\n", filters.count,
          run.numbers, run.points, run.differences);
}

int
main(int argc, char **argv) {
  if (argc < 4)
    die("compare_engine ENGINE PROFILE.json FILTERS|- [CAPABILITY...]", "usage");
  struct source source = source_read(argv[2]);
  struct policy *policy = policy_read(&source, capabilities_read(argv + 4));
  if (policy == NULL)
    return 1;
  run.engine = argv[1];
  run.policy = policy;
  if (strcmp(argv[3], "-") != 0)
    compare_all(argv[3]);
  policy_free(policy);
  return 0;
}
