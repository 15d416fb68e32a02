// SPDX-License-Identifier: LGPL-2.1-or-later
// launch.c - what a launch costs: bench_launch SCRUN FOLDER [ROUNDS [SEED]]. Each round starts every contender once, in
// random order; what a contender adds is its time less that of the direct spawn in the same round.
//
// Nothing is too slow to pass. But a contender of the project's that does not start the program, or starts it
// unfiltered, is a failure: its time would mean nothing.
#include "compat/groups.h"
#include "hook/order.h"
#include "tests/bench/machine.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS_DEFAULT 300
#define ROUNDS_MAX 100000
#define WORDS_MAX 8
// What a shell, and every wrapper that stays as a parent, says of a child killed by SIGSYS.
#define STATUS_SIGSYS (128 + SIGSYS)
#define PROGRAM_FD 3
#define PROGRAM_FD_TEXT "3"

enum contender_id {
  DIRECT,
  BARE,
  MUSL,
  GLIBC,
  FROM_FILE,
  LIBSECCOMP,
  SCRUN_ONE,
  SCRUN_LIST,
  SCRUN_EXECVE,
  SCRUN_ISOLATED,
  PROFILE_FILE,
  PROFILE_LIBSECCOMP,
  SCRUN_PROFILE,
  SCRUN_COMPILED,
  BARE_EXEC,
  WRAPPER_PROFILE,
  WRAPPER_NUMBERS,
  BWRAP,
  FIREJAIL_DROP,
  FIREJAIL_KEEP,
  LOADED, // from here on the target is a dynamic one
  LOADED_GLIBC,
  LOADED_PTRACE,
  LOADED_CONSTRUCTOR,
  LOADED_EXEC,
  LOADED_ENTRY,
  LOADED_MAIN,
  LOADED_SANDBOXIFY,
  LOADED_SANDBOX,
  CONTENDERS
};

struct contender {
  const char *label;
  const char *words[WORDS_MAX]; // in front of the target; "./NAME" is a file of the folder, "scrun" the given one
  const char *denied;           // the call that the check makes; NULL: there is no filter
  bool optional;                // it may be missing, or not work here; unfiltered it must not be
  bool program_fd;              // gets the finished program as PROGRAM_FD
  const char *preload;          // a library of the folder, or the folder's own LD_PRELOAD=... of one
};

#define DENIED_SWAPON "167"
#define DENIED_EXECVE "59"
// What the profile of containers refuses with EPERM; move_pages of no pages succeeds otherwise, for everyone.
#define DENIED_PROFILE "279"
#define DENIED_NUMBERS "168"
_Static_assert(SYS_swapon == 167 && SYS_swapoff == 168 && SYS_execve == 59 && SYS_move_pages == 279,
               "the numbers above");
#define LIST "@default @system-service"

static char keep_option[16384] = "--seccomp.keep=";

// What the wrapper of containers gets: compiled policies of the folder, as its argument.
enum { ORDER_PROFILE, ORDER_NUMBERS, ORDERS };
static struct order {
  const char *name;
  size_t instructions;
  char text[ORDER_BYTES_MAX];
} orders[ORDERS] = {[ORDER_PROFILE] = {"profile.scrun", 0, ""}, [ORDER_NUMBERS] = {"numbers.scrun", 0, ""}};

