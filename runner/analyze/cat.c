// SPDX-License-Identifier: LGPL-2.1-or-later
// cat.c - the files of services, as systemctl cat prints them, but from the files alone.
#include "runner/analyze/analyze.h"
#include "runner/unit_files.h"
#include <stdio.h>
#include <string.h>

// What ends a line: each of LF and CR at most once, in either order.
static unsigned
line_end(char byte) {
  return byte == '\n' ? 1 : byte == '\r' ? 2 : 0;
}

// As systemctl prints text: every line ends in LF, the last one too.
static void
print_text(const struct source *source) {
  unsigned ended = 0;
  for (size_t i = 0; i < source->length; i++) {
    unsigned end = line_end(source->text[i]);
    if (ended != 0 && (end == 0 || (ended & end) != 0)) {
      putchar('\n');
      ended = 0;
    }
    ended |= end;
    if (end == 0)
      putchar(source->text[i]);
  }
  if (source->length > 0)
    putchar('\n');
}

static void
print_files(const struct unit_files *files, bool first) {
  for (size_t i = 0; i < files->count; i++) {
    printf("%s# %s\n", first && i == 0 ? "" : "\n", files->files[i]->name);
    print_text(files->files[i]);
  }
}

// Prints one unit; *first is true while none was.
static int
print_unit(const struct analyze_line *line, const char *name, bool *first) {
  static const char suffix[] = ".service";
  struct unit_files files = {.root = line->policy.root, .user = line->policy.user};
  struct error e;
  int status = 0;
  if (unit_files_find(&files, name, &e) == 0) {
    print_files(&files, *first);
    *first = false;
  } else if (files.masked)
    printf("# Unit %s%s is masked.\n", name, unit_name_kind(name) != UNIT_NAME_NONE ? "" : suffix);
  else
    status = report_error(TOOL, &e);
  unit_files_clear(&files);
  return status;
}

int
verb_cat(struct analyze_line *line) {
  int status = 0;
  bool first = true;
  if (line->policy.count > 0)
    return report(TOOL, "cat takes units and no policy: --unit-file=, --profile= and --property= are for others");
  if (line->argument_count == 0)
    return report(TOOL, "cat: name a unit, or several");
  for (int i = 0; i < line->argument_count; i++) {
    int result = print_unit(line, line->arguments[i], &first);
    status = result != 0 ? result : status;
  }
  return status;
}
