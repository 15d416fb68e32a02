// SPDX-License-Identifier: LGPL-2.1-or-later
// command_line.c - scrun's own command line: a table, and the words of systemd-run that mean nothing for a foreground
// wrapper.
#include "runner/command_line.h"
#include "runner/environment.h"
#include "runner/policy_options.h"
#include <stdlib.h>
#include <string.h>

const char command_line_help[] =
    "scrun [OPTIONS...] [--] PROGRAM [ARGUMENTS...]\n"
    "\n"
    "Runs a program under exactly the system call policy that is written: nothing is\n"
    "allowed implicitly, and the filter is in force from the program's first instruction.\n"
    "\n" POLICY_OPTIONS_HELP "\n"
    "Program:\n"
    "     --at=exec               when the policy begins: exec, the only moment so far\n"
    "     --argv0=NAME            what the program sees as its own name\n"
    "  -E --setenv=NAME[=VALUE]   environment variable for the program\n"
    "     --working-directory=DIR start it there\n"
    "\n"
    "  -v --verbose               say in one line what is in force\n"
    "  -h --help                  this text\n"
    "     --version               the version\n"
    "\n"
    "systemd-run's --user --system --pty -t --pipe -P --same-dir -d --wait --collect -G --quiet\n"
    "-q and --service-type= are accepted and mean nothing here.\n"
    "\n"
    "Exit status: the program's own; 2 bad usage or policy, 200 working directory,\n"
    "203 program cannot be started, 227 no_new_privs, 228 filter not installed.\n"
    "See scrun(1), scrun.policy(5), scrun-analyze(1).\n";

#define ASSIGNMENTS_MAX 1024

static int
take_setenv(void *target, const char *value, struct error *e) {
  struct command_line *line = target;
  if (environment_check(value, e) != 0)
    return -1;
  if (line->assignments == NULL)
    line->assignments = calloc(ASSIGNMENTS_MAX, sizeof *line->assignments);
  if (line->assignments == NULL)
    return error_memory(e, ERROR_USAGE);
  if (line->assignment_count == ASSIGNMENTS_MAX)
    return error_plain(e, ERROR_USAGE, "more than %d --setenv= options", ASSIGNMENTS_MAX);
  line->assignments[line->assignment_count++] = value;
  return 0;
}

static int
take_moment(void *target, const char *value, struct error *e) {
  (void)target;
  if (strcmp(value, "exec") == 0)
    return 0;
  return error_plain(e, ERROR_USAGE, "--at=%s: the only moment that this version knows is \"exec\"", shown(value).text);
}

static int
take_service_type(void *target, const char *value, struct error *e) {
  static const char *const types[] = {"exec", "simple", "oneshot", "notify"};
  (void)target;
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    if (strcmp(value, types[i]) == 0)
      return 0;
  return error_plain(e, ERROR_USAGE,
                     "--service-type=%s: in the foreground only exec, simple, oneshot and notify make sense",
                     shown(value).text);
}

#define FIELD(field) offsetof(struct command_line, field)

static const struct option_spec specs[] = {
    POLICY_OPTIONS(struct command_line, policy),
    {"at", '\0', OPTION_TAKE, 0, take_moment},
    {"argv0", '\0', OPTION_TEXT, FIELD(argv0), NULL},
    {"setenv", 'E', OPTION_TAKE, 0, take_setenv},
    {"working-directory", '\0', OPTION_TEXT, FIELD(working_directory), NULL},
    {"verbose", 'v', OPTION_FLAG, FIELD(verbose), NULL},
    {"help", 'h', OPTION_FLAG, FIELD(help), NULL},
    {"version", '\0', OPTION_FLAG, FIELD(version), NULL},
    // systemd-run's own, so that its lines work with the name changed
    {"user", '\0', OPTION_IGNORED, 0, NULL},
    {"system", '\0', OPTION_IGNORED, 0, NULL},
    {"pty", 't', OPTION_IGNORED, 0, NULL},
    {"pipe", 'P', OPTION_IGNORED, 0, NULL},
    {"same-dir", 'd', OPTION_IGNORED, 0, NULL},
    {"wait", '\0', OPTION_IGNORED, 0, NULL},
    {"collect", 'G', OPTION_IGNORED, 0, NULL},
    {"quiet", 'q', OPTION_IGNORED, 0, NULL},
    {"service-type", '\0', OPTION_TAKE, 0, take_service_type},
    {NULL, '\0', OPTION_NONE, 0, NULL},
};

int
command_line_read(struct command_line *out, int argc, char **argv, struct error *e) {
  int first;
  if (options_read(specs, out, argc, argv, &first, e) != 0)
    return -1;
  if (out->help || out->version)
    return 0;
  out->program = argv + first;
  if (first >= argc)
    return error_plain(e, ERROR_USAGE, "no program given; see --help");
  return 0;
}
