// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_passwd.c - a list of accounts of any bytes, behind the caller's user number: the folder
// that --user-profiles takes out of it is the one that a second reading finds.
#include "tests/fuzz/fuzz.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// The caller is whoever the input says; root, as whom the fuzzer may run, has no folder of its own.
static uid_t the_uid;
static uid_t
caller_uid(void) {
  return the_uid;
}

#define getuid caller_uid
#define geteuid caller_uid
#include "runner/home_folder.c"
#include "runner/profile_files.c"
#undef getuid
#undef geteuid

// An account as the reader sees it: fields that end at ':' or with the line.
#define FIELDS_MAX 6
struct account {
  const char *fields[FIELDS_MAX];
  size_t lengths[FIELDS_MAX];
  size_t count;
};

static void
account_split(struct account *account, const char *line, size_t length) {
  account->count = 1;
  account->fields[0] = line;
  account->lengths[0] = 0;
  for (size_t i = 0; i < length; i++) {
    if (line[i] != ':')
      account->lengths[account->count - 1]++;
    else if (account->count == FIELDS_MAX)
      return;
    else {
      account->fields[account->count] = line + i + 1;
      account->lengths[account->count++] = 0;
    }
  }
}

// Decimal without a sign, in at most ten digits (zeros in front count).
static bool
account_is_of(const struct account *account, uid_t uid) {
  char text[16];
  size_t length = account->lengths[2], zeros = 0;
  if (account->count < FIELDS_MAX || length == 0 || length > 10)
    return false;
  while (zeros + 1 < length && account->fields[2][zeros] == '0')
    zeros++;
  int wanted = snprintf(text, sizeof text, "%u", (unsigned)uid);
  return (size_t)wanted == length - zeros && memcmp(text, account->fields[2] + zeros, length - zeros) == 0;
}

// What --user-profiles should look into; false if there is no such folder.
static bool
expected_folder(const char *text, size_t length, uid_t uid, char out[PATH_MAX]) {
  while (length > 0) {
    struct account account;
    const char *end = memchr(text, '\n', length);
    size_t line = end == NULL ? length : (size_t)(end - text);
    account_split(&account, text, line);
    if (account_is_of(&account, uid)) {
      const char *home = account.fields[5];
      size_t size = account.lengths[5];
      if (size < 2 || size >= PATH_MAX - 64 || home[0] != '/' || memchr(home, '\0', size) != NULL)
        return false;
      while (size > 0 && home[size - 1] == '/')
        size--;
      snprintf(out, PATH_MAX, "%.*s/.config/scrun", (int)size, home);
      return true;
    }
    text += end == NULL ? line : line + 1;
    length -= end == NULL ? line : line + 1;
  }
  return false;
}

// In memory of just its size, so that a byte too many is noticed.
static void
check_home(const char *text, size_t length, bool expected) {
  char home[PATH_MAX], *copy = malloc(length > 0 ? length : 1);
  if (copy == NULL)
    abort();
  if (length > 0)
    memcpy(copy, text, length);
  memset(home, 'x', sizeof home);
  if (passwd_find_home(copy, length, the_uid, home) != expected)
    fuzz_fail("a home for %u, or none, where the other is right", (unsigned)the_uid);
  if (expected && memchr(home, '\0', sizeof home) == NULL)
    fuzz_fail("a home without an end");
  free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes bytes = {data, size};
  char path[64], folder[PATH_MAX], expected[PATH_MAX];
  the_uid = bytes_take32(&bytes);
  int fd = memfd_create("fuzz", MFD_CLOEXEC);
  if (fd < 0 || write(fd, bytes.at, bytes.left) != (ssize_t)bytes.left)
    fuzz_fail("no memfd");
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  bool found = expected_folder((const char *)bytes.at, bytes.left, the_uid, expected);
  check_home((const char *)bytes.at, bytes.left, found);
  struct profile_files files = {.user_profiles = true, .passwd = path};
  struct error e = {.kind = ERROR_NONE};
  bool read = user_folder(&files, folder, &e) == 0;
  if (read != found)
    fuzz_fail("a folder for %u, or none, where the other is right", (unsigned)the_uid);
  if (read && strcmp(folder, expected) != 0)
    fuzz_fail("the folder \"%s\", not \"%s\"", folder, expected);
  if (!read && (e.kind != ERROR_POLICY || e.text[0] == '\0'))
    fuzz_fail("no folder, and no reason");
  close(fd);
  return 0;
}
