// SPDX-License-Identifier: LGPL-2.1-or-later
// systemd_read.h - SystemCallFilter= and its relatives, in systemd's syntax: text in, policy out, nothing added
// implicitly.
//
// All assignments given to one reader act as one unit, in the order given, whether they come from property options or
// from policy files. What each does is documented in scrun.policy(5); where it departs from systemd in docs/design.md.
#ifndef SCRUN_COMPAT_SYSTEMD_READ_H
#define SCRUN_COMPAT_SYSTEMD_READ_H
#include "compat/diag.h"
#include "compat/groups.h"
#include "compat/policy.h"

struct reader_options {
  bool lenient; // unknown words are warned about and skipped, as systemd does, where that cannot open anything
  const struct group_tables *groups; // NULL: the newest; a SystemCallGroups= line has the last word
  // Looks for a group that the tables do not have: name without "@". Returns 0 and a source that outlives the reader
  // and its policy, 1 when there is none, -1 with *e filled. NULL: there are none.
  int (*open_group)(void *context, const char *name, size_t length, const struct source **out, struct error *e);
  void *open_group_context;
  const struct omission *omission; // NULL: every word counts
};

struct reader;

// The caller owns it; NULL when memory is out.
struct reader *reader_new(const struct reader_options *options);
void reader_free(struct reader *reader);

// Reads one NAME=VALUE as --property= takes it: `source` is the whole text, one line.
// Reads a policy file: lines NAME=VALUE with comments, continuations, with or without a [Service] header.
// Reads the `count` files of one unit in their order, the fragment first: of [Service] SystemCallFilter=,
// SystemCallErrorNumber=, SystemCallArchitectures=, SystemCallLog= and NoNewPrivileges=, of [X-Scrun] every property. A
// property that [X-Scrun] of any of these files sets is not taken from [Service] at all. What else stands there is the
// service manager's.
// Reads values of the property that the text of `name` is, as a policy file has them behind NAME=: one a line, with
// comments, continuations and empty lines between them; a text of nothing but blanks is the empty value.
// All return 0, or -1 after adding at least one error to *diags; reading goes on after an error, so that one run shows
// them all.
SC_NODISCARD int reader_read_property(struct reader *reader, const struct source *source, struct diags *diags);
SC_NODISCARD int reader_read_file(struct reader *reader, const struct source *source, struct diags *diags);
SC_NODISCARD int reader_read_unit(struct reader *reader, const struct source *const *files, size_t count,
                                  struct diags *diags);
SC_NODISCARD int reader_read_values(struct reader *reader, const struct source *name, const struct source *source,
                                    struct diags *diags);

// Makes the policy (sealed; the caller owns it) out of all that was read. Fails, after adding an error, when nothing
// was read that makes a policy, or when any earlier call failed. A policy that refuses nothing is a warning.
SC_NODISCARD int reader_finish(struct reader *reader, struct policy **out, struct diags *diags);

// The names of the properties, sorted; NULL behind the last.
const char *reader_property(size_t index);
#endif
