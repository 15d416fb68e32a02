// SPDX-License-Identifier: LGPL-2.1-or-later
// test_request.c - annotations, alone and below a mandatory policy: what is decided then, and what is refused in which
// words.
#include "hook/request.h"
#include "tests/check.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64]; // of profiles; empty where this user can have none

// One container: its annotations, the administrator's properties, and what comes of them. `says` is what some message
// holds; `calls` is "name=action" words, or NULL where nothing is made.
static const struct row {
  const char *annotations;
  const char *mandatory[3];
  const char *says, *calls;
  enum { PLAIN = 0, NO_WRAPPER = 1, FAST = 2, PRIVILEGES = 4, ISOLATED = 8, NO_POLICY = 16, FOLDERS = 32 } flags;
} rows[] = {
    {"{}", {NULL}, NULL, "", NO_POLICY},
    {"null", {NULL}, NULL, "", NO_POLICY},
    {"[]", {NULL}, "annotations are an object, not an array", NULL, 0},
    {"{\"other\": 1, \"io.scrunch.x\": \"y\", \"a\\u003cb\": \"c\"}", {NULL}, NULL, "", NO_POLICY},
    {"{\"io.scrun.SystemCallFilter\": \"~execve\"}", {NULL}, NULL, "execve=kill read=allow", 0},
    {"{\"io.scrun.SystemCallFilter\": \"~execve\\n~ptrace:EPERM\\n\"}", {NULL}, NULL, "execve=kill ptrace=1", 0},
    {"{\"io.scrun.SystemCallFilter\": \"# a comment\\n~execve\\n\\n; more\\n~ptrace \\\\\\n bpf\"}",
     {NULL},
     NULL,
     "execve=kill ptrace=kill bpf=kill read=allow",
     0},
    {"{\"io.scrun.SystemCallFilter\": \"# nothing\"}", {NULL}, "there is no value among these comments", NULL, 0},
    {"{\"io.scrun.SystemCallFilter\": \"read execve\", \"io.scrun.SystemCallErrorNumber\": \"EPERM\"}",
     {NULL},
     NULL,
     "write=1 read=allow",
     0},
    {"{\"io.scrun.SystemCallFilter.2\": \"~read\", \"io.scrun.SystemCallFilter\": \"read write execve\"}",
     {NULL},
     NULL,
     "read=kill write=allow bpf=kill",
     0},
    {"{\"io.scrun.SystemCallFilter.10\": \"~read\", \"io.scrun.SystemCallFilter.9\": \"read write execve\"}",
     {NULL},
     NULL,
     "read=kill write=allow bpf=kill",
     0},
    {"{\"io.scrun.SystemCallFilter.2\": \"~write\", \"io.scrun.SystemCallFilter.1\": \"\","
     "\"io.scrun.SystemCallFilter\": \"read\"}",
     {NULL},
     NULL,
     "read=allow write=kill",
     0},
    {"{\"io.scrun.SystemCallFilter\": \"~execve opennat\"}",
     {NULL},
     "io.scrun.SystemCallFilter:1:9: unknown system call \"opennat\"",
     NULL,
     0},
    {"{\"io.scrun.SystemCallFilter.3\": \"~execve\\n~opennat\"}",
     {NULL},
     "io.scrun.SystemCallFilter.3:2:2: unknown system call \"opennat\"",
     NULL,
     0},
    {"{\"io.scrun.SystemCallErrorNumber\": \"EPERM ENOSYS\"}",
     {NULL},
     "io.scrun.SystemCallErrorNumber:1:7: SystemCallErrorNumber= takes one word",
     NULL,
     0},
    {"{\"io.scrun.SystemCallErrorNumber\": \"EPERM\"}", {NULL}, "no policy given", NULL, 0},
    {"{\"io.scrun.NoNewPrivileges\": \"no\"}",
     {NULL},
     "io.scrun.NoNewPrivileges is part of a policy: give io.scrun.SystemCallFilter or io.scrun.profile, too",
     NULL,
     0},
    {"{\"io.scrun.systemcallfilter\": \"~execve\"}", {NULL}, "did you mean \"io.scrun.SystemCallFilter\"?", NULL, 0},
    {"{\"io.scrun.SystemCallFiler\": \"~execve\"}", {NULL}, "did you mean \"io.scrun.SystemCallFilter\"?", NULL, 0},
    {"{\"IO.scrun.SystemCallFilter\": \"~execve\"}", {NULL}, "did you mean \"io.scrun.SystemCallFilter\"?", NULL, 0},
    {"{\"io.scrun/SystemCallFilter\": \"~execve\"}", {NULL}, "annotations for scrun are io.scrun.NAME", NULL, 0},
    {"{\"io.scrun\": \"~execve\"}", {NULL}, "annotations for scrun are io.scrun.NAME", NULL, 0},
    {"{\"io.scrun.\": \"~execve\"}", {NULL}, "scrun has no annotation \"\"", NULL, 0},
    {"{\"io.s\\u0063run.SystemCallFilter\": \"~execve\"}", {NULL}, "written without escapes", NULL, 0},
    {"{\"io.scrun\\/SystemCallFilter\": \"~execve\"}", {NULL}, "written without escapes", NULL, 0},
    {"{\"io.scrun.SystemCallFilter.0\": \"~execve\"}", {NULL}, "stands a number, 1 to 999", NULL, 0},
    {"{\"io.scrun.SystemCallFilter.01\": \"~execve\"}", {NULL}, "stands a number, 1 to 999", NULL, 0},
    {"{\"io.scrun.SystemCallFilter.1000\": \"~execve\"}", {NULL}, "stands a number, 1 to 999", NULL, 0},
    {"{\"io.scrun.SystemCallFilter.\": \"~execve\"}", {NULL}, "stands a number, 1 to 999", NULL, 0},
    {"{\"io.scrun.SystemCallFilter.1.2\": \"~execve\"}", {NULL}, "stands a number, 1 to 999", NULL, 0},
    {"{\"io.scrun.profile.2\": \"web\"}", {NULL}, "scrun has no annotation \"profile.2\"", NULL, 0},
    {"{\"io.scrun.SystemCallFilter\": 1}", {NULL}, "an annotation is a string, not a number", NULL, 0},
    {"{\"io.scrun.SystemCallFilter\": \"~execve\", \"io.scrun.at\": \"exec\"}", {NULL}, NULL, "execve=kill", 0},
    {"{\"io.scrun.SystemCallFilter\": \"~execve\", \"io.scrun.At\": \"main\"}",
     {NULL},
     "io.scrun.At:1:1: a policy in a container comes into force at exec: the moment main is not offered there",
     NULL,
     0},
    {"{\"io.scrun.at\": \"soon\"}", {NULL}, "unknown moment: in a container it can only be exec", NULL, 0},
    {"{\"io.scrun.at\": \"exec\"}", {NULL}, "none is asked for", NULL, 0},
    {"{\"io.scrun.StartupSystemCallFilter\": \"read\"}", {NULL}, "in a container there is only exec", NULL, 0},
    {"{\"io.scrun.StartupSystemCallFilter.1\": \"read\"}", {NULL}, "in a container there is only exec", NULL, 0},
    {"{\"io.scrun.SystemCallFilter\": \"~execve\", \"io.scrun.wrapper\": \"false\"}",
     {NULL},
     NULL,
     "execve=kill",
     NO_WRAPPER},
    {"{\"io.scrun.SystemCallFilter\": \"~execve\", \"io.scrun.wrapper\": \"no\"}",
     {NULL},
     "not true or false",
     NULL,
     0},
    {"{\"io.scrun.wrapper\": \"false\"}", {NULL}, "none is asked for", NULL, 0},
    {"{\"io.scrun.accelerate\": \"true\"}", {NULL}, NULL, "", NO_POLICY | FAST},
    {"{\"io.scrun.SystemCallFilter\": \"~execve\", \"io.scrun.NoNewPrivileges\": \"no\"}",
     {NULL},
     NULL,
     "execve=kill",
     PRIVILEGES},
    {"{\"io.scrun.SystemCallFilter\": \"~execve\", \"io.scrun.IsolatePeers\": \"yes\"}",
     {NULL},
     NULL,
     "execve=kill",
     ISOLATED},
    {"{\"io.scrun.SystemCallFilter\": \"~execve\", \"io.scrun.IsolatePeers\": \"yes\", \"io.scrun.wrapper\": "
     "\"false\"}",
     {NULL},
     "IsolatePeers=yes needs the wrapper",
     NULL,
     0},
    {"{\"io.containers.trace-syscall\": \"of:/x\"}", {NULL}, "the mode \"record\" of scrun-hook", NULL, 0},
    {"{\"io.containers.trace-syscall\": \"\"}", {NULL}, "the mode \"record\" of scrun-hook", NULL, 0},
    {"{\"io.containers.trace-syscalls\": \"of:/x\"}", {NULL}, NULL, "", NO_POLICY},

    // A mandatory policy, which can only become tighter.
    {"{}", {"SystemCallFilter=~ptrace", NULL}, NULL, "ptrace=kill read=allow", 0},
    {"{\"io.scrun.SystemCallFilter\": \"~execve\"}",
     {"SystemCallFilter=~ptrace", NULL},
     NULL,
     "ptrace=kill execve=kill read=allow",
     0},
    {"{\"io.scrun.SystemCallFilter\": \"ptrace read\"}",
     {"SystemCallFilter=~ptrace", NULL},
     NULL,
     "ptrace=kill execve=kill read=allow",
     0},
    {"{\"io.scrun.SystemCallFilter\": \"\"}", {"SystemCallFilter=~ptrace", NULL}, NULL, "ptrace=kill read=allow", 0},
    {"{\"io.scrun.SystemCallFilter\": \"~ptrace:EPERM\", \"io.scrun.NoNewPrivileges\": \"no\"}",
     {"SystemCallFilter=~ptrace", NULL},
     NULL,
     "ptrace=kill",
     0},
    {"{\"io.scrun.SystemCallFilter\": \"~ptrace\"}",
     {"SystemCallFilter=~ptrace:EPERM", "NoNewPrivileges=no", NULL},
     NULL,
     "ptrace=kill",
     0},
    {"{\"io.scrun.wrapper\": \"false\"}", {"SystemCallFilter=~ptrace", NULL}, "would weaken the policy", NULL, 0},
    {"{\"io.scrun.wrapper\": \"true\"}", {"SystemCallFilter=~ptrace", NULL}, NULL, "ptrace=kill", 0},
    {"{}", {"SystemCallFilter=~ptrace", "At=main", NULL}, "the mandatory policy is for a later moment", NULL, 0},
    {"{\"io.scrun.at\": \"exec\"}",
     {"SystemCallFilter=~ptrace", "At=main", NULL},
     "the mandatory policy is for a later moment",
     NULL,
     0},

    // Profiles of the administrator's, by name.
    {"{\"io.scrun.profile\": \"web\"}", {NULL}, NULL, "ptrace=kill read=allow", FOLDERS},
    {"{\"io.scrun.profile\": \"web\", \"io.scrun.SystemCallFilter\": \"~read\"}",
     {NULL},
     NULL,
     "ptrace=kill read=kill",
     FOLDERS},
    {"{\"io.scrun.profile\": \"json.json\"}", {NULL}, NULL, "swapon=1 read=allow", FOLDERS},
    {"{\"io.scrun.profile\": \"json.json\", \"io.scrun.SystemCallFilter\": \"~read\"}",
     {NULL},
     "JSON cannot be joined",
     NULL,
     FOLDERS},
    {"{\"io.scrun.profile\": \"caps.json\"}", {NULL}, "this rule is for containers with certain", NULL, FOLDERS},
    {"{\"io.scrun.profile\": \"notify.json\"}", {NULL}, "hands calls to a listener", NULL, FOLDERS},
    {"{\"io.scrun.profile\": \"later\"}", {NULL}, "ask for is for a later moment than exec", NULL, FOLDERS},
    {"{\"io.scrun.profile\": \"later\", \"io.scrun.at\": \"exec\"}", {NULL}, NULL, "read=allow write=kill", FOLDERS},
    {"{\"io.scrun.profile\": \"startup\"}", {NULL}, "has a StartupSystemCallFilter=", NULL, FOLDERS},
    {"{\"io.scrun.profile\": \"missing\"}", {NULL}, "there is no profile \"missing\" in /etc/scrun", NULL, FOLDERS},
    {"{\"io.scrun.profile\": \"/etc/passwd\"}", {NULL}, "paths are not taken here", NULL, FOLDERS},
    {"{\"io.scrun.profile\": \"../web\"}", {NULL}, "paths are not taken here", NULL, FOLDERS},
    {"{\"io.scrun.profile\": \"./web\"}", {NULL}, "paths are not taken here", NULL, FOLDERS},
    {"{\"io.scrun.profile\": \"link\"}", {NULL}, "links are not followed", NULL, FOLDERS},
    {"{\"io.scrun.profile\": \"\"}", {NULL}, "is no name of a profile", NULL, FOLDERS},
};

