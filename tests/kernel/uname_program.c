// SPDX-License-Identifier: LGPL-2.1-or-later
// uname_program.c - the program that systemd's filter is shown on: prints what uname(2) says.
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
