// SPDX-License-Identifier: LGPL-2.1-or-later
// attach.c - the filter on every thread of a process that runs already, or nothing.
//
// All is looked at while the process stands still, and before a call is made in it: what its own filters would answer
// to the calls that are to be made is found out by running them here, on just those registers.
#include "runner/late/attach.h"
#include "compat/action.h"
#include "runner/capabilities.h"
#include "runner/late/arm.h"
#include "runner/late/auxv.h"
#include "runner/late/filters.h"
#include "runner/late/process.h"
#include "runner/late/yama.h"
#include "runner/report.h"
#include "runner/simulate.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define TOOL "scrun"

struct attachment {
  pid_t pid;
  struct tracees *tracees;
  struct task_status status; // before: of the process, then of its thread `first`
  pid_t first;               // the first thread that lives; the process's own may have ended
  bool is_i386;
  size_t thread_count, living;
  pid_t threads[TRACEES_MAX];
  struct arming arming;
};

// --- before it is stopped ---

static int
check_image(const struct image *image, struct error *e) {
  if (!image->no_new_privs)
    return error_plain(e, ERROR_USAGE,
                       "NoNewPrivileges=no cannot be had with --attach: no_new_privs is what allows the "
                       "filter; leave the line out");
  if (image->isolate_peers == ISOLATE_PEERS_YES)
    return error_plain(e, ERROR_USAGE,
                       "IsolatePeers=yes cannot be had with --attach: a process enters a domain by "
                       "itself only; leave the line out");
  return 0;
}

static int
check_proc(struct error *e) {
  if (task_proc_is_own())
    return 0;
  return error_plain(e, ERROR_SECCOMP, "/proc is not there, or not that of this pid namespace: --attach needs it");
}

static int
refuse(const struct attachment *attachment, struct error *e, const char *why) {
  return error_plain(e, ERROR_SECCOMP, "process %ld (%s) %s", (long)attachment->pid,
                     shown(attachment->status.name).text, why);
}

static int
check_process(struct attachment *attachment, struct error *e) {
  const struct task_status *status = &attachment->status;
  pid_t pid = attachment->pid;
  if (check_proc(e) != 0 || task_status_read(pid, pid, &attachment->status, e) != 0)
    return -1;
  if (status->tgid == getpid())
    return error_plain(e, ERROR_USAGE, "--attach=%ld is scrun itself", (long)pid);
  if (status->tgid != pid)
    return error_plain(e, ERROR_USAGE, "--attach=%ld is a thread of process %ld; all threads get the filter together",
                       (long)pid, (long)status->tgid);
  if (task_has_flag(pid, pid, TASK_KERNEL))
    return refuse(attachment, e, "is a thread of the kernel, which makes no system calls");
  if (status->tracer != 0)
    return error_plain(e, ERROR_SECCOMP,
                       "process %ld (%s) is traced by process %ld (a debugger, strace?), and there "
                       "can be one tracer only",
                       (long)pid, shown(status->name).text, (long)status->tracer);
  if (task_list(pid, attachment->threads, TRACEES_MAX, &attachment->thread_count, e) != 0)
    return -1;
  if (attachment->thread_count == 1 && (status->state == 'Z' || status->state == 'X'))
    return refuse(attachment, e, "has ended, and waits for its parent to notice");
  return 0;
}

// --- why it cannot be traced ---

static bool
has_effective(unsigned capability) {
  struct capabilities own;
  return capabilities_get(&own) && (own.effective >> capability & 1) != 0;
}

// Opening its memory takes the same rights as tracing it, and does nothing to it.
static bool
is_closed(pid_t pid) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%ld/mem", (long)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC), sys = errno;
  if (fd >= 0)
    close(fd);
  return fd < 0 && (sys == EACCES || sys == EPERM);
}

