// SPDX-License-Identifier: LGPL-2.1-or-later
// status_i386.c - a process of the x86 ABI to be looked at.
#include <unistd.h>

int
main(void) {
  alarm(120);
  for (;;)
    pause();
}
