// SPDX-License-Identifier: LGPL-2.1-or-later
// check.h - assertions for tests: print the place and both values, count, and let the test go on; check_done() is
// main's return value.
#ifndef SCRUN_TESTS_CHECK_H
#define SCRUN_TESTS_CHECK_H
#include <stdio.h>
#include <string.h>

static int check_failures;
static long check_count;

#define CHECK(expression)                                                                                              \
  do {                                                                                                                 \
    check_count++;                                                                                                     \
    if (!(expression)) {                                                                                               \
      check_failures++;                                                                                                \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #expression);                                         \
    }                                                                                                                  \
  } while (0)

// As CHECK, with the row of a table that failed.
#define CHECK_ROW(expression, row)                                                                                     \
  do {                                                                                                                 \
    check_count++;                                                                                                     \
    if (!(expression)) {                                                                                               \
      check_failures++;                                                                                                \
      fprintf(stderr, "%s:%d: row \"%s\" failed: %s\n", __FILE__, __LINE__, (row), #expression);                       \
    }                                                                                                                  \
  } while (0)

#define CHECK_INT(got, want)                                                                                           \
  do {                                                                                                                 \
    long long check_got = (long long)(got), check_want = (long long)(want);                                            \
    check_count++;                                                                                                     \
    if (check_got != check_want) {                                                                                     \
      check_failures++;                                                                                                \
      fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #got, check_got, check_want);               \
    }                                                                                                                  \
  } while (0)

#define CHECK_STR(got, want)                                                                                           \
  do {                                                                                                                 \
    const char *check_got = (got), *check_want = (want);                                                               \
    check_count++;                                                                                                     \
    if (check_got == NULL || strcmp(check_got, check_want) != 0) {                                                     \
      check_failures++;                                                                                                \
      fprintf(stderr, "%s:%d: got \"%s\"\n  want \"%s\"\n", __FILE__, __LINE__, check_got, check_want);                \
    }                                                                                                                  \
  } while (0)

// A test that checked nothing has not passed.
static inline int
check_done(void) {
  printf("%ld checks, %d failed\n", check_count, check_failures);
  return check_failures != 0 || check_count == 0;
}
#endif
