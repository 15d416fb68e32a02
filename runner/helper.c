// SPDX-License-Identifier: LGPL-2.1-or-later
// helper.c - a child process, started so that the program cannot tell that there was one.
//
// An exec gives a process SIGCHLD to end with, whatever it was cloned with: one that the caller blocked would stay
// pending in the program, and who ignores it gets no exit status. So the helper is the child of a keeper, a process
// that shares this one's memory and descriptors but not its signals, and never execs. While it is there, SIGCHLD is
// ignored: then the kernel buries the keeper without a signal, and what it and the helper have used is counted nowhere.
// Where that would touch children or signals of the caller's, the keeper ends without a signal and is waited for, and
// what it used shows.
//
// No answer of an outer filter is believed that could put another text, or none, in the policy's place: descriptors lie
// above the standard streams, the text's memory is sealed and of its size, the helper's stdin is looked at before it is
// the helper, and the result only counts when both processes have ended and all of it has arrived.
#include "runner/helper.h"
#include "runner/beside.h"
#include "runner/capabilities.h"
#include "runner/child.h"
#include "runner/descriptor.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The name, the capabilities, --kernel=, --log, --, the file and NULL.
#define ARGUMENTS_MAX (CAPABILITY_LISTS_MAX + 8)
#define STACK_BYTES 16384
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

// What the processes do with one another, in memory that they share. The keeper sets all from `step` on, `done` last.
struct helper {
  char path[PATH_MAX];
  char *arguments[ARGUMENTS_MAX];
  size_t argument_count;
  int text;         // the JSON, in sealed memory or a pipe
  struct stat file; // what fstat(2) says of it
  int pipe[2];      // for the image
  int exec_failed;  // errno of the process that should have been the helper
  const char *step; // which step of the keeper's failed, and its errno
  int sys;
  bool ended; // then `end` is the helper's wait status
  int end;
  size_t length;
  unsigned char bytes[IMAGE_BYTES_MAX + 1];
  atomic_bool done;
};

static const char *used_path;

static int
fail(struct error *e, const char *what) {
  return error_plain(e, ERROR_SECCOMP,
                     "JSON needs " HELPER_NAME ", which cannot be started: %s: %s; nothing was started",
                     shown(what).text, strerror(errno));
}

// This process now waits for others, long enough to be looked for: guard_make() would hide it too late.
static int
hide(struct error *e) {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
    return 0;
  return error_plain(e, ERROR_SECCOMP,
                     "cannot hide from peers: PR_SET_DUMPABLE of prctl(2) did not take; nothing was started");
}

// Beside this executable, whatever name it was started by.
static int
find_path(struct helper *helper, struct error *e) {
  struct stat info = {0};
  if (beside_find(helper->path, HELPER_NAME, "JSON needs " HELPER_NAME, &info, e) != 0)
    return -1;
  if (stat(helper->path, &info) != 0 || !S_ISREG(info.st_mode))
    return error_plain(e, ERROR_POLICY, "JSON needs %s, which is not there: install all of scrun; nothing was started",
                       shown(helper->path).text);
  return 0;
}

// --NAME=VALUE, or the word NAME itself.
static int
add_argument(struct helper *helper, const char *name, const char *value, struct error *e) {
  size_t size = strlen(name) + strlen(value) + 1;
  char *argument = malloc(size);
  if (argument == NULL)
    return error_memory(e, ERROR_POLICY);
  snprintf(argument, size, "%s%s", name, value);
  helper->arguments[helper->argument_count++] = argument;
  return 0;
}

// The helper has other capabilities than this process, so it is told.
static int
add_capabilities(struct helper *helper, const struct policy_request *request, struct error *e) {
  struct capabilities own;
  char mask[24];
  for (size_t i = 0; i < request->capability_count; i++)
    if (add_argument(helper, "--cap=", request->capabilities[i], e) != 0)
      return -1;
  if (request->capability_count > 0)
    return 0;
  if (!capabilities_get(&own))
    return error_plain(e, ERROR_SECCOMP, "capget(2) does not say which capabilities JSON is for: %s; give --cap=LIST",
                       strerror(errno));
  snprintf(mask, sizeof mask, "0x%llx", (unsigned long long)own.permitted);
  return add_argument(helper, "--cap=", mask, e);
}

