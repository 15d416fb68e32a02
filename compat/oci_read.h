// SPDX-License-Identifier: LGPL-2.1-or-later
// oci_read.h - seccomp JSON of the OCI world: linux.seccomp of runtime-spec, within a whole config.json or bare, and
// the form that docker and podman take (archMap, includes, excludes, name, errno, comment). Where crun and runc agree
// this decides the same; where they disagree, drop something or weaken it, it is strict and says so: the table stands
// in docs/design.md.
#ifndef SCRUN_COMPAT_OCI_READ_H
#define SCRUN_COMPAT_OCI_READ_H
#include "compat/json.h"
#include "compat/policy.h"

// What includes and excludes are resolved with.
struct oci_options {
  uint64_t capabilities; // bit n: capability n of capabilities(7)
  uint32_t kernel;       // KERNEL(major, minor) that minKernel asks for; 0: not known, then asking is an error
};

// Reads one JSON text. A whole config.json is the runtime's form, where the engine's keys are errors; anything bare may
// use both. Returns 0 and a sealed policy that the caller owns, or -1 after adding at least one error; every message
// has the JSON path in its text and a position in `source`. *out borrows positions from the source.
SC_NODISCARD int oci_read(const struct source *source, const struct oci_options *options, struct policy **out,
                          struct diags *diags);
// The same, but for words that are taken as not written (NULL: none).
SC_NODISCARD int oci_read_without(const struct source *source, const struct oci_options *options,
                                  const struct omission *omission, struct policy **out, struct diags *diags);

// Reads `seccomp`, the value of linux.seccomp in a config.json: the runtime's form. As above, but that a rule without
// tests on socketcall or ipc decides what is inside, as it does for crun and runc: for what takes the place of a
// profile that is in force today.
SC_NODISCARD int oci_read_value(struct json_value seccomp, struct policy **out, struct diags *diags);

// The bit of a capability's name ("CAP_SYS_ADMIN", any case, CAP_ optional), or -1.
int capability_find(const char *name, size_t length);
// "CAP_SYS_ADMIN" of a number that capability_find() gave.
const char *capability_name(int capability);
// The name nearest to a mistyped one, or NULL if none is near.
const char *capability_suggest(const char *name, size_t length);
#endif