static struct contender contenders[CONTENDERS] = {
    [DIRECT] = {"direct spawn", {0}, NULL, false, false},
    [BARE] = {"no libc, 20 instructions baked in", {"./bench_wrap_bare"}, DENIED_SWAPON, false, false},
    [MUSL] = {"static musl, 20 instructions baked in", {"./bench_wrap_musl"}, DENIED_SWAPON, true, false},
    [GLIBC] = {"static glibc, 20 instructions baked in", {"./bench_wrap_glibc"}, DENIED_SWAPON, false, false},
    [FROM_FILE] =
        {"static glibc, reads the finished list", {"./bench_wrap_file", "./list.bpf"}, DENIED_SWAPON, false, false},
    [LIBSECCOMP] =
        {"static glibc, libseccomp builds the list", {"./bench_wrap_libseccomp"}, DENIED_SWAPON, false, false},
    [SCRUN_ONE] =
        {"scrun ~swapon", {"scrun", "--property=SystemCallFilter=~swapon", "--"}, DENIED_SWAPON, false, false},
    [SCRUN_LIST] =
        {"scrun, the list", {"scrun", "--property=SystemCallFilter=" LIST, "--"}, DENIED_SWAPON, false, false},
    [SCRUN_EXECVE] =
        {"scrun ~execve", {"scrun", "--property=SystemCallFilter=~execve", "--"}, DENIED_EXECVE, false, false},
    [SCRUN_ISOLATED] = {"scrun ~execve IsolatePeers=yes",
                        {"scrun", "--property=SystemCallFilter=~execve", "--property=IsolatePeers=yes", "--"},
                        DENIED_EXECVE,
                        true,
                        false},
    // The profile of containers-common for a default container's capabilities, from the file that podman reads; what
    // the others are given was resolved and compiled beforehand.
    [PROFILE_FILE] = {"static glibc, reads the finished profile",
                      {"./bench_wrap_file", "./profile.bpf"},
                      DENIED_PROFILE,
                      false,
                      false},
    [PROFILE_LIBSECCOMP] = {"dynamic, json-c and libseccomp, the profile",
                            {"./bench_wrap_profile", "./profile.json"},
                            DENIED_PROFILE,
                            false,
                            false},
    [SCRUN_PROFILE] = {"scrun, the profile as JSON",
                       {"scrun", "--profile=" BENCH_PROFILE, "--cap=" BENCH_CAPABILITIES, "--"},
                       DENIED_PROFILE,
                       false,
                       false},
    [SCRUN_COMPILED] =
        {"scrun, the profile compiled", {"scrun", "--profile=./profile.scrun", "--"}, DENIED_PROFILE, false, false},
    // What a container's start adds: an exec more, and what the wrapper does before it.
    [BARE_EXEC] = {"no libc, no filter: one exec more", {"./bench_wrap_exec"}, NULL, false, false},
    [WRAPPER_PROFILE] =
        {"scrun-wrapper, the profile", {BENCH_WRAPPER, orders[ORDER_PROFILE].text}, DENIED_PROFILE, false, false},
    [WRAPPER_NUMBERS] = {"scrun-wrapper, every other number",
                         {BENCH_WRAPPER, orders[ORDER_NUMBERS].text},
                         DENIED_NUMBERS,
                         false,
                         false},
    [BWRAP] = {"bwrap --bind / / --seccomp, the finished list",
               {"/usr/bin/bwrap", "--bind", "/", "/", "--seccomp", PROGRAM_FD_TEXT, "--"},
               DENIED_SWAPON,
               true,
               true},
    [FIREJAIL_DROP] = {"firejail --seccomp.drop=swapon",
                       {"/usr/bin/firejail", "--noprofile", "--quiet", "--seccomp-error-action=kill",
                        "--seccomp.drop=swapon", "--"},
                       DENIED_SWAPON,
                       true,
                       false},
    [FIREJAIL_KEEP] = {"firejail --seccomp.keep=, the list",
                       {"/usr/bin/firejail", "--noprofile", "--quiet", "--seccomp-error-action=kill", keep_option,
                        "--"},
                       DENIED_SWAPON,
                       true,
                       false},
    [LOADED] = {"direct spawn, dynamic target", {0}, NULL, false, false},
    [LOADED_GLIBC] = {"static glibc, 20 instructions baked in", {"./bench_wrap_glibc"}, DENIED_SWAPON, false, false},
    [LOADED_PTRACE] = {"tracer that suspends a libseccomp filter", {"./bench_peer_ptrace"}, DENIED_SWAPON, true, false},
    [LOADED_CONSTRUCTOR] =
        {"preloaded constructor with libseccomp", {0}, DENIED_SWAPON, true, false, BENCH_PEER_CONSTRUCTOR},
    [LOADED_EXEC] = {"scrun --at=exec ~swapon",
                     {"scrun", "--property=SystemCallFilter=~swapon", "--"},
                     DENIED_SWAPON,
                     false,
                     false},
    [LOADED_ENTRY] = {"scrun --at=entry ~swapon",
                      {"scrun", "--at=entry", "--property=SystemCallFilter=~swapon", "--"},
                      DENIED_SWAPON,
                      false,
                      false},
    [LOADED_MAIN] = {"scrun --at=main ~swapon",
                     {"scrun", "--at=main", "--property=SystemCallFilter=~swapon", "--"},
                     DENIED_SWAPON,
                     false,
                     false},
    [LOADED_SANDBOXIFY] = {"sandboxify, deny swapon", {BENCH_SANDBOXIFY}, DENIED_SWAPON, false, false},
    [LOADED_SANDBOX] = {"libsandbox.so, deny swapon", {0}, DENIED_SWAPON, false, false, BENCH_SANDBOX},
};

