// SPDX-License-Identifier: LGPL-2.1-or-later
// main.c - scrun: text -> policy -> program -> process, one chain with one exec at its end.
#include "runner/command_line.h"
#include "runner/environment.h"
#include "runner/executable.h"
#include "runner/guard.h"
#include "runner/helper.h"
#include "runner/image_load.h"
#include "runner/late/attach.h"
#include "runner/late/tracer.h"
#include "runner/launch.h"
#include "runner/preload/preload.h"
#include "runner/report.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOOL "scrun"

// Large, and needed until the end: not on the stack.
static struct image image;
static struct target target;
static struct executable executable;

static int
fail(const struct error *e) {
  report_error(TOOL, e);
  return error_exit_status(e->kind);
}

// Readable by others means that they can open /proc/PID/mem of a launch before it hides itself.
static void
say_if_readable(const char *path) {
  struct stat info;
  if (path != NULL && stat(path, &info) == 0 && (info.st_mode & (S_IRGRP | S_IROTH)) != 0)
    report(TOOL, "%s is readable: install it root:root 0711, so that no peer can look into a launch", shown(path).text);
}

static int
enter_directory(const struct command_line *line, struct error *e) {
  const char *path = line->working_directory;
  struct stat named, here;
  if (path == NULL)
    return 0;
  if (stat(path, &named) != 0 || chdir(path) != 0 || stat(".", &here) != 0)
    return error_plain(e, ERROR_DIRECTORY, "--working-directory=%s: %s", shown(path).text, strerror(errno));
  if (named.st_dev != here.st_dev || named.st_ino != here.st_ino) // an outer filter answered for chdir(2)
    return error_plain(e, ERROR_DIRECTORY, "--working-directory=%s: it was not entered", shown(path).text);
  return 0;
}

// The program's environment, and where it is. The caller frees *environment, also after a failure.
static int
find_program(const struct command_line *line, char ***environment, struct error *e) {
  *environment = environment_make(environ, line->assignments, line->assignment_count);
  if (*environment == NULL)
    return error_memory(e, ERROR_USAGE);
  // the second start is there already, and a relative path would be wrong
  if (line->traced == NULL && enter_directory(line, e) != 0)
    return -1;
  return target_find(&target, line->program[0], environment_get(*environment, "PATH"), e);
}

// Which moment this launch has, and whether the program has it.
static int
settle_moment(const struct command_line *line, const struct image_source *source, enum moment *moment,
              struct error *e) {
  *moment = line->policy.at != MOMENT_NONE ? line->policy.at : source->at != MOMENT_NONE ? source->at : MOMENT_EXEC;
  if (line->ready_timeout_ms != 0 && *moment != MOMENT_READY)
    return error_plain(e, ERROR_USAGE, "--ready-timeout is for --at=ready");
  if (*moment == MOMENT_EXEC)
    return 0;
  if (executable_read(&executable, target.path, e) != 0)
    return -1;
  *moment = executable_moment(&executable, *moment);
  return executable_allows(&executable, *moment, e);
}

static int
launch_program(const struct command_line *line, int arming, char *const *environment, struct error *e) {
  struct launch what = {.tool = TOOL,
                        .image = &image,
                        .target = &target,
                        .arming = arming,
                        .argv = line->program,
                        .environment = environment,
                        .verbose = line->verbose};
  if (line->argv0 != NULL)
    line->program[0] = (char *)(uintptr_t)line->argv0;
  return launch(&what, e);
}

static int
launch_preloaded(const struct command_line *line, char *const *environment, struct error *e) {
  struct preload preload;
  if (preload_prepare(&preload, &executable, &image, environment, line->verbose, e) != 0)
    return -1;
  int failed = launch_program(line, preload.arming, preload.environment, e);
  preload_clear(&preload);
  return failed;
}

static int
launch_traced(const struct command_line *line, char *const *environment, char **argv, struct error *e) {
  struct tracer_plan plan = {.image = &image,
                             .program = target.path,
                             .notify_socket = environment_get(environment, "NOTIFY_SOCKET"),
                             .timeout_ms = line->ready_timeout_ms,
                             .verbose = line->verbose};
  return tracer_start(&plan, argv, e);
}

static int
launch_at(const struct command_line *line, enum moment moment, char *const *environment, char **argv, struct error *e) {
  if (moment == MOMENT_EXEC)
    return launch_program(line, -1, environment, e);
  if (guard_check_later(e) != 0)
    return -1;
  return moment == MOMENT_MAIN ? launch_preloaded(line, environment, e) : launch_traced(line, environment, argv, e);
}

static void
say_who_is_readable(void) {
  say_if_readable((const char *)getauxval(AT_EXECFN));
  say_if_readable(helper_path());
}

// Comes back only when the program was not started.
static int
run_source(const struct command_line *line, struct policy_request *request, const struct image_source *source,
           char **argv) {
  struct error e;
  enum moment moment;
  char **environment = NULL;
  int status;
  if (find_program(line, &environment, &e) != 0 || settle_moment(line, source, &moment, &e) != 0) {
    free(environment);
    return fail(&e);
  }
  status = image_source_make(source, request, moment, &image);
  if (status == 0) {
    if (line->verbose)
      say_who_is_readable();
    (void)launch_at(line, moment, environment, argv, &e);
    status = fail(&e);
  }
  free(environment);
  return status;
}

static int
run(struct command_line *line, char **argv) {
  struct image_source source;
  int status = image_source_open(&source, &line->policy, &image);
  if (status == 0)
    status = run_source(line, &line->policy, &source, argv);
  image_source_clear(&source);
  return status;
}

// The second start of a launch that is traced: what was read is in the image.
static int
run_traced(const struct command_line *line) {
  struct error e;
  int arming;
  char **environment = NULL;
  if (tracer_resume(line->traced, &image, &arming, &e) == 0 && find_program(line, &environment, &e) == 0)
    (void)launch_program(line, arming, environment, &e);
  free(environment);
  return fail(&e);
}

// The later program is what a process can be given that runs; its start-up is over.
static int
run_attach(struct command_line *line) {
  struct error e;
  struct image_source source;
  int status = image_source_open(&source, &line->policy, &image);
  if (status == 0)
    status = image_source_make(&source, &line->policy,
                               source.form == POLICY_FORM_IMAGE && source.at != MOMENT_EXEC ? source.at : MOMENT_ENTRY,
                               &image);
  image_source_clear(&source);
  if (status != 0)
    return status;
  return attach(line->attach, &image, line->verbose, &e) == 0 ? 0 : fail(&e);
}

static int
print(const char *text) {
  fputs(text, stdout);
  return report_output(TOOL, 0);
}

int
main(int argc, char **argv) {
  struct command_line line = {.verbose = false};
  struct error e;
  int status;
  if (launch_refuse_setuid(TOOL, &e) != 0 || command_line_read(&line, argc, argv, &e) != 0)
    status = fail(&e);
  else if (line.help)
    status = print(command_line_help);
  else if (line.version)
    status = print(TOOL " " SCRUN_VERSION "\n");
  else if (line.traced != NULL)
    status = run_traced(&line);
  else
    status = line.attach != 0 ? run_attach(&line) : run(&line, argv);
  policy_request_clear(&line.policy);
  free(line.assignments);
  return status;
}
