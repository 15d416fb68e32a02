// SPDX-License-Identifier: LGPL-2.1-or-later
// test_startup.c - start-up policies: tables, and random policies held against what the list, the policy and what is
// closed say each by itself.
//     test_startup [POLICIES [SEED]]
#include "compat/startup.h"
#include "compat/systemd_read.h"
#include "random_policy.h"
#include "tests/check.h"
#include <errno.h>
#include <stdlib.h>

#define POLICIES 3000
#define POINTS 60
#define TEXT_BYTES 2048

static struct policy *
read_text(struct source *source, struct diags *diags, const char *text) {
  struct reader_options options = {0};
  struct reader *reader = reader_new(&options);
  struct policy *policy = NULL;
  *source = (struct source){"test.conf", text, strlen(text), true};
  memset(diags, 0, sizeof *diags);
  (void)!reader_read_file(reader, source, diags); // the next one fails then, too
  if (reader_finish(reader, &policy, diags) != 0)
    policy = NULL;
  reader_free(reader);
  return policy;
}

static call_t
call_of(const char *name) {
  return calls_find(name, strlen(name));
}

// ---- Names of moments.

static void
test_moments(void) {
  static const char *const names[] = {"exec", "entry", "main", "ready"};
  CHECK(moment_name(MOMENT_NONE) == NULL);
  for (size_t i = 0; i < 4; i++) {
    CHECK_STR(moment_name((enum moment)(MOMENT_EXEC + i)), names[i]);
    CHECK_INT(moment_find(names[i], strlen(names[i])), MOMENT_EXEC + i);
    CHECK_INT(moment_find(names[i], strlen(names[i]) - 1), MOMENT_NONE);
    CHECK_INT(moment_find(names[i], 0), MOMENT_NONE);
  }
  CHECK_INT(moment_find("mainx", 5), MOMENT_NONE);
  CHECK_INT(moment_find("Main", 4), MOMENT_NONE);
}

// ---- Tables.

