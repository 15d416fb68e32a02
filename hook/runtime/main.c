// SPDX-License-Identifier: LGPL-2.1-or-later
// main.c - scrun-runtime: stands in front of an OCI runtime, puts policies into what it is to start, and becomes it.
#include "hook/place.h"
#include "hook/rewrite.h"
#include "hook/runtime/bundle.h"
#include "hook/runtime/exec.h"
#include "hook/runtime/log.h"
#include "hook/runtime/settings.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
add_error(struct diags *diags, const struct error *e) {
  diag_add(diags, DIAG_ERROR, e->at, "%s", e->text);
  return -1;
}

// What the work is done with.
struct work {
  struct runtime_settings settings;
  struct command command;
  struct bundle bundle; // messages quote it
  struct exec_line line;
  char wrapper[PATH_MAX], stage[PATH_MAX];
};

static int
find_parts(struct work *work, struct diags *diags) {
  struct error e;
  return place_find(PLACE_WRAPPER, work->wrapper, &e) != 0 || place_find(PLACE_STAGE, work->stage, &e) != 0
             ? add_error(diags, &e)
             : 0;
}

// create, run

static int
rewrite_bundle(struct work *work, const char *path, struct diags *diags) {
  const struct rewrite_place place = {.wrapper = work->wrapper, .stage = work->stage, .bundle = path};
  struct buffer text = {0};
  struct error e;
  bool changed = false;
  int failed = rewrite_config(&work->bundle.config, &work->settings.hook, &place, &changed, &text, diags);
  if (failed == 0 && changed && bundle_replace(&work->bundle, &text, &e) != 0)
    failed = add_error(diags, &e);
  buffer_clear(&text);
  return failed;
}

// A relative path below the folder that the runtime will be started in, too.
static int
prepare_create(struct work *work, struct diags *diags) {
  char path[PATH_MAX];
  struct error e;
  if (realpath(work->command.bundle != NULL ? work->command.bundle : ".", path) == NULL) {
    diag_add(diags, DIAG_ERROR, (struct source_pos){0}, "%s: %s; nothing was started",
             shown(work->command.bundle != NULL ? work->command.bundle : ".").text, strerror(errno));
    return -1;
  }
  return bundle_open(&work->bundle, path, &e) != 0 ? add_error(diags, &e) : rewrite_bundle(work, path, diags);
}

static int
prepare(struct work *work, int argc, char **argv, struct diags *diags) {
  switch (work->command.verb) {
  case COMMAND_CREATE:
    return find_parts(work, diags) != 0 ? -1 : prepare_create(work, diags);
  case COMMAND_EXEC:
    return find_parts(work, diags) != 0
               ? -1
               : exec_prepare(work->settings.runtime, work->wrapper, argc, argv, &work->command, &work->line, diags);
  case COMMAND_OTHER:
    return 0;
  case COMMAND_NONE:
    break;
  }
  diag_add(diags, DIAG_ERROR, (struct source_pos){0}, "the command line was not read; nothing was started");
  return -1;
}

// The runtime sees its own path for its name, and otherwise what the engine wrote. Comes back only when it failed.
static int
become_runtime(const struct work *work, char **argv, struct diags *diags) {
  char *none[] = {work->settings.runtime, NULL};
  char **words = work->line.argv != NULL ? work->line.argv : argv[0] != NULL ? argv : none;
  words[0] = work->settings.runtime;
  (void)execv(words[0], words);
  diag_add(diags, DIAG_ERROR, (struct source_pos){0}, "%s: %s; nothing was started", shown(words[0]).text,
           strerror(errno));
  return error_exit_status(ERROR_EXEC);
}

// Returns the exit status of a failure.
static int
run(struct work *work, int argc, char **argv, struct diags *diags) {
  struct error e;
  int failed = command_read(argc, argv, &work->command, &e) != 0 ? add_error(diags, &e) : 0;
  if (failed == 0)
    failed = runtime_settings_read(SETTINGS_FOLDER, &work->settings, diags);
  if (failed != 0 || prepare(work, argc, argv, diags) != 0)
    return error_exit_status(ERROR_POLICY);
  log_diags(&work->command, diags); // warnings
  *diags = (struct diags){0};
  return become_runtime(work, argv, diags);
}

// --check

// Finds what would stop every container; scrun-hook check asks for it.
static int
check(struct work *work, struct diags *diags) {
  struct container_request request = {0};
  int failed = find_parts(work, diags);
  if (runtime_settings_read(SETTINGS_FOLDER, &work->settings, diags) != 0)
    return error_exit_status(ERROR_POLICY);
  if (access(work->settings.runtime, X_OK) != 0) {
    diag_add(diags, DIAG_ERROR, (struct source_pos){0}, "Runtime=%s: %s", shown(work->settings.runtime).text,
             strerror(errno));
    failed = -1;
  }
  if (container_request_read((struct json_value){0}, &work->settings.hook, &request, diags) != 0)
    failed = -1;
  container_request_clear(&request);
  return failed == 0 ? 0 : error_exit_status(ERROR_POLICY);
}

int
main(int argc, char **argv) {
  static struct work work;
  static struct diags diags;
  bool checks = argc == 2 && strcmp(argv[1], "--check") == 0;
  int status = checks ? check(&work, &diags) : run(&work, argc, argv, &diags);
  log_diags(&work.command, &diags);
  bundle_close(&work.bundle);
  exec_line_clear(&work.line);
  runtime_settings_clear(&work.settings);
  return status;
}
