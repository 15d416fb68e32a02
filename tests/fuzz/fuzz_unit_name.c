// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_unit_name.c - a name of any bytes: what it is, and the folders of drop-ins that a second, recursive reading of
// the rule finds in the same order.
#include "runner/unit_name.h"
#include "tests/fuzz/fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 1024

static struct unit_name names[NAMES_MAX];
static size_t count;

static void
note(const char *head, size_t length, const char *instance) {
  struct unit_name *name = &names[count];
  int size = snprintf(name->text, sizeof name->text, "%.*s%s%s.service", (int)length, head, instance != NULL ? "@" : "",
                      instance != NULL ? instance : "");
  if (size < 0 || (size_t)size >= sizeof name->text)
    fuzz_fail("a folder with a longer name than the unit's");
  for (size_t i = 0; i < count; i++)
    if (strcmp(names[i].text, name->text) == 0)
      return;
  if (++count == NAMES_MAX)
    fuzz_fail("too many folders");
}

// The beginning of `head` that ends in its last dash but the one at its end; 0 if there is none but one at the front.
static size_t
beginning(const char *head, size_t length) {
  size_t end = length;
  for (size_t i = 0; i + 1 < length; i++)
    if (head[i] == '-')
      end = i;
  return end == length || end == 0 ? 0 : end + 1;
}

// The folders of one name: itself, of an instance all of its template, and all of its next beginning.
static void
note_all(const char *head, size_t length, const char *instance) {
  note(head, length, instance);
  if (instance != NULL && instance[0] != '\0')
    note_all(head, length, "");
  size_t next = beginning(head, length);
  if (next > 0)
    note_all(head, next, instance != NULL && instance[0] == '\0' ? NULL : instance);
}

static enum unit_name_kind
expected_kind(const char *name, size_t length) {
  static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
  if (length > UNIT_NAME_BYTES_MAX || length < 9 || strcmp(name + length - 8, ".service") != 0 || name[0] == '@'
      || strspn(name, bytes) != length)
    return UNIT_NAME_NONE;
  const char *at = strchr(name, '@');
  return at == NULL ? UNIT_NAME_PLAIN : strcmp(at, "@.service") == 0 ? UNIT_NAME_TEMPLATE : UNIT_NAME_INSTANCE;
}

static void
check_folders(const char *name, size_t length) {
  char copy[UNIT_NAME_BYTES_MAX + 1];
  struct unit_name folder;
  struct unit_name_walk walk = {.name = name};
  memcpy(copy, name, length - 8);
  copy[length - 8] = '\0';
  char *at = strchr(copy, '@');
  if (at != NULL)
    *at = '\0';
  count = 0;
  note_all(copy, strlen(copy), at != NULL ? at + 1 : NULL);
  for (size_t i = 0; i < count; i++)
    if (!unit_name_next(&walk, &folder) || strcmp(folder.text, names[i].text) != 0)
      fuzz_fail("%s: not the folder %s", name, names[i].text);
  if (unit_name_next(&walk, &folder))
    fuzz_fail("%s: one folder more: %s", name, folder.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *name = malloc(size + 1); // of just its size, so that a byte too many is noticed
  if (name == NULL)
    return 0;
  if (size > 0)
    memcpy(name, data, size);
  name[size] = '\0';
  size_t length = strlen(name);
  enum unit_name_kind kind = unit_name_kind(name);
  if (kind != expected_kind(name, length))
    fuzz_fail("%s is a name of kind %d", name, (int)kind);
  if (kind != UNIT_NAME_NONE)
    check_folders(name, length);
  free(name);
  return 0;
}
