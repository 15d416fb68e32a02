// SPDX-License-Identifier: LGPL-2.1-or-later
// lint_calls.c - calls that do what a refused call does, and refusals that break programs.
#include "runner/analyze/lint.h"
#include <stdio.h>
#include <string.h>

// Calls that do the same. Those behind "<" do at least as much as those before it, but are not the ordinary way: who
// refuses them need not have meant the others. `partly`: they take the same arguments, so that one that is refused for
// some of them only is worth nothing either beside one that is open.
static const struct family {
  const char *names, *for_what;
  bool partly;
} families[] = {
    {"open openat creat < openat2 open_by_handle_at", "opening files", true},
    {"execve execveat", "executing programs", true},
    {"fork vfork clone < clone3", "making processes", false},
    {"mount move_mount fsmount open_tree open_tree_attr mount_setattr", "mounting or changing mounts", false},
    {"umount umount2", "unmounting", true},
    {"kill tkill tgkill < rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal", "sending signals", true},
    {"rename renameat < renameat2", "renaming files", true},
    {"link linkat", "linking files", true},
    {"symlink symlinkat", "making symbolic links", true},
    {"unlink unlinkat", "removing files", true},
    {"rmdir < unlinkat", "removing folders", false},
    {"mkdir mkdirat", "making folders", true},
    {"mknod mknodat", "making device nodes and pipes", true},
    {"chmod fchmod fchmodat < fchmodat2", "changing permissions", true},
    {"chown lchown fchown fchownat chown32 lchown32 fchown32", "changing owners", true},
    {"utime utimes futimesat utimensat utimensat_time64", "changing times of files", true},
    {"truncate truncate64", "truncating files", true},
    {"ftruncate ftruncate64", "truncating open files", true},
    {"setxattr lsetxattr fsetxattr < setxattrat", "setting extended attributes", true},
    {"removexattr lremovexattr fremovexattr < removexattrat", "removing extended attributes", true},
    {"mprotect < pkey_mprotect", "changing the protection of memory", true},
    {"read readv pread64 preadv < preadv2", "reading from files", true},
    {"write writev pwrite64 pwritev < pwritev2 sendfile sendfile64 splice copy_file_range", "writing to files", false},
    {"sendto sendmsg < sendmmsg", "sending to sockets", false},
    {"recvfrom recvmsg < recvmmsg recvmmsg_time64", "receiving from sockets", false},
    {"accept accept4", "accepting connections", true},
    {"setuid setreuid setresuid setuid32 setreuid32 setresuid32", "changing the user", true},
    {"setgid setregid setresgid setgid32 setregid32 setresgid32", "changing the group", true},
    {"setgroups setgroups32", "changing the groups", true},
    {"settimeofday clock_settime clock_settime64 clock_adjtime clock_adjtime64 adjtimex stime", "setting the clock",
     false},
    {"setrlimit < prlimit64", "setting limits", false},
    {"init_module finit_module", "loading modules into the kernel", true},
    {"kexec_load kexec_file_load", "loading another kernel", true},
    {"quotactl < quotactl_fd", "changing quotas", true},
    {"process_vm_writev < ptrace", "writing to the memory of other processes", false},
    {"process_vm_readv < ptrace", "reading the memory of other processes", false},
    {"getdents getdents64", "listing folders", true},
};

// The other way round they do not hold: who refuses the latter has not meant the former.
static const struct beside {
  const char *closed, *open, *how;
  bool partly; // and only if the closed one is open for other arguments
} besides[] = {
    {"clone", "clone3", "takes the same flags from memory, where no filter sees them", true},
    {"connect", "sendto sendmsg sendmmsg", "can name an address too, and connects with MSG_FASTOPEN", false},
    {"mmap mmap2", "mprotect pkey_mprotect", "can change afterwards what mmap was asked for", true},
};

enum { MEMBERS_MAX = 16 };

// What becomes of each call of a list on one ABI.
struct members {
  call_t calls[MEMBERS_MAX];
  struct reach reaches[MEMBERS_MAX];
  size_t count, ordinary; // before "<"
};

static void
members_ask(struct lint *lint, struct members *members, const char *names, enum abi abi) {
  const char *more = strchr(names, '<');
  call_t call;
  members->count = members->ordinary = 0;
  while ((call = names_next(&names)) != CALL_NONE && members->count < MEMBERS_MAX) {
    members->ordinary += more == NULL || names <= more;
    members->reaches[members->count] = reach_of(lint, call, abi);
    members->calls[members->count++] = call;
  }
}

