// SPDX-License-Identifier: LGPL-2.1-or-later
// bring_in.c - brings what an exec will read of the program and its interpreters into memory, so that it need not wait
// for the disk.
//
// An execve that fails leaves its registers alone, and one that succeeds overwrites them; but between the moment that
// its new memory can be looked into and the moment that the old registers are gone, it clears the rest of the last page
// of each segment that is longer in memory than in the file. If that page is not in memory, it sleeps, and
// /proc/PID/syscall shows a peer the ticket. Everything else is read before. Source: load_elf_binary() in the kernel's
// fs/binfmt_elf.c.
#include "runner/elf.h"
#include "runner/target.h"
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_BYTES ((uint64_t)4096)

// Maps the page that holds the byte at `offset` of the file, now. It stays mapped until the exec.
static void
page_bring_in(int fd, uint64_t offset) {
  if (offset <= INT64_MAX - PAGE_BYTES)
    (void)mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, (off_t)(offset & ~(PAGE_BYTES - 1)));
}

static void
segment_bring_in(int fd, const struct segment *segment) {
  uint64_t end;
  if (segment->type == PT_LOAD && segment->memory_bytes > segment->file_bytes && segment->file_bytes > 0
      && !__builtin_add_overflow(segment->offset, segment->file_bytes, &end))
    page_bring_in(fd, end - 1);
}

// Brings one file in and reads what it names as its interpreter into `interpreter`, of PATH_MAX bytes. Returns false if
// there is no such file.
static bool
file_bring_in(const char *path, char *interpreter) {
  struct elf elf;
  interpreter[0] = '\0';
  int fd = elf_open(path);
  if (fd < 0)
    return errno != ENOENT;
  page_bring_in(fd, 0);
  elf_read(fd, &elf);
  for (size_t i = 0; i < elf.segment_count; i++)
    segment_bring_in(fd, &elf.segments[i]);
  memcpy(interpreter, elf.interpreter, strlen(elf.interpreter) + 1);
  close(fd);
  return true;
}

void
target_bring_in(struct target *target) {
  char path[PATH_MAX], next[PATH_MAX];
  (void)file_bring_in(target->path, target->interpreter);
  memcpy(path, target->interpreter, strlen(target->interpreter) + 1);
  target->missing[0] = '\0';
  for (int i = 0; i < SCRIPTS_MAX && path[0] != '\0'; i++) {
    if (!file_bring_in(path, next))
      memcpy(target->missing, path, strlen(path) + 1);
    memcpy(path, next, strlen(next) + 1);
  }
}
