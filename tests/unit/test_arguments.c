// SPDX-License-Identifier: LGPL-2.1-or-later
// test_arguments.c - the tables of arguments and constants: cases known from the manual, every row of the files that
// they are made from, and what must hold for all calls.
#include "compat/arguments.h"
#include "tests/check.h"
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

static call_t
find(const char *name) {
  return calls_find(name, strlen(name));
}

static const struct argument *
argument(const char *call, const char *name) {
  return argument_find(find(call), name, strlen(name));
}

// bits with a minus sign for signed ones, 0 for pointers; places on x86-64, x32 and x86.
static const struct {
  const char *call, *name;
  int bits, place, place_x32, place_i386;
} cases[] = {
    {"socket", "domain", -32, 0, 0, 0},
    {"socket", "type", -32, 1, 1, 1},
    {"socket", "protocol", -32, 2, 2, 2},
    {"write", "fd", -32, 0, 0, 0},
    {"write", "buf", 0, 1, 1, 1},
    {"write", "count", 64, 2, 2, 2},
    {"ioctl", "cmd", 32, 1, 1, 1},
    {"ioctl", "arg", 64, 2, -1, 2},
    {"mprotect", "addr", 64, 0, 0, 0},
    {"mprotect", "len", 64, 1, 1, 1},
    {"mprotect", "prot", 64, 2, 2, 2},
    {"clone", "flags", 32, 0, 0, 0},
    {"clone", "child_tid", 0, 3, 3, 4},
    {"clone", "tls", 64, 4, 4, 3},
    {"unshare", "flags", 64, 0, 0, 0},
    {"setns", "nstype", -32, 1, 1, 1},
    {"prctl", "option", -32, 0, 0, 0},
    {"prctl", "arg2", 64, 1, 1, 1},
    {"fcntl", "cmd", 32, 1, 1, 1},
    {"futex", "op", -32, 1, 1, 1},
    {"futex", "val", 32, 2, 2, 2},
    {"personality", "persona", 32, 0, 0, 0},
    {"kill", "pid", -32, 0, 0, 0},
    {"keyctl", "operation", -32, 0, 0, 0},
    {"bpf", "cmd", -32, 0, 0, 0},
    {"openat", "dirfd", -32, 0, 0, 0},
    {"openat", "flags", -32, 2, 2, 2},
    {"openat", "mode", 16, 3, 3, 3},
    {"open", "mode", 16, 2, 2, 2},
    {"chmod", "mode", 16, 1, 1, 1},
    {"fchmodat2", "flags", 32, 3, 3, 3},
    {"memfd_create", "flags", 32, 1, 1, 1},
    {"mmap", "fd", -32, 4, 4, -1},
    {"mmap", "prot", 64, 2, 2, -1},
    {"mmap2", "prot", 32, 2, 2, 2},
    {"select", "nfds", -32, 0, 0, -1},
    {"_newselect", "nfds", -32, 0, 0, 0},
    {"fallocate", "mode", -32, 1, 1, 1},
    {"fallocate", "offset", -64, 2, 2, -1},
    {"fallocate", "len", -64, 3, 3, -1},
    {"fadvise64", "advice", -32, 3, 3, 4},
    {"fadvise64_64", "advice", -32, 3, 3, 5},
    {"fanotify_mark", "dirfd", -32, 3, 3, 4},
    {"pread64", "count", 64, 2, 2, 2},
    {"pread64", "offset", -64, 3, 3, -1},
    {"readahead", "count", 64, 2, 2, 3},
    {"sync_file_range", "flags", 32, 3, 3, 5},
    {"truncate64", "length", -64, 1, 1, -1},
    {"setuid", "uid", 32, 0, 0, -1},
    {"setuid32", "uid", 32, 0, 0, 0},
    {"preadv2", "flags", -32, 5, 4, 5},
    {"preadv2", "offset", -64, 3, 3, -1},
    {"pwritev", "offset", -64, 3, 3, -1},
    {"pwritev", "pos_h", 64, 4, -1, -1},
    {"getcpu", "node", 0, 1, 1, 1},
    {"ptrace", "request", -32, 0, 0, 0},
    {"ptrace", "data", 64, 3, -1, 3},
    {"mbind", "mode", -32, 2, 2, 2},
    {"socketcall", "call", -32, 0, 0, 0},
    {"ipc", "call", 16, 0, 0, 0},
    {"finit_module", "flags", -32, 2, 2, 2},
    {"umount2", "flags", -32, 1, 1, 1},
    {"sendfile", "count", 64, 3, 3, 3},
    {"newfstatat", "flags", -32, 3, 3, 3},
};