static const struct {
  const char *name, *text;
} files[] = {
    {"web.conf", "[Service]\nSystemCallFilter=~ptrace\n"},
    {"json.json", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"swapon\"],\"action\":"
                  "\"SCMP_ACT_ERRNO\"}]}"},
    {"caps.json", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"swapon\"],\"action\":"
                  "\"SCMP_ACT_ERRNO\",\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}}]}"},
    {"notify.json", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/run/x\",\"syscalls\":[{\"names\":["
                    "\"swapon\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}"},
    {"later.conf", "SystemCallFilter=read\nAt=main\nStartupSystemCallFilter=write\n"},
    {"startup.conf", "SystemCallFilter=read\nStartupSystemCallFilter=write\n"},
};
enum { FILES = sizeof files / sizeof files[0] };

// "kill", "allow" or an errno.
static bool
action_is(struct action action, const char *word) {
  if (strcmp(word, "allow") == 0)
    return action.kind == ACTION_ALLOW;
  if (strcmp(word, "kill") == 0)
    return action.kind == ACTION_KILL_PROCESS;
  return action.kind == ACTION_ERRNO && action.data == strtoul(word, NULL, 10);
}

static void
check_calls(const struct row *row, const struct policy *policy) {
  static const uint64_t args[6];
  char words[128], *rest = NULL;
  snprintf(words, sizeof words, "%s", row->calls);
  for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
    char *equals = strchr(word, '=');
    uint32_t number;
    *equals = '\0';
    CHECK_ROW(calls_number(calls_find(word, strlen(word)), ABI_X86_64, &number), word);
    if (!action_is(policy_decide(policy, ABI_X86_64, number, args).action, equals + 1)) {
      CHECK_STR(word, equals + 1);
      fprintf(stderr, "  of %s\n", row->annotations);
    }
  }
}

