// SPDX-License-Identifier: LGPL-2.1-or-later
// command_line.c - scrun's own command line: a table, and the words of systemd-run that mean nothing for a foreground
// wrapper.
#include "runner/command_line.h"
#include "compat/number.h"
#include "runner/environment.h"
#include "runner/late/tracer.h"
#include "runner/policy_options.h"
#include <stdlib.h>
#include <string.h>

const char command_line_help[] =
    "scrun [OPTIONS...] [--] PROGRAM [ARGUMENTS...]\n"
    "scrun [OPTIONS...] --attach=PID\n"
    "\n"
    "Runs a program under exactly the system call policy that is written: nothing is\n"
    "allowed implicitly, and the filter is in force from the program's first instruction.\n"
    "\n" POLICY_OPTIONS_HELP "\n"
    "Program:\n"
    "     --at=MOMENT             when the policy begins: exec (default), entry, main\n"
    "                             or ready; until then a start-up filter is in force\n"
    "     --ready-timeout=SECONDS with --at=ready: kill it if it is not ready by then\n"
    "     --attach=PID            put the policy on all threads of a running process\n"
    "     --argv0=NAME            what the program sees as its own name\n"
    "  -E --setenv=NAME[=VALUE]   environment variable for the program\n"
    "     --working-directory=DIR start it there\n"
    "\n"
    "  -v --verbose               say in one line what is in force\n"
    "  -h --help                  this text\n"
    "     --version               the version\n"
    "\n"
    "systemd-run's --system --pty -t --pipe -P --same-dir -d --wait --collect -G --quiet\n"
    "-q --service-type= and, without --unit-file=, --user are accepted and mean nothing.\n"
    "\n"
    "Exit status: the program's own; 2 bad usage or policy, 200 working directory,\n"
    "203 program cannot be started, 227 no_new_privs, 228 filter not installed.\n"
    "See scrun(1), scrun.policy(5), scrun.unit(5), scrun-analyze(1).\n";

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

#define TIMEOUT_SECONDS_MAX (7 * 24 * 3600)

static int
take_timeout(void *field, const char *value, struct error *e) {
  uint64_t seconds;
  if (!number_read(value, strlen(value), NUMBER_PLAIN, TIMEOUT_SECONDS_MAX, &seconds) || seconds == 0)
    return error_plain(e, ERROR_USAGE, "--ready-timeout=%s: takes seconds, from 1 to %d", shown(value).text,
                       TIMEOUT_SECONDS_MAX);
  memcpy(field, &(unsigned){(unsigned)seconds * 1000}, sizeof(unsigned));
  return 0;
}

static int
take_attach(void *field, const char *value, struct error *e) {
  uint64_t pid;
  if (!number_read(value, strlen(value), NUMBER_PLAIN, INT32_MAX, &pid) || pid == 0)
    return error_plain(e, ERROR_USAGE, "--attach=%s: takes the number of a process", shown(value).text);
  memcpy(field, &(pid_t){(pid_t)pid}, sizeof(pid_t));
  return 0;
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
    {"at", '\0', OPTION_TAKE, FIELD(policy), policy_take_moment},
    {"ready-timeout", '\0', OPTION_TAKE, FIELD(ready_timeout_ms), take_timeout},
    {"attach", '\0', OPTION_TAKE, FIELD(attach), take_attach},
    {"argv0", '\0', OPTION_TEXT, FIELD(argv0), NULL},
    {"setenv", 'E', OPTION_TAKE, 0, take_setenv},
    {"working-directory", '\0', OPTION_TEXT, FIELD(working_directory), NULL},
    {"verbose", 'v', OPTION_FLAG, FIELD(verbose), NULL},
    {"help", 'h', OPTION_FLAG, FIELD(help), NULL},
    {"version", '\0', OPTION_FLAG, FIELD(version), NULL},
    // systemd-run's own, so that its lines work with the name changed
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

// The word of the second start comes first or not at all: no user's option.
static void
take_tracer_word(struct command_line *out, int *argc, char ***argv) {
  if (*argc < 2 || strncmp((*argv)[1], TRACER_WORD, sizeof TRACER_WORD - 1) != 0)
    return;
  out->traced = (*argv)[1] + sizeof TRACER_WORD - 1;
  --*argc;
  ++*argv;
}

// With --attach= there is no program to start, and nothing that is about starting one.
static int
check_attach(const struct command_line *line, bool has_program, struct error *e) {
  if (has_program)
    return error_plain(e, ERROR_USAGE, "--attach takes no program: the process runs already");
  if (line->policy.at != MOMENT_NONE || line->ready_timeout_ms != 0 || line->argv0 != NULL
      || line->working_directory != NULL || line->assignment_count > 0)
    return error_plain(e, ERROR_USAGE,
                       "--attach: --at, --ready-timeout, --argv0, --setenv and --working-directory are "
                       "about starting a program");
  return 0;
}

int
command_line_read(struct command_line *out, int argc, char **argv, struct error *e) {
  int first;
  take_tracer_word(out, &argc, &argv);
  if (options_read(specs, out, argc, argv, &first, e) != 0)
    return -1;
  if (out->help || out->version)
    return 0;
  if (policy_check_root(&out->policy, e) != 0)
    return -1;
  out->program = argv + first;
  if (out->attach != 0)
    return check_attach(out, first < argc, e);
  if (first >= argc)
    return error_plain(e, ERROR_USAGE, "no program given; see --help");
  return 0;
}
