// SPDX-License-Identifier: LGPL-2.1-or-later
// guard.c - installs the filter, proves it, and execs through it.
#include "runner/guard.h"
#include "runner/arming.h"
#include "runner/capabilities.h"
#include "runner/listener.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// One native system call with all six registers: the ticket travels in the fifth and sixth.
static long
ticketed_call(const struct ticket *ticket, long number, long a0, long a1, long a2, long a3) {
  register long r10 __asm__("r10") = a3;
  register uint64_t r8 __asm__("r8") = (uint64_t)ticket->words[1] << 32 | ticket->words[0];
  register uint64_t r9 __asm__("r9") = (uint64_t)ticket->words[3] << 32 | ticket->words[2];
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a0), "S"(a1), "d"(a2), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

static bool
has_effective_sys_admin(void) {
  struct capabilities own;
  return capabilities_get(&own) && (own.effective >> CAP_SYS_ADMIN & 1) != 0;
}

int
guard_set_privileges(const struct image *image, struct error *e) {
  if (!image->no_new_privs) {
    // not by a capability of scrun's own file: anybody could then put a filter on a setuid program
    if (has_effective_sys_admin() && getauxval(AT_SECURE) == 0)
      return 0;
    return error_plain(e, ERROR_PRIVILEGES,
                       "NoNewPrivileges=no needs CAP_SYS_ADMIN: without it the kernel takes no filter. Leave the line "
                       "out; nothing was started");
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return error_plain(e, ERROR_PRIVILEGES, "cannot set no_new_privs: %s; nothing was started", strerror(errno));
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
    return error_plain(
        e, ERROR_PRIVILEGES,
        "no_new_privs did not take: something outside answers prctl(2) in the kernel's place; nothing was started");
  return 0;
}

// An unfiltered kernel answers EFAULT to an execve of nothing; what the new filter answers nobody else knows.
static bool
guard_is_proved(const struct guard *guard) {
  return ticketed_call(&guard->ticket, SYS_execve, 0, 0, 0, 1) == -(long)guard->ticket.probe_errno;
}

// Source: SECCOMP_FILTER_FLAG_* in seccomp(2).
static unsigned
filter_flags(const struct image *image) {
  return ((image->flags & POLICY_FLAG_LOG) != 0 ? SECCOMP_FILTER_FLAG_LOG : 0u)
         | ((image->flags & POLICY_FLAG_SPEC_ALLOW) != 0 ? SECCOMP_FILTER_FLAG_SPEC_ALLOW : 0u)
         | (image->notifies ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0u);
}

// What the exec happens under.
static struct program *
first_program(struct image *image) {
  return image->moment == MOMENT_EXEC ? &image->program : &image->startup;
}

// Returns the descriptor of a filter that notifies, 0 for any other, or -1 with errno set.
static long
install(struct image *image) {
  struct program *program = first_program(image);
  struct sock_fprog filter = {.len = (unsigned short)program->length, .filter = program->code};
  unsigned flags = filter_flags(image);
  // Without flags prctl and not seccomp(2): it works below an outer filter that knows prctl only.
  return flags == 0 ? prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0)
                    : syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (unsigned long)flags, &filter);
}

static int
fail_install(struct image *image, struct error *e) {
  return error_plain(e, ERROR_SECCOMP, "the kernel did not take the filter (%zu instructions): %s; nothing was started",
                     first_program(image)->length,
                     errno == EBUSY && image->notifies ? "a filter with a listener is around scrun already"
                                                       : strerror(errno));
}

// One descriptor with the first bytes, and nothing else; what did not fit follows.
static int
listener_tell(const struct guard *guard, const struct listener *listener, int descriptor, struct error *e) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof descriptor)];
  } control;
  struct iovec part = {(void *)(uintptr_t)listener->message, listener->length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  memset(&control, 0, sizeof control);
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  control.header.cmsg_len = CMSG_LEN(sizeof descriptor);
  memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  while (part.iov_len > 0) {
    long sent = ticketed_call(&guard->ticket, SYS_sendmsg, listener->socket, (long)&message, MSG_NOSIGNAL, 0);
    if (sent <= 0 || (size_t)sent > part.iov_len)
      return error_plain(e, ERROR_SECCOMP, "the listener did not take the filter's descriptor: %s; nothing was started",
                         sent < 0 ? strerror((int)-sent) : "nothing could be sent");
    part.iov_base = (char *)part.iov_base + sent;
    part.iov_len -= (size_t)sent;
    message.msg_control = NULL;
    message.msg_controllen = 0;
  }
  return 0;
}