static bool
is_said(const struct diags *diags, const char *text) {
  char line[DIAG_BYTES];
  for (size_t i = 0; i < diags->count; i++) {
    diag_write(&diags->items[i], "test", line, sizeof line);
    if (strstr(line, text) != NULL)
      return true;
  }
  return false;
}

static void
print(const struct diags *diags) {
  char line[DIAG_BYTES];
  for (size_t i = 0; i < diags->count; i++) {
    diag_write(&diags->items[i], "said", line, sizeof line);
    fputs(line, stderr);
  }
}

static void
check_request(const struct row *row, const struct container_request *request) {
  bool none = (row->flags & NO_POLICY) != 0;
  CHECK_ROW((request->policy == NULL) == none, row->annotations);
  CHECK_ROW(request->wrapper == (!none && (row->flags & NO_WRAPPER) == 0), row->annotations);
  CHECK_ROW(request->accelerate == ((row->flags & FAST) != 0), row->annotations);
  CHECK_ROW(request->no_new_privs_off == ((row->flags & PRIVILEGES) != 0), row->annotations);
  if (request->policy == NULL)
    return;
  CHECK_ROW(request->policy->isolate_peers == ((row->flags & ISOLATED) != 0 ? ISOLATE_PEERS_YES : ISOLATE_PEERS_AUTO),
            row->annotations);
  CHECK_ROW(request->policy->at <= MOMENT_EXEC && request->policy->startup == NULL, row->annotations);
  check_calls(row, request->policy);
}

