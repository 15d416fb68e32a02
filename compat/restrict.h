// SPDX-License-Identifier: LGPL-2.1-or-later
// restrict.h - RestrictAddressFamilies=, RestrictNamespaces=, MemoryDenyWriteExecute= and their relatives: what systemd
// does with system call filters beside SystemCallFilter=, as one layer of the policy.
//
// Decisions are those of systemd 252, with three exceptions, all of them strict; docs/design.md has the reasons.
// - i386, where systemd passes over address families, and over shared memory that is mapped executable.
// - Registers wider than what the kernel reads of them: systemd compares 64 bits, the kernel looks at 32. What either
//   way of looking refuses is refused.
// - Calls that the libseccomp below systemd 252 does not know (fchmodat2).
#ifndef SCRUN_COMPAT_RESTRICT_H
#define SCRUN_COMPAT_RESTRICT_H
#include "compat/groups.h"
#include "compat/policy.h"
#include "compat/policy_file.h"

enum restriction {
  RESTRICT_FAMILIES,
  RESTRICT_NAMESPACES,
  RESTRICT_WRITE_EXECUTE,
  RESTRICT_REALTIME,
  RESTRICT_SUID,
  RESTRICT_PERSONALITY,
  RESTRICT_HOSTNAME,
  RESTRICT_CLOCK,
  RESTRICT_MODULES,
  RESTRICT_KERNEL_LOGS,
  RESTRICTIONS
};

// Families are below this.
#define FAMILIES_MAX 64

// Zeroed memory restricts nothing.
struct restrictions {
  struct source_pos at[RESTRICTIONS]; // the last line that said something
  bool on[RESTRICTIONS];              // of those that are yes or no
  bool families_begun;                // a list was begun; its first line said which kind it is
  bool families_allow;                // what the list names is allowed, all else refused; without a list: "none"
  uint64_t families;                  // set of 1 << AF_*
  bool namespaces_begun;
  uint32_t namespaces; // set of CLONE_NEW*: those that stay allowed
};

// Reads one assignment of one of these properties. Errors and warnings are in *diags.
void restrictions_read(struct restrictions *restrictions, const struct assignment *line, bool lenient,
                       struct diags *diags);

// Adds the layer, if any of them restricts something (then *refuses becomes true), and warnings about what each of them
// is under systemd beyond system calls.
void restrictions_build(const struct restrictions *restrictions, const struct group_tables *tables,
                        struct policy *policy, bool *refuses, struct diags *diags);

// Why a property that scrun does not read cannot be had with a filter, as the end of a sentence; NULL for all others.
const char *restriction_beyond(const char *name, size_t length);

// The kinds of namespaces, as data. Source: namespaces(7); that `time` is no part of "all" is systemd's doing.
struct namespace_kind {
  const char *name;
  uint32_t flag; // CLONE_NEW*
};
#define NAMESPACE_KINDS 8
extern const struct namespace_kind namespace_kinds[NAMESPACE_KINDS];
extern const uint32_t namespaces_all;
#endif
