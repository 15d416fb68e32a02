// SPDX-License-Identifier: LGPL-2.1-or-later
// test_diag.c - messages as they are printed, also of text that is meant to spoil them.
#include "compat/diag.h"
#include "tests/check.h"

static struct source
source_of(const char *name, const char *text, bool has_lines) {
  return (struct source){name, text, strlen(text), has_lines};
}

static void
check_message(enum diag_kind kind, const struct source *source, uint32_t offset, uint32_t length, const char *text,
              const char *want) {
  struct diags diags = {0};
  char out[2048];
  diag_add(&diags, kind, (struct source_pos){source, offset, length}, "%s", text);
  CHECK_INT(diag_write(&diags.items[0], "scrun", out, sizeof out), strlen(out));
  CHECK_STR(out, want);
}

static void
test_shapes(void) {
  struct source file = source_of("web.conf", "# x\n\nSystemCallFilter=opennat close\n", true);
  struct source property = source_of("--property", "SystemCallFilter=opennat", false);
  check_message(DIAG_ERROR, &file, 22, 7, "unknown system call \"opennat\"",
                "scrun: web.conf:3:18: unknown system call \"opennat\"\n"
                "    3 | SystemCallFilter=opennat close\n"
                "      |                  ^~~~~~~\n");
  check_message(DIAG_WARNING, &file, 22, 7, "odd",
                "scrun: web.conf:3:18: warning: odd\n"
                "    3 | SystemCallFilter=opennat close\n"
                "      |                  ^~~~~~~\n");
  check_message(DIAG_HINT, &file, 22, 7, "did you mean \"openat\"?",
                "scrun: web.conf:3:18: did you mean \"openat\"?\n");
  check_message(DIAG_ERROR, &property, 17, 7, "unknown system call \"opennat\"",
                "scrun: --property: unknown system call \"opennat\"\n"
                "    SystemCallFilter=opennat\n"
                "                     ^~~~~~~\n");
  check_message(DIAG_ERROR, NULL, 0, 0, "no policy given", "scrun: no policy given\n");
  check_message(DIAG_WARNING, NULL, 0, 0, "refuses nothing", "scrun: warning: refuses nothing\n");
  check_message(DIAG_ERROR, &file, 4, 0, "empty line", "scrun: web.conf:2:1: empty line\n");
}

static void
test_ends(void) {
  struct source file = source_of("a", "ab\ncd", true);
  check_message(DIAG_ERROR, &file, 1, 99, "to the end", "scrun: a:1:2: to the end\n    1 | ab\n      |  ^\n");
  check_message(DIAG_ERROR, &file, 3, 99, "last", "scrun: a:2:1: last\n    2 | cd\n      | ^~\n");
  check_message(DIAG_ERROR, &file, 5, 0, "behind", "scrun: a:2:3: behind\n    2 | cd\n      |   ^\n");
  check_message(DIAG_ERROR, &file, 500, 3, "far behind", "scrun: a:2:3: far behind\n    2 | cd\n      |   ^\n");
}

static void
test_terminal(void) {
  struct source file = source_of("a\033[2J", "\033]0;x\a\tb\xc3\xa4 \x7f", true);
  check_message(DIAG_ERROR, &file, 7, 1, "bad \033[31m \xff\n",
                "scrun: a?[2J:1:8: bad ?[31m ??\n"
                "    1 | ?]0;x? b?? ?\n"
                "      |        ^\n");
}

// A long line is shown around the place, with the caret below the right byte.
static void
test_long_line(void) {
  static char text[5000];
  memset(text, 'a', sizeof text);
  text[3000] = 'X';
  struct source source = {"f", text, sizeof text, true};
  struct diags diags = {0};
  char out[2048];
  diag_add(&diags, DIAG_ERROR, (struct source_pos){&source, 3000, 4000}, "here");
  CHECK(diag_write(&diags.items[0], "scrun", out, sizeof out) < 400);
  const char *line = strchr(out, '\n') + 1, *caret = strchr(line, '\n') + 1;
  CHECK_INT(strchr(line, 'X') - line, strchr(caret, '^') - caret);
  CHECK(strstr(line, "| ...aaa") != NULL && strstr(line, "aaa...\n") != NULL);
  CHECK(strlen(caret) < 120);
  for (uint32_t offset = 0; offset < sizeof text; offset += 7) {
    diags.items[0].at = (struct source_pos){&source, offset, 1};
    CHECK(diag_write(&diags.items[0], "scrun", out, sizeof out) < 400);
  }
}

