// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz.c - what the fuzz targets share.
#include "tests/fuzz/fuzz.h"
#include "runner/compile.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include "runner/verify.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

void
fuzz_fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  abort();
}

uint8_t
bytes_take8(struct bytes *bytes) {
  if (bytes->left == 0)
    return 0;
  bytes->left--;
  return *bytes->at++;
}

uint16_t
bytes_take16(struct bytes *bytes) {
  unsigned low = bytes_take8(bytes);
  return (uint16_t)(low | (unsigned)bytes_take8(bytes) << 8);
}

uint32_t
bytes_take32(struct bytes *bytes) {
  uint32_t low = bytes_take16(bytes);
  return low | (uint32_t)bytes_take16(bytes) << 16;
}

uint64_t
bytes_take64(struct bytes *bytes) {
  uint64_t low = bytes_take32(bytes);
  return low | (uint64_t)bytes_take32(bytes) << 32;
}

void
bytes_take_program(struct bytes *bytes, struct program *program) {
  program->length = 0;
  while (bytes->left > 0 && program->length < PROGRAM_MAX) {
    struct sock_filter *code = &program->code[program->length++];
    code->code = bytes_take16(bytes);
    code->jt = bytes_take8(bytes);
    code->jf = bytes_take8(bytes);
    code->k = bytes_take32(bytes);
  }
}

static void
pieces_add(struct pieces *pieces, const uint8_t *text, size_t length, const char *name, bool has_lines) {
  char *copy = malloc(length > 0 ? length : 1);
  if (copy == NULL)
    abort();
  if (length > 0)
    memcpy(copy, text, length);
  pieces->sources[pieces->count++] =
      (struct source){.name = name, .text = copy, .length = length, .has_lines = has_lines};
}

void
pieces_split(struct pieces *pieces, struct bytes bytes, uint8_t separator, const char *name, bool has_lines) {
  pieces->count = 0;
  while (bytes.left > 0 && pieces->count < PIECES_MAX) {
    const uint8_t *end = memchr(bytes.at, separator, bytes.left);
    size_t length = end == NULL ? bytes.left : (size_t)(end - bytes.at);
    pieces_add(pieces, bytes.at, length, name, has_lines);
    bytes.at += end == NULL ? length : length + 1;
    bytes.left -= end == NULL ? length : length + 1;
  }
}

void
pieces_free(struct pieces *pieces) {
  for (size_t i = 0; i < pieces->count; i++)
    free((char *)(uintptr_t)pieces->sources[i].text);
}

static const struct source fixed_groups[] = {
    {"ring", "read\n@ring2 write\n", 18, true},
    {"ring2", "@small @ring\n", 13, true},
    {"small", "# some\nread write\n600 601\n", 25, true},
    {"wrong", "read opennat\n", 13, true},
};

// A group that can only be an error was asked for since the last policy.
static bool asked_for_wrong;

int
fuzz_open_group(void *pieces_context, const char *name, size_t length, const struct source **out, struct error *e) {
  const struct pieces *pieces = pieces_context;
  for (size_t i = 0; i < sizeof fixed_groups / sizeof fixed_groups[0]; i++) {
    if (strlen(fixed_groups[i].name) != length || memcmp(fixed_groups[i].name, name, length) != 0)
      continue;
    *out = &fixed_groups[i];
    asked_for_wrong = asked_for_wrong || strcmp(fixed_groups[i].name, "small") != 0;
    return 0;
  }
  if (length == 4 && memcmp(name, "shut", 4) == 0) {
    asked_for_wrong = true;
    return error_plain(e, ERROR_POLICY, "shut.group: permission denied");
  }
  if (length != 2 || name[0] != 'g' || name[1] < '1' || name[1] > '9' || (size_t)(name[1] - '0') >= pieces->count)
    return 1;
  *out = &pieces->sources[name[1] - '0'];
  return 0;
}

static void
check_place(struct source_pos at) {
  if (at.source != NULL && (at.offset > at.source->length || at.length > at.source->length - at.offset))
    fuzz_fail("a place lies outside its text: %u + %u of %zu", at.offset, at.length, at.source->length);
}

