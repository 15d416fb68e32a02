// SPDX-License-Identifier: LGPL-2.1-or-later
// sandbox_helloworld.c - the program that the README of cloudflare/sandbox starts.
#include <stdio.h>

int
main(void) {
  printf("Hello, world!\n");
  return 0;
}
