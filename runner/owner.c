// SPDX-License-Identifier: LGPL-2.1-or-later
// owner.c - tells owners outside of a user namespace from those inside.
#include "runner/owner.h"
#include "runner/capabilities.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// 340 lines of three numbers are the most that the kernel takes.
#define MAP_BYTES_MAX 16384
#define UIDS UINT32_MAX

// Returns false if the file is not there, or longer.
static bool
read_text(const char *path, char *text, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  size_t length = 0;
  ssize_t got = fd < 0 ? -1 : 1;
  while (got > 0 && length < size - 1) {
    got = read(fd, text + length, size - 1 - length);
    length += got > 0 ? (size_t)got : 0;
  }
  if (fd >= 0)
    close(fd);
  text[length] = '\0';
  return got == 0 && length > 0;
}

// Takes the next number, behind blanks. Returns false at the end, and for anything else.
static bool
take_number(const char **at, uint64_t *out) {
  *at += strspn(*at, " \n");
  if (**at < '0' || **at > '9')
    return false;
  for (*out = 0; **at >= '0' && **at <= '9' && *out <= UIDS; (*at)++)
    *out = *out * 10 + (uint64_t)(**at - '0');
  return *out <= UIDS;
}

// What the map of user ids says: whether root, or everybody, is in it, and whether one is. False if it does not say.
static bool
read_map(uid_t uid, bool *root, bool *mapped) {
  static char text[MAP_BYTES_MAX];
  uint64_t inside, outside, count, sum = 0;
  const char *at = text;
  *mapped = *root = false;
  if (!read_text("/proc/self/uid_map", text, sizeof text))
    return false;
  while (take_number(&at, &inside)) {
    if (!take_number(&at, &outside) || !take_number(&at, &count))
      return false;
    sum += count;
    *root = *root || (outside == 0 && count > 0);
    *mapped = *mapped || (uid >= inside && uid - inside < count);
  }
  *root = *root || sum >= UIDS;
  return *at == '\0' && sum > 0;
}

static bool
read_overflow_uid(uid_t *uid) {
  char text[16];
  const char *at = text;
  uint64_t value;
  if (!read_text("/proc/sys/kernel/overflowuid", text, sizeof text) || !take_number(&at, &value))
    return false;
  *uid = (uid_t)value;
  return true;
}

// The kernel lets an owner open a file with O_NOATIME, and whoever has CAP_FOWNER over him: in a user namespace that is
// those who are mapped. So it does with files that nobody may read, and CAP_DAC_OVERRIDE.
static bool
is_beyond_capability(int fd, const struct stat *info) {
  struct capabilities own;
  char path[32];
  if (!capabilities_get(&own) || (own.effective & UINT64_C(1) << CAP_FOWNER) == 0
      || (!S_ISREG(info->st_mode) && !S_ISDIR(info->st_mode)))
    return false;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int plain = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  bool closed = plain < 0 && errno == EACCES && (own.effective & UINT64_C(1) << CAP_DAC_OVERRIDE) != 0;
  int probe = plain < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOATIME);
  bool beyond = closed || (plain >= 0 && probe < 0 && errno == EPERM);
  if (probe >= 0)
    close(probe);
  if (plain >= 0)
    close(plain);
  return beyond;
}

bool
owner_is_unmapped(int fd, const struct stat *info) {
  uid_t overflow;
  bool root, mapped;
  if (!read_overflow_uid(&overflow) || info->st_uid != overflow || !read_map(overflow, &root, &mapped) || root)
    return false;
  return !mapped || is_beyond_capability(fd, info);
}
