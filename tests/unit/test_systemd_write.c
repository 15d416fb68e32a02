// SPDX-License-Identifier: LGPL-2.1-or-later
// test_systemd_write.c - what policies look like as text, and that the text means the same: random policies and random
// texts, compared at one point of every atom.
//     test_systemd_write [POLICIES [SEED]]
#include "compat/systemd_write.h"
#include "compat/startup.h"
#include "compat/systemd_read.h"
#include "random_policy.h"
#include "runner/compare.h"
#include "tests/check.h"
#include <stdlib.h>

#define POLICIES 3000
#define TEXT_BYTES 16384

// Sources outlive the policies that were made of them.
struct text {
  struct source source;
  struct diags diags;
  struct policy *policy; // NULL: refused
};

static void
text_read(struct text *text, const char *bytes, size_t length) {
  struct reader_options options = {0};
  struct reader *reader = reader_new(&options);
  text->source = (struct source){"test.conf", bytes, length, true};
  text->diags = (struct diags){.count = 0};
  (void)!reader_read_file(reader, &text->source, &text->diags); // the next one fails then, too
  if (reader_finish(reader, &text->policy, &text->diags) != 0)
    text->policy = NULL;
  reader_free(reader);
}

static void
show_diags(const struct diags *diags) {
  char line[DIAG_BYTES];
  for (size_t i = 0; i < diags->count; i++) {
    (void)diag_write(&diags->items[i], "test", line, sizeof line);
    fputs(line, stderr);
  }
}

static bool
show_difference(void *context, const struct difference *difference) {
  char a[64], b[64];
  *(bool *)context = true;
  fprintf(stderr, "%s %u (0x%llx 0x%llx 0x%llx 0x%llx): %s, not %s\n", abi_name(difference->abi), difference->number,
          (unsigned long long)difference->args[0], (unsigned long long)difference->args[1],
          (unsigned long long)difference->args[2], (unsigned long long)difference->args[3],
          action_describe(difference->b, b, sizeof b), action_describe(difference->a, a, sizeof a));
  return false;
}

// What is in force below a later moment has to be the same, too.
static bool
same_startup(const struct policy *a, const struct policy *b, struct error *e) {
  struct policy *first = NULL, *second = NULL;
  bool differs = (a->startup != NULL) != (b->startup != NULL);
  if (a->startup == NULL || differs)
    return !differs;
  bool same = startup_policy(a, MOMENT_MAIN, &first, e) == 0 && startup_policy(b, MOMENT_MAIN, &second, e) == 0
              && policy_compare(first, second, show_difference, &differs, e) == 0 && !differs;
  policy_free(first);
  policy_free(second);
  return same;
}

// What a round trip ended in.
enum trip { TRIP_NONE, TRIP_SAID, TRIP_NOT_SAID, TRIP_WRONG };

// Writes the policy, reads it back, compares, and writes it once more.
static enum trip
round_trip(const struct policy *policy, struct error *e) {
  struct buffer first = {0}, second = {0};
  struct text text;
  bool differs = false;
  if (systemd_write(policy, &first, e) != 0) {
    buffer_clear(&first);
    return e->kind == ERROR_POLICY && e->text[0] != '\0' ? TRIP_NOT_SAID : TRIP_WRONG;
  }
  text_read(&text, first.text, first.length);
  if (text.policy == NULL) {
    show_diags(&text.diags);
    fprintf(stderr, "not read:\n%s\n", first.text);
    buffer_clear(&first);
    return TRIP_WRONG;
  }
  bool right = policy_compare(policy, text.policy, show_difference, &differs, e) == 0 && !differs
               && text.policy->no_new_privs == policy->no_new_privs
               && text.policy->isolate_peers == policy->isolate_peers && text.policy->at == policy->at
               && same_startup(policy, text.policy, e);
  right = right && systemd_write(text.policy, &second, e) == 0 && strcmp(first.text, second.text) == 0;
  if (!right)
    fprintf(stderr, "%s\nwrote:\n%s\nand then:\n%s\n", e->text, first.text, second.text != NULL ? second.text : "");
  policy_free(text.policy);
  buffer_clear(&first);
  buffer_clear(&second);
  return right ? TRIP_SAID : TRIP_WRONG;
}

// ---- Texts, and what they are written as.