static void
test_cases(void) {
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const struct argument *got = argument(cases[i].call, cases[i].name);
    CHECK_ROW(got != NULL, cases[i].call);
    if (got == NULL)
      continue;
    CHECK_INT(got->is_pointer ? 0 : got->is_signed ? -got->bits : got->bits, cases[i].bits);
    CHECK_INT(got->is_pointer ? got->bits : 64, 64);
    CHECK_INT(got->place, cases[i].place);
    CHECK_INT(got->place_x32, cases[i].place_x32);
    CHECK_INT(got->place_i386, cases[i].place_i386);
  }
}

static void
argument_check(const char *call, const struct argument *list, size_t count, size_t which) {
  const struct argument *got = &list[which];
  CHECK_ROW(got->place == (int)which, call);
  CHECK_ROW(got->place_x32 >= -1 && got->place_x32 <= 5, call);
  CHECK_ROW(got->place_i386 >= -1 && got->place_i386 <= 5, call);
  CHECK_ROW(got->bits == 8 || got->bits == 16 || got->bits == 32 || got->bits == 64, call);
  CHECK_ROW(!got->is_pointer || (got->bits == 64 && !got->is_signed), call);
  CHECK_ROW(got->name[0] >= 'a' && got->name[0] <= 'z' && memchr(got->name, '\0', sizeof got->name) != NULL, call);
  CHECK_ROW(!(got->name[0] == 'a' && got->name[1] >= '0' && got->name[1] <= '9' && got->name[2] == '\0'), call);
  CHECK_ROW(argument(call, got->name) == got, call); // the first of its name, so the only one
  for (size_t i = 0; i < which; i++) {
    CHECK_ROW(got->place_i386 < 0 || got->place_i386 != list[i].place_i386, call);
    CHECK_ROW(got->place_x32 < 0 || got->place_x32 != list[i].place_x32, call);
  }
  CHECK_ROW(which < count, call);
}

static void
test_all(void) {
  size_t known = 0;
  for (call_t call = 0; call < calls_count(); call++) {
    size_t count = 7;
    const struct argument *list = arguments_of(call, &count);
    CHECK_ROW(count <= 6 && (list == NULL) == (count == 0), calls_name(call));
    CHECK_ROW(count == 0 || arguments_known(call), calls_name(call));
    for (size_t i = 0; i < count; i++)
      argument_check(calls_name(call), list, count, i);
    known += arguments_known(call);
    for (enum abi abi = ABI_X86_64; abi < ABI_COUNT; abi++) {
      uint32_t number;
      if (calls_number(call, abi, &number) && !calls_is_newer(abi, number))
        CHECK_ROW(arguments_known(call), calls_name(call));
    }
  }
  CHECK(known > 470 && known < calls_count());
}

// A file of profiles/ or the end of the test: without it nothing would be checked.
static FILE *
file_open(const char *name) {
  FILE *file = fopen(name, "r");
  if (file == NULL) {
    perror(name);
    exit(1);
  }
  return file;
}

// Other names: of the manual, of newer ones, of the kernel.
static void
test_synonyms(void) {
  static const struct {
    const char *call, *other, *name;
  } synonyms[] = {
      {"ioctl", "request", "cmd"},
      {"ioctl", "op", "cmd"},
      {"fcntl", "op", "cmd"},
      {"fcntl64", "op", "cmd"},
      {"prctl", "op", "option"},
      {"ptrace", "op", "request"},
      {"keyctl", "op", "operation"},
      {"futex", "futex_op", "op"},
      {"move_pages", "count", "nr_pages"},
      {"clock_adjtime", "clk_id", "clockid"},
      {"preadv", "pos_l", "offset"},
      {"preadv2", "pos_l", "offset"},
      {"pwritev", "pos_l", "offset"},
      {"pwritev2", "pos_l", "offset"},
  };
  for (size_t i = 0; i < sizeof synonyms / sizeof synonyms[0]; i++) {
    const struct argument *got = argument(synonyms[i].call, synonyms[i].other);
    CHECK_ROW(got != NULL && got == argument(synonyms[i].call, synonyms[i].name), synonyms[i].other);
    CHECK_STR(got != NULL ? got->name : "(none)", synonyms[i].name);
  }
  CHECK(argument("ioctl", "reques") == NULL);
  CHECK(argument("ioctl", "requests") == NULL);
  CHECK(argument_find(find("ioctl"), "requests", 7) == argument("ioctl", "cmd"));
  CHECK(argument("write", "request") == NULL);
  CHECK(argument("socket", "op") == NULL);
  CHECK(argument("ptrace", "cmd") == NULL);
  CHECK(argument_find(CALL_NONE, "op", 2) == NULL);
  CHECK(argument_suggest(find("ioctl"), "reqest", 6) == NULL);
}

