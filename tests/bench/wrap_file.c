// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap_file.c - a static wrapper that reads the finished program: wrap_file PROGRAM-FILE TARGET [ARGS...]
#include "tests/bench/wrap.h"
#include <fcntl.h>

static struct sock_filter code[BPF_MAXINSNS];

int
main(int argc, char **argv) {
  int fd = argc < 3 ? -1 : open(argv[1], O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? -1 : read(fd, code, sizeof code);
  if (got <= 0 || (size_t)got % sizeof code[0] != 0 || close(fd) != 0)
    return 2;
  return wrap_exec(code, (size_t)got / sizeof code[0], argv + 2);
}
