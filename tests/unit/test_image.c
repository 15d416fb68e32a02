// SPDX-License-Identifier: LGPL-2.1-or-later
// test_image.c - images of random policies come back as they were; damaged ones never; and of those that somebody wrote
// on purpose, with a digest that fits, only what has the shape of a program of scrun's.
//     test_image [POLICIES [SEED]]
#include "random_policy.h"
#include "runner/digest.h"
#include "runner/image.h"
#include "runner/policy_load.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include "tests/check.h"
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>

#define POLICIES 300
#define MUTANTS 40

// The form of a file, once more. Source: image.h, image.c.
enum { LENGTH_AT = 12, MOMENT_AT = 40, SLOTS_AT = 48, STARTUP_AT = 72, DIGEST_AT = 100, HEADER_BYTES = 132 };

static struct image made, found;
static unsigned char bytes[IMAGE_BYTES_MAX], changed[IMAGE_BYTES_MAX + 1];
static size_t length;

static void
digest_fit(unsigned char *image, size_t size) {
  struct digest digest;
  digest_start(&digest);
  digest_add(&digest, image, DIGEST_AT);
  digest_add(&digest, image + HEADER_BYTES, size - HEADER_BYTES);
  digest_end(&digest, image + DIGEST_AT);
}

static bool
program_same(const struct program *a, const struct program *b) {
  return a->length == b->length && memcmp(a->code, b->code, a->length * sizeof a->code[0]) == 0;
}

static bool
image_same(const struct image *a, const struct image *b) {
  return a->moment == b->moment && a->abis == b->abis && a->flags == b->flags && a->permissive == b->permissive
         && a->no_new_privs == b->no_new_privs && a->isolate_peers == b->isolate_peers
         && a->closes_execve == b->closes_execve && a->closes_execveat == b->closes_execveat
         && a->can_mount == b->can_mount && a->notifies == b->notifies
         && strcmp(a->listener_path, b->listener_path) == 0 && strcmp(a->listener_metadata, b->listener_metadata) == 0
         && program_same(&a->program, &b->program) && program_same(&a->startup, &b->startup);
}

// Everything that an image says besides its program.
static void
settings_draw(struct random *random, struct policy *policy) {
  policy->flags = random_below(random, 4);
  policy->no_new_privs = random_below(random, 2) != 0;
  policy->isolate_peers = ISOLATE_PEERS_AUTO + random_below(random, 3);
  policy->listener_path = strdup("/run/listener");
  policy->listener_metadata = random_below(random, 2) != 0 ? strdup("some \"metadata\"") : NULL;
}

static bool
refused(const unsigned char *image, size_t size, const char *why) {
  struct error e = {.kind = ERROR_NONE};
  if (image_read(&found, image, size, &e) == 0)
    return false;
  if (e.kind == ERROR_POLICY && strstr(e.text, why) != NULL)
    return true;
  fprintf(stderr, "refused with \"%s\", not \"%s\"\n", e.text, why);
  return false;
}

static bool
make_at(const struct policy *policy, enum moment moment) {
  struct error e;
  if (image_make(&made, policy, moment, &e) != 0) {
    fprintf(stderr, "not made: %s\n", e.text);
    return false;
  }
  length = image_write(&made, bytes);
  return true;
}

static bool
make(const struct policy *policy) {
  return make_at(policy, MOMENT_EXEC);
}

// The answer to a call with the ticket, or with another one.
static uint32_t
answer(const struct program *program, uint32_t arch, uint32_t number, uint64_t fourth, const struct ticket *ticket) {
  struct seccomp_data data = {.nr = (int)number, .arch = arch};
  data.args[3] = fourth;
  data.args[4] = (uint64_t)ticket->words[1] << 32 | ticket->words[0];
  data.args[5] = (uint64_t)ticket->words[3] << 32 | ticket->words[2];
  return program_run(program, &data, NULL);
}

