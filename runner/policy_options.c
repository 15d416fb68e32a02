// SPDX-License-Identifier: LGPL-2.1-or-later
// policy_options.c - hands --property= and --profile= on to the request.
#include "runner/policy_options.h"

int
policy_take_property(void *request, const char *value, struct error *e) {
  return policy_request_add(request, false, value, e);
}

int
policy_take_profile(void *request, const char *value, struct error *e) {
  return policy_request_add(request, true, value, e);
}
