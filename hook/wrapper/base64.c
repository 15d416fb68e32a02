// SPDX-License-Identifier: LGPL-2.1-or-later
// base64.c - base64, strictly.
#include "hook/wrapper/base64.h"
#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// How many of the four places at `text`, of which the first `count` are characters, are the padding that ends a text;
// or 4 if what stands there is none.
static size_t
padding_read(const char *text, size_t count) {
  if (count == 4)
    return 0;
  if (count < 2 || text[count] != '=')
    return 4;
  if (count == 2 && text[3] != '=')
    return 4;
  return text[4] == '\0' ? 4 - count : 4;
}

bool
base64_read(const char *text, unsigned char *out, size_t room, size_t *length) {
  static unsigned char values[256]; // by character, one more than what it stands for
  size_t used = 0;
  for (size_t i = 0; i < 64; i++)
    values[(unsigned char)alphabet[i]] = (unsigned char)(i + 1);
  for (size_t padding = 0; *text != '\0' && padding == 0; text += 4) {
    uint32_t bits = 0;
    size_t count = 0;
    for (; count < 4 && values[(unsigned char)text[count]] != 0; count++)
      bits |= (values[(unsigned char)text[count]] - 1u) << (18 - 6 * count);
    padding = padding_read(text, count);
    if (padding > 2 || (bits & ((1u << 8 * padding) - 1)) != 0 || room - used < 3 - padding)
      return false;
    for (size_t i = 0; i < 3 - padding; i++)
      out[used++] = (unsigned char)(bits >> (16 - 8 * i));
  }
  *length = used;
  return true;
}
