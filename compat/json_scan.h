// SPDX-License-Identifier: LGPL-2.1-or-later
// json_scan.h - where every value of a JSON text stands. Private to json.c.
#ifndef SCRUN_COMPAT_JSON_SCAN_H
#define SCRUN_COMPAT_JSON_SCAN_H
#include "compat/json.h"
#include "compat/text.h"

// Bounds on one text: brackets within one another (a config.json has 7), and values (each costs memory here and in
// json-c).
#define JSON_DEPTH_MAX 32
#define JSON_VALUES_MAX 65536

// One value. Nodes stand in the order of the text, so the first child of a node is the one behind it.
struct json_node {
  enum json_kind kind;
  bool whole;                  // a number without fraction and exponent
  bool escaped, key_escaped;   // a backslash is in it
  uint32_t at, length;         // strings without the quotes; of an object or array the bracket that opens it
  uint32_t end;                // of an object or array: behind the bracket that closes it
  uint32_t key_at, key_length; // of a member of an object, without the quotes
  uint32_t parent;             // the root's is 0, which is itself
  uint32_t next;               // the next one with the same parent; 0: none
  uint32_t count;              // children
  struct json_object *other;   // the same value as json-c has it; NULL for null
  const char *name;            // of a member of an object: json-c's
};

struct json_nodes {
  struct json_node *items;
  size_t count, room;
  bool ascii; // no byte above 0x7f
};

// Reads the whole text by the grammar of RFC 8259, and refuses beyond it: what is longer or deeper than the bounds,
// bytes that are no UTF-8, halves of surrogate pairs, and NUL in a string. Returns false after adding an error. The
// caller frees nodes->items, in either case.
bool json_scan(const struct text *text, struct json_nodes *nodes, struct diags *diags);
#endif
