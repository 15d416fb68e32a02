// SPDX-License-Identifier: LGPL-2.1-or-later
// log.c - says what is wrong where the engine listens.
#include "hook/runtime/log.h"
#include "compat/buffer.h"
#include "hook/edit.h"
#include "runner/report.h"
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// The file that `log` names, or NULL if it is none. crun takes "KIND:NAME", too.
static const char *
log_path(const char *log) {
  static const char *const elsewhere[] = {"journald:", "syslog:"};
  for (size_t i = 0; log != NULL && i < sizeof elsewhere / sizeof elsewhere[0]; i++)
    if (strncmp(log, elsewhere[i], strlen(elsewhere[i])) == 0)
      return NULL;
  return log != NULL && strncmp(log, "file:", 5) == 0 ? log + 5 : log;
}

// The message without the user's line below it, and without the tool's name for all but the first.
static void
add_message(struct buffer *out, const struct diag *diag) {
  char text[DIAG_BYTES];
  const char *start = text;
  (void)diag_write(diag, RUNTIME_TOOL, text, sizeof text);
  if (out->length > 0) {
    buffer_add(out, "; ");
    start += sizeof RUNTIME_TOOL ": " - 1;
  }
  buffer_add(out, "%.*s", (int)strcspn(start, "\n"), start);
}

static void
add_entry(struct buffer *out, const struct buffer *message, bool json) {
  struct timespec now = {0};
  struct tm parts = {0};
  char date[32] = "";
  (void)clock_gettime(CLOCK_REALTIME, &now);
  if (gmtime_r(&now.tv_sec, &parts) != NULL)
    (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (json)
    buffer_add(out, "{\"level\":\"error\",\"time\":\"%s\",\"msg\":", date);
  else
    buffer_add(out, "time=\"%s\" level=error msg=", date);
  edit_add_string(out, message->text, message->length);
  buffer_add(out, json ? "}\n" : "\n");
}

// One write: others may append to the same file.
static void
append(const char *path, const struct buffer *entry) {
  int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
  if (fd < 0)
    return;
  if (write(fd, entry->text, entry->length) < 0) {
    // stderr has it
  }
  close(fd);
}

void
log_diags(const struct command *command, const struct diags *diags) {
  struct buffer message = {0}, entry = {0};
  const char *path = log_path(command->log);
  report_diags(RUNTIME_TOOL, diags);
  for (size_t i = 0; i < diags->count; i++)
    if (diags->items[i].kind != DIAG_WARNING)
      add_message(&message, &diags->items[i]);
  if (diags->errors > 0 && path != NULL && message.text != NULL && !message.failed) {
    add_entry(&entry, &message, command->log_json);
    if (!entry.failed)
      append(path, &entry);
  }
  buffer_clear(&message);
  buffer_clear(&entry);
}