// `moments`: E, M, R. `want`: "[ABI/]NAME[ FIRST-ARGUMENT]=ACTION, ...".
static const struct row {
  const char *policy, *moments, *want;
} rows[] = {
    // The default lists.
    {"SystemCallFilter=uname", "EMR", "uname=allow, mmap=allow, openat=allow, write=allow, writev=allow"},
    {"SystemCallFilter=uname", "EMR", "exit_group=allow, x86/mmap2=allow, x86/exit_group=allow, x32/mmap=allow"},
    {"SystemCallFilter=uname", "EM", "socket=kill, x86/socketcall 1=kill, readlink=kill, getpid=kill"},
    {"SystemCallFilter=uname", "R", "socket=allow, x86/socketcall 1=allow, readlink=allow, getpid=allow, mount=kill"},
    {"SystemCallFilter=~mmap:EACCES mount:EACCES", "EMR", "mmap=allow, mount=errno EACCES, getpid=allow"},
    {"SystemCallFilter=~mmap\nSystemCallLog=mmap", "EMR", "mmap=allow"},
    // What no list opens.
    {"SystemCallFilter=uname", "EMR", "execve=kill, execveat=kill, x86/execve=kill, x32/execve=kill, seccomp=kill"},
    {"SystemCallFilter=~execve:EACCES", "EMR", "execve=errno EACCES, execveat=allow"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=@known", "EMR", "execve=kill, x86/execveat=kill, seccomp=kill"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=@known", "EMR",
     "mount=allow, reboot=allow, x86/socketcall=allow"},
    {"SystemCallFilter=@known", "R", "execve=allow, execveat=allow, seccomp=allow, prctl 22=allow"},
    // What is closed.
    {"SystemCallFilter=@known", "EM",
     "execve=allow, seccomp=errno EPERM, x86/seccomp=errno EPERM, x32/seccomp=errno EPERM"},
    {"SystemCallFilter=@known", "EM", "prctl 22=errno EPERM, prctl 0x700000016=errno EPERM, prctl 15=allow"},
    {"SystemCallFilter=@known", "EM", "x86/prctl 22=errno EPERM, x32/prctl 22=errno EPERM, x86/prctl 15=allow"},
    {"SystemCallFilter=~seccomp", "EM", "seccomp=kill, prctl 22=errno EPERM"},
    {"SystemCallFilter=~clone3", "EM", "clone3=kill, x86/clone3=kill"},
    {"SystemCallFilter=~seccomp clone3", "R", "seccomp=kill, prctl 22=allow, clone3=errno ENOSYS"},
    {"SystemCallFilter=~mount", "ER", "clone3=errno ENOSYS, x86/clone3=errno ENOSYS, x32/clone3=errno ENOSYS"},
    {"SystemCallFilter=~mount", "ER", "clone 0x00810f00=errno EPERM, x86/clone 0x00800000=errno EPERM"},
    {"SystemCallFilter=~mount", "EMR", "clone 0x003d0f00=allow, clone 0x80000003d0f00=allow"},
    {"SystemCallFilter=~mount", "M", "clone3=allow, clone 0x00810f00=allow"},
    {"SystemCallFilter=~mount", "EMR", "clone 17=allow, fork=allow, vfork=allow, x86/fork=allow"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=fork clone3 prctl", "E", "fork=allow, clone3=errno ENOSYS"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=prctl", "EM", "prctl 22=errno EPERM, prctl 15=allow"},
    // Lists of one's own.
    {"SystemCallFilter=uname\nStartupSystemCallFilter=", "EMR", "uname=allow, mmap=kill, write=kill, exit_group=kill"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=read\nStartupSystemCallFilter=write", "EMR",
     "read=allow, write=allow, mmap=kill"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=read\nStartupSystemCallFilter=\nStartupSystemCallFilter=write",
     "EMR", "read=kill, write=allow"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=write(fd == 2) 600", "EMR",
     "write 2=allow, write 1=kill, write 0x100000002=allow, x86/write 2=allow"},
    {"SystemCallFilter=~write:EACCES\nStartupSystemCallFilter=write(fd == 2)", "EMR",
     "write 2=allow, write 1=errno EACCES"},
    {"SystemCallFilter=write(fd == 1)\nStartupSystemCallFilter=write(fd == 2)", "EMR",
     "write 1=allow, write 2=allow, write 3=kill"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=@basic-io write(fd == 2)", "EMR", "write 2=allow, write 1=kill"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=mmap(prot == 1)", "EMR", "x86/mmap=kill, x86/mmap2=kill"},
    // Multiplexers: what the list allows with tests only stays as it was inside.
    {"SystemCallFilter=uname\nStartupSystemCallFilter=socket", "EMR",
     "x86/socket=allow, x86/socketcall 1=allow, x86/socketcall 2=kill"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=socketcall", "EMR", "x86/socketcall 1=allow, x86/socket=kill"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=socket(domain == 1)", "EMR",
     "socket 1=allow, socket 2=kill, x86/socket 1=allow, x86/socketcall 1=kill"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=@network-io socket(domain == 1) bind(a0 == 3)", "EMR",
     "x86/socketcall 1=kill, x86/socketcall 2=kill, x86/socketcall 3=allow, x86/socketcall 0=allow, socket 1=allow"},
    {"SystemCallFilter=@network-io\nStartupSystemCallFilter=@network-io socket(domain == 1)", "EMR",
     "x86/socketcall 1=allow, socket 2=allow"},
    {"SystemCallFilter=uname\nStartupSystemCallFilter=ipc msgget(key == 1)", "EMR",
     "x86/ipc 13=kill, x86/ipc 0x1000d=kill, x86/ipc 14=allow, msgget 1=allow, msgget 2=kill"},
    // Calls newer than the policy.
    {"SystemCallFilter=uname\nSystemCallKnownUntil=4.2\nStartupSystemCallFilter=statx", "EMR",
     "statx=allow, mlock2=errno ENOSYS"},
    // Other ABIs.
    {"SystemCallFilter=uname\nSystemCallArchitectures=native", "EMR", "mmap=allow, x86/mmap2=kill-thread"},
};

static enum moment
moment_of(char letter) {
  return letter == 'E' ? MOMENT_ENTRY : letter == 'M' ? MOMENT_MAIN : MOMENT_READY;
}