static const struct {
  const char *text, *want;
} texts[] = {
    {"SystemCallFilter=write read\n", "SystemCallFilter=read write\n"},
    {"MemoryDenyWriteExecute=yes\n", "MemoryDenyWriteExecute=yes\n"},
    {"RestrictRealtime=yes\nMemoryDenyWriteExecute=yes\nSystemCallFilter=~mprotect:EACCES\nAt=entry\n",
     "SystemCallErrorNumber=EPERM\nSystemCallFilter=~mprotect:EACCES\nSystemCallFilter=~sched_setscheduler(a1 > 5) "
     "sched_setscheduler(policy == 4) \\\n  sched_setscheduler(policy == 2) sched_setscheduler(policy == 1)\n"
     "MemoryDenyWriteExecute=yes\nAt=entry\n"},
    {"RestrictAddressFamilies=AF_UNIX\nRestrictNamespaces=pid\nProtectKernelLogs=yes\nSystemCallLog=socket\n", NULL},
    {"SystemCallFilter=~read\nSystemCallErrorNumber=EPERM\n", "SystemCallErrorNumber=EPERM\nSystemCallFilter=~read\n"},
    {"SystemCallFilter=~read:EPERM write:EPERM mkdir\n",
     "SystemCallErrorNumber=EPERM\nSystemCallFilter=~read write\nSystemCallFilter=~mkdir:kill\n"},
    {"SystemCallFilter=~read:ENOSYS\nSystemCallLog=write\nNoNewPrivileges=no\nIsolatePeers=yes\n",
     "SystemCallErrorNumber=ENOSYS\nSystemCallFilter=~read\nSystemCallLog=write\nNoNewPrivileges=no\nIsolatePeers="
     "yes\n"},
    {"SystemCallFilter=read\nSystemCallLog=~write\nIsolatePeers=no\n",
     "SystemCallFilter=read\nSystemCallLog=~write\nIsolatePeers=no\n"},
    {"SystemCallLog=~write\n", "SystemCallLog=~write\n"},
    {"SystemCallLog=write\n", "SystemCallFilter=~write:log\n"},
    {"SystemCallFilter=~write(fd == 1):allow\nSystemCallLog=write\n", "SystemCallFilter=~write:log\n"},
    {"SystemCallFilter=~write:log\nSystemCallLog=read\n", "SystemCallFilter=~write:log\nSystemCallLog=read\n"},
    {"SystemCallLog=~\n", "SystemCallLog=~\n"},
    {"SystemCallFilter=~\n", "SystemCallFilter=~\n"},
    {"SystemCallArchitectures=native\n", "SystemCallArchitectures=native\nSystemCallFilter=~\n"},
    {"SystemCallArchitectures=native x86 x32\nSystemCallFilter=~read\n",
     "SystemCallArchitectures=native x86 x32\nSystemCallFilter=~read\n"},
    // An allow list of nothing.
    {"SystemCallFilter=write\nSystemCallFilter=~write\n", "SystemCallFilter=read\nSystemCallFilter=~read\n"},
    {"SystemCallFilter=write\nSystemCallFilter=~write:EPERM read:EACCES\n",
     "SystemCallFilter=read\nSystemCallFilter=~read\nSystemCallFilter=~write:EPERM\n"
     "SystemCallFilter=~read:EACCES\n"},
    // Tests.
    {"SystemCallFilter=write(fd == 1) read\n", "SystemCallFilter=read\nSystemCallFilter=write(fd == 1)\n"},
    {"SystemCallFilter=socket(domain in AF_UNIX,AF_INET):EPERM\nSystemCallArchitectures=native\n",
     "SystemCallArchitectures=native\nSystemCallFilter=read\nSystemCallFilter=~read\nSystemCallFilter=~socket:EPERM\n"
     "SystemCallFilter=socket(domain == 2) socket(domain == 1)\n"},
    {"SystemCallFilter=~mmap(prot & PROT_EXEC) clone(flags & CLONE_NEWUSER):EPERM\n",
     "SystemCallFilter=~clone(flags & 0x10000000):EPERM mmap(prot & 4)\n"},
    {"SystemCallFilter=~mmap(a2 & PROT_EXEC)\n", "SystemCallFilter=~mmap(a2 & 4)\n"},
    {"SystemCallFilter=~clone(tls == 1) clone(a3 == 2)\n", "SystemCallFilter=~clone(tls == 1) clone(a3 == 2)\n"},
    {"SystemCallFilter=~write(fd < 5)\nSystemCallArchitectures=native\n",
     "SystemCallArchitectures=native\n"
     "SystemCallFilter=~write((fd & 0xffffffff) >= 0x80000000) write((fd & 0xffffffff) < 5)\n"},
    {"SystemCallFilter=~write(fd == 1)\nSystemCallFilter=write(fd == 2)\n",
     "SystemCallFilter=~write\nSystemCallFilter=write(fd == 2)\n"},
    {"SystemCallFilter=~write:log write(fd == 1):allow\n",
     "SystemCallFilter=~write:log\nSystemCallFilter=~write(fd == 1):allow\n"},
    {"SystemCallFilter=~write:EPERM\nSystemCallFilter=write(fd == 1)\nSystemCallFilter=~write(count > 5):EACCES "
     "mkdir\n",
     "SystemCallFilter=~write:EPERM\nSystemCallFilter=~mkdir\nSystemCallFilter=write(fd == 1)\n"
     "SystemCallFilter=~write(count > 5):EACCES\n"},
    {"SystemCallFilter=~600(a0 == 1)\n", "SystemCallFilter=~600(a0 == 1)\n"},
    {"SystemCallFilter=read 600 601:log\n", "SystemCallFilter=read 600\nSystemCallFilter=~601:log\n"},
    // Multiplexers.
    {"SystemCallFilter=socketcall socket(domain == 1)\n",
     "SystemCallFilter=socketcall\nSystemCallFilter=socket(domain == 1)\n"},
    {"SystemCallFilter=socketcall\nSystemCallFilter=~socket\n",
     "SystemCallFilter=socketcall\nSystemCallFilter=~socket\n"},
    {"SystemCallFilter=~socketcall(a1 == 7) socket:EPERM\n",
     "SystemCallFilter=~socket:EPERM\nSystemCallFilter=~socketcall(a1 == 7)\n"},
    {"SystemCallFilter=socket socketcall(a1 == 7)\n",
     "SystemCallFilter=socket\nSystemCallFilter=socketcall(a1 == 7)\n"},
    // The mark.
    // No call came between 5.17 and 6.1.
    {"SystemCallKnownUntil=6.1\n", "SystemCallKnownUntil=5.17\n"},
    {"SystemCallKnownUntil=6.1\nSystemCallFilter=@default read\n", NULL},
    {"SystemCallKnownUntil=4.2\nSystemCallFilter=socket\n", "SystemCallKnownUntil=3.19\nSystemCallFilter=socket\n"},
    // Every group, and lists that are wrapped.
    {"SystemCallFilter=@system-service\nSystemCallFilter=~@resources @privileged:EPERM\n", NULL},
    {"SystemCallFilter=~@default @mount:EPERM @network-io:log\n", NULL},
    // Later moments.
    {"At=exec\nSystemCallFilter=read\n", "SystemCallFilter=read\nAt=exec\n"},
    {"At=ready\nIsolatePeers=no\nSystemCallFilter=read\nSystemCallLog=read\n",
     "SystemCallFilter=read\nSystemCallLog=read\nIsolatePeers=no\nAt=ready\n"},
    {"SystemCallFilter=read\nStartupSystemCallFilter=\n", "SystemCallFilter=read\nStartupSystemCallFilter=\n"},
    {"StartupSystemCallFilter=write read\nSystemCallFilter=read\nStartupSystemCallFilter=600 fsync(fd == 1)\nAt=main\n",
     "SystemCallFilter=read\nAt=main\nStartupSystemCallFilter=read write 600\nStartupSystemCallFilter=fsync(fd == "
     "1)\n"},
    {"SystemCallFilter=~read\nStartupSystemCallFilter=socketcall socket(domain == 1)\n",
     "SystemCallFilter=~read\nStartupSystemCallFilter=socketcall\nStartupSystemCallFilter=socket(domain == 1)\n"},
    {"SystemCallFilter=~read\nStartupSystemCallFilter=socket(domain == 1) mmap(prot == 1)\n", NULL},
    {"SystemCallFilter=@known\nStartupSystemCallFilter=@known\n", NULL},
    // Two layers that are made one.
    {"SystemCallFilter=write(fd == 1):EPERM\nSystemCallLog=~write\nAt=main\nStartupSystemCallFilter=read\n", NULL},
};

