// SPDX-License-Identifier: LGPL-2.1-or-later
// unit_name.h - names of services: "foo.service", the template "foo@.service" and its instance "foo@bar.service", and
// the names of the folders that hold drop-ins for them.
#ifndef SCRUN_RUNNER_UNIT_NAME_H
#define SCRUN_RUNNER_UNIT_NAME_H
#include <stdbool.h>
#include <stddef.h>

#define UNIT_NAME_BYTES_MAX 255 // systemd's UNIT_NAME_MAX

enum unit_name_kind { UNIT_NAME_NONE, UNIT_NAME_PLAIN, UNIT_NAME_INSTANCE, UNIT_NAME_TEMPLATE };

struct unit_name {
  char text[UNIT_NAME_BYTES_MAX + 1];
};

// What `name` is; UNIT_NAME_NONE if it is no name of a service. Source: unit_name_is_valid() as measured with systemd
// 252: letters, digits and : - _ . \ @, no "@" in front, ".service" behind.
enum unit_name_kind unit_name_kind(const char *name);

// The part between "@" and the suffix; of a name that is no instance the empty one.
size_t unit_name_instance(const char *name, const char **instance);

// Is `a` an instance, and `b` another one with the same part behind "@"?
bool unit_name_same_instance(const char *a, const char *b);

// Makes the template of an instance; the instance of `template` that is called as that of `like` is (false if it would
// be too long).
void unit_name_template(const char *instance, struct unit_name *out);
bool unit_name_instantiate(const char *template, const char *like, struct unit_name *out);

// The names whose NAME.d folders hold drop-ins for one name, the most specific first: the name, the template of an
// instance, and both again for every beginning that ends in "-". Start with {.name = "foo-bar@x.service"}.
struct unit_name_walk {
  const char *name; // borrowed
  unsigned step;    // private, as are the others
  struct unit_name prefix;
};

// Returns false behind the last.
bool unit_name_next(struct unit_name_walk *walk, struct unit_name *out);
#endif
