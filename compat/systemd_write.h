// SPDX-License-Identifier: LGPL-2.1-or-later
// systemd_write.h - a policy as lines of a policy file (scrun.policy(5)).
#ifndef SCRUN_COMPAT_SYSTEMD_WRITE_H
#define SCRUN_COMPAT_SYSTEMD_WRITE_H
#include "compat/buffer.h"
#include "compat/policy.h"

// Writes the sealed `policy` so that systemd_read.h reads back one that decides every call alike. Fails with
// ERROR_POLICY, naming it (and its place), for what the syntax cannot say: filter flags, a listener, a rule for one ABI
// only, another answer for foreign architectures than SystemCallArchitectures= gives, ...
SC_NODISCARD int systemd_write(const struct policy *policy, struct buffer *out, struct error *e);
#endif
