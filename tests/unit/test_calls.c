// SPDX-License-Identifier: LGPL-2.1-or-later
// test_calls.c - the table of calls against the installed libseccomp, the kernel's headers and the file of calls.
#include "compat/calls.h"
#include "compat/kernel.h"
#include "tests/check.h"
#include <seccomp.h>
#include <stdlib.h>

// Far beyond any number in use.
#define NUMBERS 2000

static struct {
  enum abi abi;
  uint32_t libseccomp;
  uint32_t bit;
  const char *header;    // #define __NR_name number
  bool in_file[NUMBERS]; // the file of calls has the number
} tables[] = {
    {ABI_X86_64, SCMP_ARCH_X86_64, 0, ASM_HEADERS "/unistd_64.h", {false}},
    {ABI_X32, SCMP_ARCH_X32, X32_BIT, ASM_HEADERS "/unistd_x32.h", {false}},
    {ABI_I386, SCMP_ARCH_X86, 0, ASM_HEADERS "/unistd_32.h", {false}},
};
#define ABIS (sizeof tables / sizeof tables[0])

static call_t
find(const char *name) {
  return calls_find(name, strlen(name));
}

static const char *
name_at(enum abi abi, uint32_t number) {
  call_t call = calls_at(abi, number);
  return call == CALL_NONE ? "none" : calls_name(call);
}

// Opens a file or ends the test: without it nothing would be checked.
static FILE *
file_open(const char *name) {
  FILE *file = fopen(name, "r");
  if (file == NULL) {
    perror(name);
    exit(1);
  }
  return file;
}

static void
file_row_check(size_t which, const char *name, const char *text) {
  uint32_t number;
  bool has = calls_number(find(name), tables[which].abi, &number);
  CHECK_ROW(has == (strcmp(text, "-") != 0), name);
  if (!has)
    return;
  unsigned long want = strtoul(text, NULL, 10);
  CHECK_INT(number, tables[which].bit + want);
  if (want < NUMBERS)
    tables[which].in_file[want] = true;
}

// Every row of the file of calls stands in the table.
static void
test_file(void) {
  char line[256], name[64], numbers[ABIS][16];
  int rows = 0;
  FILE *file = file_open(PROFILES "/calls/linux-6.18.tsv");
  while (fgets(line, sizeof line, file) != NULL) {
    if (line[0] == '#')
      continue;
    rows++;
    CHECK_INT(sscanf(line, "%63s %15s %15s %15s", name, numbers[0], numbers[1], numbers[2]), 4);
    for (size_t which = 0; which < ABIS; which++)
      file_row_check(which, name, numbers[which]);
  }
  fclose(file);
  CHECK(rows > 20);
}

// Every number that libseccomp knows has the same name here; every other number here is from the file of calls.
static void
test_libseccomp(void) {
  for (size_t which = 0; which < ABIS; which++) {
    for (uint32_t number = 0; number < NUMBERS; number++) {
      uint32_t full = number | tables[which].bit;
      char *name = seccomp_syscall_resolve_num_arch(tables[which].libseccomp, (int)full);
      if (name != NULL)
        CHECK_STR(name_at(tables[which].abi, full), name);
      else if (!tables[which].in_file[number])
        CHECK_STR(name_at(tables[which].abi, full), "none");
      free(name);
    }
  }
}

// Every name here is known to libseccomp under the same number, or by a pseudo number (i386's multiplexed calls, and
// calls that the ABI does not have), or is from the file of calls.
static void
test_libseccomp_back(void) {
  for (size_t which = 0; which < ABIS; which++) {
    for (call_t call = 0; call < calls_count(); call++) {
      int theirs = seccomp_syscall_resolve_name_arch(tables[which].libseccomp, calls_name(call));
      uint32_t number;
      bool has = calls_number(call, tables[which].abi, &number);
      if (theirs >= 0)
        CHECK_ROW(has && number == (uint32_t)theirs, calls_name(call));
      else if (has && !tables[which].in_file[number & ~tables[which].bit])
        CHECK_ROW(tables[which].abi == ABI_I386 && theirs <= -100 && theirs > -300, calls_name(call));
    }
  }
}

