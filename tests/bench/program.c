// SPDX-License-Identifier: LGPL-2.1-or-later
// program.c - how long programs are, and how many of their instructions a call costs: scrun's beside libseccomp's two
// layouts, for the same policies on the same three ABIs. bench_program STAGES LOOP WRAP-PROFILE PROFILE.json: the
// tables (profile.h says what the last two are); bench_program --write FILE: the program of the list that launches are
// measured with.
//
// A program of scrun's that decides otherwise than its policy is a failure. What libseccomp decides otherwise is
// counted and shown, apart from calls whose names it is too old to know.
#include "runner/compile.h"
#include "runner/simulate.h"
#include "tests/bench/machine.h"
#include "tests/bench/policies.h"
#include "tests/bench/profile.h"
#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRESH_RUNS 200
#define WARM_RUNS 500
// Beyond every call there is, x32's included.
#define NUMBERS_LOOKED_AT 2048

enum maker { MAKER_SCRUN, MAKER_LIST, MAKER_TREE, MAKERS };
static const char *const maker_names[MAKERS] = {"scrun", "libseccomp, default", "libseccomp, binary tree"};
static struct program programs[MAKERS];

// A call made by an ordinary program: what it leaves in the unused registers is not the ticket.
static struct seccomp_data
call_data(enum abi abi, uint32_t number, uint32_t first_argument) {
  return (struct seccomp_data){
      .nr = (int)number,
      .arch = abi_arch_word(abi),
      .args = {first_argument, 1, 1, 0x1111111122222222, 0x3333333344444444, 0x5555555566666666}};
}

static uint32_t
action_for_libseccomp(struct action action) {
  return action.kind == ACTION_ALLOW ? SCMP_ACT_ALLOW : action_to_return(action);
}

// The rules of the only layer, by name: libseccomp spreads each over the ABIs.
static int
rules_add(scmp_filter_ctx ctx, const struct policy *policy) {
  for (size_t i = 0; i < policy->rule_count; i++) {
    int number = seccomp_syscall_resolve_name(calls_name(policy->rules[i].call));
    uint32_t action = action_for_libseccomp(policy->rules[i].action);
    if (number == __NR_SCMP_ERROR)
      continue; // counted as unknown, where that makes a difference
    int result = seccomp_rule_add(ctx, action, number, 0);
    if (result != 0 && result != -EDOM && result != -EACCES)
      return result;
  }
  return 0;
}

static int
program_export(scmp_filter_ctx ctx, struct program *out) {
  int fd = memfd_create("program", MFD_CLOEXEC);
  ssize_t got = -1;
  if (fd >= 0 && seccomp_export_bpf(ctx, fd) == 0)
    got = pread(fd, out->code, sizeof out->code, 0);
  if (fd >= 0)
    close(fd);
  out->length = got > 0 ? (size_t)got / sizeof out->code[0] : 0;
  return got > 0 && program_acceptable(out) == 0 ? 0 : -1;
}

static int
make_libseccomp(const struct policy *policy, bool tree, struct program *out) {
  scmp_filter_ctx ctx = seccomp_init(action_for_libseccomp(policy->layers[0].otherwise));
  int failed = ctx == NULL || policy->layer_count != 1
               || seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0
               || (tree && seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) != 0)
               || seccomp_arch_add(ctx, SCMP_ARCH_X86) != 0 || seccomp_arch_add(ctx, SCMP_ARCH_X32) != 0
               || rules_add(ctx, policy) != 0 || program_export(ctx, out) != 0;
  seccomp_release(ctx);
  if (failed)
    fprintf(stderr, "bench: libseccomp could not make the program\n");
  return failed ? -1 : 0;
}

struct tally {
  unsigned long calls, steps, allowed, allowed_steps, otherwise, unknown;
};

struct figures {
  struct tally abis[ABI_COUNT];
  unsigned most;
  struct seccomp_data most_at;
};

static void
look_at(const struct program *program, const struct seccomp_data *data, uint32_t *value, unsigned *steps,
        struct figures *figures) {
  *value = program_run(program, data, steps);
  if (*steps <= figures->most)
    return;
  figures->most = *steps;
  figures->most_at = *data;
}