static void
test_texts(void) {
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    struct text text;
    struct buffer out = {0};
    struct error e = {0};
    text_read(&text, texts[i].text, strlen(texts[i].text));
    CHECK_ROW(text.policy != NULL, texts[i].text);
    if (text.policy == NULL) {
      show_diags(&text.diags);
      continue;
    }
    CHECK_ROW(systemd_write(text.policy, &out, &e) == 0, texts[i].text);
    CHECK_STR(e.text, "");
    if (texts[i].want != NULL)
      CHECK_STR(out.text, texts[i].want);
    CHECK_ROW(round_trip(text.policy, &e) == TRIP_SAID, texts[i].text);
    buffer_clear(&out);
    policy_free(text.policy);
  }
}

static void
test_lines(void) {
  static const char all[] = "SystemCallFilter=@known\n";
  struct text text;
  struct buffer out = {0};
  struct error e;
  text_read(&text, all, sizeof all - 1);
  CHECK(text.policy != NULL && systemd_write(text.policy, &out, &e) == 0);
  const char *line = out.text;
  for (size_t length; line != NULL && *line != '\0'; line += length + (line[length] != '\0')) {
    length = strcspn(line, "\n");
    CHECK(length <= 100);
    CHECK(line == out.text || line[0] == ' ');
  }
  buffer_clear(&out);
  policy_free(text.policy);
}