// Memory cannot change any more once the program has it.
static int
arming_seal(int fd) {
  const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  int now = fcntl(fd, F_ADD_SEALS, seals) == 0 ? fcntl(fd, F_GET_SEALS) : -1;
  return now >= 0 && (now & seals) == seals ? 0 : -1;
}

// Whoever takes it looks whether it is whole; what an outer filter answers here need not be believed.
static int
arming_write(int fd, const struct image *image, const struct arming *record, struct error *e) {
  size_t length = ARMING_BYTES(record->program.length);
  bool to_memory = image->moment == MOMENT_MAIN;
  ssize_t written = to_memory ? pwrite(fd, record, length, 0) : send(fd, record, length, MSG_NOSIGNAL);
  if (written == (ssize_t)length && (!to_memory || arming_seal(fd) == 0))
    return 0;
  return error_plain(e, ERROR_SECCOMP, "the later filter cannot be handed over: %s; nothing was started",
                     written == (ssize_t)length || written < 0 ? strerror(errno) : "it did not fit");
}

int
guard_check_later(struct error *e) {
  if (syscall(SYS_seccomp, ~0UL, 0UL, NULL) == -1 && errno == EINVAL) // no kernel knows the operation
    return 0;
  return error_plain(e, ERROR_SECCOMP,
                     "a filter around scrun does not let seccomp(2) through, which later moments need; --at=exec does "
                     "without; nothing was started");
}

uint32_t
arming_flags(const struct image *image) {
  return SECCOMP_FILTER_FLAG_TSYNC | filter_flags(image);
}

// The arming ticket is for the one who arms: nothing of it stays here but what the kernel holds.
static int
prepare_later(struct image *image, const struct ticket *exec, int arming, struct error *e) {
  static struct arming record;
  record.magic = ARMING_MAGIC;
  record.flags = arming_flags(image);
  int failed = ticket_draw(&record.ticket, e);
  if (failed == 0)
    failed = ticket_fill(&image->startup, exec, &record.ticket, e);
  if (failed == 0)
    failed = ticket_fill(&image->program, NULL, &record.ticket, e);
  if (failed == 0) {
    record.program.length = image->program.length;
    memcpy(record.program.code, image->program.code, image->program.length * sizeof image->program.code[0]);
    failed = arming_write(arming, image, &record, e);
  }
  explicit_bzero(&record, ARMING_BYTES(record.program.length));
  return failed;
}

int
guard_make(struct guard *guard, struct image *image, int arming, bool *installed, struct error *e) {
  static struct listener listener;
  *installed = false;
  if (image->notifies && listener_open(&listener, image, e) != 0)
    return -1;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
    return error_plain(e, ERROR_SECCOMP,
                       "cannot hide from peers: PR_SET_DUMPABLE of prctl(2) did not take; nothing was started");
  if (ticket_draw(&guard->ticket, e) != 0)
    return -1;
  if ((image->moment == MOMENT_EXEC ? ticket_fill(&image->program, &guard->ticket, NULL, e)
                                    : prepare_later(image, &guard->ticket, arming, e))
      != 0)
    return -1;
  long descriptor = install(image);
  if (descriptor < 0)
    return fail_install(image, e);
  *installed = true;
  if (!guard_is_proved(guard) || (descriptor != 0 && !image->notifies))
    return error_plain(
        e, ERROR_SECCOMP,
        "the filter is not in force although the kernel seemed to take it: something outside answers prctl(2), "
        "seccomp(2) or execve(2) in its place; nothing was started");
  return image->notifies ? listener_tell(guard, &listener, (int)descriptor, e) : 0;
}

int
guard_exec(const struct guard *guard, const char *path, char *const argv[], char *const envp[]) {
  return (int)-ticketed_call(&guard->ticket, SYS_execve, (long)path, (long)argv, (long)envp, 0);
}

void
guard_fail(const struct guard *guard, const char *text, size_t length, int status) {
  while (length > 0) {
    long written = ticketed_call(&guard->ticket, SYS_write, STDERR_FILENO, (long)text, (long)length, 0);
    if (written <= 0)
      break; // a closed or full stderr changes nothing about the status; without handlers nothing is interrupted
    text += written;
    length -= (size_t)written;
  }
  ticketed_call(&guard->ticket, SYS_exit_group, status, 0, 0, 0);
  for (;;)
    __builtin_trap();
}
