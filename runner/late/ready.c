// SPDX-License-Identifier: LGPL-2.1-or-later
// ready.c - looks at what a stopped task is about to send, and to whom.
//
// Another thread may change the text after it was looked at: then the policy begins early, never late. What cannot be
// looked at for want of permission is an error, never "not ready": the program would go on without its policy.
#include "runner/late/ready.h"
#include "runner/late/process.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define LINE "READY=1"
#define NAME_OFFSET offsetof(struct sockaddr_un, sun_path)
#define PIDFD_THREAD_FLAG O_EXCL // PIDFD_THREAD of pidfd_open(2), Linux 6.9

// A stopped task, as its memory is read. `narrow`: pointers and sizes have 32 bits.
struct view {
  pid_t task;
  int memory;
  bool narrow;
  int refused; // errno, once the kernel has not let us look
};

// What one call sends at once. Without `vector`, `text` is the only piece.
struct datagram {
  int fd;
  uint64_t name;
  uint32_t name_length;
  uint64_t vector, pieces;
  uint64_t text, length;
};

// Reads all of it, or says no.
static bool
bytes_read(struct view *view, uint64_t address, void *buffer, size_t size) {
  struct iovec here = {buffer, size}, there = {(void *)(uintptr_t)address, size};
  ssize_t got = size == 0 ? 0 : process_vm_readv(view->task, &here, 1, &there, 1, 0);
  if (got >= 0 || errno == EFAULT || errno == ESRCH)
    return got == (ssize_t)size;
  view->refused = errno;
  if (view->memory < 0 || address > LLONG_MAX)
    return false;
  got = pread(view->memory, buffer, size, (off_t)address);
  if (got > 0 || (got < 0 && errno == EIO))
    view->refused = 0;
  return got == (ssize_t)size;
}

// Pointers, or what is as wide.
static bool
words_read(struct view *view, uint64_t address, uint64_t *words, size_t count) {
  uint32_t narrow[8];
  if (!view->narrow)
    return bytes_read(view, address, words, count * sizeof *words);
  if (count > sizeof narrow / sizeof narrow[0] || !bytes_read(view, address, narrow, count * sizeof narrow[0]))
    return false;
  for (size_t i = 0; i < count; i++)
    words[i] = narrow[i];
  return true;
}

// Source: strv_split_newlines() of systemd takes both ends of lines, and one NUL at the end of all.
static bool
is_line_end(char c) {
  return c == '\n' || c == '\r' || c == '\0';
}

static bool
has_line(const char *text, size_t length) {
  size_t start = 0;
  for (size_t i = 0; i <= length; i++) {
    if (i < length && !is_line_end(text[i]))
      continue;
    if (i - start == strlen(LINE) && memcmp(text + start, LINE, i - start) == 0)
      return true;
    start = i + 1;
  }
  return false;
}

// More pieces than IOV_MAX the kernel does not take.
static bool
text_is_ready(struct view *view, const struct datagram *datagram) {
  char text[READY_BYTES];
  size_t length = 0;
  for (uint64_t i = 0; i < datagram->pieces && datagram->pieces <= IOV_MAX && length < sizeof text; i++) {
    uint64_t piece[2] = {datagram->text, datagram->length};
    if (datagram->vector != 0
        && !words_read(view, datagram->vector + i * (view->narrow ? 8 : 16), piece, sizeof piece / sizeof piece[0]))
      return false;
    size_t size = piece[1] < sizeof text - length ? (size_t)piece[1] : sizeof text - length;
    if (!bytes_read(view, piece[0], text + length, size))
      return false;
    length += size;
  }
  return has_line(text, length);
}

static struct ready_name
name_make(const struct sockaddr_un *address, size_t length) {
  struct ready_name name = {.address = *address};
  if (length > sizeof *address)
    length = sizeof *address;
  if (length > NAME_OFFSET && address->sun_family == AF_UNIX) {
    size_t bytes = length - NAME_OFFSET;
    name.length = (socklen_t)(NAME_OFFSET + (address->sun_path[0] == '\0' ? bytes : strnlen(address->sun_path, bytes)));
  }
  return name;
}

static bool
name_is(const struct ready_name *name, const struct ready_name *other) {
  return name->length > 0 && name->length == other->length
         && memcmp(&name->address, &other->address, name->length) == 0;
}

static bool
is_there(const struct ready_name *name, const struct ready_socket *to) {
  return name_is(name, &to->named) || name_is(name, &to->bound);
}

// To whom a socket is connected.
static struct ready_name
peer_of(int fd) {
  struct sockaddr_un address;
  socklen_t length = sizeof address;
  memset(&address, 0, sizeof address);
  return name_make(&address, getpeername(fd, (struct sockaddr *)&address, &length) == 0 ? length : 0);
}

static bool
leads_there(int fd, const struct ready_socket *to) {
  int domain = 0, type = 0;
  socklen_t size = sizeof domain;
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_UNIX)
    return false;
  size = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_DGRAM)
    return false;
  struct ready_name peer = peer_of(fd);
  return is_there(&peer, to);
}

