// SPDX-License-Identifier: LGPL-2.1-or-later
// test_edit.c - changes to JSON texts: one by one, all together against a plain model, and undone again.
#include "hook/edit.h"
#include "tests/check.h"
#include <stdlib.h>

static struct source
source_of(const char *text) {
  return (struct source){"a.json", text, strlen(text), true};
}

// The n-th child.
static struct json_value
child(struct json_value value, size_t index) {
  value = json_first(value);
  while (index-- > 0)
    value = json_next(value);
  return value;
}

// Steps: one character each, about the value "v" of the root's first member: r0 replace, d0 delete, i0 insert before
// the n-th child, p prepend, a append, m add a member; what is put there are the numbers 1, 2, 3...
static void
take_steps(struct edits *edits, struct json_value value, const char *steps) {
  char text[8] = "0", name[8] = "n0";
  for (; *steps != '\0'; steps++) {
    bool about_child = strchr("rdi", *steps) != NULL;
    struct json_value at = about_child ? child(value, (size_t)(steps[1] - '0')) : value;
    if (*steps != 'd')
      name[1] = ++text[0];
    if (*steps == 'r')
      edit_replace(edits, at, text);
    else if (*steps == 'd')
      edit_remove(edits, at);
    else if (*steps == 'i')
      edit_insert_before(edits, at, text);
    else if (*steps == 'p')
      edit_prepend(edits, at, text);
    else if (*steps == 'a')
      edit_append(edits, at, text);
    else
      edit_add_member(edits, at, name, text);
    steps += about_child;
  }
}

// NULL for `want`: the changes overlap.
static void
check_steps(const char *text, const char *steps, const char *want) {
  const struct source source = source_of(text);
  struct diags diags = {0};
  struct edits edits = {0};
  struct buffer out = {0};
  struct error e = {0};
  struct json *json = json_read(&source, &diags);
  CHECK_ROW(json != NULL, text);
  if (json == NULL)
    return;
  take_steps(&edits, json_first(json_root(json)), steps);
  int result = edits_apply(&edits, &source, &out, &e);
  CHECK_ROW(result == (want != NULL ? 0 : -1), steps);
  if (want != NULL)
    CHECK_STR(out.text, want);
  else
    CHECK_INT(e.kind, ERROR_POLICY);
  buffer_clear(&out);
  edits_clear(&edits);
  json_free(json);
}