// A test of the policy's own on the registers of the ticket.
static bool
program_tests_ticket(const struct program *program) {
  size_t loads = 0, in_templates = 0;
  for (size_t at = 0; at < program->length; at++) {
    struct ticket found_ticket;
    enum ticket_form form;
    loads += program->code[at].code == (BPF_LD | BPF_W | BPF_ABS) && program->code[at].k >= 48;
    in_templates += ticket_at(program, at, &found_ticket, &form) != 0 ? 4 : 0;
  }
  return loads != in_templates;
}

static const struct ticket ticket = {{0x10000001, 0x20000002, 0x30000003, 0x40000004}, 2222};
static const struct ticket arming = {{0x50000001, 0x60000002, 0x70000003, 0x80000004}, 3333};
static const struct ticket other = {{0x10000000, 0x20000002, 0x30000003, 0x40000004}, 2222};

// A ticket is honoured for `own` calls of the native ABI, and for one of x86 or none (0).
static void
strangers_check(const struct program *program, const struct ticket *held, const uint32_t own[4], uint32_t own_i386) {
  static const uint32_t archs[] = {ARCH_WORD_X86_64, ARCH_WORD_I386, 0xc00000b7};
  for (size_t i = 0; i < 3; i++)
    for (uint32_t number = 0; number < 600; number++) {
      bool is_own = archs[i] == ARCH_WORD_X86_64
                    && (number == own[0] || number == own[1] || number == own[2] || number == own[3]);
      if (!is_own && !(archs[i] == ARCH_WORD_I386 && own_i386 != 0 && number == own_i386))
        CHECK_INT(answer(program, archs[i], number, 0, held), answer(program, archs[i], number, 0, &other));
      CHECK_INT(answer(program, archs[i], number | X32_BIT, 0, held),
                answer(program, archs[i], number | X32_BIT, 0, &other));
    }
}

// It lets the launcher exec, proves itself, and honours the ticket for the launcher's calls only.
static void
launch_check(const struct program *program, bool tests_ticket) {
  static const uint32_t own[4] = {SYS_execve, SYS_write, SYS_exit_group, SYS_sendmsg};
  CHECK_INT(answer(program, ARCH_WORD_X86_64, SYS_execve, 0, &ticket), SECCOMP_RET_ALLOW);
  CHECK_INT(answer(program, ARCH_WORD_X86_64, SYS_execve, 1, &ticket), SECCOMP_RET_ERRNO | 2222);
  if (!tests_ticket)
    strangers_check(program, &ticket, own, 0);
}

// It answers `granted` to the arming ticket, for seccomp only.
static void
arming_check(const struct program *program, uint32_t granted, bool tests_ticket) {
  static const uint32_t own[4] = {SYS_seccomp, SYS_seccomp, SYS_seccomp, SYS_seccomp};
  bool with_i386 = (found.abis & ABI_BIT(ABI_I386)) != 0;
  CHECK_INT(answer(program, ARCH_WORD_X86_64, SYS_seccomp, 0, &arming), granted);
  if (with_i386)
    CHECK_INT(answer(program, ARCH_WORD_I386, TICKET_ARM_I386, 0, &arming), granted);
  if (!tests_ticket)
    strangers_check(program, &arming, own, with_i386 ? TICKET_ARM_I386 : 0);
}

// What was accepted comes from the only bytes that it can come from, and its programs are what they are said to be.
static void
accepted_check(const unsigned char *image) {
  static unsigned char again[IMAGE_BYTES_MAX];
  struct error e;
  bool later = found.moment != MOMENT_EXEC;
  bool tests_ticket = program_tests_ticket(&found.program) || program_tests_ticket(&found.startup);
  CHECK(image_write(&found, again) == length && memcmp(again, image, length) == 0);
  CHECK(ticket_fill(&found.program, later ? NULL : &ticket, later ? &arming : NULL, &e) == 0);
  CHECK(program_acceptable(&found.program) == 0);
  if (!later) {
    launch_check(&found.program, tests_ticket);
    return;
  }
  CHECK(ticket_fill(&found.startup, &ticket, &arming, &e) == 0 && program_acceptable(&found.startup) == 0);
  launch_check(&found.startup, tests_ticket);
  arming_check(&found.startup, SECCOMP_RET_ALLOW, tests_ticket);
  arming_check(&found.program, SECCOMP_RET_ERRNO | 3333, tests_ticket);
}

