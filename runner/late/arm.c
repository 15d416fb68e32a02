// SPDX-License-Identifier: LGPL-2.1-or-later
// arm.c - installs the later filter in a stopped tree by its own tasks' calls, and looks from outside.
#include "runner/late/arm.h"
#include "runner/late/process.h"
#include "runner/late/remote.h"
#include <errno.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLS_MS 5000
#define CHILDREN_MAX 4096
// Source: <asm/unistd_32.h>.
#define X86_SECCOMP 354
#define X86_PRCTL 172

// What the kernel reads, as the process has it: struct sock_fprog of its own width, and the instructions behind it.
struct parcel {
  union {
    struct {
      uint16_t length;
      uint64_t _Alignas(8) code;
    } wide;
    struct {
      uint16_t length;
      uint32_t _Alignas(4) code;
    } narrow;
  } head;
  struct sock_filter code[PROGRAM_MAX];
};
_Static_assert(offsetof(struct parcel, code) == 16, "no padding that nobody fills in");

struct arm {
  struct tracees *tracees;
  const struct arming *arming;
  bool attached, *changed, *installed;
  unsigned before[TRACEES_MAX]; // filters, of tracees->items
  bool no_new_privs[TRACEES_MAX];
};

static bool
is_live(const struct tracee *tracee, pid_t process) {
  return tracee->process == process && !tracee->zombie;
}

// --- looking ---

static int
look_at(const struct tracee *tracee, struct task_status *status, struct error *e) {
  if (task_status_read(tracee->process, tracee->task, status, e) != 0) {
    e->kind = ERROR_SECCOMP;
    return -1;
  }
  if (status->has_filters)
    return 0;
  return error_plain(e, ERROR_SECCOMP, "/proc/PID/status does not say how many filters there are (Linux 5.9 does)");
}

static bool
is_gone(pid_t process, pid_t thread) {
  return syscall(SYS_tgkill, (long)process, (long)thread, 0L) != 0 && errno == ESRCH;
}

static int
check_threads(const struct arm *arm, pid_t process, struct error *e) {
  static pid_t threads[TRACEES_MAX];
  size_t count;
  struct task_status status;
  if (task_list(process, threads, TRACEES_MAX, &count, e) != 0) {
    e->kind = ERROR_SECCOMP;
    return -1;
  }
  for (size_t i = 0; i < count; i++) {
    if (tracee_find(arm->tracees, threads[i]) != NULL || task_has_flag(process, threads[i], TASK_IO_WORKER))
      continue;
    if (task_status_read(process, threads[i], &status, e) != 0 ? is_gone(process, threads[i])
                                                               : status.state == 'Z' || status.state == 'X')
      continue; // it makes no calls any more
    return error_plain(e, ERROR_SECCOMP, "process %ld has a thread (%ld) that cannot be stopped", (long)process,
                       (long)threads[i]);
  }
  return 0;
}

// A child that has the same memory would run on it meanwhile, and goes on without the filter.
static int
check_children(const struct arm *arm, pid_t process, struct error *e) {
  static pid_t children[CHILDREN_MAX];
  size_t count;
  if (task_children(process, children, CHILDREN_MAX, &count, e) != 0) {
    e->kind = ERROR_SECCOMP;
    return -1;
  }
  for (size_t i = 0; i < count; i++) {
    if (tracee_find(arm->tracees, children[i]) != NULL)
      continue;
    long order = syscall(SYS_kcmp, (long)process, (long)children[i], (long)KCMP_VM, 0L, 0L);
    if (order > 0 || (order < 0 && errno == ESRCH))
      continue;
    return error_plain(e, ERROR_SECCOMP, "process %ld %s its memory with its child %ld, which would have no filter",
                       (long)process, order == 0 ? "shares" : "perhaps shares", (long)children[i]);
  }
  return 0;
}

static unsigned
count_threads(const struct arm *arm, pid_t process) {
  unsigned count = 0;
  for (size_t i = 0; i < arm->tracees->count; i++)
    count += arm->tracees->items[i].process == process;
  return count;
}

// Sets *even when all threads have as many filters.
static int
look_before(struct arm *arm, pid_t process, bool *even, struct error *e) {
  unsigned first = 0, threads = 0;
  bool any = false;
  *even = true;
  for (size_t i = 0; i < arm->tracees->count; i++) {
    struct task_status status;
    if (!is_live(&arm->tracees->items[i], process))
      continue;
    if (look_at(&arm->tracees->items[i], &status, e) != 0)
      return -1;
    arm->before[i] = status.filters;
    arm->no_new_privs[i] = status.no_new_privs;
    first = any ? first : status.filters;
    any = true;
    *even = *even && status.filters == first;
    threads = status.threads;
  }
  return threads == count_threads(arm, process) ? 0 : check_threads(arm, process, e);
}