// Every row of the file is found, and the name in it is the one that is written.
static void
test_synonyms_file(void) {
  char line[256], call[64], name[64], other[64];
  int rows = 0;
  FILE *file = file_open(PROFILES "/arguments/synonyms.tsv");
  while (fgets(line, sizeof line, file) != NULL) {
    if (line[0] == '#' || line[0] == '\n')
      continue;
    rows++;
    CHECK_ROW(sscanf(line, "%63s %63s %63s", call, name, other) == 3, line);
    const struct argument *got = argument(call, other);
    CHECK_ROW(got != NULL && strcmp(got->name, name) == 0, line);
  }
  fclose(file);
  CHECK(rows >= 27);
}

static void
test_edges(void) {
  size_t count = 7;
  CHECK(arguments_of(CALL_NONE, &count) == NULL && count == 0);
  CHECK(!arguments_known(CALL_NONE));
  CHECK(!arguments_known(find("riscv_hwprobe")));
  CHECK(arguments_known(find("getpid")) && arguments_of(find("getpid"), &count) == NULL && count == 0);
  CHECK(argument("getpid", "pid") == NULL);
  CHECK(argument("socket", "family") == NULL);
  CHECK(argument("socket", "") == NULL);
  CHECK(argument("socket", "a0") == NULL);
  CHECK(argument_find(find("socket"), "domains", 6) != NULL);
  CHECK(argument_find(find("socket"), "domains", 7) == NULL);
  CHECK(argument_find(find("socket"), "dom", 3) == NULL);
  CHECK(argument_find(CALL_NONE, "domain", 6) == NULL);
}

// Every argument of the generated files is there, in its place and with its type.
static void
row_check(char *line) {
  static const struct {
    const char *name;
    int bits;
  } types[] = {{"int", -32}, {"uint", 32}, {"long", -64}, {"ulong", 64}, {"ushort", 16}, {"pointer", 0}};
  char *rest = line, *field = strsep(&rest, "\t");
  call_t call = find(field);
  size_t count, which = 0;
  const struct argument *list = arguments_of(call, &count);
  CHECK_ROW(arguments_known(call), field);
  for (; rest != NULL && which < count; which++) {
    char *type = strsep(&rest, "\t"), *name = strsep(&type, ":");
    int bits = list[which].is_pointer ? 0 : list[which].is_signed ? -list[which].bits : list[which].bits;
    int want = 1;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
      if (strcmp(types[i].name, type) == 0)
        want = types[i].bits;
    CHECK_STR(list[which].name, name);
    CHECK_INT(bits, want);
  }
  CHECK_ROW(which == count && rest == NULL, field);
}

static void
test_rows(const char *name, int least) {
  char line[256];
  int rows = 0;
  FILE *file = file_open(name);
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '#' || line[0] == '\0')
      continue;
    rows++;
    row_check(line);
  }
  fclose(file);
  CHECK(rows >= least);
}

static void
constant_check(const char *name, uint64_t want) {
  uint64_t got = 0x5c4a11;
  CHECK_ROW(constant_find(name, strlen(name), &got), name);
  CHECK_ROW(got == want, name);
}

// Every constant of the file.
static void
test_constants_file(void) {
  char line[256], name[64];
  unsigned long long value;
  int rows = 0;
  FILE *file = file_open(PROFILES "/arguments/constants.tsv");
  while (fgets(line, sizeof line, file) != NULL) {
    if (line[0] == '#' || line[0] == '\n')
      continue;
    rows++;
    CHECK_ROW(sscanf(line, "%63s 0x%llx", name, &value) == 2, line);
    constant_check(name, value);
  }
  fclose(file);
  CHECK(rows > 1500);
}

