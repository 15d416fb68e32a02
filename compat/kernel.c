// SPDX-License-Identifier: LGPL-2.1-or-later
// kernel.c - versions of the kernel.
#include "compat/kernel.h"
#include "compat/number.h"

// The digits at the beginning of the text, as one number.
static size_t
take_digits(const char *text, size_t length, uint64_t *out) {
  size_t count = 0;
  while (count < length && text[count] >= '0' && text[count] <= '9')
    count++;
  return number_read(text, count, NUMBER_PLAIN, UINT16_MAX, out) ? count : 0;
}

bool
kernel_read(const char *text, size_t length, bool tail, uint32_t *kernel) {
  uint64_t major, minor;
  size_t before = take_digits(text, length, &major);
  if (before == 0 || before == length || text[before] != '.')
    return false;
  size_t behind = take_digits(text + before + 1, length - before - 1, &minor);
  if (behind == 0 || (!tail && before + 1 + behind != length))
    return false;
  *kernel = KERNEL(major, minor);
  return true;
}
