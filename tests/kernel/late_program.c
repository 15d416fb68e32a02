// SPDX-License-Identifier: LGPL-2.1-or-later
// late_program.c - the program of late_constructors.c.
int late_main(void);

int
main(void) {
  return late_main();
}
