// SPDX-License-Identifier: LGPL-2.1-or-later
// slots.c - follows the calls that meet a ticket through a program, and bounds which calls can come to each
// instruction.
#include "runner/slots.h"
#include "compat/abi.h"
#include "runner/ticket.h"
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>

// A call that has a slot, and the form of the ticket that each kind of program asks for there.
static const struct slot_call {
  const char *name;
  enum abi abi;
  uint32_t number;
  enum ticket_form forms[PROGRAM_BARE + 1];
} slot_calls[SLOT_COUNT] = {
#define LAST_WORD(number)                                                                                              \
  ABI_NATIVE, number, {                                                                                                \
    [PROGRAM_LAUNCH] = TICKET_LAST_WORD, [PROGRAM_STARTUP] = TICKET_LAST_WORD                                          \
  }
#define ARMING                                                                                                         \
  { [PROGRAM_STARTUP] = TICKET_ARM, [PROGRAM_LATER] = TICKET_CONFIRM }
    [SLOT_EXECVE] = {"execve",
                     ABI_NATIVE,
                     SYS_execve,
                     {[PROGRAM_LAUNCH] = TICKET_EXEC, [PROGRAM_STARTUP] = TICKET_EXEC}},
    [SLOT_WRITE] = {"write", LAST_WORD(SYS_write)},
    [SLOT_EXIT_GROUP] = {"exit_group", LAST_WORD(SYS_exit_group)},
    [SLOT_SENDMSG] = {"sendmsg", LAST_WORD(SYS_sendmsg)},
    [SLOT_ARM] = {"seccomp", ABI_NATIVE, SYS_seccomp, ARMING},
    [SLOT_ARM_I386] = {"seccomp of x86", ABI_I386, TICKET_ARM_I386, ARMING},
};

static bool
is_taken(const struct sock_filter *f, uint32_t accumulator) {
  return f->code == CODE_IF_EQUAL     ? accumulator == f->k
         : f->code == CODE_IF_GREATER ? accumulator > f->k
                                      : accumulator >= f->k;
}

// While only the architecture and the number are looked at, there is one path for one call. Returns the instruction
// that it ends at: a return, or the first load of an argument; or the program's length for anything else.
static size_t
path_end(const struct program *program, const struct slot_call *call) {
  uint32_t accumulator = 0;
  for (size_t at = 0; at < program->length; at++) {
    const struct sock_filter *f = &program->code[at];
    switch (f->code) {
    case CODE_RETURN:
      return at;
    case CODE_LOAD:
      if (f->k >= 4 * WORD_ARGUMENTS)
        return at;
      accumulator = f->k == 4 * WORD_ARCH ? abi_arch_word(call->abi) : call->number;
      break;
    case CODE_JUMP:
      at += f->k;
      break;
    case CODE_IF_EQUAL:
    case CODE_IF_GREATER:
    case CODE_IF_GREATER_EQUAL:
      at += is_taken(f, accumulator) ? f->jt : f->jf;
      break;
    default:
      return program->length;
    }
  }
  return program->length;
}

static uint32_t
slot_find(const struct program *program, const struct slot_call *call) {
  struct ticket ticket;
  enum ticket_form form;
  size_t end = path_end(program, call);
  return ticket_at(program, end, &ticket, &form) != 0 ? (uint32_t)end : NO_SLOT;
}

static bool
is_allowed(const struct program *program, const struct slot_call *call) {
  size_t end = path_end(program, call);
  return end < program->length && program->code[end].code == CODE_RETURN && program->code[end].k == SECCOMP_RET_ALLOW;
}

void
slots_find(const struct program *program, uint32_t slots[SLOT_COUNT]) {
  for (size_t i = 0; i < SLOT_COUNT; i++)
    slots[i] = slot_find(program, &slot_calls[i]);
}

// The least box of architectures and numbers that holds all calls which can come to an instruction. It can be too
// large, never too small.
struct box {
  uint32_t low[2], high[2]; // by word: WORD_NUMBER, WORD_ARCH
};

// Cleared as far as they are used: one caller at a time. While no call is known to come to an instruction, it is not
// reached and its box is zeros, which are no call that has a slot.
static struct box boxes[PROGRAM_MAX];
static bool reached[PROGRAM_MAX];

static void
box_join(size_t at, const struct box *more) {
  struct box *box = &boxes[at];
  if (!reached[at]) {
    *box = *more;
    reached[at] = true;
    return;
  }
  for (size_t word = 0; word < 2; word++) {
    box->low[word] = more->low[word] < box->low[word] ? more->low[word] : box->low[word];
    box->high[word] = more->high[word] > box->high[word] ? more->high[word] : box->high[word];
  }
}

// The calls of `box` with low <= word <= high go on at `at`.
static void
box_pass(const struct box *box, size_t word, int64_t low, int64_t high, size_t at) {
  struct box part = *box;
  part.low[word] = low > part.low[word] ? (uint32_t)low : part.low[word];
  part.high[word] = high < part.high[word] ? (uint32_t)high : part.high[word];
  if (low <= high && part.low[word] <= part.high[word])
    box_join(at, &part);
}