static void
instruction_change(struct random *random, struct sock_filter *code) {
  switch (random_below(random, 6)) {
  case 0:
    code->k ^= 1u << random_below(random, 32);
    break;
  case 1:
    code->k = random_below(random, 600);
    break;
  case 2:
    code->jt ^= (uint8_t)(1u << random_below(random, 8));
    break;
  case 3:
    code->jf ^= (uint8_t)(1u << random_below(random, 8));
    break;
  case 4:
    code->code ^= (uint16_t)(1u << random_below(random, 8));
    break;
  default:
    *code = made.program.code[random_below(random, (uint32_t)made.program.length)];
  }
}

static long mutants_accepted, mutants_refused;

static void
mutants_check(struct random *random) {
  size_t count = made.program.length + made.startup.length, first = length - count * sizeof(struct sock_filter);
  for (int i = 0; i < MUTANTS; i++) {
    struct error e = {.kind = ERROR_NONE};
    struct sock_filter code;
    size_t at = first + random_below(random, (uint32_t)count) * sizeof code;
    memcpy(changed, bytes, length);
    memcpy(&code, changed + at, sizeof code);
    instruction_change(random, &code);
    memcpy(changed + at, &code, sizeof code);
    digest_fit(changed, length);
    if (image_read(&found, changed, length, &e) == 0) {
      mutants_accepted++;
      accepted_check(changed);
    } else {
      mutants_refused++;
      CHECK(e.kind == ERROR_POLICY && e.text[0] != '\0');
    }
  }
}

static const enum moment later_moments[] = {MOMENT_ENTRY, MOMENT_MAIN, MOMENT_READY};
static long later_count;

// Not every random policy can begin later: it may be too large with the start-up calls in each layer.
static bool
can_start(const struct policy *policy, enum moment moment) {
  static struct image image;
  struct error e;
  if (image_make(&image, policy, moment, &e) == 0)
    return true;
  if (strstr(e.text, "cannot be verified") == NULL && strstr(e.text, "other architectures through") == NULL)
    CHECK_STR(e.text, "");
  return false;
}

static void
random_check(uint64_t seed) {
  struct random random = random_from(seed);
  struct policy *policy = random_policy(&random, 6);
  struct error e;
  CHECK(policy != NULL);
  settings_draw(&random, policy);
  bool later = random_below(&random, 2) != 0 && !policy_notifies(policy);
  enum moment moment = later ? later_moments[random_below(&random, 3)] : MOMENT_EXEC;
  if (later && !can_start(policy, moment)) {
    policy_free(policy);
    return;
  }
  later_count += later;
  bool whole = make_at(policy, moment) && image_read(&found, bytes, length, &e) == 0 && image_same(&made, &found);
  CHECK(whole);
  if (whole) {
    accepted_check(bytes);
    mutants_check(&random);
  } else {
    fprintf(stderr, "again with: test_image 1 %llu\n", (unsigned long long)seed);
  }
  policy_free(policy);
}

// `also`: another call with the same action, or NULL.
static struct policy *
small_policy_of(struct action otherwise, const char *name, const char *also, struct action action) {
  const char *const names[] = {name, also};
  struct source_pos nowhere = {0};
  struct policy *policy = policy_new();
  struct error e;
  CHECK(policy != NULL && policy_add_layer(policy, otherwise, nowhere, &e) == 0);
  for (size_t i = 0; i < 2 && names[i] != NULL; i++) {
    struct rule rule = {.call = calls_find(names[i], strlen(names[i])), .action = action};
    CHECK(rule.call != CALL_NONE && policy_add_rule(policy, &rule, NULL, 0, &e) == 0);
  }
  CHECK(policy_seal(policy, &e) == 0);
  return policy;
}

