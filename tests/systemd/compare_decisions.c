// SPDX-License-Identifier: LGPL-2.1-or-later
// compare_decisions.c - holds scrun's reading of a policy file against the filters of a real systemd.
//
//     compare_decisions [--lenient] [--implicit=all] [--stricter=CALL]... POLICY.conf FILTERS
//
// FILTERS is what readback wrote. Compared is every number on x86-64, x32 and i386: all up to 1023, and of the others
// each that some jump of systemd's filters or of scrun's program names, and both neighbours of each. No other can
// differ from the nearest one of these, since both sides only ever compare a number with constants, which is checked
// (of scrun's side: the verifier holds the program against policy_decide()). And compared is every call behind
// socketcall(2) and ipc(2). These differences are meant, and only these are accepted:
// - An allow list of systemd 252 holds @default without saying so: scrun refuses by the list's default what systemd
//   allows. With --implicit=all each member of @default must differ that way.
// - With --stricter=CALL scrun refuses that call inside a multiplexer too, where systemd left the multiplexer open. It
//   must differ that way.
// - A call that the libseccomp below systemd 252 is too old to know on that ABI: a group loses it silently, and it gets
//   what numbers without a name get. Asked is the libseccomp that this tool is linked with: Debian 12's, as in the root
//   that systemd runs in.
#include "compat/groups.h"
#include "compat/systemd_read.h"
#include "runner/compile.h"
#include "runner/verify.h"
#include "tests/readback/filters.h"
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS 1024 // compared one by one
#define SAMPLES_MAX (2 * NUMBERS + 3 * (FILTERS_MAX + 1) * PROGRAM_MAX + 16)
#define NAMELESS 1023 // a number that no ABI has a call for
#define STRICTER_MAX 8
#define POLICY_BYTES_MAX 65536
#define DIFFERENCES_SHOWN 40

static struct filters filters;

// The numbers to compare at.
static struct {
  uint32_t items[SAMPLES_MAX];
  size_t count;
} numbers;

static struct {
  const struct policy *policy;
  const struct group *implicit;
  call_t stricter[STRICTER_MAX];
  bool stricter_seen[STRICTER_MAX];
  size_t stricter_count;
  size_t compared, implicit_found, implicit_wanted, too_new, differences;
} run;

// One call as both sides see it. `inner` is the call behind a multiplexer, or CALL_NONE.
struct sample {
  enum abi abi;
  uint32_t number;
  uint64_t args[6];
  call_t call, inner;
};

static void
die(const char *what, const char *name) {
  fprintf(stderr, "compare_decisions: %s: %s\n", name, what);
  exit(2);
}

static struct source
source_read(const char *path) {
  static char text[POLICY_BYTES_MAX];
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    die("cannot be opened", path);
  size_t length = fread(text, 1, sizeof text, file);
  fclose(file);
  if (length == 0 || length == sizeof text)
    die("is empty or too long", path);
  return (struct source){.name = path, .text = text, .length = length, .has_lines = true};
}

static struct policy *
policy_read(const struct source *source, bool lenient, const struct group_tables *tables) {
  struct diags diags = {0};
  struct policy *policy = NULL;
  struct reader *reader = reader_new(&(struct reader_options){.lenient = lenient, .groups = tables});
  if (reader == NULL)
    die("out of memory", source->name);
  if (reader_read_file(reader, source, &diags) == 0 && reader_finish(reader, &policy, &diags) != 0)
    policy = NULL;
  for (size_t i = 0; i < diags.count; i++) {
    char text[1024];
    diag_write(&diags.items[i], "compare_decisions", text, sizeof text);
    fputs(text, stderr);
  }
  reader_free(reader);
  if (policy == NULL)
    die("is not a policy for scrun", source->name);
  return policy;
}

static struct action
sample_decide(const struct sample *sample) {
  struct seccomp_data data = {.nr = (int)sample->number, .arch = abi_arch_word(sample->abi)};
  struct action action;
  memcpy(data.args, sample->args, sizeof data.args);
  if (!filters_decide(&filters, &data, &action))
    die("a filter gives what is no action", "filters");
  return action;
}

// Calls that i386 also reaches through a multiplexer have no plain number there for libseccomp; all of them are old.
static bool
is_too_new(call_t call, enum abi abi) {
  static const uint32_t arches[ABI_COUNT] = {
      [ABI_X86_64] = SCMP_ARCH_X86_64, [ABI_X32] = SCMP_ARCH_X32, [ABI_I386] = SCMP_ARCH_X86};
  const struct multiplexer *multiplexer;
  uint32_t value;
  return call != CALL_NONE && !multiplexer_of(call, &multiplexer, &value)
         && seccomp_syscall_resolve_name_arch(arches[abi], calls_name(call)) < 0;
}

