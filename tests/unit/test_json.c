// SPDX-License-Identifier: LGPL-2.1-or-later
// test_json.c - values, places and paths. What is no JSON, and what an OCI profile may be, stands in test_oci_read.c.
#include "compat/json.h"
#include "compat/text.h"
#include "tests/check.h"
#include <stdlib.h>

static struct source
source_of(const char *text) {
  return (struct source){"a.json", text, strlen(text), true};
}

static bool
is_string(struct json_value value, const char *want) {
  size_t length;
  const char *string = json_string(value, &length);
  return length == strlen(want) && strcmp(string, want) == 0;
}

static bool
is_key(struct json_value member, const char *want) {
  size_t length;
  const char *key = json_key(member, &length);
  return text_is(key, length, want);
}

// The bytes of the text that a place covers.
static bool
is_place(struct source_pos at, const char *want) {
  return at.length == strlen(want) && memcmp(text_bytes(at), want, at.length) == 0;
}

static void
test_values(void) {
  const struct source source =
      source_of(" {\"one\": 1, \"two\": [true, null, \"\\u00e4\\n\", {}, -2.5e3],\r\n\t\"three\": \"\"} ");
  struct diags diags = {0};
  struct json *json = json_read(&source, &diags);
  CHECK(json != NULL);
  if (json == NULL)
    return;
  struct json_value root = json_root(json), one = json_first(root), two = json_next(one), three = json_next(two);
  CHECK_INT(json_kind(root), JSON_OBJECT);
  CHECK(is_key(one, "one") && is_key(two, "two") && is_key(three, "three"));
  CHECK(json_next(three).json == NULL && json_kind(json_next(three)) == JSON_NONE);
  CHECK_INT(json_member(root, "two").node, two.node);
  CHECK(json_member(root, "tw").json == NULL && json_member(root, "four").json == NULL);
  CHECK(is_string(three, ""));

  static const enum json_kind kinds[] = {JSON_BOOLEAN, JSON_NULL, JSON_STRING, JSON_OBJECT, JSON_NUMBER};
  static const char *const places[] = {"true", "null", "\\u00e4\\n", "{", "-2.5e3"};
  struct json_value item = json_first(two);
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++, item = json_next(item)) {
    CHECK_INT(json_kind(item), kinds[i]);
    CHECK(is_place(json_pos(item), places[i]));
    if (kinds[i] == JSON_STRING)
      CHECK(is_string(item, "\xc3\xa4\n"));
    if (kinds[i] == JSON_OBJECT)
      CHECK(json_first(item).json == NULL);
  }
  CHECK(item.json == NULL);
  CHECK(is_place(json_key_pos(three), "three") && is_place(json_pos(three), "") && is_place(json_pos(root), "{"));
  CHECK_STR(json_kind_name(JSON_ARRAY), "an array");
  json_free(json);
}

