// SPDX-License-Identifier: LGPL-2.1-or-later
// words.c - what of printf(3) messages need.
#include "hook/wrapper/words.h"

struct line {
  char *out;
  size_t used, room; // `room` without the NUL
};

static void
line_add(struct line *line, char character) {
  if (line->used < line->room)
    line->out[line->used++] = character;
}

static void
line_add_word(struct line *line, const char *word) {
  size_t i = 0;
  for (; word[i] != '\0' && i < WORD_BYTES; i++)
    line_add(line, word[i] >= ' ' && word[i] <= '~' ? word[i] : '?');
  for (size_t dots = 0; dots < 3 && word[i] != '\0'; dots++)
    line_add(line, '.');
}

static void
line_add_number(struct line *line, unsigned long number) {
  char digits[20];
  size_t count = 0;
  do
    digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  while (count > 0)
    line_add(line, digits[--count]);
}

static void
line_add_int(struct line *line, int number) {
  if (number < 0)
    line_add(line, '-');
  line_add_number(line, number < 0 ? -(unsigned long)number : (unsigned long)number);
}

size_t
words_format(char *out, size_t size, const char *format, va_list arguments) {
  struct line line = {out, 0, size - 1};
  for (const char *at = format; *at != '\0'; at++) {
    if (*at != '%') {
      line_add(&line, *at);
      continue;
    }
    switch (*++at) {
    case 's':
      line_add_word(&line, va_arg(arguments, const char *));
      break;
    case 'd':
      line_add_int(&line, va_arg(arguments, int));
      break;
    case 'u':
      line_add_number(&line, va_arg(arguments, unsigned));
      break;
    case 'z': // always "zu"
      at++;
      line_add_number(&line, va_arg(arguments, size_t));
      break;
    default: // "%%"
      line_add(&line, *at);
    }
  }
  out[line.used] = '\0';
  return line.used;
}