static void
test_steps(void) {
  static const struct {
    const char *text, *steps, *want;
  } rows[] = {
      {"{\"v\":[ ]}", "", "{\"v\":[ ]}"},
      {"{\"v\":[ ]}", "a", "{\"v\":[1 ]}"},
      {"{\"v\":[]}", "p", "{\"v\":[1]}"},
      {"{\"v\":[]}", "aap", "{\"v\":[1,2,3]}"},
      {"{\"v\":[ 7 ]}", "a", "{\"v\":[ 7,1 ]}"},
      {"{\"v\":[ 7 ]}", "p", "{\"v\":[ 1,7 ]}"},
      {"{\"v\":[7]}", "appa", "{\"v\":[2,3,7,1,4]}"},
      {"{\"v\":[ \"x\" , \"y\" ]}", "r0", "{\"v\":[ 1 , \"y\" ]}"},
      {"{\"v\":[ \"x\" , {\"a\":[]} , 3]}", "r1", "{\"v\":[ \"x\" , 1 , 3]}"},
      {"{\"v\":[ \"x\" , \"y\" ]}", "i1", "{\"v\":[ \"x\" , 1,\"y\" ]}"},
      {"{\"v\":[ \"x\" , \"y\" ]}", "i0", "{\"v\":[ 1,\"x\" , \"y\" ]}"},
      {"{\"v\":[ \"x\" , \"y\" ]}", "r1i1a", "{\"v\":[ \"x\" , 2,1,3 ]}"},
      {"{\"v\":[ 7 ]}", "d0", "{\"v\":[  ]}"},
      {"{\"v\":[ 7, 8, 9 ]}", "d0", "{\"v\":[ 8, 9 ]}"},
      {"{\"v\":[ 7, 8, 9 ]}", "d1", "{\"v\":[ 7, 9 ]}"},
      {"{\"v\":[ 7, 8, 9 ]}", "d2", "{\"v\":[ 7, 8 ]}"},
      {"{\"v\":[ 7, 8, 9 ]}", "d0d1", "{\"v\":[ 9 ]}"},
      {"{\"v\":[ 7, 8, 9 ]}", "d2d1", "{\"v\":[ 7 ]}"},
      {"{\"v\":[ 7, 8, 9 ]}", "d0d1d2", "{\"v\":[  ]}"},
      {"{\"v\":[ 7, 8, 9 ]}", "d0d1d2a", "{\"v\":[1  ]}"},
      {"{\"v\":[7,8,9]}", "d2a", "{\"v\":[7,8,1]}"},
      {"{\"v\":[7,8,9]}", "d0pa", "{\"v\":[1,8,9,2]}"},
      {"{\"v\":[7,8,9]}", "d0d2pa", "{\"v\":[1,8,2]}"},
      {"{\"v\":[7,8,9]}", "d1r0r2", "{\"v\":[1,2]}"},
      {"{\"v\":[7,8,9]}", "d1i2", "{\"v\":[7,1,9]}"},
      {"{\"v\":{}}", "m", "{\"v\":{\"n1\":1}}"},
      {"{\"v\":{\n}}", "mm", "{\"v\":{\"n1\":1,\"n2\":2\n}}"},
      {"{\"v\":{ \"a\" : {} }}", "m", "{\"v\":{ \"a\" : {},\"n1\":1 }}"},
      {"{\"v\":{ \"a\" : {}, \"b\":[] }}", "d0", "{\"v\":{ \"b\":[] }}"},
      {"{\"v\":{ \"a\" : {}, \"b\":[] }}", "d1", "{\"v\":{ \"a\" : {} }}"},
      {"{\"v\":{ \"a\" : {} }}", "d0m", "{\"v\":{\"n1\":1  }}"},
      {"{\"v\":{ \"a\" : {} }}", "r0m", "{\"v\":{ \"a\" : 1,\"n2\":2 }}"},
      {"{\"v\":[7,8]}", "r0r0", NULL},
      {"{\"v\":[7,8]}", "r0d0", NULL},
      {"{\"v\":[7,8]}", "d0r0", NULL},
      {"{\"v\":[7,8]}", "d1r1", NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    check_steps(rows[i].text, rows[i].steps, rows[i].want);
}

// What is within a value that goes, cannot change.
static void
test_nested(void) {
  const struct source source = source_of("{\"a\":{\"b\":[1]},\"c\":2}");
  for (int how = 0; how < 4; how++) {
    struct diags diags = {0};
    struct edits edits = {0};
    struct buffer out = {0};
    struct error e;
    struct json *json = json_read(&source, &diags);
    struct json_value a = json_first(json_root(json)), b = json_first(a);
    if (how < 2)
      edit_remove(&edits, a);
    else
      edit_replace(&edits, a, "0");
    if (how % 2 == 0)
      edit_append(&edits, b, "2");
    else
      edit_replace(&edits, b, "2");
    CHECK(edits_apply(&edits, &source, &out, &e) == -1);
    CHECK_STR(e.text, "two changes of one place");
    buffer_clear(&out);
    edits_clear(&edits);
    json_free(json);
  }
}

static void
test_full(void) {
  const struct source source = source_of("{\"a\":[]}");
  struct diags diags = {0};
  struct json *json = json_read(&source, &diags);
  for (size_t count = EDITS_MAX; count <= EDITS_MAX + 1; count++) {
    struct edits edits = {0};
    struct buffer out = {0};
    struct error e;
    for (size_t i = 0; i < count; i++)
      edit_append(&edits, json_first(json_root(json)), "1");
    CHECK_INT(edits_apply(&edits, &source, &out, &e), count == EDITS_MAX ? 0 : -1);
    buffer_clear(&out);
    edits_clear(&edits);
  }
  struct edits edits = {0};
  struct buffer out = {0};
  struct error e;
  edit_append(&edits, json_first(json_root(json)), NULL);
  CHECK_INT(edits_apply(&edits, &source, &out, &e), -1);
  edits_clear(&edits);
  json_free(json);
}

static void
test_strings(void) {
  struct buffer out = {0};
  static const char bytes[] = "a\"b\\c\b\f\n\r\t\x01\x1f\x7f\xc3\xa4/\0z";
  edit_add_string(&out, bytes, sizeof bytes - 1);
  CHECK_STR(out.text, "\"a\\\"b\\\\c\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa4/\\u0000z\"");
  buffer_clear(&out);
  edit_add_string(&out, "", 0);
  CHECK_STR(out.text, "\"\"");
  buffer_clear(&out);
}

// Random changes to an array, against a list of numbers that is changed the same way.

static unsigned
roll(unsigned *seed, unsigned sides) {
  *seed = *seed * 1103515245 + 12345;
  return *seed / 65536 % sides;
}

#define ITEMS_MAX 8
struct model {
  int before[ITEMS_MAX][ITEMS_MAX], first[ITEMS_MAX], last[ITEMS_MAX]; // what is put in front of each, and at the ends
  int before_count[ITEMS_MAX], first_count, last_count;
  int item[ITEMS_MAX]; // -1: removed
  int count;
};

static void
put(struct buffer *out, const char **comma, int number) {
  buffer_add(out, "%s%d", *comma, number);
  *comma = ",";
}

static void
model_write(const struct model *model, struct buffer *out) {
  const char *comma = "";
  for (int i = 0; i < model->first_count; i++)
    put(out, &comma, model->first[i]);
  for (int i = 0; i < model->count; i++) {
    for (int k = 0; k < model->before_count[i]; k++)
      put(out, &comma, model->before[i][k]);
    if (model->item[i] >= 0)
      put(out, &comma, model->item[i]);
  }
  for (int i = 0; i < model->last_count; i++)
    put(out, &comma, model->last[i]);
}

// One change of both. The first element always stays, and nothing is inserted in front of one that goes.
static void
change(unsigned *seed, struct edits *edits, struct json_value array, struct model *model, int number) {
  char text[16];
  int at = (int)roll(seed, (unsigned)model->count);
  struct json_value value = child(array, (size_t)at);
  snprintf(text, sizeof text, "%d", number);
  bool fresh = model->item[at] == at && model->before_count[at] == 0;
  switch (roll(seed, 5)) {
  case 0:
    if (fresh && at > 0) {
      edit_remove(edits, value);
      model->item[at] = -1;
    }
    break;
  case 1:
    if (model->item[at] == at) {
      edit_replace(edits, value, text);
      model->item[at] = number;
    }
    break;
  case 2:
    if (model->item[at] >= 0 && at > 0) {
      edit_insert_before(edits, value, text);
      model->before[at][model->before_count[at]++] = number;
    }
    break;
  case 3:
    edit_prepend(edits, array, text);
    model->first[model->first_count++] = number;
    break;
  default:
    edit_append(edits, array, text);
    model->last[model->last_count++] = number;
  }
}

static void
check_random(unsigned seed) {
  struct model model = {.count = 1 + (int)roll(&seed, ITEMS_MAX)};
  struct buffer text = {0}, out = {0}, want = {0};
  struct edits edits = {0};
  struct diags diags = {0};
  struct error e;
  buffer_add(&text, "{\"v\":[");
  for (int i = 0; i < model.count; i++) {
    model.item[i] = i;
    buffer_add(&text, "%s%d", i > 0 ? "," : "", i);
  }
  buffer_add(&text, "]}");
  const struct source source = source_of(text.text);
  struct json *json = json_read(&source, &diags);
  for (unsigned left = roll(&seed, ITEMS_MAX); left > 0; left--)
    change(&seed, &edits, json_first(json_root(json)), &model, 100 + (int)left);
  buffer_add(&want, "{\"v\":[");
  model_write(&model, &want);
  buffer_add(&want, "]}");
  CHECK_INT(edits_apply(&edits, &source, &out, &e), 0);
  CHECK_STR(out.text, want.text);
  edits_clear(&edits);
  json_free(json);
  buffer_clear(&text);
  buffer_clear(&out);
  buffer_clear(&want);
}

// A member or element that is added and removed again leaves every byte as it was.
static void
test_undo(void) {
  static const char *const texts[] = {"{}", " { \n} ", "{\"a\":1}",
                                      "{\n  \"a\" : [ ] ,\r\n\t\"b\":\"\\u00e4\\\\\"\n}\n",
                                      "\xef\xbb\xbf{\"\xc3\xa4\":{\"x\":[1, 2]}  }"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    const struct source source = source_of(texts[i]);
    struct diags diags = {0};
    struct edits edits = {0};
    struct buffer added = {0}, removed = {0};
    struct error e;
    struct json *json = json_read(&source, &diags);
    edit_add_member(&edits, json_root(json), "new\n", "{\"c\":[null]}");
    CHECK_INT(edits_apply(&edits, &source, &added, &e), 0);
    edits_clear(&edits);
    json_free(json);
    const struct source changed = source_of(added.text);
    json = json_read(&changed, &diags);
    CHECK_ROW(json != NULL, texts[i]);
    edit_remove(&edits, json_member(json_root(json), "new\\n"));
    CHECK_INT(edits_apply(&edits, &changed, &removed, &e), 0);
    CHECK_STR(removed.text, texts[i]);
    edits_clear(&edits);
    json_free(json);
    buffer_clear(&added);
    buffer_clear(&removed);
  }
}

int
main(void) {
  test_steps();
  test_nested();
  test_full();
  test_strings();
  for (unsigned seed = 1; seed <= 20000; seed++)
    check_random(seed);
  test_undo();
  return check_done();
}