// The kernel only says EPERM. What went wrong otherwise keeps its message.
static void
explain_untraceable(const struct attachment *attachment, struct error *e) {
  enum yama yama;
  struct error reason;
  bool capable = has_effective(CAP_SYS_PTRACE);
  const char *why = "it hides from peers (a program that may not be read, was setuid, or asked for it with "
                    "PR_SET_DUMPABLE), or has more capabilities, or is outside the Landlock domain that scrun is in";
  if (!is_closed(attachment->pid))
    return;
  if (yama_read(YAMA_FILE, &yama, &reason) != 0 || yama_allows(yama, false, capable, &reason) != 0)
    why = reason.text;
  else if (!capable && attachment->status.uid != geteuid())
    why = "it is another user's, and there is no CAP_SYS_PTRACE. Run scrun as root";
  (void)error_plain(e, ERROR_SECCOMP, "process %ld (%s) cannot be traced: %s", (long)attachment->pid,
                    shown(attachment->status.name).text, why);
}

// --- what its filters would answer ---

// A call that is to be made there, with all that is known of it before.
struct remote_call {
  const char *name;
  uint32_t number_x86_64, number_i386;
  uint64_t args[6];
  bool has_address; // in the third argument: where the program will be
};

// Those of arm.c.
enum { CALL_GET_NO_NEW_PRIVS, CALL_SET_NO_NEW_PRIVS, CALL_INSTALL, CALL_PROBE, CALLS };

static void
calls_make(const struct arming *arming, struct remote_call calls[CALLS]) {
  uint64_t low = (uint64_t)arming->ticket.words[1] << 32 | arming->ticket.words[0];
  uint64_t high = (uint64_t)arming->ticket.words[3] << 32 | arming->ticket.words[2];
  calls[CALL_GET_NO_NEW_PRIVS] =
      (struct remote_call){"prctl(PR_GET_NO_NEW_PRIVS)", 157, 172, {PR_GET_NO_NEW_PRIVS}, false};
  calls[CALL_SET_NO_NEW_PRIVS] =
      (struct remote_call){"prctl(PR_SET_NO_NEW_PRIVS)", 157, 172, {PR_SET_NO_NEW_PRIVS, 1}, false};
  calls[CALL_INSTALL] = (struct remote_call){
      "seccomp(2) with a new filter", 317, 354, {SECCOMP_SET_MODE_FILTER, arming->flags, 0, 0, low, high}, true};
  calls[CALL_PROBE] = (struct remote_call){"seccomp(2) as a probe", 317, 354, {UINT32_MAX, 0, 0, 0, low, high}, false};
}

// Where the call will be made from is not known either.
static bool
is_unknown(const struct remote_call *call, uint32_t offset) {
  const uint32_t place = offsetof(struct seccomp_data, instruction_pointer),
                 address = offsetof(struct seccomp_data, args[2]);
  return offset - place < sizeof(uint64_t) || (call->has_address && offset - address < sizeof(uint64_t));
}

// What the filter returns; killing where it looks at what is not known yet.
static uint32_t
answer_of(const struct program *program, const struct remote_call *call, bool is_i386) {
  static struct program careful;
  struct seccomp_data data = {.nr = (int)(is_i386 ? call->number_i386 : call->number_x86_64),
                              .arch = is_i386 ? ARCH_WORD_I386 : ARCH_WORD_X86_64};
  careful.length = program->length;
  for (size_t i = 0; i < program->length; i++) {
    const struct sock_filter *f = &program->code[i];
    bool blind = f->code == (BPF_LD | BPF_W | BPF_ABS) && is_unknown(call, f->k);
    careful.code[i] = blind ? (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS} : *f;
  }
  memcpy(data.args, call->args, sizeof data.args);
  return program_run(&careful, &data, NULL);
}

static int
check_answer(const struct attachment *attachment, const struct remote_call *call, uint32_t value, struct error *e) {
  struct action action;
  char text[64];
  bool known = action_from_return(value, &action);
  if (known && (action.kind == ACTION_ALLOW || action.kind == ACTION_LOG))
    return 0;
  return error_plain(e, ERROR_SECCOMP,
                     "process %ld (%s) has a filter that does not let %s through (%s): none can be added to it",
                     (long)attachment->pid, shown(attachment->status.name).text, call->name,
                     known ? action_describe(action, text, sizeof text) : "kill");
}