static int
look_after(const struct arm *arm, pid_t process, struct error *e) {
  for (size_t i = 0; i < arm->tracees->count; i++) {
    const struct tracee *tracee = &arm->tracees->items[i];
    struct task_status status;
    if (!is_live(tracee, process))
      continue;
    if (look_at(tracee, &status, e) != 0)
      return -1;
    if (status.mode != SECCOMP_MODE_FILTER || status.filters != arm->before[i] + 1)
      return error_plain(e, ERROR_SECCOMP,
                         "thread %ld of process %ld has %u filters and not %u: something answers in the kernel's place",
                         (long)tracee->task, (long)process, status.filters, arm->before[i] + 1);
    if (status.no_new_privs < (arm->no_new_privs[i] || arm->attached))
      return error_plain(e, ERROR_SECCOMP, "thread %ld of process %ld does not have no_new_privs", (long)tracee->task,
                         (long)process);
  }
  return 0;
}

// --- calling ---

static uint64_t
ticket_word(const struct ticket *ticket, size_t at) {
  return (uint64_t)ticket->words[at + 1] << 32 | ticket->words[at];
}

static int
call_seccomp(struct remote *remote, const struct ticket *ticket, uint32_t operation, uint32_t flags, uint64_t address,
             int64_t *result, struct error *e) {
  const uint64_t arguments[6] = {operation, flags, address, 0, ticket_word(ticket, 0), ticket_word(ticket, 2)};
  return remote_call(remote, remote->compat ? X86_SECCOMP : SYS_seccomp, arguments, result, e);
}

static size_t
parcel_fill(struct parcel *parcel, const struct program *program, bool compat, uint64_t address) {
  memset(&parcel->head, 0, sizeof parcel->head);
  if (compat) {
    parcel->head.narrow.length = (uint16_t)program->length;
    parcel->head.narrow.code = (uint32_t)(address + offsetof(struct parcel, code));
  } else {
    parcel->head.wide.length = (uint16_t)program->length;
    parcel->head.wide.code = address + offsetof(struct parcel, code);
  }
  memcpy(parcel->code, program->code, program->length * sizeof program->code[0]);
  return offsetof(struct parcel, code) + program->length * sizeof program->code[0];
}

// A thread's number: that one has other filters. Where a filter kills, the registers are as they were before the call.
static const char *
reason_of(const struct arm *arm, int64_t result) {
  if (result < 0)
    return strerror((int)-result);
  return tracee_find(arm->tracees, (pid_t)result) != NULL ? "its threads differ in their filters"
                                                          : "a filter in it kills for that";
}

static int
fail_install(const struct arm *arm, const struct remote *remote, int64_t result, struct error *e) {
  long process = (long)remote->tracee->process;
  if (result == -EACCES)
    return error_plain(e, ERROR_SECCOMP,
                       "process %ld has neither no_new_privs nor CAP_SYS_ADMIN (any more): the kernel takes no filter",
                       process);
  return error_plain(e, ERROR_SECCOMP,
                     "process %ld: the kernel did not take the filter (%zu instructions) from seccomp(2): %s", process,
                     arm->arming->program.length, reason_of(arm, result));
}

// Makes the call with the program in borrowed memory. *result is its answer.
static int
install(struct remote *remote, const struct arming *arming, uint32_t flags, int64_t *result, struct error *e) {
  static struct parcel parcel, kept;
  const size_t length = offsetof(struct parcel, code) + arming->program.length * sizeof arming->program.code[0];
  struct error second;
  uint64_t address;
  if (remote_borrow(remote, length, &kept, &address, e) != 0)
    return -1;
  parcel_fill(&parcel, &arming->program, remote->compat, address);
  int failed = remote_write(remote, address, &parcel, length, e);
  if (failed == 0)
    failed = call_seccomp(remote, &arming->ticket, SECCOMP_SET_MODE_FILTER, flags, address, result, e);
  if (failed == 0)
    failed = remote_compare(remote, address, &parcel, length, e);
  explicit_bzero(&parcel, length);
  if (remote_give_back(remote, length, &kept, address, &second) != 0 && failed == 0) {
    *e = second;
    failed = -1;
  }
  return failed;
}

// An unfiltered kernel does not know the operation, and what the new filter answers nobody else knows.
static int
prove(struct remote *remote, const struct ticket *ticket, struct error *e) {
  int64_t result;
  if (call_seccomp(remote, ticket, UINT32_MAX, 0, 0, &result, e) != 0)
    return -1;
  if (result == -(int64_t)ticket->probe_errno)
    return 0;
  return error_plain(e, ERROR_SECCOMP,
                     "process %ld: the filter is not in force although the kernel seemed to take it: something answers "
                     "seccomp(2) in its place",
                     (long)remote->tracee->process);
}