// A test of the number or the architecture. What is not equal may lie on both sides of the constant.
static void
box_split(const struct sock_filter *f, const struct box *box, size_t word, size_t at) {
  size_t taken = at + 1 + f->jt, other = at + 1 + f->jf;
  int64_t low = (int64_t)f->k + (f->code == CODE_IF_GREATER), high = f->code == CODE_IF_EQUAL ? f->k : UINT32_MAX;
  box_pass(box, word, low, high, taken);
  box_pass(box, word, 0, low - 1, other);
  box_pass(box, word, high + 1, UINT32_MAX, other);
}

static int
refuse(struct error *e, size_t at, const char *why) {
  return error_plain(e, ERROR_SECCOMP, "the program's ticket is wrong: instruction %zu %s", at, why);
}

static bool
box_is_call(const struct box *box, const struct slot_call *call) {
  uint32_t arch = abi_arch_word(call->abi);
  return box->low[WORD_NUMBER] == call->number && box->high[WORD_NUMBER] == call->number && box->low[WORD_ARCH] == arch
         && box->high[WORD_ARCH] == arch;
}

// The form of the ticket for a call, TICKET_NONE where none is asked for.
static enum ticket_form
form_needed(const struct slot_call *call, const struct slot_needs *needs) {
  return (needs->abis & ABI_BIT(call->abi)) != 0 ? call->forms[needs->kind] : TICKET_NONE;
}

static int
check_template(const struct box *box, size_t at, unsigned form, const uint32_t slots[SLOT_COUNT],
               const struct slot_needs *needs, struct error *e) {
  for (size_t i = 0; i < SLOT_COUNT; i++) {
    if (slots[i] != at)
      continue;
    if (form != form_needed(&slot_calls[i], needs))
      return refuse(e, at, "begins a ticket template of the wrong form");
    if (!box_is_call(box, &slot_calls[i]))
      return refuse(e, at, "begins a ticket template that other calls come to");
    return 0;
  }
  return refuse(e, at, "begins a ticket template that no call of its own meets");
}

static bool
box_knows_abi(const struct box *box) {
  uint32_t arch = box->low[WORD_ARCH];
  return arch == box->high[WORD_ARCH] && (arch == ARCH_WORD_X86_64 || arch == ARCH_WORD_I386);
}

// Hands the box in front of `at` on to what follows. A test of an argument does not make it smaller.
static int
check_instruction(const struct program *program, const struct shape *shape, size_t at, struct error *e) {
  const struct sock_filter *f = &program->code[at];
  const struct box *box = &boxes[at];
  if (f->code == CODE_RETURN)
    return 0;
  if (f->code == CODE_LOAD && f->k == 4 * WORD_NUMBER && !box_knows_abi(box))
    return refuse(e, at, "looks at the number where the architecture is foreign or not known");
  if (f->code == CODE_JUMP) {
    box_join(at + 1 + f->k, box);
  } else if (BPF_CLASS(f->code) != BPF_JMP) {
    box_join(at + 1, box);
  } else if (shape->before[at].word < WORD_ARGUMENTS) {
    box_split(f, box, shape->before[at].word, at);
  } else {
    box_join(at + 1 + f->jt, box);
    box_join(at + 1 + f->jf, box);
  }
  return 0;
}

// The launcher would be refused, or wait for itself; or the later filter could not be installed, or not be seen.
static int
check_missing(const struct program *program, const uint32_t slots[SLOT_COUNT], const struct slot_needs *needs,
              struct error *e) {
  for (size_t i = 0; i < SLOT_COUNT; i++) {
    const struct slot_call *call = &slot_calls[i];
    enum ticket_form form = form_needed(call, needs);
    bool needed = form != TICKET_NONE && (form != TICKET_LAST_WORD || !is_allowed(program, call));
    if (i == SLOT_SENDMSG && !needs->notifies)
      needed = false;
    if (needed && slots[i] == NO_SLOT)
      return error_plain(e, ERROR_SECCOMP, "the program's ticket is wrong: %s is decided without asking for it",
                         call->name);
  }
  return 0;
}

int
slots_check(const struct program *program, const struct shape *shape, const uint32_t slots[SLOT_COUNT],
            const struct slot_needs *needs, struct error *e) {
  if (check_missing(program, slots, needs, e) != 0)
    return -1;
  memset(boxes, 0, program->length * sizeof boxes[0]);
  memset(reached, 0, program->length * sizeof reached[0]);
  box_join(0, &(struct box){.high = {UINT32_MAX, UINT32_MAX}});
  for (size_t at = 0; at < program->length;) {
    size_t length = shape->template_length[at];
    if (length != 0 && check_template(&boxes[at], at, shape->template_form[at], slots, needs, e) != 0)
      return -1;
    if (length != 0)
      box_join(at + length, &boxes[at]);
    else if (reached[at] && check_instruction(program, shape, at, e) != 0)
      return -1;
    at += length != 0 ? length : 1;
  }
  return 0;
}
