// SPDX-License-Identifier: LGPL-2.1-or-later
// reader.h - what the reader of properties does for the reader of units; for nobody else.
#ifndef SCRUN_COMPAT_READER_H
#define SCRUN_COMPAT_READER_H
#include "compat/line.h"
#include "compat/systemd_read.h"

// Who gives a setting its meaning.
enum setting_syntax {
  SYNTAX_FULL,    // scrun alone
  SYNTAX_SYSTEMD, // systemd too: what it would skip is an error
};

// The place of a property in the table that reader_property() shows, or -1. There are fewer than 64.
int reader_find_property(struct source_pos name);
// Can a policy be made of that property alone?
bool reader_makes_policy(int property);

// Reads one line; unknown properties are errors.
void reader_take(struct reader *reader, const struct assignment *line, enum setting_syntax syntax, struct diags *diags);

// What every entry ends with: an error since `errors_before` fails the whole policy. Returns 0 or -1.
int reader_result(struct reader *reader, size_t errors_before, const struct diags *diags);
#endif