// Reads "#define PREFIXname value"; value is a number, or "(__X32_SYSCALL_BIT + number)".
static bool
define_read(const char *line, const char *prefix, char name[64], unsigned long *number) {
  char value[64];
  if (sscanf(line, "#define %63s %63[^\n]", name, value) != 2 || strncmp(name, prefix, strlen(prefix)) != 0)
    return false;
  memmove(name, name + strlen(prefix), strlen(name + strlen(prefix)) + 1);
  const char *digits = strstr(value, "+ ") != NULL ? strstr(value, "+ ") + 2 : value;
  char *end;
  *number = strtoul(digits, &end, 10);
  return end != digits;
}

static void
test_headers(void) {
  for (size_t which = 0; which < ABIS; which++) {
    char line[256], name[64];
    unsigned long number;
    int names = 0;
    FILE *file = file_open(tables[which].header);
    while (fgets(line, sizeof line, file) != NULL) {
      if (!define_read(line, "__NR_", name, &number) || strcmp(name, "syscalls") == 0)
        continue;
      uint32_t ours = UINT32_MAX;
      CHECK_ROW(calls_number(find(name), tables[which].abi, &ours), name);
      CHECK_INT(ours, number + tables[which].bit);
      names++;
    }
    fclose(file);
    CHECK(names > 300);
  }
}

static void
test_names(void) {
  CHECK(calls_count() > 500 && calls_count() < CALLS_MAX);
  for (call_t call = 0; call < calls_count(); call++) {
    char longer[64];
    const char *name = calls_name(call);
    snprintf(longer, sizeof longer, "%sZ", name);
    CHECK_ROW(calls_find(longer, strlen(name)) == call, name);
    CHECK_ROW(find(longer) == CALL_NONE, name);
    CHECK_ROW(calls_find(name, strlen(name) - 1) != call, name);
    CHECK_ROW(call == 0 || strcmp(calls_name((call_t)(call - 1)), name) < 0, name);
  }
}

static void
test_numbers(void) {
  for (call_t call = 0; call < calls_count(); call++) {
    for (size_t which = 0; which < ABIS; which++) {
      uint32_t number;
      if (!calls_number(call, tables[which].abi, &number))
        continue;
      CHECK_ROW(calls_at(tables[which].abi, number) == call, calls_name(call));
      CHECK_ROW((number & X32_BIT) == tables[which].bit, calls_name(call));
    }
  }
}

static void
test_edges(void) {
  uint32_t number = 7;
  CHECK(find("") == CALL_NONE);
  CHECK(find("nosuchcall") == CALL_NONE);
  CHECK(find("READ") == CALL_NONE);
  CHECK(find("@default") == CALL_NONE);
  CHECK(find("a_name_that_is_much_longer_than_any_system_call_could_ever_have") == CALL_NONE);
  CHECK(calls_at(ABI_NONE, 0) == CALL_NONE);
  CHECK(calls_at(ABI_COUNT, 0) == CALL_NONE);
  CHECK(calls_at(ABI_X86_64, X32_BIT) == CALL_NONE);
  CHECK(calls_at(ABI_X32, 0) == CALL_NONE);
  CHECK(calls_at(ABI_X32, 547) == CALL_NONE);
  CHECK_STR(name_at(ABI_X32, X32_BIT | 520), "execve");
  CHECK(calls_at(ABI_X32, X32_BIT | 59) == CALL_NONE);
  CHECK(calls_at(ABI_X86_64, 520) == CALL_NONE);
  for (size_t which = 0; which < ABIS; which++) {
    CHECK(calls_at(tables[which].abi, UINT32_MAX) == CALL_NONE);
    CHECK(calls_at(tables[which].abi, 0x80000000u) == CALL_NONE);
    CHECK(calls_at(tables[which].abi, 600 | tables[which].bit) == CALL_NONE);
    CHECK(!calls_number(CALL_NONE, tables[which].abi, &number));
    CHECK(!calls_number(find("riscv_hwprobe"), tables[which].abi, &number));
  }
  CHECK(!calls_number(find("read"), ABI_NONE, &number));
  CHECK_INT(number, 7);
}

