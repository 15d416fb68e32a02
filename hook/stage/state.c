// SPDX-License-Identifier: LGPL-2.1-or-later
// state.c - reads the state of a container.
//
// Read is what is used; runtimes add members of their own ("root", "owner"), and may go on doing so.
#include "hook/stage/state.h"
#include "compat/text.h"
#include <limits.h>
#include <string.h>

// False after a message, if there is a value and it is of another kind.
static bool
check_kind(struct json_value value, enum json_kind kind, struct diags *diags) {
  if (value.json == NULL || json_kind(value) == kind)
    return true;
  json_complain(value, DIAG_ERROR, diags, "must be %s, not %s", json_kind_name(kind), json_kind_name(json_kind(value)));
  return false;
}

static bool
read_bundle(struct json_value root, const char **out, struct diags *diags) {
  struct json_value bundle = json_member(root, "bundle");
  size_t length;
  if (bundle.json == NULL) {
    json_complain(root, DIAG_ERROR, diags, "\"bundle\" is missing: this is no state of a container");
    return false;
  }
  if (!check_kind(bundle, JSON_STRING, diags))
    return false;
  *out = json_string(bundle, &length);
  if (**out == '/' && length < PATH_MAX)
    return true;
  json_complain(bundle, DIAG_ERROR, diags, "must be an absolute path of at most %d bytes", PATH_MAX - 1);
  return false;
}

static bool
read_pid(struct json_value root, pid_t *out, struct diags *diags) {
  struct json_value pid = json_member(root, "pid");
  uint64_t number = 0;
  if (!check_kind(pid, JSON_NUMBER, diags) || (pid.json != NULL && !json_number(pid, INT_MAX, &number, diags)))
    return false;
  *out = (pid_t)number;
  return true;
}

// Of the words of the runtime-spec, "creating" and "created" come before the program. crun says "created" where runc
// says "creating". Any other word may mean anything.
static bool
read_status(struct json_value root, bool *runs, struct diags *diags) {
  struct json_value status = json_member(root, "status");
  size_t length;
  if (!check_kind(status, JSON_STRING, diags))
    return false;
  const char *word = status.json != NULL ? json_string(status, &length) : "creating";
  *runs = strcmp(word, "creating") != 0 && strcmp(word, "created") != 0;
  return true;
}

static bool
read_all(struct json_value root, struct container_state *out, struct diags *diags) {
  out->annotations = json_member(root, "annotations");
  if (json_kind(out->annotations) == JSON_NULL)
    out->annotations = (struct json_value){0};
  return read_bundle(root, &out->bundle, diags) && read_pid(root, &out->pid, diags)
         && read_status(root, &out->runs, diags) && check_kind(out->annotations, JSON_OBJECT, diags);
}

int
container_state_read(const struct source *source, struct container_state *out, struct diags *diags) {
  struct container_state state = {.json = json_read(source, diags)};
  if (state.json == NULL)
    return -1;
  if (!read_all(json_root(state.json), &state, diags)) {
    json_free(state.json);
    return -1;
  }
  *out = state;
  return 0;
}
