// SPDX-License-Identifier: LGPL-2.1-or-later
// libseccomp_live.c - where scrun's and libseccomp's programs for the same rules disagree, the kernel itself says who
// is right: both are installed, and the call is made.
//
//     libseccomp_live cases             the cases that are known
//     libseccomp_live random COUNT SEED random rules for one call: with small constants on one argument both agree
//                                       everywhere; with two arguments, or where 32-bit and 64-bit constants are mixed,
//                                       every disagreement is libseccomp's fault
//
// Everything is about rules that allow getppid(2) or socket(2), beside a default that answers an errno of no call's.
#include "runner/compile.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include "runner/verify.h"
#include "tests/check.h"
#include "tests/engines/predicates.h"
#include "tests/unit/random_policy.h"
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define REFUSED EXDEV // what the filters answer; neither getppid nor socket does
#define TESTS_MAX 2
#define RULES_MAX 4
#define POINTS_MAX 256 // that the kernel is asked about, of one rule set

// Allowed when one of the rules matches, each an AND.
struct allowed {
  size_t count;
  struct {
    size_t count;
    struct test tests[TESTS_MAX];
  } rules[RULES_MAX];
};

// Both opinions of the same rules.
struct opinions {
  long call;
  struct policy *policy;
  struct program ours, theirs;
  scmp_filter_ctx oracle;
};

static struct opinions the_opinions;

// What children found out, seen by the parent: the answer of each call, 0 or an errno.
static int *answers;

static const enum scmp_compare comparisons[] = {
    [TEST_EQ] = SCMP_CMP_EQ, [TEST_NE] = SCMP_CMP_NE, [TEST_LT] = SCMP_CMP_LT,
    [TEST_LE] = SCMP_CMP_LE, [TEST_GT] = SCMP_CMP_GT, [TEST_GE] = SCMP_CMP_GE,
};

static call_t
call_of(long number) {
  return calls_at(ABI_NATIVE, (uint32_t)number);
}

static struct policy *
policy_make(long number, const struct allowed *allowed) {
  static const long beside[] = {SYS_exit_group, SYS_getsockopt};
  struct policy *policy = policy_new();
  struct error e;
  CHECK(policy != NULL
        && policy_add_layer(policy, (struct action){ACTION_ERRNO, REFUSED}, (struct source_pos){0}, &e) == 0);
  policy->abis = ABI_BIT(ABI_X86_64);
  policy->foreign = (struct action){ACTION_KILL_THREAD, 0};
  struct rule rule = {.action = {ACTION_ALLOW, 0}};
  for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
    rule.call = call_of(beside[i]);
    CHECK(policy_add_rule(policy, &rule, NULL, 0, &e) == 0);
  }
  rule.call = call_of(number);
  for (size_t i = 0; i < allowed->count; i++)
    CHECK(policy_add_rule(policy, &rule, allowed->rules[i].tests, allowed->rules[i].count, &e) == 0);
  CHECK(policy_seal(policy, &e) == 0);
  return policy;
}

static scmp_filter_ctx
oracle_make(long number, const struct allowed *allowed) {
  scmp_filter_ctx oracle = seccomp_init(SCMP_ACT_ERRNO(REFUSED));
  CHECK(oracle != NULL);
  CHECK_INT(seccomp_rule_add(oracle, SCMP_ACT_ALLOW, SCMP_SYS(exit_group), 0), 0);
  CHECK_INT(seccomp_rule_add(oracle, SCMP_ACT_ALLOW, SCMP_SYS(getsockopt), 0), 0);
  for (size_t i = 0; i < allowed->count; i++) {
    struct scmp_arg_cmp compare[TESTS_MAX];
    for (size_t j = 0; j < allowed->rules[i].count; j++) {
      const struct test *test = &allowed->rules[i].tests[j];
      compare[j] = (struct scmp_arg_cmp){test->argument, comparisons[test->op], test->value, 0};
    }
    // The same rule twice is an error of libseccomp's.
    int status =
        seccomp_rule_add_array(oracle, SCMP_ACT_ALLOW, (int)number, (unsigned)allowed->rules[i].count, compare);
    CHECK(status == 0 || status == -EEXIST);
  }
  return oracle;
}

