// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap_baked.c - a static wrapper with a libc and a finished filter in it.
#include "tests/bench/baked.h"
#include "tests/bench/wrap.h"

int
main(int argc, char **argv) {
  return argc < 2 ? 2 : wrap_exec(baked, sizeof baked / sizeof baked[0], argv + 1);
}