static enum moment
moment_wanted(const struct policy_request *request) {
  return request->at == MOMENT_NONE ? MOMENT_EXEC : request->at;
}

static int
add_arguments(struct helper *helper, const struct policy_request *request, const struct source *file, struct error *e) {
  if (add_argument(helper, HELPER_NAME, "", e) != 0 || add_capabilities(helper, request, e) != 0)
    return -1;
  if (request->kernel != NULL && add_argument(helper, "--kernel=", request->kernel, e) != 0)
    return -1;
  if (request->permissive && add_argument(helper, "--log", "", e) != 0)
    return -1;
  if (moment_wanted(request) != MOMENT_EXEC && add_argument(helper, "--at=", moment_name(request->at), e) != 0)
    return -1;
  return add_argument(helper, "--", "", e) != 0 || add_argument(helper, file->name, "", e) != 0 ? -1 : 0;
}

// Neither RLIMIT_FSIZE nor its signal is about pipes. Nothing waits: what does not fit, or an end that is not closed
// although it seemed so, is an error.
static int
text_pipe(struct helper *helper, const struct source *file, struct error *e) {
  int ends[2] = {-1, -1};
  errno = ENOTSUP;
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0 || descriptor_raise(&ends[0]) != 0 || descriptor_raise(&ends[1]) != 0)
    return fail(e, "pipe2(2)");
  helper->text = ends[0];
  errno = EFBIG;
  bool whole = fcntl(ends[1], F_SETPIPE_SZ, (int)file->length) >= (int)file->length
               && write(ends[1], file->text, file->length) == (ssize_t)file->length
               && fstat(helper->text, &helper->file) == 0;
  if (!whole)
    return fail(e, "RLIMIT_FSIZE (LimitFSIZE=) leaves no memory for its input, and a pipe does not take it");
  close(ends[1]);
  return 0;
}

static int
text_open(struct helper *helper, const struct source *file, struct error *e) {
  struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < file->length)
    return text_pipe(helper, file, e);
  errno = ENOTSUP; // what is said where an answer is none of the kernel's
  helper->text = descriptor_memory("scrun policy");
  if (descriptor_raise(&helper->text) != 0)
    return fail(e, "memfd_create(2)");
  if (pwrite(helper->text, file->text, file->length, 0) != (ssize_t)file->length
      || fcntl(helper->text, F_ADD_SEALS, SEALS) != 0 || fstat(helper->text, &helper->file) != 0
      || helper->file.st_size != (off_t)file->length)
    return fail(e, "memory for its input");
  int seals = fcntl(helper->text, F_GET_SEALS);
  return seals >= 0 && (seals & SEALS) == SEALS ? 0 : fail(e, "memory for its input cannot be sealed");
}

static int
pipe_open(struct helper *helper, struct error *e) {
  errno = ENOTSUP;
  if (pipe2(helper->pipe, O_CLOEXEC) != 0 || descriptor_raise(&helper->pipe[0]) != 0
      || descriptor_raise(&helper->pipe[1]) != 0)
    return fail(e, "pipe2(2)");
  return 0;
}

static void
close_all(const struct helper *helper) {
  const int descriptors[] = {helper->text, helper->pipe[0], helper->pipe[1]};
  for (size_t i = 0; i < sizeof descriptors / sizeof descriptors[0]; i++)
    if (descriptors[i] > STDERR_FILENO)
      close(descriptors[i]);
}

// In the child, on the parent's memory: the JSON is stdin, the pipe is stdout.
static int
place_streams(const struct helper *helper) {
  struct stat now = {0};
  if (dup2(helper->text, STDIN_FILENO) != STDIN_FILENO || fstat(STDIN_FILENO, &now) != 0
      || dup2(helper->pipe[1], STDOUT_FILENO) != STDOUT_FILENO)
    return -1;
  if (now.st_dev == helper->file.st_dev && now.st_ino == helper->file.st_ino && now.st_size == helper->file.st_size)
    return 0;
  errno = ENOTSUP; // somebody answered for dup2(2)
  return -1;
}

