// SPDX-License-Identifier: LGPL-2.1-or-later
// policy_file.h - lines of a policy file: comments, continuations, section headers and NAME=VALUE. What the names mean
// is not known here.
#ifndef SCRUN_COMPAT_POLICY_FILE_H
#define SCRUN_COMPAT_POLICY_FILE_H
#include "compat/line.h"

// Where reading stands; start with {.text = an opened text}.
struct policy_file {
  struct text text;
  const char *section; // the only one that there may be, with its brackets; NULL: [Service]
  bool foreign;        // below a header that was an error: its lines would only repeat that
};

// Takes the next assignment. Lines that are none (no "=", no name, another section) become errors and
// are passed over. Returns false at the end. Source: systemd.syntax(7); facts of systemd's parser that it leaves out
// stand in the tests.
bool policy_file_next(struct policy_file *file, struct assignment *out, struct diags *diags);

// Takes the next of several values of one property: a line with its continuations, as it would stand behind NAME=.
// Empty lines and comments are passed over. Returns false at the end.
bool policy_value_next(struct text *text, struct text *value);

// One NAME=VALUE that is the whole text. Returns false after adding an error.
bool policy_property_split(const struct text *text, struct assignment *out, struct diags *diags);
#endif