// ---- What cannot be said.

static struct policy *
policy_of(const struct rule *rules, size_t count, struct action otherwise) {
  struct error e;
  struct policy *policy = policy_new();
  const struct test test = {.argument = 0, .width = 64, .op = TEST_EQ, .mask = UINT64_MAX, .value = 1};
  bool ok = policy_add_layer(policy, otherwise, (struct source_pos){0}, &e) == 0;
  for (size_t i = 0; i < count; i++)
    ok = ok && policy_add_rule(policy, &rules[i], &test, rules[i].test_count, &e) == 0;
  CHECK(ok);
  return policy;
}

static void
check_refused(struct policy *policy, const char *want) {
  struct buffer out = {0};
  struct error e = {0};
  CHECK_INT(policy_seal(policy, &e), 0);
  CHECK_INT(systemd_write(policy, &out, &e), -1);
  CHECK_INT(e.kind, ERROR_POLICY);
  CHECK_STR(e.text, want);
  buffer_clear(&out);
  policy_free(policy);
}

static call_t
call_of(const char *name) {
  return calls_find(name, strlen(name));
}

static void
test_refused(void) {
  const struct action allow = {ACTION_ALLOW, 0}, kill = {ACTION_KILL_PROCESS, 0}, notify = {ACTION_NOTIFY, 0};
  const struct action trace = {ACTION_TRACE, 1}, nothing = {ACTION_ERRNO, 0}, log = {ACTION_LOG, 0};
  const struct rule on_x86[] = {{.call = call_of("read"), .abis = ABI_BIT(ABI_I386), .action = kill}};
  const struct rule on_x32[] = {{.call = call_of("read"), .abis = ABI_BIT(ABI_X32), .action = kill}};
  const struct rule notified[] = {{.call = call_of("read"), .action = notify}};
  const struct rule traced[] = {{.call = call_of("read"), .action = trace, .test_count = 1}};
  const struct rule number[] = {{.call = CALL_NONE, .number = 403, .action = kill}};
  const struct rule open[] = {{.call = call_of("socketcall"), .action = allow},
                              {.call = call_of("socket"), .action = kill}};
  struct policy *policy = policy_of(NULL, 0, allow);
  policy->permissive = true;
  check_refused(policy, "systemd's syntax cannot say this: that all it refuses is only logged (scrun --log does that)");
  policy = policy_of(NULL, 0, allow);
  policy->flags = POLICY_FLAG_LOG;
  check_refused(policy, "systemd's syntax cannot say this: flags of the filter");
  policy = policy_of(NULL, 0, allow);
  policy->abis = ABI_BIT(ABI_I386);
  check_refused(policy, "systemd's syntax cannot say this: a policy without x86-64");
  policy = policy_of(NULL, 0, allow);
  policy->foreign = allow;
  check_refused(policy, "systemd's syntax cannot say this: what calls of other architectures get");
  policy = policy_of(NULL, 0, allow);
  policy->abis = ABI_BIT(ABI_NATIVE);
  check_refused(policy, "systemd's syntax cannot say this: what calls of other architectures get");
  check_refused(policy_of(NULL, 0, nothing), "systemd's syntax cannot say this: what calls get that no rule is about");
  check_refused(policy_of(NULL, 0, notify), "systemd's syntax cannot say this: what calls get that no rule is about");
  policy = policy_of(NULL, 0, allow);
  policy->layers[0].newer = kill;
  check_refused(policy, "systemd's syntax cannot say this: what calls get that are newer than the tables");
  policy = policy_of(NULL, 0, log);
  policy->layers[0].newer = (struct action){ACTION_ERRNO, 38};
  check_refused(policy, "systemd's syntax cannot say this: what calls get that are newer than the tables");
  check_refused(policy_of(on_x86, 1, allow),
                "systemd's syntax cannot say this: read gets something else on x86 than on x86-64");
  check_refused(policy_of(on_x32, 1, allow),
                "systemd's syntax cannot say this: read gets something else on x32 than on x86-64");
  check_refused(policy_of(notified, 1, allow), "systemd's syntax cannot say this: read gets \"notify\"");
  check_refused(policy_of(traced, 1, allow), "systemd's syntax cannot say this: read gets \"trace 1\"");
  check_refused(
      policy_of(number, 1, allow),
      "systemd's syntax cannot say this: 403 is a call on one ABI, and gets something of its own where it is none");
  check_refused(policy_of(open, 2, allow),
                "systemd's syntax cannot say this: socket through socketcall gets something less strict than each by "
                "itself");
}

