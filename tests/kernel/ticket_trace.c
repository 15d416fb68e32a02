// SPDX-License-Identifier: LGPL-2.1-or-later
// ticket_trace.c - an outside tracer, root's: takes the ticket from the registers of the launcher's last execve, then
// looks for it in all that the new program has.
//   ticket_trace [-g] REPORT COMMAND...   -g: gives the ticket to the new program, in the registers of its entry
//   ticket_trace -f FILE WORD...          how many of the ticket's words are in a file
// The report has one line for each place with the number of the ticket's words (0 to 4) found there. A word is 32 bits:
// in megabytes of memory one word of four is there by chance about once in a thousand launches, two are not.
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_EVENT_EXEC
#define PTRACE_EVENT_EXEC 4
#define PTRACE_EVENT_EXIT 6
#endif
#define OPTIONS 0x51 // TRACESYSGOOD, TRACEEXEC, TRACEEXIT: an enumeration in one libc, macros in another
#define OPTION_EXITKILL (1 << 20)
#define SYSCALL_STOP (SIGTRAP | 0x80)

static uint32_t words[4];
static FILE *report;

static _Noreturn void
give_up(const char *what) {
  fprintf(stderr, "ticket_trace: %s: %s\n", what, strerror(errno));
  exit(120);
}

// Which of the words are in the bytes, at any offset: a bit for each.
static unsigned
words_in(const void *bytes, size_t size) {
  unsigned found = 0;
  for (size_t at = 0; at + sizeof words[0] <= size; at++) {
    uint32_t here;
    memcpy(&here, (const char *)bytes + at, sizeof here);
    for (unsigned i = 0; i < 4; i++)
      if (here == words[i])
        found |= 1U << i;
  }
  return found;
}

// The same for text that shows them as hexadecimal or decimal numbers, alone or as one half of 64 bits.
static unsigned
words_in_text(const char *bytes, size_t size) {
  unsigned found = 0;
  for (unsigned i = 0; i < 4; i++) {
    char hex[16], decimal[24];
    snprintf(hex, sizeof hex, "%08" PRIx32, words[i]);
    snprintf(decimal, sizeof decimal, "%" PRIu64, (uint64_t)words[i | 1] << 32 | words[i & ~1U]);
    if (memmem(bytes, size, hex, 8) != NULL || memmem(bytes, size, decimal, strlen(decimal)) != NULL)
      found |= 1U << i;
  }
  return found;
}

static int
count(unsigned bits) {
  return __builtin_popcount(bits);
}

#define BLOCK (1 << 20)
#define OVERLAP 8

static unsigned
words_in_range(int fd, uint64_t from, uint64_t to, size_t *total) {
  static char bytes[BLOCK];
  unsigned found = 0;
  while (from < to) {
    size_t size = to - from < BLOCK ? (size_t)(to - from) : BLOCK;
    ssize_t got = pread(fd, bytes, size, (off_t)from);
    if (got <= 0)
      break; // [vvar] and the like cannot be read by anyone
    found |= words_in(bytes, (size_t)got);
    *total += (size_t)got;
    from += (size_t)got > OVERLAP && from + (size_t)got < to ? (uint64_t)got - OVERLAP : (uint64_t)got;
  }
  return found;
}

static unsigned
words_in_memory(pid_t pid, size_t *total) {
  char path[64], line[512];
  unsigned found = 0;
  snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
  FILE *maps = fopen(path, "re");
  if (fd < 0 || maps == NULL)
    give_up(path);
  while (fgets(line, sizeof line, maps) != NULL) {
    char *end;
    uint64_t from = strtoull(line, &end, 16), to = strtoull(end + 1, NULL, 16);
    if (from < 0x8000000000000000ULL) // [vsyscall] is the kernel's
      found |= words_in_range(fd, from, to, total);
  }
  fclose(maps);
  close(fd);
  return found;
}

static unsigned
words_in_registers(pid_t pid) {
  static char extended[16384];
  struct user_regs_struct general;
  struct iovec place = {extended, sizeof extended};
  if (ptrace(PTRACE_GETREGS, pid, NULL, &general) != 0
      || ptrace(PTRACE_GETREGSET, pid, (void *)NT_X86_XSTATE, &place) != 0)
    give_up("registers");
  return words_in(&general, sizeof general) | words_in(extended, place.iov_len);
}