// Never more than the buffer, whatever its size.
static void
test_small_buffers(void) {
  struct source source = source_of("web.conf", "SystemCallFilter=x", true);
  struct diags diags = {0};
  char out[200];
  diag_add(&diags, DIAG_ERROR, (struct source_pos){&source, 17, 1}, "text");
  size_t whole = diag_write(&diags.items[0], "scrun", out, sizeof out);
  for (size_t size = 0; size < sizeof out; size++) {
    memset(out, '!', sizeof out);
    size_t length = diag_write(&diags.items[0], "scrun", out, size);
    CHECK(size == 0 ? length == 0 && out[0] == '!' : length == (whole < size ? whole : size - 1));
    CHECK(size == 0 || (out[length] == '\0' && out[size] == '!'));
  }
}

static void
test_bounds(void) {
  struct diags diags = {0};
  char text[1000];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  for (int i = 0; i < 25; i++)
    diag_add(&diags, DIAG_ERROR, (struct source_pos){0}, "%d %s", i, text);
  CHECK_INT(diags.count, DIAGS_MAX);
  CHECK_INT(diags.dropped, 5);
  CHECK_INT(diags.errors, 25);
  CHECK_INT(strlen(diags.items[3].text), sizeof diags.items[3].text - 1);
  CHECK(strncmp(diags.items[19].text, "19 x", 4) == 0);
}

// A flood of warnings must not hide why nothing was started.
static void
test_first_error_is_kept(void) {
  struct diags diags = {0};
  for (int i = 0; i < 25; i++)
    diag_add(&diags, DIAG_WARNING, (struct source_pos){0}, "warning %d", i);
  diag_add(&diags, DIAG_ERROR, (struct source_pos){0}, "the first");
  diag_add(&diags, DIAG_ERROR, (struct source_pos){0}, "the second");
  CHECK_INT(diags.errors, 2);
  CHECK_INT(diags.count, DIAGS_MAX);
  CHECK_INT(diags.dropped, 7);
  CHECK_STR(diags.items[DIAGS_MAX - 1].text, "the first");
}

static void
test_errors(void) {
  struct source source = source_of("f", "text", true);
  struct error e = {0};
  CHECK_INT(error_set(&e, ERROR_POLICY, (struct source_pos){&source, 1, 2}, "%s %d", "bad", 3), -1);
  CHECK(e.kind == ERROR_POLICY && e.at.source == &source && e.at.offset == 1);
  CHECK_STR(e.text, "bad 3");
  struct diag diag = diag_of_error(&e);
  CHECK(diag.kind == DIAG_ERROR && diag.at.offset == 1);
  CHECK_STR(diag.text, "bad 3");
  CHECK_INT(error_plain(&e, ERROR_EXEC, "%0600d", 1), -1);
  CHECK(e.at.source == NULL && strlen(e.text) == ERROR_TEXT_BYTES - 1);
  diag = diag_of_error(&e);
  CHECK_INT(strlen(diag.text), sizeof diag.text - 1);
  CHECK_INT(error_exit_status(ERROR_USAGE), 2);
  CHECK_INT(error_exit_status(ERROR_POLICY), 2);
  CHECK_INT(error_exit_status(ERROR_DIRECTORY), 200);
  CHECK_INT(error_exit_status(ERROR_EXEC), 203);
  CHECK_INT(error_exit_status(ERROR_PRIVILEGES), 227);
  CHECK_INT(error_exit_status(ERROR_SECCOMP), 228);
  CHECK(error_exit_status(ERROR_NONE) != 0);
}

int
main(void) {
  test_shapes();
  test_ends();
  test_terminal();
  test_long_line();
  test_small_buffers();
  test_bounds();
  test_first_error_is_kept();
  test_errors();
  return check_done();
}
