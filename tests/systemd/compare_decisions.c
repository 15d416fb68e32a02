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
// - With --strict-i386=CALL scrun refuses that call on i386, be it inside a multiplexer, where systemd leaves it open.
// It
//   must differ that way.
// - With --wide scrun refuses what the kernel takes for a refused argument, though the upper half of its register makes
//   it another one to systemd; and on x32, where systemd looks at lower halves only, what an upper half makes another
//   value than the one allowed. It must differ that way.
// - A call that the libseccomp below systemd 252 is too old to know on that ABI: a group loses it silently, and it gets
//   what numbers without a name get. Asked is the libseccomp that this tool is linked with: Debian 12's, as in the root
//   that systemd runs in.
#include "compat/groups.h"
#include "compat/systemd_read.h"
#include "runner/compile.h"
#include "runner/verify.h"
#include "tests/readback/filters.h"
#include "tests/systemd/argument_samples.h"
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
  struct announced {
    call_t call;
    bool on_i386; // --strict-i386; otherwise --stricter
    bool seen;
  } stricter[STRICTER_MAX];
  size_t stricter_count;
  bool wide_announced, in_arguments;
  struct argument_samples arguments;
  bool tests_arguments; // a side does, other than to find the call behind a multiplexer
  size_t compared, implicit_found, implicit_wanted, too_new, wide, differences;
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
is_as_direct(const struct sample *sample, struct action ours) {
  static const uint64_t no_args[6];
  uint32_t direct;
  return !calls_number(sample->inner, sample->abi, &direct)
         || action_equal(policy_decide(run.policy, sample->abi, direct, no_args).action, ours);
}

static bool
is_stricter(const struct sample *sample, struct action ours, struct action theirs) {
  if (action_refuses(theirs) || !action_refuses(ours))
    return false;
  for (size_t i = 0; i < run.stricter_count; i++) {
    struct announced *announced = &run.stricter[i];
    bool inside = sample->inner == announced->call;
    if (announced->on_i386 ? sample->abi != ABI_I386 || (!inside && sample->call != announced->call) : !inside)
      continue;
    announced->seen = true;
    return announced->on_i386 || is_as_direct(sample, ours);
  }
  return false;
}

// systemd says the same of what the kernel reads; or, on x32, looks at no upper half itself, while scrun takes
// registers as on x86-64.
static bool
is_wide(const struct sample *sample, struct action ours, struct action theirs) {
  struct sample narrow = *sample;
  bool wide = false;
  for (size_t i = 0; i < 6; i++) {
    narrow.args[i] = (uint32_t)sample->args[i];
    wide = wide || narrow.args[i] != sample->args[i];
  }
  return run.wide_announced && wide && action_refuses(ours) && !action_refuses(theirs)
         && (sample->abi == ABI_X32 || action_equal(sample_decide(&narrow), ours));
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
  fprintf(stderr, "%s %u (%s, inside: %s; %#jx %#jx %#jx %#jx): scrun %s, systemd %s\n", abi_name(sample->abi),
          sample->number, call_text(sample->call), call_text(sample->inner), (uintmax_t)sample->args[0],
          (uintmax_t)sample->args[1], (uintmax_t)sample->args[2], (uintmax_t)sample->args[3],
          action_describe(ours, our_text, sizeof our_text), action_describe(theirs, their_text, sizeof their_text));
}