// Every file in /proc/PID that can be read to its end, as bytes and as text.
static unsigned
words_in_proc(pid_t pid, int *files) {
  char folder[64];
  static char bytes[BLOCK];
  unsigned found = 0;
  snprintf(folder, sizeof folder, "/proc/%d", (int)pid);
  DIR *listing = opendir(folder);
  if (listing == NULL)
    give_up(folder);
  for (const struct dirent *entry; (entry = readdir(listing)) != NULL;) {
    if (entry->d_type != DT_REG || strcmp(entry->d_name, "mem") == 0 || strcmp(entry->d_name, "pagemap") == 0)
      continue;
    int fd = openat(dirfd(listing), entry->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
      continue;
    ssize_t got = read(fd, bytes, sizeof bytes);
    close(fd);
    if (got <= 0)
      continue;
    found |= words_in(bytes, (size_t)got) | words_in_text(bytes, (size_t)got);
    ++*files;
  }
  closedir(listing);
  return found;
}

// What the trace has seen so far.
struct trace {
  bool give, filtered, entered, started;
  uint64_t probe[2];
};

static void
ticket_take(struct trace *trace, pid_t pid, const struct user_regs_struct *at) {
  size_t total = 0;
  const uint64_t ticket[2] = {at->r8, at->r9};
  memcpy(words, ticket, sizeof words);
  fprintf(report, "ticket %08x %08x %08x %08x\n", words[0], words[1], words[2], words[3]);
  fprintf(report, "same-as-probe %d\n", ticket[0] == trace->probe[0] && ticket[1] == trace->probe[1]);
  fprintf(report, "zero-words %d\n", (words[0] == 0) + (words[1] == 0) + (words[2] == 0) + (words[3] == 0));
  fprintf(report, "launcher %d\n", count(words_in_memory(pid, &total)));
  trace->entered = true;
}

// The launcher's calls: the filter, the probe (its fourth argument is not zero), the exec.
static void
launcher_call(struct trace *trace, pid_t pid) {
  struct user_regs_struct at;
  if (ptrace(PTRACE_GETREGS, pid, NULL, &at) != 0)
    give_up("registers");
  if (at.orig_rax == SYS_prctl && at.rdi == PR_SET_SECCOMP)
    trace->filtered = true;
  if (!trace->filtered || at.orig_rax != SYS_execve)
    return;
  if (at.r10 != 0) {
    trace->probe[0] = at.r8;
    trace->probe[1] = at.r9;
  } else if (!trace->entered) {
    ticket_take(trace, pid, &at);
  }
}

static void
program_begins(struct trace *trace, pid_t pid) {
  size_t total = 0;
  int files = 0;
  trace->started = true;
  fprintf(report, "registers %d\n", count(words_in_registers(pid)));
  fprintf(report, "memory %d\n", count(words_in_memory(pid, &total)));
  fprintf(report, "proc %d\n", count(words_in_proc(pid, &files)));
  fprintf(report, "looked-at %zu bytes, %d files\n", total, files);
}

static void
ticket_give(pid_t pid) {
  struct user_regs_struct at;
  if (ptrace(PTRACE_GETREGS, pid, NULL, &at) != 0)
    give_up("registers");
  at.r8 = (uint64_t)words[1] << 32 | words[0];
  at.r9 = (uint64_t)words[3] << 32 | words[2];
  if (ptrace(PTRACE_SETREGS, pid, NULL, &at) != 0)
    give_up("registers");
}

static void
program_ends(pid_t pid) {
  size_t total = 0;
  int files = 0;
  fprintf(report, "end-registers %d\n", count(words_in_registers(pid)));
  fprintf(report, "end-memory %d\n", count(words_in_memory(pid, &total)));
  fprintf(report, "end-proc %d\n", count(words_in_proc(pid, &files)));
}

// One stop of the process. Returns the signal to go on with.
static long
stop_handle(struct trace *trace, pid_t pid, int status) {
  int signal = WSTOPSIG(status), event = status >> 16;
  if (signal == SYSCALL_STOP) {
    if (!trace->started)
      launcher_call(trace, pid);
    return 0;
  }
  if (event == PTRACE_EVENT_EXEC && trace->entered && !trace->started) {
    program_begins(trace, pid);
    if (trace->give)
      ticket_give(pid);
  } else if (event == PTRACE_EVENT_EXIT && trace->started) {
    program_ends(pid);
  }
  return event != 0 ? 0 : signal;
}

static int
trace_run(struct trace *trace, pid_t pid) {
  int status;
  if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)
      || ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(uintptr_t)(OPTIONS | OPTION_EXITKILL)) != 0)
    give_up("trace");
  long signal = 0;
  for (;;) {
    if (ptrace(trace->started ? PTRACE_CONT : PTRACE_SYSCALL, pid, NULL, (void *)signal) != 0 && errno != ESRCH)
      give_up("trace");
    if (waitpid(pid, &status, 0) != pid)
      give_up("waitpid");
    if (WIFEXITED(status))
      return WEXITSTATUS(status);
    if (WIFSIGNALED(status))
      return 128 + WTERMSIG(status);
    signal = stop_handle(trace, pid, status);
  }
}

static int
file_search(char **arguments) {
  size_t total = 0;
  int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    give_up(arguments[0]);
  for (int i = 0; i < 4 && arguments[1 + i] != NULL; i++)
    words[i] = (uint32_t)strtoul(arguments[1 + i], NULL, 16);
  printf("%d\n", count(words_in_range(fd, 0, INT64_MAX, &total)));
  close(fd);
  return total > 0 ? 0 : 120;
}

int
main(int argc, char **argv) {
  struct trace trace = {.give = argc > 1 && strcmp(argv[1], "-g") == 0};
  if (argc > 3 && strcmp(argv[1], "-f") == 0)
    return file_search(argv + 2);
  char **rest = argv + 1 + trace.give;
  if (argc < 3 + trace.give || (report = fopen(rest[0], "we")) == NULL)
    return 99;
  pid_t pid = fork();
  if (pid == 0) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
      _exit(120);
    raise(SIGSTOP);
    execvp(rest[1], rest + 1);
    _exit(120);
  }
  int status = trace_run(&trace, pid);
  return fclose(report) == 0 && trace.started ? status : 120;
}
