// SPDX-License-Identifier: LGPL-2.1-or-later
// test_source.c - lines and columns of places in text.
#include "compat/source.h"
#include "tests/check.h"

static const struct row {
  const char *text;
  uint32_t offset;
  bool has_lines;
  unsigned line, column;
  const char *want;
} rows[] = {
    {"one\ntwo\nthree", 0, true, 1, 1, "one"},
    {"one\ntwo\nthree", 3, true, 1, 4, "one"},
    {"one\ntwo\nthree", 4, true, 2, 1, "two"},
    {"one\ntwo\nthree", 6, true, 2, 3, "two"},
    {"one\ntwo\nthree", 12, true, 3, 5, "three"},
    {"one\ntwo\nthree", 13, true, 3, 6, "three"},
    {"one\ntwo\nthree", 99, true, 3, 6, "three"},
    {"one\r\ntwo\r\n", 1, true, 1, 2, "one"},
    {"one\r\ntwo\r\n", 5, true, 2, 1, "two"},
    {"one\n\nthree", 4, true, 2, 1, ""},
    {"one\n", 4, true, 2, 1, ""},
    {"", 0, true, 1, 1, ""},
    {"one\ntwo", 5, false, 1, 6, "one\ntwo"},
    {"\r\n", 0, true, 1, 1, ""},
};

int
main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct row *row = &rows[i];
    struct source source = {"name", row->text, strlen(row->text), row->has_lines};
    struct source_line got = source_line_at((struct source_pos){&source, row->offset, 1});
    CHECK_INT(got.line, row->line);
    CHECK_INT(got.column, row->column);
    CHECK_ROW(got.length == strlen(row->want) && memcmp(got.text, row->want, got.length) == 0, row->text);
  }
  return check_done();
}
