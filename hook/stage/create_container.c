// SPDX-License-Identifier: LGPL-2.1-or-later
// create_container.c - holds config.json and the mount table against what scrun wrote.
#include "hook/stage/create_container.h"
#include "hook/config.h"
#include "hook/init_program.h"
#include "hook/place.h"
#include "hook/rewrite.h"
#include "hook/stage/input.h"
#include "hook/stage/mounts.h"
#include "hook/stage/state.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
add_error(struct diags *diags, const struct error *e) {
  diag_add(diags, DIAG_ERROR, e->at, "%s", e->text);
  return error_exit_status(e->kind);
}

// Where the container's root is, before the runtime enters it.
static int
read_root(const struct source *config, const char *bundle, char root[PATH_MAX], struct diags *diags) {
  struct config_view view;
  size_t length;
  int status = config_read(config, &view, diags) != 0 ? error_exit_status(ERROR_POLICY) : 0;
  if (status == 0) {
    const char *path = view.rootfs_path.json != NULL ? json_string(view.rootfs_path, &length) : "";
    int written = snprintf(root, PATH_MAX, "%s%s%s", *path == '/' ? "" : bundle, *path == '/' ? "" : "/", path);
    if (*path == '\0' || written >= PATH_MAX) {
      json_complain(view.root, DIAG_ERROR, diags, "\"root\" has no path that can be looked at");
      status = error_exit_status(ERROR_POLICY);
    }
  }
  config_clear(&view);
  return status;
}

static int
check_order(const struct source *config, const char *wrapper, struct diags *diags) {
  char *order = NULL;
  bool can_mount;
  struct error e;
  if (rewrite_find_order(config, wrapper, &order, &can_mount, diags) != 0)
    return error_exit_status(ERROR_POLICY);
  bool found = order != NULL;
  free(order);
  if (found)
    return 0;
  error_plain(&e, ERROR_SECCOMP,
              "%s: the program is not started through the wrapper any more: something has changed process.args or "
              "mounts after scrun",
              shown(config->name).text);
  return add_error(diags, &e);
}

// Of what the engine puts in front of the program.
static int
check_init(const struct source *config, const char *root, struct diags *diags) {
  struct config_view view;
  struct error e;
  size_t length;
  int status = config_read(config, &view, diags) != 0 ? error_exit_status(ERROR_POLICY) : 0;
  struct json_value source = {0};
  if (status == 0)
    source = init_program_source(view.args, view.mounts);
  if (source.json != NULL
      && mounts_check_init(root, json_string(json_first(view.args), &length), json_string(source, &length), &e) != 0)
    status = add_error(diags, &e);
  config_clear(&view);
  return status;
}

static int
check_config(const struct source *config, const char *bundle, struct diags *diags) {
  char wrapper[PATH_MAX], root[PATH_MAX];
  struct error e;
  if (place_find(PLACE_WRAPPER, wrapper, &e) != 0)
    return add_error(diags, &e);
  int status = check_order(config, wrapper, diags);
  if (status == 0)
    status = read_root(config, bundle, root, diags);
  if (status == 0 && mounts_check_wrapper(root, wrapper, &e) != 0)
    status = add_error(diags, &e);
  return status == 0 ? check_init(config, root, diags) : status;
}

int
create_container(const struct source *source, struct source *config, struct diags *diags) {
  static char path[PATH_MAX + sizeof "/config.json"];
  struct container_state state;
  struct error e;
  if (container_state_read(source, &state, diags) != 0)
    return error_exit_status(ERROR_POLICY);
  snprintf(path, sizeof path, "%s/config.json", state.bundle);
  int status =
      input_read_file(config, path, &e) != 0 ? add_error(diags, &e) : check_config(config, state.bundle, diags);
  json_free(state.json);
  return status;
}