static struct policy *
small_policy(struct action otherwise, const char *name, struct action action) {
  return small_policy_of(otherwise, name, NULL, action);
}

// No byte of a file can be another, none can be missing and none too many.
static void
damage_check(void) {
  static const unsigned char flips[] = {0x01, 0x80, 0xff};
  for (size_t at = 0; at < length; at++)
    for (size_t i = 0; i < sizeof flips; i++) {
      memcpy(changed, bytes, length);
      changed[at] ^= flips[i];
      CHECK(refused(changed, length, "compiled policy"));
    }
  for (size_t cut = 0; cut < length; cut++)
    CHECK(refused(bytes, cut, "compiled policy"));
  memcpy(changed, bytes, length);
  changed[length] = 0;
  CHECK(refused(changed, length + 1, "it should have"));
}

static const struct row {
  const char *name;
  size_t at;
  uint32_t value;
  const char *why;
} rows[] = {
    {"magic", 0, 0x6372737e, "does not begin"},
    {"version 0", 8, 0, "of version 0"},
    {"version 1", 8, 1, "of version 1"},
    {"length 0", LENGTH_AT, 0, "it should have 0"},
    {"length, largest", LENGTH_AT, UINT32_MAX, "it should have 4294967295"},
    {"no ABI", 16, 0, "its ABIs"},
    {"not the native ABI", 16, ABI_BIT(ABI_X32) | ABI_BIT(ABI_I386), "its ABIs"},
    {"an unknown ABI", 16, ABI_BIT(ABI_NATIVE) | 16, "its ABIs"},
    {"ABI none", 16, ABI_BIT(ABI_NATIVE) | 1, "its ABIs"},
    {"an unknown flag", 20, 4, "does not know"},
    {"every flag", 20, UINT32_MAX, "does not know"},
    {"an unknown setting", 24, 64, "does not know"},
    {"every setting", 24, UINT32_MAX, "does not know"},
    {"it notifies, and does not", 24, 2 | 32, "its listener"},
    {"it can mount without closing execve", 24, 2 | 16, "IsolatePeers= does not go"},
    {"it only logs, and closes", 24, 1 | 4, "it only logs"},
    {"IsolatePeers= none", 28, 0, "IsolatePeers="},
    {"IsolatePeers= unknown", 28, 4, "IsolatePeers="},
    {"a path that is too long", 32, LISTENER_PATH_BYTES, "out of range"},
    {"a path out of the instructions", 32, 8, "do not add up"},
    {"a path, largest", 32, UINT32_MAX, "out of range"},
    {"metadata that is too long", 36, LISTENER_METADATA_BYTES, "out of range"},
    {"metadata out of the instructions", 36, 16, "do not add up"},
    {"no moment", 40, 0, "at a moment"},
    {"an unknown moment", 40, MOMENT_COUNT, "at a moment"},
    {"a moment, largest", 40, UINT32_MAX, "at a moment"},
    {"later without a start-up program", 40, MOMENT_MAIN, "its start-up program"},
    {"no instruction", 44, 0, "out of range"},
    {"one instruction", 44, 1, "do not add up"},
    {"too many instructions", 44, PROGRAM_MAX + 1, "out of range"},
    {"instructions, wrapping", 44, 0x20000000, "out of range"},
    {"no slot for execve", 48, UINT32_MAX, "its ticket slots"},
    {"another slot for execve", 48, 0, "its ticket slots"},
    {"no slot for write", 52, UINT32_MAX, "its ticket slots"},
    {"another slot for write", 52, 1, "its ticket slots"},
    {"no slot for exit_group", 56, UINT32_MAX, "its ticket slots"},
    {"a slot for sendmsg", 60, 3, "its ticket slots"},
    {"a slot for seccomp", 64, 3, "its ticket slots"},
    {"a slot for seccomp of x86", 68, 3, "its ticket slots"},
    {"start-up instructions", 72, 1, "do not add up"},
    {"too many start-up instructions", 72, PROGRAM_MAX + 1, "out of range"},
    {"start-up instructions, wrapping", 72, 0x20000000, "out of range"},
    {"a start-up slot for execve", 76, 0, "its ticket slots"},
    {"a start-up slot for seccomp", 92, 0, "its ticket slots"},
    {"a start-up slot for seccomp of x86", 96, 5, "its ticket slots"},
};

