// SPDX-License-Identifier: LGPL-2.1-or-later
// test_restrict.c - what RestrictAddressFamilies= and its relatives mean: the rows say what systemd 252 does (which
// tests/systemd compares with the real one), and where scrun departs from it.
#include "reading.h"
#include "tests/check.h"

static void
reading_open(struct reading *reading, const char *const *lines, bool lenient) {
  reading_make(reading, lines, &(struct reader_options){.lenient = lenient});
}

static const struct decision_row decision_rows[] = {
    // An allow list of address families: 97 is EAFNOSUPPORT. No other call than socket.
    {{"RestrictAddressFamilies=AF_UNIX AF_INET"},
     "socket(1)=allow, socket(2)=allow, socket(0)=errno EAFNOSUPPORT, socket(10)=errno EAFNOSUPPORT, "
     "socket(63)=errno EAFNOSUPPORT, socketpair(10)=allow, x32/socket(2)=allow, x32/socket(3)=errno EAFNOSUPPORT, "
     "socket(0xffffffff)=errno EAFNOSUPPORT, socket(0x100000001)=errno EAFNOSUPPORT"},
    {{"RestrictAddressFamilies=af_unix Af_NetLink"}, "socket(1)=allow, socket(16)=allow, socket(2)=errno EAFNOSUPPORT"},
    {{"RestrictAddressFamilies=AF_LOCAL AF_ROUTE"}, "socket(1)=allow, socket(16)=allow, socket(2)=errno EAFNOSUPPORT"},
    {{"RestrictAddressFamilies=AF_MCTP"}, "socket(45)=allow, socket(44)=errno EAFNOSUPPORT"},
    {{"RestrictAddressFamilies=AF_UNIX", "RestrictAddressFamilies=AF_INET", "RestrictAddressFamilies=~AF_UNIX"},
     "socket(1)=errno EAFNOSUPPORT, socket(2)=allow"},
    {{"RestrictAddressFamilies=AF_UNIX", "RestrictAddressFamilies=~AF_UNIX"},
     "socket(1)=errno EAFNOSUPPORT, socket(2)=errno EAFNOSUPPORT, bind=allow"},
    {{"RestrictAddressFamilies=none"}, "socket(1)=errno EAFNOSUPPORT, x86/socket(1)=errno EAFNOSUPPORT, connect=allow"},
    {{"RestrictAddressFamilies=none", "RestrictAddressFamilies=AF_UNIX"},
     "socket(1)=allow, socket(2)=errno EAFNOSUPPORT"},
    {{"RestrictAddressFamilies=none", "RestrictAddressFamilies=~AF_UNIX"},
     "socket(1)=errno EAFNOSUPPORT, socket(2)=allow"},
    {{"RestrictAddressFamilies=AF_UNIX", "RestrictAddressFamilies=none"}, "socket(1)=errno EAFNOSUPPORT"},
    {{"RestrictAddressFamilies=AF_UNIX", "RestrictAddressFamilies="}, "socket(1)=allow, socket(2)=allow"},
    {{"RestrictAddressFamilies=none", "RestrictAddressFamilies=  "}, "socket(1)=allow"},
    // A deny list.
    {{"RestrictAddressFamilies=~AF_UNIX AF_INET"},
     "socket(1)=errno EAFNOSUPPORT, socket(2)=errno EAFNOSUPPORT, socket(10)=allow, socket(0)=allow"},
    {{"RestrictAddressFamilies=~ AF_UNIX"}, "socket(1)=errno EAFNOSUPPORT, socket(2)=allow"},
    {{"RestrictAddressFamilies=~AF_UNIX AF_INET", "RestrictAddressFamilies=AF_INET AF_KEY"},
     "socket(1)=errno EAFNOSUPPORT, socket(2)=allow, socket(15)=allow"},
    {{"RestrictAddressFamilies=~"}, "socket(1)=allow"},
    {{"RestrictAddressFamilies=~", "RestrictAddressFamilies=AF_UNIX"}, "socket(1)=allow, socket(2)=allow"},
    {{"RestrictAddressFamilies=AF_INET", "RestrictAddressFamilies=", "RestrictAddressFamilies=~AF_UNIX"},
     "socket(1)=errno EAFNOSUPPORT, socket(2)=allow"},
    // systemd compares 64 bits and lets this through; to the kernel it is AF_UNIX.
    {{"RestrictAddressFamilies=~AF_UNIX"}, "socket(0x100000001)=errno EAFNOSUPPORT, socket(0x100000002)=allow"},
    // i386, where systemd does nothing: the direct call by its family, the other way round not at all.
    {{"RestrictAddressFamilies=AF_UNIX"},
     "x86/socket(1)=allow, x86/socket(2)=errno EAFNOSUPPORT, x86/socketcall(1)=errno EAFNOSUPPORT, "
     "x86/socketcall(2)=allow, x86/socket(0x200000001)=allow"},
    {{"RestrictAddressFamilies=~AF_INET"},
     "x86/socket(1)=allow, x86/socket(2)=errno EAFNOSUPPORT, x86/socketcall(1)=errno EAFNOSUPPORT, "
     "x86/socketcall(8)=allow"},

    // All namespaces: 0x20000 mnt, 0x80 time, 0x2000000 cgroup, 0x4000000 uts, 0x8000000 ipc, 0x10000000 user,
    // 0x20000000 pid, 0x40000000 net.
    {{"RestrictNamespaces=yes"},
     "clone3=errno ENOSYS, setns=errno EPERM, setns(3 0x40000000)=errno EPERM, clone(0x11)=allow, unshare=allow, "
     "unshare(0x400)=allow, clone(0x20011)=errno EPERM, unshare(0x80)=errno EPERM, unshare(0x2000000)=errno EPERM, "
     "unshare(0x4000000)=errno EPERM, unshare(0x8000000)=errno EPERM, unshare(0x10000000)=errno EPERM, "
     "unshare(0x20000000)=errno EPERM, clone(0x40000000)=errno EPERM, x86/clone(0x40000000)=errno EPERM, "
     "x32/unshare(0x20000)=errno EPERM, x86/clone3=errno ENOSYS, fork=allow, vfork=allow"},
    {{"RestrictNamespaces=no"}, "clone3=allow, setns=allow, unshare(0x40000000)=allow"},
    {{"RestrictNamespaces=net ipc"},
     "unshare(0x40000000)=allow, unshare(0x48000000)=allow, unshare(0x50000000)=errno EPERM, "
     "unshare(0x80)=errno EPERM, clone3=errno ENOSYS, setns(3 0)=errno EPERM, setns(3 0x40000000)=allow, "
     "setns(3 0x20000)=errno EPERM, clone(0x40000011)=allow, setns(3 0x100000000)=errno EPERM"},
    {{"RestrictNamespaces=~net mnt"},
     "unshare(0x40000000)=errno EPERM, unshare(0x20000)=errno EPERM, unshare(0x10000000)=allow, "
     "unshare(0x80)=errno EPERM, setns(3 0x8000000)=allow, setns(3 0)=errno EPERM"},
    {{"RestrictNamespaces=net time"}, "unshare(0x80)=allow, unshare(0x40000000)=allow, unshare(0x20000)=errno EPERM"},
    // systemd does not count `time` among all.
    {{"RestrictNamespaces=time"}, "unshare(0x80)=allow, setns(3 0x80)=errno EPERM, clone3=errno ENOSYS"},
    {{"RestrictNamespaces=~time"}, "unshare(0x80)=allow, clone3=allow"},
    {{"RestrictNamespaces=cgroup ipc net mnt pid user uts"}, "unshare(0x80)=allow, clone3=allow, setns=allow"},
    {{"RestrictNamespaces=~"}, "clone3=allow"},
    // Lines add up; yes and no begin anew.
    {{"RestrictNamespaces=net", "RestrictNamespaces=pid"}, "unshare(0x60000000)=allow, unshare(0x20000)=errno EPERM"},
    {{"RestrictNamespaces=net pid", "RestrictNamespaces=~pid"},
     "unshare(0x40000000)=allow, unshare(0x20000000)=errno EPERM"},
    {{"RestrictNamespaces=~net pid", "RestrictNamespaces=pid"},
     "unshare(0x40000000)=errno EPERM, unshare(0x20000000)=allow"},
    {{"RestrictNamespaces=yes", "RestrictNamespaces=net"}, "unshare(0x40000000)=allow, unshare(0x20000)=errno EPERM"},
    {{"RestrictNamespaces=no", "RestrictNamespaces=~net"}, "unshare(0x40000000)=errno EPERM, unshare(0x20000)=allow"},
    {{"RestrictNamespaces=net", "RestrictNamespaces=ON"}, "unshare(0x40000000)=errno EPERM, setns=errno EPERM"},
    {{"RestrictNamespaces=net", "RestrictNamespaces=0"}, "unshare(0x20000)=allow"},
    {{"RestrictNamespaces=net", "RestrictNamespaces="}, "unshare(0x20000)=allow"},
    {{"RestrictNamespaces=net", "RestrictNamespaces=", "RestrictNamespaces=~uts"},
     "unshare(0x20000)=allow, unshare(0x4000000)=errno EPERM"},

    // PROT_WRITE is 2, PROT_EXEC 4, SHM_EXEC 0x8000.
    {{"MemoryDenyWriteExecute=yes"},
     "mmap(0 0 5)=allow, mmap(0 0 3)=allow, mmap(0 0 6)=errno EPERM, mmap(0 0 7)=errno EPERM, mprotect(0 0 3)=allow, "
     "mprotect(0 0 4)=errno EPERM, mprotect(0 0 1)=allow, pkey_mprotect(0 0 5)=errno EPERM, "
     "shmat(0 0 0x8000)=errno EPERM, shmat(0 0 0x1000)=allow, x32/mmap(0 0 7)=errno EPERM, x32/mmap(0 0 5)=allow"},
    // i386: the old mmap has its arguments in memory; systemd passes over shared memory.
    {{"MemoryDenyWriteExecute=yes"},
     "x86/mmap=errno EPERM, x86/mmap2(0 0 5)=allow, x86/mmap2(0 0 7)=errno EPERM, x86/mprotect(0 0 4)=errno EPERM, "
     "x86/shmat(0 0 0x8000)=errno EPERM, x86/shmat=allow, x86/ipc(21 0 0x8000)=errno EPERM, "
     "x86/ipc(0x10015 0 0x9000)=errno EPERM, x86/ipc(21 0 0x1000)=allow, x86/ipc(22 0 0x8000)=allow"},
    {{"MemoryDenyWriteExecute=yes", "MemoryDenyWriteExecute=no"}, "mmap(0 0 7)=allow, x86/mmap=allow"},

    // SCHED_OTHER 0, FIFO 1, RR 2, BATCH 3, IDLE 5, DEADLINE 6; as in systemd, sched_setattr is not looked at.
    {{"RestrictRealtime=yes"},
     "sched_setscheduler(0 0)=allow, sched_setscheduler(0 1)=errno EPERM, sched_setscheduler(0 2)=errno EPERM, "
     "sched_setscheduler(0 3)=allow, sched_setscheduler(0 4)=errno EPERM, sched_setscheduler(0 5)=allow, "
     "sched_setscheduler(0 6)=errno EPERM, sched_setscheduler(0 0x40000000)=errno EPERM, "
     "sched_setscheduler(0 0x100000000)=errno EPERM, sched_setscheduler(0 0xffffffff)=errno EPERM, "
     "x86/sched_setscheduler(0 1)=errno EPERM, x32/sched_setscheduler(0 3)=allow, sched_setattr=allow"},

    // S_ISUID is 0x800, S_ISGID 0x400, O_CREAT 0x40.
    {{"RestrictSUIDSGID=yes"},
     "chmod(0 0x9ed)=errno EPERM, chmod(0 0x1ed)=allow, chmod(0 0x5ed)=errno EPERM, chmod(0 0x3ff)=allow, "
     "fchmod(3 0x800)=errno EPERM, fchmodat(0 0 0x400)=errno EPERM, fchmodat2(0 0 0x800)=errno EPERM, "
     "fchmodat(0 0x800 0)=allow, mkdir(0 0x400)=errno EPERM, mkdirat(0 0 0x400)=errno EPERM, "
     "mknod(0 0x8800)=errno EPERM, mknodat(0 0 0x800)=errno EPERM, creat(0 0x800)=errno EPERM, creat(0 0x1a4)=allow"},
    {{"RestrictSUIDSGID=yes"},
     "open(0 0x40 0x800)=errno EPERM, open(0 0x41 0x400)=errno EPERM, open(0 0 0x800)=allow, open(0 0x40 0x1a4)=allow, "
     "openat(0 0 0x40 0x800)=errno EPERM, openat(0 0 0 0x800)=allow, openat(0 0x40 0 0x800)=allow, "
     "openat2=errno ENOSYS, x86/open(0 0x40 0x400)=errno EPERM, x32/openat(0 0 0x42 0xc00)=errno EPERM"},

    {{"LockPersonality=yes"},
     "personality(0)=allow, personality(8)=errno EPERM, personality(0xffffffff)=errno EPERM, "
     "personality(0x100000000)=errno EPERM, x86/personality(0x40000)=errno EPERM"},
    {{"ProtectHostname=yes"},
     "sethostname=errno EPERM, setdomainname=errno EPERM, uname=allow, x86/sethostname=errno EPERM"},
    {{"ProtectClock=yes"},
     "adjtimex=errno EPERM, clock_adjtime=errno EPERM, clock_settime=errno EPERM, settimeofday=errno EPERM, "
     "x86/clock_settime64=errno EPERM, x86/clock_adjtime64=errno EPERM, clock_gettime=allow"},
    {{"ProtectKernelModules=yes"},
     "init_module=errno EPERM, finit_module=errno EPERM, delete_module=errno EPERM, kexec_load=allow"},
    {{"ProtectKernelLogs=yes"}, "syslog=errno EPERM, x86/syslog=errno EPERM, read=allow"},
    {{"ProtectKernelLogs=true", "ProtectClock=T", "ProtectHostname=Y", "LockPersonality=1", "RestrictRealtime=oN",
      "ProtectKernelLogs=OFF"},
     "syslog=allow, adjtimex=errno EPERM, sethostname=errno EPERM, personality(1)=errno EPERM, "
     "sched_setscheduler(0 1)=errno EPERM"},

    // Beside other settings: the strictest decides, and of two errors that of SystemCallFilter=.
    {{"RestrictAddressFamilies=AF_UNIX", "SystemCallFilter=~socket:EACCES"},
     "socket(1)=errno EACCES, socket(2)=errno EACCES"},
    {{"SystemCallFilter=socket", "RestrictAddressFamilies=AF_UNIX"},
     "socket(1)=allow, socket(2)=errno EAFNOSUPPORT, read=kill"},
    {{"SystemCallFilter=~unshare", "RestrictNamespaces=yes"},
     "unshare(0x20000)=kill, unshare=kill, clone3=errno ENOSYS"},
    {{"SystemCallLog=personality", "LockPersonality=yes"}, "personality(0)=log, personality(1)=errno EPERM"},
    {{"SystemCallErrorNumber=EACCES", "RestrictRealtime=yes"}, "sched_setscheduler(0 1)=errno EPERM"},
    {{"SystemCallArchitectures=native", "RestrictAddressFamilies=AF_UNIX"},
     "socket(1)=allow, x86/socket(1)=kill-thread, x86/read=kill-thread"},
    {{"RestrictRealtime=no"}, "sched_setscheduler(0 1)=allow"},
};

