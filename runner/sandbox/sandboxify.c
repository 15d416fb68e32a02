// SPDX-License-Identifier: LGPL-2.1-or-later
// sandboxify.c - starts a program under the filter that the environment asks for: cloudflare/sandbox's launcher, with
// the exec of scrun.
#include "runner/environment.h"
#include "runner/launch.h"
#include "runner/report.h"
#include "runner/sandbox/request.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TOOL "sandboxify"

// Large, and needed until the end: not on the stack.
static struct image image;
static struct target target;
static struct request request;

static const char help_text[] =
    "sandboxify [-v] [--] PROGRAM [ARGUMENT...]\n"
    "Starts PROGRAM under the system call filter that the environment asks for.\n"
    "\n"
    "  SECCOMP_SYSCALL_ALLOW=NAME:NAME...  only these calls are allowed\n"
    "  SECCOMP_SYSCALL_DENY=NAME:NAME...   these calls are not; not looked at where the other is set\n"
    "  SECCOMP_DEFAULT_ACTION=log          log what would kill the process, and allow it\n"
    "  SECCOMP_VERBOSE=1                   the same as -v\n"
    "\n"
    "  -v, --verbose   print each call of the list\n"
    "      --help      print this\n"
    "      --version   print the version\n"
    "\n"
    "The program sees none of these variables. Exit status: 2 usage or lists, 203 cannot be started, 227 "
    "no_new_privs,\n"
    "228 filter; otherwise the program's.\n";

struct options {
  bool verbose, help, version;
  char **program;
};

static const struct option {
  const char *word;
  size_t field;
} option_words[] = {
    {"-v", offsetof(struct options, verbose)},
    {"--verbose", offsetof(struct options, verbose)},
    {"--help", offsetof(struct options, help)},
    {"--version", offsetof(struct options, version)},
};

static bool
option_take(struct options *options, const char *word) {
  for (size_t i = 0; i < sizeof option_words / sizeof option_words[0]; i++)
    if (strcmp(word, option_words[i].word) == 0) {
      *(bool *)((char *)options + option_words[i].field) = true;
      return true;
    }
  return false;
}

static int
options_read(struct options *options, char **argv, struct error *e) {
  size_t at = argv[0] != NULL;
  for (; argv[at] != NULL && argv[at][0] == '-'; at++) {
    if (strcmp(argv[at], "--") == 0) {
      at++;
      break;
    }
    if (!option_take(options, argv[at]))
      return error_plain(e, ERROR_USAGE, "unknown option \"%s\": see sandboxify --help", shown(argv[at]).text);
  }
  options->program = argv + at;
  if (argv[at] != NULL || options->help || options->version)
    return 0;
  return error_plain(e, ERROR_USAGE, "there is no program to start: see sandboxify --help");
}

static int
fail(const struct error *e) {
  report_error(TOOL, e);
  return error_exit_status(e->kind);
}

static int
print(const char *text) {
  fputs(text, stdout);
  return report_output(TOOL, 0);
}

// Comes back only when it failed.
static int
start(const struct options *options, struct error *e) {
  struct launch what = {
      .tool = TOOL, .image = &image, .target = &target, .arming = -1, .argv = options->program, .environment = environ};
  if (image_make(&image, request.policy, MOMENT_EXEC, e) != 0)
    return -1;
  request.verbose |= options->verbose;
  request_say(&request);
  policy_free(request.policy);
  request_remove(environ);
  if (target_find(&target, options->program[0], environment_get(environ, "PATH"), e) != 0)
    return -1;
  return launch(&what, e);
}

static int
run(const struct options *options) {
  struct error e;
  if (request_read(&request, environ, TOOL) != 0)
    return report(TOOL, "nothing was started");
  if (request.policy == NULL)
    return report(TOOL,
                  "neither SECCOMP_SYSCALL_ALLOW nor SECCOMP_SYSCALL_DENY is set: there is no filter to start the "
                  "program under; nothing was started");
  (void)start(options, &e);
  return fail(&e);
}

int
main(int argc, char **argv) {
  struct options options = {.verbose = false};
  struct error e;
  (void)argc;
  if (launch_refuse_setuid(TOOL, &e) != 0 || options_read(&options, argv, &e) != 0)
    return fail(&e);
  if (options.help)
    return print(help_text);
  if (options.version)
    return print(TOOL " " SCRUN_VERSION "\n");
  return run(&options);
}
