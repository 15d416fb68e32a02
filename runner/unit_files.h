// SPDX-License-Identifier: LGPL-2.1-or-later
// unit_files.h - finds and reads the files of one service as systemd does: the fragment and every drop-in, in the
// order in which they count.
#ifndef SCRUN_RUNNER_UNIT_FILES_H
#define SCRUN_RUNNER_UNIT_FILES_H
#include "runner/kept_file.h"
#include "runner/unit_name.h"

// The bounds: systemd has none but memory's.
#define UNIT_FILES_MAX 256 // fragment and drop-ins of one unit

// Zeroed memory is a valid start: the system's units, seen from "/". Owns every file it has read.
struct unit_files {
  const char *root;   // --root=, or NULL; links in it lead nowhere else
  bool user;          // --user: the units of the caller's own service manager
  const char *passwd; // NULL: /etc/passwd, which says where the caller's own folder is
  // What unit_files_find() found, in the order in which it counts: the fragment, then the drop-ins, masked ones too (no
  // bytes). `name` of each is the path as systemd shows it, without the root.
  const struct source *files[UNIT_FILES_MAX];
  size_t count;
  char name[UNIT_NAME_BYTES_MAX + 1]; // the unit's own name: an alias followed, ".service" added
  bool masked;                        // it failed because somebody masked the unit
  struct kept_file *first;            // private
};

// Finds the unit that `name` means: "nginx", "nginx.service", "getty@tty1.service", "getty@.service", or, with a slash
// in it, the path of a unit file, whose folder is then looked into before all others (as systemd-analyze verify does).
// Fails with ERROR_POLICY: no such unit, masked (a link to /dev/null, or an empty file), no service, a name that is
// none, a file or the folder that it was found in that somebody other than root (with --user: or the caller) can write,
// a drop-in that systemd may or may not read (of two of a name below two aliases it takes either), a drop-in or a
// folder of them that is a link to nothing, too much of anything. A path is one inside of the root, and there begins
// with "/". Everything lives until unit_files_clear(); it can find again. Source: systemd.unit(5), "Unit File Load
// Path"; order and masks of drop-ins as measured with systemd 252.
SC_NODISCARD int unit_files_find(struct unit_files *files, const char *name, struct error *e);

void unit_files_clear(struct unit_files *files);
#endif
