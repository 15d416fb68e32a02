// SPDX-License-Identifier: LGPL-2.1-or-later
// unit_read.c - the properties of one unit, out of all its files: [Service], and [X-Scrun], which wins.
#include "compat/nearest.h"
#include "compat/reader.h"
#include "compat/unit_file.h"
#include <string.h>

static const char own_section[] = "X-Scrun", architectures[] = "SystemCallArchitectures";

// What systemd has of a policy, and scrun takes from it. The others that are filters are left to systemd, which has
// them in force beside whatever scrun adds.
static const char *const shared[] = {"NoNewPrivileges", architectures, "SystemCallErrorNumber", "SystemCallFilter",
                                     "SystemCallLog"};

// Sets of properties are bits, by their places in the reader's table.
struct unit {
  struct reader *reader;
  struct diags *diags;
  uint64_t own;      // [X-Scrun] of some file sets it
  uint64_t set;      // it makes a policy, and was given a value that is not empty and not reset
  struct diags said; // what find_own() has said, once more
};

static bool
is_shared(const struct assignment *line) {
  for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
    if (text_is(text_bytes(line->name), line->name.length, shared[i]))
      return true;
  return false;
}

static uint64_t
property_bit(const struct assignment *line) {
  int property = reader_find_property(line->name);
  return property < 0 ? 0 : UINT64_C(1) << property;
}

static bool
is_empty(const struct assignment *line) {
  struct text value = line->value;
  return !text_skip_blanks(&value);
}

static void
take_line(struct unit *unit, const struct assignment *line, enum setting_syntax syntax) {
  uint64_t bit = property_bit(line);
  // systemd has put that one on scrun already, so that nothing would come of it alone.
  bool repeats = syntax == SYNTAX_SYSTEMD && text_is(text_bytes(line->name), line->name.length, architectures);
  if (bit != 0 && !repeats && reader_makes_policy(reader_find_property(line->name)))
    unit->set = is_empty(line) ? unit->set & ~bit : unit->set | bit;
  reader_take(unit->reader, line, syntax, unit->diags);
}

static bool
names_scrun(struct source_pos section) {
  static const char name[] = "scrun";
  for (size_t at = 0; at + sizeof name - 1 <= section.length; at++)
    if (text_is_any_case(text_bytes(section) + at, sizeof name - 1, name))
      return true;
  return false;
}

// A section that nobody has, and that was meant to be ours: what stands in it would be lost.
static void
check_section(struct unit *unit, const struct unit_file *file) {
  struct nearest nearest;
  nearest_start(&nearest, text_bytes(file->section), file->section.length);
  nearest_offer(&nearest, own_section);
  if (nearest.best == NULL && !names_scrun(file->section))
    return;
  diag_add(unit->diags, DIAG_ERROR, file->section, "unknown section \"%.*s\"", text_shown(file->section.length),
           text_bytes(file->section));
  diag_add(unit->diags, DIAG_HINT, file->section, "did you mean \"%s\"? A service manager passes over both",
           own_section);
}

static bool
open_file(struct unit_file *file, const struct source *source, struct diags *diags) {
  *file = (struct unit_file){.strict = own_section};
  return text_open(&file->text, source, diags);
}

// First of all: what [X-Scrun] has. Bad lines are reported here, and only here.
static void
find_own(struct unit *unit, const struct source *source) {
  struct unit_file file;
  struct assignment line;
  struct source_pos seen = {0};
  if (!open_file(&file, source, unit->diags))
    return;
  while (unit_file_next(&file, &line, unit->diags)) {
    bool own = unit_file_in(&file, own_section);
    if (own)
      unit->own |= property_bit(&line);
    else if (file.section.offset != seen.offset || file.section.source != seen.source)
      check_section(unit, &file);
    seen = file.section;
  }
}

static void
read_lines(struct unit *unit, const struct source *source) {
  struct unit_file file;
  struct assignment line;
  if (!open_file(&file, source, &unit->said))
    return;
  while (unit_file_next(&file, &line, &unit->said)) {
    if (unit_file_in(&file, own_section))
      take_line(unit, &line, SYNTAX_FULL);
    else if (unit_file_in(&file, "Service") && is_shared(&line) && (property_bit(&line) & unit->own) == 0)
      take_line(unit, &line, SYNTAX_SYSTEMD);
  }
}

// A unit that lost its lines, or the header above them, must not leave the policy to what stands beside it, nor be
// taken for one that allows everything.
int
reader_read_unit(struct reader *reader, const struct source *const *files, size_t count, struct diags *diags) {
  struct unit unit = {.reader = reader, .diags = diags};
  size_t errors_before = diags->errors;
  for (size_t i = 0; i < count; i++)
    find_own(&unit, files[i]);
  for (size_t i = 0; i < count; i++)
    read_lines(&unit, files[i]);
  if (unit.set == 0 && diags->errors == errors_before) {
    struct source_pos at = {count > 0 ? files[0] : NULL, 0, 0};
    diag_add(diags, DIAG_ERROR, at, "nothing in this unit or its drop-ins says which system calls are allowed");
    diag_add(diags, DIAG_HINT, at,
             "write SystemCallFilter=... below [X-Scrun] into a drop-in of it, as scrun-analyze drop-in does");
  }
  return reader_result(reader, errors_before, diags);
}
