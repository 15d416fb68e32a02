// SPDX-License-Identifier: LGPL-2.1-or-later
// test_settings.c - runtime.conf: what its lines mean, and whose file it may be.
#include "hook/runtime/settings.h"
#include "tests/check.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void
show(const struct runtime_settings *settings, char *out, size_t size) {
  int at = snprintf(out, size, "%s%s", settings->runtime, settings->hook.accelerate ? " accelerate" : "");
  for (size_t i = 0; i < settings->hook.mandatory.count; i++)
    at += snprintf(out + at, size - (size_t)at, " %s", settings->hook.mandatory.words[i].text);
}

// The errors as "line:column text|...", without a place where they are about no line.
static void
show_errors(const struct diags *diags, char *out, size_t size) {
  size_t at = 0;
  out[0] = '\0';
  for (size_t i = 0; i < diags->count && at < size; i++) {
    const struct diag *diag = &diags->items[i];
    at += (size_t)snprintf(out + at, size - at, at > 0 ? "|" : "");
    if (diag->at.source != NULL) {
      struct source_line place = source_line_at(diag->at);
      at += (size_t)snprintf(out + at, size - at, "%u:%u ", place.line, place.column);
    }
    at += (size_t)snprintf(out + at, size - at, "%s", diag->text);
  }
}

#define UNKNOWN_SECTION "sections and settings that scrun does not know are never ignored"

static const struct row {
  const char *text, *want; // want: the settings, or the errors
} rows[] = {
    {"Runtime=/usr/bin/crun", "/usr/bin/crun"},
    {"# who\n[Runtime]\nRuntime=/usr/bin/crun\n", "/usr/bin/crun"},
    {"[Runtime]\nRuntime = /usr/bin/runc \nAccelerate=yes\nProfile=web\n", "/usr/bin/runc accelerate web"},
    {"Accelerate=no\nRuntime=/r", "/r"},
    {"Accelerate=true\nRuntime=/r", "/r accelerate"},
    {"Accelerate=1\nRuntime=/r", "/r accelerate"},
    {"Profile=a b \\\n c\nRuntime=/r\nProfile=d", "/r a b c d"},
    {"", "f: no runtime is chosen: write Runtime=/usr/bin/crun"},
    {"[Runtime]\nAccelerate=yes", "f: no runtime is chosen: write Runtime=/usr/bin/crun"},
    {"Runtime=", "1:1 Runtime= needs a value"},
    {"Runtime=crun", "1:9 Runtime= takes an absolute path without backslashes"},
    {"Runtime=/a\\ b", "1:9 Runtime= takes an absolute path without backslashes"},
    {"Runtime=/a /b", "1:12 Runtime= takes one word"},
    {"Runtime=/a\nRuntime=/b", "2:1 Runtime= stands here twice"},
    {"Runtime=/a\nRuntime=", "2:1 Runtime= needs a value"},
    {"Runtime=/a\nAccelerate=maybe", "2:12 Accelerate= takes yes or no"},
    {"Runtime=/a\nAccelerate=", "2:1 Accelerate= needs a value"},
    {"Runtime=/a\nAccelerate=yes\nAccelerate=no", "3:1 Accelerate= stands here twice"},
    {"Runtime=/a\nProfile=", "2:1 Profile= needs a value"},
    {"Runtime=/a\nProfile=/etc/p.conf",
     "2:9 Profile= takes bare names: a policy for all containers stands in /etc/scrun"},
    {"Runtime=/a\nProfile=a ../b", "2:11 Profile= takes bare names: a policy for all containers stands in /etc/scrun"},
    {"Runtime=/a\nProfil=a", "2:1 unknown setting \"Profil\"|2:1 did you mean \"Profile\"?"},
    {"runtime=/a", "1:1 unknown setting \"runtime\"|1:1 did you mean \"Runtime\"?"},
    {"Runtime=/a\nSystemCallFilter=~execve", "2:1 unknown setting \"SystemCallFilter\""},
    {"[Service]\nRuntime=/a", "1:1 this file has no section but [Runtime]|1:1 " UNKNOWN_SECTION},
    {"[Runtime]\nRuntime=/a\n[Other]\nx=y", "3:1 this file has no section but [Runtime]|3:1 " UNKNOWN_SECTION},
};

static void
check_row(const struct row *row) {
  struct source source = {"f", row->text, strlen(row->text), true};
  struct runtime_settings settings = {0};
  static struct diags diags;
  char got[1024];
  diags = (struct diags){0};
  if (runtime_settings_read_source(&source, &settings, &diags) == 0) {
    CHECK_INT(diags.count, 0);
    CHECK(settings.hook.runtime == settings.runtime);
    show(&settings, got, sizeof got);
  } else {
    CHECK(diags.errors > 0);
    show_errors(&diags, got, sizeof got);
  }
  CHECK_STR(got, row->want);
  runtime_settings_clear(&settings);
}

static void
check_folder(const char *folder, const char *want) {
  struct runtime_settings settings = {0};
  static struct diags diags;
  char got[1024];
  diags = (struct diags){0};
  CHECK(runtime_settings_read(folder, &settings, &diags) != 0);
  show_errors(&diags, got, sizeof got);
  CHECK(strstr(got, want) != NULL || (fprintf(stderr, "%s: %s\n", folder, got), false));
  runtime_settings_clear(&settings);
}

// A file that others could have written is not read, whatever it says. (The temporary folder's parent is everybody's.)
static void
check_files(void) {
  char folder[] = "/tmp/scrun-settings.XXXXXX", path[64];
  check_folder(
      "/usr",
      "/usr/runtime.conf is not there: no runtime is chosen; write [Runtime] and Runtime=/usr/bin/crun into it");
  check_folder("/usr/no-such-folder", "/usr/no-such-folder/runtime.conf is not there");
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof path, "%s/" SETTINGS_FILE, folder);
  FILE *file = fopen(path, "w");
  CHECK(file != NULL && fputs("Runtime=/usr/bin/crun\n", file) >= 0 && fclose(file) == 0);
  check_folder(folder, "can be written by others than root");
  CHECK(unlink(path) == 0 && symlink("/etc/passwd", path) == 0);
  check_folder(folder, "is not read");
  CHECK(unlink(path) == 0 && rmdir(folder) == 0);
}

int
main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    check_row(&rows[i]);
  check_files();
  return check_done();
}
