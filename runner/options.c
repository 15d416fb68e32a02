// SPDX-License-Identifier: LGPL-2.1-or-later
// options.c - a command line against a table of options.
#include "runner/options.h"
#include <string.h>

struct words {
  char **argv;
  int argc, next; // the word after the one being read
};

static bool
option_has_value(const struct option_spec *spec) {
  return spec->kind == OPTION_TEXT || spec->kind == OPTION_TAKE;
}

static int
option_apply(const struct option_spec *spec, void *target, const char *value, struct error *e) {
  char *field = (char *)target + spec->offset;
  switch (spec->kind) {
  case OPTION_FLAG:
    memcpy(field, &(bool){true}, sizeof(bool));
    return 0;
  case OPTION_TEXT:
    memcpy(field, &value, sizeof value);
    return 0;
  case OPTION_TAKE:
    return spec->take(field, value, e);
  case OPTION_IGNORED:
  case OPTION_NONE:
    break;
  }
  return 0;
}

static int
option_next_value(struct words *words, const char *word, const char **value, struct error *e) {
  if (words->next == words->argc)
    return error_plain(e, ERROR_USAGE, "option %s needs a value", shown(word).text);
  *value = words->argv[words->next++];
  return 0;
}

static int
option_read_long(const struct option_spec *spec, struct words *words, void *target, const char *word, struct error *e) {
  const char *name = word + 2, *value = strchr(name, '=');
  size_t length = value == NULL ? strlen(name) : (size_t)(value - name);
  for (; spec->name != NULL; spec++)
    if (strlen(spec->name) == length && memcmp(spec->name, name, length) == 0)
      break;
  if (spec->name == NULL)
    return error_plain(e, ERROR_USAGE, "unknown option \"%s\"; see --help", shown_part(word, length + 2).text);
  if (!option_has_value(spec) && value != NULL)
    return error_plain(e, ERROR_USAGE, "option --%s takes no value", spec->name);
  if (value != NULL)
    value++;
  else if (option_has_value(spec) && option_next_value(words, word, &value, e) != 0)
    return -1;
  return option_apply(spec, target, value, e);
}

// One word of short options: flags may be joined, and one with a value ends the word.
static int
option_read_letters(const struct option_spec *specs, struct words *words, void *target, const char *word,
                    struct error *e) {
  for (const char *letter = word + 1; *letter != '\0'; letter++) {
    const struct option_spec *spec = specs;
    const char *value = NULL;
    while (spec->name != NULL && spec->letter != *letter)
      spec++;
    if (spec->name == NULL)
      return error_plain(e, ERROR_USAGE, "unknown option \"-%c\"; see --help", *letter);
    if (option_has_value(spec)) {
      if (letter[1] != '\0')
        value = letter + 1;
      else if (option_next_value(words, word, &value, e) != 0)
        return -1;
      return option_apply(spec, target, value, e);
    }
    if (option_apply(spec, target, NULL, e) != 0)
      return -1;
  }
  return 0;
}

int
options_read(const struct option_spec *specs, void *target, int argc, char **argv, int *first, struct error *e) {
  struct words words = {argv, argc, 1};
  while (words.next < argc) {
    const char *word = argv[words.next];
    if (word[0] != '-' || word[1] == '\0')
      break;
    words.next++;
    if (strcmp(word, "--") == 0)
      break;
    int failed = word[1] == '-' ? option_read_long(specs, &words, target, word, e)
                                : option_read_letters(specs, &words, target, word, e);
    if (failed != 0)
      return -1;
  }
  *first = words.next;
  return 0;
}