static void
oracle_load(scmp_filter_ctx oracle, struct program *out) {
  int fd = memfd_create("oracle", MFD_CLOEXEC);
  CHECK_INT(seccomp_export_bpf(oracle, fd), 0);
  ssize_t length = pread(fd, out->code, sizeof out->code, 0);
  CHECK(length > 0);
  out->length = (size_t)length / sizeof out->code[0];
  close(fd);
  CHECK(program_acceptable(out) == 0);
}

// A verified program of the policy, its ticket filled in with what nobody will give.
static void
program_make(const struct policy *policy, struct program *out) {
  static const struct ticket ticket = {{0x12345678, 0x9abcdef0, 0x13579bdf, 0x2468ace0}, 2000};
  struct error e;
  CHECK(program_compile(policy, PROGRAM_LAUNCH, out, &e) == 0 && program_verify(out, PROGRAM_LAUNCH, policy, &e) == 0
        && ticket_fill(out, &ticket, NULL, &e) == 0);
}

static void
opinions_make(struct opinions *opinions, long number, const struct allowed *allowed) {
  opinions->call = number;
  opinions->policy = policy_make(number, allowed);
  program_make(opinions->policy, &opinions->ours);
  opinions->oracle = oracle_make(number, allowed);
  oracle_load(opinions->oracle, &opinions->theirs);
}

static void
opinions_clear(struct opinions *opinions) {
  seccomp_release(opinions->oracle);
  policy_free(opinions->policy);
}

static void
install(const struct program *program) {
  struct sock_filter *code = NULL;
  memcpy(&code, &(const struct sock_filter *){program->code}, sizeof code);
  struct sock_fprog fprog = {(unsigned short)program->length, code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog, 0, 0) != 0)
    _exit(99);
}

static int
answer_of(long call, uint64_t first, uint64_t second) {
  return syscall(call, first, second, 0L) < 0 ? errno : 0;
}

