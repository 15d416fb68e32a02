// SPDX-License-Identifier: LGPL-2.1-or-later
// image.h - everything that a launch needs to know of a policy: the program, and what else the policy asks for. Made
// from a policy here; or read from a file that scrun-analyze compile wrote, or from the pipe of scrun-oci, in the same
// form.
#ifndef SCRUN_RUNNER_IMAGE_H
#define SCRUN_RUNNER_IMAGE_H
#include "compat/policy.h"
#include "runner/program.h"

// Source: sizeof sun_path in unix(7), its NUL included; and a bound on what a listener is told.
#define LISTENER_PATH_BYTES 108
#define LISTENER_METADATA_BYTES 4096

struct image {
  enum moment moment; // when `program` begins to be in force; never MOMENT_NONE
  unsigned abis;
  unsigned flags; // set of enum policy_flag
  bool permissive, no_new_privs;
  enum isolate_peers isolate_peers;
  bool closes_execve, closes_execveat; // policy_always_refuses()
  bool can_mount; // whether IsolatePeers=auto would take something away that the policy allows; false where it is
                  // not asked: the policy leaves execve open, or IsolatePeers= is not auto
  bool notifies;  // some answer is ACTION_NOTIFY: the listener gets the descriptor
  char listener_path[LISTENER_PATH_BYTES]; // empty if nothing is notified; otherwise not
  char listener_metadata[LISTENER_METADATA_BYTES];
  struct program program; // verified, its tickets blank: PROGRAM_LAUNCH at exec, PROGRAM_LATER at later moments
  struct program startup; // what is installed at exec where `program` comes later, PROGRAM_STARTUP; at exec of length 0
};

// Compiles and verifies, for a policy that begins at `moment`. closes_execve and closes_execveat are about the policy.
// Fails with ERROR_POLICY or ERROR_SECCOMP; also for ACTION_NOTIFY without a listener, or at a later moment.
SC_NODISCARD int image_make(struct image *image, const struct policy *policy, enum moment moment, struct error *e);

// The form in a file: a header (magic, version, sizes, the settings above, where the ticket slots are, SHA-256 of all
// the rest), the listener's texts, the instructions of both programs; little endian. The offsets stand in image.c.
// image_write() returns the bytes written to `out`, at most IMAGE_BYTES_MAX.
#define IMAGE_MAGIC "\x7fscrun\r\n"
#define IMAGE_MAGIC_BYTES 8
#define IMAGE_BYTES_MAX (72 * 1024)
size_t image_write(const struct image *image, unsigned char out[IMAGE_BYTES_MAX]);

// Reads that form, from anybody: nothing is believed. The digest must fit, every field must have a value that means
// something, and the program must have the shape of one that scrun made (wellformed.h, slots.h) with blank tickets in
// the slots that the header names and nowhere else. What it decides is the file's own business: it is the policy. Fails
// with ERROR_POLICY; the text says what is wrong.
SC_NODISCARD int image_read(struct image *image, const unsigned char *bytes, size_t length, struct error *e);

// True if the bytes begin as an image does.
bool image_is(const void *bytes, size_t length);
#endif
