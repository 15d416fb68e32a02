// SPDX-License-Identifier: LGPL-2.1-or-later
// words.h - messages without a C library.
#ifndef SCRUN_HOOK_WRAPPER_WORDS_H
#define SCRUN_HOOK_WRAPPER_WORDS_H
#include <stdarg.h>
#include <stddef.h>

// As vsnprintf(3) for %s, %d, %u, %zu and %%, but that a word is cut to WORD_BYTES with "..." behind it, so that it
// cannot push the reason out of the message, and that what is no printable ASCII in it becomes "?". Writes the text,
// cut to `size`, with a NUL; returns its length without.
#define WORD_BYTES 155
size_t words_format(char *out, size_t size, const char *format, va_list arguments);
#endif