// What a contender is held against: the spawn of its own target.
static enum contender_id
base_of(enum contender_id id) {
  return id < LOADED ? DIRECT : LOADED;
}

struct bench {
  const char *scrun, *folder;
  size_t rounds;
  uint64_t seed;
  char target[PATH_MAX], target_dynamic[PATH_MAX], list[PATH_MAX], paths[CONTENDERS][2][PATH_MAX];
  const char *excuse[CONTENDERS]; // why a contender takes no part
  int64_t *times[CONTENDERS];     // by round
  int64_t *added[CONTENDERS];     // by round, less the direct spawn
  int64_t *faults[CONTENDERS];    // page faults that needed no disk
};

// What every child is given: the same small environment.
static char *environment[] = {(char[]){"PATH=/usr/bin:/bin"}, (char[]){"SECCOMP_SYSCALL_DENY=swapon"}, NULL};

// The same with a library in front of all others.
static char **
environment_of(enum contender_id id) {
  static char preload[PATH_MAX + 16];
  static char *more[] = {NULL, NULL, preload, NULL};
  if (contenders[id].preload == NULL)
    return environment;
  snprintf(preload, sizeof preload, "LD_PRELOAD=%s", contenders[id].preload);
  more[0] = environment[0];
  more[1] = environment[1];
  return more;
}

struct outcome {
  int status; // as from wait4()
  int64_t ns, faults;
};

static int
child_files(posix_spawn_file_actions_t *actions, const struct bench *bench, enum contender_id id, bool quiet) {
  if (contenders[id].program_fd && posix_spawn_file_actions_addopen(actions, PROGRAM_FD, bench->list, O_RDONLY, 0) != 0)
    return -1;
  return quiet ? posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) : 0;
}

// Starts one contender and waits for its end. In the rounds it is quiet: the warnings about the profile are always the
// same. posix_spawn shares the memory until the exec, so that the size of this
// program does not count.
static int
contender_run(const struct bench *bench, enum contender_id id, const char *call, bool quiet, struct outcome *out) {
  char *argv[WORDS_MAX + 3];
  size_t count = 0;
  for (; contenders[id].words[count] != NULL; count++)
    argv[count] = (char *)(uintptr_t)(count < 2 && bench->paths[id][count][0] != '\0' ? bench->paths[id][count]
                                                                                      : contenders[id].words[count]);
  argv[count++] = (char *)(uintptr_t)(base_of(id) == DIRECT ? bench->target : bench->target_dynamic);
  argv[count++] = (char *)(uintptr_t)call;
  argv[count] = NULL;
  posix_spawn_file_actions_t actions;
  struct rusage usage;
  pid_t pid;
  if (posix_spawn_file_actions_init(&actions) != 0 || child_files(&actions, bench, id, quiet) != 0)
    return -1;
  int64_t start = time_now_ns();
  int sys = posix_spawn(&pid, argv[0], &actions, NULL, argv, environment_of(id));
  bool ended = sys == 0 && wait4(pid, &out->status, 0, &usage) == pid;
  out->ns = time_now_ns() - start;
  out->faults = ended ? usage.ru_minflt : 0;
  posix_spawn_file_actions_destroy(&actions);
  return ended ? 0 : -1;
}

