// SPDX-License-Identifier: LGPL-2.1-or-later
// ready.h - recognizes a service's own send of READY=1 to NOTIFY_SOCKET, at the entry of the call.
#ifndef SCRUN_RUNNER_LATE_READY_H
#define SCRUN_RUNNER_LATE_READY_H
#include "compat/error.h"
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

// A name in the way the kernel compares them: a path without what follows its NUL, or all bytes of an abstract name.
// `length` counts the family, too; 0: none.
struct ready_name {
  struct sockaddr_un address;
  socklen_t length;
};

// Where NOTIFY_SOCKET= leads.
struct ready_socket {
  struct ready_name named; // what it says
  struct ready_name bound; // what the socket there is bound to, which is another path where a file is bound over it
};

// `notify_socket` is a path, or "@" and an abstract name; the socket itself is connected to for a moment, if that can
// be, and nothing is sent. Fails with ERROR_USAGE: neither, too long, or another kind of address. Source: sd_notify(3).
SC_NODISCARD int ready_socket_read(struct ready_socket *out, const char *notify_socket, struct error *e);

// `task` is stopped at the entry of a call, of the native or the x86 ABI. Sets *ready if it is sendmsg, sendmmsg,
// sendto, write, writev or pwritev2 (or one of socketcall's on x86) of a datagram that has the line READY=1, to
// `to`, by address or over a connection. `memory` is /proc/PID/mem of its process, or -1 to read by
// process_vm_readv(2). Of a datagram READY_BYTES are read; longer ones systemd ignores. What the task could not send
// either (a bad pointer) is not ready. Fails with ERROR_SECCOMP where the task may not be looked into, so that
// nobody can tell. A task that was killed meanwhile is not ready.
#define READY_BYTES 4096
SC_NODISCARD int ready_is_sent(pid_t task, int memory, const struct ready_socket *to, bool *ready, struct error *e);
#endif