// All that belongs to values and members, and names as they are meant.
static void
test_extents(void) {
  static const char text[] =
      "{ \"s\" : \"a\\\"b\" , \"n\": -1.5,\"l\":[ ], \"\\u006f\":{ \"k\":[[1] ,\"]\"] } , \"b\":false,"
      "\"t\":true ,\"z\":null}";
  static const char *const extents[] = {"\"a\\\"b\"", "-1.5", "[ ]", "{ \"k\":[[1] ,\"]\"] }", "false", "true", "null"};
  static const char *const members[] = {
      "\"s\" : \"a\\\"b\"", "\"n\": -1.5", "\"l\":[ ]", "\"\\u006f\":{ \"k\":[[1] ,\"]\"] }",
      "\"b\":false",        "\"t\":true",  "\"z\":null"};
  static const char names[] = "snlobtz";
  const struct source source = source_of(text);
  struct diags diags = {0};
  struct json *json = json_read(&source, &diags);
  CHECK(json != NULL);
  if (json == NULL)
    return;
  struct json_value root = json_root(json), value = json_first(root);
  CHECK(is_place(json_extent(root), text));
  CHECK_INT(json_parent(root).node, root.node);
  for (size_t i = 0; i < sizeof extents / sizeof extents[0]; i++, value = json_next(value)) {
    size_t length;
    const char *name = json_name(value, &length);
    CHECK_ROW(length == 1 && name[0] == names[i], extents[i]);
    CHECK_ROW(is_place(json_extent(value), extents[i]), extents[i]);
    CHECK_ROW(is_place(json_member_extent(value), members[i]), members[i]);
    CHECK_INT(json_parent(value).node, root.node);
    if (json_kind(value) == JSON_BOOLEAN)
      CHECK_INT(json_boolean(value), names[i] == 't');
  }
  struct json_value k = json_first(json_member(root, "\\u006f")), inner = json_first(k);
  CHECK(is_key(json_member(root, "\\u006f"), "\\u006f") && json_member(root, "o").json == NULL);
  CHECK(is_place(json_extent(k), "[[1] ,\"]\"]") && is_place(json_extent(inner), "[1]"));
  CHECK(is_place(json_extent(json_next(inner)), "\"]\""));
  CHECK_INT(json_parent(inner).node, k.node);
  CHECK(json_first((struct json_value){0}).json == NULL);
  json_free(json);
}

// The bound on the text is the caller's.
static void
test_bound(void) {
  static char text[2 * 1024 * 1024];
  memset(text, ' ', sizeof text);
  text[0] = '{';
  text[sizeof text - 1] = '}';
  const struct source source = {"a.json", text, sizeof text, true};
  struct diags diags = {0};
  CHECK(json_read(&source, &diags) == NULL);
  CHECK_STR(diags.items[0].text, "longer than 1048576 bytes");
  struct json *json = json_read_up_to(&source, sizeof text, &diags);
  CHECK(json != NULL);
  json_free(json);
  CHECK(json_read_up_to(&source, sizeof text - 1, &diags) == NULL);
  CHECK_STR(diags.items[1].text, "longer than 2097151 bytes");
}

static void
test_numbers(void) {
  static const struct {
    const char *text;
    uint64_t max;
    const char *message; // NULL: it is `max`
  } numbers[] = {
      {"0", 0, NULL},
      {"7", 7, NULL},
      {"8", 7, "n: must be at most 7"},
      {"9223372036854775808", UINT64_C(9223372036854775808), NULL},
      {"18446744073709551615", UINT64_MAX, NULL},
      {"18446744073709551616", UINT64_MAX, "n: must be at most 18446744073709551615"},
      {"-1", 7, "n: must not be negative"},
      {"-0", 7, "n: must not be negative"},
      {"-99999999999999999999", 7, "n: must not be negative"},
      {"7.0", 7, "n: must be a whole number, without fraction and exponent"},
      {"7e0", 7, "n: must be a whole number, without fraction and exponent"},
      {"1e999", 7, "n: must be a whole number, without fraction and exponent"},
  };
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    char text[64];
    struct diags diags = {0};
    uint64_t got = 99;
    snprintf(text, sizeof text, "{\"n\":%s}", numbers[i].text);
    const struct source source = source_of(text);
    struct json *json = json_read(&source, &diags);
    CHECK_ROW(json != NULL, text);
    if (json == NULL)
      continue;
    bool read = json_number(json_first(json_root(json)), numbers[i].max, &got, &diags);
    CHECK_ROW(read == (numbers[i].message == NULL), text);
    if (read)
      CHECK_ROW(got == numbers[i].max && diags.count == 0, text);
    else
      CHECK_STR(diags.items[0].text, numbers[i].message);
    CHECK_ROW(read || got == 99, text);
    json_free(json);
  }
}