// A call that socketcall is not opened for, and that nothing else is said about: there is no ~ to say so.
static void
test_startup_refused(void) {
  const struct action allow = {ACTION_ALLOW, 0}, eperm = {ACTION_ERRNO, 1};
  const struct rule rules[] = {{.call = call_of("connect"), .action = eperm},
                               {.call = call_of("socketcall"), .action = allow}};
  struct error e = {0};
  struct policy *policy = policy_of(NULL, 0, allow);
  policy->startup = policy_of(rules, 2, eperm);
  CHECK_INT(policy_seal(policy->startup, &e), 0);
  check_refused(policy, "systemd's syntax cannot say this: connect is kept out of a start-up list by name");
}

// More rules about one call than it can have words: those with one outcome share some.
static struct policy *
many_rules(unsigned count, bool alternating) {
  struct error e;
  struct policy *policy = policy_new();
  bool ok = policy_add_layer(policy, (struct action){ACTION_KILL_PROCESS, 0}, (struct source_pos){0}, &e) == 0;
  for (unsigned i = 0; i < count; i++) {
    const struct test test = {.argument = 0, .width = 32, .op = TEST_EQ, .mask = UINT32_MAX, .value = i};
    struct rule rule = {.call = call_of("write"), .action = {ACTION_ALLOW, 0}};
    if (alternating && i % 2 == 0)
      rule.action = (struct action){ACTION_ERRNO, 1};
    ok = ok && policy_add_rule(policy, &rule, &test, 1, &e) == 0;
  }
  CHECK(ok);
  return policy;
}

static void
test_many_rules(void) {
  static const unsigned counts[] = {64, 65, 101, 1000};
  struct error e = {0};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    struct policy *policy = many_rules(counts[i], false);
    CHECK_INT(policy_seal(policy, &e), 0);
    CHECK_INT(round_trip(policy, &e), TRIP_SAID);
    policy_free(policy);
  }
  struct policy *policy = many_rules(64, true);
  CHECK_INT(policy_seal(policy, &e), 0);
  CHECK_INT(round_trip(policy, &e), TRIP_SAID);
  policy_free(policy);
  check_refused(many_rules(66, true), "systemd's syntax cannot say this: write has more tests with different outcomes "
                                      "than there can be words");
}

// ---- Random policies.

// Without what the syntax never says, which random_policy() uses a lot.
static struct action
tame_action(struct action action) {
  if (action.kind == ACTION_NOTIFY)
    action.kind = ACTION_TRAP;
  if (action.kind == ACTION_TRACE)
    action.data = 0;
  return action;
}

