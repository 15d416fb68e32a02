// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_decode.c - a call and any bytes as a filter: decoded if and only if the kernel would take it, and the table says
// of the call what the simulator says.
#include "runner/analyze/decode.h"
#include "runner/simulate.h"
#include "tests/fuzz/fuzz.h"
#include <linux/seccomp.h>
#include <string.h>

static bool
may_be(const struct answer_set *answer, uint32_t value) {
  struct action action;
  if (!action_from_return(value, &action))
    action = (struct action){ACTION_KILL_PROCESS, 0};
  if (action.kind != ACTION_ERRNO && action.kind != ACTION_TRACE)
    action.data = 0;
  if (action.kind == ACTION_ERRNO && action.data > ACTION_ERRNO_MAX)
    action.data = ACTION_ERRNO_MAX;
  for (uint8_t i = 0; i < answer->count; i++)
    if (action_equal(answer->actions[i], action))
      return true;
  return answer->more;
}

// What only the holder of a ticket gets is not in the table.
static void
check_call(const struct decoded *decoded, const struct program *program, const struct seccomp_data *call) {
  uint64_t args[6];
  memcpy(args, call->args, sizeof args);
  uint32_t value = program_run(program, call, NULL);
  bool ticket = decoded_at(decoded, call->arch, (uint32_t)call->nr)->tickets != 0;
  if (!may_be(decoded_decide(decoded, call->arch, (uint32_t)call->nr, args), value) && !ticket)
    fuzz_fail("arch 0x%x number %u: 0x%x, but decoded otherwise", call->arch, (unsigned)call->nr, value);
}

static void
check_text(const struct decoded *decoded) {
  struct buffer text = {0};
  decoded_write(decoded, &text);
  for (size_t i = 0; i < text.length; i++)
    if (text.text[i] != '\n' && (text.text[i] < 0x20 || text.text[i] > 0x7e))
      fuzz_fail("the text holds the byte 0x%02x", (unsigned char)text.text[i]);
  buffer_clear(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct program program;
  struct bytes bytes = {data, size};
  struct seccomp_data call = {.nr = (int)bytes_take32(&bytes), .arch = bytes_take32(&bytes)};
  struct decoded decoded;
  struct error e;
  for (size_t i = 0; i < 6; i++)
    call.args[i] = bytes_take64(&bytes);
  bytes_take_program(&bytes, &program);
  bool taken = decode(&program, &decoded, &e) == 0;
  if (taken != (program_acceptable(&program) == 0))
    fuzz_fail("refused by one and accepted by the other");
  if (taken) {
    check_call(&decoded, &program, &call);
    check_text(&decoded);
  }
  decoded_clear(&decoded);
  return 0;
}
