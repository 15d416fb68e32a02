// SPDX-License-Identifier: LGPL-2.1-or-later
// prepare.c - At=main: what the launcher does for the preload library before anything is in force.
//
// A loader that cannot load a preload says so and goes on. So everything that would keep it from that is looked at
// here, and the loader is given the file that was looked at, by its descriptor. What changes all the same is the
// watcher's (watch.h).
#include "runner/arming.h"
#include "runner/beside.h"
#include "runner/descriptor.h"
#include "runner/image.h"
#include "runner/preload/preload.h"
#include "runner/preload/watch.h"
#include "runner/report.h"
#include "runner/simulate.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

// It crosses the exec.
static int
descriptor_hand_over(int *fd) {
  return descriptor_raise(fd) == 0 && fcntl(*fd, F_SETFD, 0) == 0 && fcntl(*fd, F_GETFD) == 0 ? 0 : -1;
}

// It is opened with the rights that the program will have.
static int
library_open(int *out, char path[PATH_MAX], struct error *e) {
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
  *out = fd;
  if (problem != NULL)
    return library_fail(e, path, problem);
  errno = ENOTSUP; // what is said where an answer is none of the kernel's
  return descriptor_hand_over(out) == 0 ? 0 : library_fail(e, path, strerror(errno));
}

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
  if (descriptor_hand_over(out) == 0)
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

// Room for each of the two texts, three numbers at most.
#define TEXT_BYTES 64

// Where the variable stands several times, loaders differ in which they take. What this adds comes last, so that there
// is no hole in the middle of the program's environment when it is gone; an even number, for the library (library.c).
static void
fill_environment(struct builder *builder, char *const *environment, const struct preload *preload) {
  char appended[TEXT_BYTES], numbers[TEXT_BYTES];
  bool has = false;
  snprintf(appended, sizeof appended, ":" PRELOAD_FOLDER "%d", preload->library);
  snprintf(numbers, sizeof numbers, "%d:%d:%d", preload->arming, preload->library,
           preload->childless ? PRELOAD_CHILDLESS : 0);
  for (; *environment != NULL; environment++)
    if (is_variable(*environment, LIBRARY_VARIABLE)) {
      add_entry(builder, *environment, appended);
      has = true;
    } else if (!is_variable(*environment, PRELOAD_VARIABLE)) {
      builder->entries[builder->count++] = *environment;
    }
  add_entry(builder, has ? PRELOAD_VARIABLE "=" : LIBRARY_VARIABLE "=", has ? numbers : appended + 1);
  add_entry(builder, PRELOAD_VARIABLE "=", numbers);
  builder->entries[builder->count] = NULL;
}

static char **
make_environment(char *const *environment, const struct preload *preload, struct error *e) {
  size_t count = 0, bytes = 4 * TEXT_BYTES;
  for (; environment[count] != NULL; count++)
    if (is_variable(environment[count], LIBRARY_VARIABLE))
      bytes += strlen(environment[count]) + TEXT_BYTES;
  size_t array = (count + 3) * sizeof *environment;
  char **entries = malloc(array + bytes);
  if (entries == NULL) {
    (void)error_memory(e, ERROR_SECCOMP);
    return NULL;
  }
  char *texts = (char *)entries + array;
  struct builder builder = {.entries = entries, .at = texts, .end = texts + bytes};
  fill_environment(&builder, environment, preload);
  return entries;
}

// Whether the start-up filter lets a call through that the library makes.
static bool
is_let_through(const struct program *startup, int number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3) {
  const struct seccomp_data data = {.nr = number, .arch = ARCH_WORD_X86_64, .args = {a0, a1, a2, a3}};
  uint32_t value;
  return program_simulate(startup, &data, &value, NULL) == 0
         && (value == SECCOMP_RET_ALLOW || value == SECCOMP_RET_LOG);
}

// As the library will ask: ended children are nobody's matter.
static bool
has_children(void) {
  return syscall(SYS_waitid, P_ALL, 0, NULL, PRELOAD_WAIT_OPTIONS, NULL) == 0 || errno != ECHILD;
}

// Children that whoever started scrun has made, and a watcher that stays one, cannot be told from the constructors'.
static bool
adopt_orphans(const struct image *image) {
  int adopts = 0;
  return is_let_through(&image->startup, SYS_waitid, P_ALL, 0, 0, PRELOAD_WAIT_OPTIONS)
         && is_let_through(&image->startup, SYS_prctl, PR_SET_CHILD_SUBREAPER, 0, 0, 0) && !has_children()
         && prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0) == 0 && adopts == 0
         && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 && prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0) == 0
         && adopts == 1;
}

int
preload_prepare(struct preload *preload, const struct executable *executable, const struct image *image,
                char *const *environment, bool verbose, struct error *e) {
  struct watch *watch;
  char path[PATH_MAX];
  *preload = (struct preload){.library = -1, .arming = -1};
  bool failed = hide(e) != 0 || library_open(&preload->library, path, e) != 0
                || watch_start(&watch, executable, preload->library, e) != 0 || memory_open(&preload->arming, e) != 0
                || watch_finish(watch, e) != 0;
  preload->childless = !failed && adopt_orphans(image);
  failed = failed || (preload->environment = make_environment(environment, preload, e)) == NULL;
  if (failed)
    preload_clear(preload);
  else if (verbose)
    report("scrun", "%s: preloads %s", shown(executable->path).text, shown(path).text);
  return failed ? -1 : 0;
}

void
preload_clear(struct preload *preload) {
  if (preload->library >= 0)
    close(preload->library);
  if (preload->arming >= 0)
    close(preload->arming);
  free(preload->environment);
  *preload = (struct preload){.library = -1, .arming = -1};
}
