// SPDX-License-Identifier: LGPL-2.1-or-later
// drop_in.h - what the parts of `drop-in` share: what is asked, what the unit says, and the text that comes of both.
#ifndef SCRUN_RUNNER_ANALYZE_DROP_IN_H
#define SCRUN_RUNNER_ANALYZE_DROP_IN_H
#include "compat/diag.h"
#include "compat/policy.h"
#include "runner/analyze/analyze.h"
#include "runner/analyze/drop_in_unit.h"
#include "runner/unit_path.h"

// What the policy in the text stands below; the last section.
#define DROP_IN_HEADER "\n[X-Scrun]\n"

struct drop_in {
  const struct analyze_line *line;
  struct unit_path path; // where units are looked for
  struct drop_in_unit unit;
  char folder[PATH_MAX];        // where folders of drop-ins are, without the root
  char scrun[PATH_MAX];         // as the service will see it
  struct source *parts;         // on the heap; one for each file of the unit and one for the text: the lines that make
  size_t part_count;            // the policy, in their places, and blanks; length 0: there is none
  struct policy_request asked;  // these, and what was asked for
  size_t asked_from, asked_end; // which of its words were
  bool privileges_said;         // a profile has something on NoNewPrivileges=
  const char *privileges;       // the line for NoNewPrivileges=, or NULL
  struct buffer notes;          // comments for the head of the text
  struct buffer text;           // the drop-in
  struct source source;         // the same, by its path
};

// All return 0, or -1 with *e, or after adding errors to *diags.

// drop_in_paths.c: where things are.

// The folder for drop-ins, and scrun, which stands beside this program; both as seen from the root. Fails with
// ERROR_POLICY, also when there is no scrun at that place below the root.
SC_NODISCARD int drop_in_find_folder(struct drop_in *drop_in, struct error *e);
SC_NODISCARD int drop_in_find_scrun(struct drop_in *drop_in, struct error *e);
// What systemd starts for a program that is a name without slashes.
SC_NODISCARD int drop_in_find_program(const struct drop_in *drop_in, const struct exec_command *command,
                                      char program[PATH_MAX], struct error *e);
// Puts the text where systemd looks for it, whole or not at all, and never in the place of another file.
SC_NODISCARD int drop_in_install(const struct drop_in *drop_in, struct error *e);

// drop_in_sandbox.c: what the unit allows its commands.

// Do all commands of the unit run with CAP_SYS_ADMIN, so that a filter needs no no_new_privs?
bool drop_in_is_privileged(const struct drop_in_unit *unit);
// Decides drop_in->privileges, and adds the reason to the notes.
void drop_in_decide_privileges(struct drop_in *drop_in);
// Adds the settings that let scrun be executed, and see the unit's files, inside the unit's sandbox. Fails with
// ERROR_POLICY where none can.
SC_NODISCARD int drop_in_open_sandbox(const struct drop_in *drop_in, struct buffer *out, struct error *e);

// drop_in_policy.c: the policy that is asked for, and the one that the text makes.

// Does the unit's own SystemCallFilter= allow what it lists, and with it systemd's @default?
bool drop_in_adds_default(const struct drop_in *drop_in);
// Collects what is asked for, the unit's own lines first (`parts` and `asked`), and reads it.
SC_NODISCARD int drop_in_ask(struct drop_in *drop_in, struct policy **asked, struct diags *diags);
// Adds to `request` the lines that make the policy, with their places: those of [X-Scrun] alone and those of the text,
// or those of the unit that count. Not to be called before the policies that drop_in_ask() made are gone.
SC_NODISCARD int drop_in_take_lines(struct drop_in *drop_in, bool with_text, struct policy_request *request,
                                    struct error *e);
void drop_in_free_lines(struct drop_in *drop_in);
// Reads the text with the unit's files as scrun will, and compares with `asked`.
SC_NODISCARD int drop_in_verify(struct drop_in *drop_in, const struct policy *asked, struct diags *diags);

// drop_in_write.c: writes the text.
SC_NODISCARD int drop_in_write(struct drop_in *drop_in, struct error *e);

// drop_in_check.c: prints what is to be said about the policy and the programs that it is for. Returns the exit status.
int drop_in_check(struct drop_in *drop_in);
#endif