static struct policy *
tame(struct random *random, const struct policy *policy) {
  struct error e;
  struct policy *out = policy_new();
  bool ok = true, wild = random_below(random, 16) == 0;
  for (size_t i = 0; i < policy->layer_count; i++) {
    const struct layer *layer = &policy->layers[i];
    struct action otherwise = tame_action(layer->otherwise);
    if (otherwise.kind == ACTION_ERRNO && otherwise.data == 0)
      otherwise.data = 1;
    ok = ok && policy_add_layer(out, otherwise, layer->otherwise_at, &e) == 0;
    for (size_t j = layer->first_rule; j < layer->first_rule + layer->rule_count; j++) {
      struct rule rule = policy->rules[j];
      rule.action = tame_action(rule.action);
      if (!wild) {
        rule.abis = 0;
        rule.number = rule.call == CALL_NONE && rule.number < 1000 ? rule.number + 1000 : rule.number;
      }
      ok = ok
           && policy_add_rule(out, &rule, rule.test_count > 0 ? policy->tests + rule.first_test : NULL, rule.test_count,
                              &e)
                  == 0;
    }
  }
  if (random_below(random, 4) == 0) {
    out->abis = policy->abis;
    out->foreign = (struct action){ACTION_KILL_THREAD, 0};
  }
  CHECK(ok && policy_seal(out, &e) == 0);
  return out;
}

static unsigned long said, not_said;

static void
count_trip(enum trip trip) {
  CHECK(trip == TRIP_SAID || trip == TRIP_NOT_SAID);
  said += trip == TRIP_SAID;
  not_said += trip == TRIP_NOT_SAID;
}

static void
try_policy(struct random *random) {
  struct error e = {0};
  struct policy *wild = random_policy(random, 1 + random_below(random, 12));
  struct policy *policy = tame(random, wild);
  count_trip(round_trip(policy, &e));
  policy_free(policy);
  policy_free(wild);
}

// ---- Random texts: all of them can be said.

static const char *const words[] = {
    "read",   "write", "socket",    "bind",    "connect", "socketcall", "ipc",     "semget",
    "msgget", "shmat", "send",      "mmap",    "clone",   "ioctl",      "pread64", "preadv",
    "select", "mseal", "cachestat", "openat2", "700",     "701",        "stat64",  "uselib",
};
static const char *const groups[] = {"@sync", "@network-io", "@ipc", "@default", "@basic-io"};
static const char *const tests[] = {
    "a0 == 1",
    "a0 == 2",
    "a1 == 7",
    "a0 < 0x100000026",
    "a0 >= 0x100000026",
    "a1 & 0xf0",
    "(a2 & 0xf) != 3",
    "a0 == 1 && a1 == 7",
    "a0 == 1 || a1 == 2",
    "!(a0 in 1,2,13)",
    "a3 > 4 && a0 != 2",
    "(a1 & 0xffff) <= 0x100",
};
static const struct {
  const char *call, *test;
} named_tests[] = {
    {"write", "fd == 1"},        {"write", "fd < 5"},
    {"write", "count > 0x1000"}, {"socket", "domain in 1,2"},
    {"socket", "type & 0x800"},  {"mmap", "prot & 4"},
    {"mmap", "!(prot & 4)"},     {"clone", "tls == 5"},
    {"clone", "flags & 0x100"},  {"ioctl", "arg == 5"},
    {"ioctl", "cmd == 0x5412"},  {"pread64", "offset == 9"},
    {"pread64", "fd == 3"},      {"preadv", "pos_h == 1"},
    {"select", "nfds > 10"},     {"semget", "key == 1"},
    {"read", "count == -1"},     {"read", "buf == 0"},
    {"socketcall", "call == 1"}, {"ipc", "call == 13"},
    {"pread64", "offset < -5"},  {"read", "fd >= 0 && count < 10"},
};
static const char *const suffixes[] = {"", "", ":EPERM", ":EACCES", ":kill", ":log", ":trap", ":kill-thread", ":0"};
static const char *const refusals[] = {"", "", "", ":EPERM", ":kill"};
static const char *const lists[] = {
    "SystemCallFilter=", "SystemCallFilter=", "SystemCallFilter=~",       "SystemCallFilter=~",
    "SystemCallLog=",    "SystemCallLog=~",   "StartupSystemCallFilter=",
};
static const char *const others[] = {
    "SystemCallErrorNumber=EPERM\n",
    "SystemCallErrorNumber=trap\n",
    "SystemCallKnownUntil=6.1\n",
    "SystemCallKnownUntil=4.2\n",
    "SystemCallKnownUntil=3.0\n",
    "SystemCallArchitectures=native\n",
    "MemoryDenyWriteExecute=yes\n",
    "RestrictAddressFamilies=AF_UNIX AF_INET\n",
    "RestrictAddressFamilies=~AF_NETLINK\n",
    "RestrictNamespaces=~net user\n",
    "RestrictRealtime=yes\n",
    "RestrictSUIDSGID=yes\n",
    "LockPersonality=yes\n",
    "SystemCallArchitectures=native x86\n",
    "SystemCallFilter=\n",
    "NoNewPrivileges=no\n",
    "IsolatePeers=no\n",
    "At=main\n",
    "At=ready\n",
    "StartupSystemCallFilter=\n",
};
#define PICK(random, array) ((array)[random_below(random, sizeof(array) / sizeof((array)[0]))])

