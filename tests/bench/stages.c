// SPDX-License-Identifier: LGPL-2.1-or-later
// stages.c - times scrun's stages inside one process: bench_stages POLICY [RUNS]. The first run alone is what a launch
// has; the median of many shows what is left when every page is there.
#include "runner/compile.h"
#include "runner/verify.h"
#include "tests/bench/machine.h"
#include "tests/bench/policies.h"

enum stage { STAGE_READ, STAGE_COMPILE, STAGE_VERIFY, STAGES };
#define RUNS_MAX 100000

static struct program program;

static int
stages_run(const struct bench_policy *text, int64_t ns[STAGES]) {
  struct error e;
  int64_t start = time_now_ns();
  struct policy *policy = bench_policy_read(text);
  int64_t have_read = time_now_ns();
  if (policy == NULL)
    return -1;
  int failed = program_compile(policy, PROGRAM_LAUNCH, &program, &e);
  int64_t compiled = time_now_ns();
  failed = failed != 0 || program_verify(&program, PROGRAM_LAUNCH, policy, &e) != 0;
  int64_t verified = time_now_ns();
  if (failed != 0)
    fprintf(stderr, "bench: %s: %s\n", text->label, e.text);
  ns[STAGE_READ] = have_read - start;
  ns[STAGE_COMPILE] = compiled - have_read;
  ns[STAGE_VERIFY] = verified - compiled;
  policy_free(policy);
  return failed;
}

int
main(int argc, char **argv) {
  static int64_t times[STAGES][RUNS_MAX];
  char *end = NULL;
  unsigned long which = argc >= 2 ? strtoul(argv[1], &end, 10) : BENCH_POLICIES;
  unsigned long runs = argc == 3 ? strtoul(argv[2], NULL, 10) : 1;
  if (which >= BENCH_POLICIES || end == NULL || *end != '\0' || runs < 1 || runs > RUNS_MAX) {
    fprintf(stderr, "usage: bench_stages POLICY [RUNS]\n");
    return 2;
  }
  for (size_t run = 0; run < runs; run++) {
    int64_t ns[STAGES];
    if (stages_run(&bench_policies[which], ns) != 0)
      return 1;
    for (size_t stage = 0; stage < STAGES; stage++)
      times[stage][run] = ns[stage];
  }
  // The times of reading, compiling and verifying, in nanoseconds.
  for (size_t stage = 0; stage < STAGES; stage++)
    printf("%lld%c", (long long)time_percentile(times[stage], runs, 50), stage + 1 < STAGES ? ' ' : '\n');
  return 0;
}
