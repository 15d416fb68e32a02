// SPDX-License-Identifier: LGPL-2.1-or-later
// wellformed.c - one pass over the instructions; all jumps go forward, so what is known in front of one is complete
// when its turn comes.
#include "runner/wellformed.h"
#include "runner/ticket.h"
#include <string.h>

// A ticket is compared in arguments 4 and 5, and begins with the low half of either: the only loads a template can
// start at.
#define TEMPLATE_FIRST_OFFSET 48
#define ARMING_FIRST_OFFSET 56

static int
refuse(struct error *e, size_t at, const char *why) {
  return error_plain(e, ERROR_SECCOMP, "the program is not well-formed: instruction %zu %s", at, why);
}

// One path leads from `from` to `to` with `now` known. Two different pieces of knowledge are none.
static int
follow(const struct program *program, struct shape *shape, size_t from, size_t to, struct accumulator now,
       struct error *e) {
  if (to >= program->length)
    return refuse(e, from, "leads out of the program");
  struct accumulator *before = &shape->before[to];
  if (before->state == ACCUMULATOR_UNREACHED) {
    *before = now;
    return 0;
  }
  if (before->state != now.state || before->word != now.word || before->mask != now.mask)
    before->state = ACCUMULATOR_UNKNOWN;
  before->arguments_seen = before->arguments_seen || now.arguments_seen;
  return 0;
}

static int
check_load(const struct program *program, struct shape *shape, size_t at, struct error *e) {
  uint32_t offset = program->code[at].k, word = offset / 4;
  if (offset % 4 != 0 || word >= WORDS)
    return refuse(e, at, "loads what is not a word of the call");
  if (word != WORD_NUMBER && word != WORD_ARCH && word < WORD_ARGUMENTS)
    return refuse(e, at, "loads the instruction pointer");
  bool argument = word >= WORD_ARGUMENTS;
  if (shape->before[at].arguments_seen && !argument)
    return refuse(e, at, "goes back from arguments to the number or the architecture");
  struct accumulator now = {.state = ACCUMULATOR_WORD,
                            .word = (uint8_t)word,
                            .arguments_seen = shape->before[at].arguments_seen || argument,
                            .mask = UINT32_MAX};
  return follow(program, shape, at, at + 1, now, e);
}

// Where the accumulator is read, every path must have left the same word in it; only arguments are looked at in parts.
static int
check_read(const struct shape *shape, size_t at, bool masked, struct error *e) {
  const struct accumulator *before = &shape->before[at];
  if (before->state != ACCUMULATOR_WORD)
    return refuse(e, at, "reads the accumulator where not every path has loaded the same word");
  if (masked && before->word < WORD_ARGUMENTS)
    return refuse(e, at, "masks the number or the architecture");
  return 0;
}

static int
check_and(const struct program *program, struct shape *shape, size_t at, struct error *e) {
  if (check_read(shape, at, true, e) != 0)
    return -1;
  struct accumulator now = shape->before[at];
  now.mask &= program->code[at].k;
  return follow(program, shape, at, at + 1, now, e);
}

static int
check_if(const struct program *program, struct shape *shape, size_t at, struct error *e) {
  const struct sock_filter *f = &program->code[at];
  if (check_read(shape, at, f->code == CODE_IF_SET, e) != 0
      || follow(program, shape, at, at + 1 + f->jt, shape->before[at], e) != 0)
    return -1;
  return follow(program, shape, at, at + 1 + f->jf, shape->before[at], e);
}

static bool
may_decide(const struct policy *policy, struct action action, uint32_t value) {
  if (action.kind == ACTION_NONE)
    return false;
  if (policy->permissive && action_refuses(action))
    action = (struct action){.kind = ACTION_LOG};
  return action_to_return(action) == value;
}

static bool
policy_may_return(const struct policy *policy, uint32_t value) {
  bool own = may_decide(policy, policy->foreign, value)
             || (policy->layer_count == 0 && may_decide(policy, (struct action){.kind = ACTION_ALLOW}, value));
  for (size_t i = 0; i < policy->layer_count && !own; i++)
    own = may_decide(policy, policy->layers[i].otherwise, value) || may_decide(policy, policy->layers[i].newer, value);
  for (size_t i = 0; i < policy->rule_count && !own; i++)
    own = may_decide(policy, policy->rules[i].action, value);
  return own;
}

