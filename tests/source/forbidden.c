// SPDX-License-Identifier: LGPL-2.1-or-later
// forbidden.c - a static program with what the launcher must not have, for the check to find.
#include <locale.h>

int
main(void) {
  return setlocale(LC_ALL, "") == NULL;
}
