// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_exec_command.c - a value of ExecStart=: commands lie in it, and what is wrapped is one command again, of the
// other program, with the same words behind.
#include "compat/line.h"
#include "runner/analyze/exec_command.h"
#include "runner/analyze/exec_word.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

#define BEFORE "/usr/bin/scrun --unit-file=%n"

static void
check_place(const struct source *source, struct source_pos at) {
  if (at.source != source || at.offset > source->length || at.length > source->length - at.offset)
    fuzz_fail("a place outside the text");
}

// The words behind keep their bytes, and end the line; a blank at their end, which a backslash keeps, has quotes
// behind.
static void
check_wrapped(const struct exec_command *command, const struct exec_command *wrapped) {
  size_t length = command->arguments_length;
  size_t quotes = length > 0 && exec_is_blank(command->arguments[length - 1]) ? 2 : 0;
  char *program = NULL;
  if (strcmp(wrapped->program, "/usr/bin/scrun") != 0 || strcmp(wrapped->prefixes, command->prefixes) != 0
      || wrapped->verbatim != command->verbatim || wrapped->argv0 != NULL)
    fuzz_fail("wrapped is another command");
  if (length + quotes > wrapped->arguments_length
      || (length > 0
          && memcmp(wrapped->arguments + wrapped->arguments_length - quotes - length, command->arguments, length) != 0))
    fuzz_fail("other arguments");
  if (!exec_command_unwrap(wrapped, "scrun", &program))
    fuzz_fail("there is no program behind");
  bool plain = strchr(command->program, '$') == NULL && strstr(command->program, "//") == NULL
               && strstr(command->program, "/.") == NULL && strncmp(command->program, "./", 2) != 0;
  if (plain && strcmp(program, command->program) != 0)
    fuzz_fail("another program");
  free(program);
}

static void
check_command(const struct exec_command *command) {
  struct buffer text = {0};
  struct exec_command wrapped, more;
  struct exec_line line;
  struct error e = {0};
  exec_command_wrap(&text, command, BEFORE, NULL);
  struct source source = {"wrapped", text.text, text.length, true};
  struct text value = {&source, 0, (uint32_t)text.length};
  if (text.failed || memchr(text.text, '\n', text.length) != NULL)
    fuzz_fail("not one line");
  if (exec_line_open(&line, &value, &e) != 0 || exec_line_next(&line, &wrapped, &e) != 1)
    fuzz_fail("wrapped is no command: %s: %s", text.text, e.text);
  check_wrapped(command, &wrapped);
  if (exec_line_next(&line, &more, &e) != 0)
    fuzz_fail("wrapped is more than one command: %s", text.text);
  exec_command_clear(&wrapped);
  exec_line_clear(&line);
  buffer_clear(&text);
}

// One line, with its continuations.
static void
check_value(const struct text *value) {
  struct exec_line line;
  struct exec_command command;
  struct error e = {0};
  int found;
  if (exec_line_open(&line, value, &e) != 0)
    fuzz_fail("not opened: %s", e.text);
  while ((found = exec_line_next(&line, &command, &e)) == 1) {
    check_place(value->source, command.at);
    check_command(&command);
    exec_command_clear(&command);
  }
  if (found < 0 && e.text[0] == '\0')
    fuzz_fail("failed without a reason");
  if (found < 0)
    check_place(value->source, e.at);
  exec_line_clear(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes bytes = {data, size};
  static struct diags diags;
  struct pieces pieces;
  struct text text, value;
  diags = (struct diags){.count = 0};
  pieces_split(&pieces, bytes, 0x01, "ExecStart=", true);
  for (size_t i = 0; i < pieces.count; i++)
    if (text_open(&text, &pieces.sources[i], &diags))
      while (line_next(&text, &value))
        check_value(&value);
  pieces_free(&pieces);
  return 0;
}