// Calls that were named in a finding already: what holds on one ABI need not be said of the next.
struct told {
  uint64_t bits[CALLS_MAX / 64];
};

static bool
tell(struct told *told, call_t call) {
  bool is_new = (told->bits[call / 64] >> (call % 64) & 1) == 0;
  told->bits[call / 64] |= (uint64_t)1 << (call % 64);
  return is_new;
}

static const char *
on_other_abi(enum abi abi) {
  return abi == ABI_NATIVE ? "" : abi == ABI_X32 ? " on x32" : " on x86";
}

static bool
is_shut(const struct reach *reach, bool partly) {
  return reach_is_denied(reach) && (partly || !reach->allows);
}

// Members of `closed` that are refused, and those of `open` that are not; what `open` holds was not told before.
struct doors {
  struct names closed, open, hint;
  struct source_pos at;
  bool any_whole, any_partly; // refused whatever the arguments are; for some arguments only
};

static void
doors_close(struct doors *doors, const struct members *closed, bool partly) {
  for (size_t i = 0; i < closed->ordinary; i++) {
    if (!is_shut(&closed->reaches[i], partly))
      continue;
    if (doors->closed.count == 0)
      doors->at = closed->reaches[i].refused_at;
    doors->any_whole |= !closed->reaches[i].allows;
    doors->any_partly |= closed->reaches[i].allows;
    names_add(&doors->closed, calls_name(closed->calls[i]));
  }
}

static bool
doors_find(struct doors *doors, const struct members *closed, const struct members *open, bool partly,
           struct told *told) {
  *doors = (struct doors){.any_whole = false};
  doors_close(doors, closed, partly);
  for (size_t i = 0; i < open->count && doors->closed.count > 0; i++)
    if (reach_is_open(&open->reaches[i]) && tell(told, open->calls[i]))
      names_add(&doors->open, calls_name(open->calls[i]));
  return doors->open.count > 0;
}

static void
doors_report(struct lint *lint, struct doors *doors, enum abi abi, const char *name, const char *how) {
  char hint[ERROR_TEXT_BYTES];
  snprintf(hint, sizeof hint, "refuse %s as well", names_text(&doors->open));
  lint_add(lint, doors->at, name, hint, "%s %s refused%s%s, but %s %s allowed, which %s", names_text(&doors->closed),
           doors->closed.count + doors->closed.left > 1 ? "are" : "is",
           !doors->any_partly ? ""
           : doors->any_whole ? " at least for some arguments"
                              : " for some arguments",
           on_other_abi(abi), doors->open.text, doors->open.count + doors->open.left > 1 ? "are" : "is", how);
}

static void
check_families(struct lint *lint) {
  static struct members members;
  struct doors doors;
  char how[80];
  for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
    struct told told = {{0}};
    for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
      members_ask(lint, &members, families[i].names, abi);
      if (!doors_find(&doors, &members, &members, families[i].partly, &told))
        continue;
      bool many = doors.open.count + doors.open.left > 1;
      snprintf(how, sizeof how, "%s for %s too", many ? "are" : "is", families[i].for_what);
      doors_report(lint, &doors, abi, "open-sibling", how);
    }
  }
}

static void
check_besides(struct lint *lint) {
  static struct members closed, open;
  struct doors doors;
  for (size_t i = 0; i < sizeof besides / sizeof besides[0]; i++) {
    struct told told = {{0}};
    for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
      members_ask(lint, &closed, besides[i].closed, abi);
      members_ask(lint, &open, besides[i].open, abi);
      for (size_t j = 0; j < closed.count; j++)
        closed.reaches[j].refuses &= closed.reaches[j].allows || !besides[i].partly;
      if (doors_find(&doors, &closed, &open, true, &told))
        doors_report(lint, &doors, abi, "open-beside", besides[i].how);
    }
  }
}

static call_t
call_named(const char *name) {
  return calls_find(name, strlen(name));
}

