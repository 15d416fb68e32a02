// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_executable.c - what an exec of any bytes will run: scripts, ELF headers, dynamic sections.
#include "runner/executable.h"
#include "tests/fuzz/fuzz.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void
check_text(const char *text, size_t size) {
  if (memchr(text, '\0', size) == NULL)
    fuzz_fail("text without an end");
}

static void
check_executable(const struct executable *executable) {
  check_text(executable->path, sizeof executable->path);
  check_text(executable->interpreter, sizeof executable->interpreter);
  if (executable->scripts > 5)
    fuzz_fail("%u scripts", executable->scripts);
  if (executable->dynamic != (executable->interpreter[0] != '\0'))
    fuzz_fail("an interpreter without a name, or a name without it");
  if ((executable->says.sanitized || executable->says.starts) && !executable->dynamic)
    fuzz_fail("a library without a loader");
  if (executable->readable && (executable->abi <= ABI_NONE || executable->abi >= ABI_COUNT))
    fuzz_fail("no ABI");
}

// Every refusal says what is possible instead, and that is.
static void
check_moments(const struct executable *executable) {
  struct error e;
  for (enum moment moment = MOMENT_EXEC; moment < MOMENT_COUNT; moment++) {
    enum moment settled = executable_moment(executable, moment);
    if (executable_allows(executable, settled, &e) == 0)
      continue;
    check_text(e.text, sizeof e.text);
    enum moment instead = strstr(e.text, "--at=entry") != NULL ? MOMENT_ENTRY : MOMENT_EXEC;
    if (settled == MOMENT_EXEC || e.kind != ERROR_USAGE || strstr(e.text, "works") == NULL)
      fuzz_fail("refused: %s", e.text);
    if (executable_allows(executable, executable_moment(executable, instead), &e) != 0)
      fuzz_fail("no way out: %s", e.text);
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct executable executable;
  char path[32];
  struct error e = {.kind = ERROR_NONE};
  int fd = memfd_create("fuzz", MFD_CLOEXEC);
  if (fd < 0 || write(fd, data, size) != (ssize_t)size)
    fuzz_fail("no memfd");
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  memset(&executable, 'x', sizeof executable);
  if (executable_read(&executable, path, &e) == 0) {
    check_executable(&executable);
    check_moments(&executable);
  } else if (e.kind != ERROR_EXEC) {
    fuzz_fail("failed without a reason");
  } else {
    check_text(e.text, sizeof e.text);
  }
  close(fd);
  return 0;
}
