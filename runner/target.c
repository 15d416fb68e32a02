// SPDX-License-Identifier: LGPL-2.1-or-later
// target.c - the program to start.
#include "runner/target.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

// Source: confstr(3), _CS_PATH.
#define DEFAULT_SEARCH "/bin:/usr/bin"

// The kernel follows a script's interpreter that is a script this many times. Source: exec_binprm() in fs/exec.c.
#define INTERPRETERS_MAX 5
// The kernel looks at this much of a #! line. Source: BINPRM_BUF_SIZE in <linux/binfmts.h>.
#define HEAD_BYTES 256
// More than any program's first pages need; keeps a launch of a huge file bounded.
#define BRING_IN_BYTES_MAX ((size_t)64 << 20)

// 0 if `path` is a regular file that the effective ids may execute; otherwise the errno that says why not.
static int
file_check(const char *path) {
  struct stat info;
  if (stat(path, &info) != 0)
    return errno;
  if (!S_ISREG(info.st_mode))
    return S_ISDIR(info.st_mode) ? EISDIR : EACCES;
  if (syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
    return 0;
  if (errno != ENOSYS && errno != EPERM)
    return errno;
  return access(path, X_OK) == 0 ? 0 : errno; // before Linux 5.8, or an outer filter that does not know the call
}

static int
target_fail(struct error *e, int sys, const char *name) {
  if (sys == EISDIR)
    return error_plain(e, ERROR_EXEC, sys, "%s is a directory, not a program", name);
  if (sys == EACCES)
    return error_plain(e, ERROR_EXEC, sys,
                       "%s may not be executed: no execute permission, or a folder on the way is closed", name);
  return error_plain(e, ERROR_EXEC, sys, "%s: %s", name, strerror(sys));
}

static int
target_search(struct target *target, const char *name, const char *search, struct error *e) {
  int best = ENOENT;
  for (const char *folder = search, *end; folder != NULL; folder = end == NULL ? NULL : end + 1) {
    end = strchr(folder, ':');
    int length = (int)(end == NULL ? strlen(folder) : (size_t)(end - folder));
    int size = snprintf(target->path, sizeof target->path, "%.*s%s%s", length, folder, length == 0 ? "" : "/", name);
    if (size < 0 || (size_t)size >= sizeof target->path)
      continue;
    int sys = file_check(target->path);
    if (sys == 0)
      return 0;
    if (sys == EACCES || sys == EISDIR)
      best = EACCES; // as execvp(3): remembered, and looked for further on
  }
  if (best == ENOENT)
    return error_plain(e, ERROR_EXEC, best, "%s: no such program in PATH (%.200s)", name, search);
  return target_fail(e, best, name);
}

int
target_find(struct target *target, const char *name, const char *search, struct error *e) {
  target->interpreter[0] = '\0';
  if (strchr(name, '/') == NULL && name[0] != '\0')
    return target_search(target, name, search != NULL ? search : DEFAULT_SEARCH, e);
  size_t length = strlen(name);
  if (length >= sizeof target->path)
    return target_fail(e, ENAMETOOLONG, name);
  memcpy(target->path, name, length + 1);
  int sys = length == 0 ? ENOENT : file_check(name);
  return sys == 0 ? 0 : target_fail(e, sys, length == 0 ? "\"\"" : name);
}

// The first word behind "#!", into `out` of PATH_MAX bytes; empty if there is none.
static void
read_script_line(const char *head, size_t length, char *out) {
  size_t at = 2, used = 0;
  while (at < length && (head[at] == ' ' || head[at] == '\t'))
    at++;
  while (at < length && head[at] != ' ' && head[at] != '\t' && head[at] != '\n' && head[at] != '\0')
    out[used++] = head[at++];
  out[used] = '\0';
}

// Copies the string of PT_INTERP to `out`. Anything out of bounds or odd leaves it empty: the kernel will judge the
// file.
static void
read_interpreter_at(int fd, uint64_t offset, uint64_t size, char *out) {
  out[0] = '\0';
  if (size < 2 || size > PATH_MAX || offset > INT64_MAX - PATH_MAX)
    return;
  if (pread(fd, out, (size_t)size, (off_t)offset) != (ssize_t)size || out[size - 1] != '\0')
    out[0] = '\0';
}

#define PROGRAM_HEADERS_MAX 64

static void
read_elf64_interpreter(int fd, const Elf64_Ehdr *header, char *out) {
  Elf64_Phdr headers[PROGRAM_HEADERS_MAX];
  size_t count = header->e_phnum < PROGRAM_HEADERS_MAX ? header->e_phnum : PROGRAM_HEADERS_MAX;
  if (header->e_phentsize != sizeof headers[0] || header->e_phoff > INT32_MAX)
    return;
  ssize_t got = pread(fd, headers, count * sizeof headers[0], (off_t)header->e_phoff);
  for (size_t i = 0; got > 0 && i < (size_t)got / sizeof headers[0]; i++)
    if (headers[i].p_type == PT_INTERP)
      read_interpreter_at(fd, headers[i].p_offset, headers[i].p_filesz, out);
}

static void
read_elf32_interpreter(int fd, const Elf32_Ehdr *header, char *out) {
  Elf32_Phdr headers[PROGRAM_HEADERS_MAX];
  size_t count = header->e_phnum < PROGRAM_HEADERS_MAX ? header->e_phnum : PROGRAM_HEADERS_MAX;
  if (header->e_phentsize != sizeof headers[0] || header->e_phoff > INT32_MAX)
    return;
  ssize_t got = pread(fd, headers, count * sizeof headers[0], (off_t)header->e_phoff);
  for (size_t i = 0; got > 0 && i < (size_t)got / sizeof headers[0]; i++)
    if (headers[i].p_type == PT_INTERP)
      read_interpreter_at(fd, headers[i].p_offset, headers[i].p_filesz, out);
}

static void
read_interpreter(int fd, char *out) {
  union {
    char bytes[HEAD_BYTES];
    Elf64_Ehdr elf64;
    Elf32_Ehdr elf32;
  } head;
  out[0] = '\0';
  ssize_t length = pread(fd, head.bytes, sizeof head.bytes, 0);
  if (length < (ssize_t)sizeof head.elf32)
    length = length > 2 && head.bytes[0] == '#' ? length : 0;
  if (length > 2 && head.bytes[0] == '#' && head.bytes[1] == '!')
    read_script_line(head.bytes, (size_t)length, out);
  else if (length >= (ssize_t)sizeof head.elf64 && memcmp(head.bytes, ELFMAG, SELFMAG) == 0
           && head.bytes[EI_CLASS] == ELFCLASS64)
    read_elf64_interpreter(fd, &head.elf64, out);
  else if (length >= (ssize_t)sizeof head.elf32 && memcmp(head.bytes, ELFMAG, SELFMAG) == 0
           && head.bytes[EI_CLASS] == ELFCLASS32)
    read_elf32_interpreter(fd, &head.elf32, out);
}

// Maps the file's pages and reads what it names as its interpreter. The mapping stays until the exec.
static void
file_bring_in(const char *path, char *interpreter) {
  struct stat info;
  interpreter[0] = '\0';
  // looked at before it is opened: a #! line can name a device, and opening one can do something
  if (stat(path, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size <= 0)
    return;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return;
  size_t size = info.st_size > (off_t)BRING_IN_BYTES_MAX ? BRING_IN_BYTES_MAX : (size_t)info.st_size;
  (void)mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  read_interpreter(fd, interpreter);
  close(fd);
}

void
target_bring_in(struct target *target) {
  char path[PATH_MAX], next[PATH_MAX];
  file_bring_in(target->path, target->interpreter);
  memcpy(path, target->interpreter, sizeof path);
  for (int i = 0; i < INTERPRETERS_MAX && path[0] != '\0'; i++) {
    file_bring_in(path, next);
    memcpy(path, next, sizeof path);
  }
}

bool
target_is_privileged(const struct target *target) {
  struct stat info;
  char attribute[64];
  if (stat(target->path, &info) == 0 && (info.st_mode & (S_ISUID | S_ISGID)) != 0)
    return true;
  return getxattr(target->path, "security.capability", attribute, sizeof attribute) > 0;
}

void
target_explain(const struct target *target, int sys, char *text, size_t size) {
  const char *path = target->path, *interpreter = target->interpreter;
  if (sys == ENOEXEC && interpreter[0] != '\0')
    snprintf(text, size, "%s is no executable of this machine, or its interpreter %s is none", path, interpreter);
  else if (sys == ELOOP && interpreter[0] != '\0')
    snprintf(text, size, "%s cannot be started: its interpreter %s leads through too many scripts or links", path,
             interpreter);
  else if (sys == ENOEXEC)
    snprintf(text, size,
             "%s is no executable of this machine. If it is a script, it needs a first line such as #!/bin/sh; scrun "
             "starts no shell for it",
             path);
  else if (sys == ENOENT && interpreter[0] != '\0')
    snprintf(text, size, "%s cannot be started: its interpreter %s does not exist", path, interpreter);
  else if (sys == EACCES && interpreter[0] != '\0')
    snprintf(text, size, "%s cannot be started: permission denied, for the file, its mount or its interpreter %s", path,
             interpreter);
  else
    snprintf(text, size, "%s cannot be started: %s", path, strerror(sys));
}