// Namespaces: unshare(flag), clone(flag) and clone3() all make them. Source: CLONE_NEW* in <linux/sched.h>.
static const struct {
  uint32_t flag;
  const char *name;
} namespaces[] = {
    {0x10000000, "CLONE_NEWUSER"}, {0x00020000, "CLONE_NEWNS"},  {0x40000000, "CLONE_NEWNET"},
    {0x20000000, "CLONE_NEWPID"},  {0x08000000, "CLONE_NEWIPC"}, {0x04000000, "CLONE_NEWUTS"},
};

enum { SIGNAL_OF_CHILD = 17 };

static bool
check_namespace(struct lint *lint, enum abi abi, size_t i) {
  uint32_t flag = namespaces[i].flag;
  const char *names[] = {"unshare", "clone"};
  struct reach reaches[] = {reach_with(lint, call_named("unshare"), abi, 0, flag),
                            reach_with(lint, call_named("clone"), abi, 0, flag | SIGNAL_OF_CHILD)};
  for (size_t shut = 0; shut < 2; shut++) {
    const struct reach *open = &reaches[1 - shut];
    if (!reach_is_denied(&reaches[shut]) || reaches[shut].allows || !reach_is_open(open))
      continue;
    lint_add(lint, reaches[shut].refused_at, "namespaces",
             lint_advice(lint, "refuse both: ~unshare(flags & FLAG) and ~clone(flags & FLAG), and clone3:ENOSYS",
                         "refuse both with SCMP_CMP_MASKED_EQ on argument 0, and clone3 with errnoRet 38 (ENOSYS)"),
             "\"%s\" with %s is refused%s, but \"%s\" is allowed with it, which makes the same namespace", names[shut],
             namespaces[i].name, on_other_abi(abi), names[1 - shut]);
    return true;
  }
  return false;
}

static void
check_namespaces(struct lint *lint) {
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++)
    for (size_t i = 0; i < sizeof namespaces / sizeof namespaces[0]; i++)
      if (check_namespace(lint, abi, i))
        return; // one says it all
}

// What io_uring does without any call that a filter sees. Source: enum io_uring_op in <linux/io_uring.h>.
static const struct {
  const char *names, *what;
} ring_operations[] = {
    {"open openat openat2", "opening files"},
    {"read readv pread64 preadv preadv2", "reading"},
    {"write writev pwrite64 pwritev pwritev2", "writing"},
    {"socket", "making sockets"},
    {"connect", "connecting"},
    {"bind", "binding"},
    {"listen", "listening"},
    {"accept accept4", "accepting"},
    {"sendto sendmsg sendmmsg", "sending"},
    {"recvfrom recvmsg recvmmsg", "receiving"},
    {"rename renameat renameat2", "renaming"},
    {"unlink unlinkat", "removing files"},
    {"mkdir mkdirat", "making folders"},
    {"link linkat", "linking"},
    {"symlink symlinkat", "making symbolic links"},
    {"setxattr fsetxattr", "setting attributes"},
    {"splice", "splicing"},
    {"stat lstat newfstatat statx", "looking at files"},
};

// True if none of the calls is open on the ABI, and it has one of them.
static bool
is_filtered(struct lint *lint, const char *names, enum abi abi) {
  static struct members members;
  bool exists = false;
  members_ask(lint, &members, names, abi);
  for (size_t i = 0; i < members.count; i++) {
    if (reach_is_open(&members.reaches[i]))
      return false;
    exists |= members.reaches[i].exists;
  }
  return exists;
}

static void
check_io_uring(struct lint *lint) {
  for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
    struct reach setup = reach_of(lint, call_named("io_uring_setup"), abi);
    struct names refused = {.plain = true};
    if (!setup.exists || !setup.allows)
      continue;
    for (size_t i = 0; i < sizeof ring_operations / sizeof ring_operations[0]; i++)
      if (is_filtered(lint, ring_operations[i].names, abi))
        names_add(&refused, ring_operations[i].what);
    if (refused.count == 0)
      continue;
    lint_add(
        lint, setup.allowed_at, "io-uring",
        "refuse \"io_uring_setup\", \"io_uring_enter\" and \"io_uring_register\": programs fall back to calls",
        "\"io_uring_setup\" is allowed%s: what is refused as a call can be done through a ring, which no filter sees:"
        " %s",
        on_other_abi(abi), names_text(&refused));
    return;
  }
}

// Other processes: what makes them do a call that this one may not.