// The numbers in a multiplexer against a header of the kernel: SYS_NAME or NAME, in capitals.
static void
multiplexer_check(const char *name, uint32_t number, uint32_t mask, const char *header, const char *prefix, int want) {
  const struct multiplexer *multiplexer = multiplexer_at(number);
  CHECK(multiplexer != NULL && multiplexer->call == find(name) && multiplexer->mask == mask);
  if (multiplexer == NULL)
    return;
  char line[256], word[64];
  unsigned long value;
  int found = 0;
  FILE *file = file_open(header);
  while (fgets(line, sizeof line, file) != NULL) {
    if (!define_read(line, prefix, word, &value) || value == 0 || value >= multiplexer->inner_count)
      continue;
    for (char *c = word; *c != '\0'; c++)
      *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    const struct multiplexer *of = NULL;
    uint32_t choice = 0;
    if (find(word) == CALL_NONE)
      continue; // a constant that is not a call
    CHECK_ROW(multiplexer->inner[value] == find(word), word);
    CHECK_ROW(multiplexer_of(find(word), &of, &choice) && of == multiplexer && choice == value, word);
    found++;
  }
  fclose(file);
  CHECK_INT(found, want);
  for (uint32_t i = 0; i < multiplexer->inner_count; i++)
    found -= multiplexer->inner[i] != CALL_NONE;
  CHECK_INT(found, 0);
}

static void
test_multiplexers(void) {
  multiplexer_check("socketcall", 102, 0xffffffffu, LINUX_HEADERS "/net.h", "SYS_", 20);
  multiplexer_check("ipc", 117, 0xffff, LINUX_HEADERS "/ipc.h", "", 12);
  CHECK(multiplexer_at(0) == NULL);
  CHECK(multiplexer_at(359) == NULL);
  // libseccomp's pseudo numbers of the same calls: -100 - n in socketcall, -200 - n in ipc.
  for (call_t call = 0; call < calls_count(); call++) {
    const struct multiplexer *of = NULL;
    uint32_t value = 0;
    int pseudo = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, calls_name(call));
    bool inside = pseudo <= -100 && pseudo > -300;
    CHECK_ROW(multiplexer_of(call, &of, &value) == inside, calls_name(call));
    if (inside)
      CHECK_INT(-(int)value - (of == &multiplexers[0] ? 100 : 200), pseudo);
  }
  const struct multiplexer *of;
  uint32_t value;
  CHECK(!multiplexer_of(CALL_NONE, &of, &value));
}

static const struct {
  const char *name;
  uint32_t x86_64, x32, i386;
} first_kernels[] = {
    {"read", 0, 0, 0},
    {"setns", 0, 0, 0},
    {"getcpu", KERNEL(3, 1), KERNEL(3, 1), 0},
    {"process_vm_readv", KERNEL(3, 2), KERNEL(3, 2), KERNEL(3, 2)},
    {"finit_module", KERNEL(3, 8), KERNEL(3, 8), KERNEL(3, 8)},
    {"kexec_file_load", KERNEL(3, 17), KERNEL(3, 17), 0},
    {"socket", 0, 0, KERNEL(4, 3)},
    {"accept", 0, 0, 0},
    {"shmget", 0, 0, KERNEL(5, 1)},
    {"arch_prctl", 0, 0, KERNEL(4, 12)},
    {"clock_gettime64", 0, 0, KERNEL(5, 1)},
    {"waitpid", 0, 0, 0},
    {"clone3", KERNEL(5, 3), KERNEL(5, 3), KERNEL(5, 3)},
    {"openat2", KERNEL(5, 6), KERNEL(5, 6), KERNEL(5, 6)},
    {"uretprobe", KERNEL(6, 11), KERNEL(6, 11), 0},
    {"mseal", KERNEL(6, 10), KERNEL(6, 10), KERNEL(6, 10)},
    {"fchroot", KERNEL(7, 3), KERNEL(7, 3), KERNEL(7, 3)},
    {"fstatat", 0, 0, 0},
};

