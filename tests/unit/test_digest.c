// SPDX-License-Identifier: LGPL-2.1-or-later
// test_digest.c - SHA-256 against published values, and in pieces of every size.
#include "runner/digest.h"
#include "tests/check.h"

static const char *
as_text(const unsigned char digest[DIGEST_BYTES]) {
  static char text[2 * DIGEST_BYTES + 1];
  for (size_t i = 0; i < DIGEST_BYTES; i++)
    snprintf(text + 2 * i, 3, "%02x", digest[i]);
  return text;
}

// Source: FIPS 180-2, appendix B; the empty message and the million from NIST's example values.
static const struct row {
  const char *message;
  size_t times;
  const char *want;
} rows[] = {
    {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
     1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    {"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

int
main(void) {
  unsigned char whole[DIGEST_BYTES], pieces[DIGEST_BYTES], message[200];
  struct digest digest;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    digest_start(&digest);
    for (size_t j = 0; j < rows[i].times; j++)
      digest_add(&digest, rows[i].message, strlen(rows[i].message));
    digest_end(&digest, whole);
    CHECK_STR(as_text(whole), rows[i].want);
  }
  // Every length around the ends of blocks, in two pieces cut everywhere.
  for (size_t i = 0; i < sizeof message; i++)
    message[i] = (unsigned char)(i * 7);
  for (size_t length = 0; length <= sizeof message; length++) {
    digest_start(&digest);
    digest_add(&digest, message, length);
    digest_end(&digest, whole);
    for (size_t cut = 0; cut <= length; cut++) {
      digest_start(&digest);
      digest_add(&digest, message, cut);
      digest_add(&digest, message + cut, length - cut);
      digest_end(&digest, pieces);
      CHECK(memcmp(whole, pieces, DIGEST_BYTES) == 0);
    }
  }
  return check_done();
}
