// SPDX-License-Identifier: LGPL-2.1-or-later
// listener.h - the process that answers ACTION_NOTIFY: connected to before the filter is there, given the filter's
// descriptor afterwards.
#ifndef SCRUN_RUNNER_LISTENER_H
#define SCRUN_RUNNER_LISTENER_H
#include "runner/image.h"
#include <limits.h>

// Each byte of the metadata and of the working directory can become six ("\u0001").
#define LISTENER_MESSAGE_BYTES (6 * (LISTENER_METADATA_BYTES + PATH_MAX) + 512)

struct listener {
  int socket;
  char message[LISTENER_MESSAGE_BYTES]; // the container process state, JSON
  size_t length;
};

// Connects to the image's listener and makes the message, about this process in its working directory. The socket is
// close-on-exec and none of the standard streams; a listener that takes nothing is waited for 10 seconds, here and when
// the message is sent. Fails with ERROR_SECCOMP. Source: config-linux.md of runtime-spec,
// "The Container Process State".
SC_NODISCARD int listener_open(struct listener *listener, const struct image *image, struct error *e);

// Writes `text` to `out` as the inside of a JSON string: what is not UTF-8 comes out as U+FFFD. Returns the bytes
// written; `out` has room for six times as many as `text`.
size_t listener_escape(const char *text, char *out);
#endif
