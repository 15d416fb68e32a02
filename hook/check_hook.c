// SPDX-License-Identifier: LGPL-2.1-or-later
// check_hook.c - reads a file of hooks.d as podman does, and looks for how it could not be called.
#include "hook/check_hook.h"
#include "hook/destination.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "scrun-hook"
#define TRY_MS 10000
#define ANSWER_BYTES_MAX (256 * 1024)

// Reading.

static const char *
base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

static struct json_value
member_of(struct json_value object, const char *name) {
  return json_kind(object) == JSON_OBJECT ? json_member(object, name) : (struct json_value){0};
}

static const char *
text_of(struct json_value value) {
  size_t length;
  return json_kind(value) == JSON_STRING ? json_string(value, &length) : NULL;
}

static bool
is_given(struct json_value value) {
  return json_kind(value) != JSON_NONE && json_kind(value) != JSON_NULL;
}

// An array of strings, or none.
static int
read_words(struct json_value list, const char *words[HOOK_WORDS_MAX + 1], struct diags *diags) {
  size_t count = 0;
  if (!is_given(list))
    return 0;
  if (json_kind(list) != JSON_ARRAY) {
    json_complain(list, DIAG_ERROR, diags, "not an array");
    return -1;
  }
  for (struct json_value item = json_first(list); is_given(item); item = json_next(item)) {
    if (count == HOOK_WORDS_MAX || text_of(item) == NULL) {
      json_complain(item, DIAG_ERROR, diags, "not a string, or more than %d", HOOK_WORDS_MAX);
      return -1;
    }
    words[count++] = text_of(item);
  }
  return 0;
}

static bool
has_stage(struct json_value stages, const char *name) {
  if (json_kind(stages) != JSON_ARRAY)
    return false;
  for (struct json_value item = json_first(stages); is_given(item); item = json_next(item))
    if (text_of(item) != NULL && strcmp(text_of(item), name) == 0)
      return true;
  return false;
}

static void
find_program(struct hook_file *file) {
  if (strcmp(base_name(file->path), PROGRAM) == 0) {
    file->program = file->path;
    return;
  }
  for (size_t i = 0; file->words[i] != NULL; i++) {
    if (strcmp(base_name(file->words[i]), PROGRAM) == 0) {
      file->program = file->words[i];
      file->program_at = i;
      return;
    }
  }
}

int
hook_file_read(const struct source *source, struct hook_file *out, struct diags *diags) {
  *out = (struct hook_file){.json = json_read(source, diags)};
  if (out->json == NULL)
    return -1;
  struct json_value root = json_root(out->json), hook = member_of(root, "hook");
  out->path = text_of(member_of(hook, "path"));
  if (out->path == NULL) {
    diag_add(diags, DIAG_ERROR, (struct source_pos){source, 0, 0}, "there is no hook.path");
    return -1;
  }
  if (read_words(member_of(hook, "args"), out->words, diags) != 0
      || read_words(member_of(hook, "env"), out->variables, diags) != 0)
    return -1;
  if (out->words[0] == NULL)
    out->words[0] = out->path;
  out->at_precreate = has_stage(member_of(root, "stages"), "precreate");
  find_program(out);
  return 0;
}

void
hook_file_clear(struct hook_file *file) {
  json_free(file->json);
  *file = (struct hook_file){.json = NULL};
}

// When it is called.

// What a container of ours has, and what asks to record.
static const char *const annotations[][2] = {
    {"io.scrun.SystemCallFilter", "~execve\n~ptrace"},
    {"io.scrun.profile", "web"},
    {"io.scrun.SystemCallLog.2", ""},
    {"io.containers.trace-syscall", "of:/file"},
};
enum { ANNOTATIONS = sizeof annotations / sizeof annotations[0] };

enum answer { ANSWER_NONE, ANSWER_YES, ANSWER_NO };

// Whether an expression means the same to Go and to POSIX, as far as that is simply said.
static bool
is_common(const char *pattern) {
  for (const char *at = pattern; (at = strchr(at, '\\')) != NULL; at += 2)
    if (at[1] == '\0' || strchr(".-/^$*+?()[]{}|\\", at[1]) == NULL)
      return false;
  return strstr(pattern, "(?") == NULL;
}

static enum answer
matches(const char *pattern, const char *text) {
  static const char any_case[] = "(?i)";
  regex_t expression;
  bool folds = strncmp(pattern, any_case, sizeof any_case - 1) == 0;
  pattern += folds ? sizeof any_case - 1 : 0;
  if (pattern[0] == '\0') // POSIX has no empty expression
    return ANSWER_YES;
  if (!is_common(pattern) || regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB | (folds ? REG_ICASE : 0)) != 0)
    return ANSWER_NONE;
  int result = regexec(&expression, text, 0, NULL, 0);
  regfree(&expression);
  return result == 0 ? ANSWER_YES : ANSWER_NO;
}