// Makes `call` with each pair of arguments in a child, under `program` or, without one, under libseccomp's context as
// it loads it itself (none: unfiltered).
static void
children_ask(const struct program *program, scmp_filter_ctx oracle, long call, const uint64_t (*arguments)[2],
             size_t count) {
  pid_t child = fork();
  int status;
  if (child == 0) {
    if (program != NULL)
      install(program);
    else if (oracle != NULL && seccomp_load(oracle) != 0)
      _exit(98);
    for (size_t i = 0; i < count; i++)
      answers[i] = answer_of(call, arguments[i][0], arguments[i][1]);
    _exit(0);
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

static int
kernel_ask(const struct program *program, scmp_filter_ctx oracle, long call, uint64_t first) {
  const uint64_t arguments[1][2] = {{first, SOCK_STREAM}};
  children_ask(program, oracle, call, arguments, 1);
  return answers[0];
}

static bool
policy_allows(const struct policy *policy, long call, uint64_t first, uint64_t second) {
  const uint64_t args[6] = {first, second};
  return !action_refuses(policy_decide(policy, ABI_NATIVE, (uint32_t)call, args).action);
}

static bool
program_allows(const struct program *program, long call, uint64_t first, uint64_t second) {
  struct seccomp_data data = {.nr = (int)call, .arch = ARCH_WORD_X86_64, .args = {first, second}};
  return program_run(program, &data, NULL) == SECCOMP_RET_ALLOW;
}

#define ONE_TEST(operation, number)                                                                                    \
  {                                                                                                                    \
    .count = 1, .tests = { {0, 64, operation, UINT64_MAX, number} }                                                    \
  }

// libseccomp 2.5.4 and 2.6.1 let 0x28 through: of two ranges on one argument the upper half of one is lost.
static void
case_lost_half(void) {
  static const struct allowed allowed = {2, {ONE_TEST(TEST_GE, 0x100000026), ONE_TEST(TEST_LT, 0x28)}};
  static const struct {
    uint64_t value;
    int right;
  } rows[] = {{0, 0},
              {0x27, 0},
              {0x28, REFUSED},
              {0x29, REFUSED},
              {UINT32_MAX, REFUSED},
              {0x100000000, REFUSED},
              {0x100000025, REFUSED},
              {0x100000026, 0},
              {0x200000000, 0},
              {UINT64_MAX, 0}};
  struct opinions *o = &the_opinions;
  bool wrong = false;
  opinions_make(o, SYS_getppid, &allowed);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    int mine = kernel_ask(&o->ours, NULL, o->call, rows[i].value);
    int theirs = kernel_ask(NULL, o->oracle, o->call, rows[i].value);
    CHECK_INT(mine, rows[i].right);
    CHECK_INT(!policy_allows(o->policy, o->call, rows[i].value, 0), rows[i].right != 0);
    printf("a0 >= 0x100000026 || a0 < 0x28: 0x%llx: scrun %s, libseccomp %s\n", (unsigned long long)rows[i].value,
           mine == 0 ? "allows" : "refuses", theirs == 0 ? "allows" : "refuses");
    wrong = wrong || theirs != rows[i].right;
  }
  CHECK(wrong);
  CHECK_INT(kernel_ask(NULL, o->oracle, o->call, 0x28), 0);
  opinions_clear(o);
}

// Small constants do not help where rules look at two arguments: a0 = 0 and a1 = 12 match none of these.
static void
case_two_arguments(void) {
  static const struct allowed allowed = {
      3,
      {{.count = 1, .tests = {{1, 64, TEST_GT, UINT64_MAX, 55}}},
       ONE_TEST(TEST_GT, 1),
       {.count = 2, .tests = {{1, 64, TEST_LE, UINT64_MAX, 11}, {0, 64, TEST_LE, UINT64_MAX, 47}}}}};
  static const uint64_t point[1][2] = {{0, 12}};
  struct opinions *o = &the_opinions;
  opinions_make(o, SYS_getppid, &allowed);
  CHECK(!policy_allows(o->policy, o->call, point[0][0], point[0][1]));
  children_ask(&o->ours, NULL, o->call, point, 1);
  CHECK_INT(answers[0], REFUSED);
  children_ask(NULL, o->oracle, o->call, point, 1);
  CHECK_INT(answers[0], 0);
  opinions_clear(o);
}

// Two policies that agree on a constant, its neighbours and the borders, and not at `elsewhere`: no such program may
// pass for the policy, and the kernel shows why.
static void
near_misses(const struct allowed *meant, const struct allowed *mistaken, const uint64_t *agreed, size_t count,
            uint64_t elsewhere) {
  static struct program right, wrong;
  struct policy *policy = policy_make(SYS_getppid, meant), *other = policy_make(SYS_getppid, mistaken);
  struct error e;
  program_make(policy, &right);
  CHECK(program_compile(other, PROGRAM_LAUNCH, &wrong, &e) == 0
        && program_verify(&wrong, PROGRAM_LAUNCH, policy, &e) != 0);
  CHECK(strncmp(e.text, "the program differs from the policy", 35) == 0);
  program_make(other, &wrong);
  for (size_t i = 0; i < count; i++)
    CHECK_INT(kernel_ask(&right, NULL, SYS_getppid, agreed[i]), kernel_ask(&wrong, NULL, SYS_getppid, agreed[i]));
  CHECK_INT(kernel_ask(&right, NULL, SYS_getppid, elsewhere), REFUSED);
  CHECK_INT(kernel_ask(&wrong, NULL, SYS_getppid, elsewhere), 0);
  policy_free(policy);
  policy_free(other);
}

static void
case_neighbours(void) {
  static const struct allowed below = {1, {ONE_TEST(TEST_LT, 0x100000026)}};
  static const struct allowed halves = {
      2, {ONE_TEST(TEST_LT, 0x100000000), {.count = 1, .tests = {{0, 32, TEST_LT, UINT32_MAX, 0x26}}}}};
  static const uint64_t around[] = {0, 1, 0x100000025, 0x100000026, 0x100000027, UINT64_MAX};
  static const struct allowed mask = {1, {{.count = 1, .tests = {{0, 64, TEST_EQ, 0xf0, 0x20}}}}};
  static const struct allowed narrow_mask = {1, {{.count = 1, .tests = {{0, 64, TEST_EQ, 0x70, 0x20}}}}};
  static const uint64_t masked[] = {0, 0x1f, 0x20, 0x21, 0x6f, 0x70, 0x71, 0xef, 0xf0, 0xf1, UINT64_MAX};
  near_misses(&below, &halves, around, sizeof around / sizeof around[0], 0x200000000);
  near_misses(&mask, &narrow_mask, masked, sizeof masked / sizeof masked[0], 0xa0);
}

// The kernel reads socket's first argument as an int, a filter sees 64 bits. What a range over 64 bits lets through
// reaches the kernel as family 38 (which it opens where it is built in); a test of 32 bits stops it.
static void
case_socket_family(void) {
  static const struct allowed wide = {3, {ONE_TEST(TEST_LT, 38), ONE_TEST(TEST_EQ, 39), ONE_TEST(TEST_GT, 40)}};
  static const struct allowed as_int = {3,
                                        {{.count = 1, .tests = {{0, 32, TEST_LT, UINT32_MAX, 38}}},
                                         {.count = 1, .tests = {{0, 32, TEST_EQ, UINT32_MAX, 39}}},
                                         {.count = 1, .tests = {{0, 32, TEST_GT, UINT32_MAX, 40}}}}};
  struct opinions *o = &the_opinions;
  static struct program masked;
  int unfiltered = kernel_ask(NULL, NULL, SYS_socket, 38);
  opinions_make(o, SYS_socket, &wide);
  struct policy *policy = policy_make(SYS_socket, &as_int);
  program_make(policy, &masked);
  CHECK(unfiltered != REFUSED);
  CHECK_INT(kernel_ask(NULL, o->oracle, SYS_socket, 38), REFUSED);
  CHECK_INT(kernel_ask(NULL, o->oracle, SYS_socket, 0x100000026), unfiltered);
  CHECK_INT(kernel_ask(&masked, NULL, SYS_socket, 38), REFUSED);
  CHECK_INT(kernel_ask(&masked, NULL, SYS_socket, 0x100000026), REFUSED);
  CHECK_INT(kernel_ask(&masked, NULL, SYS_socket, AF_UNIX), 0);
  printf("38 is refused: socket(0x100000026) gets %s through libseccomp's filter, %s through scrun's\n",
         strerror(unfiltered), strerror(kernel_ask(&masked, NULL, SYS_socket, 0x100000026)));
  policy_free(policy);
  opinions_clear(o);
}

// In a child: the family of the socket that (family) opens under a filter, as the kernel tells it; or - errno.
static int
domain_ask(const struct program *program, scmp_filter_ctx oracle, uint64_t family) {
  pid_t child = fork();
  int status;
  if (child == 0) {
    int domain = -1;
    socklen_t size = sizeof domain;
    if (program != NULL)
      install(program);
    else if (seccomp_load(oracle) != 0)
      _exit(98);
    long fd = syscall(SYS_socket, family, (long)SOCK_STREAM, 0L);
    answers[0] = fd < 0 ? -errno : getsockopt((int)fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 ? domain : -errno;
    _exit(0);
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
  return answers[0];
}

// The same with a family that every kernel opens: all but AF_UNIX is allowed, and a socket of AF_UNIX is there.
static void
case_socket_opened(void) {
  static const struct allowed wide = {2, {ONE_TEST(TEST_LT, AF_UNIX), ONE_TEST(TEST_GT, AF_UNIX)}};
  static const struct allowed as_int = {1, {{.count = 1, .tests = {{0, 32, TEST_NE, UINT32_MAX, AF_UNIX}}}}};
  struct opinions *o = &the_opinions;
  static struct program masked;
  opinions_make(o, SYS_socket, &wide);
  struct policy *policy = policy_make(SYS_socket, &as_int);
  program_make(policy, &masked);
  CHECK_INT(domain_ask(NULL, o->oracle, AF_UNIX), -REFUSED);
  CHECK_INT(domain_ask(NULL, o->oracle, 0x100000000 | AF_UNIX), AF_UNIX);
  CHECK_INT(domain_ask(&masked, NULL, AF_UNIX), -REFUSED);
  CHECK_INT(domain_ask(&masked, NULL, 0x100000000 | AF_UNIX), -REFUSED);
  CHECK_INT(domain_ask(&masked, NULL, AF_NETLINK), -ESOCKTNOSUPPORT); // SOCK_STREAM: past the filter
  policy_free(policy);
  opinions_clear(o);
}

static uint64_t
random_constant(struct random *random, bool wide) {
  uint64_t low = random_below(random, 2) == 0 ? random_below(random, 64) : random_word(random) & 0x7fffffff;
  return wide && random_below(random, 2) == 0 ? (uint64_t)(1 + random_below(random, 3)) << 32 | low : low;
}

// What random rules are made of.
struct kind {
  const char *name;
  unsigned arguments;
  bool wide;
};

static void
random_rules(struct random *random, const struct kind *kind, struct allowed *out) {
  out->count = 1 + random_below(random, RULES_MAX);
  for (size_t i = 0; i < out->count; i++) {
    unsigned argument = random_below(random, kind->arguments);
    out->rules[i].count = 1 + random_below(random, kind->arguments);
    for (size_t j = 0; j < out->rules[i].count; j++)
      out->rules[i].tests[j] = (struct test){.argument = (argument + (unsigned)j) % kind->arguments,
                                             .width = 64,
                                             .op = (enum test_op)(TEST_EQ + random_below(random, 6)),
                                             .mask = UINT64_MAX,
                                             .value = random_constant(random, kind->wide)};
  }
}

// How the rule sets fared.
static struct { unsigned long sets, points, disagreeing, wider, endless; } tally;

// libseccomp 2.5.4 never comes to an end with some rules on two arguments: tried in a child that has 200 ms of the
// processor, a thousand times what others take.
static bool
oracle_ends(long number, const struct allowed *allowed) {
  static const struct itimerval limit = {.it_value = {.tv_usec = 200000}};
  pid_t child = fork();
  int status = 1;
  if (child == 0) {
    setitimer(ITIMER_PROF, &limit, NULL);
    seccomp_release(oracle_make(number, allowed));
    _exit(0);
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child);
  CHECK(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF));
  return status == 0;
}

struct disagreements {
  size_t count;
  bool wider;
  uint64_t arguments[POINTS_MAX][2];
};

// Words of the atoms of both sides' tests, for the halves of the first two arguments.
#define HALVES 4
static uint32_t atoms[HALVES][ATOMS_MAX];

static void
halves_find(const struct opinions *o, size_t counts[HALVES]) {
  static struct predicates predicates;
  memset(predicates.counts, 0, sizeof predicates.counts);
  CHECK(predicates_add_program(&predicates, &o->theirs, ARCH_WORD_X86_64, (uint32_t)o->call) == NULL);
  for (size_t i = 0; i < o->policy->test_count; i++) {
    const struct test *test = &o->policy->tests[i];
    size_t low = SAMPLE_ARGUMENTS + 2 * (size_t)test->argument;
    CHECK(predicates_add(&predicates, low, UINT32_MAX, (uint32_t)test->value) == NULL);
    CHECK(predicates_add(&predicates, low + 1, UINT32_MAX, (uint32_t)(test->value >> 32)) == NULL);
  }
  for (size_t i = 0; i < HALVES; i++) {
    size_t word = SAMPLE_ARGUMENTS + i;
    counts[i] = atoms_find(predicates.items[word], predicates.counts[word], atoms[i], ATOMS_MAX);
    CHECK(counts[i] > 0);
  }
}

// Asks policy_decide and both programs at every atom. Ours must always be right.
static void
points_compare(const struct opinions *o, struct disagreements *out) {
  size_t counts[HALVES];
  halves_find(o, counts);
  out->count = 0;
  out->wider = false;
  for (size_t point = 0; point < counts[0] * counts[1] * counts[2] * counts[3]; point++) {
    size_t rest = point;
    uint32_t words[HALVES];
    for (size_t i = 0; i < HALVES; rest /= counts[i], i++)
      words[i] = atoms[i][rest % counts[i]];
    uint64_t first = (uint64_t)words[1] << 32 | words[0], second = (uint64_t)words[3] << 32 | words[2];
    bool right = policy_allows(o->policy, o->call, first, second);
    CHECK(program_allows(&o->ours, o->call, first, second) == right);
    tally.points++;
    if (program_allows(&o->theirs, o->call, first, second) == right)
      continue;
    out->wider = out->wider || !right;
    if (out->count < POINTS_MAX) {
      out->arguments[out->count][0] = first;
      out->arguments[out->count++][1] = second;
    }
  }
}

// The kernel, under each of the two programs: ours decides as the policy says, libseccomp's does not.
static void
kernel_arbitrate(const struct opinions *o, const struct disagreements *points) {
  for (int theirs = 0; theirs < 2; theirs++) {
    children_ask(theirs ? NULL : &o->ours, o->oracle, o->call, points->arguments, points->count);
    for (size_t i = 0; i < points->count; i++) {
      bool right = policy_allows(o->policy, o->call, points->arguments[i][0], points->arguments[i][1]);
      CHECK_INT(answers[i], (theirs ? !right : right) ? 0 : REFUSED);
    }
  }
}

// One argument and small constants is where libseccomp is right.
static void
rules_compare(const struct allowed *allowed, const struct kind *kind) {
  static struct disagreements points;
  struct opinions *o = &the_opinions;
  tally.sets++;
  if (!oracle_ends(SYS_getppid, allowed)) {
    CHECK(kind->arguments > 1);
    tally.endless++;
    return;
  }
  opinions_make(o, SYS_getppid, allowed);
  points_compare(o, &points);
  tally.disagreeing += points.count > 0;
  tally.wider += points.wider;
  CHECK(kind->wide || kind->arguments > 1 || points.count == 0);
  if (points.count > 0)
    kernel_arbitrate(o, &points);
  opinions_clear(o);
}

static void
random_compare(unsigned long count, unsigned long long seed, const struct kind *kind) {
  memset(&tally, 0, sizeof tally);
  for (unsigned long i = 0; i < count && check_failures < 10; i++) {
    struct random random = random_from(seed + i);
    struct allowed allowed;
    random_rules(&random, kind, &allowed);
    rules_compare(&allowed, kind);
    if (check_failures > 0)
      fprintf(stderr, "%s: again with: libseccomp_live random 1 %llu\n", kind->name, seed + i);
  }
  printf(
      "%s: %lu rule sets, %lu points; libseccomp wrong on %lu sets, on %lu of them it allows too much, and without an "
      "end on %lu\n",
      kind->name, tally.sets, tally.points, tally.disagreeing, tally.wider, tally.endless);
}

static void
random_compare_all(unsigned long count, unsigned long long seed) {
  static const struct kind kinds[] = {
      {"small constants, one argument", 1, false},
      {"mixed constants, one argument", 1, true},
      {"small constants, two arguments", 2, false},
      {"mixed constants, two arguments", 2, true},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    random_compare(count, seed, &kinds[i]);
    if (count >= 1000 && i > 0)
      CHECK(tally.wider > 0); // or the rules are not what they are meant to be
  }
}

int
main(int argc, char **argv) {
  answers = mmap(NULL, POINTS_MAX * sizeof *answers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(answers != MAP_FAILED);
  if (argc == 4 && strcmp(argv[1], "random") == 0) {
    random_compare_all(strtoul(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
  } else if (argc == 2 && strcmp(argv[1], "cases") == 0) {
    case_lost_half();
    case_two_arguments();
    case_neighbours();
    case_socket_family();
    case_socket_opened();
  }
  return check_done();
}