static void
test_decisions(void) {
  for (size_t i = 0; i < sizeof decision_rows / sizeof decision_rows[0]; i++) {
    struct reading reading;
    reading_open(&reading, decision_rows[i].lines, false);
    CHECK_ROW(reading.policy != NULL, decision_rows[i].lines[0]);
    if (reading.policy != NULL)
      check_calls(reading.policy, decision_rows[i].want, decision_rows[i].lines[0]);
    reading_close(&reading);
  }
}

static const struct error_row error_rows[] = {
    {{"RestrictAddressFamilies=AF_UNIX AF_INNET"},
     "AF_INNET",
     "unknown address family \"AF_INNET\"",
     "did you mean \"AF_INET\"?"},
    {{"RestrictAddressFamilies=inet6"}, "inet6", "unknown address family \"inet6\"", "did you mean \"AF_INET6\"?"},
    {{"RestrictAddressFamilies=AF_UNSPEC"}, "AF_UNSPEC", "unknown address family \"AF_UNSPEC\"", ""},
    {{"RestrictAddressFamilies=AF_MAX"}, "AF_MAX", "unknown address family \"AF_MAX\"", NULL},
    {{"RestrictAddressFamilies=2"}, "2", "unknown address family \"2\"", ""},
    {{"RestrictAddressFamilies=~AF_UNIX O_CREAT"}, "O_CREAT", "unknown address family \"O_CREAT\"", ""},
    {{"RestrictAddressFamilies=NONE"},
     "NONE",
     "unknown address family \"NONE\"",
     "\"none\" stands alone: RestrictAddressFamilies=none"},
    {{"RestrictAddressFamilies=none AF_UNIX"},
     "none",
     "unknown address family \"none\"",
     "\"none\" stands alone: RestrictAddressFamilies=none"},
    {{"RestrictAddressFamilies=~none"},
     "none",
     "unknown address family \"none\"",
     "\"none\" stands alone: RestrictAddressFamilies=none"},
    {{"RestrictAddressFamilies=AF_UNIX:EPERM"}, "AF_UNIX:EPERM", "RestrictAddressFamilies= takes names only", NULL},
    {{"RestrictAddressFamilies=AF_THAT_IS_LONGER_THAN_ANY_OF_THEM"},
     "AF_THAT_IS_LONGER_THAN_ANY_OF_THEM",
     "unknown address family \"AF_THAT_IS_LONGER_THAN_ANY_OF_THEM\"",
     ""},
    {{"RestrictNamespaces=nett"}, "nett", "unknown namespace \"nett\"", "did you mean \"net\"?"},
    {{"RestrictNamespaces=yes net"}, "yes", "unknown namespace \"yes\"", NULL},
    {{"RestrictNamespaces=~yes"}, "yes", "unknown namespace \"yes\"", NULL},
    {{"RestrictNamespaces=maybe"}, "maybe", "unknown namespace \"maybe\"", NULL},
    {{"RestrictNamespaces=NET"}, "NET", "unknown namespace \"NET\"", "did you mean \"net\"?"},
    {{"RestrictNamespaces=net(1)"}, "net(1)", "RestrictNamespaces= takes names only", NULL},
    {{"MemoryDenyWriteExecute=maybe"}, "maybe", "MemoryDenyWriteExecute= takes yes or no", NULL},
    {{"RestrictRealtime="}, "RestrictRealtime", "RestrictRealtime= takes yes or no", NULL},
    {{"ProtectHostname=private"}, "private", "ProtectHostname= takes yes or no", NULL},
    {{"LockPersonality=yes no"}, "no", "LockPersonality= takes one word", NULL},
    {{"PrivateDevices=yes"},
     "PrivateDevices",
     "scrun does not implement \"PrivateDevices\"; nothing is ignored",
     "leave it to the service manager: it makes a /dev of its own and takes capabilities away, which no filter does"},
    {{"ProtectKernelTunables=yes"},
     "ProtectKernelTunables",
     "scrun does not implement \"ProtectKernelTunables\"; nothing is ignored",
     "leave it to the service manager: it mounts, which no filter does"},
    {{"RestrictSuidSgid=yes"},
     "RestrictSuidSgid",
     "scrun does not implement \"RestrictSuidSgid\"; nothing is ignored",
     "did you mean \"RestrictSUIDSGID\"?"},
};