static int
set_no_new_privs(struct arm *arm, struct remote *remote, struct error *e) {
  const uint64_t set[6] = {PR_SET_NO_NEW_PRIVS, 1}, get[6] = {PR_GET_NO_NEW_PRIVS};
  const uint64_t number = remote->compat ? X86_PRCTL : SYS_prctl;
  int64_t result = 0;
  if (remote_call(remote, number, get, &result, e) != 0)
    return -1;
  if (result == 1)
    return 0;
  if (remote_call(remote, number, set, &result, e) != 0)
    return -1;
  *arm->changed = *arm->changed || result == 0;
  if (result == 0)
    return 0;
  return error_plain(e, ERROR_SECCOMP, "process %ld: prctl(2) did not set no_new_privs: %s",
                     (long)remote->tracee->process, strerror((int)-result));
}

// *differ: the threads' filters do, and nothing was installed.
static int
work(struct arm *arm, struct remote *remote, uint32_t flags, bool *differ, struct error *e) {
  int64_t result = -1;
  if ((arm->attached && set_no_new_privs(arm, remote, e) != 0) || install(remote, arm->arming, flags, &result, e) != 0)
    return -1;
  *differ = result > 0 && (flags & SECCOMP_FILTER_FLAG_TSYNC) != 0 && !arm->attached;
  if (*differ)
    return 0;
  if (result != 0)
    return fail_install(arm, remote, result, e);
  *arm->installed = true;
  return prove(remote, &arm->arming->ticket, e);
}

static int
arm_task(struct arm *arm, struct tracee *tracee, uint32_t flags, bool *differ, struct error *e) {
  struct remote remote;
  struct error second;
  *differ = false;
  if (remote_open(&remote, arm->tracees, tracee, CALLS_MS, e) != 0)
    return -1;
  int failed = work(arm, &remote, flags, differ, e);
  if (remote_close(&remote, &second) != 0 && failed == 0) {
    *e = second;
    return -1;
  }
  return failed;
}

// One that stands in front of a call of its own has to make it over: others are preferred. NULL: all are dead.
static struct tracee *
choose(const struct arm *arm, pid_t process) {
  struct tracee *chosen = NULL;
  for (size_t i = 0; i < arm->tracees->count; i++) {
    struct tracee *tracee = &arm->tracees->items[i];
    if (is_live(tracee, process) && (chosen == NULL || chosen->state == TRACEE_CALL))
      chosen = tracee;
  }
  return chosen;
}

// Threads with different filters of their own cannot get another one at once; all stand still, so one by one will do.
static int
arm_each(struct arm *arm, pid_t process, struct error *e) {
  const uint32_t flags = arm->arming->flags & ~(uint32_t)SECCOMP_FILTER_FLAG_TSYNC;
  for (size_t i = 0; i < arm->tracees->count; i++) {
    bool differ;
    if (is_live(&arm->tracees->items[i], process) && arm_task(arm, &arm->tracees->items[i], flags, &differ, e) != 0)
      return -1;
  }
  return 0;
}

static int
arm_process(struct arm *arm, pid_t process, struct error *e) {
  struct tracee *tracee = choose(arm, process);
  bool even, differ = false;
  if (tracee == NULL)
    return 0;
  if ((arm->attached && check_children(arm, process, e) != 0) || look_before(arm, process, &even, e) != 0)
    return -1;
  if (!even && arm->attached)
    return error_plain(e, ERROR_SECCOMP, "the threads of process %ld differ in their filters", (long)process);
  if (even && arm_task(arm, tracee, arm->arming->flags, &differ, e) != 0)
    return -1;
  if ((!even || differ) && arm_each(arm, process, e) != 0)
    return -1;
  return look_after(arm, process, e);
}

static bool
is_first_of_process(const struct tracees *tracees, size_t at) {
  for (size_t i = 0; i < at; i++)
    if (tracees->items[i].process == tracees->items[at].process)
      return false;
  return true;
}

int
arm_all(struct tracees *tracees, const struct arming *arming, bool attached, bool *changed, bool *installed,
        struct error *e) {
  static struct arm arm;
  *changed = *installed = false;
  arm.tracees = tracees;
  arm.arming = arming;
  arm.attached = attached;
  arm.changed = changed;
  arm.installed = installed;
  for (size_t i = 0; i < tracees->count; i++)
    if (is_first_of_process(tracees, i) && arm_process(&arm, tracees->items[i].process, e) != 0)
      return -1;
  return 0;
}
