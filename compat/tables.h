// SPDX-License-Identifier: LGPL-2.1-or-later
// tables.h - the shape of the generated tables: what generate_tables.c writes, and calls.c looks things up in. Private
// to these.
#ifndef SCRUN_COMPAT_TABLES_H
#define SCRUN_COMPAT_TABLES_H
#include "compat/calls.h"

// The longest name of a call or a group, with its NUL. Fixed width: rows without pointers need no relocation at
// start-up.
#define CALL_NAME_BYTES 32

// Slots of the hash table of names, a power of two: at most half full with CALLS_MAX names.
#define CALL_SLOTS 2048

struct call_row {
  char name[CALL_NAME_BYTES];
  uint8_t length;            // of the name
  uint8_t multiplexer;       // 1 + index in `multiplexers`, or 0
  uint8_t choice;            // the first argument that chooses this call there
  int16_t number[ABI_COUNT]; // without X32_BIT; -1: the ABI does not have the call
  uint16_t first_kernel;     // on x86-64 and x32: major << 8 | minor, 0: 3.0 or older
  uint16_t first_kernel_i386;
};

extern const struct call_row call_rows[]; // by name
extern const uint16_t call_row_count;
extern const call_t call_slots[CALL_SLOTS];                  // open addressing, linear probing; CALL_NONE: free
extern const call_t call_by_number[ABI_COUNT][CALL_NUMBERS]; // CALL_NONE: no call has the number

// Where the search for a name begins: FNV-1a, with the better mixed upper bits folded in.
static inline uint32_t
call_slot(const char *name, size_t length) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)name[i]) * 16777619u;
  return (hash ^ hash >> 15) % CALL_SLOTS;
}
#endif
