// SPDX-License-Identifier: LGPL-2.1-or-later
// remote.c - makes system calls in the place of a stopped task.
//
// The calls are made with an instruction that the kernel has mapped into every process (the vdso), so that no byte of
// code is written. Meanwhile all signals are blocked: none may see these registers. A task that was cut short in a call
// of its own is brought back to where the kernel makes that call over; one that stood in front of a call of its own
// stands before its instruction afterwards.
#include "runner/late/remote.h"
#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <sys/user.h>
#include <unistd.h>

#define CALL_STOP (SIGTRAP | 0x80)
// Source: __USER_CS and __USER32_CS in the kernel's arch/x86/include/asm/segment.h; both instructions have two bytes.
#define SEGMENT_64 0x33
#define SEGMENT_32 0x23
#define INSTRUCTION_BYTES 2
#define VDSO_BYTES_MIN 4096
#define VDSO_BYTES_MAX 16384
#define RED_ZONE_BYTES 128
// Source: PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG and its GET in <linux/ptrace.h>, Linux 6.4.
#define SET_DISPATCH 0x4210
#define GET_DISPATCH 0x4211
// Source: ERESTARTSYS to ERESTART_RESTARTBLOCK in the kernel's include/linux/errno.h.
#define RESTART_FIRST 512
#define RESTART_LAST 516

// --- memory ---

static int
fail_memory(const struct remote *remote, const char *what, struct error *e) {
  return error_plain(e, ERROR_SECCOMP, "the memory of process %ld cannot be %s: %s", (long)remote->tracee->process,
                     what, strerror(errno));
}

int
remote_write(struct remote *remote, uint64_t address, const void *bytes, size_t length, struct error *e) {
  errno = EFAULT;
  if (pwrite(remote->memory, bytes, length, (off_t)address) == (ssize_t)length)
    return 0;
  return fail_memory(remote, "written", e);
}

int
remote_compare(struct remote *remote, uint64_t address, const void *bytes, size_t length, struct error *e) {
  unsigned char part[4096];
  for (size_t at = 0; at < length; at += sizeof part) {
    size_t size = length - at < sizeof part ? length - at : sizeof part;
    errno = EFAULT;
    if (pread(remote->memory, part, size, (off_t)(address + at)) != (ssize_t)size)
      return fail_memory(remote, "read", e);
    if (memcmp(part, (const unsigned char *)bytes + at, size) != 0)
      return error_plain(e, ERROR_SECCOMP, "process %ld: something has changed the filter while it was being installed",
                         (long)remote->tracee->process);
  }
  return 0;
}

int
remote_give_back(struct remote *remote, size_t length, const void *kept, uint64_t address, struct error *e) {
  return remote_write(remote, address, kept, length, e);
}

struct mapping {
  uint64_t start, end;
  bool is_stack;
};

// "START-END rwxp OFFSET DEVICE INODE NAME" of /proc/PID/maps. True for private, writable memory of no file.
static bool
read_mapping(const char *line, struct mapping *out) {
  char *at;
  out->start = strtoull(line, &at, 16);
  if (*at != '-')
    return false;
  out->end = strtoull(at + 1, &at, 16);
  if (strncmp(at, " rw", 3) != 0 || at[4] != 'p')
    return false;
  at += sizeof " rwxp" - 1;
  for (int column = 0; column < 2; column++) {
    at += strspn(at, " ");
    at += strcspn(at, " ");
  }
  bool anonymous = strtoull(at, &at, 10) == 0;
  out->is_stack = strncmp(at + strspn(at, " "), "[stack]", 7) == 0;
  return anonymous && (*at == ' ' || *at == '\0');
}

// The stack if it is large enough, otherwise any that is.
static bool
find_mapping(int maps, size_t length, struct mapping *out) {
  static char text[8192];
  bool found = false;
  size_t kept = 0;
  ssize_t got;
  if (lseek(maps, 0, SEEK_SET) != 0)
    return false;
  while ((got = read(maps, text + kept, sizeof text - 1 - kept)) > 0) {
    size_t size = kept + (size_t)got;
    char *line = text, *end;
    text[size] = '\0';
    for (; (end = memchr(line, '\n', size - (size_t)(line - text))) != NULL; line = end + 1) {
      struct mapping mapping;
      *end = '\0';
      if (!read_mapping(line, &mapping) || mapping.end - mapping.start < length || (found && !mapping.is_stack))
        continue;
      *out = mapping;
      found = true;
      if (mapping.is_stack)
        return true;
    }
    kept = size - (size_t)(line - text);
    if (kept == sizeof text - 1)
      kept = 0; // a line longer than any name of a file
    memmove(text, line, kept);
  }
  return found;
}

