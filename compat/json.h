// SPDX-License-Identifier: LGPL-2.1-or-later
// json.h - JSON values that know where they stand: every message about one begins with its path and points at it.
//
// json-c reads the text; what it does not tell or lets pass (positions, the same key twice, numbers that do not fit) a
// scan of our own knows. Both have to agree on every value, or the text is refused.
#ifndef SCRUN_COMPAT_JSON_H
#define SCRUN_COMPAT_JSON_H
#include "compat/diag.h"

enum json_kind { JSON_NONE, JSON_NULL, JSON_BOOLEAN, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json;

// A value of a text that was read; zeroed: none. Borrowed from it.
struct json_value {
  const struct json *json;
  uint32_t node;
};

// Reads the whole source (borrowed) as one JSON object. NULL after adding an error. The caller owns the result.
// As policy text it may have TEXT_BYTES_MAX (text.h) bytes; json_read_up_to() takes another bound.
struct json *json_read(const struct source *source, struct diags *diags);
struct json *json_read_up_to(const struct source *source, size_t max, struct diags *diags);
void json_free(struct json *json);

struct json_value json_root(const struct json *json);
// JSON_NONE if there is no value.
enum json_kind json_kind(struct json_value value);
// "an object", "a string", ...
const char *json_kind_name(enum json_kind kind);

// The children of an object or array, in the order of the text: the first one, and the one behind `value`; no value at
// the end, and in what has none or is none.
struct json_value json_first(struct json_value value);
struct json_value json_next(struct json_value value);
// The member of that name of an object; no value if there is none.
struct json_value json_member(struct json_value object, const char *name);
// The object or array that a value is in; of the root itself.
struct json_value json_parent(struct json_value value);

// The bytes of a string, NUL-terminated and without a NUL in them; the name of a member as it is written, an escape in
// it unresolved, not NUL-terminated.
const char *json_string(struct json_value string, size_t *length);
const char *json_key(struct json_value member, size_t *length);
// That name with its escapes resolved, as every other program reads it; not NUL-terminated.
const char *json_name(struct json_value member, size_t *length);

// Which of the two a boolean is.
bool json_boolean(struct json_value boolean);

// Reads a number that must be whole and at most `max`. Returns false after adding an error.
bool json_number(struct json_value number, uint64_t max, uint64_t *out, struct diags *diags);

// The place: of strings and names what is between the quotes, of objects and arrays the bracket that opens them.
struct source_pos json_pos(struct json_value value);
struct source_pos json_key_pos(struct json_value member);
// Everything that belongs to a value: its quotes, all of an object or array up to the bracket that closes it. Of a
// member also its name.
struct source_pos json_extent(struct json_value value);
struct source_pos json_member_extent(struct json_value member);

// Adds a message "linux.seccomp.syscalls[2].args[0].op: ..." at the place of the value, or of its name.
void json_complain(struct json_value value, enum diag_kind kind, struct diags *diags, const char *format, ...)
    SC_PRINTF(4, 5);
void json_complain_key(struct json_value member, enum diag_kind kind, struct diags *diags, const char *format, ...)
    SC_PRINTF(4, 5);
#endif
