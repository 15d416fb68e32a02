// SPDX-License-Identifier: LGPL-2.1-or-later
// oci_request.h - the JSON of a request, resolved with its --cap= and --kernel=.
#ifndef SCRUN_RUNNER_OCI_REQUEST_H
#define SCRUN_RUNNER_OCI_REQUEST_H
#include "compat/oci_read.h"
#include "runner/policy_load.h"

// What --cap= and --kernel= say. Each list is names with commas, "none" for no capability, or a mask as CapPrm in
// /proc/PID/status shows it, with 0x in front; several are joined. Without any: the caller's permitted set, and the
// running kernel. Fails with messages in *diags.
SC_NODISCARD int oci_request_options(const struct policy_request *request, struct oci_options *out,
                                     struct diags *diags);

// A read_json of struct policy_request: oci_read() with these options.
SC_NODISCARD int oci_request_read(const struct policy_request *request, const struct source *file, struct policy **out,
                                  struct diags *diags);
#endif
