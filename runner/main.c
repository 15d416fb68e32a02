// SPDX-License-Identifier: LGPL-2.1-or-later
// main.c - scrun: text -> policy -> program -> process, one chain with one exec at its end.
#include "runner/command_line.h"
#include "runner/compile.h"
#include "runner/environment.h"
#include "runner/guard.h"
#include "runner/isolate.h"
#include "runner/target.h"
#include "runner/verify.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

// Large, and needed until the end: not on the stack.
static struct program program;
static struct target target;
static struct diags diags;
static char last_words[ERROR_TEXT_BYTES + 2 * PATH_MAX];

static void
say(const struct diag *diag) {
  char text[2048];
  fwrite(text, 1, diag_write(diag, "scrun", text, sizeof text), stderr);
}

static void
say_all(void) {
  for (size_t i = 0; i < diags.count; i++)
    say(&diags.items[i]);
  if (diags.dropped > 0)
    fprintf(stderr, "scrun: %zu more messages\n", diags.dropped);
}

static int
fail(const struct error *e) {
  struct diag diag = diag_of_error(e);
  say(&diag);
  return error_exit_status(e->kind);
}

// A copy of a name in which there is nothing that a terminal would obey.
static const char *
printable(const char *name) {
  static char shown[sizeof last_words];
  size_t length = 0;
  for (; name[length] != '\0' && length < sizeof shown - 1; length++)
    shown[length] = name[length] >= 0x20 && name[length] < 0x7f ? name[length] : '?';
  shown[length] = '\0';
  return shown;
}

// Readable by others means that they can open /proc/PID/mem of a launch before it hides itself.
static void
say_if_readable(void) {
  struct stat info;
  const char *self = (const char *)getauxval(AT_EXECFN);
  if (self != NULL && stat(self, &info) == 0 && (info.st_mode & (S_IRGRP | S_IROTH)) != 0)
    fprintf(stderr, "scrun: %s is readable: install it root:root 0711, so that no peer can look into a launch\n",
            printable(self));
}

static void
say_in_force(const struct policy *policy, const struct isolation *isolation) {
  bool no_exec = policy_always_refuses(policy, calls_find("execve", 6));
  if (policy->no_new_privs && target_is_privileged(&target))
    fprintf(stderr,
            "scrun: %s is setuid, setgid or has file capabilities: no_new_privs takes effect, it gains nothing\n",
            printable(target.path));
  fprintf(stderr, "scrun: %s: filter of %zu instructions, %s, execve %s, no_new_privs %s, peers %s (%s)\n",
          printable(target.path), program.length, policy->permissive ? "logging only" : "enforced",
          no_exec ? "closed" : "open", policy->no_new_privs ? "on" : "off",
          isolation->isolated ? "isolated" : "not isolated", isolation->reason);
}

static int
enter_directory(const struct command_line *line, struct error *e) {
  if (line->working_directory == NULL || chdir(line->working_directory) == 0)
    return 0;
  return error_plain(e, ERROR_DIRECTORY, errno, "--working-directory=%s: %s", line->working_directory, strerror(errno));
}

// From here on the policy decides every call of this process but the ticketed ones.
static int
start(const struct command_line *line, char **environment, struct error *e) {
  struct guard guard;
  bool installed;
  int length;
  if (guard_make(&guard, &program, &installed, e) != 0) {
    if (!installed)
      return -1;
    length = snprintf(last_words, sizeof last_words, "scrun: %s\n", e->text);
    guard_fail(&guard, last_words, (size_t)length, error_exit_status(e->kind));
  }
  char why[sizeof last_words - 16];
  target_explain(&target, guard_exec(&guard, target.path, line->program, environment), why, sizeof why);
  length = snprintf(last_words, sizeof last_words, "scrun: %s\n", printable(why));
  guard_fail(&guard, last_words, (size_t)length, error_exit_status(ERROR_EXEC));
}

static int
launch(const struct command_line *line, const struct policy *policy, struct error *e) {
  struct isolation isolation;
  char **environment = environment_make(environ, line->assignments, line->assignment_count);
  const char *name = line->program[0];
  if (environment == NULL)
    return error_plain(e, ERROR_USAGE, ENOMEM, "out of memory");
  if (program_compile(policy, &program, e) != 0 || program_verify(&program, policy, e) != 0
      || enter_directory(line, e) != 0 || target_find(&target, name, environment_get(environment, "PATH"), e) != 0
      || guard_set_privileges(policy, e) != 0 || isolate_peers(policy, &isolation, e) != 0) {
    free(environment);
    return -1;
  }
  if (line->argv0 != NULL)
    line->program[0] = (char *)(uintptr_t)line->argv0;
  if (line->verbose)
    say_in_force(policy, &isolation);
  target_bring_in(&target);
  int failed = start(line, environment, e);
  free(environment);
  return failed;
}

static int
run(struct command_line *line) {
  struct policy *policy;
  struct error e;
  int failed = policy_load(&line->policy, &policy, &diags);
  say_all();
  if (failed != 0) {
    fprintf(stderr, "scrun: nothing was started\n");
    return error_exit_status(ERROR_POLICY);
  }
  if (line->verbose)
    say_if_readable();
  failed = launch(line, policy, &e); // comes back only when it failed
  policy_free(policy);
  return fail(&e);
}

// A setuid launcher would start programs with its owner's rights for anybody.
static int
refuse_setuid(struct error *e) {
  if (getauxval(AT_UID) == getauxval(AT_EUID) && getauxval(AT_GID) == getauxval(AT_EGID))
    return 0;
  return error_plain(e, ERROR_USAGE, 0, "scrun must not be setuid or setgid; nothing was started");
}

int
main(int argc, char **argv) {
  struct command_line line = {.verbose = false};
  struct error e;
  int status;
  if (refuse_setuid(&e) != 0 || command_line_read(&line, argc, argv, &e) != 0)
    status = fail(&e);
  else if (line.help)
    status = fputs(command_line_help, stdout) < 0 || fflush(stdout) != 0;
  else if (line.version)
    status = puts("scrun " SCRUN_VERSION) < 0 || fflush(stdout) != 0;
  else
    status = run(&line);
  policy_request_clear(&line.policy);
  free(line.assignments);
  return status;
}
