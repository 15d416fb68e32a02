// SPDX-License-Identifier: LGPL-2.1-or-later
// main_startless.c - a program whose dynamic loader runs, but which has no main() that anybody knows of: no C library's
// start is called.
#include <sys/syscall.h>

void _start(void);
void
_start(void) {
  __asm__ volatile("syscall" : : "a"(SYS_exit_group), "D"(0) : "rcx", "r11", "memory");
}
