// SPDX-License-Identifier: LGPL-2.1-or-later
// restrict_rules.c - the calls that RestrictAddressFamilies= and its relatives refuse, and the layer made of them.
//
// No call is in two of them, so one layer does for all. Widths: equality and order are tested on the 32 bits that the
// kernel reads, "greater" and "other than" on the whole register: each way round that refuses more.
#include "compat/restrict.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define SHM_EXECUTE 0100000 // SHM_EXEC in <linux/shm.h>
#define SET_ID (S_ISUID | S_ISGID)
#define NATIVE_AND_X32 (ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_X32))
#define I386 ABI_BIT(ABI_I386)
#define TESTS_MAX 2

// clang-format off
#define HAS_ANY(argument, bits) {argument, 32, TEST_NE, bits, 0}
#define HAS_ALL(argument, bits) {argument, 32, TEST_EQ, bits, bits}
#define IS(argument, value) {argument, 32, TEST_EQ, UINT32_MAX, value}
#define IS_NOT(argument, value) {argument, 64, TEST_NE, UINT64_MAX, value}
#define IS_ABOVE(argument, value) {argument, 64, TEST_GT, UINT64_MAX, value}
// clang-format on

// What is yes or no. Tests behind one another all have to hold; rows of one call are alternatives.
static const struct row {
  enum restriction restriction;
  const char *call;
  unsigned abis; // 0: all
  uint16_t error;
  struct test tests[TESTS_MAX];
} rows[] = {
    // i386's old mmap takes its arguments in memory.
    {RESTRICT_WRITE_EXECUTE, "mmap", NATIVE_AND_X32, EPERM, {HAS_ALL(2, PROT_WRITE | PROT_EXEC)}},
    {RESTRICT_WRITE_EXECUTE, "mmap", I386, EPERM, {{0}}},
    {RESTRICT_WRITE_EXECUTE, "mmap2", 0, EPERM, {HAS_ALL(2, PROT_WRITE | PROT_EXEC)}},
    {RESTRICT_WRITE_EXECUTE, "mprotect", 0, EPERM, {HAS_ALL(2, PROT_EXEC)}},
    {RESTRICT_WRITE_EXECUTE, "pkey_mprotect", 0, EPERM, {HAS_ALL(2, PROT_EXEC)}},
    {RESTRICT_WRITE_EXECUTE, "shmat", NATIVE_AND_X32, EPERM, {HAS_ALL(2, SHM_EXECUTE)}},

    {RESTRICT_REALTIME, "sched_setscheduler", 0, EPERM, {IS(1, SCHED_FIFO)}},
    {RESTRICT_REALTIME, "sched_setscheduler", 0, EPERM, {IS(1, SCHED_RR)}},
    {RESTRICT_REALTIME, "sched_setscheduler", 0, EPERM, {IS(1, 4)}},       // reserved in <linux/sched.h>
    {RESTRICT_REALTIME, "sched_setscheduler", 0, EPERM, {IS_ABOVE(1, 5)}}, // SCHED_IDLE is the last harmless one

    {RESTRICT_SUID, "chmod", 0, EPERM, {HAS_ANY(1, SET_ID)}},
    {RESTRICT_SUID, "fchmod", 0, EPERM, {HAS_ANY(1, SET_ID)}},
    {RESTRICT_SUID, "fchmodat", 0, EPERM, {HAS_ANY(2, SET_ID)}},
    {RESTRICT_SUID, "fchmodat2", 0, EPERM, {HAS_ANY(2, SET_ID)}},
    {RESTRICT_SUID, "mkdir", 0, EPERM, {HAS_ANY(1, SET_ID)}},
    {RESTRICT_SUID, "mkdirat", 0, EPERM, {HAS_ANY(2, SET_ID)}},
    {RESTRICT_SUID, "mknod", 0, EPERM, {HAS_ANY(1, SET_ID)}},
    {RESTRICT_SUID, "mknodat", 0, EPERM, {HAS_ANY(2, SET_ID)}},
    {RESTRICT_SUID, "creat", 0, EPERM, {HAS_ANY(1, SET_ID)}},
    {RESTRICT_SUID, "open", 0, EPERM, {HAS_ALL(1, O_CREAT), HAS_ANY(2, SET_ID)}},
    {RESTRICT_SUID, "openat", 0, EPERM, {HAS_ALL(2, O_CREAT), HAS_ANY(3, SET_ID)}},
    {RESTRICT_SUID, "openat2", 0, ENOSYS, {{0}}}, // its mode is in memory; programs fall back to openat

    {RESTRICT_PERSONALITY, "personality", 0, EPERM, {IS_NOT(0, 0)}}, // PER_LINUX

    {RESTRICT_HOSTNAME, "sethostname", 0, EPERM, {{0}}},
    {RESTRICT_HOSTNAME, "setdomainname", 0, EPERM, {{0}}},

    {RESTRICT_KERNEL_LOGS, "syslog", 0, EPERM, {{0}}},
};