static void
add_word(struct random *random, struct buffer *text, bool tilde, bool log, bool startup) {
  size_t named = random_below(random, sizeof named_tests / sizeof named_tests[0]);
  const char *suffix = tilde ? PICK(random, suffixes) : "";
  switch (random_below(random, log ? 3 : 6)) {
  case 0:
    buffer_add(text, " %s%s", PICK(random, groups), log ? "" : suffix);
    break;
  case 1:
  case 2:
    buffer_add(text, " %s%s", PICK(random, words), log ? "" : suffix);
    break;
  case 3:
    buffer_add(text, " %s(%s)%s", PICK(random, words), PICK(random, tests),
               tilde     ? suffix
               : startup ? ""
                         : PICK(random, refusals));
    break;
  default:
    buffer_add(text, " %s(%s)%s", named_tests[named].call, named_tests[named].test,
               tilde && random_below(random, 6) == 0 ? ":allow"
               : tilde                               ? suffix
               : startup                             ? ""
                                                     : PICK(random, refusals));
    break;
  }
}

static void
random_text(struct random *random, struct buffer *text) {
  for (uint32_t lines = 1 + random_below(random, 6); lines > 0; lines--) {
    if (random_below(random, 5) == 0) {
      buffer_add(text, "%s", PICK(random, others));
      continue;
    }
    const char *list = PICK(random, lists);
    bool tilde = strchr(list, '~') != NULL, log = strstr(list, "Log") != NULL, startup = list[1] == 't';
    buffer_add(text, "%s", list);
    for (uint32_t count = 1 + random_below(random, 5); count > 0; count--)
      add_word(random, text, tilde, log, startup);
    buffer_add(text, "\n");
  }
}

static unsigned long read_texts, unsaid_texts;

static void
try_text(struct random *random) {
  struct buffer bytes = {0};
  struct text text;
  struct error e = {0};
  random_text(random, &bytes);
  text_read(&text, bytes.text, bytes.length);
  if (text.policy != NULL) {
    read_texts++;
    enum trip trip = round_trip(text.policy, &e);
    // Two layers that both refuse may make more of one call than one list can say.
    bool may_be_unsaid = strstr(bytes.text, "Restrict") != NULL || strstr(bytes.text, "LockPersonality") != NULL;
    if (trip == TRIP_NOT_SAID && may_be_unsaid) {
      unsaid_texts++;
    } else {
      if (trip != TRIP_SAID)
        fprintf(stderr, "%s\nof\n%s\n", e.text, bytes.text);
      CHECK(trip == TRIP_SAID);
    }
  }
  policy_free(text.policy);
  buffer_clear(&bytes);
}

int
main(int argc, char **argv) {
  unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : POLICIES;
  struct random random = random_from(argc > 2 ? strtoul(argv[2], NULL, 0) : 1);
  test_texts();
  test_lines();
  test_refused();
  test_startup_refused();
  test_many_rules();
  for (unsigned long i = 0; i < count; i++) {
    try_policy(&random);
    try_text(&random);
  }
  printf("policies: %lu said, %lu not; texts: %lu of %lu\n", said, not_said, read_texts, count);
  CHECK(said > not_said / 4);
  CHECK(read_texts > count / 4);
  CHECK(unsaid_texts <= read_texts / 100);
  return check_done();
}