// Threads need not have the same descriptors. Where the kernel opens processes only, they are taken to have.
static int
task_open(pid_t task) {
  int pidfd = (int)syscall(SYS_pidfd_open, task, PIDFD_THREAD_FLAG);
  if (pidfd >= 0 || errno != EINVAL)
    return pidfd;
  struct task_status status;
  struct error unused;
  if (task_status_read(task, task, &status, &unused) != 0) {
    errno = ESRCH;
    return -1;
  }
  return (int)syscall(SYS_pidfd_open, status.tgid, 0);
}

static int
descriptor_take(pid_t task, int number) {
  int pidfd = task_open(task);
  if (pidfd < 0)
    return -1;
  int fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0), sys = errno;
  close(pidfd);
  errno = sys;
  return fd;
}

// Files and pipes are known without their descriptor.
static bool
is_other_file(pid_t task, int number) {
  static const char prefix[] = "socket:";
  char path[64], target[sizeof prefix];
  snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)task, number);
  ssize_t length = readlink(path, target, sizeof target);
  return length > 0 && memcmp(target, prefix, sizeof prefix - 1) != 0;
}

static int
connection_is_there(const struct view *view, int number, const struct ready_socket *to, bool *ready, struct error *e) {
  int fd = descriptor_take(view->task, number);
  if (fd >= 0) {
    *ready = leads_there(fd, to);
    close(fd);
    return 0;
  }
  if (errno == EBADF || errno == ESRCH)
    return 0;
  int sys = errno;
  if (is_other_file(view->task, number))
    return 0;
  return error_plain(e, ERROR_SECCOMP,
                     "process %ld sends " LINE " over a connection, and pidfd_getfd(2) does not let scrun see to whom: "
                     "%s; --at=ready needs it, or a send by address",
                     (long)view->task, strerror(sys));
}

static int
datagram_is_ready(struct view *view, const struct datagram *datagram, const struct ready_socket *to, bool *ready,
                  struct error *e) {
  struct sockaddr_un address;
  if (!text_is_ready(view, datagram))
    return 0;
  if (datagram->name == 0 || datagram->name_length == 0)
    return connection_is_there(view, datagram->fd, to, ready, e);
  memset(&address, 0, sizeof address);
  if (datagram->name_length > sizeof address || !bytes_read(view, datagram->name, &address, datagram->name_length))
    return 0;
  struct ready_name name = name_make(&address, datagram->name_length);
  *ready = is_there(&name, to);
  return 0;
}

typedef int call_look(struct view *view, const uint64_t *arguments, const struct ready_socket *to, bool *ready,
                      struct error *e);

static int
look_write(struct view *view, const uint64_t *arguments, const struct ready_socket *to, bool *ready, struct error *e) {
  const struct datagram datagram = {.fd = (int)arguments[0], .pieces = 1, .text = arguments[1], .length = arguments[2]};
  return datagram_is_ready(view, &datagram, to, ready, e);
}

static int
look_writev(struct view *view, const uint64_t *arguments, const struct ready_socket *to, bool *ready, struct error *e) {
  const struct datagram datagram = {.fd = (int)arguments[0], .vector = arguments[1], .pieces = arguments[2]};
  return datagram_is_ready(view, &datagram, to, ready, e);
}

static int
look_sendto(struct view *view, const uint64_t *arguments, const struct ready_socket *to, bool *ready, struct error *e) {
  const struct datagram datagram = {.fd = (int)arguments[0],
                                    .pieces = 1,
                                    .text = arguments[1],
                                    .length = arguments[2],
                                    .name = arguments[4],
                                    .name_length = (uint32_t)arguments[5]};
  return datagram_is_ready(view, &datagram, to, ready, e);
}

// Source: struct user_msghdr in the kernel's <linux/socket.h>, struct compat_msghdr in <net/compat.h>: pointer, int,
// pointer, size.
static int
message_is_ready(struct view *view, int fd, uint64_t header, const struct ready_socket *to, bool *ready,
                 struct error *e) {
  uint64_t words[4];
  if (!words_read(view, header, words, sizeof words / sizeof words[0]))
    return 0;
  const struct datagram datagram = {
      .fd = fd, .name = words[0], .name_length = (uint32_t)words[1], .vector = words[2], .pieces = words[3]};
  return datagram_is_ready(view, &datagram, to, ready, e);
}

static int
look_sendmsg(struct view *view, const uint64_t *arguments, const struct ready_socket *to, bool *ready,
             struct error *e) {
  return message_is_ready(view, (int)arguments[0], arguments[1], to, ready, e);
}

// The kernel takes IOV_MAX messages of a longer vector.
static int
look_sendmmsg(struct view *view, const uint64_t *arguments, const struct ready_socket *to, bool *ready,
              struct error *e) {
  uint32_t count = (uint32_t)arguments[2] < IOV_MAX ? (uint32_t)arguments[2] : IOV_MAX;
  for (uint32_t i = 0; i < count && !*ready && view->refused == 0; i++)
    if (message_is_ready(view, (int)arguments[0], arguments[1] + i * (view->narrow ? 32 : 64), to, ready, e) != 0)
      return -1;
  return 0;
}