static bool
status_is(int status, int wanted) {
  return WIFEXITED(status) && WEXITSTATUS(status) == wanted;
}

static const char *const not_there = "not there";
static const char *const not_started = "does not start the program here";

// A contender is right if the program starts, and is killed (or, by the profile, refused) at the call that it denies.
// Returns NULL, or what is wrong.
static const char *
contender_check(const struct bench *bench, enum contender_id id) {
  struct outcome outcome;
  const char *file = contenders[id].words[0] == NULL ? bench->target : bench->paths[id][0];
  const char *denied = contenders[id].denied;
  if (access(file, X_OK) != 0 || (contenders[id].preload != NULL && access(contenders[id].preload, R_OK) != 0))
    return not_there;
  if (contender_run(bench, id, NULL, false, &outcome) != 0 || !status_is(outcome.status, 0)
      || contender_run(bench, id, denied != NULL ? denied : DENIED_SWAPON, true, &outcome) != 0)
    return not_started;
  bool refused =
      (WIFSIGNALED(outcome.status) && WTERMSIG(outcome.status) == SIGSYS) || status_is(outcome.status, STATUS_SIGSYS);
  if (denied != NULL && strcmp(denied, DENIED_PROFILE) == 0)
    refused = status_is(outcome.status, EPERM);
  if (refused != (denied != NULL))
    return refused ? "is filtered from outside" : "leaves the program unfiltered";
  return NULL;
}

static int
contenders_check(struct bench *bench) {
  int failures = 0;
  for (enum contender_id id = 0; id < CONTENDERS; id++) {
    const char *wrong = bench->excuse[id] = contender_check(bench, id);
    if (wrong == NULL || (contenders[id].optional && (wrong == not_there || wrong == not_started)))
      continue;
    fprintf(stderr, "bench: %s: %s\n", contenders[id].label, wrong);
    failures++;
  }
  return failures == 0 ? 0 : -1;
}

// xorshift64*: any generator will do, and with the seed printed a run's order can be had again.
static uint32_t
random_below(uint64_t *state, uint32_t bound) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return (uint32_t)((*state * 2685821657736338717u) >> 32) % bound;
}

static int
round_run(struct bench *bench, size_t round, uint64_t *state) {
  enum contender_id order[CONTENDERS];
  for (uint32_t i = 0; i < CONTENDERS; i++) {
    uint32_t at = random_below(state, i + 1);
    order[i] = order[at];
    order[at] = (enum contender_id)i;
  }
  for (size_t i = 0; i < CONTENDERS; i++) {
    struct outcome outcome;
    if (bench->excuse[order[i]] != NULL)
      continue;
    if (contender_run(bench, order[i], NULL, true, &outcome) != 0 || !status_is(outcome.status, 0)) {
      fprintf(stderr, "bench: %s: did not start the program in round %zu\n", contenders[order[i]].label, round);
      return -1;
    }
    bench->times[order[i]][round] = outcome.ns;
    bench->faults[order[i]][round] = outcome.faults;
  }
  return 0;
}

static double
us(int64_t ns) {
  return (double)ns / 1000;
}

// Before anything is sorted.
static void
differences_make(struct bench *bench) {
  for (enum contender_id id = 0; id < CONTENDERS; id++)
    for (size_t round = 0; round < bench->rounds; round++)
      bench->added[id][round] = bench->times[id][round] - bench->times[base_of(id)][round];
}

static int64_t
added(const struct bench *bench, enum contender_id id) {
  return time_percentile(bench->added[id], bench->rounds, 50);
}

// The tenth of all launches that went best on either side: what is left of the difference on a machine with nothing
// else to do.
static int64_t
added_at_best(const struct bench *bench, enum contender_id id) {
  return time_percentile(bench->times[id], bench->rounds, 10)
         - time_percentile(bench->times[base_of(id)], bench->rounds, 10);
}

