// SPDX-License-Identifier: LGPL-2.1-or-later
// sandbox_myos.c - the program that the slides about cloudflare/sandbox start.
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