// The calls that a domain takes away; where they are open, IsolatePeers=auto makes none for a program that may mount.
static bool
keeps_mounts(const struct policy *policy) {
  const char *names = "mount umount umount2 move_mount pivot_root fsconfig";
  call_t call;
  while ((call = names_next(&names)) != CALL_NONE)
    if (!policy_always_refuses(policy, call))
      return true;
  return false;
}

static void
check_takeover(struct lint *lint) {
  const struct policy *policy = lint->policy;
  const char *names = "ptrace process_vm_writev process_vm_readv pidfd_getfd";
  bool is_auto = policy->isolate_peers != ISOLATE_PEERS_NO && policy->isolate_peers != ISOLATE_PEERS_YES;
  struct names open = {.count = 0};
  struct source_pos at = {0};
  call_t call;
  if (policy->isolate_peers == ISOLATE_PEERS_YES || !policy_always_refuses(policy, call_named("execve"))
      || (is_auto && !keeps_mounts(policy)))
    return;
  while ((call = names_next(&names)) != CALL_NONE)
    for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
      struct reach reach = reach_of(lint, call, abi);
      if (!reach.allows)
        continue;
      if (open.count == 0)
        at = reach.allowed_at;
      names_add(&open, calls_name(call));
      break;
    }
  if (open.count > 0)
    lint_add(lint, at, "takeover", lint_advice(lint, "refuse them, or write IsolatePeers=yes", "refuse them as well"),
             "\"execve\" is refused, but %s %s allowed: an unfiltered process of the same user can be made to do it%s",
             names_text(&open), open.count + open.left > 1 ? "are" : "is",
             is_auto ? " (IsolatePeers=auto prevents that only where the program cannot mount)" : "");
}

// ABIs.

static bool
is_multiplexer_shut(struct lint *lint, call_t call, struct reach *through) {
  struct reach direct = reach_direct(lint, call, ABI_I386);
  *through = reach_through(lint, call);
  return reach_is_closed(&direct) && through->exists && through->allows;
}

static void
check_multiplexers(struct lint *lint) {
  for (size_t i = 0; i < MULTIPLEXERS; i++) {
    struct names names = {.count = 0};
    struct source_pos at = {0};
    for (uint32_t j = 0; j < multiplexers[i].inner_count; j++) {
      struct reach through;
      if (multiplexers[i].inner[j] == CALL_NONE || !is_multiplexer_shut(lint, multiplexers[i].inner[j], &through))
        continue;
      if (names.count == 0)
        at = through.allowed_at;
      names_add(&names, calls_name(multiplexers[i].inner[j]));
    }
    if (names.count > 0)
      lint_add(lint, at, "multiplexer-open",
               lint_advice(lint, "take it out, or leave x86 out: SystemCallArchitectures=native",
                           "take it out, or leave out SCMP_ARCH_X86"),
               "%s %s refused, but \"%s\" is allowed on x86, which does the same", names_text(&names),
               names.count + names.left > 1 ? "are" : "is", calls_name(multiplexers[i].call));
  }
}

// True if a call that nothing names is allowed there.
static bool
allows_unnamed(const struct policy *policy, enum abi abi) {
  static const uint64_t args[6];
  uint32_t number = CALLS_END - 1 + (abi == ABI_X32 ? X32_BIT : 0);
  while (calls_at(abi, number) != CALL_NONE)
    number--;
  return (policy->abis & ABI_BIT(abi)) != 0 && !action_refuses(policy_decide(policy, abi, number, args).action);
}

// True if some call is allowed there.
static bool
allows_any(struct lint *lint, enum abi abi) {
  for (size_t i = 0; i < calls_count(); i++)
    if (reach_direct(lint, (call_t)i, abi).allows)
      return true;
  return false;
}

static struct source_pos
abis_place(const struct policy *policy) {
  if (policy->abis_at.source != NULL || policy->layer_count == 0)
    return policy->abis_at;
  return policy->layers[0].otherwise_at;
}

