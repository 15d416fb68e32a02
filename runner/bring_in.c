// SPDX-License-Identifier: LGPL-2.1-or-later
// bring_in.c - brings what an exec will read of the program and its interpreters into memory, so that it need not wait
// for the disk.
//
// An execve that fails leaves its registers alone, and one that succeeds overwrites them; but between the moment that
// its new memory can be looked into and the moment that the old registers are gone, it clears the rest of the last page
// of each segment that is longer in memory than in the file. If that page is not in memory, it sleeps, and
// /proc/PID/syscall shows a peer the ticket. Everything else is read before. Source: load_elf_binary() in the kernel's
// fs/binfmt_elf.c.
#include "runner/target.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// The kernel follows a script's interpreter that is a script this many times. Source: exec_binprm() in fs/exec.c.
#define INTERPRETERS_MAX 5
// The kernel looks at this much of a #! line. Source: BINPRM_BUF_SIZE in <linux/binfmts.h>.
#define HEAD_BYTES 256
#define PAGE_BYTES ((uint64_t)4096)
// More segments than any linker makes; the kernel takes at most one page of their headers.
#define SEGMENTS_MAX 73

// A program header, of either class.
struct segment {
  uint32_t type;
  uint64_t offset, file_bytes, memory_bytes;
};

// The first bytes of a file, as what they may be.
union head {
  char bytes[HEAD_BYTES];
  Elf64_Ehdr elf64;
  Elf32_Ehdr elf32;
};

// The first word behind "#!", into `out` of PATH_MAX bytes; empty if there is none.
static void
read_script_line(const char *head, size_t length, char *out) {
  size_t at = 2, used = 0;
  while (at < length && (head[at] == ' ' || head[at] == '\t'))
    at++;
  while (at < length && head[at] != ' ' && head[at] != '\t' && head[at] != '\n' && head[at] != '\0')
    out[used++] = head[at++];
  out[used] = '\0';
}

// Copies the string of PT_INTERP to `out`. Anything out of bounds or odd leaves it empty: the kernel will judge the
// file.
static void
read_interpreter(int fd, const struct segment *segment, char *out) {
  size_t size = (size_t)segment->file_bytes;
  out[0] = '\0';
  if (segment->file_bytes < 2 || segment->file_bytes > PATH_MAX || segment->offset > INT64_MAX - PATH_MAX)
    return;
  if (pread(fd, out, size, (off_t)segment->offset) != (ssize_t)size || out[size - 1] != '\0')
    out[0] = '\0';
}

// Maps the page that holds the byte at `offset` of the file, now. It stays mapped until the exec.
static void
page_bring_in(int fd, uint64_t offset) {
  if (offset <= INT64_MAX - PAGE_BYTES)
    (void)mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, (off_t)(offset & ~(PAGE_BYTES - 1)));
}

static void
segment_bring_in(int fd, const struct segment *segment, char *interpreter) {
  uint64_t end;
  if (segment->type == PT_INTERP)
    read_interpreter(fd, segment, interpreter);
  if (segment->type == PT_LOAD && segment->memory_bytes > segment->file_bytes && segment->file_bytes > 0
      && !__builtin_add_overflow(segment->offset, segment->file_bytes, &end))
    page_bring_in(fd, end - 1);
}

// The program headers of either class as segments. Returns how many.
static size_t
segments_read(int fd, const union head *head, struct segment segments[SEGMENTS_MAX]) {
  union {
    Elf64_Phdr elf64[SEGMENTS_MAX];
    Elf32_Phdr elf32[SEGMENTS_MAX];
  } headers;
  bool wide = head->bytes[EI_CLASS] == ELFCLASS64;
  size_t size = wide ? sizeof headers.elf64[0] : sizeof headers.elf32[0];
  size_t count = wide ? head->elf64.e_phnum : head->elf32.e_phnum;
  uint64_t offset = wide ? head->elf64.e_phoff : head->elf32.e_phoff;
  if ((wide ? head->elf64.e_phentsize : head->elf32.e_phentsize) != size || offset > INT32_MAX)
    return 0;
  ssize_t got = pread(fd, &headers, (count < SEGMENTS_MAX ? count : SEGMENTS_MAX) * size, (off_t)offset);
  count = got > 0 ? (size_t)got / size : 0;
  for (size_t i = 0; i < count; i++) {
    const Elf64_Phdr *h64 = &headers.elf64[i];
    const Elf32_Phdr *h32 = &headers.elf32[i];
    segments[i] = wide ? (struct segment){h64->p_type, h64->p_offset, h64->p_filesz, h64->p_memsz}
                       : (struct segment){h32->p_type, h32->p_offset, h32->p_filesz, h32->p_memsz};
  }
  return count;
}

static void
head_bring_in(int fd, const union head *head, size_t length, char *interpreter) {
  struct segment segments[SEGMENTS_MAX];
  if (length > 2 && head->bytes[0] == '#' && head->bytes[1] == '!')
    read_script_line(head->bytes, length, interpreter);
  if (length < sizeof head->elf64 || memcmp(head->bytes, ELFMAG, SELFMAG) != 0)
    return;
  size_t count = segments_read(fd, head, segments);
  for (size_t i = 0; i < count; i++)
    segment_bring_in(fd, &segments[i], interpreter);
}

// Brings one file in and reads what it names as its interpreter into `interpreter`, of PATH_MAX bytes. Returns false if
// there is no such file.
static bool
file_bring_in(const char *path, char *interpreter) {
  struct stat info;
  union head head;
  interpreter[0] = '\0';
  // looked at before it is opened: a #! line can name a device, and opening one can do something
  if (stat(path, &info) != 0)
    return errno != ENOENT;
  int fd = S_ISREG(info.st_mode) ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
  if (fd < 0)
    return true;
  page_bring_in(fd, 0);
  ssize_t length = pread(fd, head.bytes, sizeof head.bytes, 0);
  if (length > 0)
    head_bring_in(fd, &head, (size_t)length, interpreter);
  close(fd);
  return true;
}

void
target_bring_in(struct target *target) {
  char path[PATH_MAX], next[PATH_MAX];
  (void)file_bring_in(target->path, target->interpreter);
  memcpy(path, target->interpreter, sizeof path);
  target->missing[0] = '\0';
  for (int i = 0; i < INTERPRETERS_MAX && path[0] != '\0'; i++) {
    if (!file_bring_in(path, next))
      memcpy(target->missing, path, sizeof path);
    memcpy(path, next, sizeof path);
  }
}
