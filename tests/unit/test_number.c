// SPDX-License-Identifier: LGPL-2.1-or-later
// test_number.c - integers, errno names, action words and the nearest name.
#include "compat/action_read.h"
#include "compat/nearest.h"
#include "compat/number.h"
#include "tests/check.h"
#include <errno.h>

static const struct number_row {
  const char *text;
  enum number_zero zero;
  uint64_t max;
  bool good;
  uint64_t want;
} number_rows[] = {
    {"0", NUMBER_PLAIN, 9, true, 0},
    {"9", NUMBER_PLAIN, 9, true, 9},
    {"10", NUMBER_PLAIN, 9, false, 0},
    {"4095", NUMBER_OCTAL, 4095, true, 4095},
    {"4096", NUMBER_OCTAL, 4095, false, 0},
    {"0x1F", NUMBER_PLAIN, 4095, true, 31},
    {"0Xff", NUMBER_PLAIN, 4095, true, 255},
    {"0x", NUMBER_PLAIN, 4095, false, 0},
    {"0xg", NUMBER_PLAIN, 4095, false, 0},
    {"017", NUMBER_OCTAL, 4095, true, 15},
    {"017", NUMBER_PLAIN, 4095, false, 0},
    {"00", NUMBER_OCTAL, 4095, true, 0},
    {"00", NUMBER_PLAIN, 4095, false, 0},
    {"08", NUMBER_OCTAL, 4095, false, 0},
    {"", NUMBER_OCTAL, 4095, false, 0},
    {"-1", NUMBER_OCTAL, UINT64_MAX, false, 0},
    {"+1", NUMBER_OCTAL, UINT64_MAX, false, 0},
    {" 1", NUMBER_OCTAL, UINT64_MAX, false, 0},
    {"1 ", NUMBER_OCTAL, UINT64_MAX, false, 0},
    {"12.3", NUMBER_OCTAL, UINT64_MAX, false, 0},
    {"1a", NUMBER_OCTAL, UINT64_MAX, false, 0},
    {"18446744073709551615", NUMBER_PLAIN, UINT64_MAX, true, UINT64_MAX},
    {"18446744073709551616", NUMBER_PLAIN, UINT64_MAX, false, 0},
    {"99999999999999999999999999", NUMBER_PLAIN, UINT64_MAX, false, 0},
    {"0xffffffffffffffff", NUMBER_PLAIN, UINT64_MAX, true, UINT64_MAX},
    {"0x10000000000000000", NUMBER_PLAIN, UINT64_MAX, false, 0},
};

static void
test_numbers(void) {
  for (size_t i = 0; i < sizeof number_rows / sizeof number_rows[0]; i++) {
    const struct number_row *row = &number_rows[i];
    uint64_t got = 4711;
    bool good = number_read(row->text, strlen(row->text), row->zero, row->max, &got);
    CHECK_ROW(good == row->good, row->text);
    CHECK_ROW(got == (row->good ? row->want : 4711), row->text);
  }
}

static void
test_errno_names(void) {
  uint16_t value = 0;
  unsigned named = 0;
  for (unsigned number = 0; number < 5000; number++) {
    const char *name = errno_name(number);
    if (name == NULL)
      continue;
    named++;
    CHECK_ROW(errno_find(name, strlen(name), &value) && value == number, name);
  }
  CHECK_INT(named, 131); // 1..133 without 41 and 58: <asm-generic/errno.h>
  CHECK(errno_name(0) == NULL && errno_name(41) == NULL && errno_name(58) == NULL && errno_name(134) == NULL);
  CHECK_STR(errno_name(EAGAIN), "EAGAIN");
  CHECK_STR(errno_name(EDEADLK), "EDEADLK");
  CHECK_STR(errno_name(EOPNOTSUPP), "EOPNOTSUPP");
  CHECK(errno_find("EWOULDBLOCK", 11, &value) && value == EAGAIN);
  CHECK(errno_find("EDEADLOCK", 9, &value) && value == EDEADLK);
  CHECK(errno_find("ENOTSUP", 7, &value) && value == EOPNOTSUPP);
  CHECK(errno_find("eperm", 5, &value) && value == EPERM);
  CHECK(errno_find("EhWpOiSoN", 9, &value) && value == EHWPOISON);
  CHECK(errno_find("E2BIG", 5, &value) && value == E2BIG);
  CHECK(errno_find("EXFULL", 6, &value) && value == EXFULL);
  CHECK(!errno_find("EPER", 4, &value) && !errno_find("EPERMX", 6, &value) && !errno_find("", 0, &value));
  CHECK(!errno_find("EPERM\0", 6, &value) && !errno_find("E", 1, &value) && !errno_find("ZZZ", 3, &value));
  CHECK_STR(errno_suggest("EPREM", 5), "EPERM");
  CHECK(errno_suggest("EBADBADBAD", 10) == NULL);
}