static void
check_abis(struct lint *lint) {
  const struct policy *policy = lint->policy;
  bool x32 = allows_unnamed(policy, ABI_X32), x86 = allows_unnamed(policy, ABI_I386);
  bool is_said = lint->json || policy->abis_at.source != NULL;
  if (x32 || x86)
    lint_add(lint, abis_place(policy), "abis-open",
             lint_advice(lint, "write SystemCallArchitectures=native, unless 32-bit programs are to run",
                         "leave out SCMP_ARCH_X86 and SCMP_ARCH_X32, unless 32-bit programs are to run"),
             "%s open to every program: %swhat is not named is allowed there too",
             x32 && x86 ? "x32 and x86 are"
             : x32      ? "x32 is"
                        : "x86 is",
             is_said ? "" : "nothing says which architectures are meant, and ");
  if (!x32 && allows_any(lint, ABI_X32))
    lint_add(lint, abis_place(policy), "x32-covered",
             lint_advice(lint, "leave it out: SystemCallArchitectures=native", "leave out SCMP_ARCH_X32"),
             "x32 is covered: nearly no program uses it, and it is a second way to what is allowed");
}

// Terminals. Source: <asm-generic/ioctls.h>.
static const struct {
  uint32_t command;
  const char *name;
} terminal_commands[] = {{0x5412, "TIOCSTI"}, {0x541c, "TIOCLINUX"}};

static void
check_terminals(struct lint *lint) {
  struct names names = {.count = 0};
  struct source_pos at = {0};
  for (size_t i = 0; i < sizeof terminal_commands / sizeof terminal_commands[0]; i++)
    for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
      struct reach reach = reach_with(lint, call_named("ioctl"), abi, 1, terminal_commands[i].command);
      if (!reach.allows)
        continue;
      if (names.count == 0)
        at = reach.allowed_at;
      names_add(&names, terminal_commands[i].name);
      break;
    }
  if (names.count > 0)
    lint_add(
        lint, at, "tty-input",
        lint_advice(lint, "write on a line of its own: SystemCallFilter=~ioctl(cmd in TIOCSTI,TIOCLINUX):EPERM",
                    "allow it only where argument 1 is neither 21522 nor 21532: SCMP_CMP_MASKED_EQ, mask 4294967295"),
        "\"ioctl\" is allowed with %s: on a terminal that it shares, the program can type for whoever reads it next",
        names_text(&names));
}

// Calls that programs cannot do without.
static const struct {
  const char *name, *why;
} needed_calls[] = {
    {"exit", "a thread cannot end"},
    {"exit_group", "the program can only end by dying"},
    {"restart_syscall", "a sleep that was stopped and continued fails"},
    {"rt_sigreturn", "no signal handler can return"},
    {"sigreturn", "no signal handler can return"},
};

static void
check_needed(struct lint *lint) {
  for (size_t i = 0; i < sizeof needed_calls / sizeof needed_calls[0]; i++) {
    struct reach reach = {.exists = false};
    char hint[80];
    for (enum abi abi = ABI_X86_64; abi < ABI_COUNT && !reach_is_closed(&reach); abi++)
      reach = reach_of(lint, call_named(needed_calls[i].name), abi);
    snprintf(hint, sizeof hint, "%s%s", lint_advice(lint, "allow it: SystemCallFilter=", "allow "),
             needed_calls[i].name);
    if (reach_is_closed(&reach))
      lint_add(lint, reach.refused_at, "needed-call", hint, "\"%s\" is refused: %s", needed_calls[i].name,
               needed_calls[i].why);
  }
}

// Calls that C libraries, and programs that know of better ways, try first and do without if the kernel does not know
// them. Source: where glibc 2.41, musl 1.2.5, systemd 257 and Wine 9 look for ENOSYS.
static const char fallback_calls[] =
    "clone3 close_range faccessat2 fchmodat2 futex_waitv openat2 rseq set_robust_list statx";
static const char fallback_calls_x86[] =
    "clock_getres_time64 clock_gettime64 clock_nanosleep_time64 futex_time64 ppoll_time64 pselect6_time64 "
    "recvmmsg_time64 sched_rr_get_interval_time64 semtimedop_time64 timer_gettime64 timer_settime64 "
    "timerfd_gettime64 timerfd_settime64 utimensat_time64";

static bool
kills(const struct reach *reach) {
  return reach_is_closed(reach) && reach->refusal.kind >= ACTION_TRAP;
}

// Calls of a list that come to the same end.
struct fates {
  struct names names;
  struct source_pos at;    // of the first one
  char words[400];         // "clone3:ENOSYS rseq:ENOSYS"
  uint32_t oldest, newest; // the kernels that brought them; 0: as old as any
};

