// SPDX-License-Identifier: LGPL-2.1-or-later
// test_yama.c - the reader of Yama's setting, given files, and what each setting lets whom do.
#include "runner/late/yama.h"
#include "tests/check.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/scrun-yama.XXXXXX";

static const char *
file_make(const char *name, const char *text, size_t length) {
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  CHECK_ROW(fd >= 0 && write(fd, text, length) == (ssize_t)length, name);
  close(fd);
  return path;
}

static const struct row {
  const char *name, *text;
  size_t length;
  bool good;
  enum yama want;
} rows[] = {
    {"none", "0\n", 2, true, YAMA_NONE},
    {"restricted", "1\n", 2, true, YAMA_RESTRICTED},
    {"admin-only", "2\n", 2, true, YAMA_ADMIN_ONLY},
    {"no-attach", "3\n", 2, true, YAMA_NO_ATTACH},
    {"no-newline", "3", 1, true, YAMA_NO_ATTACH},
    {"empty", "", 0, false, YAMA_NONE},
    {"blank-line", "\n", 1, false, YAMA_NONE},
    {"four", "4\n", 2, false, YAMA_NONE},
    {"below", "/\n", 2, false, YAMA_NONE},
    {"negative", "-1\n", 3, false, YAMA_NONE},
    {"leading-zero", "00\n", 3, false, YAMA_NONE},
    {"blank", " 0\n", 3, false, YAMA_NONE},
    {"tail", "0 \n", 3, false, YAMA_NONE},
    {"two-lines", "0\n3\n", 4, false, YAMA_NONE},
    {"two-digits", "01", 2, false, YAMA_NONE},
    {"nul", "0\0", 2, false, YAMA_NONE},
    {"word", "permissive\n", 11, false, YAMA_NONE},
};

static void
check_row(const struct row *row) {
  struct error e = {.kind = ERROR_NONE};
  enum yama got = (enum yama)99;
  const char *path = file_make(row->name, row->text, row->length);
  int result = yama_read(path, &got, &e);
  CHECK_ROW(result == (row->good ? 0 : -1), row->name);
  if (row->good) {
    CHECK_ROW(got == row->want && e.kind == ERROR_NONE, row->name);
  } else {
    CHECK_ROW(got == (enum yama)99 && e.kind == ERROR_SECCOMP, row->name);
    CHECK_ROW(strstr(e.text, path) != NULL && strstr(e.text, "does not say 0, 1, 2 or 3") != NULL, row->name);
  }
  CHECK_ROW(unlink(path) == 0, row->name);
}

static void
check_files(void) {
  struct error e = {.kind = ERROR_NONE};
  enum yama got = YAMA_NO_ATTACH;
  char path[128];
  snprintf(path, sizeof path, "%s/missing", folder);
  CHECK(yama_read(path, &got, &e) == 0 && got == YAMA_NONE);

  char *huge = calloc(1, 1 << 20);
  CHECK(huge != NULL);
  if (huge == NULL)
    return;
  memset(huge, '0', 1 << 20);
  const char *huge_path = file_make("huge", huge, 1 << 20);
  CHECK(yama_read(huge_path, &got, &e) == -1 && e.kind == ERROR_SECCOMP);
  CHECK(unlink(huge_path) == 0);
  free(huge);

  CHECK(yama_read(folder, &got, &e) == -1 && strstr(e.text, strerror(EISDIR)) != NULL);
  // a file in the way of the folder: not "there is no Yama"
  snprintf(path, sizeof path, "%s/file", folder);
  (void)file_make("file", "0\n", 2);
  CHECK(strlen(path) + sizeof "/x" <= sizeof path);
  strcat(path, "/x");
  CHECK(yama_read(path, &got, &e) == -1 && strstr(e.text, strerror(ENOTDIR)) != NULL);
  path[strlen(path) - 2] = '\0';
  CHECK(unlink(path) == 0);
}

static const struct allows_row {
  enum yama yama;
  bool named, capable, want;
  const char *said;
} allows_rows[] = {
    {YAMA_NONE, false, false, true, ""},
    {YAMA_NONE, true, true, true, ""},
    {YAMA_RESTRICTED, true, false, true, ""},
    {YAMA_RESTRICTED, false, true, true, ""},
    {YAMA_RESTRICTED, false, false, false,
     "kernel.yama.ptrace_scope is 1: without CAP_SYS_PTRACE a process is traced by its parents only. Run scrun as "
     "root; "
     "a program that scrun starts itself need not be traced"},
    {YAMA_ADMIN_ONLY, true, true, true, ""},
    {YAMA_ADMIN_ONLY, false, true, true, ""},
    {YAMA_ADMIN_ONLY, true, false, false,
     "kernel.yama.ptrace_scope is 2: tracing takes CAP_SYS_PTRACE. Run scrun as root; --at=exec and --at=main need no "
     "tracer"},
    {YAMA_ADMIN_ONLY, false, false, false,
     "kernel.yama.ptrace_scope is 2: tracing takes CAP_SYS_PTRACE. Run scrun as root; a program that scrun starts "
     "itself "
     "need not be traced"},
    {YAMA_NO_ATTACH, true, true, false,
     "kernel.yama.ptrace_scope is 3: nobody can trace a process until the next boot; --at=exec and --at=main need no "
     "tracer"},
    {YAMA_NO_ATTACH, false, true, false,
     "kernel.yama.ptrace_scope is 3: nobody can trace a process until the next boot; a program that scrun starts "
     "itself "
     "need not be traced"},
    {(enum yama)7, true, true, false, "kernel.yama.ptrace_scope is unknown; --at=exec and --at=main need no tracer"},
};

int
main(void) {
  CHECK(mkdtemp(folder) != NULL);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    check_row(&rows[i]);
  check_files();
  for (size_t i = 0; i < sizeof allows_rows / sizeof allows_rows[0]; i++) {
    const struct allows_row *row = &allows_rows[i];
    struct error e = {.kind = ERROR_NONE};
    CHECK_INT(yama_allows(row->yama, row->named, row->capable, &e), row->want ? 0 : -1);
    CHECK_STR(e.text, row->said);
    CHECK_INT(e.kind, row->want ? ERROR_NONE : ERROR_SECCOMP);
  }
  CHECK(rmdir(folder) == 0);
  return check_done();
}
