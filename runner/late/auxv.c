// SPDX-License-Identifier: LGPL-2.1-or-later
// auxv.c - reads /proc/PID/auxv, of programs of 64 and of 32 bits.
#include "runner/late/auxv.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
read_bytes(pid_t process, void *out, size_t room) {
  char path[64];
  size_t length = 0;
  ssize_t got = 1;
  snprintf(path, sizeof path, "/proc/%ld/auxv", (long)process);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  while (got > 0 && length < room) {
    got = read(fd, (char *)out + length, room - length);
    length += got > 0 ? (size_t)got : 0;
  }
  close(fd);
  return got < 0 ? -1 : (int)length;
}

static void
take_entry(struct auxv *out, uint64_t type, uint64_t value) {
  if (type == AT_ENTRY)
    out->entry = value;
  if (type == AT_BASE)
    out->base = value;
  if (type == AT_SYSINFO_EHDR)
    out->vdso = value;
}

int
auxv_read(pid_t process, struct auxv *out, struct error *e) {
  union {
    Elf64_auxv_t wide[64];
    Elf32_auxv_t narrow[128];
  } all;
  int length = read_bytes(process, &all, sizeof all);
  *out = (struct auxv){.entry = 0};
  if (length < (int)sizeof all.wide[0])
    return error_plain(e, ERROR_SECCOMP, "/proc/%ld/auxv cannot be read: %s", (long)process,
                       length < 0 ? strerror(errno) : "it is empty");
  // the types are small: of a narrow vector, the first value stands in the upper half
  out->compat = all.wide[0].a_type > UINT32_MAX;
  if (out->compat)
    for (size_t i = 0; i < (size_t)length / sizeof all.narrow[0] && all.narrow[i].a_type != AT_NULL; i++)
      take_entry(out, all.narrow[i].a_type, all.narrow[i].a_un.a_val);
  else
    for (size_t i = 0; i < (size_t)length / sizeof all.wide[0] && all.wide[i].a_type != AT_NULL; i++)
      take_entry(out, all.wide[i].a_type, all.wide[i].a_un.a_val);
  if (out->entry == 0)
    return error_plain(e, ERROR_SECCOMP, "/proc/%ld/auxv does not say where the program begins", (long)process);
  return 0;
}