// The annotations stand in a config.json.
static struct source
make_config(const char *annotations) {
  struct source source = {.name = "config.json", .has_lines = true};
  char *text = NULL;
  int length = asprintf(&text, "{\"annotations\": %s}", annotations);
  CHECK(length > 0);
  source.text = text;
  source.length = (size_t)length;
  return source;
}

static void
test_row(const struct row *row) {
  const char *const folders[] = {folder, NULL};
  struct hook_settings settings = {.mandatory = {.files.folders = folders}};
  struct container_request request = {0};
  struct source source = make_config(row->annotations);
  struct diags diags = {0};
  struct error e;
  for (size_t i = 0; row->mandatory[i] != NULL; i++)
    CHECK_ROW(policy_take_property(&settings.mandatory, row->mandatory[i], &e) == 0, row->mandatory[i]);
  struct json *json = json_read(&source, &diags);
  CHECK_ROW(json != NULL, row->annotations);
  int failed = container_request_read(json_member(json_root(json), "annotations"), &settings, &request, &diags);
  CHECK_ROW((failed == 0) == (row->calls != NULL), row->annotations);
  CHECK_ROW((failed != 0) == (diags.errors > 0), row->annotations);
  if (row->says != NULL && !is_said(&diags, row->says)) {
    CHECK_ROW(is_said(&diags, row->says), row->says);
    print(&diags);
  } else if (failed != 0 && row->calls != NULL)
    print(&diags);
  if (failed == 0 && row->calls != NULL)
    check_request(row, &request);
  container_request_clear(&request);
  hook_settings_clear(&settings);
  json_free(json);
  free((char *)(uintptr_t)source.text);
}

