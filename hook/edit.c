// SPDX-License-Identifier: LGPL-2.1-or-later
// edit.c - changes are kept as what they mean; where the bytes and the commas go is decided when all are known.
#include "hook/edit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct edit *
add_edit(struct edits *edits, enum edit_kind kind, struct json_value value) {
  if (edits->count == EDITS_MAX) {
    edits->failed = true;
    return NULL;
  }
  struct edit *edit = &edits->items[edits->count++];
  *edit = (struct edit){.kind = kind, .value = value};
  return edit;
}

static void
add_text(struct edits *edits, enum edit_kind kind, struct json_value value, const char *text) {
  struct edit *edit = add_edit(edits, kind, value);
  edits->failed |= text == NULL;
  if (edit != NULL && text != NULL)
    buffer_add(&edit->text, "%s", text);
}

void
edit_replace(struct edits *edits, struct json_value value, const char *text) {
  add_text(edits, EDIT_REPLACE, value, text);
}

void
edit_remove(struct edits *edits, struct json_value value) {
  (void)add_edit(edits, EDIT_REMOVE, value);
}

void
edit_insert_before(struct edits *edits, struct json_value element, const char *text) {
  add_text(edits, EDIT_INSERT, element, text);
}

void
edit_prepend(struct edits *edits, struct json_value array, const char *text) {
  add_text(edits, EDIT_PREPEND, array, text);
}

void
edit_append(struct edits *edits, struct json_value array, const char *text) {
  add_text(edits, EDIT_APPEND, array, text);
}

void
edit_add_member(struct edits *edits, struct json_value object, const char *name, const char *text) {
  struct edit *edit = add_edit(edits, EDIT_APPEND, object);
  edits->failed |= text == NULL;
  if (edit == NULL || text == NULL)
    return;
  edit_add_string(&edit->text, name, strlen(name));
  buffer_add(&edit->text, ":%s", text);
}

// The escape of a byte that cannot stand for itself in a string, or NULL.
static const char *
escape_of(char byte, char room[8]) {
  static const char short_ones[] = "\"\"\\\\\bb\ff\nn\rr\tt"; // the byte, and what stands behind the backslash
  for (size_t i = 0; i < sizeof short_ones - 1; i += 2)
    if (short_ones[i] == byte) {
      snprintf(room, 8, "\\%c", short_ones[i + 1]);
      return room;
    }
  if ((unsigned char)byte >= 0x20)
    return NULL;
  snprintf(room, 8, "\\u%04x", (unsigned)(unsigned char)byte);
  return room;
}

void
edit_add_string(struct buffer *out, const char *bytes, size_t length) {
  char room[8];
  size_t from = 0;
  buffer_add(out, "\"");
  for (size_t i = 0; i < length; i++) {
    const char *escape = escape_of(bytes[i], room);
    if (escape == NULL)
      continue;
    buffer_add(out, "%.*s%s", (int)(i - from), bytes + from, escape);
    from = i + 1;
  }
  buffer_add(out, "%.*s\"", (int)(length - from), bytes + from);
}

// Applying.

// One change of bytes. Of several at one offset those that only insert come first, in the order given.
struct splice {
  uint32_t offset, length;
  const struct edit *edit;
  const char *before, *after; // commas
};

static bool
is_same(struct json_value a, struct json_value b) {
  return a.node == b.node;
}

static bool
is_removed(const struct edits *edits, struct json_value value) {
  for (size_t i = 0; i < edits->count; i++)
    if (edits->items[i].kind == EDIT_REMOVE && is_same(edits->items[i].value, value))
      return true;
  return false;
}

// A member with its name, an element as it is.
static struct source_pos
item_extent(struct json_value item) {
  return json_kind(json_parent(item)) == JSON_OBJECT ? json_member_extent(item) : json_extent(item);
}

static uint32_t
end_of(struct source_pos at) {
  return at.offset + at.length;
}

static struct json_value
first_that_stays(const struct edits *edits, struct json_value container) {
  struct json_value item = json_first(container);
  while (item.json != NULL && is_removed(edits, item))
    item = json_next(item);
  return item;
}

// The last one before `end` (no value: of all); no value if there is none.
static struct json_value
last_that_stays(const struct edits *edits, struct json_value container, struct json_value end) {
  struct json_value last = {0};
  for (struct json_value item = json_first(container); item.json != NULL; item = json_next(item)) {
    if (end.json != NULL && is_same(item, end))
      break;
    if (!is_removed(edits, item))
      last = item;
  }
  return last;
}

