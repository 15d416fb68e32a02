// SPDX-License-Identifier: LGPL-2.1-or-later
// process.c - reads /proc/PID/task/TID/status, and lists threads and children.
#include "runner/late/process.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 64
#define NUMBERS_MAX 4 // on a line that matters: "Uid:" has four

// A file of /proc, by lines. A line longer than the room (a list of groups) is cut: none that matters is.
struct lines {
  int fd;
  size_t at, length;
  char bytes[2048], line[256];
};

static bool
lines_fill(struct lines *lines) {
  ssize_t got = read(lines->fd, lines->bytes, sizeof lines->bytes);
  lines->at = 0;
  lines->length = got > 0 ? (size_t)got : 0;
  return got > 0;
}

static bool
lines_next(struct lines *lines) {
  size_t length = 0;
  for (;;) {
    if (lines->at == lines->length && !lines_fill(lines))
      return false;
    const char *from = lines->bytes + lines->at, *end = memchr(from, '\n', lines->length - lines->at);
    size_t part = end != NULL ? (size_t)(end - from) : lines->length - lines->at;
    size_t room = sizeof lines->line - 1 - length, kept = part < room ? part : room;
    memcpy(lines->line + length, from, kept);
    length += kept;
    lines->at += part + (end != NULL);
    if (end != NULL)
      break;
  }
  lines->line[length] = '\0';
  return true;
}

// The numbers of a line, tabs or blanks between them. Returns how many there are.
static size_t
read_numbers(const char *text, unsigned long numbers[NUMBERS_MAX]) {
  for (size_t count = 0; count < NUMBERS_MAX; count++) {
    char *end;
    while (*text == ' ' || *text == '\t')
      text++;
    if (*text < '0' || *text > '9')
      return count;
    errno = 0;
    numbers[count] = strtoul(text, &end, 10);
    if (errno != 0 || end == text)
      return count;
    text = end;
  }
  return NUMBERS_MAX;
}

bool
task_proc_is_own(void) {
  char own[16], seen[16] = "";
  snprintf(own, sizeof own, "%ld", (long)getpid());
  return readlink("/proc/self", seen, sizeof seen - 1) > 0 && strcmp(own, seen) == 0;
}

enum field {
  FIELD_NAME,
  FIELD_STATE,
  FIELD_TGID,
  FIELD_PARENT,
  FIELD_TRACER,
  FIELD_UID,
  FIELD_THREADS,
  FIELD_NO_NEW_PRIVS,
  FIELD_MODE,
  FIELD_FILTERS,
  FIELD_COUNT
};
#define FIELDS_ALL ((1u << FIELD_COUNT) - 1)
#define FIELDS_NEEDED (FIELDS_ALL - (1u << FIELD_FILTERS))

static const struct {
  const char *name;
  size_t numbers; // 0: it is text
} fields[FIELD_COUNT] = {
    [FIELD_NAME] = {"Name:", 0},        [FIELD_STATE] = {"State:", 0},
    [FIELD_TGID] = {"Tgid:", 1},        [FIELD_PARENT] = {"PPid:", 1},
    [FIELD_TRACER] = {"TracerPid:", 1}, [FIELD_UID] = {"Uid:", 4},
    [FIELD_THREADS] = {"Threads:", 1},  [FIELD_NO_NEW_PRIVS] = {"NoNewPrivs:", 1},
    [FIELD_MODE] = {"Seccomp:", 1},     [FIELD_FILTERS] = {"Seccomp_filters:", 1},
};

static void
set_field(struct task_status *out, enum field field, const char *text, const unsigned long numbers[NUMBERS_MAX]) {
  switch (field) {
  case FIELD_NAME:
    snprintf(out->name, sizeof out->name, "%s", text);
    break;
  case FIELD_STATE:
    out->state = *text;
    break;
  case FIELD_TGID:
    out->tgid = (pid_t)numbers[0];
    break;
  case FIELD_PARENT:
    out->parent = (pid_t)numbers[0];
    break;
  case FIELD_TRACER:
    out->tracer = (pid_t)numbers[0];
    break;
  case FIELD_UID:
    out->uid = (unsigned)numbers[1];
    break;
  case FIELD_THREADS:
    out->threads = (unsigned)numbers[0];
    break;
  case FIELD_NO_NEW_PRIVS:
    out->no_new_privs = numbers[0] != 0;
    break;
  case FIELD_MODE:
    out->mode = (unsigned)numbers[0];
    break;
  case FIELD_FILTERS:
    out->filters = (unsigned)numbers[0];
    out->has_filters = true;
    break;
  case FIELD_COUNT:
    break;
  }
}

// Returns the bit of the field that the line is, or 0.
static unsigned
read_line(struct task_status *out, const char *line) {
  for (enum field field = 0; field < FIELD_COUNT; field++) {
    if (line[0] != fields[field].name[0])
      continue;
    size_t length = strlen(fields[field].name);
    unsigned long numbers[NUMBERS_MAX] = {0};
    if (strncmp(line, fields[field].name, length) != 0)
      continue;
    const char *text = line + length + strspn(line + length, " \t");
    if (fields[field].numbers > 0 && read_numbers(text, numbers) < fields[field].numbers)
      return 0;
    set_field(out, field, text, numbers);
    return 1u << field;
  }
  return 0;
}

