// SPDX-License-Identifier: LGPL-2.1-or-later
// test_order.c - what the wrapper is told, written and read; and how it says what is wrong.
#include "hook/order.h"
#include "hook/wrapper/base64.h"
#include "hook/wrapper/words.h"
#include "tests/check.h"
#include <stdlib.h>

// Source: RFC 4648, section 10; the rest is what its strictest readers refuse.
static const struct {
  const char *text, *bytes; // NULL: no text of ours
} rows[] = {
    {"", ""},
    {"Zg==", "f"},
    {"Zm8=", "fo"},
    {"Zm9v", "foo"},
    {"Zm9vYg==", "foob"},
    {"Zm9vYmE=", "fooba"},
    {"Zm9vYmFy", "foobar"},
    {"Z", NULL},
    {"Zg", NULL},
    {"Zg=", NULL},
    {"Zm9", NULL},
    {"Zh==", NULL}, // bits that would be lost
    {"Zm9=", NULL},
    {"Z===", NULL},
    {"====", NULL},
    {"=", NULL},
    {"=m9v", NULL},
    {"Z=9v", NULL},
    {"Zm=v", NULL},
    {"Zg==Zg==", NULL},
    {"Zg==Zm9v", NULL},
    {"Zg== ", NULL},
    {"Zg==\n", NULL},
    {" Zm9v", NULL},
    {"Zm 9v", NULL},
    {"Zm9v\n", NULL},
    {"Zm9-", NULL},
    {"Zm9_", NULL},
    {"Zm9\xc3", NULL},
    {"Zm9v=", NULL},
    {"Zm9v====", NULL},
};

static void
rows_check(void) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    unsigned char out[16];
    struct buffer again = {NULL, 0, 0, false};
    size_t length = 99;
    bool read = base64_read(rows[i].text, out, sizeof out, &length);
    CHECK_ROW(read == (rows[i].bytes != NULL), rows[i].text);
    if (!read || rows[i].bytes == NULL)
      continue;
    CHECK_ROW(length == strlen(rows[i].bytes) && memcmp(out, rows[i].bytes, length) == 0, rows[i].text);
    CHECK_ROW(length == 0 || !base64_read(rows[i].text, out, length - 1, &length), rows[i].text);
    base64_write(&again, rows[i].bytes, strlen(rows[i].bytes));
    CHECK_STR(again.text == NULL ? "" : again.text, rows[i].text);
    buffer_clear(&again);
  }
}

// Every byte at every place, and texts that are written in several pieces.
static void
bytes_check(void) {
  static unsigned char bytes[5000], out[5000];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (unsigned char)(i * 7 + i / 256);
  for (size_t length = 0; length < sizeof bytes; length += length < 800 ? 1 : 997) {
    struct buffer text = {NULL, 0, 0, false};
    size_t got = 0;
    base64_write(&text, bytes, length);
    CHECK_INT(text.length, (length + 2) / 3 * 4);
    CHECK(base64_read(text.text == NULL ? "" : text.text, out, sizeof out, &got));
    CHECK(got == length && memcmp(out, bytes, length) == 0);
    buffer_clear(&text);
  }
}

// An order is the image, behind what the buffer holds already; and one that no argument can be is refused.
static void
order_check(void) {
  static struct image image, again;
  static unsigned char bytes[IMAGE_BYTES_MAX], out[IMAGE_BYTES_MAX];
  struct buffer order = {NULL, 0, 0, false};
  struct error e;
  size_t length, got = 0;
  struct policy *policy = policy_new();
  if (policy == NULL || policy_add_layer(policy, (struct action){ACTION_ALLOW, 0}, (struct source_pos){0}, &e) != 0
      || policy_seal(policy, &e) != 0 || image_make(&image, policy, MOMENT_EXEC, &e) != 0)
    abort();
  policy_free(policy);
  length = image_write(&image, bytes);
  buffer_add(&order, "before ");
  CHECK(order_write(&order, &image, &e) == 0);
  CHECK(base64_read(order.text + 7, out, sizeof out, &got) && got == length && memcmp(out, bytes, length) == 0);
  CHECK(image_read(&again, out, got, &e) == 0);
  buffer_clear(&order);
  order.failed = true;
  CHECK(order_write(&order, &image, &e) != 0 && e.kind == ERROR_POLICY);
  buffer_clear(&order);
}

static size_t
format(char *out, size_t size, const char *text, ...) {
  va_list arguments;
  va_start(arguments, text);
  size_t length = words_format(out, size, text, arguments);
  va_end(arguments);
  return length;
}

static void
words_check(void) {
  char got[256], want[256], word[400];
  format(got, sizeof got, "%s %d %u %zu%%.", "a b", -17, 4000000000u, (size_t)-1);
  snprintf(want, sizeof want, "%s %d %u %zu%%.", "a b", -17, 4000000000u, (size_t)-1);
  CHECK_STR(got, want);
  format(got, sizeof got, "%d %d %u", -2147483647 - 1, 0, 0u);
  CHECK_STR(got, "-2147483648 0 0");
  format(got, sizeof got, "<%s>", "a\x1b[31m\nb\x7f\xc3\xa4");
  CHECK_STR(got, "<a?[31m?b??"
                 "?>");
  memset(word, 'x', sizeof word);
  word[sizeof word - 1] = '\0';
  CHECK_INT(format(got, sizeof got, "%s: why", word), WORD_BYTES + 3 + 5);
  CHECK_STR(got + WORD_BYTES, "...: why");
  word[WORD_BYTES] = '\0';
  CHECK_INT(format(got, sizeof got, "%s", word), WORD_BYTES);
  memset(got, '!', sizeof got);
  CHECK_INT(format(got, 6, "%s", "longer than that"), 5);
  CHECK_STR(got, "longe");
  CHECK(got[6] == '!');
}

int
main(void) {
  rows_check();
  bytes_check();
  order_check();
  words_check();
  return check_done();
}
