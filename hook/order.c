// SPDX-License-Identifier: LGPL-2.1-or-later
// order.c - writes what the wrapper is to apply.
#include "hook/order.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Up to three bytes as four characters.
static void
group_write(char out[4], const unsigned char *bytes, size_t count) {
  uint32_t bits = (uint32_t)bytes[0] << 16;
  bits |= count > 1 ? (uint32_t)bytes[1] << 8 : 0;
  bits |= count > 2 ? bytes[2] : 0;
  for (size_t i = 0; i < 4; i++)
    out[i] = i <= count ? alphabet[bits >> (18 - 6 * i) & 63] : '=';
}

void
base64_write(struct buffer *out, const void *bytes, size_t length) {
  const unsigned char *at = bytes;
  while (length > 0) {
    char text[1024];
    size_t used = 0;
    for (; length > 0 && used < sizeof text; used += 4) {
      size_t count = length < 3 ? length : 3;
      group_write(text + used, at, count);
      at += count;
      length -= count;
    }
    buffer_add(out, "%.*s", (int)used, text);
  }
}

int
order_write(struct buffer *out, const struct image *image, struct error *e) {
  static unsigned char bytes[IMAGE_BYTES_MAX];
  size_t length = image_write(image, bytes), before = out->length;
  if ((length + 2) / 3 * 4 + 1 > ORDER_BYTES_MAX)
    return error_plain(e, ERROR_POLICY, "the compiled policy has %zu bytes, more than fit into an argument", length);
  base64_write(out, bytes, length);
  if (out->failed || out->length - before != (length + 2) / 3 * 4)
    return error_memory(e, ERROR_POLICY);
  return 0;
}
