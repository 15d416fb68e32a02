// SPDX-License-Identifier: LGPL-2.1-or-later
// main.c - scrun-hook: what container engines call before they start a container.
#include "hook/check.h"
#include "hook/place.h"
#include "hook/rewrite.h"
#include "hook/say.h"
#include "runner/launch.h"
#include "runner/options.h"
#include "runner/report.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define TOOL "scrun-hook"

static const char help[] = "scrun-hook precreate [OPTION]...        <config.json >config.json\n"
                           "scrun-hook createRuntime [OPTION]...    <state.json\n"
                           "scrun-hook createContainer [OPTION]...  <state.json\n"
                           "scrun-hook check [OPTION]...\n"
                           "\n"
                           "Puts the system call policy that a container's annotations ask for into the\n"
                           "container. Engines call it, as their hook configuration says.\n"
                           "\n"
                           "precreate: podman's hook of that stage; writes all or nothing.\n"
                           "  -p --property=NAME=VALUE   a policy for every container, which annotations can\n"
                           "     --profile=FILE|NAME     only make tighter\n"
                           "     --groups=VERSION        group tables of that policy\n"
                           "     --cap=LIST              capabilities that profiles in JSON are resolved for\n"
                           "     --kernel=X.Y            and their kernel (default: this one)\n"
                           "     --accelerate            give crun its own profile as a ready program, too\n"
                           "     --runtime=NAME          crun or runc: what it needs is allowed, not both's\n"
                           "createRuntime, createContainer: hooks of the OCI runtime, which scrun-stage\n"
                           "  serves; the options are its own.\n"
                           "check: says whether the hook is installed so that engines really call it.\n"
                           "\n"
                           "Annotations: io.scrun.SystemCallFilter=..., and other properties of scrun.policy(5),\n"
                           "io.scrun.profile=NAME, io.scrun.at=exec, io.scrun.wrapper=true|false,\n"
                           "io.scrun.accelerate=true|false\n"
                           "\n"
                           "  -h --help     this text\n"
                           "     --version  the version\n"
                           "See scrun-hook(1) and scrun-containers(7).\n";

static int
fail(const struct error *e) {
  say_error(TOOL, e);
  return error_exit_status(e->kind);
}

static int
print(const char *text) {
  fputs(text, stdout);
  return report_output(TOOL, 0);
}

// What this process writes is the container's policy: no peer may write into it. Installed as it should be (0711), the
// kernel has seen to that before.
static int
hide(struct error *e) {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
    return 0;
  return error_plain(e, ERROR_SECCOMP, "cannot hide from peers: PR_SET_DUMPABLE of prctl(2) did not take");
}

// All of stdin. The caller owns the text.
static int
read_config(struct source *config, struct error *e) {
  static char text[CONFIG_BYTES_MAX + 1];
  size_t length = 0;
  ssize_t got = 1;
  while (got > 0 && length < sizeof text) {
    got = read(STDIN_FILENO, text + length, sizeof text - length);
    if (got < 0 && errno == EINTR)
      got = 1;
    else
      length += got > 0 ? (size_t)got : 0;
  }
  *config = (struct source){.name = "config.json", .text = text, .length = length, .has_lines = true};
  if (got < 0)
    return error_plain(e, ERROR_POLICY, "config.json on stdin: %s", strerror(errno));
  if (length > CONFIG_BYTES_MAX)
    return error_plain(e, ERROR_POLICY, "config.json on stdin: longer than %d bytes", CONFIG_BYTES_MAX);
  return 0;
}

// Half a config.json is none: whatever goes wrong shows in the exit status, which engines obey.
static int
write_config(const char *text, size_t length, struct error *e) {
  for (size_t done = 0; done < length;) {
    ssize_t written = write(STDOUT_FILENO, text + done, length - done);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0) // 0: somebody answers for write(2)
      return error_plain(e, ERROR_POLICY, "config.json cannot be handed back: %s", strerror(written < 0 ? errno : EIO));
    done += (size_t)written;
  }
  if (close(STDOUT_FILENO) != 0)
    return error_plain(e, ERROR_POLICY, "config.json cannot be handed back: %s", strerror(errno));
  return 0;
}

#define FIELD(field) offsetof(struct hook_settings, field)

