// SPDX-License-Identifier: LGPL-2.1-or-later
// systemd_write.h - a policy as lines of a policy file (scrun.policy(5)).
#ifndef SCRUN_COMPAT_SYSTEMD_WRITE_H
#define SCRUN_COMPAT_SYSTEMD_WRITE_H
#include "compat/buffer.h"
#include "compat/policy.h"

// Writes the sealed `policy` so that systemd_read.h reads back one that decides every call alike, and writing that one
// gives the same text. Names only, no groups. Layers beyond one for SystemCallFilter= and one for SystemCallLog= are
// made one (flatten.h), but for MemoryDenyWriteExecute=, which keeps its name. SystemCallKnownUntil= comes out as the
// oldest kernel that excludes the same. A start-up list comes out without what no start-up list opens (startup.h).
// Fails with ERROR_POLICY, naming it (and its place), for what the syntax cannot say: filter flags, a listener, a
// permissive policy, notify, a rule for one ABI only, calls inside a multiplexer that get something less strict through
// it, another answer for foreign architectures than SystemCallArchitectures= gives, ...; *out may then hold a part.
SC_NODISCARD int systemd_write(const struct policy *policy, struct buffer *out, struct error *e);
#endif