static enum abi
abi_from(const char **word) {
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    size_t length = strlen(abi_name(abi));
    if (strncmp(*word, abi_name(abi), length) == 0 && (*word)[length] == '/') {
      *word += length + 1;
      return abi;
    }
  }
  return ABI_NATIVE;
}

static void
check_item(const struct policy *policy, const char *item, const struct row *row) {
  char got[64];
  uint64_t args[6] = {0};
  const char *name = item, *equals = strchr(item, '=');
  enum abi abi = abi_from(&name);
  size_t length = strcspn(name, " =");
  uint32_t number = 0;
  if (name[length] == ' ')
    args[0] = strtoull(name + length, NULL, 0);
  CHECK_ROW(calls_number(calls_find(name, length), abi, &number), item);
  action_describe(policy_decide(policy, abi, number, args).action, got, sizeof got);
  if (strcmp(got, equals + 1) != 0)
    fprintf(stderr, "%s: %s is %s\n", row->policy, item, got);
  CHECK(strcmp(got, equals + 1) == 0);
}

static void
check_row(const struct policy *policy, const struct row *row) {
  for (const char *wanted = row->want; *wanted != '\0';) {
    char item[96];
    size_t length = strcspn(wanted, ",");
    snprintf(item, sizeof item, "%.*s", (int)length, wanted);
    check_item(policy, item, row);
    wanted += length;
    wanted += strspn(wanted, ", ");
  }
}

static void
test_rows(void) {
  static struct diags diags;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct source source;
    struct policy *policy = read_text(&source, &diags, rows[i].policy);
    CHECK_ROW(policy != NULL, rows[i].policy);
    for (const char *moment = rows[i].moments; policy != NULL && *moment != '\0'; moment++) {
      struct policy *startup = NULL;
      struct error e = {0};
      CHECK_INT(startup_policy(policy, moment_of(*moment), &startup, &e), 0);
      CHECK_STR(e.text, "");
      if (startup != NULL)
        check_row(startup, &rows[i]);
      policy_free(startup);
    }
    policy_free(policy);
  }
}

// ---- The frame, and what is refused.

static void
test_frame(void) {
  struct error e = {0};
  struct policy *policy = policy_new(), *startup = NULL;
  CHECK_INT(policy_add_layer(policy, (struct action){ACTION_KILL_PROCESS, 0}, (struct source_pos){0}, &e), 0);
  policy->layers[0].newer = (struct action){ACTION_ERRNO, ENOSYS};
  policy->abis = ABI_BIT(ABI_X86_64) | ABI_BIT(ABI_I386);
  policy->foreign = (struct action){ACTION_TRAP, 0};
  policy->permissive = true;
  policy->no_new_privs = false;
  policy->isolate_peers = ISOLATE_PEERS_YES;
  policy->flags = POLICY_FLAG_LOG;
  policy->at = MOMENT_MAIN;
  CHECK_INT(policy_seal(policy, &e), 0);
  CHECK_INT(startup_policy(policy, MOMENT_MAIN, &startup, &e), 0);
  if (startup != NULL) {
    CHECK_INT(startup->abis, policy->abis);
    CHECK(action_equal(startup->foreign, policy->foreign));
    CHECK(startup->permissive && !startup->no_new_privs);
    CHECK_INT(startup->isolate_peers, ISOLATE_PEERS_YES);
    CHECK_INT(startup->flags, POLICY_FLAG_LOG);
    CHECK_INT(startup->layer_count, 2);
    CHECK(action_equal(startup->layers[1].newer, policy->layers[0].newer));
    CHECK(startup->startup == NULL);
  }
  policy_free(startup);
  policy_free(policy);
}

static void
check_refused(struct policy *policy, enum moment moment, const char *want) {
  struct error e = {0};
  struct policy *startup = NULL;
  CHECK_INT(policy_seal(policy, &e), 0);
  CHECK_INT(startup_policy(policy, moment, &startup, &e), -1);
  CHECK(startup == NULL);
  CHECK_INT(e.kind, ERROR_POLICY);
  CHECK_STR(e.text, want);
  policy_free(policy);
}

