// SPDX-License-Identifier: LGPL-2.1-or-later
// target_dynamic.c - what the contenders of later moments start: as target.c, with the C library and its loader.
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char **argv) {
  return argc > 1 && syscall(strtol(argv[1], NULL, 10), 0, 0, 0, 0, 0) != 0 ? errno : 0;
}
