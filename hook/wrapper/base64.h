// SPDX-License-Identifier: LGPL-2.1-or-later
// base64.h - back from the text of an order to its bytes.
#ifndef SCRUN_HOOK_WRAPPER_BASE64_H
#define SCRUN_HOOK_WRAPPER_BASE64_H
#include <stdbool.h>
#include <stddef.h>

// Reads `text` into `out`, which has room for `room` bytes, and sets *length. The text is what base64_write() writes
// and nothing else: padded, no other characters, no bits that are lost. False if it is not, or does not fit.
// Source: RFC 4648, section 4; 3.5 of it for the bits.
bool base64_read(const char *text, unsigned char *out, size_t room, size_t *length);
#endif