static struct policy *
policy_of(size_t layers, enum action_kind otherwise, size_t rules) {
  struct error e = {0};
  struct policy *policy = policy_new();
  struct rule rule = {.call = call_of("read"), .action = {ACTION_ALLOW, 0}};
  bool ok = true;
  for (size_t i = 0; i < layers; i++)
    ok = ok && policy_add_layer(policy, (struct action){otherwise, 0}, (struct source_pos){0}, &e) == 0;
  for (size_t i = 0; i < rules; i++)
    ok = ok && policy_add_rule(policy, &rule, NULL, 0, &e) == 0;
  CHECK(ok);
  return policy;
}

static void
test_refused(void) {
  struct policy *policy = policy_of(1, ACTION_KILL_PROCESS, 0);
  check_refused(policy, MOMENT_EXEC, "there is no start-up policy below the moment \"exec\"");
  check_refused(policy_of(1, ACTION_KILL_PROCESS, 0), MOMENT_NONE, "there is no start-up policy below the moment \"\"");
  check_refused(policy_of(8, ACTION_KILL_PROCESS, 0), MOMENT_MAIN,
                "a policy of 8 layers cannot begin at main: below it there would be one more");
  check_refused(policy_of(1, ACTION_NOTIFY, 0), MOMENT_READY,
                "a policy with a listener cannot begin at ready: there is one at exec only");
  check_refused(policy_of(1, ACTION_KILL_PROCESS, POLICY_RULES_MAX), MOMENT_ENTRY,
                "too many rules: at most 8192, with 16384 tests");
  policy = policy_of(1, ACTION_KILL_PROCESS, 0);
  policy->abis = ABI_BIT(ABI_NATIVE);
  policy->foreign = (struct action){ACTION_LOG, 0};
  check_refused(policy, MOMENT_ENTRY, "a policy that lets calls of other architectures through cannot begin at entry");
}

// Numbers of calls that no list opens, written as numbers, on every ABI.
static void
test_numbers(void) {
  static const struct {
    uint32_t number;
    enum abi abi;
    bool opened;
  } points[] = {
      {59, ABI_X86_64, false},  {59, ABI_X32, false},   {59, ABI_I386, true},     {322, ABI_X86_64, false},
      {317, ABI_X86_64, false}, {317, ABI_X32, false},  {317, ABI_I386, true},    {11, ABI_I386, false},
      {11, ABI_X86_64, true},   {358, ABI_I386, false}, {358, ABI_X86_64, true},  {354, ABI_I386, false},
      {354, ABI_X32, true},     {520, ABI_X32, false},  {520, ABI_X86_64, false}, {545, ABI_X32, false},
      {600, ABI_X86_64, true},  {600, ABI_X32, true},   {600, ABI_I386, true},
  };
  struct error e = {0};
  for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
    struct policy *policy = policy_of(1, ACTION_KILL_PROCESS, 0), *startup = NULL;
    struct rule rule = {.call = CALL_NONE, .number = points[i].number, .action = {ACTION_ALLOW, 0}};
    uint64_t args[6] = {0};
    policy->startup = policy_of(1, ACTION_KILL_PROCESS, 0);
    CHECK_INT(policy_add_rule(policy->startup, &rule, NULL, 0, &e), 0);
    CHECK(policy_seal(policy->startup, &e) == 0 && policy_seal(policy, &e) == 0);
    CHECK_INT(startup_policy(policy, MOMENT_READY, &startup, &e), 0);
    uint32_t number = points[i].number | (points[i].abi == ABI_X32 ? X32_BIT : 0);
    enum action_kind want = points[i].opened ? ACTION_ALLOW : ACTION_KILL_PROCESS;
    CHECK_INT(policy_decide(startup, points[i].abi, number, args).action.kind, want);
    policy_free(startup);
    policy_free(policy);
  }
}

// ---- Random policies.

static const char *const words[] = {
    "read",    "write",  "socket", "bind",     "socketcall", "ipc",     "semget",      "msgget",
    "prctl",   "clone",  "clone3", "fork",     "mmap",       "ioctl",   "pread64",     "execve",
    "@ipc",    "@known", "@sync",  "@default", "@basic-io",  "600",     "@network-io", "@process",
    "connect", "shmat",  "send",   "uselib",   "fstat64",    "accept4", "open",        "ptrace",
};
static const char *const tests[] = {
    "",
    "",
    "(a0 == 1)",
    "(a0 == 1 || a1 == 2)",
    "(a1 & 0xf0)",
    "(a0 >= 0x100000026)",
    "(!(a0 in 1,2,13))",
    "(a0 & 0x10000)",
};
#define PICK(random, array) ((array)[random_below(random, sizeof(array) / sizeof((array)[0]))])

