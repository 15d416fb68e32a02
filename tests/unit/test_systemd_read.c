// SPDX-License-Identifier: LGPL-2.1-or-later
// test_systemd_read.c - what systemd's syntax means: the rows say what real systemd 252 and 262 do, and where scrun
// departs from it.
#include "compat/systemd_read.h"
#include "reading.h"
#include "tests/check.h"
#include <stdlib.h>

#define TEST_WORDS_BYTES 400000

// The user's own groups of these tests: name and text.
struct own_group {
  const char *name, *text;
  struct source source;
};

static struct own_group own_groups[] = {
    {"web", "# comment\nread write\n; another\n  uname  \n@sync\n600\n", {0}},
    {"outer", "mkdir @web\n@inner", {0}},
    {"inner", "rmdir\n@web 0x2bd", {0}},
    {"loop-a", "read\n@loop-b\n", {0}},
    {"loop-b", "@loop-a\n", {0}},
    {"self", "@self", {0}},
    {"bad-name", "read\nnosuchcall\n", {0}},
    {"bad-group", "@nosuchgroup\n", {0}},
    {"bad-suffix", "read:EPERM\n", {0}},
    {"bad-comment", "read # no\n", {0}},
    {"bad-tests", "write(fd == 1)\n", {0}},
    {"bad-nul", "", {0}},
    {"sync", "ptrace\n", {0}}, // cannot shadow @sync
    {"empty", "", {0}},
    {"crlf", "\xef\xbb\xbfread\r\nwrite\r\n", {0}},
};

static unsigned opened;

static int
open_own_group(void *context, const char *name, size_t length, const struct source **out, struct error *e) {
  (void)context;
  opened++;
  if (length == 6 && memcmp(name, "locked", 6) == 0)
    return error_plain(e, ERROR_POLICY, "locked.group: Permission denied");
  for (size_t i = 0; i < sizeof own_groups / sizeof own_groups[0]; i++) {
    struct own_group *group = &own_groups[i];
    if (strlen(group->name) != length || memcmp(group->name, name, length) != 0)
      continue;
    group->source = (struct source){group->name, group->text, strlen(group->text), true};
    if (strcmp(group->name, "bad-nul") == 0)
      group->source = (struct source){group->name, "re\0ad", 5, true};
    *out = &group->source;
    return 0;
  }
  return 1;
}

static void
reading_open(struct reading *reading, const char *const *lines, bool lenient) {
  reading_make(reading, lines, &(struct reader_options){.lenient = lenient, .open_group = open_own_group});
}

static const struct decision_row decision_rows[] = {
    // Modes and merging.
    {{"SystemCallFilter=~uname"}, "uname=kill, mkdir=allow, x86/uname=kill, x32/uname=kill"},
    {{"SystemCallFilter=uname"}, "uname=allow, mkdir=kill, #600=kill, x86/uname=allow, x86/mkdir=kill"},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=ENETDOWN"}, "uname=errno ENETDOWN, mkdir=allow"},
    {{"SystemCallErrorNumber=ENETDOWN", "SystemCallFilter=uname"}, "uname=allow, mkdir=errno ENETDOWN"},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=EPERM", "SystemCallErrorNumber=EACCES"}, "uname=errno EACCES"},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=EPERM", "SystemCallErrorNumber="}, "uname=kill"},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=EPERM", "SystemCallErrorNumber=kill"}, "uname=kill"},
    {{"SystemCallFilter=read", "SystemCallFilter=write"}, "read=allow, write=allow, mkdir=kill"},
    {{"SystemCallFilter=~read", "SystemCallFilter=~write"}, "read=kill, write=kill, mkdir=allow"},
    {{"SystemCallFilter=read", "SystemCallFilter=", "SystemCallFilter=~write"}, "read=allow, write=kill, mkdir=allow"},
    {{"SystemCallFilter=~read:EPERM", "SystemCallErrorNumber=EACCES", "SystemCallFilter=  \t",
      "SystemCallFilter=~read"},
     "read=errno EACCES"},
    {{"SystemCallFilter=~read 600", "SystemCallFilter=", "SystemCallFilter=~write"},
     "read=allow, #600=allow, write=kill"},
    {{"SystemCallFilter=read 600", "SystemCallFilter=", "SystemCallFilter=write"}, "read=kill, #600=kill, write=allow"},
    {{"SystemCallFilter=@sync read", "SystemCallFilter=~fsync"}, "sync=allow, fsync=kill, read=allow"},
    {{"SystemCallFilter=read", "SystemCallFilter=~read:EPERM mkdir:EACCES"},
     "read=errno EPERM, mkdir=errno EACCES, rmdir=kill"},
    {{"SystemCallFilter=~read write", "SystemCallFilter=read"}, "read=allow, write=kill"},
    {{"SystemCallFilter=~read", "SystemCallFilter=read"}, "read=allow, write=allow"},
    {{"SystemCallFilter=~"}, "read=allow, #600=allow, x86/read=allow"},
    {{"SystemCallFilter=~", "SystemCallFilter=read write"}, "read=allow, mkdir=allow"},
    {{"SystemCallFilter=~", "SystemCallFilter=~read"}, "read=kill, mkdir=allow"},
    {{"SystemCallFilter=~read:EPERM read:EACCES"}, "read=errno EACCES"},
    {{"SystemCallFilter=~read:EPERM", "SystemCallFilter=~read"}, "read=kill"},
    {{"SystemCallFilter=~read", "SystemCallFilter=~read:EPERM"}, "read=errno EPERM"},
    {{"SystemCallFilter=ioperm", "SystemCallFilter=~ioperm", "SystemCallFilter=ioperm"}, "ioperm=allow, write=kill"},
    // Words.
    {{"SystemCallFilter=~ mkdir"}, "mkdir=kill, read=allow"},
    {{"SystemCallFilter=\t~mkdir\n rmdir "}, "mkdir=kill, rmdir=kill, read=allow"},
    {{"SystemCallFilter=~rm\\dir \\mkdir:EP\\ERM"}, "rmdir=kill, mkdir=errno EPERM"},
    {{"SystemCallFilter=~@sy\\nc"}, "fsync=kill"},
    {{"SystemCallFilter=~mkdir:eperm"}, "mkdir=errno EPERM"},
    {{"SystemCallFilter=~mkdir:0"}, "mkdir=errno 0"},
    {{"SystemCallFilter=~mkdir:0x10 rmdir:020 chdir:16"}, "mkdir=errno EBUSY, rmdir=errno EBUSY, chdir=errno EBUSY"},
    {{"SystemCallFilter=~mkdir:4094"}, "mkdir=errno 4094"},
    {{"SystemCallFilter=~mkdir:4095"}, "mkdir=errno 4095"},
    {{"SystemCallFilter=~mkdir", "SystemCallErrorNumber=4095"}, "mkdir=errno 4095"},
    {{"SystemCallFilter=~mkdir", "SystemCallErrorNumber=eNetDown"}, "mkdir=errno ENETDOWN"},
    {{"SystemCallFilter=~mkdir", "SystemCallErrorNumber=0x10"}, "mkdir=errno EBUSY"},
    {{"SystemCallFilter=~mkdir", "SystemCallErrorNumber=020"}, "mkdir=errno EBUSY"},
    {{"SystemCallFilter=~mkdir:kill", "SystemCallErrorNumber=EPERM"}, "mkdir=kill"},
    // Numbers: systemd has none. 83 is mkdir on x86-64, and then mkdir everywhere (39 on x86).
    {{"SystemCallFilter=~83 0x54"}, "mkdir=kill, rmdir=kill, x86/mkdir=kill, x86/#83=allow"},
    {{"SystemCallFilter=~600 601:EPERM"}, "#600=kill, x86/#600=kill, x32/#600=kill, #601=errno EPERM, #602=allow"},
    {{"SystemCallFilter=~600 600:EPERM 700", "SystemCallFilter=700"}, "#600=errno EPERM, #700=allow"},
    {{"SystemCallFilter=read 600", "SystemCallFilter=~600"}, "read=allow, #600=kill"},
    {{"SystemCallFilter=~0x3fffffff"}, "#0x3fffffff=kill, x32/#0x3fffffff=kill, #0x3ffffffe=allow"},
    // The other actions: scrun's own.
    {{"SystemCallFilter=~mkdir:log rmdir:trap chdir:trace read:kill-thread write:kill-process"},
     "mkdir=log, rmdir=trap, chdir=trace, read=kill-thread, write=kill"},
    {{"SystemCallFilter=read write:log"}, "read=allow, write=log, mkdir=kill"},
    {{"SystemCallFilter=~read", "SystemCallFilter=read:log"}, "read=log, write=allow"},
    {{"SystemCallFilter=~read", "SystemCallErrorNumber=kill-thread"}, "read=kill-thread"},
    {{"SystemCallFilter=read", "SystemCallErrorNumber=trap"}, "read=allow, write=trap"},
    // Groups: a suffix goes to every member; a later word on a member wins.
    {{"SystemCallFilter=~@sync:EPERM fsync:EACCES"}, "sync=errno EPERM, fsync=errno EACCES, read=allow"},
    {{"SystemCallFilter=~fsync:EACCES @sync:EPERM"}, "fsync=errno EPERM"},
    {{"SystemCallFilter=@sync:log"}, "sync=log, read=kill"},
    {{"SystemCallFilter=@sandbox"}, "seccomp=allow, read=kill"},
    {{"SystemCallGroups=systemd-252", "SystemCallFilter=~@default"}, "getrandom=kill, mseal=allow"},
    {{"SystemCallFilter=~@default", "SystemCallGroups=systemd-252"}, "getrandom=kill, mseal=allow"},
    {{"SystemCallFilter=~@default", "SystemCallGroups=systemd-252", "SystemCallGroups="}, "mseal=kill"},
    {{"SystemCallFilter=~@default", "SystemCallGroups=systemd-252", "SystemCallGroups=systemd-262"}, "mseal=kill"},
    // The user's own groups.
    {{"SystemCallFilter=@web"}, "read=allow, write=allow, uname=allow, fsync=allow, #600=allow, mkdir=kill, #601=kill"},
    {{"SystemCallFilter=~@outer:EPERM"},
     "mkdir=errno EPERM, read=errno EPERM, rmdir=errno EPERM, sync=errno EPERM, #600=errno EPERM, #701=errno EPERM, "
     "chdir=allow"},
    {{"SystemCallFilter=@outer @web", "SystemCallFilter=~600 @inner:EPERM"},
     "mkdir=allow, #600=errno EPERM, read=errno EPERM"},
    {{"SystemCallFilter=~@sync"}, "fsync=kill, ptrace=allow"},
    {{"SystemCallFilter=@crlf"}, "read=allow, write=allow, mkdir=kill"},
    // Architectures: native is never blocked; those not listed get kill-thread, whatever the error number.
    {{"SystemCallFilter=~uname", "SystemCallArchitectures=native", "SystemCallErrorNumber=EPERM"},
     "uname=errno EPERM, read=allow, x86/read=kill-thread, x86/uname=kill-thread, x32/read=kill-thread"},
    {{"SystemCallArchitectures=x86"}, "read=allow, x86/read=allow, x32/read=kill-thread"},
    {{"SystemCallArchitectures=x86", "SystemCallArchitectures=x32"}, "read=allow, x86/read=allow, x32/read=allow"},
    {{"SystemCallArchitectures=native", "SystemCallArchitectures="}, "x86/read=allow, x32/read=allow"},
    {{"SystemCallArchitectures=native", "SystemCallArchitectures=", "SystemCallArchitectures=x32"},
     "x86/read=kill-thread, x32/read=allow"},
    {{"SystemCallArchitectures=x86-64 x86"}, "x86/read=allow, x32/read=kill-thread"},
    {{"SystemCallArchitectures=arm64 s390x"}, "read=allow, x86/read=kill-thread, x32/read=kill-thread"},
    // 32-bit programs: the rules apply by name, with their own numbers; names that only i386 has act there.
    {{"SystemCallFilter=~mkdir waitpid"}, "x86/#39=kill, x86/#83=allow, x86/waitpid=kill"},
    // i386 sockets and SysV IPC: the direct number and the multiplexed call.
    {{"SystemCallFilter=~socket"}, "socket=kill, x86/socket=kill, x86/socketcall(1)=kill, x86/socketcall(2)=allow"},
    {{"SystemCallFilter=~msgget"}, "x86/msgget=kill, x86/ipc(13)=kill, x86/ipc(0x1000d)=kill, x86/ipc(14)=allow"},
    {{"SystemCallFilter=~send"}, "x86/socketcall(9)=kill, x86/socketcall(10)=allow, sendto=allow"},
    {{"SystemCallFilter=socket"}, "x86/socketcall(1)=allow, x86/socketcall(2)=kill"},
    {{"SystemCallFilter=socketcall"}, "x86/socketcall(1)=allow, x86/socketcall(20)=allow, x86/socket=kill"},
    // Both match: systemd leaves open which wins, here it is the stricter.
    {{"SystemCallFilter=@network-io", "SystemCallFilter=~socket"},
     "socket=kill, x86/socketcall(1)=kill, x86/socketcall(2)=allow, x86/bind=allow"},
    {{"SystemCallFilter=@network-io", "SystemCallFilter=~socket:EPERM"}, "x86/socketcall(1)=errno EPERM"},
    {{"SystemCallFilter=@network-io", "SystemCallFilter=~socketcall"},
     "x86/socketcall(1)=kill, x86/socketcall(2)=kill, x86/socket=allow, socket=allow"},
    {{"SystemCallFilter=~@network-io", "SystemCallFilter=socket"},
     "socket=allow, x86/socket=allow, x86/socketcall(1)=kill"},
    {{"SystemCallFilter=~socketcall:EPERM socket"}, "x86/socketcall(1)=kill, x86/socketcall(2)=errno EPERM"},
    {{"SystemCallFilter=~socketcall:EPERM socket:EACCES"},
     "x86/socketcall(1)=errno EACCES, x86/socketcall(2)=errno EPERM"},
    {{"SystemCallFilter=~socketcall socket:EPERM"}, "x86/socketcall(1)=kill, x86/socket=errno EPERM"},
    {{"SystemCallFilter=@ipc", "SystemCallFilter=~msgget:EPERM"}, "x86/ipc(13)=errno EPERM, x86/ipc(14)=allow"},
    // Logging is a filter of its own; the strictest decides.
    {{"SystemCallLog=read", "SystemCallFilter=~write"}, "read=log, write=kill, mkdir=allow"},
    {{"SystemCallLog=~read"}, "read=allow, write=log"},
    {{"SystemCallLog=read write", "SystemCallFilter=~write:EPERM"}, "read=log, write=errno EPERM"},
    {{"SystemCallLog=write", "SystemCallFilter=~write"}, "write=kill, read=allow"},
    {{"SystemCallLog=read", "SystemCallLog=", "SystemCallFilter=~write"}, "read=allow, write=kill"},
    {{"SystemCallLog=@sync", "SystemCallLog=~fsync"}, "sync=log, fsync=allow, read=allow"},
    {{"SystemCallLog=~@sync", "SystemCallLog=fsync"}, "sync=allow, fsync=log, read=log"},
    // Special policies: nothing is added implicitly. systemd never lets these services start, or does not deny write at
    // all.
    {{"SystemCallFilter=~execve write exit_group"}, "execve=kill, write=kill, exit_group=kill, read=allow"},
    {{"SystemCallFilter=~execve"}, "execve=kill, execveat=allow, exit_group=allow"},
    {{"SystemCallFilter=~execve:EACCES"}, "execve=errno EACCES, execveat=allow"},
    {{"SystemCallFilter=~exit_group:EPERM"}, "exit_group=errno EPERM, exit=allow, x86/exit_group=errno EPERM"},
    {{"SystemCallFilter=~write"}, "write=kill, writev=allow, x86/write=kill, x32/write=kill"},
    {{"SystemCallFilter=~@default"}, "exit_group=kill, execve=kill, mkdir=allow"},
    {{"SystemCallFilter=uname"}, "execve=kill, exit_group=kill, #600=kill"},
    {{"SystemCallFilter=uname"}, "brk=kill, getrandom=kill, mmap=kill, rt_sigreturn=kill, mseal=kill, write=kill"},
    // systemd from 257 on answers ENOSYS to what none of its names has.
    {{"SystemCallFilter=uname", "SystemCallErrorNumber=ENETDOWN"},
     "uname=allow, read=errno ENETDOWN, #600=errno ENETDOWN, x86/#600=errno ENETDOWN, x32/#600=errno ENETDOWN"},
    // A word whose action equals the default is fine (252: exit 228).
    {{"SystemCallFilter=read", "SystemCallFilter=~write:kill"}, "read=allow, write=kill"},
    {{"SystemCallFilter=read", "SystemCallFilter=~write:ENOSYS", "SystemCallErrorNumber=ENOSYS"}, "write=errno ENOSYS"},
    // systemd's own tests.
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=EACCES"}, "uname=errno EACCES"},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=255"}, "uname=errno 255"},
    {{"SystemCallFilter=~uname:EILSEQ", "SystemCallErrorNumber=EACCES"}, "uname=errno EILSEQ"},
    {{"SystemCallFilter=~uname:255", "SystemCallErrorNumber=EACCES"}, "uname=errno 255"},
    {{"SystemCallFilter=@system-service", "SystemCallFilter=~uname:EILSEQ", "SystemCallErrorNumber=EACCES"},
     "uname=errno EILSEQ, reboot=errno EACCES, read=allow"},
    {{"SystemCallFilter=~uname:kill", "SystemCallErrorNumber=EILSEQ"}, "uname=kill"},
    {{"SystemCallFilter=~uname:EILSEQ", "SystemCallErrorNumber=kill"}, "uname=errno EILSEQ"},
    {{"SystemCallFilter="}, "uname=allow, x86/uname=allow"},
    {{"SystemCallFilter=", "SystemCallArchitectures=native"}, "uname=allow, x86/uname=kill-thread"},
};

