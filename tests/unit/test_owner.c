// SPDX-License-Identifier: LGPL-2.1-or-later
// test_owner.c - whose files they are, seen from user namespaces; those take root to set up.
#include "runner/owner.h"
#include "tests/check.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OVERFLOW 65534

static const struct row {
  const char *map;
  uid_t owner;
  bool capable, unmapped;
} rows[] = {
    {NULL, 0, true, false}, // no namespace of its own
    {NULL, OVERFLOW, true, false},
    {"0 100000 65536", 0, true, true},
    {"0 100000 65536", 1000, true, true},
    {"0 100000 65536", 100000, true, false},
    {"0 100000 65536", 100000 + OVERFLOW, true, false}, // looks as root's do
    {"0 100000 65536", 200000, true, true},
    {"0 100000 65536", 0, false, false}, // who could not act as anybody cannot tell
    {"0 100000 65536", 100000 + OVERFLOW, false, false},
    {"0 100000 1000", 0, true, true},
    {"0 100000 1000", 0, false, true}, // the overflow uid is nobody's
    {"0 100000 1000", 100000, false, false},
    {"0 0 4294967295", OVERFLOW, true, false},
    {"0 0 1", 1000, true, false}, // root is mapped: this one is not root
    {"0 0 1", 0, true, false},
    {"0 0 65534", 200000, true, false},
};

static bool
drop_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const struct __user_cap_data_struct none[2] = {{0}, {0}};
  return syscall(SYS_capset, &header, none) == 0;
}

// In the child: 0 or 1 for the answer, anything else for a test that could not be made.
static int
look(int fd, const struct row *row, int ready, int go) {
  struct stat info;
  char byte = 0;
  if (row->map != NULL && (unshare(CLONE_NEWUSER) != 0 || write(ready, "x", 1) != 1 || read(go, &byte, 1) != 1))
    return 10;
  if (row->map != NULL && setresuid(0, 0, 0) != 0) // until then it is root outside, whose files are its own
    return 13;
  if (!row->capable && !drop_capabilities())
    return 11;
  return fstat(fd, &info) != 0 ? 12 : owner_is_unmapped(fd, &info);
}

static void
write_map(pid_t child, const char *map) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/uid_map", (int)child);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  CHECK_ROW(fd >= 0 && write(fd, map, strlen(map)) == (ssize_t)strlen(map), map);
  close(fd);
}

static void
test_row(const struct row *row, int fd) {
  int ready[2], go[2], status = -1;
  char byte, name[64];
  snprintf(name, sizeof name, "%s, owner %u%s", row->map == NULL ? "none" : row->map, (unsigned)row->owner,
           row->capable ? "" : ", no capability");
  CHECK(fchown(fd, row->owner, 0) == 0 && pipe2(ready, O_CLOEXEC) == 0 && pipe2(go, O_CLOEXEC) == 0);
  pid_t child = fork();
  if (child == 0)
    _exit(look(fd, row, ready[1], go[0]));
  if (row->map != NULL) {
    CHECK_ROW(read(ready[0], &byte, 1) == 1, name);
    write_map(child, row->map);
    CHECK_ROW(write(go[1], "x", 1) == 1, name);
  }
  CHECK(waitpid(child, &status, 0) == child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != row->unmapped)
    CHECK_STR(name, row->unmapped ? "unmapped" : "not unmapped");
  for (int i = 0; i < 2; i++)
    close(ready[i]), close(go[i]);
}

int
main(void) {
  struct stat info;
  alarm(60);
  int own = open("/proc/self/exe", O_PATH | O_CLOEXEC);
  CHECK(own >= 0 && fstat(own, &info) == 0 && !owner_is_unmapped(own, &info));
  close(own);
  if (getuid() == 0) {
    char path[] = "/tmp/scrun-test.XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0 && unlink(path) == 0 && fchmod(fd, 0644) == 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
      test_row(&rows[i], fd);
    close(fd);
  }
  return check_done();
}