// A list of its own, as it is read. NULL: the text is not taken.
static struct policy *
random_list(struct random *random, unsigned abis) {
  static char text[TEXT_BYTES];
  static struct source source;
  static struct diags diags;
  size_t length =
      (size_t)snprintf(text, sizeof text, "SystemCallFilter=~uname\nSystemCallArchitectures=native%s%s\n",
                       (abis & ABI_BIT(ABI_I386)) != 0 ? " x86" : "", (abis & ABI_BIT(ABI_X32)) != 0 ? " x32" : "");
  for (uint32_t lines = random_below(random, 4) + 1; lines > 0; lines--) {
    length += (size_t)snprintf(text + length, sizeof text - length, "StartupSystemCallFilter=");
    for (uint32_t count = random_below(random, 5); count > 0; count--) {
      const char *word = PICK(random, words);
      bool bare = word[0] == '@' || strcmp(word, "socketcall") == 0 || strcmp(word, "ipc") == 0;
      length += (size_t)snprintf(text + length, sizeof text - length, " %s%s", word, bare ? "" : PICK(random, tests));
    }
    length += (size_t)snprintf(text + length, sizeof text - length, "\n");
  }
  struct policy *policy = read_text(&source, &diags, text), *list = NULL;
  if (policy != NULL) {
    list = policy->startup;
    policy->startup = NULL;
  }
  policy_free(policy);
  return list;
}

static bool
is_call(enum abi abi, uint32_t number, const char *name) {
  uint32_t there;
  return calls_number(call_of(name), abi, &there) && there == number;
}

static bool
is_default_word(enum moment moment, call_t call) {
  static const char *const groups[] = {"@dynamic-startup", "@static-startup", "@system-service"};
  static const char *const names[] = {"write", "writev", "exit_group"};
  if (call == CALL_NONE)
    return false;
  for (size_t i = 0; i < (moment == MOMENT_READY ? 3u : 1u); i++)
    if (call_set_has(group_find(&group_versions[0], groups[i], strlen(groups[i]))->all, call))
      return true;
  return call == call_of(names[0]) || call == call_of(names[1]) || call == call_of(names[2])
         || (moment == MOMENT_MAIN && call == call_of("waitid"));
}

static bool
default_opens(enum moment moment, enum abi abi, uint32_t number, const uint64_t args[6]) {
  const struct multiplexer *through = abi == ABI_I386 ? multiplexer_at(number) : NULL;
  uint32_t choice = through == NULL ? 0 : (uint32_t)args[0] & through->mask;
  if (through != NULL && choice < through->inner_count && is_default_word(moment, through->inner[choice]))
    return true;
  if (moment == MOMENT_MAIN && is_call(abi, number, "prctl") && (uint32_t)args[0] == 36)
    return true;
  return is_default_word(moment, calls_at(abi, number));
}

static struct action
closed(enum moment moment, enum abi abi, uint32_t number, const uint64_t args[6]) {
  const struct action eperm = {ACTION_ERRNO, EPERM}, enosys = {ACTION_ERRNO, ENOSYS}, allow = {ACTION_ALLOW, 0};
  uint32_t first = (uint32_t)args[0];
  bool seccomp = is_call(abi, number, "seccomp") || (is_call(abi, number, "prctl") && first == 22);
  bool clone = is_call(abi, number, "clone");
  if (is_call(abi, number, "seccomp") && moment == MOMENT_READY && (args[1] & 8) != 0)
    return (struct action){ACTION_ERRNO, EPERM};
  if (is_call(abi, number, "clone3") && moment != MOMENT_MAIN)
    return enosys;
  bool untraced = clone && (first & 0x00800000) != 0 && moment != MOMENT_MAIN;
  return (seccomp && moment != MOMENT_READY) || untraced ? eperm : allow;
}