static void
fates_add(struct fates *fates, call_t call, enum abi abi, struct source_pos at) {
  uint32_t kernel = calls_first_kernel(call, abi);
  if (fates->names.count == 0)
    *fates = (struct fates){.at = at, .oldest = kernel, .newest = kernel};
  size_t length = strlen(fates->words);
  fates->oldest = kernel < fates->oldest ? kernel : fates->oldest;
  fates->newest = kernel > fates->newest ? kernel : fates->newest;
  snprintf(fates->words + length, sizeof fates->words - length, "%s%s:ENOSYS", length > 0 ? " " : "", calls_name(call));
  names_add(&fates->names, calls_name(call));
}

static bool
fates_many(const struct fates *fates) {
  return fates->names.count + fates->names.left > 1;
}

// A mark helps if it is older than all of them: "5.2" for what Linux 5.3 brought.
static void
advise_fallbacks(const struct lint *lint, const struct fates *fates, char hint[ERROR_TEXT_BYTES]) {
  unsigned major = fates->oldest >> 16, minor = fates->oldest & 0xffff;
  if (lint->json)
    snprintf(hint, ERROR_TEXT_BYTES, "write a rule for them: SCMP_ACT_ERRNO with errnoRet 38 (ENOSYS)");
  else if (minor > 0)
    snprintf(hint, ERROR_TEXT_BYTES,
             "SystemCallKnownUntil=%u.%u answers ENOSYS to all that is newer; or write SystemCallFilter=~%s", major,
             minor - 1, fates->words);
  else
    snprintf(hint, ERROR_TEXT_BYTES, "write SystemCallFilter=~%s", fates->words);
}

static void
check_killed(struct lint *lint, const char *list, enum abi abi) {
  struct fates killed = {.oldest = 0};
  char hint[ERROR_TEXT_BYTES];
  call_t call;
  while ((call = names_next(&list)) != CALL_NONE) {
    struct reach reach = reach_of(lint, call, abi);
    if (kills(&reach))
      fates_add(&killed, call, abi, reach.refused_at);
  }
  if (killed.names.count == 0)
    return;
  advise_fallbacks(lint, &killed, hint);
  lint_add(lint, killed.at, "killed-fallback", hint,
           "%s%s %s the program: C libraries try %s first, and do without when the answer is ENOSYS",
           names_text(&killed.names), on_other_abi(abi), fates_many(&killed) ? "kill" : "kills",
           fates_many(&killed) ? "them" : "it");
}

// "6.1", the place that the rules of SystemCallKnownUntil= have: no word on a call looks like that.
static bool
is_mark(struct source_pos at) {
  if (at.source == NULL || at.length == 0)
    return false;
  const char *text = at.source->text + at.offset;
  return text[0] >= '0' && text[0] <= '9' && memchr(text, '.', at.length) != NULL;
}

static void
check_marked(struct lint *lint, const char *list, enum abi abi) {
  struct fates marked = {.oldest = 0};
  char hint[80];
  call_t call;
  while ((call = names_next(&list)) != CALL_NONE) {
    struct reach reach = reach_of(lint, call, abi);
    if (reach_is_closed(&reach) && is_mark(reach.refused_at))
      fates_add(&marked, call, abi, reach.refused_at);
  }
  if (marked.names.count == 0)
    return;
  snprintf(hint, sizeof hint, "a mark that leaves %s in: SystemCallKnownUntil=%u.%u",
           fates_many(&marked) ? "all of them" : "it", marked.newest >> 16, marked.newest & 0xffff);
  lint_add(lint, marked.at, "mark-excludes", hint,
           "SystemCallKnownUntil= makes %s answer ENOSYS%s, which a current C library uses where it can",
           names_text(&marked.names), on_other_abi(abi));
}

static void
check_fallbacks(struct lint *lint) {
  static const struct {
    const char *calls;
    enum abi abi;
  } lists[] = {{fallback_calls, ABI_NATIVE}, {fallback_calls_x86, ABI_I386}};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
    check_killed(lint, lists[i].calls, lists[i].abi);
    check_marked(lint, lists[i].calls, lists[i].abi);
  }
}

void
lint_calls(struct lint *lint) {
  check_io_uring(lint);
  check_takeover(lint);
  check_families(lint);
  check_besides(lint);
  check_namespaces(lint);
  check_multiplexers(lint);
  check_abis(lint);
  check_terminals(lint);
  check_needed(lint);
  check_fallbacks(lint);
}
