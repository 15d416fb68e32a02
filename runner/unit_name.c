// SPDX-License-Identifier: LGPL-2.1-or-later
// unit_name.c - takes names of services apart.
#include "runner/unit_name.h"
#include <string.h>

static const char suffix[] = ".service";
enum { SUFFIX_BYTES = sizeof suffix - 1 };

static bool
is_name_byte(char byte) {
  bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
  return letter || (byte != '\0' && strchr(":-_.\\@", byte) != NULL);
}

enum unit_name_kind
unit_name_kind(const char *name) {
  size_t length = strnlen(name, UNIT_NAME_BYTES_MAX + 1);
  if (length > UNIT_NAME_BYTES_MAX || length <= SUFFIX_BYTES
      || memcmp(name + length - SUFFIX_BYTES, suffix, SUFFIX_BYTES) != 0)
    return UNIT_NAME_NONE;
  for (size_t i = 0; i < length; i++)
    if (!is_name_byte(name[i]))
      return UNIT_NAME_NONE;
  const char *at = strchr(name, '@');
  if (at == name)
    return UNIT_NAME_NONE;
  if (at == NULL)
    return UNIT_NAME_PLAIN;
  return at + 1 == name + length - SUFFIX_BYTES ? UNIT_NAME_TEMPLATE : UNIT_NAME_INSTANCE;
}

size_t
unit_name_instance(const char *name, const char **instance) {
  const char *at = strchr(name, '@'), *end = name + strlen(name) - SUFFIX_BYTES;
  *instance = at == NULL ? end : at + 1;
  return (size_t)(end - *instance);
}

bool
unit_name_same_instance(const char *a, const char *b) {
  const char *instance_a, *instance_b;
  size_t length_a = unit_name_instance(a, &instance_a), length_b = unit_name_instance(b, &instance_b);
  return length_a > 0 && length_a == length_b && memcmp(instance_a, instance_b, length_a) == 0;
}

// `head` of `name`, "@" and an instance (NULL: neither), and the suffix. Returns false if that is too long.
static bool
join(struct unit_name *out, const char *name, size_t head, const char *instance, size_t length) {
  size_t at = instance != NULL ? 1 : 0;
  if (head > UNIT_NAME_BYTES_MAX || length > UNIT_NAME_BYTES_MAX
      || head + at + length + SUFFIX_BYTES > UNIT_NAME_BYTES_MAX)
    return false;
  memmove(out->text, name, head);
  if (instance != NULL) {
    out->text[head] = '@';
    memcpy(out->text + head + 1, instance, length);
  }
  memcpy(out->text + head + at + length, suffix, sizeof suffix);
  return true;
}

// The part in front of "@", or of the suffix.
static size_t
head_length(const char *name) {
  const char *at = strchr(name, '@');
  return at != NULL ? (size_t)(at - name) : strlen(name) - SUFFIX_BYTES;
}

void
unit_name_template(const char *instance, struct unit_name *out) {
  if (!join(out, instance, head_length(instance), "", 0))
    out->text[0] = '\0'; // never: it is shorter than the instance
}

bool
unit_name_instantiate(const char *template, const char *like, struct unit_name *out) {
  const char *instance;
  size_t length = unit_name_instance(like, &instance);
  return join(out, template, head_length(template), instance, length);
}

// Cuts `prefix` down to its next beginning that ends in "-" (a "-" at its own end is passed over once). Returns false
// if there is none; a "-" in front of everything is none. Source: systemd.unit(5), as measured with systemd 252.
static bool
shorten(char *prefix) {
  size_t end = strlen(prefix);
  if (end > 0 && prefix[end - 1] == '-')
    end--;
  while (end > 0 && prefix[end - 1] != '-')
    end--;
  if (end <= 1)
    return false;
  prefix[end] = '\0';
  return true;
}

// Steps: the name; its template; the beginnings alone; the beginnings with the instance, and as templates. The middle
// ones belong to the template of an instance, which has no instance to hand on.
enum { STEP_NAME, STEP_TEMPLATE, STEP_START, STEP_PLAIN, STEP_RESTART, STEP_INSTANCE, STEP_INSTANCE_TEMPLATE };

static void
start_prefix(struct unit_name_walk *walk) {
  size_t length = head_length(walk->name);
  memcpy(walk->prefix.text, walk->name, length);
  walk->prefix.text[length] = '\0';
  walk->step++;
}

bool
unit_name_next(struct unit_name_walk *walk, struct unit_name *out) {
  const char *instance, *prefix = walk->prefix.text;
  size_t length = unit_name_instance(walk->name, &instance);
  if (walk->step == STEP_NAME) {
    memcpy(out->text, walk->name, strlen(walk->name) + 1);
    walk->step = length > 0 ? STEP_TEMPLATE : STEP_START;
    return true;
  }
  if (walk->step == STEP_TEMPLATE) {
    unit_name_template(walk->name, out);
    walk->step = STEP_START;
    return true;
  }
  if (walk->step == STEP_START)
    start_prefix(walk);
  if (walk->step == STEP_PLAIN) {
    if (shorten(walk->prefix.text))
      return join(out, prefix, strlen(prefix), NULL, 0);
    if (length == 0)
      return false;
    walk->step = STEP_RESTART;
  }
  if (walk->step == STEP_RESTART)
    start_prefix(walk);
  if (walk->step == STEP_INSTANCE) {
    walk->step = STEP_INSTANCE_TEMPLATE;
    return shorten(walk->prefix.text) && join(out, prefix, strlen(prefix), instance, length);
  }
  walk->step = STEP_INSTANCE;
  return join(out, prefix, strlen(prefix), "", 0);
}