// Numbers that were given out long before the call that has them, or long after its neighbours.
static bool
kernel_is_out_of_order(const char *name) {
  static const char *const names[] = {"uretprobe", "uprobe", "close_range", "quotactl_fd"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(names[i], name) == 0)
      return true;
  return false;
}

// Numbers and kernels rise together.
static void
kernels_check(enum abi abi, uint32_t from) {
  uint32_t before = 0;
  for (uint32_t number = 0; number < CALLS_END; number++) {
    call_t call = calls_at(abi, number);
    uint32_t kernel = calls_first_kernel(call, abi);
    if (call == CALL_NONE)
      continue;
    CHECK_ROW((kernel != 0) == (number >= from), calls_name(call));
    if (kernel_is_out_of_order(calls_name(call)))
      continue;
    CHECK_ROW(kernel >= before, calls_name(call));
    before = kernel;
  }
}

static void
test_first_kernels(void) {
  for (size_t i = 0; i < sizeof first_kernels / sizeof first_kernels[0]; i++) {
    call_t call = find(first_kernels[i].name);
    CHECK_ROW(call != CALL_NONE, first_kernels[i].name);
    CHECK_ROW(calls_first_kernel(call, ABI_X86_64) == first_kernels[i].x86_64, first_kernels[i].name);
    CHECK_ROW(calls_first_kernel(call, ABI_X32) == first_kernels[i].x32, first_kernels[i].name);
    CHECK_ROW(calls_first_kernel(call, ABI_I386) == first_kernels[i].i386, first_kernels[i].name);
  }
  CHECK(calls_first_kernel(CALL_NONE, ABI_X86_64) == 0);
  CHECK(calls_first_kernel(find("bpf"), ABI_NONE) == 0);
  CHECK(calls_first_kernel(find("bpf"), ABI_COUNT) == 0);
  kernels_check(ABI_X86_64, 309);
  kernels_check(ABI_I386, 347);
}

static const struct {
  const char *word;
  const char *want; // NULL: nothing near
} suggestions[] = {
    {"opennat", "openat"},
    {"raed", "read"},
    {"EXECVE", "execve"},
    {"fexecve", "execve"},
    {"mkdri", "mkdir"},
    {"set_tid_adress", "set_tid_address"},
    {"wirte", "write"},
    {"clock_getime", "clock_gettime"},
    {"reads", "read"},
    {"getrandum", "getrandom"},
    {"landlock_add_rules", "landlock_add_rule"},
    {"frobnicate_all", NULL},
    {"", NULL},
    {"zzzzzz", NULL},
    {"\xff\xfe\xfd\xfc", NULL},
    {"a word that is much too long to be near to the name of any call", NULL},
};

static void
test_suggestions(void) {
  for (size_t i = 0; i < sizeof suggestions / sizeof suggestions[0]; i++) {
    const char *got = calls_suggest(suggestions[i].word, strlen(suggestions[i].word));
    CHECK_STR(got != NULL ? got : "(none)", suggestions[i].want != NULL ? suggestions[i].want : "(none)");
  }
}

int
main(void) {
  test_file();
  test_libseccomp();
  test_libseccomp_back();
  test_headers();
  test_names();
  test_numbers();
  test_edges();
  test_multiplexers();
  test_first_kernels();
  test_suggestions();
  return check_done();
}
