// SPDX-License-Identifier: LGPL-2.1-or-later
// unit_file.h - lines of a unit file, as systemd takes them apart: sections, comments, continuations and NAME=VALUE.
// What the names mean is not known here.
#ifndef SCRUN_COMPAT_UNIT_FILE_H
#define SCRUN_COMPAT_UNIT_FILE_H
#include "compat/line.h"

// Where reading stands; start with {.text = an opened text}.
struct unit_file {
  struct text text;
  struct source_pos section; // the header that the line is below, without its brackets; length 0: none yet
  const char *strict;        // the section in which nothing is passed over, without brackets; NULL: none
  bool begun, marked;        // private
};

// Takes the next assignment of any section, whose name is then in file->section. What systemd passes over with a
// warning (a line without "=", one above every section) is passed over without one: the unit is systemd's; in the
// strict section it is an error. Where systemd would not load the file, an error is added and reading ends. Returns
// false at the end. Source: config_parse() as measured with systemd 252; systemd.syntax(7).
bool unit_file_next(struct unit_file *file, struct assignment *out, struct diags *diags);

// Is the line in that section? `name` without brackets: "Service".
bool unit_file_in(const struct unit_file *file, const char *name);
#endif
