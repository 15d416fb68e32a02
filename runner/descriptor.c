// SPDX-License-Identifier: LGPL-2.1-or-later
// descriptor.c - descriptors that no other program's are taken for, and memory behind one.
#include "runner/descriptor.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

int
descriptor_raise(int *fd) {
  if (*fd > STDERR_FILENO || *fd < 0)
    return *fd < 0 ? -1 : 0;
  int raised = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  int flags = raised < 0 ? -1 : fcntl(*fd, F_GETFD);
  if (flags < 0)
    return -1;
  if (raised <= STDERR_FILENO || (flags & FD_CLOEXEC) == 0) {
    errno = ENOTSUP;
    return -1;
  }
  close(*fd);
  *fd = raised;
  return 0;
}

int
descriptor_memory(const char *name) {
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);
  return fd < 0 && errno == EINVAL ? memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING) : fd;
}
