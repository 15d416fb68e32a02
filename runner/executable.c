// SPDX-License-Identifier: LGPL-2.1-or-later
// executable.c - what an exec of a file will run, and which moments it leaves possible.
#include "runner/executable.h"
#include "runner/elf.h"
#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static int
file_fail(struct error *e, const char *path, const char *what) {
  return error_plain(e, ERROR_EXEC, "%s %s", shown(path).text, what);
}

static int
open_fail(struct error *e, const char *path, int sys) {
  if (sys == ENOEXEC)
    return file_fail(e, path, "is no regular file");
  return error_plain(e, ERROR_EXEC, "%s: %s", shown(path).text, strerror(sys));
}

// A file that is there, but not for reading. The kernel starts it, and says what is in the way if it cannot.
static bool
is_unreadable(int sys) {
  return sys == EACCES || sys == EPERM;
}

static int
abi_read(const struct elf *elf, enum abi *out) {
  if (elf->type != ET_EXEC && elf->type != ET_DYN)
    return -1;
  if (elf->machine == EM_X86_64)
    *out = elf->wide ? ABI_X86_64 : ABI_X32;
  else if (elf->machine == EM_386)
    *out = ABI_I386;
  else
    return -1;
  return 0;
}

// The program is as unreadable as its interpreter: what of either may not be read may not be looked into when it runs.
// Source: would_dump() in the kernel's fs/exec.c and fs/binfmt_elf.c.
static int
interpreter_check(struct executable *out, struct error *e) {
  int fd = elf_open(out->interpreter), sys = errno;
  if (fd >= 0) {
    close(fd);
    return 0;
  }
  out->readable = false;
  if (is_unreadable(sys))
    return 0;
  return error_plain(e, ERROR_EXEC, "%s cannot be started: its interpreter %s: %s", shown(out->path).text,
                     shown(out->interpreter).text, sys == ENOEXEC ? "no regular file" : strerror(sys));
}

static int
image_look(struct executable *out, int fd, const struct elf *elf, struct error *e) {
  if (elf->wrong != NULL)
    return file_fail(e, out->path, elf->wrong);
  if (abi_read(elf, &out->abi) != 0)
    return file_fail(e, out->path, "is no executable of this machine");
  out->privileged = elf_is_privileged(out->path);
  out->dynamic = elf->has_interpreter;
  if (!out->dynamic)
    return 0;
  elf_read_dynamic(fd, elf, &out->says);
  memcpy(out->interpreter, elf->interpreter, strlen(elf->interpreter) + 1);
  return interpreter_check(out, e);
}

// Looks at the file `out->path`. A script leaves the name of its interpreter there, and *more true.
static int
file_look(struct executable *out, bool *more, struct error *e) {
  struct elf elf;
  *more = false;
  int fd = elf_open(out->path), sys = errno, failed;
  out->readable = fd >= 0;
  if (fd < 0)
    return is_unreadable(sys) ? 0 : open_fail(e, out->path, sys);
  elf_read(fd, &elf);
  if (elf.kind != ELF_SCRIPT) {
    failed = image_look(out, fd, &elf, e);
  } else if (elf.wrong != NULL) {
    failed = file_fail(e, out->path, elf.wrong);
  } else {
    memcpy(out->path, elf.interpreter, strlen(elf.interpreter) + 1);
    *more = true;
    failed = 0;
  }
  close(fd);
  return failed;
}

int
executable_read(struct executable *out, const char *path, struct error *e) {
  bool more = true;
  size_t length = strlen(path);
  if (length >= sizeof out->path)
    return open_fail(e, path, ENAMETOOLONG);
  memset(out, 0, offsetof(struct executable, path)); // pages that nothing is written to cost nothing
  out->interpreter[0] = '\0';
  memcpy(out->path, path, length + 1);
  for (;;) {
    if (file_look(out, &more, e) != 0)
      return -1;
    if (!more)
      return 0;
    if (++out->scripts > SCRIPTS_MAX)
      return file_fail(e, path, "leads through too many scripts");
  }
}

enum moment
executable_moment(const struct executable *executable, enum moment moment) {
  return moment == MOMENT_ENTRY && executable->readable && !executable->dynamic ? MOMENT_EXEC : moment;
}

// What stands in the way of each later moment, the first that holds counts, and what can be done instead.
static const char *
tracing_obstacle(const struct executable *executable) {
  if (!executable->readable)
    return "or its loader may not be read by this user, and the kernel lets nobody look into it; --at=exec works";
  if (executable->privileged)
    return "is setuid, setgid or has file capabilities, which does not go together with a tracer; --at=exec works";
  if (executable->abi == ABI_X32)
    return "is an x32 program, in which scrun makes no calls; --at=exec works";
  return NULL;
}

static const char *
preload_obstacle(const struct executable *executable) {
  if (!executable->readable)
    return "or its loader may not be read by this user, so it cannot be seen whether it takes a library; --at=exec "
           "works";
  if (executable->privileged)
    return "is setuid, setgid or has file capabilities, so its loader preloads nothing; --at=exec works";
  if (!executable->dynamic)
    return "is static: there is no loader to preload anything with; --at=entry (the same as exec for it) works";
  if (executable->abi == ABI_X32)
    return "is an x32 program, and the library to preload is for x86-64; --at=exec works";
  if (executable->abi == ABI_I386)
    return "is an i386 program, and the library to preload is for x86-64; --at=entry works";
  if (executable->says.sanitized)
    return "has a sanitizer, whose library has to be the first one; --at=entry works";
  if (!executable->says.starts)
    return "does not call __libc_start_main(), so nobody knows its main(); --at=entry works";
  return NULL;
}

int
executable_allows(const struct executable *executable, enum moment moment, struct error *e) {
  const char *obstacle = NULL;
  if (moment == MOMENT_ENTRY || moment == MOMENT_READY)
    obstacle = tracing_obstacle(executable);
  else if (moment == MOMENT_MAIN)
    obstacle = preload_obstacle(executable);
  if (obstacle == NULL)
    return 0;
  return error_plain(e, ERROR_USAGE, "%s%s %s", shown(executable->path).text,
                     executable->scripts > 0 ? ", which interprets the script," : "", obstacle);
}
