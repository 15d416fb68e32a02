// SPDX-License-Identifier: LGPL-2.1-or-later
// edit.h - changes to a JSON text: what is not changed stays byte for byte as it was written.
#ifndef SCRUN_HOOK_EDIT_H
#define SCRUN_HOOK_EDIT_H
#include "compat/buffer.h"
#include "compat/json.h"

// Zeroed memory is an empty list of changes. Fields are edit.c's.
#define EDITS_MAX 32
enum edit_kind { EDIT_NONE, EDIT_REPLACE, EDIT_REMOVE, EDIT_INSERT, EDIT_PREPEND, EDIT_APPEND };
struct edits {
  struct edit {
    enum edit_kind kind;
    struct json_value value; // what is replaced, removed or inserted before; of the last two the container
    struct buffer text;
  } items[EDITS_MAX];
  size_t count;
  bool failed;
};

// `text` is JSON; NULL is memory that was out when it was made. All of it fails only when memory or the list is full:
// edits_apply() then says so.
void edit_replace(struct edits *edits, struct json_value value, const char *text);
void edit_add_member(struct edits *edits, struct json_value object, const char *name, const char *text);
void edit_remove(struct edits *edits, struct json_value value);                            // a member or an element
void edit_insert_before(struct edits *edits, struct json_value element, const char *text); // one that stays
void edit_prepend(struct edits *edits, struct json_value array, const char *text);
void edit_append(struct edits *edits, struct json_value array, const char *text);
// `bytes` (UTF-8) as a JSON string, quotes included, escaped as RFC 8259 asks.
void edit_add_string(struct buffer *out, const char *bytes, size_t length);

// The source with all changes made, which must not overlap; several insertions at one place come in the order given,
// also those at both ends of an array that is empty. Fails with ERROR_POLICY.
SC_NODISCARD int edits_apply(const struct edits *edits, const struct source *source, struct buffer *out,
                             struct error *e);
void edits_clear(struct edits *edits);
#endif