static const struct decision_row test_rows[] = {
    // A line without ~: allowed if and only if the tests hold.
    {{"SystemCallFilter=read socket(domain in AF_UNIX,AF_INET)"},
     "socket(1)=allow, socket(2)=allow, socket(10)=kill, socket(0x100000001)=allow, x32/socket(1)=allow, "
     "x32/socket(3)=kill, x86/socket(2)=allow, x86/socket(3)=kill, read=allow, write=kill"},
    {{"SystemCallFilter=@system-service", "SystemCallFilter=write(fd == 1)"},
     "write(1)=allow, write(2)=kill, read=allow"},
    {{"SystemCallFilter=write", "SystemCallFilter=write(fd == 1)", "SystemCallErrorNumber=EPERM"},
     "write(1)=allow, write(2)=errno EPERM, read=errno EPERM"},
    {{"SystemCallFilter=~mkdir", "SystemCallFilter=write(fd == 1)"}, "write(1)=allow, write(2)=kill, read=allow"},
    {{"SystemCallFilter=~mkdir", "SystemCallFilter=write(fd == 1)", "SystemCallErrorNumber=EPERM"},
     "write(1)=allow, write(2)=errno EPERM, mkdir=errno EPERM"},
    {{"SystemCallFilter=~write:EACCES", "SystemCallFilter=write(fd == 1)"}, "write(1)=allow, write(2)=errno EACCES"},
    {{"SystemCallFilter=~write:log", "SystemCallFilter=write(fd == 1)"}, "write(1)=allow, write(2)=kill"},
    {{"SystemCallFilter=write(fd == 1):EPERM"}, "write(1)=allow, write(2)=errno EPERM, read=kill"},
    {{"SystemCallFilter=~write:EACCES", "SystemCallFilter=write(fd == 1):EPERM"},
     "write(1)=allow, write(2)=errno EPERM"},
    {{"SystemCallFilter=write(fd == 1) write(fd == 2)"}, "write(1)=allow, write(2)=allow, write(3)=kill"},
    {{"SystemCallFilter=write(fd == 1):EPERM write(fd == 2):EACCES"},
     "write(1)=allow, write(2)=allow, write(3)=errno EACCES"},
    {{"SystemCallFilter=write(fd == 1):EPERM write(fd == 2)"}, "write(1)=allow, write(2)=allow, write(3)=errno EPERM"},
    {{"SystemCallFilter=~write(fd == 3):EPERM", "SystemCallFilter=write(fd == 1)"},
     "write(1)=allow, write(3)=errno EPERM, write(2)=kill"},
    {{"SystemCallFilter=~write(fd == 3):EPERM", "SystemCallFilter=write(fd == 1):EACCES"},
     "write(1)=allow, write(3)=errno EACCES, write(2)=errno EACCES"},
    {{"SystemCallFilter=~write(fd == 3):log", "SystemCallFilter=write(fd == 1)"},
     "write(1)=allow, write(3)=kill, write(2)=kill"},
    {{"SystemCallFilter=~write(fd == 3):allow", "SystemCallFilter=write(fd == 1)"},
     "write(1)=allow, write(3)=kill, write(2)=kill"},
    {{"SystemCallFilter=~write(fd == 3)", "SystemCallFilter=write(fd < 10)"}, "write(3)=allow, write(10)=kill"},
    // A line with ~: what the tests hold for; later words are asked first.
    {{"SystemCallFilter=~write(fd == 1)"}, "write(1)=kill, write(2)=allow, read=allow"},
    {{"SystemCallFilter=~write(fd == 1)", "SystemCallErrorNumber=EPERM"}, "write(1)=errno EPERM, write(2)=allow"},
    {{"SystemCallFilter=~write(fd == 1):EPERM"}, "write(1)=errno EPERM, write(2)=allow"},
    {{"SystemCallFilter=~write(fd == 1):log"}, "write(1)=log, write(2)=allow"},
    {{"SystemCallFilter=~write:EPERM write(fd == 1):allow"}, "write(1)=allow, write(2)=errno EPERM"},
    {{"SystemCallFilter=~write:log write(fd == 1):allow"}, "write(1)=allow, write(2)=log"},
    {{"SystemCallFilter=~write:EACCES write(fd == 1):EPERM"}, "write(1)=errno EPERM, write(2)=errno EACCES"},
    {{"SystemCallFilter=read write", "SystemCallFilter=~write(fd == 1):EPERM"},
     "write(1)=errno EPERM, write(2)=allow, mkdir=kill"},
    {{"SystemCallFilter=read", "SystemCallFilter=~write(fd == 1):EPERM"}, "write(1)=errno EPERM, write(2)=kill"},
    {{"SystemCallFilter=~write(fd < 5):EPERM write(fd == 3):EACCES"},
     "write(3)=errno EACCES, write(4)=errno EPERM, write(0xffffffff)=errno EPERM, write(5)=allow"},
    {{"SystemCallFilter=~write(fd == 3):EACCES write(fd < 5):EPERM"}, "write(3)=errno EPERM, write(5)=allow"},
    {{"SystemCallFilter=write(fd < 10)", "SystemCallFilter=~write(fd == 3):EPERM", "SystemCallFilter=write(fd == 11)"},
     "write(3)=errno EPERM, write(4)=allow, write(11)=allow, write(10)=kill"},
    {{"SystemCallFilter=~write(fd == 1 || fd == 2 && count > 5):trap"},
     "write(1)=trap, write(2 0 6)=trap, write(2 0 5)=allow"},
    // Words without tests replace them: names, numbers, groups that refuse, and an empty setting.
    {{"SystemCallFilter=write(fd == 1) write"}, "write(1)=allow, write(2)=allow"},
    {{"SystemCallFilter=write(fd == 1) 1"}, "write(1)=allow, write(2)=allow"},
    {{"SystemCallFilter=write(fd == 1)", "SystemCallFilter=~write:EPERM"}, "write(1)=errno EPERM"},
    {{"SystemCallFilter=~write(fd == 1)", "SystemCallFilter=write"}, "write(1)=allow, write(2)=allow"},
    {{"SystemCallFilter=~fsync(fd == 1):EPERM @sync"}, "fsync(1)=kill, fsync(2)=kill"},
    {{"SystemCallFilter=fsync(fd == 1)", "SystemCallFilter=~@sync:EPERM"}, "fsync(1)=errno EPERM"},
    {{"SystemCallFilter=@sync fsync(fd == 1)"}, "fsync(1)=allow, fsync(2)=kill, sync=allow"},
    {{"SystemCallFilter=~@sync", "SystemCallFilter=fsync(fd == 1)"}, "fsync(1)=allow, fsync(2)=kill, sync=kill"},
    {{"SystemCallFilter=~write(fd == 1)", "SystemCallFilter=", "SystemCallFilter=~read"}, "write(1)=allow, read=kill"},
    // Numbers.
    {{"SystemCallFilter=~600(a0 == 1):EPERM 600(a1 == 2):EACCES"},
     "#600(1)=errno EPERM, #600(1 2)=errno EACCES, #600=allow, x86/#600(1)=errno EPERM, x32/#600(1)=errno EPERM"},
    {{"SystemCallFilter=read 600(a0 == 1)"}, "#600(1)=allow, #600(2)=kill, #600(0x100000001)=kill"},
    {{"SystemCallFilter=~1(fd == 1)"}, "write(1)=kill, x86/write(1)=kill, write(2)=allow"},
    {{"SystemCallFilter=~600(a0 == 1)", "SystemCallFilter=600"}, "#600(1)=allow"},
    {{"SystemCallFilter=@web 600(a0 == 1)"}, "#600(1)=allow, #600(2)=kill"},
    // Arguments that are elsewhere on another ABI.
    {{"SystemCallFilter=~clone(tls == 5)"},
     "clone(0 0 0 0 5)=kill, clone(0 0 0 5)=allow, x32/clone(0 0 0 0 5)=kill, x86/clone(0 0 0 5)=kill, "
     "x86/clone(0 0 0 0 5)=allow"},
    {{"SystemCallFilter=~clone(a3 == 5)"},
     "clone(0 0 0 5)=kill, clone(0 0 0 0 5)=allow, x86/clone(0 0 0 5)=kill, x86/clone(0 0 0 0 5)=allow"},
    {{"SystemCallFilter=~read(count == -1)"},
     "read(0 0 0xffffffffffffffff)=kill, read(0 0 0xffffffff)=allow, x86/read(0 0 0xffffffff)=kill, x86/read=allow"},
    // Arguments that are hidden: what refuses holds, what does not never does.
    {{"SystemCallFilter=~mmap(prot & PROT_EXEC):EPERM"},
     "mmap(0 0 4)=errno EPERM, mmap(0 0 3)=allow, x32/mmap(0 0 3)=allow, x86/mmap=errno EPERM, x86/mmap2=allow"},
    {{"SystemCallFilter=mmap(!(prot & PROT_EXEC))"}, "mmap(0 0 3)=allow, mmap(0 0 4)=kill, x86/mmap=kill"},
    {{"SystemCallFilter=mmap(!(prot & PROT_EXEC)):EPERM"}, "mmap(0 0 3)=allow, x86/mmap=errno EPERM"},
    {{"SystemCallFilter=~mmap(prot & PROT_EXEC):log"}, "mmap(0 0 4)=log, x86/mmap(0 0 4)=allow"},
    {{"SystemCallFilter=~mmap:EPERM mmap(prot == 1):allow"}, "mmap(0 0 1)=allow, x86/mmap(0 0 1)=errno EPERM"},
    {{"SystemCallFilter=~mmap(prot == 1):EPERM mmap(prot == 2):EACCES"},
     "mmap(0 0 1)=errno EPERM, mmap(0 0 2)=errno EACCES, x86/mmap=errno EACCES"},
    {{"SystemCallFilter=~pread64(offset == 9)"}, "pread64(0 0 0 9)=kill, pread64=allow, x86/pread64=kill"},
    {{"SystemCallFilter=~pread64(fd == 3 || offset == 9)"}, "pread64(3)=kill, pread64=allow, x86/pread64=kill"},
    {{"SystemCallFilter=~pread64(fd == 3)"}, "pread64(3)=kill, x86/pread64(3)=kill, x86/pread64(4)=allow"},
    {{"SystemCallFilter=~ioctl(arg == 5):EPERM"},
     "ioctl(0 0 5)=errno EPERM, ioctl=allow, x32/ioctl=errno EPERM, x86/ioctl(0 0 5)=errno EPERM, x86/ioctl=allow"},
    {{"SystemCallFilter=~ioctl(cmd == TIOCSTI):EPERM"},
     "ioctl(0 0x5412)=errno EPERM, ioctl(0 0x100005412)=errno EPERM, ioctl(0 0x5413)=allow, x32/ioctl=allow"},
    {{"SystemCallFilter=mmap(prot == 1)", "SystemCallArchitectures=native"}, "mmap(0 0 1)=allow, mmap(0 0 2)=kill"},
    // Inside multiplexers: the stricter of what socketcall gets and what the call inside gets, with its tests hidden.
    {{"SystemCallFilter=socketcall socket(domain == 1)"},
     "x86/socket(1)=allow, x86/socket(2)=kill, x86/socketcall(1)=kill, x86/socketcall(2)=allow"},
    {{"SystemCallFilter=socket(domain == 1) socketcall"}, "x86/socketcall(1)=kill, x86/socketcall(2)=allow"},
    {{"SystemCallFilter=socketcall socket(domain == 1):EPERM"}, "x86/socketcall(1)=errno EPERM"},
    {{"SystemCallFilter=socket(domain == 1)"}, "x86/socketcall(1)=kill, x86/socketcall(2)=kill, socket(1)=allow"},
    {{"SystemCallFilter=@network-io", "SystemCallFilter=~socket(domain == 17):EPERM"},
     "socket(17)=errno EPERM, socket(1)=allow, x86/socket(1)=allow, x86/socketcall(1)=errno EPERM, "
     "x86/socketcall(2)=allow"},
    {{"SystemCallFilter=@network-io", "SystemCallFilter=~socket(domain == 17):log"},
     "socket(17)=log, x86/socketcall(1)=allow"},
    {{"SystemCallFilter=~socketcall:EPERM socket(domain == 17)"},
     "x86/socketcall(1)=kill, x86/socketcall(2)=errno EPERM, x86/socket(17)=kill, x86/socket(1)=allow"},
    {{"SystemCallFilter=~socketcall socket(domain == 17):EPERM"}, "x86/socketcall(1)=kill, socket(17)=errno EPERM"},
    {{"SystemCallFilter=~socketcall:EPERM socket:kill socket(domain == 17):EACCES"},
     "x86/socketcall(1)=errno EACCES, x86/socket=kill, x86/socket(17)=errno EACCES"},
    {{"SystemCallFilter=~semget(key == 1):EPERM"},
     "semget(1)=errno EPERM, x86/semget(1)=errno EPERM, x86/semget(2)=allow, x86/ipc(2)=errno EPERM, "
     "x86/ipc(0x10002)=errno EPERM, x86/ipc(3)=allow"},
    {{"SystemCallFilter=~send(a0 == 1):EPERM"}, "x86/socketcall(9)=errno EPERM, x86/socketcall(10)=allow"},
    // Tests on the multiplexer itself, with and without such on the call inside.
    {{"SystemCallFilter=~socketcall(call == 1):EPERM"}, "x86/socketcall(1)=errno EPERM, x86/socketcall(2)=allow"},
    {{"SystemCallFilter=~socketcall(a1 == 7) socket:EPERM"},
     "x86/socketcall(1 7)=kill, x86/socketcall(1 6)=errno EPERM, x86/socketcall(2 7)=kill, x86/socketcall(2 6)=allow, "
     "x86/socket=errno EPERM"},
    {{"SystemCallFilter=~socketcall(a1 == 7):EPERM socket"},
     "x86/socketcall(1 7)=kill, x86/socketcall(2 7)=errno EPERM"},
    {{"SystemCallFilter=~socketcall(a1 == 7):log socket(domain == 3):EPERM"},
     "x86/socketcall(1 7)=errno EPERM, x86/socketcall(1 6)=errno EPERM, x86/socketcall(2 7)=log, "
     "x86/socketcall(2)=allow"},
    {{"SystemCallFilter=~socketcall(a1 == 2) socketcall(a1 == 1):allow socket:EPERM"},
     "x86/socketcall(1 1)=errno EPERM, x86/socketcall(1 2)=kill, x86/socketcall(1 3)=errno EPERM, "
     "x86/socketcall(2 1)=allow, x86/socketcall(2 2)=kill"},
    {{"SystemCallFilter=socket socketcall(a1 == 7)"},
     "x86/socketcall(1 7)=allow, x86/socketcall(1 6)=kill, x86/socketcall(2 7)=allow, x86/socketcall(2 6)=kill"},
    {{"SystemCallFilter=socket(domain == 1) socketcall(a1 == 7)"},
     "x86/socketcall(1 7)=kill, x86/socketcall(2 7)=allow"},
    {{"SystemCallFilter=msgget ipc(call == 13)"}, "x86/ipc(13)=allow, x86/ipc(14)=kill, x86/msgget=allow"},
    {{"SystemCallFilter=msgget(key == 1) ipc(call == 13)"}, "x86/ipc(13)=kill, x86/msgget(1)=allow"},
    {{"SystemCallFilter=socketcall(call == 1) socketcall(call == 2)", "SystemCallFilter=~bind:EPERM"},
     "x86/socketcall(1)=allow, x86/socketcall(2)=errno EPERM, x86/socketcall(3)=kill"},
    // SystemCallKnownUntil=
    {{"SystemCallKnownUntil=6.1"},
     "read=allow, futex_waitv=allow, cachestat=errno ENOSYS, mseal=errno ENOSYS, x86/cachestat=errno ENOSYS, "
     "x32/cachestat=errno ENOSYS, #599=errno ENOSYS, x86/#599=errno ENOSYS, x32/#599=errno ENOSYS, #0xffffffff=allow"},
    {{"SystemCallFilter=~read", "SystemCallKnownUntil=6.1"},
     "read=kill, write=allow, cachestat=errno ENOSYS, #599=errno ENOSYS"},
    {{"SystemCallKnownUntil=6.1", "SystemCallFilter=@default read", "SystemCallErrorNumber=EPERM"},
     "read=allow, write=errno EPERM, mseal=errno ENOSYS, cachestat=errno ENOSYS, #599=errno ENOSYS"},
    {{"SystemCallFilter=~@default", "SystemCallKnownUntil=6.10"}, "mseal=kill"},
    {{"SystemCallFilter=~@default", "SystemCallKnownUntil=6.9"}, "mseal=errno ENOSYS"},
    {{"SystemCallFilter=@web", "SystemCallKnownUntil=6.1"}, "read=allow, #600=errno ENOSYS, mkdir=kill"},
    {{"SystemCallFilter=read", "SystemCallKnownUntil=6.1", "SystemCallKnownUntil="}, "#599=kill, cachestat=kill"},
    {{"SystemCallFilter=read", "SystemCallKnownUntil=5.0", "SystemCallKnownUntil=6.1"},
     "clone3=kill, cachestat=errno ENOSYS"},
    {{"SystemCallLog=cachestat", "SystemCallKnownUntil=6.1"}, "cachestat=errno ENOSYS, read=allow"},
    {{"SystemCallFilter=cachestat", "SystemCallFilter=", "SystemCallFilter=read", "SystemCallKnownUntil=6.1"},
     "cachestat=errno ENOSYS, read=allow"},
    // Where one ABI had the call earlier: socket's own number came to x86 with 4.3, socketcall is as old as x86.
    {{"SystemCallFilter=socket bind", "SystemCallKnownUntil=4.2"},
     "socket=allow, x32/socket=allow, x86/socket=errno ENOSYS, x86/socketcall(1)=allow, x86/socketcall(3)=kill"},
    {{"SystemCallFilter=socket bind", "SystemCallKnownUntil=4.3"}, "socket=allow, x86/socket=allow"},
    {{"SystemCallFilter=semget(key == 1)", "SystemCallKnownUntil=5.0"},
     "semget(1)=allow, x86/semget(1)=errno ENOSYS, x86/ipc(2)=kill"},
};