static int
fail_unknown(const struct attachment *attachment, const char *why, struct error *e) {
  char reason[ERROR_TEXT_BYTES];
  snprintf(reason, sizeof reason, "%s", why);
  return error_plain(e, ERROR_SECCOMP,
                     "process %ld (%s) has filters already, and whether they let another one be added cannot be known: "
                     "%s",
                     (long)attachment->pid, shown(attachment->status.name).text, reason);
}

static int
check_filter(const struct attachment *attachment, const struct program *program, bool no_new_privs, struct error *e) {
  struct remote_call calls[CALLS];
  if (program_acceptable(program) != 0)
    return fail_unknown(attachment, "what the kernel gives back is no filter", e);
  calls_make(&attachment->arming, calls);
  for (size_t i = 0; i < CALLS; i++)
    if ((i != CALL_SET_NO_NEW_PRIVS || !no_new_privs)
        && check_answer(attachment, &calls[i], answer_of(program, &calls[i], attachment->is_i386), e) != 0)
      return -1;
  return 0;
}

// All `count` of a thread.
static int
check_filters(const struct attachment *attachment, pid_t thread, unsigned count, bool no_new_privs, struct error *e) {
  static struct program program;
  for (unsigned i = 0; i < count; i++) {
    int got = filters_read(thread, i, &program, e);
    if (got <= 0)
      return fail_unknown(attachment, got < 0 ? e->text : "the kernel gives back fewer than it counts", e);
    if (check_filter(attachment, &program, no_new_privs, e) != 0)
      return -1;
  }
  return 0;
}

// --- once it is stopped ---

// TSYNC gives the filters of one thread to all others, or fails: the new one is to be all that changes.
static int
refuse_different(const struct attachment *attachment, pid_t thread, unsigned filters, struct error *e) {
  return error_plain(e, ERROR_SECCOMP,
                     "process %ld (%s) has threads with different filters (thread %ld has %u, thread %ld has %u): none "
                     "can be added to all of them",
                     (long)attachment->pid, shown(attachment->status.name).text, (long)attachment->first,
                     attachment->status.filters, (long)thread, filters);
}

static int
check_thread(const struct attachment *attachment, pid_t thread, const struct task_status *status, struct error *e) {
  if (!status->has_filters)
    return refuse(attachment, e, "has filters that cannot be counted: that takes Linux 5.9");
  if (status->mode == SECCOMP_MODE_STRICT)
    return refuse(attachment, e, "is in seccomp's strict mode, and would not survive");
  if (status->filters != attachment->status.filters)
    return refuse_different(attachment, thread, status->filters, e);
  return check_filters(attachment, thread, status->filters, status->no_new_privs, e);
}

static int
take_first(struct attachment *attachment, pid_t thread, const struct task_status *status, const struct image *image,
           struct error *e) {
  struct auxv target;
  attachment->first = thread;
  attachment->status = *status;
  if (auxv_read(thread, &target, e) != 0)
    return -1;
  attachment->is_i386 = target.compat;
  if (attachment->is_i386 && (image->abis & ABI_BIT(ABI_I386)) == 0)
    return refuse(attachment, e, "is of x86, whose calls the policy refuses (SystemCallArchitectures=)");
  return 0;
}

static int
list_stopped(struct attachment *attachment, struct error *e) {
  return task_list(attachment->pid, attachment->threads, TRACEES_MAX, &attachment->thread_count, e);
}

// A thread that was about to end when the others were stopped makes no calls any more, and may be gone.
static int
read_living(pid_t pid, pid_t thread, struct task_status *status, bool *living, struct error *e) {
  char path[64];
  int failed = task_status_read(pid, thread, status, e);
  *living = failed == 0 && status->state != 'Z' && status->state != 'X';
  if (failed == 0)
    return 0;
  snprintf(path, sizeof path, "/proc/%ld/task/%ld", (long)pid, (long)thread);
  return access(path, F_OK) != 0 && errno == ENOENT ? 0 : -1;
}

