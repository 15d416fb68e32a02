// SPDX-License-Identifier: LGPL-2.1-or-later
// drop_in_check.c - what can be found out about a filtered service without starting it: the policy, the programs, and
// whether the two can come together.
#include "runner/analyze/drop_in.h"
#include "runner/analyze/lint.h"
#include "runner/executable.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct source_pos nowhere = {NULL, 0, 0};

// The programs.

static void
check_program(struct lint *lint, const struct exec_command *command, const char *path) {
  static struct executable executable; // too large for the stack
  enum moment moment = lint->policy->at == MOMENT_NONE ? MOMENT_EXEC : lint->policy->at;
  struct error e;
  if (executable_read(&executable, path, &e) != 0) {
    lint_add(lint, command->at, "program", "the service would end with 203/EXEC", "%s", e.text);
    return;
  }
  moment = executable_moment(&executable, moment);
  if (executable_allows(&executable, moment, &e) != 0)
    lint_add(lint, command->at, "moment", "write another moment with At=", "%s", e.text);
  else
    printf("%s: the policy can begin at %s\n", shown(path).text, moment_name(moment));
}

// Which file it is, is known here only where nothing but the unit says so.
static void
look_at_program(struct lint *lint, const struct drop_in *drop_in, const struct exec_command *command,
                const char *program, bool literal) {
  struct buffer path = {0};
  const struct drop_in_unit *unit = &drop_in->unit;
  if (drop_in->line->policy.root != NULL || drop_in_unit_last(unit, UNIT_ROOT_DIRECTORY) != NULL
      || drop_in_unit_last(unit, UNIT_ROOT_IMAGE) != NULL)
    printf("%s: not looked at, since it is in another root\n", shown(program).text);
  else if (!exec_path_plain(program, literal, &path) || path.text == NULL || path.text[0] != '/')
    printf("%s: not looked at, since only systemd knows which file that is\n", shown(program).text);
  else
    check_program(lint, command, path.text);
  buffer_clear(&path);
}

// A "$" of a program's own name is no variable.
static void
check_unwrapped(struct lint *lint, const struct drop_in *drop_in, const struct exec_command *command) {
  char found[PATH_MAX];
  struct error e;
  if (exec_command_is_path(command))
    look_at_program(lint, drop_in, command, command->program, true);
  else if (drop_in_find_program(drop_in, command, found, &e) == 0)
    look_at_program(lint, drop_in, command, found, true);
  else
    lint_add(lint, e.at, "program", "the service would end with 203/EXEC", "%s", e.text);
}

static void
check_command(struct lint *lint, const struct drop_in *drop_in, const struct exec_command *command, bool wrapped) {
  char *program = NULL;
  if (!wrapped) {
    check_unwrapped(lint, drop_in, command);
  } else if (!exec_command_is_of(command, "scrun")) {
    lint_add(lint, command->at, "unfiltered", "put scrun in front of it", "this command is not started by scrun");
  } else if (exec_command_unwrap(command, "scrun", &program)) {
    look_at_program(lint, drop_in, command, program, command->verbatim);
    free(program);
  } else {
    printf("%s: not looked at: no \"--\" says where the program begins\n", shown(command->program).text);
  }
}

// What a wrapped unit may still have, and the drop-in would not.
static void
check_unit(struct lint *lint, const struct drop_in_unit *unit) {
  const struct unit_line *line = drop_in_unit_last(unit, UNIT_FILTER);
  if (line != NULL)
    lint_add(lint, line->name, "systemd-filter", "take it back: an empty SystemCallFilter= below [Service]",
             "systemd puts this filter on scrun, too, and beside scrun's own");
  if (!lint->policy->no_new_privs && !drop_in_is_privileged(unit))
    lint_add(lint, nowhere, "privileges", "leave NoNewPrivileges=no out",
             "NoNewPrivileges=no, and a command without CAP_SYS_ADMIN, for which the kernel takes no filter then");
}

static int
check_policy(struct drop_in *drop_in, struct policy_request *request, struct policy *policy, bool wrapped) {
  static struct lint lint; // too large for the stack
  const struct drop_in_unit *unit = &drop_in->unit;
  policy->permissive = false; // what is written counts
  lint = (struct lint){.policy = policy, .request = request};
  if (wrapped)
    check_unit(&lint, unit);
  for (size_t i = 0; i < unit->command_count; i++)
    check_command(&lint, drop_in, &unit->commands[i], wrapped);
  int status = lint_policy(&lint);
  free(lint.findings);
  return status;
}

int
drop_in_check(struct drop_in *drop_in) {
  static struct diags diags;
  struct policy_request request = {0};
  struct policy *policy;
  struct error e;
  bool wrapped = drop_in_unit_is_wrapped(&drop_in->unit);
  int status = STATUS_UNUSABLE;
  diags = (struct diags){.count = 0};
  if (drop_in_take_lines(drop_in, !wrapped, &request, &e) != 0) {
    report_error(TOOL, &e);
  } else if (policy_load(&request, &policy, &diags) == 0) {
    status = check_policy(drop_in, &request, policy, wrapped);
    policy_free(policy);
  }
  report_diags(TOOL, &diags);
  policy_request_clear(&request);
  return status;
}