// Reads `count` annotations whose values have `length` bytes.
static void
test_bound(size_t count, size_t length, const char *says) {
  struct hook_settings settings = {0};
  struct container_request request = {0};
  struct diags diags = {0};
  size_t room = count * (length + 64) + 64, used = 1;
  char *text = malloc(room);
  text[0] = '{';
  for (size_t i = 1; i <= count; i++) {
    used +=
        (size_t)snprintf(text + used, room - used, "%s\"io.scrun.SystemCallFilter.%zu\":\"~bpf", i > 1 ? "," : "", i);
    memset(text + used, ' ', length - 4);
    used += length - 4;
    text[used++] = '"';
  }
  text[used++] = '}';
  const struct source source = {.name = "config.json", .text = text, .length = used, .has_lines = true};
  struct json *json = json_read(&source, &diags);
  CHECK(json != NULL);
  int failed = container_request_read(json_root(json), &settings, &request, &diags);
  CHECK((failed != 0) == (says != NULL));
  CHECK(says == NULL || is_said(&diags, says));
  container_request_clear(&request);
  hook_settings_clear(&settings);
  json_free(json);
  free(text);
}

// One set of settings serves several containers, and messages outlive what was asked for.
static void
test_twice(void) {
  struct hook_settings settings = {0};
  struct container_request request = {0};
  struct diags diags = {0};
  struct error e;
  CHECK(policy_take_property(&settings.mandatory, "SystemCallFilter=~ptrace", &e) == 0);
  for (int i = 0; i < 2; i++) {
    struct source source = make_config(i == 0 ? "{\"io.scrun.SystemCallFilter\": \"~bpf\"}"
                                              : "{\"io.scrun.SystemCallFilter\": \"opennat\"}");
    struct json *json = json_read(&source, &diags);
    CHECK_INT(container_request_read(json_member(json_root(json), "annotations"), &settings, &request, &diags),
              i == 0 ? 0 : -1);
    container_request_clear(&request);
    CHECK(i == 0 || is_said(&diags, "io.scrun.SystemCallFilter:1:1: unknown system call"));
    json_free(json);
    free((char *)(uintptr_t)source.text);
  }
  hook_settings_clear(&settings);
}

static void
make_folder(void) {
  char path[128];
  snprintf(folder, sizeof folder, "/var/lib/scrun-test.XXXXXX");
  CHECK(mkdtemp(folder) != NULL && chmod(folder, 0755) == 0);
  for (size_t i = 0; i < FILES; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
    FILE *file = fopen(path, "we");
    CHECK_ROW(file != NULL && fputs(files[i].text, file) >= 0 && fclose(file) == 0, path);
  }
  snprintf(path, sizeof path, "%s/link.conf", folder);
  CHECK(symlink("web.conf", path) == 0);
}

static void
remove_folder(void) {
  char path[128];
  for (size_t i = 0; i <= FILES; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, i < FILES ? files[i].name : "link.conf");
    CHECK_ROW(unlink(path) == 0, path);
  }
  CHECK(rmdir(folder) == 0);
}

// Bare names are looked for below folders of root's: only root can make some.
int
main(void) {
  bool root = getuid() == 0;
  umask(022);
  if (root)
    make_folder();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (root || (rows[i].flags & FOLDERS) == 0)
      test_row(&rows[i]);
  test_bound(256, 8, NULL);
  test_bound(257, 8, "more than 256 annotations");
  test_bound(1, 65536, NULL);
  test_bound(1, 65537, "longer than 65536 bytes");
  test_twice();
  if (root)
    remove_folder();
  return check_done();
}