static void
header_check(void) {
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    memcpy(changed, bytes, length);
    memcpy(changed + rows[i].at, &rows[i].value, sizeof rows[i].value);
    digest_fit(changed, length);
    CHECK_ROW(refused(changed, length, rows[i].why), rows[i].name);
  }
}

// A file of a later moment, with what each of its fields says wrong in one.
static void
later_header_check(const struct policy *policy) {
  static const struct row later_rows[] = {
      {"exec with a start-up program", MOMENT_AT, MOMENT_EXEC, "its start-up program"},
      {"no moment", MOMENT_AT, MOMENT_NONE, "at a moment"},
      {"no start-up program", STARTUP_AT, 0, "do not add up"},
      {"a slot for execve", SLOTS_AT, 3, "its ticket slots"},
      {"no slot for seccomp", SLOTS_AT + 16, UINT32_MAX, "its ticket slots"},
      {"no slot for seccomp of x86", SLOTS_AT + 20, UINT32_MAX, "its ticket slots"},
      {"no start-up slot for execve", STARTUP_AT + 4, UINT32_MAX, "its ticket slots"},
      {"no start-up slot for seccomp", STARTUP_AT + 20, UINT32_MAX, "its ticket slots"},
      {"no start-up slot for seccomp of x86", STARTUP_AT + 24, UINT32_MAX, "its ticket slots"},
      {"a listener", 24, 2 | 32, "has a listener"},
      {"x86 left out of the ABIs", 16, ABI_BIT(ABI_NATIVE) | ABI_BIT(ABI_X32), "the wrong form"},
  };
  struct error e;
  for (enum moment moment = MOMENT_ENTRY; moment < MOMENT_COUNT; moment++) {
    CHECK(make_at(policy, moment));
    CHECK(image_read(&found, bytes, length, &e) == 0 && image_same(&made, &found) && found.moment == moment);
    accepted_check(bytes);
    for (size_t i = 0; i < sizeof later_rows / sizeof later_rows[0]; i++) {
      memcpy(changed, bytes, length);
      memcpy(changed + later_rows[i].at, &later_rows[i].value, sizeof later_rows[i].value);
      digest_fit(changed, length);
      CHECK_ROW(refused(changed, length, later_rows[i].why), later_rows[i].name);
    }
  }
}

// A file with programs of other kinds than its moment asks for, each with its slots where the file says.
static void
kinds_check(const struct policy *policy) {
  static struct program launch, startup, later;
  static const struct {
    const char *name;
    enum moment moment;
    const struct program *program, *startup;
  } files[] = {
      {"exec with the later program", MOMENT_EXEC, &later, NULL},
      {"exec with the start-up program", MOMENT_EXEC, &startup, NULL},
      {"main with two launch programs", MOMENT_MAIN, &launch, &launch},
      {"main with the launch program in front", MOMENT_MAIN, &later, &launch},
      {"main with the later program in front", MOMENT_MAIN, &later, &later},
      {"main with two start-up programs", MOMENT_MAIN, &startup, &startup},
      {"main the wrong way round", MOMENT_MAIN, &startup, &later},
      {"main with the launch program behind", MOMENT_MAIN, &launch, &startup},
  };
  CHECK(make_at(policy, MOMENT_EXEC));
  launch = made.program;
  CHECK(make_at(policy, MOMENT_MAIN));
  later = made.program;
  startup = made.startup;
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    made.moment = files[i].moment;
    made.program = *files[i].program;
    made.startup.length = 0;
    if (files[i].startup != NULL)
      made.startup = *files[i].startup;
    length = image_write(&made, bytes);
    CHECK_ROW(refused(bytes, length, "the program's ticket is wrong"), files[i].name);
  }
}

