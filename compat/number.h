// SPDX-License-Identifier: LGPL-2.1-or-later
// number.h - integers that are right as a whole or wrong, and the names of errno values.
#ifndef SCRUN_COMPAT_NUMBER_H
#define SCRUN_COMPAT_NUMBER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a leading zero means: nothing (then "012" is no number), or octal, as in C.
enum number_zero { NUMBER_PLAIN, NUMBER_OCTAL };

// Reads all `length` bytes as one number, decimal or with 0x in front. No sign, blank or tail. False if it is no number
// or above `max`.
bool number_read(const char *text, size_t length, enum number_zero zero, uint64_t max, uint64_t *out);

// The value of an errno name, in any case. False if there is no such name on Linux on x86.
bool errno_find(const char *name, size_t length, uint16_t *value);

// The name of an errno value, "EAGAIN" rather than its alias "EWOULDBLOCK"; NULL if it has none.
const char *errno_name(unsigned value);

// The errno name nearest to a mistyped one, or NULL if none is near.
const char *errno_suggest(const char *name, size_t length);
#endif