// Source: <linux/net.h>; numbers of socketcall(2), and how many arguments they have.
static const struct {
  uint64_t number;
  size_t arguments;
  call_look *look;
} socketcalls[] = {{9, 4, look_write}, {11, 6, look_sendto}, {16, 3, look_sendmsg}, {20, 4, look_sendmmsg}};

static int
look_socketcall(struct view *view, const uint64_t *arguments, const struct ready_socket *to, bool *ready,
                struct error *e) {
  uint64_t words[6] = {0};
  for (size_t i = 0; i < sizeof socketcalls / sizeof socketcalls[0]; i++)
    if (socketcalls[i].number == arguments[0] && words_read(view, arguments[1], words, socketcalls[i].arguments))
      return socketcalls[i].look(view, words, to, ready, e);
  return 0;
}

// Source: the kernel's syscall_64.tbl and syscall_32.tbl.
static const struct {
  uint32_t arch;
  uint64_t number;
  call_look *look;
} calls[] = {
    {AUDIT_ARCH_X86_64, 1, look_write},      {AUDIT_ARCH_X86_64, 20, look_writev},
    {AUDIT_ARCH_X86_64, 44, look_sendto},    {AUDIT_ARCH_X86_64, 46, look_sendmsg},
    {AUDIT_ARCH_X86_64, 307, look_sendmmsg}, {AUDIT_ARCH_X86_64, 328, look_writev}, // pwritev2
    {AUDIT_ARCH_I386, 4, look_write},        {AUDIT_ARCH_I386, 146, look_writev},
    {AUDIT_ARCH_I386, 102, look_socketcall}, {AUDIT_ARCH_I386, 345, look_sendmmsg},
    {AUDIT_ARCH_I386, 369, look_sendto},     {AUDIT_ARCH_I386, 370, look_sendmsg},
    {AUDIT_ARCH_I386, 379, look_writev}, // pwritev2
};

static int
call_is_ready(struct view *view, call_look *look, const uint64_t *given, const struct ready_socket *to, bool *ready,
              struct error *e) {
  uint64_t arguments[6];
  for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++)
    arguments[i] = view->narrow ? (uint32_t)given[i] : given[i];
  if (look(view, arguments, to, ready, e) != 0)
    return -1;
  if (view->refused == 0 || *ready)
    return 0;
  return error_plain(e, ERROR_SECCOMP,
                     "what process %ld sends cannot be read: %s; --at=ready does not work for a program that hides "
                     "from peers (PR_SET_DUMPABLE of prctl(2))",
                     (long)view->task, strerror(view->refused));
}

int
ready_is_sent(pid_t task, int memory, const struct ready_socket *to, bool *ready, struct error *e) {
  struct __ptrace_syscall_info info;
  *ready = false;
  memset(&info, 0, sizeof info);
  if (ptrace(PTRACE_GET_SYSCALL_INFO, task, sizeof info, &info) <= 0) {
    if (errno == ESRCH)
      return 0;
    return error_plain(e, ERROR_SECCOMP, "ptrace(2) does not say which call process %ld makes: %s", (long)task,
                       strerror(errno));
  }
  struct view view = {.task = task, .memory = memory, .narrow = info.arch == AUDIT_ARCH_I386};
  for (size_t i = 0; info.op == PTRACE_SYSCALL_INFO_ENTRY && i < sizeof calls / sizeof calls[0]; i++)
    if (calls[i].arch == info.arch && calls[i].number == info.entry.nr)
      return call_is_ready(&view, calls[i].look, info.entry.args, to, ready, e);
  return 0;
}

// What the socket is bound to, as who connects to it is told.
static struct ready_name
bound_find(const struct ready_name *named) {
  struct ready_name none = {.length = 0};
  socklen_t length = named->length + (named->address.sun_path[0] != '\0');
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return none;
  struct ready_name bound = none;
  if (connect(fd, (const struct sockaddr *)&named->address, length) == 0)
    bound = peer_of(fd);
  close(fd);
  return bound;
}

int
ready_socket_read(struct ready_socket *out, const char *notify_socket, struct error *e) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(notify_socket);
  if ((notify_socket[0] != '/' && notify_socket[0] != '@') || notify_socket[1] == '\0')
    return error_plain(e, ERROR_USAGE,
                       "NOTIFY_SOCKET=%s is neither a path nor \"@\" and an abstract name, which is "
                       "what --at=ready can wait for",
                       shown(notify_socket).text);
  if (length >= sizeof address.sun_path)
    return error_plain(e, ERROR_USAGE, "NOTIFY_SOCKET=%s is longer than the address of a socket can be",
                       shown(notify_socket).text);
  memcpy(address.sun_path, notify_socket, length);
  if (notify_socket[0] == '@')
    address.sun_path[0] = '\0';
  out->named = name_make(&address, NAME_OFFSET + length);
  out->bound = bound_find(&out->named);
  return 0;
}
