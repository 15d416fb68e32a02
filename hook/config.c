// SPDX-License-Identifier: LGPL-2.1-or-later
// config.c - a config.json, part by part.
#include "hook/config.h"
#include "compat/oci_read.h"
#include "compat/text.h"
#include "hook/rewrite.h"
#include <string.h>

#define MEMBER(name, kind, field)                                                                                      \
  { name, kind, offsetof(struct config_view, field) }

static const struct config_member root_members[] = {
    MEMBER("annotations", JSON_OBJECT, annotations), MEMBER("hooks", JSON_OBJECT, hooks),
    MEMBER("linux", JSON_OBJECT, linux_object),      MEMBER("mounts", JSON_ARRAY, mounts),
    MEMBER("process", JSON_OBJECT, process),         MEMBER("root", JSON_OBJECT, rootfs),
};
static const struct config_member process_members[] = {
    MEMBER("args", JSON_ARRAY, args),
    MEMBER("capabilities", JSON_OBJECT, capabilities),
    MEMBER("env", JSON_ARRAY, env),
    MEMBER("noNewPrivileges", JSON_BOOLEAN, no_new_privs),
};
static const struct config_member capability_members[] = {
    MEMBER("ambient", JSON_ARRAY, ambient),     MEMBER("bounding", JSON_ARRAY, bounding),
    MEMBER("effective", JSON_ARRAY, effective), MEMBER("inheritable", JSON_ARRAY, inheritable),
    MEMBER("permitted", JSON_ARRAY, permitted),
};
static const struct config_member rootfs_members[] = {MEMBER("path", JSON_STRING, rootfs_path)};
static const struct config_member hooks_members[] = {MEMBER("createContainer", JSON_ARRAY, create_container)};
static const struct config_member linux_members[] = {MEMBER("seccomp", JSON_OBJECT, seccomp)};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

// The ASCII letter that a character (*length bytes of a name) is for a reader that takes names in any case. Two
// characters that are not ASCII fold to one that is. Source: fold.go of Go's encoding/json.
static char
folded(const char *name, size_t left, size_t *length) {
  *length = left >= 2 && memcmp(name, "\xc5\xbf", 2) == 0       ? 2
            : left >= 3 && memcmp(name, "\xe2\x84\xaa", 3) == 0 ? 3
                                                                : 1;
  return *length == 2 ? 's' : *length == 3 ? 'k' : text_lower(*name);
}

static bool
is_like(const char *name, size_t length, const char *want) {
  size_t at = 0, width;
  for (; *want != '\0' && at < length; want++, at += width)
    if (folded(name + at, length - at, &width) != text_lower(*want))
      return false;
  return *want == '\0' && at == length;
}

static bool
need_kind(struct json_value value, enum json_kind kind, struct diags *diags) {
  if (json_kind(value) == kind)
    return true;
  json_complain(value, DIAG_ERROR, diags, "must be %s, not %s", json_kind_name(kind), json_kind_name(json_kind(value)));
  return false;
}

static bool
take_member(struct json_value member, const struct config_member *entry, void *out, struct diags *diags) {
  size_t length;
  const char *name = json_key(member, &length);
  if (!text_is(name, length, entry->name)) {
    json_complain_key(member, DIAG_ERROR, diags, "some runtimes read this name as \"%s\", and others do not",
                      entry->name);
    return false;
  }
  memcpy((char *)out + entry->offset, &member, sizeof member);
  return need_kind(member, entry->kind, diags);
}

bool
config_read_members(struct json_value object, const struct config_member *members, size_t count, void *out,
                    struct diags *diags) {
  bool right = true;
  for (struct json_value member = json_first(object); member.json != NULL; member = json_next(member)) {
    size_t length, i = 0;
    const char *name = json_name(member, &length);
    while (i < count && !is_like(name, length, members[i].name))
      i++;
    if (i < count)
      right = take_member(member, &members[i], out, diags) && right;
  }
  return right;
}

static bool
need_items(struct json_value list, enum json_kind kind, struct diags *diags) {
  bool right = true;
  for (struct json_value item = json_first(list); item.json != NULL; item = json_next(item))
    right = need_kind(item, kind, diags) && right;
  return right;
}

static bool
read_process(struct config_view *view, struct diags *diags) {
  if (!config_read_members(view->process, process_members, COUNT(process_members), view, diags)
      || !config_read_members(view->capabilities, capability_members, COUNT(capability_members), view, diags))
    return false;
  const struct json_value lists[] = {view->args,      view->env,         view->ambient,  view->bounding,
                                     view->effective, view->inheritable, view->permitted};
  bool right = true;
  for (size_t i = 0; i < COUNT(lists); i++)
    right = need_items(lists[i], JSON_STRING, diags) && right;
  return right;
}

static bool
read_root(struct config_view *view, struct diags *diags) {
  if (!config_read_members(view->root, root_members, COUNT(root_members), view, diags))
    return false;
  bool right = read_process(view, diags);
  right = config_read_members(view->rootfs, rootfs_members, COUNT(rootfs_members), view, diags) && right;
  right = config_read_members(view->hooks, hooks_members, COUNT(hooks_members), view, diags) && right;
  right = config_read_members(view->linux_object, linux_members, COUNT(linux_members), view, diags) && right;
  return right && need_items(view->create_container, JSON_OBJECT, diags);
}

// False after adding an error.
static bool
open_view(const struct source *source, struct config_view *out, struct diags *diags) {
  *out = (struct config_view){.json = json_read_up_to(source, CONFIG_BYTES_MAX, diags)};
  if (out->json != NULL)
    out->root = json_root(out->json);
  return out->json != NULL;
}

int
config_read(const struct source *source, struct config_view *out, struct diags *diags) {
  return open_view(source, out, diags) && read_root(out, diags) ? 0 : -1;
}

int
config_read_process(const struct source *source, struct config_view *out, struct diags *diags) {
  if (!open_view(source, out, diags))
    return -1;
  out->process = out->root;
  return read_process(out, diags) ? 0 : -1;
}

void
config_clear(struct config_view *view) {
  json_free(view->json);
  *view = (struct config_view){0};
}

bool
config_is(struct json_value value, const char *text) {
  size_t length;
  if (json_kind(value) != JSON_STRING)
    return false;
  const char *string = json_string(value, &length);
  return text_is(string, length, text);
}

bool
config_is_handler(const char *name, size_t length) {
  return text_is(name, length, "run.oci.handler") || text_is(name, length, "module.wasm.image/variant");
}

bool
config_has_capability(struct json_value list, int capability) {
  for (struct json_value item = json_first(list); item.json != NULL; item = json_next(item)) {
    size_t length;
    const char *name = json_string(item, &length);
    if (capability_find(name, length) == capability)
      return true;
  }
  return false;
}
