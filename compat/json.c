// SPDX-License-Identifier: LGPL-2.1-or-later
// json.c - json-c's reading of a text beside our own: values from the one, places from the other.
#include "compat/json.h"
#include "compat/json_scan.h"
#include "compat/number.h"
#include <json-c/json_object.h>
#include <json-c/json_tokener.h>
#include <json-c/linkhash.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json {
  const struct source *source;
  struct json_nodes nodes;
  struct json_object *root;
};

static const struct json_node *
node_of(struct json_value value) {
  return &value.json->nodes.items[value.node];
}

static struct source_pos
pos_of(const struct json *json, uint32_t at, uint32_t length) {
  return (struct source_pos){json->source, at, length};
}

// The path of a value, written from its end to its beginning into the end of `text`.
#define PATH_BYTES 256
#define PATH_NAME_BYTES 48
struct path {
  char text[PATH_BYTES];
  size_t start; // where it begins; the end is the NUL at the end of the room
};

// False if there is no room left; then the path begins with "...".
static bool
path_prepend(struct path *path, const char *bytes, size_t length) {
  static const char more[] = {'.', '.', '.'};
  bool fits = path->start >= length + sizeof more;
  if (!fits) {
    bytes = more;
    length = sizeof more;
  }
  path->start -= length;
  memcpy(path->text + path->start, bytes, length);
  return fits;
}

// Which child of its parent the node is, counted from 0.
static size_t
node_index(const struct json *json, uint32_t node) {
  size_t index = 0;
  for (uint32_t at = json->nodes.items[node].parent + 1; at != node; at = json->nodes.items[at].next)
    index++;
  return index;
}

static bool
path_prepend_node(struct path *path, const struct json *json, uint32_t node) {
  const struct json_node *item = &json->nodes.items[node];
  if (json->nodes.items[item->parent].kind == JSON_ARRAY) {
    char index[32];
    int length = snprintf(index, sizeof index, "[%zu]", node_index(json, node));
    return path_prepend(path, index, (size_t)length);
  }
  bool cut = item->key_length > PATH_NAME_BYTES;
  return (!cut || path_prepend(path, "...", 3))
         && path_prepend(path, json->source->text + item->key_at, cut ? PATH_NAME_BYTES : item->key_length)
         && (item->parent == 0 || path_prepend(path, ".", 1));
}

// "linux.seccomp.syscalls[2]: ", or nothing for the root.
static const char *
path_write(struct path *path, struct json_value value) {
  const struct json *json = value.json;
  path->start = PATH_BYTES - 1;
  path->text[path->start] = '\0';
  if (value.node != 0)
    (void)path_prepend(path, ": ", 2); // there is room
  for (uint32_t node = value.node; node != 0 && path_prepend_node(path, json, node);)
    node = json->nodes.items[node].parent;
  return path->text + path->start;
}

SC_PRINTF(5, 0)
static void
complain(struct json_value value, struct source_pos at, enum diag_kind kind, struct diags *diags, const char *format,
         va_list arguments) {
  char text[ERROR_TEXT_BYTES] = "";
  struct path path = {.text = ""};
  // A flood of messages is only counted: for each of them the path would have to be looked for.
  bool shown = !diags_full(diags) || (kind == DIAG_ERROR && diags->errors == 0);
  if (shown && vsnprintf(text, sizeof text, format, arguments) < 0)
    text[0] = '\0';
  diag_add(diags, kind, at, "%s%s", shown ? path_write(&path, value) : "", text);
}

void
json_complain(struct json_value value, enum diag_kind kind, struct diags *diags, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  complain(value, json_pos(value), kind, diags, format, arguments);
  va_end(arguments);
}

void
json_complain_key(struct json_value member, enum diag_kind kind, struct diags *diags, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  complain(member, json_key_pos(member), kind, diags, format, arguments);
  va_end(arguments);
}

// json-c's reading. False after adding an error.
static bool
parse(struct json *json, const struct text *text, struct diags *diags) {
  struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
  if (tokener == NULL) {
    diag_add(diags, DIAG_ERROR, pos_of(json, text->at, 0), "%s", out_of_memory);
    return false;
  }
  // The scan has been stricter about UTF-8; where every byte is ASCII there is nothing to look at twice.
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | (json->nodes.ascii ? 0 : JSON_TOKENER_VALIDATE_UTF8));
  json->root = json_tokener_parse_ex(tokener, json->source->text + text->at, (int)(text->end - text->at));
  enum json_tokener_error error = json_tokener_get_error(tokener);
  uint32_t end = text->at + (uint32_t)json_tokener_get_parse_end(tokener);
  json_tokener_free(tokener);
  if (error == json_tokener_success)
    return true;
  diag_add(diags, DIAG_ERROR, pos_of(json, end, end < text->end), "json-c: %s", json_tokener_error_desc(error));
  return false;
}

// Binding: the nodes in the order of the text, and json-c's values in the order it met them.

struct level {
  uint32_t node;
  size_t taken;           // of an array
  struct lh_entry *entry; // of an object: the next member
};