static void
check_decisions(const struct decision_row *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    struct reading reading;
    reading_open(&reading, rows[i].lines, false);
    CHECK_ROW(reading.policy != NULL, rows[i].lines[0]);
    if (reading.policy != NULL)
      check_calls(reading.policy, rows[i].want, rows[i].lines[0]);
    reading_close(&reading);
  }
}

static void
test_decisions(void) {
  check_decisions(decision_rows, sizeof decision_rows / sizeof decision_rows[0]);
  check_decisions(test_rows, sizeof test_rows / sizeof test_rows[0]);
}

// What is refused, with the word that the caret stands under and the hint that follows. scrun refuses what systemd
// warns about and skips.
static const struct error_row error_rows[] = {
    {{"SystemCallFilter=~write @empty"}, "@empty", "there is nothing in the file of the group \"@empty\"", NULL},
    {{"SystemCallFilter=opennat close"}, "opennat", "unknown system call \"opennat\"", "did you mean \"openat\"?"},
    {{"SystemCallFilter=~nosuch"}, "nosuch", "unknown system call \"nosuch\"", NULL},
    {{"SystemCallFilter=~MKDIR"},
     "MKDIR",
     "unknown system call \"MKDIR\"",
     "names are lower case: did you mean \"mkdir\"?"},
    {{"SystemCallFilter=fexecve"},
     "fexecve",
     "unknown system call \"fexecve\"",
     "fexecve() is made of execve and execveat: write those"},
    {{"SystemCallFilter=prlimit"},
     "prlimit",
     "unknown system call \"prlimit\"",
     "prlimit() is made of prlimit64: write that"},
    {{"SystemCallFilter=pread(fd == 1)"},
     "pread(fd == 1)",
     "unknown system call \"pread\"",
     "pread() is made of pread64: write that"},
    {{"SystemCallFilter=~remove"},
     "remove",
     "unknown system call \"remove\"",
     "remove() is made of unlink, unlinkat and rmdir: write those"},
    {{"SystemCallFilter=wait"}, "wait", "unknown system call \"wait\"", "wait() is made of wait4: write that"},
    {{"SystemCallFilter=a,b"}, "a,b", "names are separated by blanks, not commas", "write a blank instead"},
    {{"SystemCallFilter=~~x"},
     "~x",
     "~ stands once, before the first word of a value",
     "write what is refused on a line of its own: SystemCallFilter=~..."},
    {{"SystemCallFilter=mkdir ~rmdir"},
     "~rmdir",
     "~ stands once, before the first word of a value",
     "write what is refused on a line of its own: SystemCallFilter=~..."},
    {{"SystemCallFilter=~\"mkdir\""},
     "\"mkdir\"",
     "quotes are part of the word here",
     "write the names without quotes"},
    {{"SystemCallFilter=\"~mkdir rmdir\""},
     "\"~mkdir",
     "quotes are part of the word here",
     "write the names without quotes"},
    {{"SystemCallFilter='mkdir'"}, "'mkdir'", "quotes are part of the word here", "write the names without quotes"},
    {{"SystemCallFilter=~read # write"},
     "#",
     "a comment cannot follow a value",
     "write comments on lines of their own"},
    {{"SystemCallFilter=%n"}, "%n", "specifiers are not expanded here", "write the name itself"},
    {{"SystemCallFilter=read %i"}, "%i", "specifiers are not expanded here", "write the name itself"},
    {{"SystemCallFilter=/usr/bin"},
     "/usr/bin",
     "a path is no system call",
     "if a shell put it there in place of ~NAME: --property=SystemCallFilter=~NAME is safe from that"},
    {{"SystemCallFilter=~@nosuch"}, "@nosuch", "unknown group \"@nosuch\" (tables of systemd-262)", NULL},
    {{"SystemCallFilter=~@sytem-service"},
     "@sytem-service",
     "unknown group \"@sytem-service\" (tables of systemd-262)",
     "did you mean \"@system-service\"?"},
    {{"SystemCallFilter=~@"}, "@", "unknown group \"@\" (tables of systemd-262)", NULL},
    {{"SystemCallGroups=systemd-252", "SystemCallFilter=~@nosuch"},
     "@nosuch",
     "unknown group \"@nosuch\" (tables of systemd-252)",
     NULL},
    {{"SystemCallFilter=~rm\\"}, "rm\\", "nothing stands behind the backslash", NULL},
    {{"SystemCallFilter=~rm\\ dir"}, "rm\\ dir", "unknown system call \"rm dir\"", "did you mean \"rmdir\"?"},
    {{"SystemCallFilter=~rm\\\\dir"}, "rm\\\\dir", "unknown system call \"rm\\dir\"", "did you mean \"rmdir\"?"},
    // Suffixes.
    {{"SystemCallFilter=mkdir:EPERM"},
     "mkdir:EPERM",
     "a line without ~ allows calls: \":EPERM\" has no meaning on it",
     "write it on a line of its own: SystemCallFilter=~mkdir:EPERM"},
    {{"SystemCallFilter=mkdir:kill"},
     "mkdir:kill",
     "a line without ~ allows calls: \":kill\" has no meaning on it",
     "write it on a line of its own: SystemCallFilter=~mkdir:kill"},
    {{"SystemCallFilter=~mkdir:EPREM"},
     "EPREM",
     "\"EPREM\" is not an errno name, a number up to 4095 or an action",
     "did you mean \"EPERM\"?"},
    {{"SystemCallFilter=~mkdir:KILL"},
     "KILL",
     "\"KILL\" is not an errno name, a number up to 4095 or an action",
     "did you mean \"kill\"?"},
    {{"SystemCallFilter=~mkdir:4096"}, "4096", "\"4096\" is above 4095, the greatest errno there is", NULL},
    {{"SystemCallFilter=~mkdir:-1"}, "-1", "\"-1\" is not an errno name, a number up to 4095 or an action", NULL},
    {{"SystemCallFilter=~mkdir:12.3"}, "12.3", "\"12.3\" is not an errno name, a number up to 4095 or an action", NULL},
    {{"SystemCallFilter=~mkdir:1x"}, "1x", "\"1x\" is not an errno name, a number up to 4095 or an action", NULL},
    {{"SystemCallFilter=~mkdir:0x"}, "0x", "\"0x\" is not an errno name, a number up to 4095 or an action", NULL},
    {{"SystemCallFilter=~mkdir:"}, "mkdir:", "there is nothing behind the colon", NULL},
    {{"SystemCallFilter=~:EPERM"}, ":EPERM", "there is no name before the colon", NULL},
    {{"SystemCallFilter=~mkdir:1:2"}, "1:2", "\"1:2\" is not an errno name, a number up to 4095 or an action", NULL},
    {{"SystemCallFilter=~mkdir:notify"},
     "notify",
     "\"notify\" would wait for a supervisor, and there is none that could answer",
     NULL},
    {{"SystemCallLog=mkdir:EPERM"}, "mkdir:EPERM", "SystemCallLog= takes names only, without \":EPERM\"", NULL},
    // Tests of arguments: what the words are; what stands in the parentheses is for the tests of expressions.
    {{"SystemCallFilter=read write(fd == 1"}, "(fd == 1", "this parenthesis is not closed", NULL},
    {{"SystemCallFilter=write(fd == 1)read"},
     "read",
     "nothing but a colon and an action can follow tests",
     "write a blank between words"},
    {{"SystemCallFilter=~write:EPERM(fd == 1)"}, "(fd == 1)", "tests stand behind the name, before the colon", NULL},
    {{"SystemCallFilter=(fd == 1)"}, "(fd == 1)", "there is no name before the parenthesis", NULL},
    {{"SystemCallFilter=~write(fd == 1):"}, "write(fd == 1):", "there is nothing behind the colon", NULL},
    {{"SystemCallFilter=~write(fd == 1):EPREM"},
     "EPREM",
     "\"EPREM\" is not an errno name, a number up to 4095 or an action",
     "did you mean \"EPERM\"?"},
    {{"SystemCallFilter=opennat(flags == 1)"},
     "opennat(flags == 1)",
     "unknown system call \"opennat\"",
     "did you mean \"openat\"?"},
    {{"SystemCallFilter=write(cuont == 1)"}, "cuont", "unknown argument \"cuont\"", "did you mean \"count\"?"},
    {{"SystemCallFilter=@sync(fd == 1)"},
     "fd == 1",
     "a group takes no tests: its calls have different arguments",
     "write the tests behind the names of the calls"},
    {{"SystemCallLog=write(fd == 1)"}, "fd == 1", "SystemCallLog= takes names only, without tests", NULL},
    {{"SystemCallFilter=write(fd == 1):log"},
     "log",
     "\":log\" behind tests on a line without ~ could mean both that they hold and that they do not",
     "write what is logged when they hold on a line of its own: SystemCallFilter=~write(...):log"},
    {{"SystemCallFilter=write(fd == 1):allow"},
     "allow",
     "a word on a line without ~ allows the call, without \":allow\"",
     NULL},
    {{"SystemCallFilter=write:allow"}, "allow", "a word on a line without ~ allows the call, without \":allow\"", NULL},
    {{"SystemCallFilter=~write:allow"},
     "allow",
     "a word on a line without ~ allows the call, without \":allow\"",
     "write it on a line of its own: SystemCallFilter=write"},
    {{"SystemCallFilter=fsync(fd == 1)", "SystemCallFilter=read @sync"},
     "@sync",
     "\"@sync\" would allow fsync whatever its arguments",
     "these tests would not count any more"},
    {{"SystemCallFilter=~fsync(fd == 1)", "SystemCallFilter=@sync"},
     "@sync",
     "\"@sync\" would allow fsync whatever its arguments",
     "these tests would not count any more"},
    {{"SystemCallFilter=fsync(fd == 1)", "SystemCallFilter=~@sync:log"},
     "@sync:log",
     "\"@sync:log\" would allow fsync whatever its arguments",
     "these tests would not count any more"},
    {{"SystemCallFilter=600(a0 == 1) @web"},
     "@web",
     "\"@web\" would allow number 600 whatever its arguments",
     "these tests would not count any more"},
    {{"SystemCallFilter=~uname", "NoNewPrivileges=yes(1)"},
     "yes(1)",
     "NoNewPrivileges= takes a word without parentheses",
     NULL},
    {{"SystemCallArchitectures=x86(1)"}, "x86(1)", "SystemCallArchitectures= takes names without parentheses", NULL},
    {{"SystemCallFilter=@bad-tests"},
     "fd == 1",
     "a group file holds names only; tests of arguments stand in the policy",
     NULL},
    // At= and StartupSystemCallFilter=
    {{"SystemCallFilter=read", "At=mian"},
     "mian",
     "unknown moment \"mian\": At= takes exec, entry, main or ready",
     "did you mean \"main\"?"},
    {{"SystemCallFilter=read", "At=Ready"},
     "Ready",
     "unknown moment \"Ready\": At= takes exec, entry, main or ready",
     "did you mean \"ready\"?"},
    {{"SystemCallFilter=read", "At=constructor"},
     "constructor",
     "unknown moment \"constructor\": At= takes exec, entry, main or ready",
     NULL},
    {{"SystemCallFilter=read", "At=main ready"}, "ready", "At= takes one word", NULL},
    {{"SystemCallFilter=read", "At=main:1"}, "main:1", "At= takes a word without a colon", NULL},
    {{"At=main"},
     NULL,
     "no policy given: nothing says which system calls are allowed",
     "give --property=SystemCallFilter=... or --profile=FILE"},
    {{"StartupSystemCallFilter=read"},
     NULL,
     "no policy given: nothing says which system calls are allowed",
     "give --property=SystemCallFilter=... or --profile=FILE"},
    {{"SystemCallFilter=read", "StartupSystemCallFilter=~read write"},
     "~read",
     "StartupSystemCallFilter= adds to the policy, and cannot take away",
     "write what start-up needs beyond the policy, without ~"},
    {{"SystemCallFilter=read", "StartupSystemCallFilter= ~"},
     "~",
     "StartupSystemCallFilter= adds to the policy, and cannot take away",
     "write what start-up needs beyond the policy, without ~"},
    {{"SystemCallFilter=read", "StartupSystemCallFilter=read ~write"},
     "~write",
     "~ stands once, before the first word of a value",
     "write what is refused on a line of its own: SystemCallFilter=~..."},
    {{"SystemCallFilter=read", "StartupSystemCallFilter=read:EPERM"},
     "read:EPERM",
     "StartupSystemCallFilter= only allows, without \":EPERM\"",
     NULL},
    {{"SystemCallFilter=read", "StartupSystemCallFilter=write(fd == 1):log"},
     "write(fd == 1):log",
     "StartupSystemCallFilter= only allows, without \":log\"",
     NULL},
    {{"SystemCallFilter=read", "StartupSystemCallFilter=execve"},
     "execve",
     "StartupSystemCallFilter= cannot open execve: what the policy closes of execve, execveat and seccomp is closed "
     "from "
     "the start",
     "leave it out: the launch's own calls pass with tickets, and need no word"},
    {{"SystemCallFilter=read", "StartupSystemCallFilter=read 322(a0 == 1)"},
     "322(a0 == 1)",
     "StartupSystemCallFilter= cannot open execveat: what the policy closes of execve, execveat and seccomp is closed "
     "from the start",
     "leave it out: the launch's own calls pass with tickets, and need no word"},
    {{"SystemCallFilter=read", "StartupSystemCallFilter=0x13d"},
     "0x13d",
     "StartupSystemCallFilter= cannot open seccomp: what the policy closes of execve, execveat and seccomp is closed "
     "from the start",
     "leave it out: the launch's own calls pass with tickets, and need no word"},
    {{"SystemCallFilter=read", "StartupSystemCallFilter=socketcall(call == 1)"},
     "call == 1",
     "in StartupSystemCallFilter=, socketcall takes no tests",
     "write the names of the calls that it makes"},
    {{"SystemCallFilter=read", "StartupSystemCallFilter=opennat"},
     "opennat",
     "unknown system call \"opennat\"",
     "did you mean \"openat\"?"},
    {{"SystemCallFilter=read", "StartupSystemCallFilter=@nosuch"},
     "@nosuch",
     "unknown group \"@nosuch\" (tables of systemd-262)",
     NULL},
    {{"SystemCallFilter=read", "StartupSystemCallFilter=fsync(fd == 1) @sync"},
     "@sync",
     "\"@sync\" would allow fsync whatever its arguments",
     "these tests would not count any more"},
    {{"SystemCallFilter=read", "StartupSystemCalFilter=read"},
     "StartupSystemCalFilter",
     "scrun does not implement \"StartupSystemCalFilter\"; nothing is ignored",
     "did you mean \"StartupSystemCallFilter\"?"},
    // SystemCallKnownUntil=
    {{"SystemCallKnownUntil=6"},
     "6",
     "\"6\" is no kernel version",
     "write two numbers, from 3.0 up: SystemCallKnownUntil=6.1"},
    {{"SystemCallKnownUntil=6.1.2"},
     "6.1.2",
     "\"6.1.2\" is no kernel version",
     "write two numbers, from 3.0 up: SystemCallKnownUntil=6.1"},
    {{"SystemCallKnownUntil=2.6"},
     "2.6",
     "\"2.6\" is no kernel version",
     "write two numbers, from 3.0 up: SystemCallKnownUntil=6.1"},
    {{"SystemCallKnownUntil=6."},
     "6.",
     "\"6.\" is no kernel version",
     "write two numbers, from 3.0 up: SystemCallKnownUntil=6.1"},
    {{"SystemCallKnownUntil=06.1"},
     "06.1",
     "\"06.1\" is no kernel version",
     "write two numbers, from 3.0 up: SystemCallKnownUntil=6.1"},
    {{"SystemCallKnownUntil=6.65536"},
     "6.65536",
     "\"6.65536\" is no kernel version",
     "write two numbers, from 3.0 up: SystemCallKnownUntil=6.1"},
    {{"SystemCallKnownUntil=5.0 6.1"}, "6.1", "SystemCallKnownUntil= takes one word", NULL},
    {{"SystemCallKnownUntil=99.0"},
     "99.0",
     "scrun does not know the system calls of Linux 99.0",
     "the newest that it knows are those of Linux 7.3"},
    {{"SystemCallFilter=read mseal", "SystemCallKnownUntil=6.1"},
     "mseal",
     "mseal came with Linux 6.10, but SystemCallKnownUntil=6.1 makes it answer ENOSYS",
     "leave the word out, or write SystemCallKnownUntil=6.10 or later"},
    {{"SystemCallKnownUntil=6.1", "SystemCallFilter=~462:EPERM"},
     "462:EPERM",
     "mseal came with Linux 6.10, but SystemCallKnownUntil=6.1 makes it answer ENOSYS",
     "leave the word out, or write SystemCallKnownUntil=6.10 or later"},
    {{"SystemCallKnownUntil=6.1", "SystemCallFilter=~mseal(a0 == 1)"},
     "mseal(a0 == 1)",
     "mseal came with Linux 6.10, but SystemCallKnownUntil=6.1 makes it answer ENOSYS",
     "leave the word out, or write SystemCallKnownUntil=6.10 or later"},
    {{"SystemCallKnownUntil=6.1", "SystemCallFilter=read 599"},
     "599",
     "number 599 is newer than all calls that scrun knows, but SystemCallKnownUntil=6.1 makes it answer ENOSYS",
     "leave the number or SystemCallKnownUntil= out"},
    {{"SystemCallFilter=read) write"}, "read)", "there is nothing that this ) closes", "write the name itself"},
    // Numbers.
    {{"SystemCallFilter=~403"}, "403", "number 403 is a system call on x86 only", "write its name: clock_gettime64"},
    {{"SystemCallFilter=~512"}, "512", "number 512 is a system call on x32 only", "write its name: rt_sigaction"},
    {{"SystemCallFilter=~0x40000000"},
     "0x40000000",
     "\"0x40000000\" is no system call number",
     "numbers are decimal or 0x..., and at most 0x3fffffff"},
    {{"SystemCallFilter=~083"},
     "083",
     "\"083\" is no system call number",
     "numbers are decimal or 0x..., and at most 0x3fffffff"},
    {{"SystemCallFilter=~83x"},
     "83x",
     "\"83x\" is no system call number",
     "numbers are decimal or 0x..., and at most 0x3fffffff"},
    // SystemCallErrorNumber=
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=EBADBAD"},
     "EBADBAD",
     "\"EBADBAD\" is not an errno name, a number up to 4095 or an action",
     NULL},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=0"},
     "0",
     "\"0\" would let every call that is not allowed seem to succeed",
     NULL},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=log"},
     "log",
     "\"log\" would refuse nothing (scrun --log allows and logs what a policy would refuse)",
     NULL},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=4096"},
     "4096",
     "\"4096\" is above 4095, the greatest errno there is",
     NULL},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=-1"},
     "-1",
     "\"-1\" is not an errno name, a number up to 4095 or an action",
     NULL},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=1x"},
     "1x",
     "\"1x\" is not an errno name, a number up to 4095 or an action",
     NULL},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=KILL"},
     "KILL",
     "\"KILL\" is not an errno name, a number up to 4095 or an action",
     "did you mean \"kill\"?"},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=EPERM EACCES"},
     "EACCES",
     "SystemCallErrorNumber= takes one word",
     NULL},
    {{"SystemCallFilter=~uname", "SystemCallErrorNumber=a:b"},
     "a:b",
     "SystemCallErrorNumber= takes a word without a colon",
     NULL},
    // SystemCallArchitectures=
    {{"SystemCallArchitectures=i386"}, "i386", "unknown architecture \"i386\"", "did you mean \"x86\"?"},
    {{"SystemCallArchitectures=native amd64"}, "amd64", "unknown architecture \"amd64\"", "did you mean \"x86-64\"?"},
    {{"SystemCallArchitectures=x86_64"}, "x86_64", "unknown architecture \"x86_64\"", "did you mean \"x86-64\"?"},
    {{"SystemCallArchitectures=Native"}, "Native", "unknown architecture \"Native\"", "did you mean \"native\"?"},
    {{"SystemCallArchitectures=~x86"},
     "~x86",
     "~ stands once, before the first word of a value",
     "write what is refused on a line of its own: SystemCallFilter=~..."},
    {{"SystemCallArchitectures=x86:1"}, "x86:1", "SystemCallArchitectures= takes names without a colon", NULL},
    // The other properties.
    {{"SystemCallFilter=~uname", "NoNewPrivileges=maybe"}, "maybe", "NoNewPrivileges= takes yes or no", NULL},
    {{"SystemCallFilter=~uname", "NoNewPrivileges="}, "NoNewPrivileges", "NoNewPrivileges= takes yes or no", NULL},
    {{"SystemCallFilter=~uname", "NoNewPrivileges=auto"}, "auto", "NoNewPrivileges= takes yes or no", NULL},
    {{"SystemCallFilter=~uname", "IsolatePeers=2"}, "2", "IsolatePeers= takes auto, yes or no", NULL},
    {{"SystemCallFilter=~uname", "SystemCallGroups=systemd-1"},
     "systemd-1",
     "there are no group tables \"systemd-1\"",
     "there is \"systemd-262\" (the default)"},
    {{"SystemCallFilters=~uname"},
     "SystemCallFilters",
     "scrun does not implement \"SystemCallFilters\"; nothing is ignored",
     "did you mean \"SystemCallFilter\"?"},
    {{"systemcallfilter=~uname"},
     "systemcallfilter",
     "scrun does not implement \"systemcallfilter\"; nothing is ignored",
     "did you mean \"SystemCallFilter\"?"},
    {{"SystemCallFilter =~uname"},
     "SystemCallFilter ",
     "scrun does not implement \"SystemCallFilter \"; nothing is ignored",
     "did you mean \"SystemCallFilter\"?"},
    // Keys that systemd leaves to others, without a word.
    {{"SystemCallFilter=~uname", "X-SystemCallFilter=~read"},
     "X-SystemCallFilter",
     "scrun does not implement \"X-SystemCallFilter\"; nothing is ignored",
     "did you mean \"SystemCallFilter\"?"},
    {{"SystemCallFilter=~uname", "X-Key="}, "X-Key", "scrun does not implement \"X-Key\"; nothing is ignored", NULL},
    {{"PrivateTmp=yes"},
     "PrivateTmp",
     "scrun does not implement \"PrivateTmp\"; nothing is ignored",
     "leave it to the service manager: it makes a namespace and mounts, which no filter does"},
    {{"SystemCallFilter"}, "SystemCallFilter", "a property is NAME=VALUE", NULL},
    {{NULL},
     NULL,
     "no policy given: nothing says which system calls are allowed",
     "give --property=SystemCallFilter=... or --profile=FILE"},
    {{"NoNewPrivileges=yes", "SystemCallErrorNumber=EPERM"},
     NULL,
     "no policy given: nothing says which system calls are allowed",
     "give --property=SystemCallFilter=... or --profile=FILE"},
    // systemd's own test, where both names are warned about and skipped.
    {{"SystemCallFilter=~write open execve fexecve execveat exit_group close mmap munmap fstat DONOTEXIST"},
     "fexecve",
     "unknown system call \"fexecve\"",
     "fexecve() is made of execve and execveat: write those"},
    // A word that a later line takes back is still an error.
    {{"SystemCallFilter=nosuch", "SystemCallFilter="}, "nosuch", "unknown system call \"nosuch\"", NULL},
    {{"SystemCallFilter=@nosuch", "SystemCallFilter="},
     "@nosuch",
     "unknown group \"@nosuch\" (tables of systemd-262)",
     NULL},
    // The user's own groups.
    {{"SystemCallFilter=@loop-a"}, "@loop-a", "a group cannot hold itself: @loop-a is being read", NULL},
    {{"SystemCallFilter=@self"}, "@self", "a group cannot hold itself: @self is being read", NULL},
    {{"SystemCallFilter=@bad-name"}, "nosuchcall", "unknown system call \"nosuchcall\"", NULL},
    {{"SystemCallFilter=@bad-group"}, "@nosuchgroup", "unknown group \"@nosuchgroup\" (tables of systemd-262)", NULL},
    {{"SystemCallFilter=@bad-suffix"},
     "read:EPERM",
     "a group file holds names only; the action stands behind the @name where it is used",
     NULL},
    {{"SystemCallFilter=@bad-comment"}, "#", "a comment cannot follow a value", "write comments on lines of their own"},
    {{"SystemCallFilter=@bad-nul"}, NULL, "there is a NUL byte in the text", NULL},
    {{"SystemCallFilter=read @locked"}, "@locked", "locked.group: Permission denied", NULL},
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

