// SPDX-License-Identifier: LGPL-2.1-or-later
// uname_program.c - prints what uname(2) says, in one line: the program that filters are shown on and counted for.
#include <stdio.h>
#include <sys/utsname.h>

int
main(void) {
  struct utsname name;
  if (uname(&name) != 0) {
    perror("uname failed");
    return 1;
  }
  printf("My OS is %s!\n", name.sysname);
  return 0;
}
