// SPDX-License-Identifier: LGPL-2.1-or-later
// image_load.h - what scrun's command line asks for, as an image: from policy text here, from a compiled file, or from
// JSON with the help of scrun-oci. In two steps, because which moment is possible depends on the program, and where the
// program is must not depend on what was read.
#ifndef SCRUN_RUNNER_IMAGE_LOAD_H
#define SCRUN_RUNNER_IMAGE_LOAD_H
#include "runner/image.h"
#include "runner/policy_load.h"

// Every file is read; the caller owns it.
struct image_source {
  enum policy_form form;
  const struct source *file; // of JSON; borrowed from the request
  struct policy *policy;     // of text
  enum moment at;            // what the policy itself says (At=, or what a compiled file was made for), or MOMENT_NONE
};

// Both print the messages, also on success: warnings. Both return 0, or the exit status: then nothing may be started.
// A compiled file is read into *image by the first, and can only be made for the moment that it was compiled for.
SC_NODISCARD int image_source_open(struct image_source *source, struct policy_request *request, struct image *image);
SC_NODISCARD int image_source_make(const struct image_source *source, struct policy_request *request,
                                   enum moment moment, struct image *image);
void image_source_clear(struct image_source *source);
#endif
