// SPDX-License-Identifier: LGPL-2.1-or-later
// request.h - what the environment asks of libsandbox.so and of sandboxify, read the same way in both.
#ifndef SCRUN_RUNNER_SANDBOX_REQUEST_H
#define SCRUN_RUNNER_SANDBOX_REQUEST_H
#include "compat/cloudflare_read.h"

// "1": one line for each call of the list, as the original always prints them; "0", or not set: none.
#define REQUEST_VERBOSE "SECCOMP_VERBOSE"

struct request {
  struct cloudflare_words words; // the values stay in the environment's strings; the policy points to them
  bool verbose;
  struct policy *policy; // NULL: neither list is set. Owned: policy_free()
};

// Reads the variables. Of one that is set twice the first counts, as for getenv(3). Prints messages, as `tool`, and
// returns 0 or an exit status. *request must stay where it is.
SC_NODISCARD int request_read(struct request *request, char *const *environment, const char *tool);

// The original's lines, "adding NAME to the process seccomp filter", to stderr, if they are wanted.
void request_say(const struct request *request);

// Takes all of the variables out of an environment, in place.
void request_remove(char **environment);

// True if one of the three that ask for something, REQUEST_VERBOSE not among them, is set.
bool request_is_made(char *const *environment);
#endif