static _Noreturn void
leave(int status) {
  (void)syscall(SYS_exit_group, status);
  __builtin_trap();
}

static _Noreturn void
helper_run(void *argument) {
  struct helper *helper = argument;
  char *const environment[] = {NULL};
  errno = 0;
  if (place_streams(helper) == 0) {
    (void)syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0); // an old kernel leaves it what the caller left scrun
    execve(helper->path, helper->arguments, environment);
  }
  helper->exec_failed = errno != 0 ? errno : ENOTSUP;
  leave(127);
}

// Closes the end for writing, so that the pipe ends with the helper, and makes sure that it is closed.
static int
close_writing(struct helper *helper) {
  int fd = helper->pipe[1];
  helper->pipe[1] = -1;
  close(fd);
  if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
    return 0;
  errno = ENOTSUP;
  return -1;
}

// Reads until the helper has closed its end, but not much more than an image.
static int
read_image(struct helper *helper) {
  while (helper->length < sizeof helper->bytes) {
    ssize_t got = read(helper->pipe[0], helper->bytes + helper->length, sizeof helper->bytes - helper->length);
    if (got < 0)
      return -1;
    if (got == 0)
      break;
    helper->length += (size_t)got;
  }
  return 0;
}

static const char clone_step[] =
    "clone(2) (JSON needs two more processes: compile it first, with scrun-analyze compile)";

static void
keeper_fail(struct helper *helper, const char *step, int sys) {
  helper->step = step;
  helper->sys = sys;
}

// Starts the helper, and is there for its end. One that fails to end its output is killed, and not waited for: init
// takes it, and nobody is held up.
static void
keeper_work(struct helper *helper) {
  static _Alignas(16) unsigned char stack[STACK_BYTES];
  long child =
      child_start(helper_run, helper, stack + sizeof stack, CLONE_VFORK); // until it is another program or gone
  if (child < 0) {
    keeper_fail(helper, clone_step, (int)-child);
    return;
  }
  errno = ENOTSUP; // what is said where an answer is none of the kernel's
  if (close_writing(helper) != 0 || read_image(helper) != 0)
    keeper_fail(helper, "its output", errno);
  if (helper->step != NULL || helper->length == sizeof helper->bytes) {
    kill((pid_t)child, SIGKILL);
    return;
  }
  errno = ENOTSUP;
  if (wait4((pid_t)child, &helper->end, __WALL, NULL) == child)
    helper->ended = true;
  else
    keeper_fail(helper, "wait4(2)", errno);
}

static _Noreturn void
keeper_run(void *argument) {
  struct helper *helper = argument;
  const struct sigaction plain = {.sa_handler = SIG_DFL}; // its own: who ignores SIGCHLD gets no exit status
  if (sigaction(SIGCHLD, &plain, NULL) == 0)
    keeper_work(helper);
  else
    keeper_fail(helper, "sigaction(2)", errno);
  atomic_store(&helper->done, true);
  leave(0);
}

// Whether this process has no child, and no SIGCHLD waits for it.
static bool
is_childless(void) {
  sigset_t pending;
  siginfo_t info;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGCHLD) == 0
         && waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) != 0 && errno == ECHILD;
}

// Sees to it that ends of children are ignored. False where the caller could notice.
static bool
ignore_children(struct sigaction *before) {
  const struct sigaction ignore = {.sa_handler = SIG_IGN};
  if (sigaction(SIGCHLD, NULL, before) != 0)
    return false;
  return before->sa_handler == SIG_IGN || (is_childless() && sigaction(SIGCHLD, &ignore, NULL) == 0);
}

