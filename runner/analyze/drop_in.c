// SPDX-License-Identifier: LGPL-2.1-or-later
// drop_in.c - a drop-in that puts scrun in front of a service's commands and keeps everything else that the unit says.
#include "runner/analyze/drop_in.h"
#include <stdio.h>
#include <string.h>

#define NAME_USUAL "override.conf" // what `systemctl edit` writes

// The command line.

static int
check_name(const char *name) {
  static const char suffix[] = ".conf";
  size_t length = strlen(name), end = sizeof suffix - 1;
  for (const char *at = name; *at != '\0'; at++)
    if (*at == '/' || (unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
      length = 0;
  if (length > end && length <= UNIT_NAME_BYTES_MAX && name[0] != '.' && strcmp(name + length - end, suffix) == 0)
    return 0;
  return report(TOOL, "--drop-in=%s: takes the name of a file that ends in .conf, as 50-scrun.conf", shown(name).text);
}

static int
check_options(const struct analyze_line *line) {
  const struct policy_request *request = &line->policy;
  if (line->argument_count != 1)
    return report(TOOL, "drop-in takes one unit: drop-in UNIT [--property=...]...");
  for (size_t i = 0; i < request->count; i++)
    if (request->words[i].kind == POLICY_WORD_UNIT)
      return report(TOOL, "drop-in takes --unit-file= of no other unit: what the unit says is kept anyway");
  if (strchr(line->arguments[0], '/') != NULL)
    return report(TOOL, "drop-in takes the name of a unit: scrun will look for it by its name, not in %s",
                  shown(line->arguments[0]).text);
  if (line->abi != ABI_NONE || line->to != NULL || line->output != NULL || line->format != NULL || line->self
      || line->follow || request->capability_count > 0 || request->kernel != NULL)
    return report(TOOL, "drop-in takes the options of a text policy, --at, --user, --root, --drop-in, --install and "
                        "--check");
  if (line->install && line->check)
    return report(TOOL, "--check and --install: first the one, then the other");
  return line->drop_in != NULL ? check_name(line->drop_in) : 0;
}

// Making it.

// What there is to wrap.
static int
check_unit(const struct drop_in_unit *unit, struct error *e) {
  if (unit->command_count == 0)
    return error_plain(e, ERROR_POLICY, "%s has no ExecStart=: there is nothing to filter", unit->files.name);
  for (size_t i = 0; i < unit->command_count; i++)
    if (exec_command_is_of(&unit->commands[i], "scrun"))
      return error_set(e, ERROR_POLICY, unit->commands[i].at,
                       "%s runs under scrun already: change its [X-Scrun], or take that drop-in away first",
                       unit->files.name);
  return 0;
}

static void
unit_begin(struct drop_in *drop_in) {
  const struct policy_request *request = &drop_in->line->policy;
  drop_in->unit = (struct drop_in_unit){.files.root = request->root, .files.user = request->user};
}

// One that is under scrun already gets no other drop-in, which its own could be in the way of.
static int
read_unit(struct drop_in *drop_in, struct error *e) {
  const struct analyze_line *line = drop_in->line;
  const char *name = line->drop_in != NULL ? line->drop_in : NAME_USUAL;
  if (drop_in_unit_read(&drop_in->unit, line->arguments[0], drop_in->folder, NULL, e) != 0)
    return -1;
  if (drop_in_unit_is_wrapped(&drop_in->unit))
    return 0;
  drop_in_unit_clear(&drop_in->unit);
  unit_begin(drop_in);
  return drop_in_unit_read(&drop_in->unit, line->arguments[0], drop_in->folder, name, e);
}

static int
find(struct drop_in *drop_in, struct error *e) {
  const struct policy_request *request = &drop_in->line->policy;
  unit_begin(drop_in);
  return unit_path_open(&drop_in->path, request->root, request->user, NULL, NULL, e) != 0
                 || drop_in_find_folder(drop_in, e) != 0 || read_unit(drop_in, e) != 0
             ? -1
             : 0;
}

// Warnings about the policy are said once.
static int
make_text(struct drop_in *drop_in) {
  static struct diags asking, verifying;
  struct policy *asked;
  struct error e;
  int failed = drop_in_ask(drop_in, &asked, &asking);
  report_diags(TOOL, &asking);
  if (failed != 0)
    return STATUS_UNUSABLE;
  int status = drop_in_write(drop_in, &e) != 0 ? report_error(TOOL, &e) : 0;
  if (status == 0 && drop_in_verify(drop_in, asked, &verifying) != 0) {
    report_diags(TOOL, &verifying);
    status = STATUS_UNUSABLE;
  }
  policy_free(asked);
  return status;
}

static int
make(struct drop_in *drop_in) {
  struct error e;
  if (check_unit(&drop_in->unit, &e) != 0 || drop_in_find_scrun(drop_in, &e) != 0)
    return report_error(TOOL, &e);
  return make_text(drop_in);
}

// What to do with it.

// A template cannot be started; a pattern means those of its instances that are.
static int
install(const struct drop_in *drop_in) {
  const struct analyze_line *line = drop_in->line;
  const char *user = line->policy.user ? " --user" : "", *name = drop_in->unit.files.name, *at = strstr(name, "@.");
  struct error e;
  if (drop_in_install(drop_in, &e) != 0)
    return report_error(TOOL, &e);
  printf("written: %s%s\n", line->policy.root != NULL ? line->policy.root : "", drop_in->unit.path);
  if (line->policy.root == NULL && at != NULL)
    printf("next: systemctl%s daemon-reload; systemctl%s restart '%.*s@*%s'\n", user, user, (int)(at - name), name,
           at + 1);
  else if (line->policy.root == NULL)
    printf("next: systemctl%s daemon-reload; systemctl%s restart %s\n", user, user, name);
  return 0;
}

// A policy that a command of scrun's names by itself is not that of the unit's lines.
static int
check_wrapped(const struct drop_in_unit *unit, struct error *e) {
  for (size_t i = 0; i < unit->command_count; i++)
    if (exec_command_is_of(&unit->commands[i], "scrun") && !exec_command_has_option(&unit->commands[i], "--unit-file"))
      return error_set(e, ERROR_POLICY, unit->commands[i].at,
                       "this command does not take its policy from the unit (--unit-file=%%n): look at the one that "
                       "it names with scrun-analyze lint");
  return 0;
}

static int
check(struct drop_in *drop_in) {
  struct error e;
  return check_wrapped(&drop_in->unit, &e) != 0 ? report_error(TOOL, &e) : drop_in_check(drop_in);
}

static int
run(struct drop_in *drop_in) {
  const struct analyze_line *line = drop_in->line;
  bool wrapped = drop_in_unit_is_wrapped(&drop_in->unit);
  if (line->check && wrapped && (line->policy.count > 0 || line->policy.at != MOMENT_NONE))
    return report(TOOL, "%s runs under scrun already: --check takes no policy then, and looks at the unit's",
                  drop_in->unit.files.name);
  int status = line->check && wrapped ? 0 : make(drop_in);
  if (status != 0)
    return status;
  if (line->check)
    return check(drop_in);
  if (line->install)
    return install(drop_in);
  fputs(drop_in->text.text, stdout);
  return 0;
}

static void
clear(struct drop_in *drop_in) {
  drop_in_free_lines(drop_in);
  policy_request_clear(&drop_in->asked);
  buffer_clear(&drop_in->notes);
  buffer_clear(&drop_in->text);
  drop_in_unit_clear(&drop_in->unit);
  unit_path_close(&drop_in->path);
}

int
verb_drop_in(struct analyze_line *line) {
  static struct drop_in drop_in; // too large for the stack
  struct error e;
  if (check_options(line) != 0)
    return STATUS_UNUSABLE;
  drop_in = (struct drop_in){.line = line};
  int status = find(&drop_in, &e) != 0 ? report_error(TOOL, &e) : run(&drop_in);
  clear(&drop_in);
  return status;
}
