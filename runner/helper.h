// SPDX-License-Identifier: LGPL-2.1-or-later
// helper.h - starts scrun-oci, which stands beside scrun and links the JSON library that scrun does not, and takes the
// compiled policy from it. It leaves nothing: no child, no descriptor, no signal; and nothing in the use of resources
// of children (getrusage(2)), unless this process has children of its own or a pending SIGCHLD, which to hide the
// helper would take from it.
#ifndef SCRUN_RUNNER_HELPER_H
#define SCRUN_RUNNER_HELPER_H
#include "runner/image.h"
#include "runner/policy_load.h"

#define HELPER_NAME "scrun-oci"

// Hands the JSON in `file` to the helper, with an empty environment and no descriptors but the standard streams, waits
// for its end and reads the image that it printed (image_read()), which is for the moment request->at (MOMENT_NONE:
// exec). Returns 0 if all of that was whole. Otherwise -1, and *status is the helper's exit status if it has said
// itself what is wrong; 0 if not, and then *e says it: ERROR_POLICY if there is no helper, ERROR_SECCOMP for anything
// odd. To be called before anything is in force.
SC_NODISCARD int helper_compile(struct image *image, const struct policy_request *request, const struct source *file,
                                int *status, struct error *e);

// Where the helper stands that helper_compile() has started, or NULL before.
const char *helper_path(void);
#endif