// The path of the deepest first value.
static void
check_path(const char *text, const char *want) {
  const struct source source = source_of(text);
  struct diags diags = {0};
  struct json *json = json_read(&source, &diags);
  CHECK_ROW(json != NULL, text);
  if (json == NULL)
    return;
  struct json_value value = json_root(json);
  while ((json_kind(value) == JSON_OBJECT || json_kind(value) == JSON_ARRAY) && json_first(value).json != NULL)
    for (value = json_first(value); json_next(value).json != NULL;)
      value = json_next(value);
  json_complain(value, DIAG_WARNING, &diags, "%s", "here");
  CHECK_STR(diags.items[0].text, want);
  json_free(json);
}

static void
test_paths(void) {
  check_path("{}", "here");
  check_path("{\"a\":1}", "a: here");
  check_path("{\"a\":[1,2,[[],{\"b\":{\"c\":[0,0,0,0,0,0,0,0,0,0,7]}}]]}", "a[2][1].b.c[10]: here");
  check_path("{\"\":{\"\":1}}", ".: here");
  check_path("{\"123456789012345678901234567890123456789012345678\":1}",
             "123456789012345678901234567890123456789012345678: here");
  check_path("{\"1234567890123456789012345678901234567890123456789\":1}",
             "123456789012345678901234567890123456789012345678...: here");
#define LONG "{\"1234567890123456789012345678901234567890\":"
  check_path(LONG LONG LONG LONG LONG LONG LONG "1}}}}}}}",
             "....1234567890123456789012345678901234567890.1234567890123456789012345678901234567890."
             "1234567890123456789012345678901234567890.1234567890123456789012345678901234567890."
             "1234567890123456789012345678901234567890.1234567890123456789012345678901234567890: here");
}

// More messages than are kept: the first error is, and the others are counted without looking for their paths.
static void
test_flood(void) {
  const struct source source = source_of("{\"a\":[0,1]}");
  struct diags diags = {0};
  struct json *json = json_read(&source, &diags);
  CHECK(json != NULL);
  if (json == NULL)
    return;
  struct json_value value = json_first(json_first(json_root(json)));
  for (int i = 0; i < DIAGS_MAX; i++)
    json_complain(value, DIAG_WARNING, &diags, "warning");
  json_complain(json_next(value), DIAG_ERROR, &diags, "error %d", 1);
  for (int i = 0; i < 1000; i++)
    json_complain(value, DIAG_ERROR, &diags, "another");
  CHECK_INT(diags.errors, 1001);
  CHECK_STR(diags.items[DIAGS_MAX - 1].text, "a[1]: error 1");
  json_free(json);
}

// Both places of a name that is given twice; the first pair in the text.
static void
test_twins(void) {
  static const struct {
    const char *text;
    uint32_t second, first;
    const char *message;
  } twins[] = {
      {"{\"a\":1,\"b\":2,\"a\":3}", 14, 2, "a: this name is given twice"},
      {"{\"b\":1,\"a\":2,\"a\":3,\"b\":4}", 14, 8, "a: this name is given twice"},
      {"{\"a\":{\"ab\":1,\"b\":2,\"a\":3,\"ab\":4}}", 26, 7, "a.ab: this name is given twice"},
      {"{\"x\":[{},{\"\":1,\"\":2}]}", 16, 11, "x[1].: this name is given twice"},
      {"{\"a\":1,\"a\":2,\"a\":3}", 8, 2, "a: this name is given twice"},
  };
  for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++) {
    const struct source source = source_of(twins[i].text);
    struct diags diags = {0};
    CHECK_ROW(json_read(&source, &diags) == NULL, twins[i].text);
    CHECK_INT(diags.errors, 1);
    CHECK_INT(diags.count, 2);
    CHECK_STR(diags.items[0].text, twins[i].message);
    CHECK_INT(diags.items[0].at.offset, twins[i].second);
    CHECK_INT(diags.items[1].at.offset, twins[i].first);
  }
}

int
main(void) {
  test_values();
  test_extents();
  test_bound();
  test_numbers();
  test_paths();
  test_flood();
  test_twins();
  return check_done();
}