static bool
is_known_to_libseccomp(enum abi abi, uint32_t number) {
  return seccomp_syscall_resolve_name(calls_name(calls_at(abi, number))) != __NR_SCMP_ERROR;
}

// One call with these arguments.
static void
tally_arguments(const struct program *program, const struct policy *policy, enum abi abi,
                const struct seccomp_data *data, struct figures *figures) {
  struct tally *tally = &figures->abis[abi];
  uint32_t value, number = (uint32_t)data->nr;
  unsigned steps;
  uint64_t arguments[6];
  memcpy(arguments, data->args, sizeof arguments);
  struct action want = policy_decide(policy, abi, number, arguments).action;
  look_at(program, data, &value, &steps, figures);
  tally->calls++;
  tally->steps += steps;
  if (value != action_to_return(want))
    *(is_known_to_libseccomp(abi, number) ? &tally->otherwise : &tally->unknown) += 1;
  if (value == SECCOMP_RET_ALLOW) {
    tally->allowed++;
    tally->allowed_steps += steps;
  }
}

// A call for each rule about it that has tests: what all of them compare with, and that but for one of them.
static void
tally_tests(const struct program *program, const struct policy *policy, enum abi abi, uint32_t number,
            struct figures *figures) {
  for (size_t i = 0; i < policy->rule_count; i++) {
    const struct rule *rule = &policy->rules[i];
    const struct test *tests = policy->tests + rule->first_test;
    struct seccomp_data data = call_data(abi, number, 1);
    if (rule->call != calls_at(abi, number) || rule->test_count == 0)
      continue;
    for (uint32_t k = 0; k < rule->test_count; k++)
      data.args[tests[k].argument] = tests[k].value;
    tally_arguments(program, policy, abi, &data, figures);
    for (uint32_t k = 0; k < rule->test_count; k++) {
      struct seccomp_data other = data;
      other.args[tests[k].argument] ^= 1;
      tally_arguments(program, policy, abi, &other, figures);
    }
  }
}

// A known call, and each call inside if it is a multiplexer.
static void
tally_call(const struct program *program, const struct policy *policy, enum abi abi, uint32_t number,
           struct figures *figures) {
  const struct multiplexer *inside = abi == ABI_I386 ? multiplexer_at(number) : NULL;
  uint32_t choices = inside == NULL ? 1 : inside->inner_count;
  for (uint32_t choice = 0; choice < choices; choice++) {
    if (inside != NULL && inside->inner[choice] == CALL_NONE)
      continue;
    struct seccomp_data data = call_data(abi, number, inside == NULL ? 1 : choice);
    tally_arguments(program, policy, abi, &data, figures);
  }
  if (inside == NULL)
    tally_tests(program, policy, abi, number, figures);
}

// No number outside those looked at can cost more than its neighbours do: between two constants of the program nothing
// changes.
static void
look_at_others(const struct program *program, enum abi abi, struct figures *figures) {
  uint32_t value;
  unsigned steps;
  for (size_t i = 0; i < program->length; i++)
    for (uint32_t near = 0; near < 3 && BPF_CLASS(program->code[i].code) == BPF_JMP; near++)
      for (uint32_t argument = 0; argument < 2; argument++) {
        struct seccomp_data data = call_data(abi, program->code[i].k + near - 1, argument);
        look_at(program, &data, &value, &steps, figures);
        data.arch = 0xc00000b7; // AArch64's word: foreign
        look_at(program, &data, &value, &steps, figures);
      }
}

static void
figures_make(const struct program *program, const struct policy *policy, struct figures *figures) {
  memset(figures, 0, sizeof *figures);
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    uint32_t bit = abi == ABI_X32 ? X32_BIT : 0;
    for (uint32_t number = 0; number < NUMBERS_LOOKED_AT; number++)
      if (calls_at(abi, number | bit) != CALL_NONE)
        tally_call(program, policy, abi, number | bit, figures);
    look_at_others(program, abi, figures);
  }
}

static double
average(unsigned long sum, unsigned long count) {
  return count == 0 ? 0 : (double)sum / (double)count;
}

