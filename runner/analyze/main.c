// SPDX-License-Identifier: LGPL-2.1-or-later
// main.c - scrun-analyze: reads policies before they are trusted.
#include "compat/nearest.h"
#include "runner/analyze/analyze.h"
#include "runner/policy_options.h"
#include <stdio.h>
#include <string.h>

static const char help[] = "scrun-analyze VERB [OPTIONS...] [ARGUMENTS...]\n"
                           "\n"
                           "Reads a system call policy before it is trusted. Nothing is started or changed.\n"
                           "\n"
                           "  syscall-filter [GROUP...]  the groups of calls, as systemd-analyze prints them\n"
                           "  show                       what the policy decides, call by call, and which word\n"
                           "                             of which line made it so\n"
                           "  test CALL [ARGUMENT...]    what happens to one call, given by name or number\n"
                           "  convert [POLICY] --to=FORM the same policy as systemd's syntax (systemd), as\n"
                           "                             linux.seccomp of the OCI runtime-spec (oci), or its\n"
                           "                             program in words (listing)\n"
                           "  compile [POLICY] -o FILE   a ready program, for scrun --profile=FILE, or with\n"
                           "                             --to=bpf for bwrap --seccomp and others\n"
                           "\n" POLICY_OPTIONS_HELP "\n"
                           "     --abi=ABI               x86-64, x32 or x86 (show: with numbers; test: instead\n"
                           "                             of the native one)\n"
                           "     --to=FORM               convert: systemd, oci, listing; compile: scrun\n"
                           "                             (default), bpf\n"
                           "  -o --output=FILE           write there, whole or not at all; - is stdout\n"
                           "  -h --help                  this text\n"
                           "     --version               the version\n"
                           "\n"
                           "Places are FILE:LINE:COLUMN, and --property:N:COLUMN for the Nth --property.\n"
                           "\n"
                           "Exit status: 0, and 2 for bad usage or a bad policy; test: 0 if the call is allowed\n"
                           "(or logged), 1 if it is refused.\n"
                           "See scrun-analyze(1), scrun.policy(5).\n";

static int
take_abi(void *target, const char *value, struct error *e) {
  struct analyze_line *line = target;
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
    if (strcmp(value, abi_name(abi)) == 0) {
      line->abi = abi;
      return 0;
    }
  return error_plain(e, ERROR_USAGE, "--abi=%s: it is one of x86-64, x32 and x86", shown(value).text);
}

static const struct option_spec specs[] = {
    POLICY_OPTIONS(struct analyze_line, policy),
    {"abi", '\0', OPTION_TAKE, 0, take_abi},
    {"to", '\0', OPTION_TEXT, offsetof(struct analyze_line, to), NULL},
    {"output", 'o', OPTION_TEXT, offsetof(struct analyze_line, output), NULL},
    {"help", 'h', OPTION_FLAG, offsetof(struct analyze_line, help), NULL},
    {"version", '\0', OPTION_FLAG, offsetof(struct analyze_line, version), NULL},
    {NULL, '\0', OPTION_NONE, 0, NULL},
};

static const struct verb {
  const char *name;
  int (*run)(struct analyze_line *line);
} verbs[] = {
    {"show", verb_show},
    {"syscall-filter", verb_syscall_filter},
    {"test", verb_test},
};
enum { VERBS = sizeof verbs / sizeof verbs[0] };

static int
run_verb(struct analyze_line *line, const char *name) {
  struct nearest nearest;
  for (size_t i = 0; i < VERBS; i++)
    if (strcmp(name, verbs[i].name) == 0)
      return verbs[i].run(line);
  nearest_start(&nearest, name, strlen(name));
  for (size_t i = 0; i < VERBS; i++)
    nearest_offer(&nearest, verbs[i].name);
  report(TOOL, "unknown verb \"%s\"; see --help", shown(name).text);
  return report_suggestion(TOOL, nearest.best);
}

// Options may stand on either side of the verb.
static int
run(struct analyze_line *line, int argc, char **argv) {
  struct error e;
  int verb, first = 1;
  if (options_read(specs, line, argc, argv, &verb, &e) != 0)
    return report_error(TOOL, &e);
  if (verb < argc && options_read(specs, line, argc - verb, argv + verb, &first, &e) != 0)
    return report_error(TOOL, &e);
  if (line->help || line->version)
    return fputs(line->help ? help : TOOL " " SCRUN_VERSION "\n", stdout) < 0 ? STATUS_UNUSABLE : 0;
  if (verb == argc)
    return report(TOOL, "no verb given; see --help");
  line->arguments = argv + verb + first;
  line->argument_count = argc - verb - first;
  return run_verb(line, argv[verb]);
}

int
main(int argc, char **argv) {
  struct analyze_line line = {.abi = ABI_NONE};
  int status = report_output(TOOL, run(&line, argc, argv));
  policy_request_clear(&line.policy);
  return status;
}