// From the lower end of a mapping: a stack is not in use there.
int
remote_borrow(struct remote *remote, size_t length, void *kept, uint64_t *address, struct error *e) {
  struct mapping mapping;
  if (!find_mapping(remote->maps, length + RED_ZONE_BYTES, &mapping))
    return error_plain(e, ERROR_SECCOMP, "process %ld has no memory that a filter could be put into for the moment",
                       (long)remote->tracee->process);
  *address = mapping.start;
  errno = EFAULT;
  if (pread(remote->memory, kept, length, (off_t)mapping.start) == (ssize_t)length)
    return 0;
  return fail_memory(remote, "read", e);
}

// --- calls ---

// `syscall` or `int $0x80`, at any place in the kernel's code.
static const unsigned char *
search(const struct remote *remote, const unsigned char *code, size_t length) {
  return memmem(code, length, remote->compat ? "\xcd\x80" : "\x0f\x05", INSTRUCTION_BYTES);
}

// This process has the same code, as a rule: then two bytes show it.
static bool
find_own_instruction(struct remote *remote) {
  const unsigned char *own = (const unsigned char *)getauxval(AT_SYSINFO_EHDR);
  unsigned char there[INSTRUCTION_BYTES];
  const unsigned char *at = remote->compat || own == NULL ? NULL : search(remote, own, VDSO_BYTES_MIN);
  if (at == NULL)
    return false;
  remote->instruction = remote->vdso + (uint64_t)(at - own);
  return pread(remote->memory, there, sizeof there, (off_t)remote->instruction) == (ssize_t)sizeof there
         && memcmp(there, at, sizeof there) == 0;
}

static int
find_instruction(struct remote *remote, struct error *e) {
  static unsigned char code[VDSO_BYTES_MAX];
  if (remote->vdso != 0 && find_own_instruction(remote))
    return 0;
  ssize_t length = remote->vdso == 0 ? 0 : pread(remote->memory, code, sizeof code, (off_t)remote->vdso);
  const unsigned char *at = length > 0 ? search(remote, code, (size_t)length) : NULL;
  if (at == NULL)
    return error_plain(e, ERROR_SECCOMP, "process %ld has no vdso to make calls with (vdso=0?)",
                       (long)remote->tracee->process);
  remote->instruction = remote->vdso + (uint64_t)(at - code);
  return 0;
}

static void
use_memory(struct remote *remote, const struct tracee *tracee) {
  remote->memory = tracee->memory;
  remote->maps = tracee->maps;
  remote->vdso = tracee->auxv.vdso;
  remote->compat = tracee->auxv.compat;
}

static int
find_memory(struct remote *remote, struct tracees *tracees, struct error *e) {
  for (size_t i = 0; i < tracees->count; i++) {
    const struct tracee *other = &tracees->items[i];
    if (other->process != remote->tracee->process || other->memory < 0)
      continue;
    return use_memory(remote, other), 0;
  }
  errno = 0;
  tracee_open_memory(remote->tracee);
  if (remote->tracee->memory >= 0)
    return use_memory(remote, remote->tracee), 0;
  return fail_memory(remote, "opened", e);
}

static int
fail_gone(const struct remote *remote, struct error *e) {
  return error_plain(e, ERROR_SECCOMP, "process %ld was killed while the filter was being put on it",
                     (long)remote->tracee->process);
}

static int
fail_request(const struct remote *remote, const char *what, struct error *e) {
  if (errno == ESRCH)
    return fail_gone(remote, e);
  return error_plain(e, ERROR_SECCOMP, "ptrace(2) does not %s process %ld: %s", what, (long)remote->tracee->task,
                     strerror(errno));
}

static int
set_registers(struct remote *remote, const struct user_regs_struct *registers, struct error *e) {
  if (tracee_request(PTRACE_SETREGS, remote->tracee->task, 0, (uint64_t)registers) == 0)
    return 0;
  return fail_request(remote, "set the registers of", e);
}

static int
set_mask(struct remote *remote, uint64_t mask, struct error *e) {
  if (tracee_request(PTRACE_SETSIGMASK, remote->tracee->task, sizeof mask, (uint64_t)&mask) == 0)
    return 0;
  return fail_request(remote, "block signals of", e);
}