static void
sample_compare(const struct sample *sample) {
  struct decision ours = policy_decide(run.policy, sample->abi, sample->number, sample->args);
  struct action theirs = sample_decide(sample);
  run.compared++;
  if (action_equal(ours.action, theirs))
    return;
  if (is_implicit(sample, &ours, theirs))
    run.implicit_found += !run.in_arguments; // each number once
  else if (is_passed_over(sample, theirs))
    run.too_new++;
  else if (is_wide(sample, ours.action, theirs))
    run.wide++;
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

// One with arguments: what is behind a multiplexer depends on them.
static void
arguments_compare(void *context, const uint64_t args[6]) {
  struct sample *sample = context;
  const struct multiplexer *multiplexer = sample->abi == ABI_I386 ? multiplexer_at(sample->number) : NULL;
  memcpy(sample->args, args, sizeof sample->args);
  sample->inner = CALL_NONE;
  if (multiplexer != NULL && ((uint32_t)args[0] & multiplexer->mask) < multiplexer->inner_count)
    sample->inner = multiplexer->inner[(uint32_t)args[0] & multiplexer->mask];
  sample_compare(sample);
}

static bool
is_number(size_t offset) {
  return offset == offsetof(struct seccomp_data, nr);
}

static bool
is_argument(size_t offset) {
  size_t args = offsetof(struct seccomp_data, args);
  run.tests_arguments = run.tests_arguments || offset > args;
  return offset >= args;
}

// The constant and its neighbours.
static void
number_add(uint32_t k) {
  for (uint32_t number = k - 1; number != k + 2; number++)
    numbers.items[numbers.count++] = number;
}

static void
argument_add(uint32_t k) {
  argument_samples_add(&run.arguments, k);
}

// The constants that a program compares some word of the call with. Jumps only go forward, so one pass knows where the
// accumulator may hold such a word. Whatever else is done with a number would need other samples than these.
static void
constants_add(const struct program *program, bool (*is_wanted)(size_t offset), void (*add)(uint32_t k)) {
  static bool held[PROGRAM_MAX + 1];
  memset(held, 0, sizeof held);
  for (size_t at = 0; at < program->length; at++) {
    const struct sock_filter *f = &program->code[at];
    bool next = held[at], compares = false;
    switch (f->code) {
    case BPF_LD | BPF_W | BPF_ABS:
      next = is_wanted(f->k);
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
      if (next && is_wanted == is_number)
        die("does something with a number that is not a comparison", "a program");
      compares = true;
    }
    if (compares && next)
      add(f->k);
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

// The constants that arguments are compared with, of both sides. Scrun's come from the policy: its program has a
// ticket, too.
static void
tests_constants(void) {
  run.tests_arguments = run.policy->test_count > 0;
  for (size_t i = 0; i < run.policy->test_count; i++) {
    argument_samples_add(&run.arguments, (uint32_t)run.policy->tests[i].mask);
    argument_samples_add(&run.arguments, (uint32_t)run.policy->tests[i].value);
  }
  for (size_t i = 0; i < filters.count; i++)
    constants_add(&filters.items[i], is_argument, argument_add);
}

static void
numbers_collect(void) {
  static const uint32_t borders[] = {X32_BIT - 1, X32_BIT, 0x7fffffff, 0x80000000, UINT32_MAX - 1, UINT32_MAX};
  static struct program ours;
  struct error e;
  if (program_compile(run.policy, PROGRAM_LAUNCH, &ours, &e) != 0
      || program_verify(&ours, PROGRAM_LAUNCH, run.policy, &e) != 0)
    die(e.text, "scrun's program");
  constants_add(&ours, is_number, number_add);
  for (size_t i = 0; i < filters.count; i++)
    constants_add(&filters.items[i], is_number, number_add);
  tests_constants();
  for (uint32_t number = 0; number < NUMBERS; number++) {
    numbers.items[numbers.count++] = number;
    numbers.items[numbers.count++] = number | X32_BIT;
  }
  for (size_t i = 0; i < sizeof borders / sizeof borders[0]; i++)
    numbers.items[numbers.count++] = borders[i];
  qsort(numbers.items, numbers.count, sizeof numbers.items[0], numbers_order);
}

// Does some rule about the call hold only if two arguments have their values?
static bool
has_two_tests(call_t call) {
  for (size_t i = 0; i < run.policy->rule_count; i++)
    if (run.policy->rules[i].call == call && run.policy->rules[i].test_count > 1)
      return true;
  return false;
}

static void
number_compare_arguments(enum abi abi, uint32_t number) {
  struct sample sample = {.abi = abi, .number = number, .call = calls_at(abi, number), .inner = CALL_NONE};
  run.in_arguments = true;
  if (sample.call != CALL_NONE && run.tests_arguments)
    argument_samples_visit(&run.arguments, has_two_tests(sample.call), arguments_compare, &sample);
  run.in_arguments = false;
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
    number_compare_arguments(abi_of(ARCH_WORD_X86_64, number), number);
    number_compare_arguments(abi_of(ARCH_WORD_I386, number), number);
  }
}

static void
announce(const char *name, bool on_i386) {
  struct announced *announced = &run.stricter[run.stricter_count];
  if (run.stricter_count++ == STRICTER_MAX)
    die("more than can be announced", name);
  *announced = (struct announced){.call = calls_find(name, strlen(name)), .on_i386 = on_i386};
  if (announced->call == CALL_NONE)
    die("no such call", name);
}

static bool
option_read(const char *word, bool *lenient, bool *implicit_all) {
  static const char stricter[] = "--stricter=", strict_i386[] = "--strict-i386=";
  if (strcmp(word, "--lenient") == 0)
    *lenient = true;
  else if (strcmp(word, "--implicit=all") == 0)
    *implicit_all = true;
  else if (strcmp(word, "--wide") == 0)
    run.wide_announced = true;
  else if (strncmp(word, stricter, sizeof stricter - 1) == 0)
    announce(word + sizeof stricter - 1, false);
  else if (strncmp(word, strict_i386, sizeof strict_i386 - 1) == 0)
    announce(word + sizeof strict_i386 - 1, true);
  else
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
    if (!run.stricter[i].seen) {
      fprintf(stderr, "%s does not differ %s\n", calls_name(run.stricter[i].call),
              run.stricter[i].on_i386 ? "on i386" : "inside a multiplexer");
      good = false;
    }
  if (run.wide_announced && run.wide == 0) {
    fprintf(stderr, "no wide register differs\n");
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
    die("usage: compare_decisions [--lenient] [--implicit=all] [--stricter=CALL]... [--strict-i386=CALL]... [--wide] "
        "POLICY.conf FILTERS",
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
  printf("%s: %zu filters, %zu calls compared, %zu allowed implicitly by systemd, %zu too new for it, %zu wide, "
         "%zu differences\n",
         argv[next], filters.count, run.compared, run.implicit_found, run.too_new, run.wide, run.differences);
  policy_free(policy);
  return good ? 0 : 1;
}
