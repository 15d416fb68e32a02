// SPDX-License-Identifier: LGPL-2.1-or-later
// main.c - scrun-stage: scrun's OCI state hooks. A runtime starts them with the container's state on stdin.
#include "hook/say.h"
#include "hook/stage/create_container.h"
#include "hook/stage/create_runtime.h"
#include "hook/stage/input.h"
#include "runner/options.h"
#include "runner/policy_options.h"
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define TOOL "scrun-stage"

static const char help[] = "scrun-stage createContainer\n"
                           "scrun-stage createRuntime [--property=NAME=VALUE]... [--profile=FILE|NAME]...\n"
                           "            [--groups=VERSION]\n"
                           "\n"
                           "Part of scrun: hooks that an OCI runtime starts, with the state of a container on\n"
                           "stdin.\n"
                           "createContainer: proves that the program will be started through scrun's wrapper;\n"
                           "scrun-hook precreate and scrun-runtime put it into config.json.\n"
                           "createRuntime: puts the policy of the container's annotations (io.scrun.*) and of\n"
                           "these options on its program, by a tracer, at its exec. For engines where neither\n"
                           "of the two can be had; processes that are brought in later are not covered.\n";

struct line {
  struct hook_settings settings;
  bool help, version;
};

#define FIELD(field) offsetof(struct line, field)

static const struct option_spec specs[] = {
    {"property", 'p', OPTION_TAKE, FIELD(settings.mandatory), policy_take_property},
    {"profile", '\0', OPTION_TAKE, FIELD(settings.mandatory), policy_take_profile},
    {"groups", '\0', OPTION_TEXT, FIELD(settings.mandatory.groups), NULL},
    {"help", 'h', OPTION_FLAG, FIELD(help), NULL},
    {"version", '\0', OPTION_FLAG, FIELD(version), NULL},
    {NULL, '\0', OPTION_NONE, 0, NULL},
};

static int
fail(const struct error *e) {
  say_error(TOOL, e);
  return error_exit_status(e->kind);
}

// No peer of the same user may write into this process, nor into the tracer that comes of it.
static int
hide(struct error *e) {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
    return 0;
  return error_plain(e, ERROR_SECCOMP, "cannot hide from peers: PR_SET_DUMPABLE of prctl(2) did not take");
}

static int
run_create_container(const struct source *state) {
  static struct diags diags;
  struct source config = {0};
  int status = create_container(state, &config, &diags);
  say_diags(TOOL, &diags);
  input_clear(&config);
  return status;
}

static int
run_create_runtime(const struct source *state, struct hook_settings *settings) {
  static struct diags diags;
  struct container_request request = {0};
  int status = create_runtime(state, settings, &request, &diags);
  say_diags(TOOL, &diags);
  container_request_clear(&request);
  policy_request_clear(&settings->mandatory);
  return status;
}

static int
run(const char *stage, struct line *line) {
  struct source state;
  struct error e;
  bool runtime = strcmp(stage, "createRuntime") == 0;
  if (!runtime && strcmp(stage, "createContainer") != 0)
    return error_plain(&e, ERROR_USAGE, "unknown stage \"%s\": it is createContainer or createRuntime",
                       shown(stage).text),
           fail(&e);
  if (!runtime && line->settings.mandatory.count != 0)
    return error_plain(&e, ERROR_USAGE, "createContainer takes no policy"), fail(&e);
  if (hide(&e) != 0 || input_read(&state, STDIN_FILENO, "state", &e) != 0)
    return fail(&e);
  int status = runtime ? run_create_runtime(&state, &line->settings) : run_create_container(&state);
  input_clear(&state);
  return status;
}

static int
print(const char *text) {
  size_t length = strlen(text);
  return write(STDOUT_FILENO, text, length) != (ssize_t)length;
}

int
main(int argc, char **argv) {
  static struct line line;
  struct error e;
  int first = 1;
  const char *stage = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
  if (stage != NULL) {
    argc--;
    argv++;
  }
  if (options_read(specs, &line, argc, argv, &first, &e) != 0)
    return fail(&e);
  if (line.help)
    return print(help);
  if (line.version)
    return print("scrun-stage " SCRUN_VERSION "\n");
  if (stage == NULL || first != argc) {
    error_plain(&e, ERROR_USAGE,
                "scrun-stage wants a stage, createContainer or createRuntime, and its options; see --help");
    return fail(&e);
  }
  return run(stage, &line);
}
