// SPDX-License-Identifier: LGPL-2.1-or-later
// image_load.h - what scrun's command line asks for, as an image: from policy text here, from a compiled file, or from
// JSON with the help of scrun-oci.
#ifndef SCRUN_RUNNER_IMAGE_LOAD_H
#define SCRUN_RUNNER_IMAGE_LOAD_H
#include "runner/image.h"
#include "runner/policy_load.h"

// Prints the messages, also on success: warnings. Returns 0, or the exit status: then nothing may be started.
SC_NODISCARD int image_load(struct image *image, struct policy_request *request);
#endif