static bool
is_passed_over(const struct sample *sample, struct action theirs) {
  static const uint64_t no_args[6];
  uint32_t nameless = sample->abi == ABI_X32 ? NAMELESS | X32_BIT : NAMELESS;
  return is_too_new(sample->call, sample->abi)
         && action_equal(theirs, policy_decide(run.policy, sample->abi, nameless, no_args).action);
}

static bool
is_implicit(const struct sample *sample, const struct decision *ours, struct action theirs) {
  bool member = (sample->call != CALL_NONE && call_set_has(run.implicit->all, sample->call))
                || (sample->inner != CALL_NONE && call_set_has(run.implicit->all, sample->inner));
  return member && ours->layer != NULL && ours->rule == NULL && !action_refuses(theirs);
}

// The call inside must get the very answer that it gets when it is called directly.
static bool
is_stricter(const struct sample *sample, struct action ours, struct action theirs) {
  static const uint64_t no_args[6];
  uint32_t direct;
  if (sample->inner == CALL_NONE || action_refuses(theirs) || !action_refuses(ours))
    return false;
  for (size_t i = 0; i < run.stricter_count; i++) {
    if (run.stricter[i] != sample->inner)
      continue;
    run.stricter_seen[i] = true;
    return !calls_number(sample->inner, sample->abi, &direct)
           || action_equal(policy_decide(run.policy, sample->abi, direct, no_args).action, ours);
  }
  return false;
}

static const char *
call_text(call_t call) {
  return call == CALL_NONE ? "-" : calls_name(call);
}

static void
report(const struct sample *sample, struct action ours, struct action theirs) {
  char our_text[64], their_text[64];
  if (run.differences++ >= DIFFERENCES_SHOWN)
    return;
  fprintf(stderr, "%s %u (%s, inside: %s): scrun %s, systemd %s\n", abi_name(sample->abi), sample->number,
          call_text(sample->call), call_text(sample->inner), action_describe(ours, our_text, sizeof our_text),
          action_describe(theirs, their_text, sizeof their_text));
}

static void
sample_compare(const struct sample *sample) {
  struct decision ours = policy_decide(run.policy, sample->abi, sample->number, sample->args);
  struct action theirs = sample_decide(sample);
  run.compared++;
  if (action_equal(ours.action, theirs))
    return;
  if (is_implicit(sample, &ours, theirs))
    run.implicit_found++;
  else if (is_passed_over(sample, theirs))
    run.too_new++;
  else if (!is_stricter(sample, ours.action, theirs))
    report(sample, ours.action, theirs);
}

static void
number_compare(enum abi abi, uint32_t number) {
  struct sample sample = {.abi = abi, .number = number, .call = calls_at(abi, number), .inner = CALL_NONE};
  const struct multiplexer *multiplexer = abi == ABI_I386 ? multiplexer_at(number) : NULL;
  if (sample.call != CALL_NONE && call_set_has(run.implicit->all, sample.call) && !is_too_new(sample.call, abi))
    run.implicit_wanted++;
  if (multiplexer == NULL) {
    sample_compare(&sample);
    return;
  }
  // Four values past the last call inside, which stand for none.
  for (uint32_t value = 0; value < multiplexer->inner_count + 4; value++) {
    sample.args[0] = value;
    sample.inner = value < multiplexer->inner_count ? multiplexer->inner[value] : CALL_NONE;
    sample_compare(&sample);
  }
}

// The constants that a program compares numbers with, and their neighbours. Jumps only go forward, so one pass knows
// where the accumulator may hold the number. Whatever else is done with it would need other samples than these.
static void
numbers_add_constants(const struct program *program) {
  static bool held[PROGRAM_MAX + 1];
  memset(held, 0, sizeof held);
  for (size_t at = 0; at < program->length; at++) {
    const struct sock_filter *f = &program->code[at];
    bool next = held[at], compares = false;
    switch (f->code) {
    case BPF_LD | BPF_W | BPF_ABS:
      next = f->k == offsetof(struct seccomp_data, nr);
      break;
    case BPF_JMP | BPF_JA:
      held[at + 1 + f->k] |= next;
      continue;
    case BPF_RET | BPF_K:
      continue;
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_K:
      compares = true;
      break;
    default:
      if (next)
        die("does something with a number that is not a comparison", "a program");
    }
    for (uint32_t k = f->k - 1; compares && next && k != f->k + 2; k++)
      numbers.items[numbers.count++] = k;
    if (BPF_CLASS(f->code) == BPF_JMP) {
      held[at + 1 + f->jt] |= next;
      held[at + 1 + f->jf] |= next;
    } else
      held[at + 1] |= next;
  }
}

