// SPDX-License-Identifier: LGPL-2.1-or-later
// outer.c - hostile surroundings: sets limits, installs the outer filter it is told, becomes the user it is told, and
// execs.
//
//   outer [-l LIMIT=N]... [-f N] [-r CALL[,aN=V]=ACTION]... [-d ACTION] [-u UID] [-n] -- PROGRAM ARGUMENTS...
//   -l  as, data, stack, fsize, nproc or nofile, soft and hard
//   -f  stacks filters that allow everything, of N instructions as the kernel counts them, or until it takes no more
//   -r  a rule of the filter, for calls of x86-64; the first that fits decides. ACTION: an errno, kill or allow
//   -d  what calls without a rule get (allow)
//   -n  sets no_new_privs first; without root it is set anyway
// Its own calls carry a mark in the sixth argument that passes every rule.
#include "compat/calls.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MARK 0x6f75746572L
#define RULES_MAX 64
#define RULE_LENGTH 7
// What the kernel adds to the length of each filter when it counts. Source: MAX_INSNS_PER_PATH in kernel/seccomp.c.
#define FILTER_OVERHEAD 4

struct rule {
  uint32_t number, action;
  int argument; // -1: whatever the arguments are
  uint64_t value;
};

static struct rule rules[RULES_MAX];
static size_t rule_count;
static uint32_t default_action = SECCOMP_RET_ALLOW;
static struct sock_filter code[BPF_MAXINSNS];

static _Noreturn void
fail(const char *what) {
  fprintf(stderr, "outer: %s: %s\n", what, strerror(errno));
  exit(99);
}

static uint64_t
number_read(const char *text) {
  char *end;
  errno = 0;
  uint64_t value = strtoull(text, &end, 0);
  if (errno != 0 || end == text || *end != '\0')
    fail(text);
  return value;
}

static uint32_t
action_read(const char *text) {
  if (strcmp(text, "kill") == 0)
    return SECCOMP_RET_KILL_PROCESS;
  if (strcmp(text, "allow") == 0)
    return SECCOMP_RET_ALLOW;
  return SECCOMP_RET_ERRNO | (uint32_t)number_read(text);
}

// CALL[,aN=V]=ACTION
static void
rule_add(char *text) {
  if (rule_count == RULES_MAX)
    fail("too many rules");
  struct rule *rule = &rules[rule_count++];
  size_t length = strcspn(text, ",=");
  call_t call = calls_find(text, length);
  if (call == CALL_NONE || !calls_number(call, ABI_X86_64, &rule->number))
    fail(text);
  char *action = strrchr(text, '=');
  if (action == NULL)
    fail(text);
  *action = '\0';
  rule->action = action_read(action + 1);
  rule->argument = -1;
  if (text[length] != ',')
    return;
  if (text[length + 1] != 'a' || text[length + 2] < '0' || text[length + 2] > '5' || text[length + 3] != '=')
    fail(text);
  rule->argument = text[length + 2] - '0';
  rule->value = number_read(text + length + 4);
}

static void
limit_set(const char *text) {
  static const struct {
    const char *name;
    int resource;
  } limits[] = {{"as", RLIMIT_AS},       {"data", RLIMIT_DATA},   {"stack", RLIMIT_STACK},
                {"fsize", RLIMIT_FSIZE}, {"nproc", RLIMIT_NPROC}, {"nofile", RLIMIT_NOFILE}};
  size_t length = strcspn(text, "=");
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
    if (strlen(limits[i].name) == length && strncmp(text, limits[i].name, length) == 0 && text[length] == '=') {
      rlim_t value = number_read(text + length + 1);
      if (syscall(SYS_prlimit64, 0, limits[i].resource, &(struct rlimit){value, value}, NULL) != 0)
        fail(text);
      return;
    }
  errno = EINVAL;
  fail(text);
}

static long
marked_call(long number, long a0, long a1, long a2) {
  return syscall(number, a0, a1, a2, 0L, 0L, MARK);
}

// Returns 0, or the errno.
static int
filter_install(size_t length) {
  struct sock_fprog filter = {.len = (unsigned short)length, .filter = code};
  return marked_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&filter) == 0 ? 0 : errno;
}

