// SPDX-License-Identifier: LGPL-2.1-or-later
// drop_in_unit.h - what a unit says of its commands, of system calls and of what decides about either: the lines that
// count, resets applied.
#ifndef SCRUN_RUNNER_ANALYZE_DROP_IN_UNIT_H
#define SCRUN_RUNNER_ANALYZE_DROP_IN_UNIT_H
#include "compat/line.h"
#include "runner/analyze/exec_command.h"
#include "runner/unit_files.h"
#include <limits.h>

// UNIT_OWN is any line of [X-Scrun]; the others are of [Service].
enum unit_key {
  UNIT_NONE,
  UNIT_OWN,
  UNIT_EXEC_START,
  UNIT_EXEC_OTHER, // ExecStartPre= and its relatives
  UNIT_FILTER,
  UNIT_ERROR_NUMBER,
  UNIT_ARCHITECTURES,
  UNIT_LOG,
  UNIT_NO_NEW_PRIVILEGES,
  UNIT_USER,
  UNIT_DYNAMIC_USER,
  UNIT_BOUNDING_SET,
  UNIT_AMBIENT,
  UNIT_SECURE_BITS,
  UNIT_ROOT_DIRECTORY,
  UNIT_ROOT_IMAGE,
  UNIT_TEMPORARY,
  UNIT_INACCESSIBLE,
  UNIT_NO_EXEC,
  UNIT_SEARCH_PATH,
};

struct unit_line {
  enum unit_key key;
  struct source_pos name;
  struct text value;
};

struct drop_in_unit {
  struct unit_files files;
  struct unit_line *lines; // in their order
  size_t line_count, line_room;
  struct exec_line *texts; // of ExecStart=
  size_t text_count, text_room;
  struct exec_command *commands; // borrow from `texts`
  size_t command_count, command_room;
  char path[PATH_MAX]; // of the drop-in that is to be, without the root
  size_t place;        // how many of the files count before it
};

// Finds and reads the unit. `folder` is where drop-ins of its name are written, without the root, and `name` is that of
// the one to be; NULL: none is to be. Fails with ERROR_POLICY, also when another drop-in has that name, or would undo
// what the one to be says. drop_in_unit_clear() in any case.
SC_NODISCARD int drop_in_unit_read(struct drop_in_unit *unit, const char *unit_name, const char *folder,
                                   const char *name, struct error *e);
void drop_in_unit_clear(struct drop_in_unit *unit);

// The last line of that kind, or NULL.
const struct unit_line *drop_in_unit_last(const struct drop_in_unit *unit, enum unit_key key);

// Does [X-Scrun] of some file set the property that the line names?
bool drop_in_unit_owns(const struct drop_in_unit *unit, const struct unit_line *line);

// Does the line count for the policy: one of [X-Scrun], or of a property that is not set there?
bool drop_in_unit_counts(const struct drop_in_unit *unit, const struct unit_line *line);

// Is any of its commands one of scrun's?
bool drop_in_unit_is_wrapped(const struct drop_in_unit *unit);

// The value on one line, without blanks around it; on the heap, or NULL when memory is out.
char *unit_line_text(const struct unit_line *line);

// systemd's booleans: the last value that is one, or -1.
int drop_in_unit_boolean(const struct drop_in_unit *unit, enum unit_key key);
#endif