// --lenient: what may be skipped, and what stays refused then.
static const struct decision_row lenient_rows[] = {
    {{"RestrictAddressFamilies=AF_NOSUCH AF_UNIX"}, "socket(1)=allow, socket(2)=errno EAFNOSUPPORT"},
    {{"RestrictAddressFamilies=AF_NOSUCH"}, "socket(1)=errno EAFNOSUPPORT"},
    {{"RestrictAddressFamilies=~AF_UNIX", "RestrictAddressFamilies=AF_NOSUCH"}, "socket(1)=errno EAFNOSUPPORT"},
    // systemd would pass over the whole line.
    {{"RestrictNamespaces=net nosuch"}, "unshare(0x40000000)=allow, unshare(0x20000)=errno EPERM"},
    {{"RestrictNamespaces=nosuch"}, "unshare(0x40000000)=errno EPERM"},
};

static const char *const never_lenient[] = {
    "RestrictAddressFamilies=AF)_UNIX", "RestrictAddressFamilies=~AF_NOSUCH",    "RestrictNamespaces=~nosuch",
    "RestrictRealtime=maybe",           "RestrictAddressFamilies=AF_UNIX:EPERM",
};

static void
test_errors(void) {
  for (size_t i = 0; i < sizeof error_rows / sizeof error_rows[0]; i++) {
    struct reading reading;
    reading_open(&reading, error_rows[i].lines, false);
    CHECK_ROW(reading.policy == NULL, error_rows[i].text);
    check_first_error(&error_rows[i], &reading.diags);
    reading_close(&reading);
  }
}