static void
cells_print(const struct figures *figures, bool allowed) {
  struct tally all = {0};
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    const struct tally *t = &figures->abis[abi];
    printf(" %7.1f", allowed ? average(t->allowed_steps, t->allowed) : average(t->steps, t->calls));
    all.calls += allowed ? t->allowed : t->calls;
    all.steps += allowed ? t->allowed_steps : t->steps;
  }
  printf(" %7.1f", average(all.steps, all.calls));
}

// Returns how many calls the program decides otherwise than the policy.
static unsigned long
row_print(enum maker maker, const struct figures *figures) {
  unsigned long otherwise = 0, unknown = 0;
  printf("  %-24s %6zu |", maker_names[maker], programs[maker].length);
  cells_print(figures, true);
  printf(" |");
  cells_print(figures, false);
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    otherwise += figures->abis[abi].otherwise;
    unknown += figures->abis[abi].unknown;
  }
  printf(" | %5u | %9lu %7lu\n", figures->most, otherwise, unknown);
  return otherwise + unknown;
}

static void
most_print(const struct figures *figures) {
  enum abi abi = abi_of(figures->most_at.arch, (uint32_t)figures->most_at.nr);
  call_t call = abi == ABI_NONE ? CALL_NONE : calls_at(abi, (uint32_t)figures->most_at.nr);
  printf("  scrun's longest way: %s call %u %s\n", abi == ABI_NONE ? "foreign" : abi_name(abi),
         (uint32_t)figures->most_at.nr, call == CALL_NONE ? "(not known)" : calls_name(call));
}

// What the project set itself: on average over all known calls, for any call, in all. 0: nothing.
struct goal {
  double average;
  unsigned most;
  size_t length;
};
static const struct goal goals_list = {12.0, 20, 600}, goals_profile = {12.0, 22, 650};

static void
goal_print(const struct goal *goal, const struct figures *figures, size_t length) {
  unsigned long steps = 0, calls = 0;
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    steps += figures->abis[abi].steps;
    calls += figures->abis[abi].calls;
  }
  bool met = average(steps, calls) <= goal->average && figures->most <= goal->most && length <= goal->length;
  printf("  goal: at most %.0f on average, %u for any call, %zu in all: %s\n", goal->average, goal->most, goal->length,
         met ? "met" : "missed");
}

// A table of programs[], which are there.
static int
programs_measure(const char *label, const struct policy *policy, const struct goal *goal) {
  struct figures figures[MAKERS];
  printf("\n%s\n", label);
  printf("  %-24s %6s | %-31s | %-31s | %5s | %9s %7s\n", "", "", "average, calls it allows",
         "average, all known calls", "", "decided", "name");
  printf("  %-24s %6s | %7s %7s %7s %7s | %7s %7s %7s %7s | %5s | %9s %7s\n", "instructions", "in all", "x86-64", "x32",
         "x86", "all", "x86-64", "x32", "x86", "all", "most", "otherwise", "unknown");
  for (enum maker maker = 0; maker < MAKERS; maker++) {
    figures_make(&programs[maker], policy, &figures[maker]);
    if (row_print(maker, &figures[maker]) == 0 || maker != MAKER_SCRUN)
      continue;
    fprintf(stderr, "bench: scrun's program decides otherwise than the policy\n");
    return -1;
  }
  most_print(&figures[MAKER_SCRUN]);
  if (goal != NULL)
    goal_print(goal, &figures[MAKER_SCRUN], programs[MAKER_SCRUN].length);
  return 0;
}

static int
policy_measure(const struct bench_policy *text) {
  struct policy *policy = bench_policy_read(text);
  if (policy == NULL)
    return -1;
  int failed = bench_program_make(policy, &programs[MAKER_SCRUN]) != 0
               || make_libseccomp(policy, false, &programs[MAKER_LIST]) != 0
               || make_libseccomp(policy, true, &programs[MAKER_TREE]) != 0
               || programs_measure(text->label, policy, text == &bench_policies[0] ? &goals_list : NULL) != 0;
  policy_free(policy);
  return failed ? -1 : 0;
}

static int
profile_measure(const char *wrapper, const char *json) {
  struct policy *policy = bench_profile_read();
  if (policy == NULL)
    return -1;
  int failed =
      bench_program_make(policy, &programs[MAKER_SCRUN]) != 0
      || bench_profile_libseccomp(wrapper, json, false, &programs[MAKER_LIST]) != 0
      || bench_profile_libseccomp(wrapper, json, true, &programs[MAKER_TREE]) != 0
      || programs_measure("the profile of containers, each test of an argument both ways", policy, &goals_profile) != 0;
  policy_free(policy);
  return failed ? -1 : 0;
}

