// SPDX-License-Identifier: LGPL-2.1-or-later
// test_listing.c - programs as text: every instruction one line, names where the architecture is certain, no bytes that
// break it.
#include "random_policy.h"
#include "runner/compile.h"
#include "runner/listing.h"
#include "runner/simulate.h"
#include "tests/check.h"
#include <linux/seccomp.h>
#include <stdlib.h>

#define NUMBER offsetof(struct seccomp_data, nr)
#define ARCH offsetof(struct seccomp_data, arch)
#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + 8 * (n))

static void
check_listing(const struct sock_filter *code, size_t length, const char *want) {
  static struct program program;
  struct buffer out = {0};
  struct error e;
  program.length = length;
  memcpy(program.code, code, length * sizeof *code);
  CHECK_INT(listing_write(&program, &out, &e), 0);
  CHECK_STR(out.text, want);
  buffer_clear(&out);
}

static void
test_small(void) {
  static const struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARCH),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xc000003e, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NUMBER),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 59, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(2) + 4),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x10, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  check_listing(code, sizeof code / sizeof code[0],
                "    0: load arch\n"
                "    1: if == 0xc000003e (x86-64 and x32) goto 2 else 6\n"
                "    2: load nr\n"
                "    3: if == 59 (execve) goto 4 else 7\n"
                "    4: load a2, high half\n"
                "    5: if & 0x10 goto 7 else 6\n"
                ">   6: return errno EPERM\n"
                ">   7: return allow\n");
}

// Every policy's program can be listed: as many lines as instructions, and as many tickets as it has.
static void
test_random(void) {
  static struct program program;
  for (uint64_t seed = 1; seed <= 300; seed++) {
    struct random random = random_from(seed);
    struct policy *policy = random_policy(&random, 6);
    struct buffer out = {0};
    struct error e;
    size_t lines = 0, tickets = 0, arming = 0;
    enum program_kind kind = seed % 2 != 0 ? PROGRAM_LAUNCH : PROGRAM_STARTUP;
    if (program_compile(policy, kind, &program, &e) == 0) {
      CHECK_INT(listing_write(&program, &out, &e), 0);
      for (const char *at = out.text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
      for (const char *at = out.text; (at = strstr(at, "the launcher's ticket")) != NULL; at++)
        tickets++;
      CHECK(tickets >= 1 && tickets <= 4);
      for (const char *at = out.text; (at = strstr(at, "the arming ticket")) != NULL; at++)
        arming++;
      CHECK_INT(lines, program.length + tickets + arming);
      CHECK_INT(arming, kind == PROGRAM_LAUNCH ? 0 : (policy->abis & ABI_BIT(ABI_I386)) != 0 ? 2 : 1);
    }
    buffer_clear(&out);
    policy_free(policy);
  }
}

// Any bytes: listed if the kernel would take them, refused if not, nothing else.
static void
test_any_bytes(void) {
  static struct program program;
  long listed = 0;
  for (uint64_t seed = 1; seed <= 20000; seed++) {
    static const uint16_t codes[] = {0x20, 0x00, 0x80, 0x60, 0x01, 0x81, 0x61, 0x02, 0x03, 0x04,
                                     0x0c, 0x14, 0x24, 0x34, 0x54, 0x5c, 0x44, 0x64, 0x74, 0xa4,
                                     0xac, 0x84, 0x05, 0x15, 0x1d, 0x25, 0x35, 0x45, 0x07, 0x87};
    struct random random = random_from(seed);
    struct buffer out = {0};
    struct error e = {0};
    program.length = 2 + random_below(&random, 8);
    for (size_t i = 0; i < program.length; i++)
      program.code[i] = (struct sock_filter){codes[random_below(&random, sizeof codes / sizeof codes[0])],
                                             (uint8_t)random_below(&random, 3), (uint8_t)random_below(&random, 3),
                                             random_below(&random, 16) * 4};
    program.code[program.length - 1] = (struct sock_filter){
        (uint16_t)(BPF_RET | (random_below(&random, 2) ? BPF_A : BPF_K)), 0, 0, random_word(&random)};
    bool takes = program_acceptable(&program) == 0;
    CHECK_INT(listing_write(&program, &out, &e), takes ? 0 : -1);
    CHECK(takes || (e.kind == ERROR_POLICY && out.length == 0));
    listed += takes;
    buffer_clear(&out);
  }
  CHECK(listed > 1000);
}

int
main(void) {
  test_small();
  test_random();
  test_any_bytes();
  return check_done();
}