// Not as vfork(2) would, which cannot be stopped: in wait4(2) both can. A buried keeper is no child any more; whatever
// is answered, only counts what it has done as its last.
static int
keeper_wait(const struct helper *helper, long keeper, struct error *e) {
  int end;
  errno = ENOTSUP;
  long got = wait4((pid_t)keeper, &end, __WALL, NULL);
  if ((got == keeper || (got < 0 && errno == ECHILD)) && atomic_load(&helper->done))
    return 0;
  return fail(e, "wait4(2)");
}

// Both processes come and go in here.
static int
run_keeper(struct helper *helper, struct error *e) {
  static _Alignas(16) unsigned char stack[STACK_BYTES];
  struct sigaction before = {.sa_handler = SIG_DFL};
  bool ignored = ignore_children(&before);
  long keeper = child_start(keeper_run, helper, stack + sizeof stack, CLONE_FILES | (ignored ? SIGCHLD : 0));
  errno = keeper < 0 ? (int)-keeper : 0;
  int failed = keeper < 0 ? fail(e, clone_step) : keeper_wait(helper, keeper, e);
  if (ignored && before.sa_handler != SIG_IGN && sigaction(SIGCHLD, &before, NULL) != 0 && failed == 0)
    return fail(e, "sigaction(2)");
  return failed;
}

static int
run(struct helper *helper, struct error *e) {
  if (run_keeper(helper, e) != 0)
    return -1;
  errno = helper->exec_failed != 0 ? helper->exec_failed : helper->sys;
  if (helper->exec_failed != 0 || helper->step != NULL)
    return fail(e, helper->exec_failed != 0 ? helper->path : helper->step);
  return 0;
}

// What is known of the helper's end. Only 0 is success; 2 and 228 it has explained.
static int
check_end(const struct helper *helper, int *status, struct error *e) {
  const struct shown path = shown(helper->path);
  int code = WIFEXITED(helper->end) ? WEXITSTATUS(helper->end) : -1;
  if (helper->length == sizeof helper->bytes)
    return error_plain(e, ERROR_SECCOMP, "%s printed more than a compiled policy; nothing was started", path.text);
  if (!helper->ended)
    return error_plain(e, ERROR_SECCOMP, "%s was not seen to end; nothing was started", path.text);
  if (WIFSIGNALED(helper->end))
    return error_plain(e, ERROR_SECCOMP, "%s was killed by signal %d; nothing was started", path.text,
                       WTERMSIG(helper->end));
  if (code == error_exit_status(ERROR_POLICY) || code == error_exit_status(ERROR_SECCOMP)) {
    *status = code;
    return -1;
  }
  if (code != 0)
    return error_plain(e, ERROR_SECCOMP, "%s ended with status %d; nothing was started", path.text, code);
  return 0;
}

static int
take_image(struct image *image, const struct helper *helper, enum moment moment, struct error *e) {
  struct error why;
  if (image_read(image, helper->bytes, helper->length, &why) != 0)
    return error_plain(e, ERROR_SECCOMP, "what %s printed is %s; nothing was started", shown(helper->path).text,
                       why.text);
  if (image->moment != moment)
    return error_plain(e, ERROR_SECCOMP, "what %s printed is for %s, not for %s; nothing was started",
                       shown(helper->path).text, moment_name(image->moment), moment_name(moment));
  return 0;
}

int
helper_compile(struct image *image, const struct policy_request *request, const struct source *file, int *status,
               struct error *e) {
  static struct helper helper;
  helper.text = helper.pipe[0] = helper.pipe[1] = -1;
  *status = 0;
  used_path = helper.path;
  int failed = hide(e) != 0 || find_path(&helper, e) != 0 || add_arguments(&helper, request, file, e) != 0
               || text_open(&helper, file, e) != 0 || pipe_open(&helper, e) != 0 || run(&helper, e) != 0
               || check_end(&helper, status, e) != 0 || take_image(image, &helper, moment_wanted(request), e) != 0;
  close_all(&helper);
  for (size_t i = 0; i < helper.argument_count; i++)
    free(helper.arguments[i]);
  return failed ? -1 : 0;
}

const char *
helper_path(void) {
  return used_path;
}