// Whether a container with this one annotation meets a condition. A condition of an empty name meets every name.
static enum answer
meets(struct json_value condition, const char *const annotation[2]) {
  char pattern[256];
  size_t length;
  const char *key = json_key(condition, &length), *value = text_of(condition);
  if (length >= sizeof pattern || value == NULL)
    return ANSWER_NONE;
  size_t used = 0;
  for (size_t i = 0; i < length; i++) {
    bool escaped = key[i] == '\\' && i + 1 < length; // as JSON writes it: "\\." is "\."
    if (escaped && key[i + 1] != '\\' && key[i + 1] != '/')
      return ANSWER_NONE;
    pattern[used++] = key[i += escaped];
  }
  pattern[used] = '\0';
  enum answer name = matches(pattern, annotation[0]);
  return name == ANSWER_YES ? matches(value, annotation[1]) : name;
}

static void
judge_annotations(struct json_value conditions, const char *name, struct findings *findings) {
  for (size_t i = 0; i < ANNOTATIONS; i++) {
    for (struct json_value item = json_first(conditions); is_given(item); item = json_next(item)) {
      enum answer answer = meets(item, annotations[i]);
      if (answer == ANSWER_YES)
        continue;
      finding_problem(findings,
                      answer == ANSWER_NO
                          ? "%s: a container with the annotation %s alone is not matched: conditions all have to hold; "
                            "write one, \"^io\\\\.(scrun|containers\\\\.trace-syscall)\": \"\""
                          : "%s: it cannot be said whether %s is matched: write \"^io\\\\.(scrun|containers\\\\."
                            "trace-syscall)\": \"\"",
                      name, annotations[i][0]);
      break;
    }
  }
}

static void
judge_when(struct json_value when, const char *name, struct findings *findings) {
  struct json_value always = member_of(when, "always"), conditions = member_of(when, "annotations");
  struct json_value commands = member_of(when, "commands"), mounts = member_of(when, "hasBindMounts");
  if (is_given(commands) || is_given(mounts))
    finding_problem(findings,
                    "%s: when asks for commands or hasBindMounts, too: other containers start without their policy; "
                    "leave it out",
                    name);
  if (json_kind(always) == JSON_BOOLEAN && !json_boolean(always))
    finding_problem(findings, "%s: when.always is false: it is never called; leave it out", name);
  if (is_given(conditions) && json_kind(conditions) == JSON_OBJECT && is_given(json_first(conditions)))
    judge_annotations(conditions, name, findings);
  else if (!is_given(always) && !is_given(commands) && !is_given(mounts))
    finding_problem(findings, "%s: when is empty: it is never called; write when.annotations, or \"always\": true",
                    name);
}

// How it is called.

static void
judge_file(const char *path, const char *name, struct findings *findings) {
  struct stat info;
  memset(&info, 0, sizeof info);
  if (path[0] != '/') {
    finding_problem(findings, "%s: \"%s\" is no absolute path, and hooks have no PATH", name, shown(path).text);
  } else if (stat(path, &info) != 0) {
    finding_problem(findings, "%s: %s: %s; install scrun, or write where it is", name, shown(path).text,
                    strerror(errno));
  } else if (!S_ISREG(info.st_mode) || (info.st_mode & S_IXUSR) == 0) {
    finding_problem(findings, "%s: %s is no executable file", name, shown(path).text);
  } else if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    finding_problem(findings, "%s: %s can be written by others than its owner: chmod go-w", name, shown(path).text);
  }
}

// podman passes over a hook whose path is not there, whereas env(1) is there, and fails.
static void
judge_form(const struct hook_file *file, const char *name, struct findings *findings) {
  struct stat info;
  judge_file(file->path, name, findings);
  if (file->program != file->path)
    judge_file(file->program, name, findings);
  if (file->program == file->path && stat(file->path, &info) != 0)
    finding_problem(findings,
                    "%s: podman passes over a hook that is not there, and starts the container without its "
                    "policy",
                    name);
  if (file->program == file->path)
    finding_problem(findings,
                    "%s: hook.path is " PROGRAM " itself: should it ever be missing, containers start without their "
                    "policy; write \"path\": \"/usr/bin/env\", \"args\": [\"env\", \"%s\", \"precreate\"]",
                    name, shown(file->path).text);
  else if (strcmp(base_name(file->path), "env") != 0 || file->program_at != 1)
    finding_problem(findings,
                    "%s: not called as \"path\": \"/usr/bin/env\", \"args\": [\"env\", \"%s\", \"precreate\"]: whether "
                    "it fails closed cannot be said",
                    name, shown(file->program).text);
}