// Lets the task on, and waits for its next stop. A SIGSTOP cannot be blocked: its process is then stopped, which does
// not hinder this one.
static int
step(struct remote *remote, int how, int wanted_signal, int wanted_event, struct error *e) {
  struct tracee *tracee = remote->tracee;
  int signal = 0;
  for (;;) {
    int status = 0;
    if (tracee_request(how, tracee->task, 0, (uint64_t)signal) != 0)
      return fail_request(remote, "let on", e);
    pid_t got = tracee_wait(tracee->task, remote->deadline_ms, &status);
    if (got == 0)
      return error_plain(e, ERROR_SECCOMP, "process %ld did not make the call that installs the filter in time",
                         (long)tracee->process);
    if (got < 0 || !WIFSTOPPED(status))
      return fail_gone(remote, e);
    int event = TRACEE_EVENT(status);
    if (event == wanted_event && (event != 0 || WSTOPSIG(status) == wanted_signal))
      return 0;
    if (event == 0 && WSTOPSIG(status) != SIGSTOP)
      return error_plain(e, ERROR_SECCOMP, "process %ld got signal %d in the call that installs the filter",
                         (long)tracee->process, WSTOPSIG(status));
    signal = event == 0 ? SIGSTOP : 0;
  }
}

static void
place_call(struct user_regs_struct *registers, bool compat, uint64_t number, const uint64_t arguments[6]) {
  registers->orig_rax = number;
  if (compat) {
    registers->rbx = arguments[0];
    registers->rcx = arguments[1];
    registers->rdx = arguments[2];
    registers->rsi = arguments[3];
    registers->rdi = arguments[4];
    registers->rbp = arguments[5];
    return;
  }
  registers->rdi = arguments[0];
  registers->rsi = arguments[1];
  registers->rdx = arguments[2];
  registers->r10 = arguments[3];
  registers->r8 = arguments[4];
  registers->r9 = arguments[5];
}

// Brings the task to the entry of a call. Without a call of its own there is none to make over.
static int
enter(struct remote *remote, uint64_t number, struct error *e) {
  struct user_regs_struct registers = remote->before;
  registers.rip = remote->instruction;
  registers.rax = number;
  registers.orig_rax = UINT64_MAX;
  registers.cs = remote->compat ? SEGMENT_32 : SEGMENT_64;
  remote->moved = true;
  return set_registers(remote, &registers, e) != 0 ? -1 : step(remote, PTRACE_SYSCALL, CALL_STOP, 0, e);
}

int
remote_call(struct remote *remote, uint64_t number, const uint64_t arguments[6], int64_t *result, struct error *e) {
  struct user_regs_struct registers;
  if (remote->tracee->state != TRACEE_CALL && enter(remote, number, e) != 0)
    return -1;
  remote->tracee->state = TRACEE_HELD;
  remote->moved = true;
  if (tracee_request(PTRACE_GETREGS, remote->tracee->task, 0, (uint64_t)&registers) != 0)
    return fail_request(remote, "read the registers of", e);
  place_call(&registers, remote->compat, number, arguments);
  if (set_registers(remote, &registers, e) != 0 || step(remote, PTRACE_SYSCALL, CALL_STOP, 0, e) != 0)
    return -1;
  if (tracee_request(PTRACE_GETREGS, remote->tracee->task, 0, (uint64_t)&registers) != 0)
    return fail_request(remote, "read the registers of", e);
  *result = remote->compat ? (int64_t)(int32_t)registers.rax : (int64_t)registers.rax;
  return 0;
}

// Behind an abort the kernel would send it to another place than these registers say. Source: struct rseq and rseq_cs
// in <linux/rseq.h>: their fields are of 64 bits, `rseq_cs` is at 8; `start_ip`, `post_commit_offset` and `abort_ip`
// are at 8, 16 and 24.
static int
leave_sequence(struct remote *remote, struct error *e) {
  struct {
    uint64_t address;
    uint32_t size, signature, flags, padding;
  } area = {0};
  uint64_t at = 0, section[4], none = 0;
  if (tracee_request(PTRACE_GET_RSEQ_CONFIGURATION, remote->tracee->task, sizeof area, (uint64_t)&area)
          != (long)sizeof area
      || area.address == 0)
    return 0;
  if (pread(remote->memory, &at, sizeof at, (off_t)(area.address + 8)) != (ssize_t)sizeof at || at == 0
      || pread(remote->memory, section, sizeof section, (off_t)at) != (ssize_t)sizeof section)
    return 0;
  if (remote->before.rip - section[1] >= section[2])
    return 0;
  remote->before.rip = section[3];
  return remote_write(remote, area.address + 8, &none, sizeof none, e);
}

