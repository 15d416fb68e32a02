// SPDX-License-Identifier: LGPL-2.1-or-later
// listing.h - a compiled program as text to read: labels, names of calls, constants of architectures and answers.
#ifndef SCRUN_RUNNER_LISTING_H
#define SCRUN_RUNNER_LISTING_H
#include "compat/buffer.h"
#include "runner/program.h"

// Writes one line for each instruction of any program that the kernel would take; names of calls where the architecture
// is known on every path there.
SC_NODISCARD int listing_write(const struct program *program, struct buffer *out, struct error *e);
#endif
