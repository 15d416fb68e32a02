// SPDX-License-Identifier: LGPL-2.1-or-later
// diag.c - collects messages and prints them with the user's own line and a caret.
#include "compat/diag.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Columns of the user's line that a message shows, and how many of them stand before the place when the line is longer.
enum { SHOWN_COLUMNS = 100, SHOWN_BEFORE = 60, NUMBER_COLUMNS = 5 };

// Name of the tool, place, kind, two gutters and line ends are the rest.
_Static_assert(SHOWN_BYTES + ERROR_TEXT_BYTES + 2 * SHOWN_COLUMNS + 128 <= DIAG_BYTES, "every message fits");

// Where the next message goes, or NULL if the list is full. The first error always finds a place, so that a flood of
// warnings cannot hide why nothing was started.
static struct diag *
diag_slot(struct diags *diags, enum diag_kind kind) {
  if (diags->count < DIAGS_MAX)
    return &diags->items[diags->count++];
  diags->dropped++;
  return kind == DIAG_ERROR && diags->errors == 1 ? &diags->items[DIAGS_MAX - 1] : NULL;
}

void
diag_add(struct diags *diags, enum diag_kind kind, struct source_pos at, const char *format, ...) {
  if (kind == DIAG_ERROR)
    diags->errors++;
  struct diag *diag = diag_slot(diags, kind);
  if (diag == NULL)
    return;
  diag->kind = kind;
  diag->at = at;
  va_list arguments;
  va_start(arguments, format);
  if (vsnprintf(diag->text, sizeof diag->text, format, arguments) < 0)
    diag->text[0] = '\0';
  va_end(arguments);
}

// A bounded buffer that is written byte by byte; what does not fit is cut.
struct out {
  char *text;
  size_t length, size;
};

static void
out_byte(struct out *out, char byte) {
  if (out->length + 1 < out->size)
    out->text[out->length++] = byte;
}

static void
out_repeat(struct out *out, char byte, size_t count) {
  while (count-- > 0)
    out_byte(out, byte);
}

// User text: one column for each byte, so that the caret stands right.
static void
out_shown(struct out *out, const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    out_byte(out, diag_shown_byte(text[i]));
}

static void
out_string(struct out *out, const char *text) {
  out_shown(out, text, strlen(text));
}

static void
out_number(struct out *out, unsigned number) {
  char digits[16];
  snprintf(digits, sizeof digits, "%u", number);
  out_string(out, digits);
}

// The part of a line that is shown: all of it, or a window around the place.
struct window {
  size_t from, to;
  bool cut_left, cut_right;
};

static struct window
window_around(size_t column, size_t length) {
  struct window window = {0, length, false, false};
  if (length <= SHOWN_COLUMNS)
    return window;
  if (column > SHOWN_BEFORE)
    window.from = column - SHOWN_BEFORE;
  if (window.from + SHOWN_COLUMNS < length)
    window.to = window.from + SHOWN_COLUMNS;
  window.cut_left = window.from > 0;
  window.cut_right = window.to < length;
  return window;
}

// What stands left of the user's line: its number, or the same width of nothing; only indentation for the command line.
static void
out_gutter(struct out *out, const struct source_line *line, bool has_lines, bool numbered) {
  if (!has_lines) {
    out_repeat(out, ' ', 4);
    return;
  }
  char digits[16];
  size_t length = (size_t)snprintf(digits, sizeof digits, "%u", line->line);
  out_repeat(out, ' ', length < NUMBER_COLUMNS ? NUMBER_COLUMNS - length : 0);
  if (numbered)
    out_string(out, digits);
  else
    out_repeat(out, ' ', length);
  out_string(out, " | ");
}

static void
out_quote(struct out *out, struct source_pos at, const struct source_line *line) {
  size_t column = line->column - 1 < line->length ? line->column - 1 : line->length;
  struct window window = window_around(column, line->length);
  out_gutter(out, line, at.source->has_lines, true);
  out_string(out, window.cut_left ? "..." : "");
  out_shown(out, line->text + window.from, window.to - window.from);
  out_string(out, window.cut_right ? "..." : "");
  out_byte(out, '\n');

  size_t room = window.to > column ? window.to - column : 1;
  size_t length = at.length == 0 ? 1 : at.length;
  out_gutter(out, line, at.source->has_lines, false);
  out_repeat(out, ' ', column - window.from + (window.cut_left ? 3 : 0));
  out_byte(out, '^');
  out_repeat(out, '~', (length < room ? length : room) - 1);
  out_byte(out, '\n');
}

// "tool: place: [warning: ]text\n"
static void
out_headline(struct out *out, const struct diag *diag, const char *tool, const struct source_line *line) {
  out_string(out, tool);
  out_string(out, ": ");
  if (diag->at.source != NULL) {
    out_string(out, shown(diag->at.source->name).text);
    if (diag->at.source->has_lines) {
      out_byte(out, ':');
      out_number(out, line->line);
      out_byte(out, ':');
      out_number(out, line->column);
    }
    out_string(out, ": ");
  }
  if (diag->kind == DIAG_WARNING)
    out_string(out, "warning: ");
  out_string(out, diag->text);
  out_byte(out, '\n');
}

size_t
diag_write(const struct diag *diag, const char *tool, char *out, size_t size) {
  struct out to = {out, 0, size};
  struct source_line line = {0};
  if (size == 0)
    return 0;
  if (diag->at.source != NULL)
    line = source_line_at(diag->at);
  out_headline(&to, diag, tool, &line);
  if (diag->at.source != NULL && diag->kind != DIAG_HINT && line.length > 0)
    out_quote(&to, diag->at, &line);
  out[to.length] = '\0';
  return to.length;
}

struct diag
diag_of_error(const struct error *e) {
  struct diag diag = {.kind = DIAG_ERROR, .at = e->at};
  size_t length = strlen(e->text);
  if (length >= sizeof diag.text)
    length = sizeof diag.text - 1;
  memcpy(diag.text, e->text, length);
  return diag;
}