void
fuzz_check_messages(const struct diags *diags) {
  static const size_t sizes[] = {2048, 1, 2, 60};
  for (size_t i = 0; i < diags->count; i++) {
    check_place(diags->items[i].at);
    for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
      char *text = malloc(sizes[j]);
      if (text == NULL)
        abort();
      size_t length = diag_write(&diags->items[i], "fuzz", text, sizes[j]);
      if (length >= sizes[j] || text[length] != '\0')
        fuzz_fail("a message is longer than its room");
      for (size_t k = 0; k < length; k++)
        if (text[k] != '\n' && (text[k] < 0x20 || text[k] > 0x7e))
          fuzz_fail("a message holds the byte 0x%02x", (unsigned char)text[k]);
      free(text);
    }
  }
}

void
fuzz_check_policy(const struct policy *policy) {
  for (size_t i = 0; i < policy->rule_count; i++)
    check_place(policy->rules[i].at);
  for (size_t i = 0; i < policy->layer_count; i++)
    check_place(policy->layers[i].otherwise_at);
  check_place(policy->abis_at);
  if ((policy->abis & ABI_BIT(ABI_NATIVE)) == 0)
    fuzz_fail("the policy leaves the native ABI out");
}

struct policy *
fuzz_finish(struct reader *reader, bool failed, struct diags *diags) {
  struct policy *policy = NULL;
  int result = reader_finish(reader, &policy, diags);
  if (failed != (diags->errors > 0) && result == 0)
    fuzz_fail("an error was lost");
  if ((result != 0) != (diags->errors > 0))
    fuzz_fail("the reader returned %d with %zu errors", result, diags->errors);
  fuzz_check_messages(diags);
  bool must_fail = asked_for_wrong;
  asked_for_wrong = false;
  if (result != 0)
    return NULL;
  if (must_fail)
    fuzz_fail("a group that is wrong was taken for right");
  fuzz_check_policy(policy);
  return policy;
}

struct policy *
fuzz_read_file(struct bytes bytes, bool lenient, struct pieces *pieces) {
  static struct diags diags;
  struct reader_options options = {.lenient = lenient, .open_group = fuzz_open_group, .open_group_context = pieces};
  pieces_split(pieces, bytes, 1, "fuzz.conf", true);
  diags = (struct diags){.count = 0};
  struct reader *reader = reader_new(&options);
  if (reader == NULL)
    return NULL;
  bool failed = pieces->count > 0 && reader_read_file(reader, &pieces->sources[0], &diags) != 0;
  if (failed != (diags.errors > 0))
    fuzz_fail("an error without a message, or the other way round");
  struct policy *policy = fuzz_finish(reader, failed, &diags);
  reader_free(reader);
  return policy;
}

