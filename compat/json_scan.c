// SPDX-License-Identifier: LGPL-2.1-or-later
// json_scan.c - one pass over a JSON text, without recursion.
#include "compat/json_scan.h"
#include "compat/array.h"
#include <string.h>

_Static_assert(JSON_DEPTH_MAX == 32 && JSON_VALUES_MAX == 65536, "as the messages say");

struct scan {
  const struct source *source;
  const char *begin, *at, *end;
  struct json_nodes *nodes;
  struct diags *diags;
  unsigned depth;                // containers that are open
  uint32_t open[JSON_DEPTH_MAX]; // them, outermost first
  uint32_t last[JSON_DEPTH_MAX]; // the last child of each
  uint32_t key_at, key_length;   // of the member whose value comes next
  bool key_escaped;
};

static uint32_t
scan_offset(const struct scan *scan, const char *at) {
  return (uint32_t)(at - scan->begin);
}

// Adds an error about `length` bytes at `at`. Always false.
static bool
scan_fail(const struct scan *scan, const char *at, size_t length, const char *problem) {
  size_t left = (size_t)(scan->end - at);
  struct source_pos pos = {scan->source, scan_offset(scan, at), (uint32_t)(length < left ? length : left)};
  if (left == 0)
    problem = "the JSON is cut off here";
  diag_add(scan->diags, DIAG_ERROR, pos, "%s", problem);
  return false;
}

// Moves over blanks; the byte behind them, or NUL at the end.
static inline char
scan_skip_blanks(struct scan *scan) {
  const char *at = scan->at, *end = scan->end;
  while (at < end && (unsigned char)*at <= ' ' && text_is_blank(*at)) // most bytes are told by one comparison
    at++;
  scan->at = at;
  return at < end ? *at : '\0';
}

static bool
is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