static void
row_print(const struct bench *bench, enum contender_id id) {
  const int64_t *differences = bench->added[id];
  if (bench->excuse[id] != NULL) {
    printf("%-46s %s\n", contenders[id].label, bench->excuse[id]);
    return;
  }
  printf("%-46s %9.1f %9.1f %9.1f %9.1f %7lld\n", contenders[id].label, us(added(bench, id)),
         us(time_percentile((int64_t *)(uintptr_t)differences, bench->rounds, 25)),
         us(time_percentile((int64_t *)(uintptr_t)differences, bench->rounds, 75)), us(added_at_best(bench, id)),
         (long long)time_percentile(bench->faults[id], bench->rounds, 50));
}

static void
base_print(const struct bench *bench, enum contender_id base, const char *label) {
  int64_t *times = bench->times[base];
  printf("%-46s %9.1f %9.1f %9.1f %9.1f %7lld\n", label, us(time_percentile(times, bench->rounds, 50)),
         us(time_percentile(times, bench->rounds, 25)), us(time_percentile(times, bench->rounds, 75)),
         us(time_percentile(times, bench->rounds, 10)),
         (long long)time_percentile(bench->faults[base], bench->rounds, 50));
}

static void
table_print(const struct bench *bench) {
  printf("\n%-46s %9s %9s %9s %9s %7s\n", "", "median of", "", "", "at best:", "page");
  printf("%-46s %9s %9s %9s %9s %7s\n", "adds to a direct spawn, microseconds", "pairs", "25 %", "75 %", "10 %",
         "faults");
  for (enum contender_id id = DIRECT + 1; id < LOADED; id++)
    row_print(bench, id);
  base_print(bench, DIRECT, "the direct spawn itself");
  printf("\n%-46s\n", "the same for a dynamic target");
  for (enum contender_id id = LOADED + 1; id < CONTENDERS; id++)
    row_print(bench, id);
  base_print(bench, LOADED, "the direct spawn itself");
}

static const struct {
  enum contender_id of, over;
  double goal;            // 0: none was set
  enum contender_id less; // taken off `of`: a moment over another; DIRECT: nothing
} ratios[] = {
    {SCRUN_ONE, GLIBC, 0.5, DIRECT},
    {SCRUN_ONE, MUSL, 0, DIRECT},
    {SCRUN_ONE, BARE, 0, DIRECT},
    {SCRUN_LIST, FROM_FILE, 1.0, DIRECT},
    {SCRUN_LIST, LIBSECCOMP, 0.05, DIRECT},
    {SCRUN_EXECVE, GLIBC, 0, DIRECT},
    {SCRUN_PROFILE, PROFILE_LIBSECCOMP, 0.1, DIRECT},
    {SCRUN_COMPILED, PROFILE_FILE, 1.0, DIRECT},
    {SCRUN_ISOLATED, GLIBC, 0, DIRECT},
    {WRAPPER_NUMBERS, BARE_EXEC, 0, DIRECT},
    {WRAPPER_PROFILE, SCRUN_COMPILED, 0, DIRECT},
    {SCRUN_LIST, BWRAP, 0, DIRECT},
    {SCRUN_ONE, FIREJAIL_DROP, 0, DIRECT},
    {LOADED_ENTRY, LOADED_GLIBC, 2.3, DIRECT},
    {LOADED_ENTRY, LOADED_PTRACE, 1.0, DIRECT},
    {LOADED_MAIN, LOADED_CONSTRUCTOR, 1.1, LOADED_EXEC},
    {LOADED_SANDBOX, LOADED_CONSTRUCTOR, 0, DIRECT},
    {LOADED_SANDBOXIFY, LOADED_PTRACE, 0, DIRECT},
};

