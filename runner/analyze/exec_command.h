// SPDX-License-Identifier: LGPL-2.1-or-later
// exec_command.h - the commands of an ExecStart= line, taken apart as systemd takes them apart and not further than
// needed: what is kept stays as it was written.
#ifndef SCRUN_RUNNER_ANALYZE_EXEC_COMMAND_H
#define SCRUN_RUNNER_ANALYZE_EXEC_COMMAND_H
#include "compat/buffer.h"
#include "compat/text.h"

// A value with its continuations joined; the commands borrow from it.
struct exec_line {
  struct text value; // as it stands in its file
  char *text;        // private, as is the rest; on the heap
  size_t length, at;
};

#define EXEC_PREFIXES_MAX 4 // "-", ":" and one of "+", "!" and "!!", each once

struct exec_command {
  struct source_pos at;                 // the command, from its first byte to its last
  char prefixes[EXEC_PREFIXES_MAX + 1]; // as written, without "@"
  bool verbatim;                        // ":": $ means nothing in it
  bool privileged;                      // "+": the unit's credentials and sandbox are not for it
  bool keeps_user;                      // "!": User= and Group= are not for it
  char *program;                        // without quotes and prefixes, with its specifiers; on the heap
  const char *argv0;                    // of "@": the word as written; NULL: none
  size_t argv0_length;
  const char *arguments; // all words behind, as written
  size_t arguments_length;
};

// Joins the lines of `value`. Fails with ERROR_POLICY. exec_line_clear() in any case.
SC_NODISCARD int exec_line_open(struct exec_line *line, const struct text *value, struct error *e);
void exec_line_clear(struct exec_line *line);

// Takes the next of the commands that ";" divides. Returns 1, or 0 at the end, or -1 with ERROR_POLICY, at its place,
// for what systemd 252 does not take or what would mean something else behind another program's name.
SC_NODISCARD int exec_line_next(struct exec_line *line, struct exec_command *out, struct error *e);
void exec_command_clear(struct exec_command *command);

// Whether the program is a path: as written, or by the specifier that it begins with.
bool exec_command_is_path(const struct exec_command *command);

// Adds the command with another one in front: the prefixes, `before` (whole words, as they stand in a unit), --argv0=
// where the program's own name would change, "--", the program and its arguments. `program` is the path that a name
// without slashes means, or NULL. Specifiers, variables and quotes mean what they meant.
void exec_command_wrap(struct buffer *out, const struct exec_command *command, const char *before, const char *program);

// Is `name` the program's last name?
bool exec_command_is_of(const struct exec_command *command, const char *name);

// Takes a wrapped command apart again: if it is one of `name` and a word of the arguments is "--", sets
// *program to a heap copy of the word behind it, without quotes, and returns true. The specifiers are still in it.
SC_NODISCARD bool exec_command_unwrap(const struct exec_command *command, const char *name, char **program);

// Does one of the words before "--" begin with `option`? Out of memory: no.
SC_NODISCARD bool exec_command_has_option(const struct exec_command *command, const char *option);

// Adds the text of a path as systemd means it: "%%" and, unless verbatim, "$$" are one byte. Returns false if there is
// any other specifier or variable in it, whose value is not known here.
SC_NODISCARD bool exec_path_plain(const char *text, bool verbatim, struct buffer *out);
#endif