static void
test_lenient(void) {
  for (size_t i = 0; i < sizeof lenient_rows / sizeof lenient_rows[0]; i++) {
    struct reading reading;
    reading_open(&reading, lenient_rows[i].lines, true);
    CHECK_ROW(reading.policy != NULL && reading.diags.count > 0, lenient_rows[i].lines[0]);
    if (reading.policy != NULL)
      check_calls(reading.policy, lenient_rows[i].want, lenient_rows[i].lines[0]);
    reading_close(&reading);
  }
  for (size_t i = 0; i < sizeof never_lenient / sizeof never_lenient[0]; i++) {
    const char *lines[LINES_MAX] = {never_lenient[i]};
    struct reading reading;
    reading_open(&reading, lines, true);
    CHECK_ROW(reading.policy == NULL, never_lenient[i]);
    reading_close(&reading);
  }
}

// What systemd does beyond system calls is said, at the line that asked for it, and only if it is in force.
static const struct warning_row {
  const char *lines[LINES_MAX];
  const char *text; // NULL: none
  const char *line;
} warning_rows[] = {
    {{"ProtectHostname=no", "ProtectHostname=yes"},
     "ProtectHostname= is here its system calls only, without what else systemd does: a UTS namespace of the service's "
     "own",
     "ProtectHostname=yes"},
    {{"ProtectClock=yes"},
     "ProtectClock= is here its system calls only, without what else systemd does: CAP_SYS_TIME and CAP_WAKE_ALARM "
     "taken away, and /dev/rtc* read-only",
     "ProtectClock=yes"},
    {{"ProtectKernelModules=yes"},
     "ProtectKernelModules= is here its system calls only, without what else systemd does: CAP_SYS_MODULE taken away, "
     "and /usr/lib/modules hidden",
     "ProtectKernelModules=yes"},
    {{"ProtectKernelLogs=yes"},
     "ProtectKernelLogs= is here its system calls only, without what else systemd does: CAP_SYSLOG taken away, and "
     "/dev/kmsg and /proc/kmsg hidden",
     "ProtectKernelLogs=yes"},
    {{"ProtectClock=yes", "ProtectClock=no", "RestrictRealtime=yes"}, NULL, NULL},
    {{"LockPersonality=yes", "RestrictSUIDSGID=yes", "MemoryDenyWriteExecute=yes", "RestrictNamespaces=yes",
      "RestrictAddressFamilies=none"},
     NULL,
     NULL},
    {{"RestrictRealtime=no"}, "this policy refuses nothing", NULL},
    {{"RestrictNamespaces=~"}, "this policy refuses nothing", NULL},
};

static void
test_warnings(void) {
  for (size_t i = 0; i < sizeof warning_rows / sizeof warning_rows[0]; i++) {
    const struct warning_row *row = &warning_rows[i];
    struct reading reading;
    reading_open(&reading, row->lines, false);
    CHECK_ROW(reading.policy != NULL, row->lines[0]);
    CHECK_INT(reading.diags.count, row->text != NULL);
    if (row->text != NULL && reading.diags.count == 1) {
      const struct diag *diag = &reading.diags.items[0];
      CHECK_INT(diag->kind, DIAG_WARNING);
      CHECK_STR(diag->text, row->text);
      CHECK_ROW(row->line == NULL || strcmp(diag->at.source->text, row->line) == 0, row->lines[0]);
    }
    reading_close(&reading);
  }
}

int
main(void) {
  test_decisions();
  test_errors();
  test_lenient();
  test_warnings();
  return check_done();
}