// A value that stands for an action, with no more data than the action has. Source: compat/action.h.
static bool
any_may_return(uint32_t value) {
  struct action action;
  if (!action_from_return(value, &action))
    return false;
  return action.data <= (action.kind == ACTION_ERRNO ? ACTION_ERRNO_MAX : action.kind == ACTION_TRACE ? UINT16_MAX : 0);
}

static int
check_return(const struct program *program, const struct policy *policy, size_t at, struct error *e) {
  uint32_t value = program->code[at].k;
  if (policy == NULL)
    return any_may_return(value) ? 0 : refuse(e, at, "returns what is no action");
  if (!any_may_return(value) || !policy_may_return(policy, value))
    return refuse(e, at, "returns what the policy never decides");
  return 0;
}

static bool
ticket_blank(const struct ticket *ticket) {
  return (ticket->words[0] | ticket->words[1] | ticket->words[2] | ticket->words[3] | ticket->probe_errno) == 0;
}

// A template is taken as one instruction that asks for the ticket; without it, the path goes on knowing nothing.
static int
check_template(const struct program *program, struct shape *shape, size_t at, size_t length,
               const struct ticket *ticket, struct error *e) {
  if (length > program->length - at)
    return refuse(e, at, "begins a ticket template that is cut off");
  if (!ticket_blank(ticket))
    return refuse(e, at, "begins a ticket template that is filled in already");
  if (shape->before[at].arguments_seen)
    return refuse(e, at, "asks for the ticket after an argument was looked at");
  for (size_t i = at + 1; i < at + length; i++)
    if (shape->before[i].state != ACCUMULATOR_UNREACHED)
      return refuse(e, i, "inside a ticket template is jumped to");
  shape->template_length[at] = (uint8_t)length;
  return follow(program, shape, at, at + length, (struct accumulator){.state = ACCUMULATOR_UNKNOWN}, e);
}

static int
check_instruction(const struct program *program, const struct policy *policy, struct shape *shape, size_t at,
                  struct error *e) {
  const struct sock_filter *f = &program->code[at];
  switch (f->code) {
  case CODE_LOAD:
    return check_load(program, shape, at, e);
  case CODE_AND:
    return check_and(program, shape, at, e);
  case CODE_JUMP:
    return follow(program, shape, at, at + 1 + (size_t)f->k, shape->before[at], e);
  case CODE_IF_EQUAL:
  case CODE_IF_GREATER:
  case CODE_IF_GREATER_EQUAL:
  case CODE_IF_SET:
    return check_if(program, shape, at, e);
  case CODE_RETURN:
    return check_return(program, policy, at, e);
  default:
    return refuse(e, at, "is of a kind that has no place outside a ticket template");
  }
}

int
program_wellformed(const struct program *program, const struct policy *policy, struct shape *shape, struct error *e) {
  if (program->length == 0 || program->length > PROGRAM_MAX)
    return error_plain(e, ERROR_SECCOMP, "the program is not well-formed: it has %zu instructions, not 1 to %d",
                       program->length, PROGRAM_MAX);
  memset(shape->before, 0, program->length * sizeof shape->before[0]);
  memset(shape->template_length, 0, program->length);
  shape->before[0].state = ACCUMULATOR_UNKNOWN;

  size_t length;
  for (size_t at = 0; at < program->length; at += length) {
    struct ticket ticket = {0};
    enum ticket_form form = TICKET_NONE;
    if (shape->before[at].state == ACCUMULATOR_UNREACHED)
      return refuse(e, at, "is never reached");
    length = 0;
    if (program->code[at].code == CODE_LOAD
        && (program->code[at].k == TEMPLATE_FIRST_OFFSET || program->code[at].k == ARMING_FIRST_OFFSET))
      length = ticket_at(program, at, &ticket, &form);
    shape->template_form[at] = (uint8_t)form;
    if (length != 0 ? check_template(program, shape, at, length, &ticket, e) != 0
                    : check_instruction(program, policy, shape, at, e) != 0)
      return -1;
    length += length == 0;
  }
  return 0;
}