// Do both readings see the same kind of value, the same string, as many items? Numbers are compared when they are read.
static bool
agrees(const struct json *json, const struct json_node *node) {
  struct json_object *other = node->other;
  switch (json_object_get_type(other)) {
  case json_type_null:
    return node->kind == JSON_NULL;
  case json_type_boolean:
    return node->kind == JSON_BOOLEAN;
  case json_type_double:
    return node->kind == JSON_NUMBER && !node->whole;
  case json_type_int:
    return node->kind == JSON_NUMBER && node->whole;
  case json_type_object:
    return node->kind == JSON_OBJECT && (size_t)json_object_object_length(other) == node->count;
  case json_type_array:
    return node->kind == JSON_ARRAY && json_object_array_length(other) == node->count;
  case json_type_string:
    return node->kind == JSON_STRING
           && (node->escaped
               || ((size_t)json_object_get_string_len(other) == node->length
                   && memcmp(json->source->text + node->at, json_object_get_string(other), node->length) == 0));
  }
  return false;
}

// Gives the node json-c's value, the next one of `level`. False if that one has another name.
static bool
take(const struct json *json, struct level *level, struct json_node *node) {
  if (level->entry == NULL) {
    node->other = json_object_array_get_idx(json->nodes.items[level->node].other, level->taken++);
    return true;
  }
  const char *key = lh_entry_k(level->entry);
  node->name = key;
  node->other = lh_entry_v(level->entry);
  level->entry = lh_entry_next(level->entry);
  return node->key_escaped
         || (strncmp(key, json->source->text + node->key_at, node->key_length) == 0 && key[node->key_length] == '\0');
}

// The members of one object, for finding two of the same name.
struct member {
  const char *key;
  uint32_t length, node;
};

static int
compare_members(const void *a, const void *b) {
  const struct member *left = a, *right = b;
  int order = memcmp(left->key, right->key, left->length < right->length ? left->length : right->length);
  if (order == 0 && left->length == right->length)
    return left->node < right->node ? -1 : 1;
  return order != 0 ? order : left->length < right->length ? -1 : 1;
}

// The first member in the text whose name an earlier one has, and that one. False if no two are written alike.
static bool
find_twins(struct member *members, size_t count, uint32_t twins[2]) {
  twins[1] = 0;
  qsort(members, count, sizeof *members, compare_members);
  for (size_t i = 1; i < count; i++) {
    const struct member *left = &members[i - 1], *right = &members[i];
    if (left->length != right->length || memcmp(left->key, right->key, left->length) != 0
        || (twins[1] != 0 && right->node > twins[1]))
      continue;
    twins[0] = left->node;
    twins[1] = right->node;
  }
  return twins[1] != 0;
}

// json-c keeps the last of several members of one name: it has fewer than the text.
static void
report_twins(const struct json *json, uint32_t object, struct diags *diags) {
  uint32_t count = json->nodes.items[object].count, twins[2];
  struct member *members = malloc(count * sizeof *members);
  struct json_value at = {json, object};
  if (members == NULL) {
    json_complain(at, DIAG_ERROR, diags, "%s", out_of_memory);
    return;
  }
  size_t index = 0;
  for (struct json_value member = json_first(at); member.json != NULL; member = json_next(member)) {
    const struct json_node *node = node_of(member);
    members[index++] = (struct member){json->source->text + node->key_at, node->key_length, member.node};
  }
  if (find_twins(members, count, twins)) {
    json_complain_key((struct json_value){json, twins[1]}, DIAG_ERROR, diags, "this name is given twice");
    json_complain_key((struct json_value){json, twins[0]}, DIAG_HINT, diags, "the first time is here");
  } else
    json_complain(at, DIAG_ERROR, diags, "two names in here are the same, once written with an escape");
  free(members);
}

// False after adding an error.
static bool
bind_node(const struct json *json, uint32_t index, struct level *level, struct diags *diags) {
  struct json_node *node = &json->nodes.items[index];
  if (level == NULL)
    node->other = json->root;
  bool named = level == NULL || take(json, level, node);
  if (named && agrees(json, node))
    return true;
  if (named && node->kind == JSON_OBJECT && json_object_is_type(node->other, json_type_object)
      && (size_t)json_object_object_length(node->other) < node->count)
    report_twins(json, index, diags);
  else
    json_complain((struct json_value){json, index}, DIAG_ERROR, diags,
                  "json-c reads this otherwise than it is written here");
  return false;
}

static bool
bind(const struct json *json, struct diags *diags) {
  struct level levels[JSON_DEPTH_MAX];
  size_t depth = 0;
  for (uint32_t i = 0; i < json->nodes.count; i++) {
    const struct json_node *node = &json->nodes.items[i];
    while (depth > 0 && levels[depth - 1].node != node->parent)
      depth--;
    if (!bind_node(json, i, depth > 0 ? &levels[depth - 1] : NULL, diags))
      return false;
    if (node->count > 0)
      levels[depth++] = (struct level){
          .node = i,
          .entry = node->kind == JSON_OBJECT ? json_object_get_object(node->other)->head : NULL,
      };
  }
  return true;
}