// --lenient: skipped with a warning as systemd does; want NULL: still an error, because something would be allowed that
// was meant to be refused, or because the text cannot mean what it says.
static const struct lenient_row {
  const char *lines[LINES_MAX];
  unsigned warnings;
  const char *want;
} lenient_rows[] = {
    {{"SystemCallFilter=read nosuch @nosuch 83x"}, 3, "read=allow, write=kill"},
    {{"SystemCallFilter=nosuch"}, 1, "read=kill"},
    {{"SystemCallFilter=nosuch", "SystemCallFilter=~read:EPERM"}, 1, "read=errno EPERM, write=kill"},
    {{"SystemCallFilter=read mkdir:EPERM"}, 1, "read=allow, mkdir=kill"},
    {{"SystemCallFilter=read mkdir:EBAD"}, 1, "read=allow, mkdir=kill"},
    {{"SystemCallFilter=~read", "SystemCallErrorNumber=EPERM", "SystemCallErrorNumber=EBADBAD"}, 1, "read=errno EPERM"},
    {{"SystemCallFilter=~read", "SystemCallErrorNumber=EPERM", "SystemCallErrorNumber=0"}, 1, "read=errno EPERM"},
    {{"SystemCallArchitectures=i386"}, 1, "read=allow, x86/read=kill-thread"},
    {{"SystemCallLog=~read nosuch"}, 2, "read=allow, write=log"},
    {{"SystemCallFilter=~read", "SystemCallErrorNumber=EPERM", "SystemCallErrorNumber=1x"}, 1, "read=errno EPERM"},
    {{"SystemCallFilter=~read nosuch"}, 0, NULL},
    {{"SystemCallFilter=~read write:1x"}, 0, NULL},
    {{"SystemCallFilter=~read", "X-Key=1"}, 0, NULL},
    {{"SystemCallFilter=~read @nosuch"}, 0, NULL},
    {{"SystemCallFilter=~read write:EBAD"}, 0, NULL},
    {{"SystemCallFilter=@system-service", "SystemCallFilter=~nosuch"}, 0, NULL},
    {{"SystemCallFilter=~read", "SystemCallFilter=nosuch"}, 1, "read=kill, write=allow"},
    {{"SystemCallFilter=read # write"}, 0, NULL},
    {{"SystemCallFilter=@system-service ~uname"}, 0, NULL},
    {{"SystemCallFilter=read,write"}, 0, NULL},
    {{"SystemCallFilter=\"~mkdir rmdir\""}, 0, NULL},
    {{"SystemCallFilter=read write(fd == 1) nosuch"}, 1, "write(1)=allow, write(2)=kill"},
    // A word with tests takes away what is allowed without them.
    {{"SystemCallFilter=read nosuch(fd == 1)"}, 0, NULL},
    {{"SystemCallFilter=read write(nofd == 1)"}, 0, NULL},
    {{"SystemCallFilter=read write(fd == 1):EBAD"}, 0, NULL},
    {{"SystemCallFilter=read", "SystemCallKnownUntil=6"}, 0, NULL},
    {{"SystemCallFilter=~read", "NoNewPrivileges=maybe"}, 0, NULL},
    {{"SystemCallFilter=~read", "PrivateTmp=yes"}, 0, NULL},
    {{"SystemCallFilter=~@default", "SystemCallGroups=systemd-1"}, 0, NULL},
    {{"SystemCallFilter=@bad-name"}, 0, NULL},
    {{"SystemCallFilter=@locked"}, 0, NULL},
    // A start-up list opens less without a word.
    {{"SystemCallFilter=~read", "StartupSystemCallFilter=nosuch @nosuch read"}, 2, "read=kill, write=allow"},
    {{"SystemCallFilter=~read", "StartupSystemCallFilter=read nosuch(fd == 1)"}, 0, NULL},
    {{"SystemCallFilter=~read", "StartupSystemCallFilter=~nosuch"}, 0, NULL},
    {{"SystemCallFilter=~read", "At=start"}, 0, NULL},
    {{NULL}, 0, NULL},
};

