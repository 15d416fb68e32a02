// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_order.c - orders from anybody: what the wrapper decodes is what base64_write() writes for the same bytes, and
// nothing else decodes; nothing is written past the room.
#include "hook/order.h"
#include "hook/wrapper/base64.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

// Bytes of just that size, so that one too many is noticed.
static unsigned char *
room_make(size_t size) {
  unsigned char *room = malloc(size > 0 ? size : 1);
  if (room == NULL)
    abort();
  return room;
}

static void
decode_check(const char *text) {
  size_t length = strlen(text) / 4 * 3, got = 0;
  struct buffer again = {NULL, 0, 0, false};
  unsigned char *out = room_make(length);
  if (base64_read(text, out, length, &got)) {
    if (got > length)
      fuzz_fail("more bytes than there is room");
    base64_write(&again, out, got);
    if (strcmp(got == 0 ? "" : again.text, text) != 0)
      fuzz_fail("it would be written otherwise than it was read");
    if (got > 0 && base64_read(text, out, got - 1, &(size_t){0}))
      fuzz_fail("it is read into a room that is too small");
  }
  buffer_clear(&again);
  free(out);
}

static void
round_check(const uint8_t *data, size_t size) {
  struct buffer text = {NULL, 0, 0, false};
  size_t got = size + 1;
  unsigned char *out = room_make(size);
  base64_write(&text, data, size);
  if (!base64_read(size == 0 ? "" : text.text, out, size, &got) || got != size || memcmp(out, data, size) != 0)
    fuzz_fail("what was written is not read");
  buffer_clear(&text);
  free(out);
}

// And whatever comes out, image.c looks at it: fuzz_image.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = (char *)room_make(size + 1);
  if (size > 0)
    memcpy(text, data, size);
  text[size] = '\0';
  decode_check(text);
  round_check(data, size);
  free(text);
  return 0;
}