static void
ratios_print(const struct bench *bench) {
  printf("\n%-30s %-42s %9s %9s  %s\n", "ratio of", "over", "medians", "at best", "goal");
  for (size_t i = 0; i < sizeof ratios / sizeof ratios[0]; i++) {
    enum contender_id of = ratios[i].of, over = ratios[i].over;
    if (bench->excuse[of] != NULL || bench->excuse[over] != NULL)
      continue;
    enum contender_id less = ratios[i].less;
    int64_t less_median = less == DIRECT ? 0 : added(bench, less);
    int64_t less_best = less == DIRECT ? 0 : added_at_best(bench, less);
    double ratio = (double)(added(bench, of) - less_median) / (double)added(bench, over);
    double best = (double)(added_at_best(bench, of) - less_best) / (double)added_at_best(bench, over);
    printf("%-30s %-42s %9.3f %9.3f  ", contenders[of].label, contenders[over].label, ratio, best);
    if (less != DIRECT)
      printf("(less that of %s) ", contenders[less].label);
    if (ratios[i].goal > 0)
      printf("%.3f, %s\n", ratios[i].goal, ratio <= ratios[i].goal ? "met" : "missed");
    else
      printf("-\n");
  }
}

// In microseconds.
#define WRAPPER_GOAL 250.0

static void
wrapper_print(const struct bench *bench, enum contender_id id, const struct order *order) {
  double more = us(added(bench, id) - added(bench, BARE_EXEC));
  double best = us(added_at_best(bench, id) - added_at_best(bench, BARE_EXEC));
  printf("%s, %zu instructions: %.1f microseconds more than an exec alone, %.1f at best; goal %.0f, %s\n",
         contenders[id].label, order->instructions, more, best, WRAPPER_GOAL, more <= WRAPPER_GOAL ? "met" : "missed");
}

static void
wrappers_print(const struct bench *bench) {
  putchar('\n');
  wrapper_print(bench, WRAPPER_PROFILE, &orders[ORDER_PROFILE]);
  wrapper_print(bench, WRAPPER_NUMBERS, &orders[ORDER_NUMBERS]);
}

// The last processor that this process may use: the first one has more interrupts to serve. Returns -1 if it could not.
static int
cpu_pin(void) {
  cpu_set_t allowed, one;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return -1;
  for (size_t cpu = CPU_SETSIZE; cpu-- > 0;)
    if (CPU_ISSET(cpu, &allowed)) {
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      return sched_setaffinity(0, sizeof one, &one) == 0 ? (int)cpu : -1;
    }
  return -1;
}

static int
path_make(char *out, const char *folder, const char *name) {
  int size = snprintf(out, PATH_MAX, "%s/%s", folder, name);
  return size > 0 && size < PATH_MAX ? 0 : -1;
}

static int
paths_make(struct bench *bench) {
  if (path_make(bench->target, bench->folder, "bench_target") != 0
      || path_make(bench->target_dynamic, bench->folder, "bench_target_dynamic") != 0
      || path_make(bench->list, bench->folder, "list.bpf") != 0)
    return -1;
  for (enum contender_id id = 0; id < CONTENDERS; id++)
    for (size_t i = 0; i < 2 && contenders[id].words[i] != NULL; i++) {
      const char *word = contenders[id].words[i];
      int failed = 0;
      if (strncmp(word, "./", 2) == 0)
        failed = path_make(bench->paths[id][i], bench->folder, word + 2);
      else if (i == 0)
        failed = path_make(bench->paths[id][i], "",
                           strcmp(word, "scrun") == 0 ? bench->scrun + (bench->scrun[0] == '/') : word + 1);
      if (failed != 0)
        return -1;
    }
  return 0;
}

// firejail knows no systemd groups, and refuses names that it does not know: calls of the list that it was built with.
static void
keep_option_make(void) {
  const struct group_tables *tables = group_tables_find("systemd-252", strlen("systemd-252"));
  const struct group *groups[2] = {group_find(tables, "@default", 8), group_find(tables, "@system-service", 15)};
  size_t used = strlen(keep_option);
  uint32_t number;
  for (size_t call = 0; call < calls_count(); call++) {
    const char *name = calls_name((call_t)call);
    if (!calls_number((call_t)call, ABI_NATIVE, &number)
        || (!call_set_has(groups[0]->all, (call_t)call) && !call_set_has(groups[1]->all, (call_t)call)))
      continue;
    if (used + strlen(name) + 2 < sizeof keep_option)
      used += (size_t)snprintf(keep_option + used, sizeof keep_option - used, "%s,", name);
  }
  keep_option[used - 1] = '\0';
}