static const struct option_spec specs[] = {
    {"property", 'p', OPTION_TAKE, FIELD(mandatory), policy_take_property},
    {"profile", '\0', OPTION_TAKE, FIELD(mandatory), policy_take_profile},
    {"groups", '\0', OPTION_TEXT, FIELD(mandatory.groups), NULL},
    {"cap", '\0', OPTION_TAKE, FIELD(mandatory), policy_take_capabilities},
    {"kernel", '\0', OPTION_TEXT, FIELD(mandatory.kernel), NULL},
    {"accelerate", '\0', OPTION_FLAG, FIELD(accelerate), NULL},
    {"runtime", '\0', OPTION_TEXT, FIELD(runtime), NULL},
    {NULL, '\0', OPTION_NONE, 0, NULL},
};

static int
read_settings(struct hook_settings *settings, int argc, char **argv, struct error *e) {
  int first;
  if (options_read(specs, settings, argc, argv, &first, e) != 0)
    return -1;
  if (first != argc)
    return error_plain(e, ERROR_USAGE, "precreate takes options only, not \"%s\"; see --help", shown(argv[first]).text);
  if (settings->runtime != NULL && runtime_kind_of(settings->runtime) == RUNTIME_ANY)
    return error_plain(e, ERROR_USAGE, "--runtime=%s: what crun and runc need is known; leave it out for another",
                       shown(settings->runtime).text);
  return 0;
}

// Unchanged is handed back as it came.
static int
rewrite(struct hook_settings *settings, const struct rewrite_place *place, const struct source *config) {
  static struct diags diags;
  struct buffer out = {.text = NULL};
  struct error e;
  bool changed = false;
  int failed = rewrite_config(config, settings, place, &changed, &out, &diags);
  say_diags(TOOL, &diags);
  if (failed != 0)
    return error_exit_status(ERROR_POLICY);
  failed = write_config(changed ? out.text : config->text, changed ? out.length : config->length, &e);
  buffer_clear(&out);
  return failed != 0 ? fail(&e) : 0;
}

static int
precreate(int argc, char **argv) {
  static struct hook_settings settings;
  static char wrapper[PATH_MAX], stage[PATH_MAX];
  const struct rewrite_place place = {.wrapper = wrapper, .stage = stage};
  struct source config;
  struct error e;
  int status;
  if (read_settings(&settings, argc, argv, &e) != 0 || place_find(PLACE_WRAPPER, wrapper, &e) != 0
      || place_find(PLACE_STAGE, stage, &e) != 0 || read_config(&config, &e) != 0)
    status = fail(&e);
  else
    status = rewrite(&settings, &place, &config);
  hook_settings_clear(&settings);
  return status;
}

// Stages that need what this program does not link. Without an environment: that of a createContainer hook may be the
// container's, as measured with runc 1.1.5, and a dynamic loader would heed it.
static int
stage(int argc, char **argv) {
  static char path[PATH_MAX], *none[] = {NULL};
  struct error e;
  (void)argc;
  if (place_find(PLACE_STAGE, path, &e) != 0)
    return fail(&e);
  execve(path, argv, none);
  error_plain(&e, ERROR_EXEC, "%s: %s; nothing was started", shown(path).text, strerror(errno));
  return fail(&e);
}

static const struct mode {
  const char *name;
  bool is_hook;
  int (*run)(int argc, char **argv);
} modes[] = {
    {"check", false, check},
    {"createContainer", true, stage},
    {"createRuntime", true, stage},
    {"precreate", true, precreate},
};

static const struct mode *
find_mode(const char *name) {
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
    if (strcmp(modes[i].name, name) == 0)
      return &modes[i];
  return NULL;
}

static int
run(int argc, char **argv) {
  struct error e;
  const struct mode *mode = argc < 2 ? NULL : find_mode(argv[1]);
  if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
    return print(help);
  if (argc == 2 && strcmp(argv[1], "--version") == 0)
    return print(TOOL " " SCRUN_VERSION "\n");
  if (mode == NULL) {
    error_plain(&e, ERROR_USAGE, "\"%s\" is no mode: precreate, createRuntime, createContainer or check; see --help",
                argc < 2 ? "" : shown(argv[1]).text);
    return fail(&e);
  }
  if (mode->is_hook && hide(&e) != 0)
    return fail(&e);
  // A stage gets the command line as it is, and names its mode.
  return mode->run == stage ? stage(argc, argv) : mode->run(argc - 1, argv + 1);
}

int
main(int argc, char **argv) {
  struct error e;
  return launch_refuse_setuid(TOOL, &e) != 0 ? fail(&e) : run(argc, argv);
}