// Up to `total`, or until not even a filter of one instruction fits.
static void
fill_up(size_t total) {
  size_t most = BPF_MAXINSNS;
  for (size_t used = 0; used + FILTER_OVERHEAD < total && most > 0;) {
    size_t length = total - used - FILTER_OVERHEAD;
    if (length > most)
      length = most;
    for (size_t i = 0; i + 1 < length; i++)
      code[i] = (struct sock_filter){BPF_LD | BPF_W | BPF_ABS, 0, 0, 0};
    code[length - 1] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    int failed = filter_install(length);
    if (failed == ENOMEM)
      most = length / 2;
    else if (failed != 0)
      fail("seccomp");
    else
      used += length + FILTER_OVERHEAD;
  }
}

#define ARGUMENT(i, half) ((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (size_t)(i) + 4 * (half)))
#define LOAD(at)                                                                                                       \
  (struct sock_filter) {                                                                                               \
    BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)(at)                                                                     \
  }
#define UNLESS_EQUAL(value, skip)                                                                                      \
  (struct sock_filter) {                                                                                               \
    BPF_JMP | BPF_JEQ | BPF_K, 0, skip, (uint32_t)(value)                                                              \
  }
#define RETURN(value)                                                                                                  \
  (struct sock_filter) {                                                                                               \
    BPF_RET | BPF_K, 0, 0, value                                                                                       \
  }

static size_t
rule_emit(const struct rule *rule, struct sock_filter *out) {
  size_t n = 0;
  out[n++] = LOAD(offsetof(struct seccomp_data, nr));
  out[n++] = UNLESS_EQUAL(rule->number, rule->argument < 0 ? 1 : 5);
  if (rule->argument >= 0) {
    out[n++] = LOAD(ARGUMENT(rule->argument, 0));
    out[n++] = UNLESS_EQUAL(rule->value, 3);
    out[n++] = LOAD(ARGUMENT(rule->argument, 1));
    out[n++] = UNLESS_EQUAL(rule->value >> 32, 1);
  }
  out[n++] = RETURN(rule->action);
  return n;
}

static size_t
filter_make(void) {
  size_t n = 0;
  code[n++] = LOAD(offsetof(struct seccomp_data, arch));
  code[n++] = (struct sock_filter){BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64};
  code[n++] = RETURN(SECCOMP_RET_ALLOW);
  code[n++] = LOAD(ARGUMENT(5, 0));
  code[n++] = UNLESS_EQUAL(MARK, 3);
  code[n++] = LOAD(ARGUMENT(5, 1));
  code[n++] = UNLESS_EQUAL(MARK >> 32, 1);
  code[n++] = RETURN(SECCOMP_RET_ALLOW);
  for (size_t i = 0; i < rule_count; i++)
    n += rule_emit(&rules[i], code + n);
  code[n++] = RETURN(default_action);
  return n;
}

static void
user_become(long uid) {
  if (marked_call(SYS_setgroups, 0, 0, 0) != 0 || marked_call(SYS_setresgid, uid, uid, uid) != 0
      || marked_call(SYS_setresuid, uid, uid, uid) != 0)
    fail("setresuid");
}

int
main(int argc, char **argv) {
  size_t fill = 0;
  long uid = -1;
  bool no_new_privs = geteuid() != 0;
  for (int option; (option = getopt(argc, argv, "+l:f:r:d:u:n")) != -1;)
    switch (option) {
    case 'l':
      limit_set(optarg);
      break;
    case 'f':
      fill = number_read(optarg);
      break;
    case 'r':
      rule_add(optarg);
      break;
    case 'd':
      default_action = action_read(optarg);
      break;
    case 'u':
      uid = (long)number_read(optarg);
      break;
    case 'n':
      no_new_privs = true;
      break;
    default:
      return 99;
    }
  if (optind >= argc)
    return 99;
  if (no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    fail("no_new_privs");
  fill_up(fill);
  if (rule_count > 0 || default_action != SECCOMP_RET_ALLOW)
    if (filter_install(filter_make()) != 0)
      fail("seccomp");
  if (uid >= 0)
    user_become(uid);
  marked_call(SYS_execve, (long)argv[optind], (long)(argv + optind), (long)environ);
  static const char message[] = "outer: cannot exec\n";
  marked_call(SYS_write, 2, (long)message, sizeof message - 1);
  marked_call(SYS_exit_group, 98, 0, 0);
}
