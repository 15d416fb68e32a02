// SPDX-License-Identifier: LGPL-2.1-or-later
// sandbox_threads.c - a program with a library (sandbox_neighbour.c) whose thread is older than main().
#include <stdio.h>

void neighbour_ask(void);

int
main(void) {
  printf("main\n");
  fflush(stdout);
  neighbour_ask();
  return 0;
}