static int
order_make(struct order *order, const char *folder) {
  static unsigned char bytes[IMAGE_BYTES_MAX];
  static struct image image;
  char path[PATH_MAX];
  struct buffer text = {NULL, 0, 0, false};
  struct error e = {.text = ""};
  FILE *file = path_make(path, folder, order->name) == 0 ? fopen(path, "rb") : NULL;
  size_t length = file == NULL ? 0 : fread(bytes, 1, sizeof bytes, file);
  if (file != NULL)
    fclose(file);
  int failed = image_read(&image, bytes, length, &e) != 0 || order_write(&text, &image, &e) != 0;
  if (failed)
    fprintf(stderr, "bench: %s: %s\n", order->name, e.text);
  else
    memcpy(order->text, text.text, text.length + 1);
  order->instructions = image.program.length;
  buffer_clear(&text);
  return failed ? -1 : 0;
}

static int
orders_make(const char *folder) {
  for (size_t i = 0; i < ORDERS; i++)
    if (order_make(&orders[i], folder) != 0)
      return -1;
  return 0;
}

static bool
argument_read(const char *text, uint64_t max, uint64_t *out) {
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < 1 || value > max)
    return false;
  *out = value;
  return true;
}

static int
rooms_make(struct bench *bench) {
  for (enum contender_id id = 0; id < CONTENDERS; id++) {
    bench->times[id] = calloc(bench->rounds, sizeof *bench->times[id]);
    bench->added[id] = calloc(bench->rounds, sizeof *bench->added[id]);
    bench->faults[id] = calloc(bench->rounds, sizeof *bench->faults[id]);
    if (bench->times[id] == NULL || bench->added[id] == NULL || bench->faults[id] == NULL)
      return -1;
  }
  return 0;
}

static void
rooms_free(struct bench *bench) {
  for (enum contender_id id = 0; id < CONTENDERS; id++) {
    free(bench->times[id]);
    free(bench->added[id]);
    free(bench->faults[id]);
  }
}

static int
bench_run(struct bench *bench) {
  keep_option_make();
  if (orders_make(bench->folder) != 0 || paths_make(bench) != 0 || rooms_make(bench) != 0
      || contenders_check(bench) != 0)
    return -1;
  int cpu = cpu_pin();
  uint64_t state = bench->seed;
  machine_print();
  printf("%zu rounds, seed %llu, ", bench->rounds, (unsigned long long)bench->seed);
  printf(cpu < 0 ? "not pinned to a processor\n" : "pinned to processor %d\n", cpu);
  printf("the list: %s, on three ABIs (firejail: x86-64 and systemd 252's names only)\n", LIST);
  fflush(stdout);
  for (size_t round = 0; round < bench->rounds; round++)
    if (round_run(bench, round, &state) != 0)
      return -1;
  differences_make(bench);
  table_print(bench);
  ratios_print(bench);
  wrappers_print(bench);
  return 0;
}

int
main(int argc, char **argv) {
  static struct bench bench;
  uint64_t rounds = ROUNDS_DEFAULT;
  bench.seed = (uint64_t)time_now_ns();
  if (argc < 3 || argc > 5 || argv[1][0] != '/' || (argc > 3 && !argument_read(argv[3], ROUNDS_MAX, &rounds))
      || (argc > 4 && !argument_read(argv[4], UINT64_MAX, &bench.seed))) {
    fprintf(stderr, "usage: bench_launch /PATH/OF/SCRUN FOLDER [ROUNDS [SEED]]\n");
    return 2;
  }
  bench.scrun = argv[1];
  bench.folder = argv[2];
  bench.rounds = (size_t)rounds;
  int failed = bench_run(&bench);
  rooms_free(&bench);
  return failed != 0;
}
