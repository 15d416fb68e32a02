// SPDX-License-Identifier: LGPL-2.1-or-later
// request.c - the variables of libsandbox.so and sandboxify. No stdio and no heap but the policy's: this also runs
// inside other programs.
#include "runner/sandbox/request.h"
#include "runner/environment.h"
#include "runner/report.h"
#include <string.h>
#include <unistd.h>

static bool
is_variable(const char *assignment, const char *name) {
  size_t length = strlen(name);
  return strncmp(assignment, name, length) == 0 && assignment[length] == '=';
}

static bool
is_ours(const char *assignment) {
  bool ours = is_variable(assignment, REQUEST_VERBOSE);
  for (size_t i = 0; i < CLOUDFLARE_VARIABLES; i++)
    ours = ours || is_variable(assignment, cloudflare_names[i]);
  return ours;
}

void
request_remove(char **environment) {
  char **kept = environment;
  for (; *environment != NULL; environment++)
    if (!is_ours(*environment))
      *kept++ = *environment;
  *kept = NULL;
}

bool
request_is_made(char *const *environment) {
  for (size_t i = 0; i < CLOUDFLARE_VARIABLES; i++)
    if (environment_get(environment, cloudflare_names[i]) != NULL)
      return true;
  return false;
}

static int
read_verbose(struct request *request, const char *value, const char *tool) {
  if (value != NULL && strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
    return report(tool, REQUEST_VERBOSE ": \"%s\" is neither 0 nor 1", shown(value).text);
  request->verbose = value != NULL && value[0] == '1';
  return 0;
}

int
request_read(struct request *request, char *const *environment, const char *tool) {
  static struct diags diags;
  int status = read_verbose(request, environment_get(environment, REQUEST_VERBOSE), tool);
  if (status != 0)
    return status;
  for (size_t i = 0; i < CLOUDFLARE_VARIABLES; i++)
    request->words.values[i] = environment_get(environment, cloudflare_names[i]);
  int failed = cloudflare_read(&request->words, &request->policy, &diags);
  report_diags(tool, &diags);
  return failed == 0 ? 0 : error_exit_status(ERROR_POLICY);
}

// Whole lines, many at a time.
struct lines {
  char text[4096];
  size_t length;
};

static void
lines_write(struct lines *lines) {
  size_t done = 0;
  while (done < lines->length) {
    ssize_t written = write(STDERR_FILENO, lines->text + done, lines->length - done);
    if (written <= 0)
      break; // nobody listens, which changes nothing about the filter
    done += (size_t)written;
  }
  lines->length = 0;
}

static void
lines_add(struct lines *lines, const char *text) {
  size_t length = strlen(text);
  memcpy(lines->text + lines->length, text, length);
  lines->length += length;
}

void
request_say(const struct request *request) {
  static const char before[] = "adding ", behind[] = " to the process seccomp filter\n";
  struct lines lines = {.length = 0};
  const struct policy *policy = request->policy;
  for (size_t i = 0; request->verbose && i < policy->rule_count; i++) {
    const char *name = calls_name(policy->rules[i].call);
    if (lines.length + sizeof before + strlen(name) + sizeof behind > sizeof lines.text)
      lines_write(&lines);
    lines_add(&lines, before);
    lines_add(&lines, name);
    lines_add(&lines, behind);
  }
  lines_write(&lines);
}