// Those that refuse a group of calls.
static const struct {
  enum restriction restriction;
  const char *group;
} groups[] = {
    {RESTRICT_CLOCK, "@clock"},
    {RESTRICT_MODULES, "@module"},
};

// What systemd does beyond system calls, and is not had here.
static const struct {
  enum restriction restriction;
  const char *name, *rest;
} rests[] = {
    {RESTRICT_HOSTNAME, "ProtectHostname", "a UTS namespace of the service's own"},
    {RESTRICT_CLOCK, "ProtectClock", "CAP_SYS_TIME and CAP_WAKE_ALARM taken away, and /dev/rtc* read-only"},
    {RESTRICT_MODULES, "ProtectKernelModules", "CAP_SYS_MODULE taken away, and /usr/lib/modules hidden"},
    {RESTRICT_KERNEL_LOGS, "ProtectKernelLogs", "CAP_SYSLOG taken away, and /dev/kmsg and /proc/kmsg hidden"},
};

struct build {
  const struct restrictions *restrictions;
  struct policy *policy;
  struct diags *diags;
  bool failed;
};

static void
build_fail(struct build *build, struct source_pos at, const char *text) {
  if (!build->failed)
    diag_add(build->diags, DIAG_ERROR, at, "%s", text);
  build->failed = true;
}

static void
add_rule(struct build *build, const struct rule *rule, const struct test *tests, size_t count) {
  struct error e;
  if (!build->failed && policy_add_rule(build->policy, rule, tests, count, &e) != 0)
    build_fail(build, e.at, e.text);
}

// A refusal, or with error 0 what is allowed.
static void
add_call(struct build *build, enum restriction restriction, const char *name, unsigned abis, uint16_t error,
         const struct test *tests, size_t count) {
  struct action action = error != 0 ? (struct action){ACTION_ERRNO, error} : (struct action){ACTION_ALLOW, 0};
  struct rule rule = {.call = calls_find(name, strlen(name)),
                      .abis = abis,
                      .action = action,
                      .at = build->restrictions->at[restriction]};
  if (rule.call == CALL_NONE)
    build_fail(build, rule.at, "the tables of system calls lack one that this restricts");
  else
    add_rule(build, &rule, tests, count);
}

static void
add_rows(struct build *build) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct row *row = &rows[i];
    size_t count = 0;
    while (count < TESTS_MAX && row->tests[count].op != TEST_NONE)
      count++;
    if (build->restrictions->on[row->restriction])
      add_call(build, row->restriction, row->call, row->abis, row->error, row->tests, count);
  }
}

// On i386 shmat is a call and one of ipc's; there, its flags are in a register as well, and the version in the high
// half of the first argument counts for nothing. A rule by name would refuse ipc(SHMAT) whatever its flags.
static void
add_shmat_i386(struct build *build) {
  const struct test direct = HAS_ALL(2, SHM_EXECUTE);
  const struct multiplexer *multiplexer;
  call_t shmat = calls_find("shmat", strlen("shmat"));
  struct rule rule = {.call = CALL_NONE,
                      .abis = I386,
                      .action = {ACTION_ERRNO, EPERM},
                      .at = build->restrictions->at[RESTRICT_WRITE_EXECUTE]};
  uint32_t value;
  if (!build->restrictions->on[RESTRICT_WRITE_EXECUTE])
    return;
  if (!calls_number(shmat, ABI_I386, &rule.number) || !multiplexer_of(shmat, &multiplexer, &value)) {
    build_fail(build, rule.at, "the tables of system calls lack shmat of i386");
    return;
  }
  add_rule(build, &rule, &direct, 1);
  const struct test inside[] = {{0, 32, TEST_EQ, multiplexer->mask, value}, HAS_ALL(2, SHM_EXECUTE)};
  rule.call = multiplexer->call;
  rule.number = 0;
  add_rule(build, &rule, inside, 2);
}

