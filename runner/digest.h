// SPDX-License-Identifier: LGPL-2.1-or-later
// digest.h - SHA-256, to tell a whole file from a damaged one.
#ifndef SCRUN_RUNNER_DIGEST_H
#define SCRUN_RUNNER_DIGEST_H
#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES 32
#define DIGEST_BLOCK_BYTES 64

// Bytes may be added in any number of pieces. Source: FIPS 180-4.
struct digest {
  uint32_t state[8];
  uint64_t length; // bytes so far
  unsigned char block[DIGEST_BLOCK_BYTES];
};

void digest_start(struct digest *digest);
void digest_add(struct digest *digest, const void *bytes, size_t length);
void digest_end(struct digest *digest, unsigned char out[DIGEST_BYTES]);
#endif
