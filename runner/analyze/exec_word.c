// SPDX-License-Identifier: LGPL-2.1-or-later
// exec_word.c - words of ExecStart=: quotes and escapes, as measured with systemd 252.
#include "runner/analyze/exec_word.h"
#include <stdint.h>
#include <string.h>

static int
digit_of(char byte) {
  char lower = text_lower(byte);
  return lower >= '0' && lower <= '9' ? lower - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// `digits` digits of a base, or -1. Text ends in NUL, which is no digit.
static int64_t
digits_read(const char *text, unsigned base, unsigned digits) {
  int64_t value = 0;
  for (unsigned i = 0; i < digits; i++) {
    int digit = digit_of(text[i]);
    if (digit < 0 || digit >= (int)base)
      return -1;
    value = value * base + digit;
  }
  return value;
}

static size_t
character_write(uint32_t character, char *out) {
  size_t more = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  static const unsigned char heads[] = {0, 0xc0, 0xe0, 0xf0};
  out[0] = (char)(heads[more] | character >> (6 * more));
  for (size_t i = 1; i <= more; i++)
    out[i] = (char)(0x80 | (character >> (6 * (more - i)) & 0x3f));
  return more + 1;
}

// The escapes with digits: behind the backslash, how many digits of which base, and whether it is a character or a
// byte.
static const struct numbered {
  char letter; // '\0': the first digit stands right there
  unsigned base, digits;
  bool character;
} numbered[] = {{'x', 16, 2, false}, {'u', 16, 4, true}, {'U', 16, 8, true}, {'\0', 8, 3, false}};

static size_t
numbered_write(const char *text, const struct numbered *form, char *out, size_t *written) {
  size_t head = form->letter != '\0' ? 1 : 0;
  int64_t value = digits_read(text + head, form->base, form->digits);
  if (value <= 0 || value > (form->character ? 0x10ffff : 0xff))
    return 0;
  *written = 1;
  if (form->character)
    *written = character_write((uint32_t)value, out);
  else
    out[0] = (char)value;
  return head + form->digits;
}

// What the escape behind a backslash stands for. Returns how many bytes it is long, or 0 if it is none.
static size_t
escape_write(const char *text, char *out, size_t *written) {
  static const char letters[] = "abfnrtvs\\\"'", values[] = "\a\b\f\n\r\t\v \\\"'";
  const char *letter = *text != '\0' ? strchr(letters, *text) : NULL;
  *written = 1;
  if (letter != NULL) {
    *out = values[letter - letters];
    return 1;
  }
  for (size_t i = 0; i < sizeof numbered / sizeof numbered[0]; i++)
    if (numbered[i].letter == *text || numbered[i].letter == '\0')
      return numbered_write(text, &numbered[i], out, written);
  return 0;
}

size_t
exec_word_take(const char *text, char *out) {
  size_t at = 0, written;
  char quote = '\0';
  while (text[at] != '\0' && (quote != '\0' || !exec_is_blank(text[at]))) {
    char byte = text[at++];
    if (byte == '\\') {
      size_t length = escape_write(text + at, out, &written);
      if (length == 0)
        *out = byte;
      out += written;
      at += length;
      if (length == 0 && text[at] != '\0')
        *out++ = text[at++]; // no escape: both stay, and a blank or a quote ends nothing
    } else if (quote == '\0' ? byte == '"' || byte == '\'' : byte == quote) {
      quote = quote == '\0' ? byte : '\0';
    } else {
      *out++ = byte;
    }
  }
  *out = '\0';
  return quote == '\0' ? at : 0;
}

size_t
exec_blanks_length(const char *text) {
  size_t length = 0;
  while (exec_is_blank(text[length]))
    length++;
  return length;
}
