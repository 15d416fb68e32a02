// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_target.c - the head of the file to start: #! lines and ELF headers of any bytes.
#include "tests/fuzz/fuzz.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// What is brought in stays mapped until the exec, which never comes here.
#define MAPPINGS_MAX 1024
static struct mapping {
  void *at;
  size_t size;
} mappings[MAPPINGS_MAX];
static size_t mapping_count;

static void *
map_and_remember(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
  void *mapped = mmap(at, size, protection, flags, fd, offset);
  if (mapped == MAP_FAILED)
    return mapped;
  if (mapping_count == MAPPINGS_MAX)
    fuzz_fail("more than %d pages were mapped", MAPPINGS_MAX);
  mappings[mapping_count++] = (struct mapping){mapped, size};
  return mapped;
}

#define mmap map_and_remember
#include "runner/bring_in.c"
#undef mmap

static void
unmap_all(void) {
  while (mapping_count > 0) {
    mapping_count--;
    munmap(mappings[mapping_count].at, mappings[mapping_count].size);
  }
}

static void
check_text(const char *text, size_t size) {
  if (memchr(text, '\0', size) == NULL)
    fuzz_fail("text without an end");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const int reasons[] = {ENOEXEC, ENOENT, EACCES, ETXTBSY};
  static struct target target;
  char text[256];
  int fd = memfd_create("fuzz", MFD_CLOEXEC);
  if (fd < 0 || write(fd, data, size) != (ssize_t)size)
    fuzz_fail("no memfd");
  snprintf(target.path, sizeof target.path, "/proc/self/fd/%d", fd);
  memset(target.interpreter, 'x', sizeof target.interpreter);
  target_bring_in(&target);
  check_text(target.interpreter, sizeof target.interpreter);
  for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
    memset(text, 'x', sizeof text);
    target_explain(&target, reasons[i], text, sizeof text);
    check_text(text, sizeof text);
  }
  (void)target_is_privileged(&target);
  unmap_all();
  close(fd);
  return 0;
}
