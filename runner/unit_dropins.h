// SPDX-License-Identifier: LGPL-2.1-or-later
// unit_dropins.h - which drop-ins a service has: what is in the folders of units is listed once, and the NAME.d folders
// of every name that the service goes by are put in systemd's order.
#ifndef SCRUN_RUNNER_UNIT_DROPINS_H
#define SCRUN_RUNNER_UNIT_DROPINS_H
#include "runner/unit_path.h"

#define UNIT_DROPINS_MAX 255

// A drop-in: the file NAME in the folder.
struct unit_dropin {
  const char *folder; // as systemd shows it, with links followed
  char *name;
  unsigned group; // private
};

// Zeroed memory is a valid start.
struct unit_dropins {
  struct unit_dropin found[UNIT_DROPINS_MAX]; // sorted by name: the order in which they count
  size_t count;
  struct unit_listing *listing; // private
  struct unit_dropin_folder *folders;
};

// Finds the drop-ins of `name`, whose fragment is called `fragment` (the same, or its template). Fails with
// ERROR_POLICY: a folder that cannot be read, or holds drop-ins and can be written by others; two drop-ins of a name
// below two aliases; too many. Source: systemd.unit(5), and as measured with systemd 252: of drop-ins of a name counts
// the first by this order: folders of the unit's own name (by place in the path, then the more specific), of its
// aliases, of the type ("service.d").
SC_NODISCARD int unit_dropins_find(struct unit_dropins *dropins, const struct unit_path *path, const char *name,
                                   const char *fragment, struct error *e);
void unit_dropins_clear(struct unit_dropins *dropins);
#endif