static unsigned
count_warnings(const struct diags *diags) {
  unsigned count = 0;
  for (size_t i = 0; i < diags->count; i++)
    count += diags->items[i].kind == DIAG_WARNING;
  return count;
}

static void
test_lenient(void) {
  for (size_t i = 0; i < sizeof lenient_rows / sizeof lenient_rows[0]; i++) {
    const struct lenient_row *row = &lenient_rows[i];
    const char *name = row->lines[0] != NULL ? row->lines[0] : "(nothing)";
    struct reading reading;
    reading_open(&reading, row->lines, true);
    CHECK_ROW((reading.policy != NULL) == (row->want != NULL), name);
    if (reading.policy != NULL) {
      CHECK_ROW(count_warnings(&reading.diags) == row->warnings, name);
      check_calls(reading.policy, row->want, name);
    }
    reading_close(&reading);
  }
}

static const struct warning_row {
  const char *lines[LINES_MAX];
  const char *text; // NULL: no warning
} warning_rows[] = {
    {{"SystemCallFilter=~uname"}, NULL},
    {{"SystemCallFilter=@system-service"}, NULL}, // members that no ABI has are fine
    {{"SystemCallFilter="}, "this policy refuses nothing"},
    {{"SystemCallFilter=~"}, "this policy refuses nothing"},
    {{"SystemCallFilter=~read", "SystemCallFilter=read"}, "this policy refuses nothing"},
    {{"SystemCallFilter=~read:log"}, "this policy refuses nothing"},
    {{"SystemCallLog=read"}, "this policy refuses nothing"},
    {{"SystemCallArchitectures=native x86 x32"}, "this policy refuses nothing"},
    {{"SystemCallFilter=", "SystemCallArchitectures=native"}, NULL},
    {{"SystemCallFilter=read spu_run"}, "no ABI of this machine has the system call \"spu_run\""},
    {{"SystemCallFilter=~read send waitpid"}, NULL},
    {{"SystemCallArchitectures=arm64"}, "this machine has no calls of the architecture \"arm64\""},
    {{"SystemCallFilter=write(fd == 1)"}, NULL},
    {{"SystemCallFilter=~write(fd == 1):log"}, "this policy refuses nothing"},
    {{"SystemCallKnownUntil=6.1"}, NULL},
    {{"SystemCallFilter=~clone(tls == 1)"}, NULL},
    {{"SystemCallFilter=~mmap(a2 == 1)"}, NULL},
    {{"SystemCallFilter=~mmap(prot == 1) mmap(prot == 2)"},
     "on x86, no filter sees the \"prot\" of mmap as the kernel reads it: there the call is refused whatever its "
     "arguments"},
    {{"SystemCallFilter=mmap(prot == 1)"},
     "on x86, no filter sees the \"prot\" of mmap as the kernel reads it: there the call is refused whatever its "
     "arguments"},
    {{"SystemCallFilter=~read mmap(prot == 1):log"},
     "on x86, no filter sees the \"prot\" of mmap as the kernel reads it: there this word never counts"},
    {{"SystemCallFilter=~pread64(offset == 1)"},
     "on x86, no filter sees the \"offset\" of pread64 as the kernel reads it: there the call is refused whatever its "
     "arguments"},
    {{"SystemCallFilter=~setuid(uid == 0)"},
     "on x86, no filter sees the \"uid\" of setuid as the kernel reads it: there the call is refused whatever its "
     "arguments"},
    {{"SystemCallFilter=~ioctl(arg == 1)"},
     "on x32, no filter sees the \"arg\" of ioctl as the kernel reads it: there the call is refused whatever its "
     "arguments"},
    {{"SystemCallFilter=socket(domain == 1)"},
     "on x86, no filter sees the arguments of socket through socketcall: there the call is refused whatever its "
     "arguments"},
    {{"SystemCallFilter=mmap(prot == 1)", "SystemCallArchitectures=native x32"}, NULL},
    {{"SystemCallFilter=socket(domain == 1)", "SystemCallArchitectures=native"}, NULL},
    {{"SystemCallFilter=mmap(prot == 1)", "SystemCallFilter=mmap"}, NULL},
    {{"SystemCallArchitectures=tilegx"}, "this machine has no calls of the architecture \"tilegx\""},
    {{"SystemCallFilter=~uname", "StartupSystemCallFilter=spu_run"},
     "no ABI of this machine has the system call \"spu_run\""},
    {{"SystemCallFilter=~uname", "StartupSystemCallFilter=socket(domain == 1)"},
     "on x86, no filter sees the arguments of socket through socketcall: there this word never counts"},
    {{"SystemCallFilter=~uname", "StartupSystemCallFilter=@system-service"}, NULL},
    {{"SystemCallFilter=~uname", "At=main"}, NULL},
    {{"SystemCallFilter=~", "StartupSystemCallFilter=read"}, "this policy refuses nothing"},
};

