// SPDX-License-Identifier: LGPL-2.1-or-later
// prepare.c - At=main: what the launcher does for the preload library before anything is in force.
//
// A loader that cannot load a preload says so and goes on. So everything that would keep it from that is looked at
// here; what changes between this look and the loader's is the watcher's (watch.h).
#include "runner/arming.h"
#include "runner/beside.h"
#include "runner/descriptor.h"
#include "runner/preload/preload.h"
#include "runner/preload/watch.h"
#include "runner/report.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define LIBRARY_VARIABLE "LD_PRELOAD"

static int
library_fail(struct error *e, const char *library, const char *why) {
  return error_plain(e, ERROR_SECCOMP, "--at=main needs %s: %s; nothing was started", shown(library).text, why);
}

// This process will wait for others, long enough to be looked for: guard_make() would hide it too late.
static int
hide(struct error *e) {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
    return 0;
  return error_plain(e, ERROR_SECCOMP,
                     "cannot hide from peers: PR_SET_DUMPABLE of prctl(2) did not take; nothing was started");
}

// Who could write the file could write the program.
static const char *
owner_problem(const struct stat *library, const struct stat *own) {
  if (!S_ISREG(library->st_mode))
    return "it is no regular file";
  if (library->st_uid != 0 && library->st_uid != own->st_uid)
    return "it belongs neither to root nor to the owner of scrun";
  if ((library->st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return "others than its owner can write it";
  return NULL;
}

static const char *
content_problem(int fd) {
  Elf64_Ehdr header = {.e_type = ET_NONE};
  struct statvfs mount = {.f_flag = ST_NOEXEC};
  if (fstatvfs(fd, &mount) != 0 || (mount.f_flag & ST_NOEXEC) != 0)
    return "its file system is mounted noexec, so it cannot be loaded";
  if (pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0
      || header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64 || header.e_type != ET_DYN)
    return "it is no library for x86-64";
  return NULL;
}

// The name as the kernel knows it, which is how it will stand among the program's mappings. Loaders take names apart at
// these bytes, and put other text in the place of a "$".
static const char *
name_problem(int fd, char path[PATH_MAX]) {
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length <= 0)
    return "/proc/self/fd does not say its name";
  path[length] = '\0';
  if (path[0] != '/' || strpbrk(path, ":;$ \t\n\v\f\r\\") != NULL)
    return "a loader cannot be given a name with a blank, \":\", \";\", \"$\" or \"\\\" in it";
  if (strcmp(strrchr(path, '/') + 1, PRELOAD_NAME) != 0)
    return "it is a link to a file of another name";
  return NULL;
}

// It is opened with the rights that the program will have.
static int
find_library(char path[PATH_MAX], struct error *e) {
  struct stat own, info = {0};
  if (beside_find(path, SCRUN_PRELOAD_PATH, "--at=main needs " PRELOAD_NAME, &own, e) != 0) {
    e->kind = ERROR_SECCOMP;
    return -1;
  }
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return library_fail(e, path, strerror(errno));
  const char *problem = fstat(fd, &info) != 0 ? "it cannot be looked at" : owner_problem(&info, &own);
  if (problem == NULL)
    problem = content_problem(fd);
  if (problem == NULL)
    problem = name_problem(fd, path);
  close(fd);
  return problem == NULL ? 0 : library_fail(e, path, problem);
}

// It crosses the exec: the only descriptor of scrun's that does. The library closes it.
static int
memory_open(int *out, struct error *e) {
  struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < sizeof(struct arming))
    return error_plain(e, ERROR_SECCOMP,
                       "--at=main: RLIMIT_FSIZE (LimitFSIZE=) leaves no memory for the filter, it takes %zu bytes; "
                       "nothing was started",
                       sizeof(struct arming));
  errno = ENOTSUP; // what is said where an answer is none of the kernel's
  *out = descriptor_memory("scrun arming");
  if (descriptor_raise(out) == 0 && fcntl(*out, F_SETFD, 0) == 0 && fcntl(*out, F_GETFD) == 0)
    return 0;
  return error_plain(e, ERROR_SECCOMP, "--at=main: no memory for the filter: %s; nothing was started", strerror(errno));
}

static bool
is_variable(const char *entry, const char *name) {
  size_t length = strlen(name);
  return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

// What is made here: texts one behind the other, and the array of all entries.
struct builder {
  char **entries;
  size_t count;
  char *at, *end;
};

static void
add_entry(struct builder *builder, const char *before, const char *text) {
  builder->entries[builder->count++] = builder->at;
  builder->at += snprintf(builder->at, (size_t)(builder->end - builder->at), "%s%s", before, text) + 1;
}

// Where the variable stands several times, loaders differ in which they take. What this adds comes last, so that there
// is no hole in the middle of the program's environment when it is gone; an even number, for the library (library.c).
static void
fill_environment(struct builder *builder, char *const *environment, const char *library, int arming) {
  char appended[PATH_MAX + 1], number[16];
  bool has = false;
  snprintf(appended, sizeof appended, ":%s", library);
  snprintf(number, sizeof number, "%d", arming);
  for (; *environment != NULL; environment++)
    if (is_variable(*environment, LIBRARY_VARIABLE)) {
      add_entry(builder, *environment, appended);
      has = true;
    } else if (!is_variable(*environment, PRELOAD_VARIABLE)) {
      builder->entries[builder->count++] = *environment;
    }
  add_entry(builder, has ? PRELOAD_VARIABLE "=" : LIBRARY_VARIABLE "=", has ? number : library);
  add_entry(builder, PRELOAD_VARIABLE "=", number);
  builder->entries[builder->count] = NULL;
}

static char **
make_environment(char *const *environment, const char *library, int arming, struct error *e) {
  size_t count = 0, bytes = strlen(library) + 64;
  for (; environment[count] != NULL; count++)
    if (is_variable(environment[count], LIBRARY_VARIABLE))
      bytes += strlen(environment[count]) + strlen(library) + 2;
  size_t array = (count + 3) * sizeof *environment;
  char **entries = malloc(array + bytes);
  if (entries == NULL) {
    (void)error_memory(e, ERROR_SECCOMP);
    return NULL;
  }
  char *texts = (char *)entries + array;
  struct builder builder = {.entries = entries, .at = texts, .end = texts + bytes};
  fill_environment(&builder, environment, library, arming);
  return entries;
}

int
preload_prepare(struct preload *preload, const struct executable *executable, char *const *environment, bool verbose,
                struct error *e) {
  struct watch *watch;
  *preload = (struct preload){.arming = -1};
  bool failed = hide(e) != 0 || watch_start(&watch, executable, e) != 0 || find_library(preload->library, e) != 0
                || memory_open(&preload->arming, e) != 0
                || (preload->environment = make_environment(environment, preload->library, preload->arming, e)) == NULL
                || watch_finish(watch, preload->library, e) != 0;
  if (failed) {
    preload_clear(preload);
    return -1;
  }
  if (verbose)
    report("scrun", "%s: preloads %s", shown(executable->path).text, shown(preload->library).text);
  return 0;
}

void
preload_clear(struct preload *preload) {
  if (preload->arming >= 0)
    close(preload->arming);
  free(preload->environment);
  *preload = (struct preload){.arming = -1};
}