// An item goes with the comma behind it, or, where none follows, with the one behind the last that stays.
static void
place_removal(const struct edits *edits, struct splice *splice) {
  struct json_value item = splice->edit->value, next = json_next(item);
  struct source_pos extent = item_extent(item);
  uint32_t end = end_of(extent);
  splice->offset = extent.offset;
  if (next.json != NULL)
    end = item_extent(next).offset;
  else {
    struct json_value last = last_that_stays(edits, json_parent(item), item);
    if (last.json != NULL)
      splice->offset = end_of(item_extent(last));
  }
  splice->length = end - splice->offset;
}

// Has an earlier change put something into this container?
static bool
adds_earlier(const struct edits *edits, const struct edit *edit) {
  for (const struct edit *at = edits->items; at < edit; at++)
    if ((at->kind == EDIT_PREPEND || at->kind == EDIT_APPEND) && is_same(at->value, edit->value))
      return true;
  return false;
}

static void
place_addition(const struct edits *edits, struct splice *splice) {
  const struct edit *edit = splice->edit;
  struct json_value first = edit->kind == EDIT_INSERT ? edit->value : first_that_stays(edits, edit->value);
  if (first.json == NULL) {
    splice->offset = json_pos(edit->value).offset + 1;
    splice->before = adds_earlier(edits, edit) ? "," : "";
  } else if (edit->kind == EDIT_APPEND) {
    splice->offset = end_of(item_extent(last_that_stays(edits, edit->value, (struct json_value){0})));
    splice->before = ",";
  } else {
    splice->offset = item_extent(first).offset;
    splice->after = ",";
  }
}

static void
place_edit(const struct edits *edits, const struct edit *edit, struct splice *out) {
  *out = (struct splice){.edit = edit, .before = "", .after = ""};
  if (edit->kind == EDIT_REPLACE) {
    struct source_pos extent = json_extent(edit->value);
    out->offset = extent.offset;
    out->length = extent.length;
  } else if (edit->kind == EDIT_REMOVE)
    place_removal(edits, out);
  else
    place_addition(edits, out);
}

static int
compare_splices(const void *a, const void *b) {
  const struct splice *left = a, *right = b;
  if (left->offset != right->offset)
    return left->offset < right->offset ? -1 : 1;
  if ((left->length == 0) != (right->length == 0))
    return left->length == 0 ? -1 : 1;
  return left->edit < right->edit ? -1 : 1;
}

// All that is in front of `to` and not written yet.
static void
copy_to(const struct source *source, uint32_t *at, uint32_t to, struct buffer *out) {
  buffer_add(out, "%.*s", (int)(to - *at), source->text + *at);
  *at = to;
}

// What was written so far: the source up to `at`, which the change in front of it may have removed.
struct written {
  uint32_t at;
  bool removed;
};

// False if it lies within what an earlier one changed. Neighbours that are removed may share a comma.
static bool
write_splice(const struct splice *splice, const struct source *source, struct written *written, struct buffer *out) {
  bool removal = splice->edit->kind == EDIT_REMOVE;
  uint32_t end = splice->offset + splice->length;
  if (splice->offset < written->at && !(removal && written->removed))
    return false;
  if (splice->offset > written->at)
    copy_to(source, &written->at, splice->offset, out);
  if (!removal)
    buffer_add(out, "%s%s%s", splice->before, splice->edit->text.text, splice->after);
  if (end > written->at)
    *written = (struct written){end, removal};
  return true;
}

int
edits_apply(const struct edits *edits, const struct source *source, struct buffer *out, struct error *e) {
  struct splice splices[EDITS_MAX];
  struct written written = {0};
  bool failed = edits->failed, apart = true;
  for (size_t i = 0; i < edits->count; i++) {
    failed = failed || edits->items[i].text.failed;
    place_edit(edits, &edits->items[i], &splices[i]);
  }
  if (failed)
    return error_plain(e, ERROR_POLICY, "more changes than there is room for: at most %d, and 16 MiB", EDITS_MAX);
  qsort(splices, edits->count, sizeof *splices, compare_splices);
  for (size_t i = 0; i < edits->count && apart; i++)
    apart = write_splice(&splices[i], source, &written, out);
  if (!apart)
    return error_plain(e, ERROR_POLICY, "two changes of one place");
  copy_to(source, &written.at, (uint32_t)source->length, out);
  return out->failed ? error_memory(e, ERROR_POLICY) : 0;
}

void
edits_clear(struct edits *edits) {
  for (size_t i = 0; i < edits->count; i++)
    buffer_clear(&edits->items[i].text);
  *edits = (struct edits){0};
}
