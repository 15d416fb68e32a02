// SPDX-License-Identifier: LGPL-2.1-or-later
// pause.c - a program without a C library that makes no call but pause(2): it lives under nearly every filter, to be
// looked at.
#include <asm/unistd.h>

_Noreturn void _start(void);

_Noreturn void
_start(void) {
  for (;;) {
    long result = __NR_pause;
    __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
  }
}
