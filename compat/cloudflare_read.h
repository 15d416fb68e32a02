// SPDX-License-Identifier: LGPL-2.1-or-later
// cloudflare_read.h - SECCOMP_SYSCALL_ALLOW, SECCOMP_SYSCALL_DENY and SECCOMP_DEFAULT_ACTION of cloudflare/sandbox:
// lists of names with ":" between them, as environment variables.
#ifndef SCRUN_COMPAT_CLOUDFLARE_READ_H
#define SCRUN_COMPAT_CLOUDFLARE_READ_H
#include "compat/diag.h"
#include "compat/policy.h"

enum cloudflare_variable { CLOUDFLARE_ALLOW, CLOUDFLARE_DENY, CLOUDFLARE_DEFAULT_ACTION, CLOUDFLARE_VARIABLES };

// Their names in the environment.
extern const char *const cloudflare_names[CLOUDFLARE_VARIABLES];

// A longer value is an error.
#define CLOUDFLARE_BYTES_MAX (64 * 1024)

// The variables' values, borrowed; NULL: not set. `sources` is filled in by cloudflare_read(): the positions of the
// policy and of the messages point there.
struct cloudflare_words {
  const char *values[CLOUDFLARE_VARIABLES];
  struct source sources[CLOUDFLARE_VARIABLES];
};

// Makes the policy (sealed; the caller owns it; one layer). As in the original: `allow` beats `deny`, which then is not
// looked at; a call that is not allowed, or that is denied, kills the process; an empty allow list allows nothing, an
// empty deny list denies nothing; with default_action "log" such calls are logged instead; only the native ABI may be
// used, everything else kills. Unlike it: any other default_action is an error, where the original would ignore it.
// Neither list set: *out is NULL; nothing is asked for, and default_action alone is an error. Fails after adding
// errors: a name that no list of calls has, an empty name beside a colon, or a value longer than CLOUDFLARE_BYTES_MAX.
SC_NODISCARD int cloudflare_read(struct cloudflare_words *words, struct policy **out, struct diags *diags);
#endif
