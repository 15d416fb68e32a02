// SPDX-License-Identifier: LGPL-2.1-or-later
// init_program.c - which inits are known, where engines mount them, and where they come from.
#include "hook/init_program.h"
#include "hook/config.h"
#include "hook/destination.h"
#include <stdio.h>
#include <string.h>

// Source: podman's pkg/specgen/generate (podman 4 and before; podman 5), docker's daemon/oci_linux.go, nerdctl's
// container_create.go.
static const char *const destinations[] = {"/dev/init", "/run/podman-init", "/sbin/docker-init", "/sbin/tini"};
static const char *const programs[] = {"catatonit", "docker-init", "tini", "tini-static"};
// Distributions' and docker's own packages put them there. Only administrators can write to them.
static const char *const folders[] = {
    "/usr/libexec/podman",
    "/usr/lib/podman",
    "/usr/libexec/catatonit",
    "/usr/libexec/docker",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/local/lib/podman",
    "/usr/local/libexec/podman",
    "/bin",
    "/sbin",
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *
find_destination(struct json_value arg) {
  for (size_t i = 0; i < COUNT(destinations); i++)
    if (config_is(arg, destinations[i]))
      return destinations[i];
  return NULL;
}

static bool
is_known_in(struct json_value source, const char *folder) {
  char path[64];
  for (size_t i = 0; i < COUNT(programs); i++) {
    snprintf(path, sizeof path, "%s/%s", folder, programs[i]);
    if (config_is(source, path))
      return true;
  }
  return false;
}

// Is this mount the init at `destination`?
static bool
is_init(const struct mount_view *mount, const char *destination) {
  bool known = false;
  for (size_t i = 0; i < COUNT(folders) && !known; i++)
    known = is_known_in(mount->source, folders[i]);
  return known && config_is(mount->type, "bind")
         && destination_compare(mount->destination, destination) == DESTINATION_SAME;
}

// The source of the last mount that has to do with the place, if that is the init; otherwise no value.
static struct json_value
find_source(struct json_value mounts, const char *destination) {
  struct json_value source = {0};
  struct diags unheard = {0}; // what is wrong with a mount was said before
  for (struct json_value mount = json_first(mounts); mount.json != NULL; mount = json_next(mount)) {
    struct mount_view view;
    if (!mount_read(mount, &view, &unheard))
      return (struct json_value){0};
    if (destination_compare(view.destination, destination) != DESTINATION_APART)
      source = is_init(&view, destination) ? view.source : (struct json_value){0};
  }
  return source;
}

struct json_value
init_program_source(struct json_value args, struct json_value mounts) {
  struct json_value first = json_first(args), dashes = {0};
  const char *destination = first.json != NULL ? find_destination(first) : NULL;
  if (destination != NULL)
    dashes = json_next(first);
  if (dashes.json == NULL || !config_is(dashes, "--") || json_kind(mounts) != JSON_ARRAY)
    return (struct json_value){0};
  return find_source(mounts, destination);
}

struct json_value
init_program_skip(struct json_value args, struct json_value mounts) {
  struct json_value first = json_first(args);
  return init_program_source(args, mounts).json == NULL ? first : json_next(json_next(first));
}