// How many bytes the UTF-8 sequence at the cursor has: 2 to 4, or 0 if it is none (overlong ones, surrogates and what
// lies above U+10FFFF are none). Source: RFC 3629, section 4.
static unsigned
utf8_length(const struct scan *scan) {
  static const struct {
    unsigned char first_low, first_high, second_low, second_high;
    unsigned char length;
  } forms[] = {
      {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
      {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
      {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
  };
  const unsigned char *at = (const unsigned char *)scan->at;
  size_t left = (size_t)(scan->end - scan->at);
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    if (at[0] < forms[i].first_low || at[0] > forms[i].first_high)
      continue;
    if (left < forms[i].length || at[1] < forms[i].second_low || at[1] > forms[i].second_high)
      return 0;
    for (unsigned k = 2; k < forms[i].length; k++)
      if ((at[k] & 0xc0) != 0x80)
        return 0;
    return forms[i].length;
  }
  return 0;
}

// The four hexadecimal digits at `at` as a number, or -1.
static int
hex4_read(const struct scan *scan, const char *at) {
  int value = 0;
  if (scan->end - at < 4)
    return -1;
  for (int i = 0; i < 4; i++) {
    char byte = text_lower(at[i]);
    if (!is_digit(byte) && (byte < 'a' || byte > 'f'))
      return -1;
    value = value * 16 + (is_digit(byte) ? byte - '0' : byte - 'a' + 10);
  }
  return value;
}

// At the "u" of \uXXXX.
static bool
scan_code_point(struct scan *scan) {
  const char *start = scan->at - 1;
  int high = hex4_read(scan, scan->at + 1);
  if (high < 0)
    return scan_fail(scan, start, 2, "\\u needs four hexadecimal digits");
  scan->at += 5;
  if (high == 0)
    return scan_fail(scan, start, 6, "a NUL has no place in a string");
  if (high < 0xd800 || high > 0xdfff)
    return true;
  int low = high <= 0xdbff && scan->end - scan->at >= 2 && scan->at[0] == '\\' && scan->at[1] == 'u'
                ? hex4_read(scan, scan->at + 2)
                : -1;
  if (low < 0xdc00 || low > 0xdfff)
    return scan_fail(scan, start, 6, "half of a surrogate pair is no character");
  scan->at += 6;
  return true;
}

// At the backslash.
static bool
scan_escape(struct scan *scan) {
  scan->at++;
  if (scan->at == scan->end)
    return scan_fail(scan, scan->at, 0, "");
  if (*scan->at == 'u')
    return scan_code_point(scan);
  if (strchr("\"\\/bfnrt", *scan->at) == NULL)
    return scan_fail(scan, scan->at - 1, 2, "unknown escape in a string");
  scan->at++;
  return true;
}

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first of eight bytes is the lowest");

// Of eight bytes, those that need a look have their highest bit set; above the first of them others may have it too. A
// subtraction borrows from the byte above only where it sets the bit.
static inline uint64_t
special_bytes(const char *at) {
  uint64_t bytes, quote, backslash;
  memcpy(&bytes, at, sizeof bytes);
  quote = (bytes ^ EACH_BYTE('"')) - EACH_BYTE(1);
  backslash = (bytes ^ EACH_BYTE('\\')) - EACH_BYTE(1);
  return (bytes | (bytes - EACH_BYTE(0x20)) | quote | backslash) & EACH_BYTE(0x80);
}

// Moves over what needs no look: all ASCII but the closing quote, escapes and control characters.
static inline void
skip_plain(struct scan *scan) {
  const char *at = scan->at, *end = scan->end;
  for (uint64_t special = 0; special == 0 && end - at >= 8;) {
    special = special_bytes(at);
    at += special == 0 ? 8 : __builtin_ctzll(special) / 8;
  }
  while (at < end && *at >= 0x20 && *at != '"' && *at != '\\')
    at++;
  scan->at = at;
}

// What skip_plain() stopped at.
static bool
scan_special(struct scan *scan, bool *escaped) {
  unsigned char byte = (unsigned char)*scan->at;
  if (byte == '\\') {
    *escaped = true;
    return scan_escape(scan);
  }
  if (byte < 0x20)
    return scan_fail(scan, scan->at, 1, "a control character in a string: write it as an escape, or close the string");
  unsigned length = utf8_length(scan);
  if (length == 0)
    return scan_fail(scan, scan->at, 1, "this is not UTF-8");
  scan->nodes->ascii = false;
  scan->at += length;
  return true;
}

// At the opening quote; moves behind the closing one.
static bool
scan_string(struct scan *scan, uint32_t *at, uint32_t *length, bool *escaped) {
  const char *start = ++scan->at;
  *escaped = false;
  for (;;) {
    skip_plain(scan);
    if (scan->at == scan->end)
      return scan_fail(scan, scan->at, 0, "");
    if (*scan->at == '"')
      break;
    if (!scan_special(scan, escaped))
      return false;
  }
  *at = scan_offset(scan, start);
  *length = (uint32_t)(scan->at++ - start);
  return true;
}

// At least one digit; false if there is none.
static bool
skip_digits(struct scan *scan) {
  const char *start = scan->at;
  while (scan->at < scan->end && is_digit(*scan->at))
    scan->at++;
  return scan->at > start;
}

static bool
skip_byte(struct scan *scan, char one, char other) {
  if (scan->at == scan->end || (*scan->at != one && *scan->at != other))
    return false;
  scan->at++;
  return true;
}

static bool
scan_number(struct scan *scan, struct json_node *node) {
  const char *start = scan->at;
  (void)skip_byte(scan, '-', '-');
  bool right = skip_byte(scan, '0', '0') || skip_digits(scan);
  node->kind = JSON_NUMBER;
  node->whole = true;
  if (right && skip_byte(scan, '.', '.')) {
    node->whole = false;
    right = skip_digits(scan);
  }
  if (right && skip_byte(scan, 'e', 'E')) {
    node->whole = false;
    (void)skip_byte(scan, '+', '-');
    right = skip_digits(scan);
  }
  if (!right || (scan->at < scan->end && is_digit(*scan->at)))
    return scan_fail(scan, right ? start : scan->at, 1, "this is no JSON number");
  node->length = (uint32_t)(scan->at - start);
  return true;
}

static bool
scan_literal(struct scan *scan, struct json_node *node) {
  static const struct {
    const char *name;
    enum json_kind kind;
  } literals[] = {{"true", JSON_BOOLEAN}, {"false", JSON_BOOLEAN}, {"null", JSON_NULL}};
  size_t left = (size_t)(scan->end - scan->at);
  for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
    size_t length = strlen(literals[i].name), here = left < length ? left : length;
    if (memcmp(scan->at, literals[i].name, here) != 0)
      continue;
    if (here < length)
      return scan_fail(scan, scan->end, 0, "");
    node->kind = literals[i].kind;
    node->length = (uint32_t)length;
    scan->at += length;
    return true;
  }
  return scan_fail(scan, scan->at, 1, "no JSON value begins like this");
}

// Room for one more node, hung below the innermost open container. NULL after adding an error.
static struct json_node *
add_node(struct scan *scan) {
  struct json_nodes *nodes = scan->nodes;
  if (nodes->count == JSON_VALUES_MAX) {
    (void)scan_fail(scan, scan->at, 1, "there are too many values: at most 65536");
    return NULL;
  }
  struct json_node *items = array_grow(nodes->items, &nodes->room, nodes->count + 1, 1024, sizeof *items);
  if (items == NULL) {
    (void)scan_fail(scan, scan->at, 1, out_of_memory);
    return NULL;
  }
  uint32_t index = (uint32_t)nodes->count++;
  nodes->items = items;
  items[index] = (struct json_node){.at = scan_offset(scan, scan->at), .length = 1};
  if (scan->depth == 0)
    return &items[index];
  items[index].parent = scan->open[scan->depth - 1];
  items[index].key_at = scan->key_at;
  items[index].key_length = scan->key_length;
  items[index].key_escaped = scan->key_escaped;
  uint32_t *last = &scan->last[scan->depth - 1];
  if (items[items[index].parent].count++ > 0)
    items[*last].next = index;
  *last = index;
  return &items[index];
}

static bool
scan_open(struct scan *scan, struct json_node *node, enum json_kind kind) {
  node->kind = kind;
  if (scan->depth == JSON_DEPTH_MAX)
    return scan_fail(scan, scan->at, 1, "brackets are nested too deep: at most 32 levels");
  scan->open[scan->depth++] = (uint32_t)(node - scan->nodes->items);
  scan->at++;
  return true;
}

// A whole scalar, or the bracket that opens a container; *opened says which.
static bool
scan_value(struct scan *scan, bool *opened) {
  char byte = scan_skip_blanks(scan);
  *opened = byte == '{' || byte == '[';
  if (scan->at == scan->end)
    return scan_fail(scan, scan->at, 0, "");
  struct json_node *node = add_node(scan);
  if (node == NULL)
    return false;
  if (*opened)
    return scan_open(scan, node, byte == '{' ? JSON_OBJECT : JSON_ARRAY);
  if (byte == '"') {
    node->kind = JSON_STRING;
    return scan_string(scan, &node->at, &node->length, &node->escaped);
  }
  return byte == '-' || is_digit(byte) ? scan_number(scan, node) : scan_literal(scan, node);
}

static bool
scan_key(struct scan *scan) {
  if (scan_skip_blanks(scan) != '"')
    return scan_fail(scan, scan->at, 1, "expected a name in quotes");
  if (!scan_string(scan, &scan->key_at, &scan->key_length, &scan->key_escaped))
    return false;
  if (scan_skip_blanks(scan) != ':')
    return scan_fail(scan, scan->at, 1, "expected \":\"");
  scan->at++;
  return true;
}

// Between two values: closing brackets, then a comma (none behind an opening bracket) and a key. Ends in front of the
// next value, or with depth 0 behind the last one.
static bool
scan_between(struct scan *scan, bool opened) {
  while (scan->depth > 0) {
    struct json_node *container = &scan->nodes->items[scan->open[scan->depth - 1]];
    bool object = container->kind == JSON_OBJECT;
    char byte = scan_skip_blanks(scan);
    if (byte == (object ? '}' : ']')) {
      container->end = scan_offset(scan, ++scan->at);
      scan->depth--;
      opened = false;
      continue;
    }
    if (!opened && byte != ',')
      return scan_fail(scan, scan->at, 1, object ? "expected \",\" or \"}\"" : "expected \",\" or \"]\"");
    if (!opened)
      scan->at++;
    return !object || scan_key(scan);
  }
  return true;
}

bool
json_scan(const struct text *text, struct json_nodes *nodes, struct diags *diags) {
  struct scan scan = {.source = text->source, .nodes = nodes, .diags = diags};
  bool opened;
  scan.begin = text->source->text;
  scan.at = scan.begin + text->at;
  scan.end = scan.begin + text->end;
  nodes->ascii = true;
  do
    if (!scan_value(&scan, &opened) || !scan_between(&scan, opened))
      return false;
  while (scan.depth > 0);
  (void)scan_skip_blanks(&scan);
  return scan.at == scan.end || scan_fail(&scan, scan.at, 1, "there is more behind the end of the JSON value");
}
