// SPDX-License-Identifier: LGPL-2.1-or-later
// guard_hand_over.c - what a guard hands to others: the descriptor of its filter to a listener, a later filter to
// whoever puts it on.
#include "runner/arming.h"
#include "runner/guard.h"
#include "runner/listener.h"
#include "runner/outer.h"
#include "runner/ticketed.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// One descriptor with the first bytes, and nothing else; what did not fit follows.
int
guard_tell_listener(const struct guard *guard, const struct listener *listener, int descriptor, struct error *e) {
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
  // No kernel knows the operation.
  if (!outer_kills(SYS_seccomp, -1, 0, 0) && syscall(SYS_seccomp, ~0UL, 0UL, NULL) == -1 && errno == EINVAL)
    return 0;
  return error_plain(e, ERROR_SECCOMP,
                     "a filter around scrun does not let seccomp(2) through, which later moments need; --at=exec does "
                     "without. In a unit, reset its own filter: SystemCallFilter= with nothing behind it; nothing was "
                     "started");
}

// The arming ticket is for the one who arms: nothing of it stays here but what the kernel holds.
int
guard_prepare_later(struct image *image, const struct ticket *exec, int arming, struct error *e) {
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
