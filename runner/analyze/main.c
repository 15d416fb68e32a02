// SPDX-License-Identifier: LGPL-2.1-or-later
// main.c - scrun-analyze: reads policies before they are trusted.
#include "compat/nearest.h"
#include "runner/analyze/analyze.h"
#include "runner/policy_options.h"
#include <stdio.h>
#include <string.h>

static const char *const help[] = {
    "scrun-analyze VERB [OPTIONS...] [ARGUMENTS...]\n"
    "\n"
    "Reads a system call policy before it is trusted. Nothing is started, and nothing\n"
    "but drop-in --install changes anything.\n"
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
    "  cat UNIT...                the files of services, as systemctl cat prints them\n"
    "  diff A B                   what policy B allows, refuses or answers otherwise\n"
    "                             than A; each a FILE or NAME as for --profile\n"
    "  drop-in UNIT               a drop-in that runs the unit's commands under scrun,\n"
    "                             with what the unit says of system calls, and the\n"
    "                             policy; printed, installed or checked\n"
    "  lint [POLICY]              what the policy leaves open beside what it closes, and\n"
    "                             words in it that do nothing\n"
    "  status PID | --self        the filters that a running process is under, in words\n"
    "\n",
    POLICY_OPTIONS_HELP,
    "\n"
    "     --abi=ABI               x86-64, x32 or x86 (show: with numbers; test: instead\n"
    "                             of the native one)\n"
    "     --to=FORM               convert: systemd, oci, listing; compile: scrun\n"
    "                             (default), bpf\n"
    "     --install               drop-in: write it where systemctl edit would; never\n"
    "                             in the place of another file\n"
    "     --drop-in=NAME          drop-in: its name, *.conf (default: override.conf)\n"
    "     --check                 drop-in: write nothing, and say what is wrong with the\n"
    "                             policy, or with the programs that it is for\n"
    "     --at=MOMENT             compile, drop-in: when the policy begins: exec, entry,\n"
    "                             main or ready (default: as it says with At=, or exec)\n"
    "  -o --output=FILE           write there, whole or not at all; - is stdout\n"
    "     --format=FORMAT         diff: text (default) or json\n"
    "     --self                  status: of scrun-analyze itself\n"
    "     --follow                status: of all processes below it, too\n"
    "  -h --help                  this text\n"
    "     --version               the version\n"
    "\n"
    "Places are FILE:LINE:COLUMN, and --property:N:COLUMN for the Nth --property.\n"
    "\n"
    "Exit status: 0, and 2 for bad usage or a bad policy; test: 0 if the call is allowed\n"
    "(or logged), 1 if it is refused; diff: 0 equal, 3 if B allows or weakens anything,\n"
    "1 for any other difference; lint, drop-in --check: 1 if anything was found; status:\n"
    "2 if there is no such process.\n"
    "See scrun-analyze(1), scrun.policy(5).\n"};

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
    {"at", '\0', OPTION_TAKE, offsetof(struct analyze_line, policy), policy_take_moment},
    {"output", 'o', OPTION_TEXT, offsetof(struct analyze_line, output), NULL},
    {"format", '\0', OPTION_TEXT, offsetof(struct analyze_line, format), NULL},
    {"install", '\0', OPTION_FLAG, offsetof(struct analyze_line, install), NULL},
    {"drop-in", '\0', OPTION_TEXT, offsetof(struct analyze_line, drop_in), NULL},
    {"check", '\0', OPTION_FLAG, offsetof(struct analyze_line, check), NULL},
    {"self", '\0', OPTION_FLAG, offsetof(struct analyze_line, self), NULL},
    {"follow", '\0', OPTION_FLAG, offsetof(struct analyze_line, follow), NULL},
    {"help", 'h', OPTION_FLAG, offsetof(struct analyze_line, help), NULL},
    {"version", '\0', OPTION_FLAG, offsetof(struct analyze_line, version), NULL},
    {NULL, '\0', OPTION_NONE, 0, NULL},
};

static const struct verb {
  const char *name;
  int (*run)(struct analyze_line *line);
  bool words_last; // no option follows a word: arguments can be negative numbers
} verbs[] = {
    {"cat", verb_cat, false},         {"compile", verb_compile, false},
    {"convert", verb_convert, false}, {"diff", verb_diff, false},
    {"drop-in", verb_drop_in, false}, {"lint", verb_lint, false},
    {"show", verb_show, false},       {"syscall-filter", verb_syscall_filter, false},
    {"status", verb_status, false},   {"test", verb_test, true},
};
enum { VERBS = sizeof verbs / sizeof verbs[0] };

static const struct verb *
find_verb(const char *name) {
  struct nearest nearest;
  for (size_t i = 0; i < VERBS; i++)
    if (strcmp(name, verbs[i].name) == 0)
      return &verbs[i];
  nearest_start(&nearest, name, strlen(name));
  for (size_t i = 0; i < VERBS; i++)
    nearest_offer(&nearest, verbs[i].name);
  report(TOOL, "unknown verb \"%s\"; see --help", shown(name).text);
  report_suggestion(TOOL, nearest.best);
  return NULL;
}

// Takes the options out of argv[1] and behind, wherever they stand, and moves the other words up to argv[1]. Returns
// how many these are, or -1.
static int
take_words(struct analyze_line *line, bool words_last, int argc, char **argv, struct error *e) {
  int count = 0, at = 0; // argv[at] is behind us
  while (at + 1 < argc) {
    int first;
    if (options_read(specs, line, argc - at, argv + at, &first, e) != 0)
      return -1;
    bool only_words = first > 1 && strcmp(argv[at + first - 1], "--") == 0;
    at += first;
    if (at >= argc)
      break;
    do
      argv[1 + count++] = argv[at++];
    while (at < argc && (only_words || words_last));
    at--;
  }
  return count;
}

// In one piece, so that report_output() learns why it could not be written.
static int
print_help(void) {
  static char room[16384];
  setvbuf(stdout, room, _IOFBF, sizeof room);
  for (size_t i = 0; i < sizeof help / sizeof help[0]; i++)
    if (fputs(help[i], stdout) < 0)
      return STATUS_UNUSABLE;
  return 0;
}

// Options may stand anywhere.
static int
run(struct analyze_line *line, int argc, char **argv) {
  struct error e;
  int first;
  if (options_read(specs, line, argc, argv, &first, &e) != 0)
    return report_error(TOOL, &e);
  const struct verb *verb = first < argc ? find_verb(argv[first]) : NULL;
  if (first < argc && verb == NULL)
    return STATUS_UNUSABLE;
  line->arguments = argv + first + 1;
  line->argument_count = verb == NULL ? 0 : take_words(line, verb->words_last, argc - first, argv + first, &e);
  if (line->argument_count < 0)
    return report_error(TOOL, &e);
  if (line->help)
    return print_help();
  if (line->version)
    return puts(TOOL " " SCRUN_VERSION) < 0 ? STATUS_UNUSABLE : 0;
  if (verb == NULL)
    return report(TOOL, "no verb given; see --help");
  if ((line->install || line->check || line->drop_in != NULL) && verb->run != verb_drop_in)
    return report(TOOL, "--install, --check and --drop-in are for drop-in");
  if (line->policy.at != MOMENT_NONE && verb->run != verb_compile && verb->run != verb_drop_in)
    return report(TOOL, "--at is for compile and drop-in: what the policy decides is the same at every moment");
  return verb->run(line);
}

int
main(int argc, char **argv) {
  struct analyze_line line = {.abi = ABI_NONE};
  int status = report_output(TOOL, run(&line, argc, argv));
  policy_request_clear(&line.policy);
  return status;
}
