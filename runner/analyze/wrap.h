// SPDX-License-Identifier: LGPL-2.1-or-later
// wrap.h - long lines for people.
#ifndef SCRUN_RUNNER_ANALYZE_WRAP_H
#define SCRUN_RUNNER_ANALYZE_WRAP_H
#include "compat/buffer.h"

#define WRAP_COLUMNS 100

// Adds `text` and a newline to `out`, `indent` columns in, and broken at spaces before column WRAP_COLUMNS where it can
// be; further lines are `more` columns in.
void wrap(struct buffer *out, unsigned indent, unsigned more, const struct buffer *text);
#endif
