// SPDX-License-Identifier: LGPL-2.1-or-later
// hostile_peer.c - a process that watches launches, and the launches that it watches.
//
//   hostile_peer launch FILE COUNT warm|cold UID -- COMMAND...   COUNT launches as UID, each once the spy looks at it,
//                                                                through hostile_peer child FILE COMMAND...
//   hostile_peer spy FILE ENTRY calls|memory|attach              prints what it could read of them
// The spy reads /proc/PID/syscall; with "memory" the memory too, which holds the new image's lock and so makes the exec
// sleep where its registers can be read; with "attach" it also tries to trace. FILE is what both share. ENTRY is the
// ELF entry of scrun, which tells its memory from that of others. The ticket is in the fifth and sixth argument of an
// execve, where everything but scrun has zeros.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

// Where an executable that is linked to a fixed address begins, and where in it the entry is written down.
#define IMAGE_ENTRY (0x400000 + 24)

struct shared {
  _Atomic pid_t launched, watched;
  _Atomic bool done;
};

static _Noreturn void
fail(const char *what) {
  fprintf(stderr, "hostile_peer: %s: %s\n", what, strerror(errno));
  exit(1);
}

static struct shared *
shared_open(const char *path) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  void *shared = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared == MAP_FAILED)
    fail(path);
  close(fd);
  return shared;
}

static void
caches_drop(void) {
  sync();
  int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "3", 1) != 1)
    fail("/proc/sys/vm/drop_caches");
  close(fd);
}

// As the user, and open to that user's other processes, as what launches scrun is: after the exec, not after setuid.
static _Noreturn void
child_begin(uid_t uid, char **arguments) {
  if (setgroups(0, NULL) != 0 || setgid(uid) != 0 || setuid(uid) != 0)
    fail("setuid");
  execv("/proc/self/exe", arguments);
  _exit(97);
}

// Waits for the spy.
static _Noreturn void
child_launch(struct shared *shared, char **command) {
  shared->launched = getpid();
  while (shared->watched != getpid() && getppid() != 1) {
  }
  syscall(SYS_execve, command[0], command, environ, 0L, 0L, 0L);
  _exit(98);
}

static int
launch(long count, bool cold, uid_t uid, char **arguments) {
  for (long i = 0; i < count; i++) {
    if (cold)
      caches_drop();
    pid_t child = fork();
    if (child == 0)
      child_begin(uid, arguments);
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child)
      fail("fork");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      fprintf(stderr, "hostile_peer: launch %ld ends with status 0x%x\n", i, (unsigned)status);
      return 1;
    }
  }
  return 0;
}

// What was tried, and how often it gave something.
static struct { unsigned long launches, looks, calls, tickets, memory, scrun_memory, vm_reads, attached; } seen;
static uint64_t scrun_entry;
static pid_t ticket_of;

static void
look_at_call(pid_t pid, int fd) {
  char text[256];
  ssize_t length = pread(fd, text, sizeof text - 1, 0);
  unsigned long number, a[6];
  seen.looks++;
  if (length <= 0)
    return;
  seen.calls++;
  text[length] = '\0';
  if (sscanf(text, "%lu %lx %lx %lx %lx %lx %lx", &number, &a[0], &a[1], &a[2], &a[3], &a[4], &a[5]) == 7
      && number == SYS_execve && a[4] != 0 && a[5] != 0 && ticket_of != pid) {
    ticket_of = pid; // count a launch once
    seen.tickets++;
  }
}

static void
look_at_memory(pid_t pid) {
  char path[64];
  uint64_t entry = 0;
  snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd >= 0) {
    if (pread(fd, &entry, sizeof entry, IMAGE_ENTRY) == (ssize_t)sizeof entry) {
      seen.memory++;
      seen.scrun_memory += entry == scrun_entry;
    }
    close(fd);
  }
  entry = 0;
  struct iovec here = {&entry, sizeof entry}, there = {(void *)(uintptr_t)IMAGE_ENTRY, sizeof entry};
  if (process_vm_readv(pid, &here, 1, &there, 1, 0) > 0) {
    seen.vm_reads++;
    seen.scrun_memory += entry == scrun_entry;
  }
}

// An attached process stops at its next exec, so this is only for a spy that must not be able to.
static void
look_by_attaching(pid_t pid) {
  if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0 && ptrace(PTRACE_ATTACH, pid, NULL, NULL) != 0)
    return;
  seen.attached++;
  ptrace(PTRACE_DETACH, pid, NULL, NULL);
}

static void
spy_on(struct shared *shared, pid_t pid, bool memory, bool attach) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/syscall", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  seen.launches++;
  for (unsigned i = 0; shared->launched == pid && !shared->done; i++) {
    if (i == 1)
      shared->watched = pid;
    if (fd < 0)
      fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
      look_at_call(pid, fd);
    else
      seen.looks++;
    if (i % 16 == 0 && memory)
      look_at_memory(pid);
    if (i % 16 == 8 && attach)
      look_by_attaching(pid);
    if (i % 16 == 0 && kill(pid, 0) != 0 && errno == ESRCH)
      break;
  }
  if (fd >= 0)
    close(fd);
}

static int
spy(struct shared *shared, bool memory, bool attach) {
  pid_t last = 0;
  while (!shared->done) {
    pid_t pid = shared->launched;
    if (pid == last)
      continue;
    spy_on(shared, pid, memory, attach);
    last = pid;
  }
  printf("launches %lu looks %lu calls %lu tickets %lu memory %lu scrun_memory %lu vm_reads %lu attached %lu\n",
         seen.launches, seen.looks, seen.calls, seen.tickets, seen.memory, seen.scrun_memory, seen.vm_reads,
         seen.attached);
  return 0;
}

int
main(int argc, char **argv) {
  if (argc < 4)
    return 2;
  struct shared *shared = shared_open(argv[2]);
  if (strcmp(argv[1], "launch") == 0 && argc > 7) {
    char child[] = "child", **arguments = argv + 4;
    long count = atol(argv[3]);
    bool cold = strcmp(argv[4], "cold") == 0;
    uid_t uid = (uid_t)atol(argv[5]);
    arguments[0] = argv[0]; // hostile_peer child FILE COMMAND...
    arguments[1] = child;
    arguments[2] = argv[2];
    int status = launch(count, cold, uid, arguments);
    shared->done = true;
    return status;
  }
  if (strcmp(argv[1], "child") == 0)
    child_launch(shared, argv + 3);
  if (argc < 5)
    return 2;
  scrun_entry = strtoull(argv[3], NULL, 0);
  return spy(shared, strcmp(argv[4], "calls") != 0, strcmp(argv[4], "attach") == 0);
}
