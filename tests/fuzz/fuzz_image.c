// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_image.c - any bytes as a compiled policy, or a real one that was changed, with a digest that fits: what is
// accepted can only have come from these bytes, lets the launcher exec, proves itself, and honours each ticket for its
// own calls only.
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
enum { DIGEST_AT = 100, HEADER_BYTES = 132 };

// As fuzz_policy() reads them: architectures, default, then rules.
static const uint8_t recipes[4][12] = {
    {0x0e, 0},
    {0x0e, 2, 0x00, 0, 10, 0},
    {0x02, 7, 0x00, 0, 100, 0, 0x00, 0, 101, 0},
    {0x06, 0, 0x41, 2, 41, 0, 0x00, 0x00, 2},
};
// Each at exec, and at a later moment.
enum { IMAGES = 8 };
static const enum moment moments[IMAGES] = {MOMENT_EXEC,  MOMENT_EXEC, MOMENT_EXEC,  MOMENT_EXEC,
                                            MOMENT_ENTRY, MOMENT_MAIN, MOMENT_READY, MOMENT_MAIN};
static unsigned char images[IMAGES][IMAGE_BYTES_MAX];
static size_t lengths[IMAGES];
static struct image image;

static void
prepare(void) {
  struct error e;
  for (size_t i = 0; i < IMAGES; i++) {
    struct bytes bytes = {recipes[i % 4], sizeof recipes[i % 4]};
    while (bytes.left > 1 && recipes[i % 4][bytes.left - 1] == 0)
      bytes.left--;
    struct policy *policy = fuzz_policy(&bytes);
    if (policy == NULL || image_make(&image, policy, moments[i], &e) != 0)
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

static const struct ticket ticket = {{0x10000001, 0x20000002, 0x30000003, 0x40000004}, 2222};
static const struct ticket arming = {{0x50000001, 0x60000002, 0x70000003, 0x80000004}, 3333};
static const struct ticket other = {{0x10000001, 0x20000002, 0x30000003, 0x40000005}, 2222};

static uint32_t
answer(const struct program *program, uint32_t arch, uint32_t number, uint64_t fourth, const struct ticket *held) {
  struct seccomp_data data = {.nr = (int)number, .arch = arch};
  data.args[3] = fourth;
  data.args[4] = (uint64_t)held->words[1] << 32 | held->words[0];
  data.args[5] = (uint64_t)held->words[3] << 32 | held->words[2];
  return program_run(program, &data, NULL);
}

static bool
tests_ticket(const struct program *program) {
  size_t loads = 0;
  for (size_t at = 0; at < program->length; at++) {
    struct ticket found;
    enum ticket_form form;
    size_t length = ticket_at(program, at, &found, &form);
    if (length != 0)
      at += length - 1;
    else
      loads += program->code[at].code == (BPF_LD | BPF_W | BPF_ABS) && program->code[at].k >= 48;
  }
  return loads > 0;
}

static bool
is_own(const struct ticket *held, uint32_t arch, uint32_t number) {
  if (held == &arming)
    return arch == ARCH_WORD_X86_64 ? number == SYS_seccomp
                                    : number == TICKET_ARM_I386 && (image.abis & ABI_BIT(ABI_I386)) != 0;
  return arch == ARCH_WORD_X86_64
         && (number == SYS_execve || number == SYS_write || number == SYS_exit_group || number == SYS_sendmsg);
}

// The ticket is honoured for its own calls only.
static void
strangers_check(const struct program *program, const struct ticket *held) {
  static const uint32_t arches[] = {ARCH_WORD_X86_64, ARCH_WORD_I386};
  for (size_t i = 0; i < 2; i++)
    for (uint32_t number = 0; number < 512; number++)
      if (!is_own(held, arches[i], number)
          && answer(program, arches[i], number, 0, held) != answer(program, arches[i], number, 0, &other))
        fuzz_fail("a ticket is honoured for call %u", number);
}

static void
launch_check(const struct program *program) {
  if (answer(program, ARCH_WORD_X86_64, SYS_execve, 0, &ticket) != SECCOMP_RET_ALLOW
      || answer(program, ARCH_WORD_X86_64, SYS_execve, 1, &ticket) != (SECCOMP_RET_ERRNO | 2222))
    fuzz_fail("the ticket does not work");
}

static void
arming_check(const struct program *program, uint32_t granted) {
  if (answer(program, ARCH_WORD_X86_64, SYS_seccomp, 0, &arming) != granted
      || ((image.abis & ABI_BIT(ABI_I386)) != 0
          && answer(program, ARCH_WORD_I386, TICKET_ARM_I386, 0, &arming) != granted))
    fuzz_fail("the arming ticket does not work");
}

static void
program_check(struct program *program, const struct ticket *exec, const struct ticket *arm) {
  struct error e;
  bool own_tests = tests_ticket(program);
  if (ticket_fill(program, exec, arm, &e) != 0 || program_acceptable(program) != 0)
    fuzz_fail("it cannot be installed");
  if (exec != NULL)
    launch_check(program);
  if (arm != NULL)
    arming_check(program, exec != NULL ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | 3333);
  if (own_tests)
    return;
  strangers_check(program, &ticket);
  strangers_check(program, &arming);
}

static void
accepted_check(const unsigned char *bytes, size_t length) {
  static unsigned char again[IMAGE_BYTES_MAX];
  if (image_write(&image, again) != length || memcmp(again, bytes, length) != 0)
    fuzz_fail("it is written in another way than it was read");
  if (image.moment == MOMENT_EXEC) {
    program_check(&image.program, &ticket, NULL);
    return;
  }
  program_check(&image.startup, &ticket, &arming);
  program_check(&image.program, NULL, &arming);
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
  size_t length = (head & 0x80) != 0 ? bytes.left : lengths[head & 7];
  unsigned char *copy = malloc(length > 0 ? length : 1); // of just its size, so that a byte too many is noticed
  if (copy == NULL)
    abort();
  if ((head & 0x80) != 0 && length > 0)
    memcpy(copy, bytes.at, length);
  if ((head & 0x80) == 0) {
    memcpy(copy, images[head & 7], length);
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