// Templates that are filled in, or that other calls come to.
static void
tickets_check(void) {
  size_t first = length - made.program.length * sizeof(struct sock_filter);
  for (size_t at = 0; at < made.program.length; at++) {
    struct ticket found_ticket;
    enum ticket_form form;
    if (ticket_at(&made.program, at, &found_ticket, &form) == 0)
      continue;
    memcpy(changed, bytes, length);
    changed[first + 8 * (at + 1) + 4] = 1; // the first word of the ticket
    digest_fit(changed, length);
    CHECK(refused(changed, length, "filled in already"));
  }
  // whatever call a test is made to ask for instead
  for (size_t at = 0; at < made.program.length; at++) {
    const struct sock_filter *code = &made.program.code[at];
    bool launchers = code->k == SYS_execve || code->k == SYS_write || code->k == SYS_exit_group;
    if (code->code != (BPF_JMP | BPF_JEQ | BPF_K) || !launchers)
      continue;
    for (uint32_t number = 300; number < 310; number++) {
      memcpy(changed, bytes, length);
      memcpy(changed + first + 8 * at + 4, &number, sizeof number);
      digest_fit(changed, length);
      CHECK(refused(changed, length, "ticket"));
    }
  }
}

// What a test decides about another call is made to decide about the launcher's, whose ticket nobody asks for then.
static void
unasked_check(struct action action) {
  static const struct {
    uint32_t number;
    const char *why;
  } calls[] = {{SYS_write, "write is decided without"},
               {SYS_exit_group, "exit_group is decided without"},
               {SYS_sendmsg, "sendmsg is decided without"}};
  const struct action allow = {ACTION_ALLOW, 0};
  // of two calls, so that mkdir lies between equal ranges: one test of equality
  struct policy *policy = small_policy_of(allow, "mkdir", "seccomp", action);
  struct error e;
  bool notifies = action.kind == ACTION_NOTIFY;
  size_t found_count = 0, first;
  policy->listener_path = strdup("/run/listener");
  CHECK(make(policy));
  first = length - made.program.length * sizeof(struct sock_filter);
  for (size_t at = 0; at < made.program.length; at++) {
    if (made.program.code[at].code != (BPF_JMP | BPF_JEQ | BPF_K) || made.program.code[at].k != SYS_mkdir)
      continue;
    found_count++;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
      memcpy(changed, bytes, length);
      memcpy(changed + first + 8 * at + 4, &calls[i].number, sizeof calls[i].number);
      digest_fit(changed, length);
      if (calls[i].number == SYS_sendmsg && !notifies)
        CHECK(image_read(&found, changed, length, &e) == 0); // nobody makes it then
      else
        CHECK_ROW(refused(changed, length, calls[i].why), calls[i].why);
    }
  }
  CHECK(found_count == 1);
  policy_free(policy);
}