static void
test_warnings(void) {
  for (size_t i = 0; i < sizeof warning_rows / sizeof warning_rows[0]; i++) {
    const struct warning_row *row = &warning_rows[i];
    struct reading reading;
    reading_open(&reading, row->lines, false);
    CHECK_ROW(reading.policy != NULL, row->lines[0]);
    CHECK_ROW(count_warnings(&reading.diags) == (row->text != NULL), row->lines[0]);
    if (row->text != NULL && reading.diags.count > 0)
      CHECK_STR(reading.diags.items[0].text, row->text);
    reading_close(&reading);
  }
}

// Who says what decided: rules and defaults know where they were written.
static void
test_positions(void) {
  static const char *const lines[] = {"SystemCallFilter=read @sync", "SystemCallFilter=~fsync:EPERM write",
                                      "SystemCallErrorNumber=EACCES", NULL};
  static const char *const plain[] = {"SystemCallFilter=read write", NULL};
  struct reading reading;
  uint64_t arguments[6] = {0};
  static const struct {
    const char *call, *word;
  } rows[] = {{"read", "read"}, {"sync", "@sync"}, {"fsync", "fsync:EPERM"}, {"write", "write"}};
  reading_open(&reading, lines, false);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint32_t number = 0;
    CHECK(calls_number(calls_find(rows[i].call, strlen(rows[i].call)), ABI_X86_64, &number));
    struct decision decision = policy_decide(reading.policy, ABI_X86_64, number, arguments);
    CHECK_ROW(
        decision.rule != NULL && decision.rule->at.length == strlen(rows[i].word)
            && memcmp(decision.rule->at.source->text + decision.rule->at.offset, rows[i].word, decision.rule->at.length)
                   == 0,
        rows[i].call);
  }
  struct decision decision = policy_decide(reading.policy, ABI_X86_64, 83, arguments);
  CHECK(decision.rule == NULL && decision.layer != NULL);
  CHECK(decision.layer->otherwise_at.source == &reading.sources[2] && decision.layer->otherwise_at.offset == 22);
  reading_close(&reading);

  reading_open(&reading, plain, false);
  CHECK(reading.policy->layers[0].otherwise_at.source == &reading.sources[0]
        && reading.policy->layers[0].otherwise_at.offset == 17);
  reading_close(&reading);
}