// What `errno -l` style lists of the C library say, as far as it has names for numbers.
static void
test_errno_against_libc(void) {
#ifdef __GLIBC__
  for (int number = 1; number < 200; number++) {
    const char *want = strerrorname_np(number), *got = errno_name((unsigned)number);
    CHECK((want == NULL) == (got == NULL));
    if (want != NULL && got != NULL)
      CHECK(strcmp(got, want) == 0 || number == EOPNOTSUPP || number == EAGAIN || number == EDEADLK);
  }
#endif
}

static const struct action_row {
  const char *text;
  enum action_kind kind; // ACTION_NONE: wrong
  uint16_t data;
} action_rows[] = {
    {"kill", ACTION_KILL_PROCESS, 0},
    {"kill-process", ACTION_KILL_PROCESS, 0},
    {"kill-thread", ACTION_KILL_THREAD, 0},
    {"log", ACTION_LOG, 0},
    {"trap", ACTION_TRAP, 0},
    {"trace", ACTION_TRACE, 0},
    {"EPERM", ACTION_ERRNO, EPERM},
    {"eperm", ACTION_ERRNO, EPERM},
    {"0", ACTION_ERRNO, 0},
    {"255", ACTION_ERRNO, 255},
    {"0xff", ACTION_ERRNO, 255},
    {"0377", ACTION_ERRNO, 255},
    {"4095", ACTION_ERRNO, 4095},
    {"4096", ACTION_NONE, 0},
    {"65536", ACTION_NONE, 0},
    {"KILL", ACTION_NONE, 0},
    {"allow", ACTION_NONE, 0},
    {"notify", ACTION_NONE, 0},
    {"", ACTION_NONE, 0},
    {"-1", ACTION_NONE, 0},
    {"EPERM ", ACTION_NONE, 0},
    {"kil", ACTION_NONE, 0},
};

static void
test_actions(void) {
  for (size_t i = 0; i < sizeof action_rows / sizeof action_rows[0]; i++) {
    const struct action_row *row = &action_rows[i];
    struct action got = {ACTION_NONE, 0};
    const char *problem = action_read(row->text, strlen(row->text), &got);
    CHECK_ROW((problem != NULL) == (row->kind == ACTION_NONE), row->text);
    CHECK_ROW(got.kind == row->kind && got.data == row->data, row->text);
  }
  CHECK_STR(action_suggest("KILL", 4), "kill");
  CHECK_STR(action_suggest("EACESS", 6), "EACCES");
}

static const char *
nearest_of(const char *word, const char *a, const char *b) {
  struct nearest nearest;
  nearest_start(&nearest, word, strlen(word));
  nearest_offer(&nearest, a);
  nearest_offer(&nearest, b);
  return nearest.best;
}

static void
test_nearest(void) {
  char long_name[200];
  memset(long_name, 'a', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = '\0';
  CHECK_STR(nearest_of("opennat", "open", "openat"), "openat");
  CHECK_STR(nearest_of("wirte", "write", "read"), "write");
  CHECK_STR(nearest_of("OPENAT", "open", "openat"), "openat");
  CHECK(nearest_of("completely", "open", "openat") == NULL);
  CHECK(nearest_of("", "a", "b") == NULL);
  CHECK(nearest_of("x", "a", "b") == NULL);
  CHECK(nearest_of(long_name, long_name, "b") == NULL);
  CHECK(nearest_of("ab", "xy", long_name) == NULL);
}

int
main(void) {
  test_numbers();
  test_errno_names();
  test_errno_against_libc();
  test_actions();
  test_nearest();
  return check_done();
}