static void
listener_check(void) {
  const struct action allow = {ACTION_ALLOW, 0}, notify = {ACTION_NOTIFY, 0};
  char path[LISTENER_PATH_BYTES + 1];
  struct error e;
  struct policy *policy = small_policy(allow, "mkdir", notify);
  CHECK(image_make(&made, policy, MOMENT_EXEC, &e) != 0 && strstr(e.text, "listenerPath") != NULL);
  memset(path, '/', sizeof path);
  path[LISTENER_PATH_BYTES] = '\0';
  policy->listener_path = strdup(path);
  CHECK(image_make(&made, policy, MOMENT_EXEC, &e) != 0 && strstr(e.text, "longer than 107 bytes") != NULL);
  policy->listener_path[LISTENER_PATH_BYTES - 1] = '\0';
  policy->listener_metadata = strdup("m");
  CHECK(make(policy) && image_read(&found, bytes, length, &e) == 0 && image_same(&made, &found));
  for (enum moment moment = MOMENT_ENTRY; moment < MOMENT_COUNT; moment++)
    CHECK(image_make(&made, policy, moment, &e) != 0 && e.kind == ERROR_POLICY);
  CHECK(make(policy));
  CHECK(found.notifies && strlen(found.listener_path) == LISTENER_PATH_BYTES - 1);
  memcpy(changed, bytes, length);
  changed[HEADER_BYTES + 3] = 0;
  digest_fit(changed, length);
  CHECK(refused(changed, length, "NUL byte"));
  memcpy(changed, bytes, length);
  changed[HEADER_BYTES] = 'p';
  digest_fit(changed, length);
  CHECK(refused(changed, length, "does not begin with"));
  policy->permissive = true; // then nothing is left to anybody
  CHECK(make(policy) && !made.notifies && made.listener_path[0] == '\0');
  policy_free(policy);
}

static void
forms_check(void) {
  static const struct {
    const char *text;
    size_t length;
    enum policy_form form;
  } forms[] = {
      {"", 0, POLICY_FORM_TEXT},
      {"SystemCallFilter=read", 21, POLICY_FORM_TEXT},
      {"# {", 3, POLICY_FORM_TEXT},
      {"[", 1, POLICY_FORM_TEXT},
      {" \n\t\r", 4, POLICY_FORM_TEXT},
      {"\0{", 2, POLICY_FORM_TEXT},
      {"\xef\xbb", 2, POLICY_FORM_TEXT},
      {"\xef\xbb\xbf", 3, POLICY_FORM_TEXT},
      {"{", 1, POLICY_FORM_JSON},
      {" \r\n\t{}", 6, POLICY_FORM_JSON},
      {"\xef\xbb\xbf {", 5, POLICY_FORM_JSON},
      {IMAGE_MAGIC, 8, POLICY_FORM_IMAGE},
      {IMAGE_MAGIC, 7, POLICY_FORM_TEXT},
      {" " IMAGE_MAGIC, 9, POLICY_FORM_TEXT},
  };
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    struct source file = {.text = forms[i].text, .length = forms[i].length};
    CHECK_ROW(policy_form_of(&file) == forms[i].form, forms[i].text);
  }
}

int
main(int count, char **arguments) {
  unsigned long policies = count > 1 ? strtoul(arguments[1], NULL, 10) : POLICIES;
  unsigned long long seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  const struct action allow = {ACTION_ALLOW, 0}, refuse = {ACTION_ERRNO, 1};
  struct policy *policy = small_policy(allow, "uname", refuse);
  CHECK(make(policy));
  damage_check();
  policy_free(policy);
  policy = small_policy(refuse, "uname", allow);
  CHECK(make(policy));
  damage_check();
  header_check();
  tickets_check();
  later_header_check(policy);
  damage_check();
  kinds_check(policy);
  policy_free(policy);
  unasked_check((struct action){ACTION_NOTIFY, 0});
  unasked_check(refuse);
  listener_check();
  forms_check();
  for (unsigned long i = 0; i < policies && check_failures < 10; i++)
    random_check(seed + i);
  printf("%ld mutants accepted, %ld refused\n", mutants_accepted, mutants_refused);
  CHECK(policies < 10 || (mutants_accepted > 0 && mutants_refused > 0 && later_count > (long)policies / 5));
  return check_done();
}
