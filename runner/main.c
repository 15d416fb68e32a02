// SPDX-License-Identifier: LGPL-2.1-or-later
// main.c - scrun: text -> policy -> program -> process, one chain with one exec at its end.
#include "runner/command_line.h"
#include "runner/environment.h"
#include "runner/guard.h"
#include "runner/helper.h"
#include "runner/image_load.h"
#include "runner/isolate.h"
#include "runner/report.h"
#include "runner/target.h"
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
static char last_words[DIAG_BYTES];

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

static void
say_in_force(const struct isolation *isolation) {
  if (image.no_new_privs && target_is_privileged(&target))
    report(TOOL, "%s is setuid, setgid or has file capabilities: no_new_privs takes effect, it gains nothing",
           shown(target.path).text);
  report(TOOL, "%s: filter of %zu instructions, %s, execve %s, execveat %s, no_new_privs %s, peers %s (%s)%s%s",
         shown(target.path).text, image.program.length, image.permissive ? "logging only" : "enforced",
         image.closes_execve ? "closed" : "open", image.closes_execveat ? "closed" : "open",
         image.no_new_privs ? "on" : "off", isolation->isolated ? "isolated" : "not isolated", isolation->reason,
         image.notifies ? ", listener " : "", image.notifies ? shown(image.listener_path).text : "");
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

// What is said once the filter is there: in one write, with the ticket.
static _Noreturn void
fail_guarded(const struct guard *guard, const struct error *e) {
  struct diag diag = diag_of_error(e);
  guard_fail(guard, last_words, diag_write(&diag, TOOL, last_words, sizeof last_words), error_exit_status(e->kind));
}

// From here on the policy decides every call of this process but the ticketed ones.
static int
start(const struct command_line *line, char **environment, struct error *e) {
  struct guard guard;
  bool installed;
  if (guard_make(&guard, &image, &installed, e) != 0) {
    if (!installed)
      return -1;
    fail_guarded(&guard, e);
  }
  *e = (struct error){.kind = ERROR_EXEC};
  target_explain(&target, guard_exec(&guard, target.path, line->program, environment), e->text, sizeof e->text);
  fail_guarded(&guard, e);
}

static int
launch(const struct command_line *line, struct error *e) {
  struct isolation isolation;
  char **environment = environment_make(environ, line->assignments, line->assignment_count);
  const char *name = line->program[0];
  if (environment == NULL)
    return error_memory(e, ERROR_USAGE);
  if (enter_directory(line, e) != 0 || target_find(&target, name, environment_get(environment, "PATH"), e) != 0
      || guard_set_privileges(&image, e) != 0 || isolate_peers(&image, &isolation, e) != 0) {
    free(environment);
    return -1;
  }
  if (line->argv0 != NULL)
    line->program[0] = (char *)(uintptr_t)line->argv0;
  if (line->verbose)
    say_in_force(&isolation);
  target_bring_in(&target);
  int failed = start(line, environment, e);
  free(environment);
  return failed;
}

static int
run(struct command_line *line) {
  struct error e;
  int status = image_load(&image, &line->policy);
  if (status != 0)
    return status;
  if (line->verbose) {
    say_if_readable((const char *)getauxval(AT_EXECFN));
    say_if_readable(helper_path());
  }
  (void)launch(line, &e); // comes back only when it failed
  return fail(&e);
}

static int
print(const char *text) {
  fputs(text, stdout);
  return report_output(TOOL, 0);
}

// A setuid launcher would start programs with its owner's rights for anybody.
static int
refuse_setuid(struct error *e) {
  if (getauxval(AT_UID) == getauxval(AT_EUID) && getauxval(AT_GID) == getauxval(AT_EGID))
    return 0;
  return error_plain(e, ERROR_USAGE, "scrun must not be setuid or setgid; nothing was started");
}

int
main(int argc, char **argv) {
  struct command_line line = {.verbose = false};
  struct error e;
  int status;
  if (refuse_setuid(&e) != 0 || command_line_read(&line, argc, argv, &e) != 0)
    status = fail(&e);
  else if (line.help)
    status = print(command_line_help);
  else if (line.version)
    status = print(TOOL " " SCRUN_VERSION "\n");
  else
    status = run(&line);
  policy_request_clear(&line.policy);
  free(line.assignments);
  return status;
}
