// SPDX-License-Identifier: LGPL-2.1-or-later
// test_command.c - command lines of OCI runtimes: as engines write them, as people do, and such as the runtimes
// themselves read in different ways.
#include "hook/runtime/command.h"
#include "tests/check.h"
#include <stdlib.h>

#define WORDS_MAX 24

// The words of a row, cut at blanks; "''" is an empty one.
struct line {
  char text[256];
  char *words[WORDS_MAX + 1];
  int count;
};

static void
cut(struct line *line, const char *text) {
  memset(line, 0, sizeof *line);
  snprintf(line->text, sizeof line->text, "scrun-runtime %s", text);
  for (char *at = line->text; at != NULL && *at != '\0';) {
    char *blank = strchr(at, ' ');
    if (blank != NULL)
      *blank++ = '\0';
    line->words[line->count++] = strcmp(at, "''") == 0 ? at + 2 : at;
    at = blank;
  }
}

// What was read, in one line.
static void
show(const struct line *line, const struct command *command, char *out, size_t size) {
  static const char *const verbs[] = {"none", "other", "create", "exec"};
  int at = snprintf(out, size, "%s", verbs[command->verb]);
#define ADD(...) at += snprintf(out + at, size - (size_t)at, __VA_ARGS__)
  if (command->log != NULL)
    ADD(" log:%s%s", command->log, command->log_json ? ":json" : "");
  if (command->bundle != NULL)
    ADD(" bundle:%s", command->bundle);
  if (command->container != 0)
    ADD(" name:%s", line->words[command->container]);
  if (command->process != 0)
    ADD(" process:%s:%s", line->words[command->process], command->process_file);
  if (command->mounts)
    ADD(" mounts");
  if (command->unknown != NULL)
    ADD(" unknown:%s:%s", command->unknown,
        command->other_container != 0 ? line->words[command->other_container] : "-");
#undef ADD
}

