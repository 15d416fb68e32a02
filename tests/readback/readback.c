// SPDX-License-Identifier: LGPL-2.1-or-later
// readback.c - reads the seccomp filters of a running process back from the kernel: `readback PID` writes them to
// standard output, `readback PID flags` a word for each: "log" if it was installed with SECCOMP_FILTER_FLAG_LOG (the
// one flag that the kernel tells), or "none".
//
// For each filter, the oldest first: its length in instructions (uint32_t), then that many struct sock_filter. Needs to
// be root and unfiltered. Source: PTRACE_SECCOMP_GET_FILTER and PTRACE_SECCOMP_GET_METADATA in ptrace(2).
#include <errno.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif
#ifndef PTRACE_SECCOMP_GET_METADATA
#define PTRACE_SECCOMP_GET_METADATA 0x420d
#endif
#ifndef SECCOMP_FILTER_FLAG_LOG
#define SECCOMP_FILTER_FLAG_LOG 2
#endif

// struct seccomp_metadata of <linux/ptrace.h>, which cannot be included beside <sys/ptrace.h>.
struct metadata {
  uint64_t filter, flags;
};

static int
fail(const char *what) {
  fprintf(stderr, "readback: %s: %s\n", what, strerror(errno));
  return 1;
}

// PTRACE_SEIZE leaves no trace in the process, other than PTRACE_ATTACH, which sends it a SIGSTOP.
static int
process_stop(pid_t pid) {
  int status;
  if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0)
    return fail("PTRACE_SEIZE");
  if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0)
    return fail("PTRACE_INTERRUPT");
  if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
    return fail("the process did not stop");
  return 0;
}

// The size in the address argument and a buffer: the kernel answers with the length, and ENOENT when there is no such
// filter.
static long
filter_get(pid_t pid, unsigned long index, struct sock_filter *buffer) {
  // The C libraries differ in the type of the request (an enum or an int), so the call is made without them.
  return syscall(SYS_ptrace, (long)PTRACE_SECCOMP_GET_FILTER, (long)pid, index, buffer);
}

// For a process without any filter the kernel answers EINVAL, as it does for much else; so its mode must say so too.
static int
is_unfiltered(pid_t pid) {
  char path[64], line[256];
  int found = 0;
  snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
  FILE *status = fopen(path, "r");
  if (status == NULL)
    return 0;
  while (!found && fgets(line, sizeof line, status) != NULL)
    found = strcmp(line, "Seccomp:\t0\n") == 0;
  fclose(status);
  return found;
}

static int
filters_write(pid_t pid) {
  static struct sock_filter buffer[BPF_MAXINSNS];
  if (is_unfiltered(pid))
    return 0;
  for (unsigned long index = 0;; index++) {
    long length = filter_get(pid, index, buffer);
    if (length < 0 && errno == ENOENT)
      return 0;
    if (length < 1 || length > BPF_MAXINSNS)
      return fail("PTRACE_SECCOMP_GET_FILTER");
    uint32_t head = (uint32_t)length;
    if (fwrite(&head, sizeof head, 1, stdout) != 1 || fwrite(buffer, sizeof *buffer, head, stdout) != head)
      return fail("standard output");
  }
}

// The size of the structure in the address argument; ENOENT as above.
static int
flags_write(pid_t pid) {
  for (uint64_t index = 0;; index++) {
    struct metadata metadata = {index, 0};
    long size = syscall(SYS_ptrace, (long)PTRACE_SECCOMP_GET_METADATA, (long)pid, sizeof metadata, &metadata);
    if (size < 0 && (errno == ENOENT || is_unfiltered(pid)))
      return 0;
    if (size != (long)sizeof metadata)
      return fail("PTRACE_SECCOMP_GET_METADATA");
    puts((metadata.flags & SECCOMP_FILTER_FLAG_LOG) != 0 ? "log" : "none");
  }
}

int
main(int argc, char **argv) {
  char *end;
  long pid = argc >= 2 ? strtol(argv[1], &end, 10) : 0;
  bool flags = argc == 3 && strcmp(argv[2], "flags") == 0;
  if (argc < 2 || (argc > 2 && !flags) || *end != '\0' || pid <= 0) {
    fprintf(stderr, "usage: readback PID [flags]\n");
    return 2;
  }
  if (process_stop((pid_t)pid) != 0 || (flags ? flags_write((pid_t)pid) : filters_write((pid_t)pid)) != 0)
    return 1;
  if (ptrace(PTRACE_DETACH, (pid_t)pid, NULL, NULL) != 0)
    return fail("PTRACE_DETACH");
  return fflush(stdout) == 0 ? 0 : fail("standard output");
}