int
task_status_read(pid_t pid, pid_t tid, struct task_status *out, struct error *e) {
  char path[PATH_BYTES];
  struct lines lines = {.at = 0};
  unsigned seen = 0;
  snprintf(path, sizeof path, "/proc/%ld/task/%ld/status", (long)pid, (long)tid);
  lines.fd = open(path, O_RDONLY | O_CLOEXEC);
  if (lines.fd < 0)
    return error_plain(e, ERROR_USAGE, "%s: %s", path, errno == ENOENT ? "there is no such process" : strerror(errno));
  *out = (struct task_status){.state = '?'};
  while (seen != FIELDS_ALL && lines_next(&lines))
    seen |= read_line(out, lines.line);
  close(lines.fd);
  if ((seen & FIELDS_NEEDED) != FIELDS_NEEDED) // of a process that ended meanwhile, too
    return error_plain(e, ERROR_USAGE, "%s does not say all that it should", path);
  return 0;
}

#define STAT_FLAGS_FIELD 7 // behind the name, which ends with the last parenthesis

bool
task_has_flag(pid_t pid, pid_t tid, enum task_flag flag) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%ld/task/%ld/stat", (long)pid, (long)tid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0)
    close(fd);
  if (length <= 0)
    return false;
  text[length] = '\0';
  const char *at = strrchr(text, ')');
  for (int field = 0; at != NULL && field < STAT_FLAGS_FIELD; field++)
    at = strchr(at + 1, ' ');
  return at != NULL && (strtoul(at, NULL, 10) & (unsigned long)flag) != 0;
}

static int
compare_pids(const void *a, const void *b) {
  pid_t left, right;
  memcpy(&left, a, sizeof left);
  memcpy(&right, b, sizeof right);
  return left < right ? -1 : left > right;
}

static int
fail_many(pid_t pid, const char *what, size_t room, struct error *e) {
  return error_plain(e, ERROR_USAGE, "process %ld has more than %zu %s", (long)pid, room, what);
}

int
task_list(pid_t pid, pid_t *out, size_t room, size_t *count, struct error *e) {
  char path[PATH_BYTES];
  const struct dirent *entry;
  snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
  DIR *folder = opendir(path);
  *count = 0;
  if (folder == NULL)
    return error_plain(e, ERROR_USAGE, "%s: %s", path, errno == ENOENT ? "there is no such process" : strerror(errno));
  while ((entry = readdir(folder)) != NULL) {
    unsigned long numbers[NUMBERS_MAX];
    if (read_numbers(entry->d_name, numbers) != 1)
      continue;
    if (*count == room) {
      closedir(folder);
      return fail_many(pid, "threads", room, e);
    }
    out[(*count)++] = (pid_t)numbers[0];
  }
  closedir(folder);
  if (*count == 0)
    return error_plain(e, ERROR_USAGE, "%s: there is no such process", path);
  qsort(out, *count, sizeof *out, compare_pids);
  return 0;
}

// One number, and the blank behind it. Returns 1, 0 at the end, or -1: not what the file should hold.
static int
next_child(struct lines *lines, pid_t *child) {
  unsigned long number = 0;
  bool any = false;
  for (;;) {
    if (lines->at == lines->length && !lines_fill(lines))
      return any ? -1 : 0;
    char byte = lines->bytes[lines->at++];
    if (byte == ' ' && any)
      return *child = (pid_t)number, 1;
    if (byte < '0' || byte > '9' || number > INT32_MAX / 10)
      return -1;
    number = number * 10 + (unsigned long)(byte - '0');
    any = true;
  }
}

static int
add_children(pid_t pid, pid_t tid, pid_t *out, size_t room, size_t *count, struct error *e) {
  char path[PATH_BYTES];
  struct lines lines = {.at = 0};
  pid_t child = 0;
  int got;
  snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid, (long)tid);
  lines.fd = open(path, O_RDONLY | O_CLOEXEC);
  if (lines.fd < 0 && errno == ENOENT
      && (snprintf(path, sizeof path, "/proc/%ld/task/%ld", (long)pid, (long)tid), access(path, F_OK) != 0))
    return 0; // the thread has ended
  if (lines.fd < 0)
    return error_plain(e, ERROR_USAGE, "%s/children: %s", path, strerror(errno));
  while ((got = next_child(&lines, &child)) > 0 && *count < room)
    out[(*count)++] = child;
  close(lines.fd);
  if (got > 0)
    return fail_many(pid, "children", room, e);
  return got == 0 ? 0 : error_plain(e, ERROR_USAGE, "%s: not a list of processes", path);
}

#define THREADS_MAX 16384

int
task_children(pid_t pid, pid_t *out, size_t room, size_t *count, struct error *e) {
  static pid_t threads[THREADS_MAX];
  size_t thread_count;
  *count = 0;
  if (task_list(pid, threads, THREADS_MAX, &thread_count, e) != 0)
    return -1;
  for (size_t i = 0; i < thread_count; i++)
    if (add_children(pid, threads[i], out, room, count, e) != 0)
      return -1;
  qsort(out, *count, sizeof *out, compare_pids);
  return 0;
}