static const struct row {
  const char *text, *want; // want: what is shown, or the error
} rows[] = {
    // podman, containerd and docker.
    {"--cgroup-manager cgroupfs --log-format=json --log=/run/oci-log --root=/run/crun create --bundle /b --pid-file /p "
     "abc",
     "create log:/run/oci-log:json bundle:/b name:abc"},
    {"--root /run/runc --log /l --log-format json --systemd-cgroup create --bundle /b --pid-file /p --console-socket "
     "/s --no-pivot --no-new-keyring abc",
     "create log:/l:json bundle:/b name:abc"},
    {"--root /r exec --process /p.json --console-socket /s --detach --pid-file /p abc",
     "exec name:abc process:/p.json:/p.json"},
    {"--log /l --log-format text exec --process=/p.json abc", "exec log:/l name:abc process:--process=/p.json:/p.json"},
    {"--root /r start abc", "other"},
    {"--root=/r kill abc 9", "other"},
    {"--version", "other"},
    {"features", "other"},
    {"", "other"},
    {"--systemd-cgroup --rootless auto --criu /c --debug state abc", "other"},
    {"--root=/r delete --force abc", "other"},
    {"restore --bundle /b abc", "other"},
    // Not read further: not ours.
    {"state --frobnicate --bundle", "other"},
    {"list create", "other"},
    {"spec --rootless", "other"},
    // By hand.
    {"run abc", "create name:abc"},
    {"run -b /b abc", "create bundle:/b name:abc"},
    {"run --bundle=/b abc", "create bundle:/b name:abc"},
    {"run -d -b . --keep --preserve-fds 2 abc", "create bundle:. name:abc"},
    {"run --bundle --pid-file abc", "create bundle:--pid-file name:abc"},
    {"-- run abc", "create name:abc"},
    {"run -- abc", "create name:abc"},
    {"exec abc ls -l --process x", "exec name:abc"},
    {"exec -t -e A=b -u 1:2 --cwd / abc run", "exec name:abc"},
    {"exec --tty=yes abc ls", "exec name:abc"},
    {"exec -c CAP_SYS_ADMIN abc ls", "exec name:abc mounts"},
    {"exec --cap=cap_sys_admin abc ls", "exec name:abc mounts"},
    {"exec --cap CAP_KILL abc ls", "exec name:abc"},
    {"exec -- abc ls", "exec name:abc"},
    // The values of options are no commands, and the log is as it was written.
    {"--root create state abc", "other"},
    {"--log run --log-format=json exec abc ls", "exec log:run:json name:abc"},
    {"--log a --log b state", "other log:b"},
    // Nothing is started by these.
    {"create --help abc --bundle", "other"},
    {"exec -h", "other"},
    {"--help create abc", "other"},
    {"-v create abc", "other"},
    // Where it is not sure, nothing is passed on.
    {"--frobnicate create abc", "--frobnicate: unknown option before the command; nothing was started"},
    {"--frobnicate=x state abc", "--frobnicate=x: unknown option before the command; nothing was started"},
    {"--roo /r create abc", "--roo: unknown option before the command; nothing was started"},
    {"-root /r create abc", "-root: write every option as a word of its own, with two dashes"},
    {"--root", "--root: its value is missing"},
    {"--help=false create abc", "--help=false: this option takes no value"},
    {"create", "create: there is no container's name; nothing was started"},
    {"create --bundle /b", "create: there is no container's name; nothing was started"},
    {"create --bundle", "--bundle: its value is missing"},
    {"create --bundle /b --bundle /c abc", "--bundle: one bundle, once; nothing was started"},
    {"create -b /b --bundle=/c abc", "--bundle=/c: one bundle, once; nothing was started"},
    {"create --bundle= abc", "--bundle=: one bundle, once; nothing was started"},
    {"create --bundle '' abc", "--bundle: one bundle, once; nothing was started"},
    {"create --bundl /b abc", "--bundl: unknown option of create and run; nothing was started"},
    {"create --b /b abc", "--b: unknown option of create and run; nothing was started"},
    {"create -b/b abc", "-b/b: write every option as a word of its own, with two dashes"},
    {"create -bundle /b abc", "-bundle: write every option as a word of its own, with two dashes"},
    {"create -b=/b abc", "-b=/b: write every option as a word of its own, with two dashes"},
    {"run -f /c.json abc", "-f: only the bundle's own config.json is read; nothing was started"},
    {"run --config=/c.json abc", "--config=/c.json: only the bundle's own config.json is read; nothing was started"},
    {"run abc --bundle /b", "--bundle: the container's name is the last word of run; nothing was started"},
    {"create abc def", "def: the container's name is the last word of create; nothing was started"},
    {"create -- --bundle", "\"--bundle\" is no container's name; nothing was started"},
    {"create -", "\"-\" is no container's name; nothing was started"},
    {"create ''", "\"\" is no container's name; nothing was started"},
    {"exec", "exec: there is no container's name; nothing was started"},
    {"exec -ti abc sh", "-ti: write every option as a word of its own, with two dashes"},
    {"exec -p /a --process /b abc", "--process: one process, once; nothing was started"},
    {"exec -p /a abc ls", "ls: the container's name is the last word of exec; nothing was started"},
    {"exec --process= abc", "--process=: one process, once; nothing was started"},
    {"exec --env", "--env: its value is missing"},
    // An option of exec that a newer runtime may know: both readings.
    {"exec --new abc ls", "exec name:abc unknown:--new:ls"},
    {"exec --new abc", "exec name:abc unknown:--new:-"},
    {"exec --new=x abc ls", "exec name:abc unknown:--new=x:-"},
    {"exec -t --new x --cwd / abc ls", "exec name:x unknown:--new:abc"},
    {"exec --new --process /p abc", "exec name:abc process:/p:/p unknown:--new:/p"},
    {"exec -z abc ls", "exec name:abc unknown:-z:ls"},
    {"exec --new --newer abc ls", "--new and --newer: unknown options of exec; nothing was started"},
    {"exec --new a --newer b ls", "--new and --newer: unknown options of exec; nothing was started"},
};

static void
check_row(const struct row *row) {
  struct line line;
  struct command command;
  struct error e;
  char got[512];
  cut(&line, row->text);
  if (command_read(line.count, line.words, &command, &e) != 0)
    snprintf(got, sizeof got, "%s", e.text);
  else
    show(&line, &command, got, sizeof got);
  CHECK_STR(got, row->want);
}

// What engines look at for the reason is known as soon as it was passed.
static void
check_log_of_failures(void) {
  struct line line;
  struct command command;
  struct error e;
  cut(&line, "--log /l --log-format json --frobnicate create abc");
  CHECK(command_read(line.count, line.words, &command, &e) != 0);
  CHECK_STR(command.log, "/l");
  CHECK(command.log_json);
}

static void
check_no_words(void) {
  char *none[] = {NULL};
  struct command command;
  struct error e;
  CHECK_INT(command_read(0, none, &command, &e), 0);
  CHECK_INT(command.verb, COMMAND_OTHER);
}

int
main(void) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    check_row(&rows[i]);
  check_log_of_failures();
  check_no_words();
  return check_done();
}
