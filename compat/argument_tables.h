// SPDX-License-Identifier: LGPL-2.1-or-later
// argument_tables.h - the shape of the generated tables: what generate_arguments.c writes, and arguments.c looks things
// up in. Private to these. No pointers, so that nothing needs relocation at start-up.
#ifndef SCRUN_COMPAT_ARGUMENT_TABLES_H
#define SCRUN_COMPAT_ARGUMENT_TABLES_H
#include "compat/arguments.h"

// The arguments of one call: some of the argument rows, which calls with the same arguments share.
struct argument_list {
  uint16_t first;
  uint8_t count;
  bool is_known;
};

// Another name of one of a call's arguments, by its index in the call's list.
struct synonym_row {
  char name[ARGUMENT_NAME_BYTES];
  uint16_t call;
  uint8_t argument;
};

// A constant: where its name begins in constant_names, and its value's index in constant_values.
struct constant_row {
  uint16_t name;
  uint16_t value;
};

extern const struct argument argument_rows[];
extern const struct argument_list argument_lists[]; // by call
extern const struct synonym_row synonym_rows[];
extern const uint16_t synonym_row_count;
extern const char constant_names[]; // one behind the other, each with a NUL
extern const uint64_t constant_values[];
extern const struct constant_row constant_rows[]; // by name
extern const uint16_t constant_row_count;
#endif
