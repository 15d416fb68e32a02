// SPDX-License-Identifier: LGPL-2.1-or-later
// action_read.c - reads action words.
#include "compat/action_read.h"
#include "compat/nearest.h"
#include "compat/number.h"
#include "compat/text.h"

static const struct action_word {
  const char *name;
  enum action_kind kind;
} action_words[] = {
    {"kill", ACTION_KILL_PROCESS},
    {"kill-process", ACTION_KILL_PROCESS},
    {"kill-thread", ACTION_KILL_THREAD},
    {"log", ACTION_LOG},
    {"trace", ACTION_TRACE},
    {"trap", ACTION_TRAP},
};
enum { ACTION_WORDS = sizeof action_words / sizeof action_words[0] };

const char *
action_read(const char *text, size_t length, struct action *out) {
  uint64_t number;
  uint16_t value;
  for (size_t i = 0; i < ACTION_WORDS; i++) {
    if (text_is(text, length, action_words[i].name)) {
      *out = (struct action){action_words[i].kind, 0};
      return NULL;
    }
  }
  if (errno_find(text, length, &value)) {
    *out = (struct action){ACTION_ERRNO, value};
    return NULL;
  }
  if (number_read(text, length, NUMBER_OCTAL, UINT64_MAX, &number)) {
    if (number > ACTION_ERRNO_MAX)
      return "is above 4095, the greatest errno there is";
    *out = (struct action){ACTION_ERRNO, (uint16_t)number};
    return NULL;
  }
  if (text_is(text, length, "notify"))
    return "would wait for a supervisor, and there is none that could answer";
  return "is not an errno name, a number up to 4095 or an action";
}

const char *
action_suggest(const char *text, size_t length) {
  struct nearest nearest;
  nearest_start(&nearest, text, length);
  for (size_t i = 0; i < ACTION_WORDS; i++)
    nearest_offer(&nearest, action_words[i].name);
  return nearest.best != NULL ? nearest.best : errno_suggest(text, length);
}
