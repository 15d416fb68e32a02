// SPDX-License-Identifier: LGPL-2.1-or-later
// call.c - what a filter costs each call, in time: bench_call WRAP-PROFILE PROFILE.json (profile.h says what these
// are). One process for each filter makes batches of calls; the batches alternate, and each filter's median counts.
//
// The kernel lets a call pass without running the filter where it knows that the filter allows it whatever its
// arguments are; so the calls measured are one without argument rules, and one with five of them.
#include "tests/bench/machine.h"
#include "tests/bench/profile.h"
#include "tests/bench/wrap.h"
#include <linux/filter.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define BATCHES 200
#define CALLS_PER_BATCH 10000
#define WARM_UP 10
#define GOAL 1.2

enum filter { FILTER_NONE, FILTER_LEAST, FILTER_SCRUN, FILTER_LIST, FILTER_TREE, FILTERS };
static const char *const filter_names[FILTERS] = {"no filter", "one that looks at an argument, and allows",
                                                  "scrun, the profile", "libseccomp, default, the profile",
                                                  "libseccomp, binary tree, the profile"};
static struct program programs[FILTERS];

static const struct {
  const char *name;
  long number, argument;
  bool goal; // it has argument rules
} calls[] = {{"getppid()", SYS_getppid, 0, false},
             {"personality(0xffffffff)", SYS_personality, 0xffffffff, true},
             {"socket(AF_UNIX, SOCK_DGRAM, 0) and close", SYS_socket, AF_UNIX, true}};
#define CALLS (sizeof calls / sizeof calls[0])

struct worker {
  pid_t pid;
  int to, from; // a call to make a batch of; the time it took
};

// The least that the kernel has to run for every call.
static void
make_least(struct program *out) {
  const struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  memcpy(out->code, code, sizeof code);
  out->length = sizeof code / sizeof code[0];
}

static int64_t
batch_run(size_t call) {
  long number = calls[call].number, argument = calls[call].argument;
  int64_t start = time_now_ns();
  for (size_t i = 0; i < CALLS_PER_BATCH; i++) {
    long result = syscall(number, argument, number == SYS_socket ? SOCK_DGRAM : 0, 0);
    if (result < 0 || (number == SYS_socket && close((int)result) != 0))
      return -1; // refused: nothing that was to be measured
  }
  return time_now_ns() - start;
}

static _Noreturn void
worker_run(const struct program *program, int in, int out) {
  size_t call;
  if (program->length > 0 && wrap_install(program->code, program->length) != 0)
    _exit(1);
  while (read(in, &call, sizeof call) == (ssize_t)sizeof call) {
    int64_t ns = batch_run(call);
    if (write(out, &ns, sizeof ns) != (ssize_t)sizeof ns)
      _exit(1);
  }
  _exit(0);
}

// Workers inherit no pipe of each other's, so that each ends with its own.
static bool
worker_start(struct worker *worker, const struct program *program) {
  int to[2], from[2];
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
    return false;
  worker->pid = fork();
  if (worker->pid == 0) {
    close(to[1]);
    close(from[0]);
    worker_run(program, to[0], from[1]);
  }
  close(to[0]);
  close(from[1]);
  worker->to = to[1];
  worker->from = from[0];
  return worker->pid > 0;
}

static int64_t
worker_ask(const struct worker *worker, size_t call) {
  int64_t ns;
  if (write(worker->to, &call, sizeof call) != (ssize_t)sizeof call
      || read(worker->from, &ns, sizeof ns) != (ssize_t)sizeof ns)
    return -1;
  return ns;
}

static void
workers_end(const struct worker *workers) {
  for (size_t i = 0; i < FILTERS; i++)
    if (workers[i].pid > 0) {
      kill(workers[i].pid, SIGKILL);
      waitpid(workers[i].pid, NULL, 0);
    }
}

static bool
batches_run(const struct worker *workers, size_t call, int64_t times[FILTERS][BATCHES]) {
  for (size_t batch = 0; batch < WARM_UP + BATCHES; batch++)
    for (size_t i = 0; i < FILTERS; i++) {
      int64_t ns = worker_ask(&workers[i], call);
      if (ns < 0) {
        fprintf(stderr, "bench: %s: %s is refused, or the filter was\n", filter_names[i], calls[call].name);
        return false;
      }
      if (batch >= WARM_UP)
        times[i][batch - WARM_UP] = ns;
    }
  return true;
}

static double
ns_per_call(int64_t *times, unsigned percent) {
  return (double)time_percentile(times, BATCHES, percent) / CALLS_PER_BATCH;
}

static void
table_print(size_t call, int64_t times[FILTERS][BATCHES]) {
  double none = ns_per_call(times[FILTER_NONE], 50), none_best = ns_per_call(times[FILTER_NONE], 10);
  printf("\n%-46s %9s %9s %9s %9s\n", calls[call].name, "median", "ratio", "10 %", "ratio");
  for (size_t i = 0; i < FILTERS; i++) {
    double median = ns_per_call(times[i], 50), best = ns_per_call(times[i], 10);
    printf("%-46s %9.1f %9.3f %9.1f %9.3f", filter_names[i], median, median / none, best, best / none_best);
    if (i == FILTER_SCRUN && calls[call].goal)
      printf("  goal: %.1f, %s", GOAL, median <= GOAL * none ? "met" : "missed");
    printf("\n");
  }
}

// All on one processor: the batches take turns anyway.
static void
cpu_pin(void) {
  cpu_set_t one;
  int cpu = sched_getcpu();
  CPU_ZERO(&one);
  if (cpu >= 0 && cpu < CPU_SETSIZE)
    CPU_SET((size_t)cpu, &one);
  if (cpu < 0 || sched_setaffinity(0, sizeof one, &one) != 0)
    printf("not pinned to a processor\n");
}

static int
bench_run(void) {
  static int64_t times[FILTERS][BATCHES];
  struct worker workers[FILTERS] = {{0}};
  int failed = 0;
  for (size_t i = 0; i < FILTERS && !failed; i++)
    failed = !worker_start(&workers[i], &programs[i]);
  for (size_t call = 0; call < CALLS && !failed; call++) {
    failed = !batches_run(workers, call, times);
    if (!failed)
      table_print(call, times);
  }
  workers_end(workers);
  return failed;
}

int
main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: bench_call WRAP-PROFILE PROFILE.json\n");
    return 2;
  }
  struct policy *policy = bench_profile_read();
  int failed = policy == NULL || bench_program_make(policy, &programs[FILTER_SCRUN]) != 0
               || bench_profile_libseccomp(argv[1], argv[2], false, &programs[FILTER_LIST]) != 0
               || bench_profile_libseccomp(argv[1], argv[2], true, &programs[FILTER_TREE]) != 0;
  policy_free(policy);
  if (failed)
    return 1;
  make_least(&programs[FILTER_LEAST]);
  signal(SIGPIPE, SIG_IGN); // a worker that is gone is a failure that is said
  machine_print();
  printf("nanoseconds per call, %d batches of %d calls, in turns\n", BATCHES, CALLS_PER_BATCH);
  cpu_pin();
  fflush(stdout);
  return bench_run();
}