enum { STAGE_READ, STAGE_COMPILE, STAGE_VERIFY, STAGES };

// Runs `STAGES POLICY RUNS` and reads the three times it prints.
static int
stages_ask(const char *stages, size_t policy, unsigned runs, int64_t ns[STAGES]) {
  char command[4200];
  long long times[STAGES];
  int size = snprintf(command, sizeof command, "exec '%s' %zu %u", stages, policy, runs);
  FILE *pipe = size > 0 && (size_t)size < sizeof command ? popen(command, "re") : NULL;
  if (pipe == NULL)
    return -1;
  int got = fscanf(pipe, "%lld %lld %lld", &times[0], &times[1], &times[2]);
  if (pclose(pipe) != 0 || got != STAGES)
    return -1;
  for (size_t stage = 0; stage < STAGES; stage++)
    ns[stage] = times[stage];
  return 0;
}

static void
times_print(const char *label, const char *how, const int64_t ns[STAGES]) {
  int64_t all = ns[STAGE_READ] + ns[STAGE_COMPILE] + ns[STAGE_VERIFY];
  printf("  %-40s %-6s %8.1f %8.1f %8.1f %8.1f\n", label, how, (double)ns[STAGE_READ] / 1000,
         (double)ns[STAGE_COMPILE] / 1000, (double)ns[STAGE_VERIFY] / 1000, (double)all / 1000);
}

static int
policy_time(const char *stages, const char *loop, size_t policy) {
  static int64_t fresh[STAGES][FRESH_RUNS];
  int64_t ns[STAGES];
  for (size_t run = 0; run < FRESH_RUNS; run++) {
    if (stages_ask(stages, policy, 1, ns) != 0)
      return -1;
    for (size_t stage = 0; stage < STAGES; stage++)
      fresh[stage][run] = ns[stage];
  }
  for (size_t stage = 0; stage < STAGES; stage++)
    ns[stage] = time_percentile(fresh[stage], FRESH_RUNS, 50);
  times_print(bench_policies[policy].label, "fresh", ns);
  if (stages_ask(loop, policy, WARM_RUNS, ns) != 0)
    return -1;
  times_print("", "warm", ns);
  return 0;
}

static int
program_write(const char *path) {
  struct policy *policy = bench_policy_read(&bench_policies[0]);
  if (policy == NULL)
    return 1;
  struct program *program = &programs[MAKER_SCRUN];
  int failed = bench_program_make(policy, program);
  policy_free(policy);
  FILE *file = failed != 0 ? NULL : fopen(path, "we");
  if (file == NULL)
    return 1;
  failed = fwrite(program->code, sizeof program->code[0], program->length, file) != program->length;
  return fclose(file) != 0 || failed;
}

int
main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "--write") == 0)
    return program_write(argv[2]);
  if (argc != 5) {
    fprintf(stderr, "usage: bench_program STAGES LOOP WRAP-PROFILE PROFILE.json | --write FILE\n");
    return 2;
  }
  const struct scmp_version *version = seccomp_version();
  machine_print();
  printf("libseccomp %u.%u.%u; three ABIs in one program; the ticket does not match\n", version->major, version->minor,
         version->micro);
  for (size_t i = 0; i < BENCH_POLICIES; i++)
    if (policy_measure(&bench_policies[i]) != 0)
      return 1;
  if (profile_measure(argv[3], argv[4]) != 0)
    return 1;
  printf("\nmicroseconds, median of %d processes (fresh) or %d runs in one (warm)\n", FRESH_RUNS, WARM_RUNS);
  printf("  %-40s %-6s %8s %8s %8s %8s\n", "", "", "read", "compile", "verify", "all");
  for (size_t i = 0; i < BENCH_POLICIES; i++)
    if (policy_time(argv[1], argv[2], i) != 0) {
      fprintf(stderr, "bench: %s or %s does not work\n", argv[1], argv[2]);
      return 1;
    }
  return 0;
}