static bool
is_object(const struct json *json, struct diags *diags) {
  enum json_kind kind = json->nodes.items[0].kind;
  if (kind != JSON_OBJECT)
    json_complain(json_root(json), DIAG_ERROR, diags, "must be an object, not %s", json_kind_name(kind));
  return kind == JSON_OBJECT;
}

struct json *
json_read(const struct source *source, struct diags *diags) {
  return json_read_up_to(source, TEXT_BYTES_MAX, diags);
}

struct json *
json_read_up_to(const struct source *source, size_t max, struct diags *diags) {
  struct text text;
  if (!text_open_up_to(&text, source, max, diags))
    return NULL;
  if (text.at == text.end) {
    diag_add(diags, DIAG_ERROR, text_pos(&text, text.at, text.at), "there is nothing in this file");
    return NULL;
  }
  struct json *json = calloc(1, sizeof *json);
  if (json == NULL) {
    diag_add(diags, DIAG_ERROR, text_pos(&text, text.at, text.at), "%s", out_of_memory);
    return NULL;
  }
  json->source = source;
  if (json_scan(&text, &json->nodes, diags) && is_object(json, diags) && parse(json, &text, diags) && bind(json, diags))
    return json;
  json_free(json);
  return NULL;
}

void
json_free(struct json *json) {
  if (json == NULL)
    return;
  json_object_put(json->root);
  free(json->nodes.items);
  free(json);
}

struct json_value
json_root(const struct json *json) {
  return (struct json_value){json, 0};
}

enum json_kind
json_kind(struct json_value value) {
  return value.json == NULL ? JSON_NONE : node_of(value)->kind;
}

const char *
json_kind_name(enum json_kind kind) {
  static const char *const names[] = {"nothing", "null", "a boolean", "a number", "a string", "an array", "an object"};
  return names[kind];
}

struct json_value
json_first(struct json_value value) {
  bool any = value.json != NULL && node_of(value)->count > 0;
  return any ? (struct json_value){value.json, value.node + 1} : (struct json_value){0};
}

struct json_value
json_next(struct json_value value) {
  uint32_t next = node_of(value)->next;
  return next != 0 ? (struct json_value){value.json, next} : (struct json_value){0};
}

struct json_value
json_member(struct json_value object, const char *name) {
  struct json_value member = json_first(object);
  for (; member.json != NULL; member = json_next(member)) {
    size_t length;
    const char *key = json_key(member, &length);
    if (text_is(key, length, name))
      break;
  }
  return member;
}

struct json_value
json_parent(struct json_value value) {
  return (struct json_value){value.json, node_of(value)->parent};
}

const char *
json_string(struct json_value string, size_t *length) {
  struct json_object *other = node_of(string)->other;
  *length = (size_t)json_object_get_string_len(other);
  return json_object_get_string(other);
}

const char *
json_key(struct json_value member, size_t *length) {
  const struct json_node *node = node_of(member);
  *length = node->key_length;
  return member.json->source->text + node->key_at;
}

const char *
json_name(struct json_value member, size_t *length) {
  const struct json_node *node = node_of(member);
  if (!node->key_escaped)
    return json_key(member, length);
  *length = strlen(node->name);
  return node->name;
}

bool
json_boolean(struct json_value boolean) {
  return boolean.json->source->text[node_of(boolean)->at] == 't';
}

bool
json_number(struct json_value number, uint64_t max, uint64_t *out, struct diags *diags) {
  const struct json_node *node = node_of(number);
  const char *text = number.json->source->text + node->at;
  uint64_t value;
  if (!node->whole)
    json_complain(number, DIAG_ERROR, diags, "must be a whole number, without fraction and exponent");
  else if (text[0] == '-')
    json_complain(number, DIAG_ERROR, diags, "must not be negative");
  else if (!number_read(text, node->length, NUMBER_PLAIN, max, &value))
    json_complain(number, DIAG_ERROR, diags, "must be at most %llu", (unsigned long long)max);
  else if (json_object_get_uint64(node->other) != value)
    json_complain(number, DIAG_ERROR, diags, "json-c reads this otherwise than it is written here");
  else {
    *out = value;
    return true;
  }
  return false;
}

struct source_pos
json_pos(struct json_value value) {
  return pos_of(value.json, node_of(value)->at, node_of(value)->length);
}

struct source_pos
json_key_pos(struct json_value member) {
  return pos_of(member.json, node_of(member)->key_at, node_of(member)->key_length);
}

struct source_pos
json_extent(struct json_value value) {
  const struct json_node *node = node_of(value);
  if (node->kind == JSON_OBJECT || node->kind == JSON_ARRAY)
    return pos_of(value.json, node->at, node->end - node->at);
  uint32_t quote = node->kind == JSON_STRING;
  return pos_of(value.json, node->at - quote, node->length + 2 * quote);
}

struct source_pos
json_member_extent(struct json_value member) {
  struct source_pos value = json_extent(member);
  uint32_t from = node_of(member)->key_at - 1;
  return pos_of(member.json, from, value.offset + value.length - from);
}