static void
test_other_properties(void) {
  static const struct {
    const char *line;
    bool no_new_privs;
    enum isolate_peers peers;
  } rows[] = {
      {"SystemCallFilter=~uname", true, ISOLATE_PEERS_AUTO}, {"NoNewPrivileges=no", false, ISOLATE_PEERS_AUTO},
      {"NoNewPrivileges=0", false, ISOLATE_PEERS_AUTO},      {"NoNewPrivileges=N", false, ISOLATE_PEERS_AUTO},
      {"NoNewPrivileges=False", false, ISOLATE_PEERS_AUTO},  {"NoNewPrivileges=f", false, ISOLATE_PEERS_AUTO},
      {"NoNewPrivileges=OFF", false, ISOLATE_PEERS_AUTO},    {"NoNewPrivileges=1", true, ISOLATE_PEERS_AUTO},
      {"NoNewPrivileges=yEs", true, ISOLATE_PEERS_AUTO},     {"NoNewPrivileges=y", true, ISOLATE_PEERS_AUTO},
      {"NoNewPrivileges=true", true, ISOLATE_PEERS_AUTO},    {"NoNewPrivileges=t", true, ISOLATE_PEERS_AUTO},
      {"NoNewPrivileges= on ", true, ISOLATE_PEERS_AUTO},    {"IsolatePeers=yes", true, ISOLATE_PEERS_YES},
      {"IsolatePeers=no", true, ISOLATE_PEERS_NO},           {"IsolatePeers=Auto", true, ISOLATE_PEERS_AUTO},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const char *const lines[] = {"SystemCallFilter=~uname", rows[i].line, NULL};
    struct reading reading;
    reading_open(&reading, lines, false);
    CHECK_ROW(reading.policy != NULL && reading.policy->no_new_privs == rows[i].no_new_privs
                  && reading.policy->isolate_peers == rows[i].peers,
              rows[i].line);
    reading_close(&reading);
  }
}

static const struct moment_row {
  const char *lines[LINES_MAX];
  enum moment at;
  const char *startup; // what the start-up list says, all else EPERM; NULL: there is none
} moment_rows[] = {
    {{"SystemCallFilter=~uname"}, MOMENT_NONE, NULL},
    {{"SystemCallFilter=~uname", "At=exec"}, MOMENT_EXEC, NULL},
    {{"SystemCallFilter=~uname", "At= entry "}, MOMENT_ENTRY, NULL},
    {{"At=entry", "SystemCallFilter=~uname", "At=ready", "At=main"}, MOMENT_MAIN, NULL},
    {{"SystemCallFilter=~uname", "At=ready", "At="}, MOMENT_NONE, NULL},
    {{"SystemCallFilter=~uname", "At=ready", "StartupSystemCallFilter=read write"},
     MOMENT_READY,
     "read=allow, write=allow, uname=errno EPERM, mmap=errno EPERM"},
    {{"SystemCallFilter=~uname", "StartupSystemCallFilter=read", "StartupSystemCallFilter=uname @sync 600"},
     MOMENT_NONE,
     "read=allow, uname=allow, fsync=allow, #600=allow, #601=errno EPERM, x86/sync=allow"},
    {{"SystemCallFilter=~uname", "StartupSystemCallFilter="}, MOMENT_NONE, "read=errno EPERM, uname=errno EPERM"},
    {{"StartupSystemCallFilter=read", "SystemCallFilter=~uname", "StartupSystemCallFilter="},
     MOMENT_NONE,
     "read=errno EPERM"},
    {{"StartupSystemCallFilter=read", "SystemCallFilter=~uname",
      "StartupSystemCallFilter=", "StartupSystemCallFilter=write"},
     MOMENT_NONE,
     "read=errno EPERM, write=allow"},
    {{"SystemCallFilter=~uname", "StartupSystemCallFilter=@sync fsync(fd == 1) write(fd == 2)"},
     MOMENT_NONE,
     "fsync(1)=allow, fsync(2)=errno EPERM, sync=allow, write(2)=allow, write(1)=errno EPERM, uname=errno EPERM"},
    {{"SystemCallFilter=~uname", "StartupSystemCallFilter=@web"}, MOMENT_NONE, "uname=allow, #600=allow"},
    {{"SystemCallArchitectures=native", "StartupSystemCallFilter=read"},
     MOMENT_NONE,
     "read=allow, x86/read=kill-thread"},
    {{"SystemCallKnownUntil=4.2", "StartupSystemCallFilter=statx"}, MOMENT_NONE, "statx=allow"},
};

