// SPDX-License-Identifier: LGPL-2.1-or-later
// library.c - libscrun-preload.so: puts the policy in force right before main().
//
// It stands in front of __libc_start_main(), which glibc's and musl's start files call, and hands it a main() of its
// own. That one is called when all constructors are done, however often they have executed another program: it takes
// the record (arming.h), arms, makes sure, forgets, and calls the program's.
//
// Where another library that has __libc_start_main() comes first (the C library itself, preloaded by name; one that
// wraps it as well), this one might not be called. A constructor finds that out, and ends the program.
//
// A program that has this library is armed or ends, also where nobody but LD_PRELOAD asks for it. Nothing here needs a
// library but dlsym(), which finds the real function; the file has no version for it, so that glibc's and musl's loader
// both find theirs.
#include "runner/arming.h"
#include "runner/preload/call.h"
#include "runner/preload/preload.h"
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#pragma weak dlsym

typedef int main_function(int, char **, char **);
typedef int start_function(main_function *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

// Instructions of a later program that need no more of the stack than a loader does.
#define SHORT_PROGRAM 256

// What is known of the program from its start on.
static struct {
  main_function *main;
  char **environment;  // as the kernel laid it out: behind argv, in front of the auxiliary vector
  int record, library; // descriptors; -1 where PRELOAD_VARIABLE does not name them
  bool childless;
  char part[sizeof PRELOAD_FOLDER + 10]; // what scrun has put into LD_PRELOAD
} program;

// As this library knows it, whatever others there are.
static start_function own_start;

// The compiler's own calls, and only those: it knows these names. Volatile, so that it does not call them from within.
void *memset(void *to, int value, size_t length);
void *
memset(void *to, int value, size_t length) {
  volatile unsigned char *bytes = to;
  for (size_t i = 0; i < length; i++)
    bytes[i] = (unsigned char)value;
  return to;
}

_Noreturn void __stack_chk_fail(void);
void
__stack_chk_fail(void) {
  __builtin_trap();
}

static size_t
text_length(const char *text) {
  size_t length = 0;
  while (text[length] != '\0')
    length++;
  return length;
}

static bool
text_begins(const char *text, const char *with) {
  while (*with != '\0' && *text == *with) {
    text++;
    with++;
  }
  return *with == '\0';
}

static void
say(const char *text) {
  (void)call_make(SYS_write, STDERR_FILENO, (long)text, (long)text_length(text), 0, 0);
}

// Not by a handler of the program's, which must not run: the group ends here, or the trap ends it.
static _Noreturn void
fail(const char *why) {
  say("scrun: the policy cannot be put in force at main: ");
  say(why);
  say("; ended before main()\n");
  (void)call_make(SYS_exit_group, 228, 0, 0, 0, 0);
  for (;;)
    __builtin_trap();
}

// seccomp(2) with the arming ticket in the fifth and sixth register, which hold nothing of it afterwards.
static long
seccomp_ticketed(const struct ticket *ticket, unsigned long operation, unsigned long flags, const void *argument) {
  register long r10 __asm__("r10") = 0;
  register uint64_t r8 __asm__("r8") = (uint64_t)ticket->words[1] << 32 | ticket->words[0];
  register uint64_t r9 __asm__("r9") = (uint64_t)ticket->words[3] << 32 | ticket->words[2];
  long result;
  __asm__ volatile("syscall\n\t"
                   "xor %%r8d, %%r8d\n\t"
                   "xor %%r9d, %%r9d"
                   : "=a"(result), "+r"(r8), "+r"(r9)
                   : "a"(SYS_seccomp), "D"(operation), "S"(flags), "d"(argument), "r"(r10)
                   : "rcx", "r11", "cc", "memory");
  return result;
}

// The digits in front of `*at`, which goes behind them and the ":" or NUL that ends them; -1: not that.
static int
number_read(const char **at) {
  int number = **at == '\0' || **at == ':' ? -1 : 0;
  for (; number >= 0 && **at != '\0' && **at != ':'; ++*at)
    number = **at < '0' || **at > '9' || number > (INT32_MAX - 9) / 10 ? -1 : number * 10 + (**at - '0');
  *at += **at == ':';
  return number;
}

// "NAME=RECORD:LIBRARY:CHILDLESS".
static void
variable_read(const char *entry) {
  const char *at = entry + sizeof PRELOAD_VARIABLE "=" - 1;
  program.record = number_read(&at);
  const char *digits = at;
  program.library = number_read(&at);
  program.childless = number_read(&at) == PRELOAD_CHILDLESS;
  size_t length = 0;
  for (const char *from = PRELOAD_FOLDER; *from != '\0'; from++)
    program.part[length++] = *from;
  while (length < sizeof program.part - 1 && *digits >= '0' && *digits <= '9')
    program.part[length++] = *digits++;
}

// Arms with a record of `got` bytes, and wipes it. Whoever else may answer for the kernel does not know the errno.
__attribute__((noinline)) static void
arm(struct arming *record, long got) {
  if (got < (long)ARMING_BYTES(1) || record->magic != ARMING_MAGIC || record->program.length > PROGRAM_MAX
      || got != (long)ARMING_BYTES(record->program.length))
    fail("what scrun handed over is gone (did a constructor close its descriptor?)");
  struct {
    unsigned short length;
    const struct sock_filter *code;
  } filter = {(unsigned short)record->program.length, record->program.code}; // a struct sock_fprog, of constant code
  if (seccomp_ticketed(&record->ticket, SECCOMP_SET_MODE_FILTER, record->flags, &filter) != 0)
    fail("the kernel, or a filter around it, did not take it");
  if (seccomp_ticketed(&record->ticket, ~0u, 0, NULL) != -(long)record->ticket.probe_errno)
    fail("it is not there although the kernel seemed to take it");
  memset(record, 0, (size_t)got);
}

static void
close_descriptor(int fd) {
  if (fd >= 0)
    (void)call_make(SYS_close, fd, 0, 0, 0, 0);
}

// Reads the record, and closes what it is in: only calls that every loader makes. False if there was no room for it.
static bool
arm_from(struct arming *record, size_t room) {
  long got = program.record < 0 ? -1 : call_make(SYS_pread64, program.record, (long)record, (long)room, 0, 0);
  if (got == (long)room && room < sizeof *record) {
    memset(record, 0, room);
    return false;
  }
  close_descriptor(program.record);
  close_descriptor(program.library);
  arm(record, got);
  return true;
}

__attribute__((noinline)) static void
arm_long(void) {
  struct arming record;
  (void)arm_from(&record, sizeof record);
}

// On the stack, most often where the loader has had its own: memory of this library's would be mapped in every program.
__attribute__((noinline)) static void
arm_program(void) {
  _Alignas(struct arming) unsigned char room[ARMING_BYTES(SHORT_PROGRAM)];
  if (!arm_from((struct arming *)(void *)room, sizeof room))
    arm_long();
}

// Whether a process is there that constructors have made. While there is one, orphans still come to this one.
static bool
has_left_children(void) {
  if (!program.childless)
    return false;
  if (call_make(SYS_waitid, P_ALL, 0, 0, PRELOAD_WAIT_OPTIONS, 0) != -ECHILD)
    return true;
  (void)call_make(SYS_prctl, PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
  return false;
}

// The watcher sees the same from outside, kills them and this one, and says so. No call is made that the policy might
// not let through; some seconds of this are many times what that takes.
static _Noreturn void
wait_for_watcher(void) {
  for (uint64_t i = 0; i < (uint64_t)1 << 28; i++)
    __asm__ volatile("pause");
  fail("a process that was made before main() is not under it");
}

// The last of the libraries in an entry of LD_PRELOAD, if that is this one: then it is what scrun has put there.
static char *
own_part(char *entry) {
  char *last = entry + sizeof "LD_PRELOAD=" - 1;
  for (char *at = last; *at != '\0'; at++)
    if (*at == ':')
      last = at;
  const char *name = last + (*last == ':');
  return text_begins(name, program.part) && name[text_length(program.part)] == '\0' ? last : NULL;
}

// What scrun has added to the entry: all of it if it is to be removed as a whole; NULL: nothing.
static char *
added_part(char *entry) {
  if (text_begins(entry, PRELOAD_VARIABLE "="))
    return entry;
  char *part = text_begins(entry, "LD_PRELOAD=") ? own_part(entry) : NULL;
  return part != NULL && *part != ':' ? entry : part;
}

// Takes out of the array what scrun has added; returns by how much it became shorter. The text itself goes too, but
// where it will still be looked for in another array (`keep_removed`).
static size_t
environment_clean(char **environment, bool keep_removed) {
  char **to = environment;
  char **from = environment;
  for (; *from != NULL; from++) {
    char *part = added_part(*from);
    if (part != *from)
      *to++ = *from;
    if (part != NULL && !(keep_removed && part == *from))
      memset(part, 0, text_length(part));
  }
  *to = NULL;
  return (size_t)(from - to);
}

// Who looks for the auxiliary vector finds it behind the NULL that ends the environment. It stays where it is, so what
// lies between says that it is to be ignored: pairs, since scrun adds an even number of entries.
static void
fill_gap(char **environment, size_t removed) {
  while (*environment != NULL)
    environment++;
  for (size_t i = 1; i + 1 <= removed; i += 2) {
    environment[i] = (char *)(uintptr_t)AT_IGNORE;
    environment[i + 1] = NULL;
  }
}

static int
run_main(int argc, char **argv, char **environment) {
  bool left = has_left_children();
  arm_program();
  if (left)
    wait_for_watcher();
  if (environment != NULL && environment != program.environment)
    (void)environment_clean(environment, true);
  fill_gap(program.environment, environment_clean(program.environment, false));
  return program.main(argc, argv, environment);
}

static char *
find_variable(char **environment) {
  while (*environment != NULL && !text_begins(*environment, PRELOAD_VARIABLE "="))
    environment++;
  return *environment;
}

static int
own_start(main_function *main, int argc, char **argv, void (*init)(void), void (*fini)(void), void (*loader_fini)(void),
          void *stack_end) {
  union {
    void *address;
    start_function *function;
  } real = {dlsym != NULL ? dlsym(RTLD_NEXT, "__libc_start_main") : NULL};
  if (real.address == NULL)
    fail("__libc_start_main() of the C library is not found (glibc has dlsym() in it since 2.34)");
  program.environment = argv + argc + 1;
  const char *variable = find_variable(program.environment);
  if (variable == NULL)
    fail(PRELOAD_VARIABLE " is not set: a constructor has removed it, or nobody but LD_PRELOAD asks for this library");
  variable_read(variable);
  program.main = main;
  return real.function(run_main, argc, argv, init, fini, loader_fini, stack_end);
}

__attribute__((visibility("default"), alias("own_start"))) start_function __libc_start_main;

// The loader gives this library the first function of that name, too, whoever has it.
__attribute__((constructor)) static void
check_order(void) {
  start_function *volatile first = __libc_start_main;
  if (first != own_start)
    fail("a library that LD_PRELOAD names in front of it has its function __libc_start_main(), too");
}
