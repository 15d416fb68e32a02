// SPDX-License-Identifier: LGPL-2.1-or-later
// capabilities.h - the calling process's own capabilities.
#ifndef SCRUN_RUNNER_CAPABILITIES_H
#define SCRUN_RUNNER_CAPABILITIES_H
#include <stdbool.h>
#include <stdint.h>

// Sets with bit n for capability n. Returns false, empty sets and errno if the kernel does not say, or if something
// answers for it. Source: capget(2).
struct capabilities {
  uint64_t effective, permitted;
};
bool capabilities_get(struct capabilities *out);
#endif