static void
test_later_moments(void) {
  for (size_t i = 0; i < sizeof moment_rows / sizeof moment_rows[0]; i++) {
    const struct moment_row *row = &moment_rows[i];
    struct reading reading;
    reading_open(&reading, row->lines, false);
    CHECK_ROW(reading.policy != NULL && reading.policy->at == row->at, row->lines[0]);
    const struct policy *startup = reading.policy != NULL ? reading.policy->startup : NULL;
    CHECK_ROW((startup != NULL) == (row->startup != NULL), row->lines[0]);
    if (startup != NULL) {
      CHECK_INT(startup->layer_count, 1);
      check_calls(startup, row->startup, row->lines[0]);
    }
    reading_close(&reading);
  }
}

// A file: one unit with what the command line says, and every error in one run.
static void
test_files(void) {
  static const char text[] =
      "# web server\n[Service]\nSystemCallFilter=@sync \\\n  # and\n  read\nSystemCallErrorNumber = EPERM\n"
      "\nSystemCallFilter=~fsync\n";
  static const char bad[] =
      "SystemCallFilter=opennat\n[Unit]\nFoo=bar\n[Service]\nFoo=bar\nX-Key=bar\nSystemCallFilter=read \\\n nosuch\n";
  static const char *const wanted[] = {
      "1:18 unknown system call \"opennat\"", "2:1 a policy file has no section but [Service]",
      "5:1 scrun does not implement \"Foo\"; nothing is ignored",
      "6:1 scrun does not implement \"X-Key\"; nothing is ignored", "8:2 unknown system call \"nosuch\""};
  struct source sources[3] = {{"web.conf", text, sizeof text - 1, true},
                              {"--property", "SystemCallFilter=mkdir", 22, false},
                              {"bad.conf", bad, sizeof bad - 1, true}};
  struct reader_options options = {0};
  struct reader *reader = reader_new(&options);
  struct diags diags = {0};
  struct policy *policy = NULL;
  CHECK_INT(reader_read_file(reader, &sources[0], &diags), 0);
  CHECK_INT(reader_read_property(reader, &sources[1], &diags), 0);
  CHECK_INT(reader_finish(reader, &policy, &diags), 0);
  if (policy != NULL)
    check_calls(policy, "read=allow, mkdir=allow, sync=allow, fsync=errno EPERM, write=errno EPERM", "file");
  policy_free(policy);
  reader_free(reader);

  reader = reader_new(&options);
  size_t next = 0;
  CHECK_INT(reader_read_file(reader, &sources[2], &diags), -1);
  for (size_t i = 0; i < diags.count; i++) {
    char got[ERROR_TEXT_BYTES + 32];
    struct source_line place = source_line_at(diags.items[i].at);
    snprintf(got, sizeof got, "%u:%u %s", place.line, place.column, diags.items[i].text);
    if (diags.items[i].kind == DIAG_ERROR && next < 5)
      CHECK_STR(got, wanted[next++]);
  }
  CHECK_INT(next, 5);
  CHECK_INT(reader_finish(reader, &policy, &diags), -1);
  reader_free(reader);
}

// Tests in files: blanks, line ends and comments between the parentheses; places are exact behind them.
static void
test_tests_in_files(void) {
  static const char text[] = "[Service]\nSystemCallFilter=read write( fd == 1 \\\n"
                             "# a comment with a ) and a ( in it\n  || fd == 2\t):EPERM \\\n  mkdir\n"
                             "SystemCallFilter=~read(fd == 1 && \\\r\n count > 5):EACCES\n";
  static const char bad[] =
      "SystemCallFilter=read write(fd == 1 \\\n  ||\\\n   fd === 2)\nSystemCallFilter=~@sync(fd == 1)\n";
  struct source sources[2] = {{"tests.conf", text, sizeof text - 1, true}, {"bad.conf", bad, sizeof bad - 1, true}};
  struct reader_options options = {0};
  struct reader *reader = reader_new(&options);
  struct diags diags = {0};
  struct policy *policy = NULL;
  CHECK_INT(reader_read_file(reader, &sources[0], &diags), 0);
  CHECK_INT(reader_finish(reader, &policy, &diags), 0);
  if (policy != NULL)
    check_calls(policy,
                "read=allow, read(1 0 5)=allow, read(1 0 6)=errno EACCES, write(1)=allow, write(2)=allow, "
                "write(3)=errno EPERM, mkdir=allow, rmdir=kill",
                "tests.conf");
  policy_free(policy);
  reader_free(reader);

  reader = reader_new(&options);
  CHECK_INT(reader_read_file(reader, &sources[1], &diags), -1);
  CHECK_INT(diags.errors, 2);
  struct source_line place = source_line_at(diags.items[0].at);
  CHECK_INT(place.line, 3);
  place = source_line_at(diags.items[diags.count - 2].at);
  CHECK(place.line == 4 && place.column == 25);
  reader_free(reader);
}

// Words with tests about one call: 64 are taken, one more is an error; a word that replaces them starts anew.
static void
test_many_conditions(void) {
  static char words[TEST_WORDS_BYTES];
  for (unsigned count = 64; count <= 66; count++) {
    size_t at = (size_t)snprintf(words, sizeof words, "SystemCallFilter=~");
    for (unsigned i = 0; i < count; i++)
      at += (size_t)snprintf(words + at, sizeof words - at,
                             count == 66 && i == 64 ? "write:EPERM " : "write(fd == %u) ", i);
    const char *const lines[] = {words, NULL};
    struct reading reading;
    reading_open(&reading, lines, false);
    CHECK_INT(reading.policy != NULL, count != 65);
    if (count == 64)
      check_calls(reading.policy, "write(0)=kill, write(63)=kill, write(64)=allow", "64 words");
    if (count == 65)
      CHECK_STR(reading.diags.items[0].text, "more than 64 words with tests about one call");
    if (count == 66)
      check_calls(reading.policy, "write(0)=errno EPERM, write(65)=kill", "replaced");
    reading_close(&reading);
  }
}

// More tests than a policy can hold: an error.
static void
test_too_many_tests(void) {
  static char words[TEST_WORDS_BYTES];
  size_t at = (size_t)snprintf(words, sizeof words, "SystemCallFilter=~");
  struct reading reading;
  const char *const lines[] = {words, NULL};
  for (unsigned i = 0; i < 20; i++) {
    at += (size_t)snprintf(words + at, sizeof words - at, "%u(!(a0 in 0", 10000 + i);
    for (unsigned j = 1; j < 900; j++)
      at += (size_t)snprintf(words + at, sizeof words - at, ",%u", j);
    at += (size_t)snprintf(words + at, sizeof words - at, ")) ");
  }
  reading_open(&reading, lines, false);
  CHECK(reading.policy == NULL);
  CHECK_STR(reading.diags.items[0].text, "more than 16384 tests of arguments");
  reading_close(&reading);
}

// A file is opened once, however often the group is named.
static void
test_groups_are_opened_once(void) {
  static const char *const lines[] = {"SystemCallFilter=@web @outer @web @inner", "SystemCallFilter=~@web", NULL};
  struct reading reading;
  opened = 0;
  reading_open(&reading, lines, false);
  CHECK_INT(opened, 3);
  reading_close(&reading);
}

// Groups without end, each naming the next: bounded, no recursion.
static char chain_text[200][16];
static struct source chain_sources[200];

static int
open_chain(void *context, const char *name, size_t length, const struct source **out, struct error *e) {
  (void)context, (void)e;
  unsigned number = (unsigned)strtoul(name + 1, NULL, 10);
  (void)length;
  snprintf(chain_text[number], sizeof chain_text[number], "@c%u", number + 1);
  chain_sources[number] = (struct source){"chain", chain_text[number], strlen(chain_text[number]), true};
  *out = &chain_sources[number];
  return number < 199 ? 0 : 1;
}

static void
test_bounds(void) {
  struct reader_options options = {.open_group = open_chain};
  struct reader *reader = reader_new(&options);
  struct source source = {"--property", "SystemCallFilter=@c0", 20, false};
  struct diags diags = {0};
  struct policy *policy = NULL;
  CHECK_INT(reader_read_property(reader, &source, &diags), 0);
  CHECK_INT(reader_finish(reader, &policy, &diags), -1);
  CHECK_STR(diags.items[0].text, "more than 64 groups from files");
  reader_free(reader);

  static char words[TEST_WORDS_BYTES];
  size_t at = (size_t)snprintf(words, sizeof words, "SystemCallFilter=~");
  while (at + 8 < sizeof words)
    at += (size_t)snprintf(words + at, sizeof words - at, "read ");
  struct source big = {"--property", words, at, false};
  memset(&diags, 0, sizeof diags);
  reader = reader_new(&options);
  CHECK_INT(reader_read_property(reader, &big, &diags), -1);
  CHECK_STR(diags.items[0].text, "more than 65536 words");
  CHECK_INT(reader_finish(reader, &policy, &diags), -1);
  reader_free(reader);
}

// A file full of nonsense takes no time to speak of: nobody looks for what was meant behind the last message.
static void
test_many_errors(void) {
  static char words[TEST_WORDS_BYTES];
  size_t at = (size_t)snprintf(words, sizeof words, "SystemCallFilter=");
  while (at + 16 < sizeof words)
    at += (size_t)snprintf(words + at, sizeof words - at, "opennat @snyc ");
  struct source source = {"--property", words, at, false};
  struct reader_options options = {0};
  struct reader *reader = reader_new(&options);
  struct diags diags = {0};
  struct policy *policy = NULL;
  CHECK_INT(reader_read_property(reader, &source, &diags), -1);
  CHECK_INT(reader_finish(reader, &policy, &diags), -1);
  CHECK_INT(diags.count, DIAGS_MAX);
  CHECK(diags.errors > 50000);
  reader_free(reader);
}

// More rules than a policy can hold: an error, not a shorter policy.
static void
test_too_many_rules(void) {
  static char words[TEST_WORDS_BYTES];
  size_t at = (size_t)snprintf(words, sizeof words, "SystemCallFilter=~");
  for (unsigned number = 10000; number < 20000; number++)
    at += (size_t)snprintf(words + at, sizeof words - at, "%u ", number);
  struct source source = {"--property", words, at, false};
  struct reader_options options = {0};
  struct reader *reader = reader_new(&options);
  struct diags diags = {0};
  struct policy *policy = NULL;
  CHECK_INT(reader_read_property(reader, &source, &diags), 0);
  CHECK_INT(reader_finish(reader, &policy, &diags), -1);
  CHECK_INT(diags.errors, 1);
  CHECK(strncmp(diags.items[0].text, "too many rules", 14) == 0);
  reader_free(reader);
}

int
main(void) {
  test_decisions();
  test_errors();
  test_lenient();
  test_warnings();
  test_positions();
  test_other_properties();
  test_later_moments();
  test_files();
  test_tests_in_files();
  test_many_conditions();
  test_too_many_tests();
  test_groups_are_opened_once();
  test_bounds();
  test_many_errors();
  test_too_many_rules();
  return check_done();
}