static void
judge_stage(const struct hook_file *file, const char *name, struct findings *findings) {
  const char *mode = file->words[file->program_at + 1];
  if (mode == NULL)
    finding_problem(findings, "%s: " PROGRAM " is given no mode: write \"precreate\" behind it in hook.args", name);
  else if (strcmp(mode, "precreate") != 0)
    finding_note("%s: calls the mode \"%s\"; what is said here is about precreate", name, shown(mode).text);
  else if (!file->at_precreate)
    finding_problem(findings, "%s: the stage is not \"precreate\": in all others config.json cannot be changed", name);
}

void
hook_file_judge(const struct hook_file *file, const char *name, struct findings *findings) {
  struct json_value root = json_root(file->json);
  const char *version = text_of(member_of(root, "version"));
  if (version == NULL || strcmp(version, "1.0.0") != 0)
    finding_problem(findings, "%s: the version is not \"1.0.0\": engines refuse every container", name);
  judge_form(file, name, findings);
  judge_stage(file, name, findings);
  judge_when(member_of(root, "when"), name, findings);
}

// Trying it.

static int
write_config(int fd, const char *root) {
  return dprintf(fd,
                 "{\"ociVersion\":\"1.0.2\",\"process\":{\"user\":{\"uid\":0,\"gid\":0},\"args\":[\"/program\"],"
                 "\"cwd\":\"/\",\"env\":[]},\"root\":{\"path\":\"%s\"},\"mounts\":[],\"annotations\":"
                 "{\"io.scrun.SystemCallFilter\":\"~kexec_load\"},\"linux\":{}}",
                 root)
                 > 0
             ? 0
             : -1;
}

static _Noreturn void
be_hook(const struct hook_file *file, int in, int out) {
  if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
    execve(file->path, (char *const *)(uintptr_t)file->words, (char *const *)(uintptr_t)file->variables);
  _exit(126);
}

// Reads until the end, or for so long. Returns the length, or -1.
static ssize_t
read_answer(int fd, char *text, size_t size) {
  size_t length = 0;
  struct pollfd ready = {.fd = fd, .events = POLLIN};
  while (length < size - 1) {
    int result = poll(&ready, 1, TRY_MS);
    ssize_t got = result > 0 ? read(fd, text + length, size - 1 - length) : -1;
    if (got < 0)
      return -1;
    if (got == 0)
      break;
    length += (size_t)got;
  }
  text[length] = '\0';
  return (ssize_t)length;
}

// Returns the wait status, or -1 with errno. The answer is text.
static int
run_hook(const struct hook_file *file, int in, char *answer, size_t size) {
  int ends[2], status = -1;
  if (pipe2(ends, O_CLOEXEC) != 0)
    return -1;
  pid_t child = fork();
  if (child == 0)
    be_hook(file, in, ends[1]);
  int failed = errno;
  close(ends[1]);
  if (child > 0 && read_answer(ends[0], answer, size) < 0)
    kill(child, SIGKILL);
  close(ends[0]);
  if (child > 0 && waitpid(child, &status, 0) == child)
    return status;
  errno = failed;
  return -1;
}

static void
judge_answer(int status, const char *answer, const char *name, struct findings *findings) {
  if (status == -1)
    finding_problem(findings, "%s: cannot be tried: %s", name, strerror(errno));
  else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    finding_problem(findings, "%s: called for a container that asks for a policy, it fails (%s %d): see its message",
                    name, WIFEXITED(status) ? "status" : "signal",
                    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
  else if (strstr(answer, WRAPPER_DESTINATION) == NULL)
    finding_problem(findings, "%s: called for a container that asks for a policy, it puts none in", name);
}

void
hook_file_try(const struct hook_file *file, const char *name, struct findings *findings) {
  static char answer[ANSWER_BYTES_MAX];
  char root[] = "/tmp/scrun-check.XXXXXX", config[] = "/tmp/scrun-check.XXXXXX";
  answer[0] = '\0';
  int in = mkostemp(config, O_CLOEXEC);
  if (in >= 0)
    unlink(config);
  if (in < 0 || mkdtemp(root) == NULL) {
    finding_problem(findings, "%s: cannot be tried: /tmp: %s", name, strerror(errno));
  } else {
    if (write_config(in, root) != 0 || lseek(in, 0, SEEK_SET) != 0)
      finding_problem(findings, "%s: cannot be tried: /tmp: %s", name, strerror(errno));
    else
      judge_answer(run_hook(file, in, answer, sizeof answer), answer, name, findings);
    rmdir(root);
  }
  if (in >= 0)
    close(in);
}
