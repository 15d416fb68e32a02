// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_command.c - a command line of an OCI runtime, its words ended by newlines: whatever is read of it lies in it.
#include "hook/runtime/command.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64

// Each word has memory of its own.
struct line {
  char *words[WORDS_MAX + 1];
  int count;
};

static void
line_split(struct line *line, const uint8_t *data, size_t size) {
  line->count = 0;
  while (size > 0 && line->count < WORDS_MAX) {
    const uint8_t *end = memchr(data, '\n', size);
    size_t length = end != NULL ? (size_t)(end - data) : size;
    char *word = calloc(1, length + 1);
    if (word == NULL)
      abort();
    memcpy(word, data, length);
    line->words[line->count++] = word;
    data += end != NULL ? length + 1 : length;
    size -= end != NULL ? length + 1 : length;
  }
  line->words[line->count] = NULL;
}

static bool
is_inside(const struct line *line, const char *text) {
  for (int i = 0; i < line->count; i++)
    if (text >= line->words[i] && text <= line->words[i] + strlen(line->words[i]))
      return true;
  return false;
}

static bool
is_one_of(const char *word, const char *one, const char *other) {
  return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

static void
check_name(const struct line *line, const struct command *command, int name) {
  if (name <= command->at || name >= line->count || line->words[name][0] == '-' || line->words[name][0] == '\0')
    fuzz_fail("word %d is no container's name", name);
}

static void
check_create(const struct line *line, const struct command *command) {
  if (!is_one_of(line->words[command->at], "create", "run") || command->container != line->count - 1)
    fuzz_fail("not the whole of a create was read");
  if (command->bundle != NULL && (command->bundle[0] == '\0' || !is_inside(line, command->bundle)))
    fuzz_fail("no bundle");
}

static void
check_exec(const struct line *line, const struct command *command) {
  if (strcmp(line->words[command->at], "exec") != 0)
    fuzz_fail("not an exec");
  if (command->other_container != 0)
    check_name(line, command, command->other_container);
  if ((command->process != 0) != (command->process_file != NULL))
    fuzz_fail("half a process");
  if (command->process == 0)
    return;
  const char *word = line->words[command->process];
  if (command->process <= command->at || command->process >= command->container || command->process_file < word
      || command->process_file > word + strlen(word))
    fuzz_fail("the process is elsewhere");
}

static void
check_command(const struct line *line, const struct command *command) {
  switch (command->verb) {
  case COMMAND_CREATE:
    check_name(line, command, command->container);
    check_create(line, command);
    return;
  case COMMAND_EXEC:
    check_name(line, command, command->container);
    check_exec(line, command);
    return;
  case COMMAND_OTHER:
    return;
  case COMMAND_NONE:
    break;
  }
  fuzz_fail("no command");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct line line;
  struct command command;
  struct error e = {.kind = ERROR_NONE};
  line_split(&line, data, size);
  if (command_read(line.count, line.words, &command, &e) == 0)
    check_command(&line, &command);
  else if (e.kind != ERROR_USAGE || e.text[0] == '\0')
    fuzz_fail("failed without a reason");
  if (command.log != NULL && !is_inside(&line, command.log))
    fuzz_fail("the log is elsewhere");
  for (int i = 0; i < line.count; i++)
    free(line.words[i]);
  return 0;
}