static void
add_groups(struct build *build, const struct group_tables *tables) {
  for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
    struct rule rule = {.action = {ACTION_ERRNO, EPERM}, .at = build->restrictions->at[groups[i].restriction]};
    if (!build->restrictions->on[groups[i].restriction])
      continue;
    const struct group *group = group_find(tables, groups[i].group, strlen(groups[i].group));
    if (group == NULL)
      build_fail(build, rule.at, "the tables of groups lack one that this restricts");
    for (size_t call = 0; group != NULL && call < calls_count(); call++) {
      rule.call = (call_t)call;
      if (call_set_has(group->all, rule.call))
        add_rule(build, &rule, NULL, 0);
    }
  }
}

// In an allow list a family is one whose whole register has no other bit: systemd and the kernel both take it for that.
static void
add_families(struct build *build) {
  const struct restrictions *restrictions = build->restrictions;
  for (uint64_t family = 0; family < FAMILIES_MAX; family++) {
    const struct test allowed = {0, 64, TEST_EQ, UINT64_MAX, family}, refused = IS(0, family);
    if ((restrictions->families >> family & 1) == 0)
      continue;
    if (restrictions->families_allow)
      add_call(build, RESTRICT_FAMILIES, "socket", 0, 0, &allowed, 1);
    else
      add_call(build, RESTRICT_FAMILIES, "socket", 0, EAFNOSUPPORT, &refused, 1);
  }
  if (restrictions->families_allow)
    add_call(build, RESTRICT_FAMILIES, "socket", 0, EAFNOSUPPORT, NULL, 0);
}

static bool
restricts_namespaces(const struct restrictions *restrictions) {
  return restrictions->namespaces_begun && (restrictions->namespaces & namespaces_all) != namespaces_all;
}

// clone3 has its flags in memory; with ENOSYS C libraries go on with clone. Any namespace at all can be entered with
// setns(fd, 0).
static void
add_namespaces(struct build *build) {
  const struct restrictions *restrictions = build->restrictions;
  uint32_t refused = 0;
  if (!restricts_namespaces(restrictions))
    return;
  for (size_t i = 0; i < NAMESPACE_KINDS; i++)
    refused |= namespace_kinds[i].flag & ~restrictions->namespaces;
  const struct test flags = HAS_ANY(0, refused), kind = HAS_ANY(1, refused), any_kind = IS(1, 0);
  add_call(build, RESTRICT_NAMESPACES, "clone3", 0, ENOSYS, NULL, 0);
  add_call(build, RESTRICT_NAMESPACES, "clone", 0, EPERM, &flags, 1);
  add_call(build, RESTRICT_NAMESPACES, "unshare", 0, EPERM, &flags, 1);
  if ((restrictions->namespaces & namespaces_all) == 0) {
    add_call(build, RESTRICT_NAMESPACES, "setns", 0, EPERM, NULL, 0);
    return;
  }
  add_call(build, RESTRICT_NAMESPACES, "setns", 0, EPERM, &any_kind, 1);
  add_call(build, RESTRICT_NAMESPACES, "setns", 0, EPERM, &kind, 1);
}

static bool
restricts_anything(const struct restrictions *restrictions) {
  bool any = restricts_namespaces(restrictions) || restrictions->families_allow || restrictions->families != 0;
  for (size_t i = 0; i < RESTRICTIONS; i++)
    any = any || restrictions->on[i];
  return any;
}

static void
warn_of_rests(const struct build *build) {
  for (size_t i = 0; i < sizeof rests / sizeof rests[0]; i++)
    if (build->restrictions->on[rests[i].restriction])
      diag_add(build->diags, DIAG_WARNING, build->restrictions->at[rests[i].restriction],
               "%s= is here its system calls only, without what else systemd does: %s", rests[i].name, rests[i].rest);
}

void
restrictions_build(const struct restrictions *restrictions, const struct group_tables *tables, struct policy *policy,
                   bool *refuses, struct diags *diags) {
  struct build build = {.restrictions = restrictions, .policy = policy, .diags = diags};
  struct error e;
  if (!restricts_anything(restrictions))
    return;
  *refuses = true;
  if (policy_add_layer(policy, (struct action){ACTION_ALLOW, 0}, (struct source_pos){0}, &e) != 0) {
    build_fail(&build, e.at, e.text);
    return;
  }
  add_rows(&build);
  add_shmat_i386(&build);
  add_groups(&build, tables);
  add_families(&build);
  add_namespaces(&build);
  warn_of_rests(&build);
}