static uint64_t
next_random(uint64_t *state) {
  *state += 0x9e3779b97f4a7c15u;
  uint64_t z = *state;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

// The values that calls are made of: constants of both sides, and what lies next to them.
#define POOL_MAX 512
struct pool {
  uint64_t values[POOL_MAX];
  size_t count;
};

static void
pool_add(struct pool *pool, uint64_t value) {
  if (pool->count < POOL_MAX)
    pool->values[pool->count++] = value;
}

static void
pool_fill(struct pool *pool, const struct policy *policy, const struct program *program, uint64_t *state) {
  static const uint64_t edges[] = {0,          1,          2,          0xffff,      0x10000,
                                   0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, UINT64_MAX};
  pool->count = 0;
  for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
    pool_add(pool, edges[i]);
  for (size_t i = 0; i < 64 && policy->test_count > 0; i++) {
    const struct test *test = &policy->tests[next_random(state) % policy->test_count];
    pool_add(pool, test->value);
    pool_add(pool, test->value ^ (uint64_t)1 << (next_random(state) & 63));
    pool_add(pool, test->value + 1);
    pool_add(pool, test->mask);
  }
  for (size_t i = 0; i < 64; i++)
    pool_add(pool, program->code[next_random(state) % program->length].k + (next_random(state) % 3) - 1);
}

static uint64_t
pool_draw(const struct pool *pool, uint64_t *state) {
  uint64_t choice = next_random(state);
  uint64_t value = pool->values[choice % pool->count];
  if ((choice >> 60) == 0) // halves of two
    value = (value & 0xffffffffu) | pool->values[(choice >> 20) % pool->count] << 32;
  return value;
}

static uint32_t
draw_number(const struct policy *policy, const struct pool *pool, enum abi abi, uint64_t *state) {
  static const uint32_t fixed[] = {0,   1,  59,          231,     317,          354,       102,
                                   117, 11, X32_BIT - 1, X32_BIT, X32_BIT | 59, UINT32_MAX};
  uint64_t choice = next_random(state);
  size_t count;
  const uint32_t *numbers = policy_numbers(policy, abi, &count);
  if ((choice & 7) < 5 && count > 0)
    return numbers[(choice >> 8) % count] + ((choice & 0x70) == 0 ? 1 : 0) - ((choice & 0x70) == 0x10 ? 1 : 0);
  if ((choice & 7) == 5)
    return (uint32_t)pool_draw(pool, state);
  return fixed[(choice >> 8) % (sizeof fixed / sizeof fixed[0])];
}

#define POINTS 600

// Tickets that no constant of any program resembles.
static const struct ticket exec_ticket = {.words = {0x5eed0001, 0x5eed0002, 0x5eed0003, 0x5eed0004},
                                          .probe_errno = 2000};
static const struct ticket arming_ticket = {.words = {0x5eed0005, 0x5eed0006, 0x5eed0007, 0x5eed0008},
                                            .probe_errno = 3000};

// The answer to a call with the exec ticket in hand, where it counts.
static bool
answer_exec(const struct seccomp_data *data, enum abi abi, const uint64_t args[6], uint32_t *out) {
  bool exec = data->nr == SYS_execve;
  if (abi != ABI_NATIVE || (!exec && data->nr != SYS_write && data->nr != SYS_exit_group))
    return false;
  *out = !exec || (uint32_t)args[3] == 0 ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | exec_ticket.probe_errno;
  return true;
}

static bool
answer_arming(const struct seccomp_data *data, enum abi abi, unsigned abis, enum program_kind kind, uint32_t *out) {
  bool asked = (abis & ABI_BIT(abi)) != 0
               && ((abi == ABI_NATIVE && data->nr == SYS_seccomp) || (abi == ABI_I386 && data->nr == TICKET_ARM_I386));
  *out = kind == PROGRAM_STARTUP ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | arming_ticket.probe_errno;
  return asked;
}

static bool
has_exec_ticket(enum program_kind kind) {
  return kind == PROGRAM_LAUNCH || kind == PROGRAM_STARTUP;
}

static bool
has_arming_ticket(enum program_kind kind) {
  return kind == PROGRAM_STARTUP || kind == PROGRAM_LATER;
}

// What the program must return: as the policy says, but for the calls that `held`, the ticket in hand, is for.
static uint32_t
answer_of(const struct policy *policy, enum program_kind kind, const struct seccomp_data *data, const uint64_t args[6],
          const struct ticket *held) {
  enum abi abi = abi_of(data->arch, (uint32_t)data->nr);
  uint32_t answer;
  if (held == &exec_ticket && has_exec_ticket(kind) && answer_exec(data, abi, args, &answer))
    return answer;
  if (held == &arming_ticket && has_arming_ticket(kind) && answer_arming(data, abi, policy->abis, kind, &answer))
    return answer;
  return action_to_return(policy_decide(policy, abi, (uint32_t)data->nr, args).action);
}

static void
check_point(const struct policy *policy, enum program_kind kind, const struct program *program,
            struct seccomp_data *data, uint64_t args[6], const struct ticket *held) {
  if (held != NULL) {
    args[4] = held->words[0] | (uint64_t)held->words[1] << 32;
    args[5] = held->words[2] | (uint64_t)held->words[3] << 32;
  }
  memcpy(data->args, args, sizeof data->args);
  uint32_t want = answer_of(policy, kind, data, args, held), got = program_run(program, data, NULL);
  if (got != want)
    fuzz_fail("kind %d arch 0x%08x number %u a0 0x%llx%s: the program returns 0x%08x, not 0x%08x", (int)kind,
              data->arch, (uint32_t)data->nr, (unsigned long long)args[0], held != NULL ? " with a ticket" : "", got,
              want);
}

void
fuzz_agree(const struct policy *policy, enum program_kind kind, const struct program *verified, uint64_t seed) {
  static struct program program;
  static struct pool pool;
  static const uint32_t arches[] = {ARCH_WORD_X86_64, ARCH_WORD_I386, ARCH_WORD_X86_64, 0xc00000b7u};
  struct error e;
  program = *verified;
  if (ticket_fill(&program, has_exec_ticket(kind) ? &exec_ticket : NULL,
                  has_arming_ticket(kind) ? &arming_ticket : NULL, &e)
      != 0)
    fuzz_fail("no ticket in a program that was verified: %s", e.text);
  if (program_acceptable(&program) != 0)
    fuzz_fail("the kernel would not take a program that was verified");
  pool_fill(&pool, policy, verified, &seed);
  for (size_t i = 0; i < POINTS; i++) {
    uint32_t arch = arches[i % 4];
    enum abi near = arch == ARCH_WORD_I386 ? ABI_I386 : i % 8 < 4 ? ABI_X86_64 : ABI_X32;
    struct seccomp_data data = {.nr = (int)draw_number(policy, &pool, near, &seed), .arch = arch};
    uint64_t args[6];
    for (size_t j = 0; j < 6; j++)
      args[j] = pool_draw(&pool, &seed);
    check_point(policy, kind, &program, &data, args, NULL);
    check_point(policy, kind, &program, &data, args, &exec_ticket);
    check_point(policy, kind, &program, &data, args, &arming_ticket);
  }
}

bool
fuzz_build(const struct policy *policy, struct program *program, uint64_t seed) {
  static const enum program_kind kinds[] = {PROGRAM_LAUNCH, PROGRAM_STARTUP, PROGRAM_LATER};
  enum program_kind kind = kinds[seed % 3];
  struct error e;
  if (program_compile(policy, kind, program, &e) != 0) {
    if (e.kind != ERROR_POLICY || e.text[0] == '\0')
      fuzz_fail("the compiler failed without a reason: kind %d \"%s\"", (int)e.kind, e.text);
    return false;
  }
  if (program_verify(program, kind, policy, &e) != 0) {
    // More argument tests on one call than can be held against each other: a refusal, not a difference.
    if (policy->test_count > 0 && strncmp(e.text, "the program cannot be verified: ", 32) == 0)
      return false;
    fuzz_fail("the verifier refuses what the compiler made: %s", e.text);
  }
  fuzz_agree(policy, kind, program, seed);
  return true;
}

static struct action
take_action(struct bytes *bytes) {
  static const enum action_kind kinds[] = {ACTION_ALLOW, ACTION_ALLOW, ACTION_ERRNO,       ACTION_LOG,
                                           ACTION_TRAP,  ACTION_TRACE, ACTION_KILL_THREAD, ACTION_KILL_PROCESS};
  uint8_t byte = bytes_take8(bytes);
  struct action action = {kinds[byte & 7], 0};
  if (action.kind == ACTION_ERRNO)
    action.data = (uint16_t)(1 + (byte >> 3));
  return action;
}

static struct test
take_test(struct bytes *bytes) {
  uint8_t head = bytes_take8(bytes), shape = bytes_take8(bytes);
  struct test test = {.argument = head % 6, .width = head & 0x40 ? 64 : 32, .op = TEST_EQ + (enum test_op)(shape % 6)};
  uint64_t all = test.width == 32 ? UINT32_MAX : UINT64_MAX;
  test.mask = shape & 0x40 ? bytes_take64(bytes) & all : all;
  test.value = (shape & 0x80 ? bytes_take64(bytes) : bytes_take8(bytes)) & all;
  return test;
}

static bool
take_rule(struct policy *policy, struct bytes *bytes, uint8_t head) {
  struct rule rule = {.call = CALL_NONE, .action = take_action(bytes)};
  struct test tests[3];
  size_t count = head >> 6;
  struct error e;
  if ((head & 1) != 0)
    rule.number = bytes_take16(bytes) % 1024;
  else
    rule.call = (call_t)(bytes_take16(bytes) % calls_count());
  for (size_t i = 0; i < count; i++)
    tests[i] = take_test(bytes);
  return policy_add_rule(policy, &rule, tests, count, &e) == 0;
}

struct policy *
fuzz_policy(struct bytes *bytes) {
  struct source_pos nowhere = {0};
  struct policy *policy = policy_new();
  struct error e;
  if (policy == NULL)
    abort();
  uint8_t head = bytes_take8(bytes);
  policy->abis = ABI_BIT(ABI_NATIVE) | (head & ABI_ALL);
  policy->foreign.kind = (head & 1) != 0 ? ACTION_KILL_THREAD : ACTION_KILL_PROCESS;
  policy->permissive = (head & 0xf0) == 0xf0;
  bool fits = policy_add_layer(policy, take_action(bytes), nowhere, &e) == 0;
  while (fits && bytes->left > 0) {
    uint8_t next = bytes_take8(bytes);
    fits =
        next == 0xff ? policy_add_layer(policy, take_action(bytes), nowhere, &e) == 0 : take_rule(policy, bytes, next);
  }
  if (fits && policy_seal(policy, &e) == 0)
    return policy;
  policy_free(policy);
  return NULL;
}
