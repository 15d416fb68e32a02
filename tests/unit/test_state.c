// SPDX-License-Identifier: LGPL-2.1-or-later
// test_state.c - the state of a container, as runtimes write it and as nobody should.
#include "hook/stage/state.h"
#include "tests/check.h"
#include <stdlib.h>

static struct source
source_of(const char *text) {
  return (struct source){"state", text, strlen(text), true};
}

// As crun 1.8.1 and runc 1.1.5 write them at createRuntime and createContainer.
static void
test_good(void) {
  static const struct {
    const char *text, *bundle;
    pid_t pid;
    bool runs, annotations;
  } rows[] = {
      {"{\"ociVersion\":\"1.0\",\"id\":\"x1\",\"pid\":50,\"root\":\"/r\",\"bundle\":\"/b\",\"status\":\"created\","
       "\"annotations\":{\"io.scrun.x\":\"y\"}}",
       "/b", 50, false, true},
      {"{\"ociVersion\":\"1.0\",\"id\":\"x1\",\"pid\":0,\"root\":\"/r\",\"bundle\":\"/b\",\"status\":\"created\"}",
       "/b", 0, false, false},
      {"{\"ociVersion\":\"1.0.2-dev\",\"id\":\"x1\",\"status\":\"creating\",\"pid\":58,\"bundle\":\"/tmp/b\","
       "\"annotations\":{}}",
       "/tmp/b", 58, false, true},
      {"{\"bundle\":\"/b\",\"annotations\":null}", "/b", 0, false, false},
      {"{\"bundle\":\"/b\",\"pid\":2147483647,\"status\":\"running\"}", "/b", 2147483647, true, false},
      {"{\"bundle\":\"/b\",\"status\":\"stopped\"}", "/b", 0, true, false},
      {"{\"bundle\":\"/b\",\"status\":\"Creating\"}", "/b", 0, true, false},
      {"{\"bundle\":\"/b\",\"status\":\"\"}", "/b", 0, true, false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct source source = source_of(rows[i].text);
    struct diags diags = {0};
    struct container_state state;
    int failed = container_state_read(&source, &state, &diags);
    CHECK_ROW(failed == 0 && diags.count == 0, rows[i].text);
    if (failed != 0)
      continue;
    CHECK_STR(state.bundle, rows[i].bundle);
    CHECK_ROW(state.pid == rows[i].pid, rows[i].text);
    CHECK_ROW(state.runs == rows[i].runs, rows[i].text);
    CHECK_ROW((state.annotations.json != NULL) == rows[i].annotations, rows[i].text);
    json_free(state.json);
  }
}

static void
test_bad(void) {
  static const struct {
    const char *text, *message;
  } rows[] = {
      {"", "there is nothing"},
      {"[]", "must be an object"},
      {"{}", "\"bundle\" is missing"},
      {"{\"bundle\":\"/b\"", "JSON"},
      {"{\"bundle\":\"/b\"} x", "JSON"},
      {"{\"bundle\":1}", "bundle: must be a string, not a number"},
      {"{\"bundle\":null}", "bundle: must be a string, not null"},
      {"{\"bundle\":\"\"}", "bundle: must be an absolute path"},
      {"{\"bundle\":\"b\"}", "bundle: must be an absolute path"},
      {"{\"bundle\":\"/b\",\"bundle\":\"/c\"}", "bundle"},
      {"{\"bundle\":\"/b\",\"pid\":\"1\"}", "pid: must be a number, not a string"},
      {"{\"bundle\":\"/b\",\"pid\":-1}", "pid: must not be negative"},
      {"{\"bundle\":\"/b\",\"pid\":1.5}", "pid: must be a whole number"},
      {"{\"bundle\":\"/b\",\"pid\":2147483648}", "pid: must be at most 2147483647"},
      {"{\"bundle\":\"/b\",\"pid\":null}", "pid: must be a number, not null"},
      {"{\"bundle\":\"/b\",\"status\":1}", "status: must be a string, not a number"},
      {"{\"bundle\":\"/b\",\"annotations\":[]}", "annotations: must be an object, not an array"},
      {"{\"bundle\":\"/b\",\"annotations\":\"x\"}", "annotations: must be an object, not a string"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct source source = source_of(rows[i].text);
    struct diags diags = {0};
    struct container_state state = {.pid = 7};
    CHECK_ROW(container_state_read(&source, &state, &diags) != 0, rows[i].text);
    CHECK_ROW(state.pid == 7 && diags.errors > 0, rows[i].text);
    CHECK_ROW(diags.count > 0 && strstr(diags.items[0].text, rows[i].message) != NULL, diags.items[0].text);
  }
}

// A path that no file can have.
static void
test_long(void) {
  enum { LENGTH = 5000 };
  char *text = malloc(LENGTH + 16);
  struct diags diags = {0};
  struct container_state state;
  if (text == NULL)
    abort();
  memset(text, 'b', LENGTH + 15);
  memcpy(text, "{\"bundle\":\"/", 12);
  memcpy(text + LENGTH, "\"}", 3);
  struct source source = source_of(text);
  CHECK(container_state_read(&source, &state, &diags) != 0);
  CHECK(strstr(diags.items[0].text, "of at most 4095 bytes") != NULL);
  free(text);
}

int
main(void) {
  test_good();
  test_bad();
  test_long();
  return check_done();
}