#define CONSTANT(name)                                                                                                 \
  { #name, (uint64_t)(name) }
static const struct {
  const char *name;
  uint64_t value;
} constants[] = {
    {"NULL", 0},
    {"AT_FDCWD", 0xffffffffffffff9cu},
    {"O_LARGEFILE", 0x8000},
    {"SIGRTMIN", 32},
    {"SIGRTMAX", 64},
    CONSTANT(AF_UNIX),
    CONSTANT(AF_INET6),
    CONSTANT(AF_VSOCK),
    CONSTANT(SOCK_CLOEXEC),
    CONSTANT(SOL_SOCKET),
    CONSTANT(PROT_EXEC),
    CONSTANT(MAP_ANONYMOUS),
    CONSTANT(MADV_DONTNEED),
    CONSTANT(O_ACCMODE),
    CONSTANT(O_TMPFILE),
    CONSTANT(S_ISUID),
    CONSTANT(CLONE_NEWUSER),
    CONSTANT(CLONE_IO),
    CONSTANT(SIGKILL),
    CONSTANT(PR_SET_SECCOMP),
    CONSTANT(PR_SET_PTRACER_ANY),
    CONSTANT(PTRACE_TRACEME),
    CONSTANT(PTRACE_SEIZE),
    CONSTANT(TIOCSTI),
    CONSTANT(TIOCLINUX),
    CONSTANT(TIOCGPTN),
    CONSTANT(FIONBIO),
    CONSTANT(F_SETFL),
    CONSTANT(ADDR_NO_RANDOMIZE),
    CONSTANT(PER_LINUX32),
    CONSTANT(KEYCTL_JOIN_SESSION_KEYRING),
    CONSTANT(KEY_SPEC_SESSION_KEYRING),
    CONSTANT(SECCOMP_FILTER_FLAG_NEW_LISTENER),
    CONSTANT(MS_BIND),
    CONSTANT(MNT_DETACH),
    CONSTANT(CLOCK_BOOTTIME),
    CONSTANT(SCHED_FIFO),
};

static void
test_constants(void) {
  uint64_t value = 7;
  for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++)
    constant_check(constants[i].name, constants[i].value);
  CHECK(!constant_find("", 0, &value));
  CHECK(!constant_find("PROT_EXE", 8, &value));
  CHECK(!constant_find("PROT_EXECS", 10, &value));
  CHECK(!constant_find("prot_exec", 9, &value));
  CHECK(!constant_find("NULL\0", 5, &value));
  CHECK(!constant_find("\xff", 1, &value));
  CHECK(value == 7);
  CHECK(constant_find("PROT_EXECS", 9, &value) && value == PROT_EXEC);
}

static void
suggestion_check(const char *got, const char *want, const char *word) {
  CHECK_ROW(strcmp(got != NULL ? got : "(none)", want != NULL ? want : "(none)") == 0, word);
}

static void
test_suggestions(void) {
  static const struct {
    const char *call, *word, *want;
  } arguments[] = {
      {"socket", "domian", "domain"}, {"socket", "Type", "type"},  {"ioctl", "cmdd", "cmd"},
      {"mprotect", "prott", "prot"},  {"openat", "flag", "flags"}, {"socket", "family", NULL},
      {"getpid", "pid", NULL},        {"socket", "", NULL},
  };
  static const struct {
    const char *word, *want;
  } names[] = {
      {"PROT_EXCE", "PROT_EXEC"},        {"af_inet", "AF_INET"}, {"TIOCST1", "TIOCSTI"},
      {"CLONE_NEWUSR", "CLONE_NEWUSER"}, {"FROBNICATE", NULL},   {"", NULL},
  };
  for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++)
    suggestion_check(argument_suggest(find(arguments[i].call), arguments[i].word, strlen(arguments[i].word)),
                     arguments[i].want, arguments[i].word);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    suggestion_check(constant_suggest(names[i].word, strlen(names[i].word)), names[i].want, names[i].word);
  CHECK(argument_suggest(CALL_NONE, "fd", 2) == NULL);
}

int
main(void) {
  test_cases();
  test_all();
  test_synonyms();
  test_synonyms_file();
  test_edges();
  test_rows(PROFILES "/arguments/linux-6.18.tsv", 355);
  test_rows(PROFILES "/arguments/x86-64.tsv", 20);
  test_constants_file();
  test_constants();
  test_suggestions();
  return check_done();
}