static int
numbers_order(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void
numbers_collect(void) {
  static const uint32_t borders[] = {X32_BIT - 1, X32_BIT, 0x7fffffff, 0x80000000, UINT32_MAX - 1, UINT32_MAX};
  static struct program ours;
  struct error e;
  if (program_compile(run.policy, PROGRAM_LAUNCH, &ours, &e) != 0
      || program_verify(&ours, PROGRAM_LAUNCH, run.policy, &e) != 0)
    die(e.text, "scrun's program");
  numbers_add_constants(&ours);
  for (size_t i = 0; i < filters.count; i++)
    numbers_add_constants(&filters.items[i]);
  for (uint32_t number = 0; number < NUMBERS; number++) {
    numbers.items[numbers.count++] = number;
    numbers.items[numbers.count++] = number | X32_BIT;
  }
  for (size_t i = 0; i < sizeof borders / sizeof borders[0]; i++)
    numbers.items[numbers.count++] = borders[i];
  qsort(numbers.items, numbers.count, sizeof numbers.items[0], numbers_order);
}

static void
compare_all(void) {
  numbers_collect();
  for (size_t i = 0; i < numbers.count; i++) {
    uint32_t number = numbers.items[i];
    if (i > 0 && number == numbers.items[i - 1])
      continue;
    number_compare(abi_of(ARCH_WORD_X86_64, number), number);
    number_compare(abi_of(ARCH_WORD_I386, number), number);
  }
}

static bool
option_read(const char *word, bool *lenient, bool *implicit_all) {
  static const char stricter[] = "--stricter=";
  if (strcmp(word, "--lenient") == 0)
    *lenient = true;
  else if (strcmp(word, "--implicit=all") == 0)
    *implicit_all = true;
  else if (strncmp(word, stricter, sizeof stricter - 1) == 0 && run.stricter_count < STRICTER_MAX) {
    const char *name = word + sizeof stricter - 1;
    run.stricter[run.stricter_count] = calls_find(name, strlen(name));
    if (run.stricter[run.stricter_count++] == CALL_NONE)
      die("no such call", name);
  } else
    return false;
  return true;
}

// Differences that were announced and did not come are failures as well: the announcement would hide a change.
static bool
announced_came(bool implicit_all) {
  bool good = true;
  if (implicit_all && run.implicit_found != run.implicit_wanted) {
    fprintf(stderr, "%zu of the %zu numbers of @default differ\n", run.implicit_found, run.implicit_wanted);
    good = false;
  }
  for (size_t i = 0; i < run.stricter_count; i++)
    if (!run.stricter_seen[i]) {
      fprintf(stderr, "%s does not differ inside a multiplexer\n", calls_name(run.stricter[i]));
      good = false;
    }
  return good;
}

int
main(int argc, char **argv) {
  const struct group_tables *tables = group_tables_find("systemd-252", strlen("systemd-252"));
  bool lenient = false, implicit_all = false;
  int next = 1;
  while (next < argc && option_read(argv[next], &lenient, &implicit_all))
    next++;
  if (argc - next != 2)
    die("usage: compare_decisions [--lenient] [--implicit=all] [--stricter=CALL]... POLICY.conf FILTERS",
        "command line");
  if (tables == NULL || (run.implicit = group_find(tables, "@default", strlen("@default"))) == NULL)
    die("has no @default", "systemd-252");
  struct source source = source_read(argv[next]);
  struct policy *policy = policy_read(&source, lenient, tables);
  run.policy = policy;
  const char *wrong = filters_read(&filters, argv[next + 1]);
  if (wrong != NULL)
    die(wrong, argv[next + 1]);
  compare_all();
  bool good = announced_came(implicit_all) && run.differences == 0;
  printf(
      "%s: %zu filters, %zu calls compared, %zu allowed implicitly by systemd, %zu too new for it, %zu differences\n",
      argv[next], filters.count, run.compared, run.implicit_found, run.too_new, run.differences);
  policy_free(policy);
  return good ? 0 : 1;
}
