// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_image.c - any bytes as a compiled policy, or a real one that was changed, with a digest that fits: what is
// accepted can only have come from these bytes, lets the launcher exec, proves itself, and honours the ticket for the
// launcher's calls only.
#include "tests/fuzz/fuzz.h"
#include "runner/digest.h"
#include "runner/image.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

// The form of a file. Source: image.h, image.c.
enum { DIGEST_AT = 60, HEADER_BYTES = 92 };

// As fuzz_policy() reads them: architectures, default, then rules.
static const uint8_t recipes[4][12] = {
    {0x0e, 0},
    {0x0e, 2, 0x00, 0, 10, 0},
    {0x02, 7, 0x00, 0, 100, 0, 0x00, 0, 101, 0},
    {0x06, 0, 0x41, 2, 41, 0, 0x00, 0x00, 2},
};
static unsigned char images[4][IMAGE_BYTES_MAX];
static size_t lengths[4];
static struct image image;

static void
prepare(void) {
  struct error e;
  for (size_t i = 0; i < 4; i++) {
    struct bytes bytes = {recipes[i], sizeof recipes[i]};
    while (bytes.left > 1 && recipes[i][bytes.left - 1] == 0)
      bytes.left--;
    struct policy *policy = fuzz_policy(&bytes);
    if (policy == NULL || image_make(&image, policy, &e) != 0)
      fuzz_fail("policy %zu of the target itself does not work", i);
    lengths[i] = image_write(&image, images[i]);
    policy_free(policy);
  }
}

static void
digest_fit(unsigned char *out, size_t length) {
  struct digest digest;
  if (length < HEADER_BYTES)
    return;
  digest_start(&digest);
  digest_add(&digest, out, DIGEST_AT);
  digest_add(&digest, out + HEADER_BYTES, length - HEADER_BYTES);
  digest_end(&digest, out + DIGEST_AT);
}

static uint32_t
answer(uint32_t arch, uint32_t number, uint64_t fourth, const struct ticket *ticket) {
  struct seccomp_data data = {.nr = (int)number, .arch = arch};
  data.args[3] = fourth;
  data.args[4] = (uint64_t)ticket->words[1] << 32 | ticket->words[0];
  data.args[5] = (uint64_t)ticket->words[3] << 32 | ticket->words[2];
  return program_run(&image.program, &data, NULL);
}

static bool
tests_ticket(void) {
  size_t loads = 0;
  for (size_t at = 0; at < image.program.length; at++) {
    struct ticket ticket;
    bool exec;
    size_t length = ticket_at(&image.program, at, &ticket, &exec);
    if (length != 0)
      at += length - 1;
    else
      loads += image.program.code[at].code == (BPF_LD | BPF_W | BPF_ABS) && image.program.code[at].k >= 48;
  }
  return loads > 0;
}

static void
accepted_check(const unsigned char *bytes, size_t length) {
  static const struct ticket ticket = {{0x10000001, 0x20000002, 0x30000003, 0x40000004}, 2222};
  static const struct ticket other = {{0x10000001, 0x20000002, 0x30000003, 0x40000005}, 2222};
  static unsigned char again[IMAGE_BYTES_MAX];
  struct error e;
  if (image_write(&image, again) != length || memcmp(again, bytes, length) != 0)
    fuzz_fail("it is written in another way than it was read");
  bool own_tests = tests_ticket();
  if (ticket_fill(&image.program, &ticket, &e) != 0 || program_acceptable(&image.program) != 0)
    fuzz_fail("it cannot be installed");
  if (answer(ARCH_WORD_X86_64, SYS_execve, 0, &ticket) != SECCOMP_RET_ALLOW
      || answer(ARCH_WORD_X86_64, SYS_execve, 1, &ticket) != (SECCOMP_RET_ERRNO | 2222))
    fuzz_fail("the ticket does not work");
  for (uint32_t number = 0; number < 512 && !own_tests; number++) {
    bool own = number == SYS_execve || number == SYS_write || number == SYS_exit_group || number == SYS_sendmsg;
    if ((!own && answer(ARCH_WORD_X86_64, number, 0, &ticket) != answer(ARCH_WORD_X86_64, number, 0, &other))
        || answer(ARCH_WORD_I386, number, 0, &ticket) != answer(ARCH_WORD_I386, number, 0, &other))
      fuzz_fail("the ticket is honoured for call %u", number);
  }
}

// Changes of one to four bytes: where, how many, what.
static void
take_edits(unsigned char *out, size_t length, struct bytes *bytes) {
  while (bytes->left > 0) {
    size_t at = bytes_take16(bytes) % length;
    for (unsigned count = 1 + (bytes_take8(bytes) & 3); count > 0 && at < length; count--)
      out[at++] = bytes_take8(bytes);
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes bytes = {data, size};
  struct error e = {.kind = ERROR_NONE};
  uint8_t head = bytes_take8(&bytes);
  if (lengths[0] == 0)
    prepare();
  size_t length = (head & 0x80) != 0 ? bytes.left : lengths[head & 3];
  unsigned char *copy = malloc(length > 0 ? length : 1); // of just its size, so that a byte too many is noticed
  if (copy == NULL)
    abort();
  if ((head & 0x80) != 0 && length > 0)
    memcpy(copy, bytes.at, length);
  if ((head & 0x80) == 0) {
    memcpy(copy, images[head & 3], length);
    take_edits(copy, length, &bytes);
  }
  if ((head & 0x40) == 0)
    digest_fit(copy, length);
  e.text[0] = '\0';
  if (image_read(&image, copy, length, &e) == 0)
    accepted_check(copy, length);
  else if (e.text[0] == '\0' || e.kind != ERROR_POLICY)
    fuzz_fail("refused without a reason");
  free(copy);
  return 0;
}
