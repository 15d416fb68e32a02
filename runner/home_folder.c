// SPDX-License-Identifier: LGPL-2.1-or-later
// home_folder.c - reads a list of accounts.
#include "runner/home_folder.h"
#include "runner/kept_file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

// The list of accounts is read no further than this; a user who stands behind it has no folder of his own.
#define PASSWD_BYTES_FIRST 16384
#define PASSWD_BYTES_MAX (1024 * 1024)

// The field of a line of accounts, counted from 0; fields end at ':' or the line's end.
static const char *
passwd_field(const char *line, size_t length, unsigned wanted, size_t *field_length) {
  const char *end = line + length;
  for (unsigned field = 0; field < wanted; field++) {
    const char *colon = memchr(line, ':', (size_t)(end - line));
    if (colon == NULL)
      return NULL;
    line = colon + 1;
  }
  const char *colon = memchr(line, ':', (size_t)(end - line));
  *field_length = (size_t)((colon != NULL ? colon : end) - line);
  return line;
}

static bool
passwd_uid_is(const char *line, size_t length, uid_t uid) {
  size_t digits = 0;
  const char *field = passwd_field(line, length, 2, &digits);
  unsigned long long value = 0;
  if (field == NULL || digits == 0 || digits > 10)
    return false;
  for (size_t i = 0; i < digits; i++) {
    if (field[i] < '0' || field[i] > '9')
      return false;
    value = value * 10 + (unsigned)(field[i] - '0');
  }
  return value == uid;
}

// The home of the first account with that uid; lines without a home are no accounts, as for libc. Returns false if
// there is none that could be used.
static bool
passwd_find_home(const char *text, size_t length, uid_t uid, char home[PATH_MAX]) {
  for (size_t start = 0; start < length;) {
    const char *newline = memchr(text + start, '\n', length - start);
    size_t end = newline != NULL ? (size_t)(newline - text) : length;
    size_t home_length = 0;
    const char *field = passwd_field(text + start, end - start, 5, &home_length);
    if (field != NULL && passwd_uid_is(text + start, end - start, uid)) {
      if (home_length < 2 || home_length >= PATH_MAX - HOME_FOLDER_ROOM || field[0] != '/'
          || memchr(field, '\0', home_length) != NULL)
        return false;
      memcpy(home, field, home_length);
      home[home_length] = '\0';
      return true;
    }
    start = end + 1;
  }
  return false;
}

int
home_folder_find(int fd, const char *path, uid_t uid, const char *option, char home[PATH_MAX], struct error *e) {
  size_t length = 0;
  char *text = fd < 0 ? NULL : read_bounded(fd, PASSWD_BYTES_FIRST, PASSWD_BYTES_MAX, &length);
  if (text == NULL)
    return error_plain(e, ERROR_POLICY, "%s: %s", shown(path).text, strerror(errno));
  bool found = passwd_find_home(text, length, uid, home);
  free(text);
  if (!found)
    return error_plain(e, ERROR_POLICY, "%s: %s has no home for user %u", option, shown(path).text, (unsigned)uid);
  for (size_t end = strlen(home); end > 0 && home[end - 1] == '/'; end--)
    home[end - 1] = '\0';
  return 0;
}