static int
check_stopped(struct attachment *attachment, const struct image *image, struct error *e) {
  struct task_status status;
  attachment->first = 0;
  attachment->living = 0;
  for (size_t i = 0; i < attachment->thread_count; i++) {
    pid_t thread = attachment->threads[i];
    bool living;
    if (read_living(attachment->pid, thread, &status, &living, e) != 0)
      return -1;
    if (!living)
      continue;
    attachment->living++;
    if (attachment->first == 0 && take_first(attachment, thread, &status, image, e) != 0)
      return -1;
    if (check_thread(attachment, thread, &status, e) != 0)
      return -1;
  }
  return attachment->first != 0 ? 0 : refuse(attachment, e, "has ended");
}

static int
prepare_arming(struct arming *arming, struct image *image, struct error *e) {
  arming->magic = ARMING_MAGIC;
  arming->flags = SECCOMP_FILTER_FLAG_TSYNC | ((image->flags & POLICY_FLAG_LOG) != 0 ? SECCOMP_FILTER_FLAG_LOG : 0u)
                  | ((image->flags & POLICY_FLAG_SPEC_ALLOW) != 0 ? SECCOMP_FILTER_FLAG_SPEC_ALLOW : 0u);
  if (ticket_draw(&arming->ticket, e) != 0 || ticket_fill(&image->program, NULL, &arming->ticket, e) != 0)
    return -1;
  arming->program.length = image->program.length;
  memcpy(arming->program.code, image->program.code, image->program.length * sizeof image->program.code[0]);
  return 0;
}

static void
say_more(struct error *e, const char *more) {
  size_t length = strlen(e->text);
  snprintf(e->text + length, sizeof e->text - length, "%s", more);
}

static int
install(struct attachment *attachment, struct error *e) {
  bool changed = false, installed = false;
  if (arm_all(attachment->tracees, &attachment->arming, true, &changed, &installed, e) == 0)
    return 0;
  if (installed)
    say_more(e, "; the filter may be in force in it, in whole or in part (see scrun-analyze status)");
  else if (changed)
    say_more(e, "; its filters are as they were, but no_new_privs is set now, and stays");
  else
    say_more(e, "; it is as it was");
  return -1;
}

static void
say_in_force(struct attachment *attachment, const struct image *image) {
  size_t children;
  struct error e;
  char beside[64] = "";
  // the threads are not needed any more
  if (task_children(attachment->pid, attachment->threads, TRACEES_MAX, &children, &e) == 0 && children > 0)
    snprintf(beside, sizeof beside, ", not on the children that it has (%zu)", children);
  report(TOOL, "process %ld (%s): filter of %zu instructions, %s, on all its threads (%zu)%s, no_new_privs on%s",
         (long)attachment->pid, shown(attachment->status.name).text, image->program.length,
         image->permissive ? "logging only" : "enforced", attachment->living, beside,
         attachment->status.no_new_privs ? "" : " (it was off)");
}

// From here to the release the process stands still.
static int
attach_stopped(struct attachment *attachment, struct image *image, bool verbose, struct error *e) {
  attachment->tracees = tracees_new();
  if (attachment->tracees == NULL)
    return error_memory(e, ERROR_SECCOMP);
  int failed = tracees_attach(attachment->tracees, attachment->pid, false, e);
  if (failed != 0) {
    explain_untraceable(attachment, e);
  } else {
    failed = list_stopped(attachment, e);
    if (failed == 0)
      failed = check_stopped(attachment, image, e);
    if (failed == 0)
      failed = install(attachment, e);
    tracees_release(attachment->tracees);
    if (failed == 0 && verbose) // who reads it may be the process itself
      say_in_force(attachment, image);
  }
  tracees_free(attachment->tracees);
  return failed;
}

int
attach(pid_t pid, struct image *image, bool verbose, struct error *e) {
  static struct attachment attachment;
  sigset_t all, before;
  attachment.pid = pid;
  if (check_image(image, e) != 0 || check_process(&attachment, e) != 0
      || prepare_arming(&attachment.arming, image, e) != 0)
    return -1;
  // ended in the middle, scrun would leave the process in the middle of a call that is not its own
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  int failed = attach_stopped(&attachment, image, verbose, e);
  explicit_bzero(&attachment.arming, sizeof attachment.arming);
  sigprocmask(SIG_SETMASK, &before, NULL);
  return failed;
}
