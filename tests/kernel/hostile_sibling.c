// SPDX-License-Identifier: LGPL-2.1-or-later
// hostile_sibling.c - a filtered program that wants to be an unfiltered one of the same user.
//
//   hostile_sibling victim FILE    says in FILE who it is, and waits
//   hostile_sibling attack FILE    tries every way in, and prints those that were open
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char secret[16] = "unfiltered";
static pid_t victim;
static uintptr_t address;

static bool
try_attach(void) {
  if (ptrace(PTRACE_ATTACH, victim, NULL, NULL) != 0)
    return false;
  waitpid(victim, NULL, __WALL);
  ptrace(PTRACE_DETACH, victim, NULL, NULL);
  return true;
}

static bool
try_seize(void) {
  if (ptrace(PTRACE_SEIZE, victim, NULL, NULL) != 0)
    return false;
  ptrace(PTRACE_INTERRUPT, victim, NULL, NULL);
  waitpid(victim, NULL, __WALL);
  ptrace(PTRACE_DETACH, victim, NULL, NULL);
  return true;
}

static bool
try_readv(void) {
  char copy[sizeof secret];
  struct iovec here = {copy, sizeof copy}, there = {(void *)address, sizeof copy};
  return process_vm_readv(victim, &here, 1, &there, 1, 0) > 0;
}

static bool
try_writev(void) {
  struct iovec here = {secret, sizeof secret}, there = {(void *)address, sizeof secret};
  return process_vm_writev(victim, &here, 1, &there, 1, 0) > 0;
}

// One descriptor of /proc/PID/mem, for reading or writing.
static bool
try_mem(int flags) {
  char path[64], copy[sizeof secret] = "overwritten";
  snprintf(path, sizeof path, "/proc/%d/mem", (int)victim);
  int fd = open(path, flags | O_CLOEXEC);
  if (fd < 0)
    return false;
  ssize_t done =
      flags == O_RDONLY ? pread(fd, copy, sizeof copy, (off_t)address) : pwrite(fd, copy, sizeof copy, (off_t)address);
  close(fd);
  return done > 0;
}

static bool
try_mem_read(void) {
  return try_mem(O_RDONLY);
}

static bool
try_mem_write(void) {
  return try_mem(O_RDWR);
}

static bool
try_getfd(void) {
  int pidfd = (int)syscall(SYS_pidfd_open, victim, 0);
  int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, 0, 0);
  if (fd >= 0)
    close(fd);
  if (pidfd >= 0)
    close(pidfd);
  return fd >= 0;
}

static bool
try_kcmp(void) {
  return syscall(SYS_kcmp, getpid(), victim, KCMP_VM, 0, 0) >= 0;
}

static bool
try_robust_list(void) {
  void *head;
  size_t length;
  return syscall(SYS_get_robust_list, victim, &head, &length) == 0;
}

static bool
try_file(const char *name) {
  char path[64], byte;
  snprintf(path, sizeof path, "/proc/%d/%s", (int)victim, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  bool open_to_us = fd >= 0 && read(fd, &byte, 1) == 1;
  if (fd >= 0)
    close(fd);
  return open_to_us;
}

static bool
try_link(const char *name) {
  char path[64], target[256];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)victim, name);
  return readlink(path, target, sizeof target) > 0;
}

static const struct {
  const char *name;
  bool (*call)(void);
} calls[] = {
    {"attach", try_attach},     {"seize", try_seize},       {"readv", try_readv},
    {"writev", try_writev},     {"mem-read", try_mem_read}, {"mem-write", try_mem_write},
    {"pidfd-getfd", try_getfd}, {"kcmp", try_kcmp},         {"robust-list", try_robust_list},
};
static const char *const files[] = {"syscall", "environ", "maps", "auxv", "personality"};
static const char *const links[] = {"exe", "cwd", "root", "fd/0"};

static void
attack(void) {
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
    if (calls[i].call())
      printf("%s ", calls[i].name);
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    if (try_file(files[i]))
      printf("%s ", files[i]);
  for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
    if (try_link(links[i]))
      printf("%s ", links[i]);
  printf("done\n");
}

int
main(int argc, char **argv) {
  FILE *file = argc == 3 ? fopen(argv[2], strcmp(argv[1], "victim") == 0 ? "w" : "r") : NULL;
  if (file == NULL)
    return 2;
  if (strcmp(argv[1], "victim") == 0) {
    fprintf(file, "%d %lx\n", (int)getpid(), (unsigned long)(uintptr_t)secret);
    fclose(file);
    for (;;)
      pause();
  }
  int pid;
  unsigned long at;
  if (fscanf(file, "%d %lx", &pid, &at) != 2)
    return 2;
  fclose(file);
  victim = pid;
  address = at;
  attack();
  return 0;
}