// What the start-up policy has to say.
static struct action
expected(const struct policy *policy, enum moment moment, enum abi abi, uint32_t number, const uint64_t args[6]) {
  const struct policy *list = policy->startup;
  bool own = is_call(abi, number, "execve") || is_call(abi, number, "execveat") || is_call(abi, number, "seccomp");
  bool opens = list != NULL ? policy_decide(list, abi, number, args).action.kind == ACTION_ALLOW
                            : default_opens(moment, abi, number, args);
  struct policy strict = *policy;
  strict.permissive = false;
  struct action action = policy_decide(&strict, abi, number, args).action;
  if ((policy->abis & ABI_BIT(abi)) != 0) {
    action = opens && !own ? (struct action){ACTION_ALLOW, 0} : action;
    action = action_stricter(closed(moment, abi, number, args), action);
  }
  return policy->permissive && action_refuses(action) ? (struct action){ACTION_LOG, 0} : action;
}

static uint32_t
random_call(struct random *random, const struct policy *policy, enum abi abi) {
  static const char *const names[] = {"seccomp", "prctl",    "clone",      "clone3", "fork",  "vfork",
                                      "execve",  "execveat", "socketcall", "ipc",    "socket"};
  uint32_t number;
  const struct policy *source = policy->startup != NULL && random_below(random, 2) ? policy->startup : policy;
  if (random_below(random, 3) == 0 && calls_number(call_of(PICK(random, names)), abi, &number))
    return number;
  return random_number(random, source, abi);
}

static void
random_registers(struct random *random, const struct policy *policy, uint64_t args[6]) {
  static const uint64_t firsts[] = {22,         21, 36,          0x500000024, 0x00800000, 0x00810000,
                                    0x00010000, 17, 0x100000016, 1,           2,          13};
  const struct policy *source = policy->startup != NULL && random_below(random, 2) ? policy->startup : policy;
  random_arguments(random, source, args);
  if (random_below(random, 3) == 0)
    args[0] = PICK(random, firsts);
}

static void
compare(struct random *random, const struct policy *policy, enum moment moment, const struct policy *startup) {
  for (unsigned i = 0; i < POINTS; i++) {
    enum abi abi = ABI_X86_64 + (enum abi)random_below(random, 3);
    uint32_t number = random_call(random, policy, abi);
    uint64_t args[6];
    random_registers(random, policy, args);
    struct action got = policy_decide(startup, abi, number, args).action;
    struct action want = expected(policy, moment, abi, number, args);
    if (!action_equal(got, want)) {
      char a[64], b[64];
      fprintf(stderr, "%s: %s %u (0x%llx 0x%llx): %s, not %s\n", moment_name(moment), abi_name(abi), number,
              (unsigned long long)args[0], (unsigned long long)args[1], action_describe(got, a, sizeof a),
              action_describe(want, b, sizeof b));
    }
    CHECK(action_equal(got, want));
  }
}

static unsigned long made, own_lists;

static void
try_policy(struct random *random) {
  struct error e = {0};
  struct policy *policy = random_policy(random, 1 + random_below(random, 10)), *startup = NULL;
  enum moment moment = MOMENT_ENTRY + (enum moment)random_below(random, 3);
  if (random_below(random, 2))
    policy->startup = random_list(random, policy->abis);
  bool fails = policy_notifies(policy) || (policy->abis != ABI_ALL && !action_refuses(policy->foreign));
  CHECK_INT(startup_policy(policy, moment, &startup, &e), fails ? -1 : 0);
  if (startup != NULL) {
    made++;
    own_lists += policy->startup != NULL;
    compare(random, policy, moment, startup);
  }
  policy_free(startup);
  policy_free(policy);
}

int
main(int argc, char **argv) {
  unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : POLICIES;
  struct random random = random_from(argc > 2 ? strtoul(argv[2], NULL, 0) : 1);
  test_moments();
  test_rows();
  test_frame();
  test_refused();
  test_numbers();
  for (unsigned long i = 0; i < count; i++)
    try_policy(&random);
  printf("%lu of %lu policies, %lu with a list of their own\n", made, count, own_lists);
  CHECK(made > count / 4);
  CHECK(own_lists > count / 16);
  return check_done();
}