// A program that has its calls answered by itself (PR_SET_SYSCALL_USER_DISPATCH of prctl(2)) must not get this one.
// Kernels before 6.4 cannot say; then the call gets SIGSYS, and fails.
static int
set_dispatch(struct remote *remote, bool back, struct error *e) {
  uint64_t none[4] = {0};
  if (!back
      && tracee_request(GET_DISPATCH, remote->tracee->task, sizeof remote->dispatch, (uint64_t)&remote->dispatch) != 0)
    remote->dispatch.mode = 0;
  if (remote->dispatch.mode == 0
      || tracee_request(SET_DISPATCH, remote->tracee->task, sizeof none,
                        back ? (uint64_t)&remote->dispatch : (uint64_t)none)
             == 0)
    return 0;
  return fail_request(remote, "switch system call user dispatch in", e);
}

// A call of its own that is of the other ABI has no room for this one's addresses.
static int
check_call(const struct remote *remote, struct error *e) {
  struct __ptrace_syscall_info info;
  memset(&info, 0, sizeof info);
  if (tracee_request(PTRACE_GET_SYSCALL_INFO, remote->tracee->task, sizeof info, (uint64_t)&info) <= 0)
    return fail_request(remote, "say what was called by", e);
  if ((info.arch == AUDIT_ARCH_I386) == remote->compat)
    return 0;
  return error_plain(e, ERROR_SECCOMP, "process %ld makes x86 calls although it is not an x86 program, or the reverse",
                     (long)remote->tracee->process);
}

static bool
is_cut_short(const struct remote *remote) {
  const struct user_regs_struct *registers = &remote->before;
  int64_t result = remote->compat ? (int64_t)(int32_t)registers->rax : (int64_t)registers->rax;
  return (int64_t)registers->orig_rax >= 0 && result <= -RESTART_FIRST && result >= -RESTART_LAST;
}

int
remote_open(struct remote *remote, struct tracees *tracees, struct tracee *tracee, unsigned timeout_ms,
            struct error *e) {
  *remote = (struct remote){
      .tracee = tracee, .in_front = tracee->state == TRACEE_CALL, .deadline_ms = tracee_clock_ms() + timeout_ms};
  if (find_memory(remote, tracees, e) != 0 || find_instruction(remote, e) != 0
      || (remote->in_front && check_call(remote, e) != 0))
    return -1;
  if (tracee_request(PTRACE_GETREGS, tracee->task, 0, (uint64_t)&remote->before) != 0)
    return fail_request(remote, "read the registers of", e);
  if (tracee_request(PTRACE_GETSIGMASK, tracee->task, sizeof remote->mask_before, (uint64_t)&remote->mask_before) != 0)
    return fail_request(remote, "read the signal mask of", e);
  if (!remote->in_front && leave_sequence(remote, e) != 0)
    return -1;
  return set_dispatch(remote, false, e) != 0 ? -1 : set_mask(remote, UINT64_MAX, e);
}

int
remote_close(struct remote *remote, struct error *e) {
  struct tracee *tracee = remote->tracee;
  struct user_regs_struct *registers = &remote->before;
  if (set_mask(remote, remote->mask_before, e) != 0 || set_dispatch(remote, true, e) != 0)
    return -1;
  if (!remote->moved)
    return 0;
  if (remote->in_front) {
    registers->rip -= INSTRUCTION_BYTES;
    registers->rax = registers->orig_rax;
    registers->orig_rax = UINT64_MAX;
  }
  if (set_registers(remote, registers, e) != 0)
    return -1;
  tracee->state = TRACEE_DONE;
  if (remote->in_front || !is_cut_short(remote))
    return 0;
  if (tracee_request(PTRACE_INTERRUPT, tracee->task, 0, 0) != 0)
    return fail_request(remote, "interrupt", e);
  if (step(remote, PTRACE_CONT, 0, PTRACE_EVENT_STOP, e) != 0)
    return -1;
  tracee->state = TRACEE_ASLEEP;
  return 0;
}
