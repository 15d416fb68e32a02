// SPDX-License-Identifier: LGPL-2.1-or-later
// verify.c - splits all calls into pieces on which neither the program nor the policy can change its mind, and asks
// both about one of each.
//
// While a program looks at the architecture and the number only, its paths are followed with the ranges of both that
// lead there; the ranges of different paths never overlap. Where a path returns or comes to an argument, its numbers
// are taken one by one where the policy has rules, and one for each gap between; if either side looks at arguments
// then, all atoms of its words are crossed and tried.
#include "runner/verify.h"
#include "runner/points.h"
#include "runner/ticket.h"
#include "runner/wellformed.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the low half of an argument stands first");
static_assert(VERIFY_ATOMS_MAX == POINTS_MAX, "what is said of the one holds for the other");
static_assert(WORDS - WORD_ARGUMENTS == POINT_WORDS, "the words of the arguments are the last");

// Calls with arch_low <= architecture <= arch_high and low <= number <= high, in front of instruction `at`.
struct piece {
  size_t at;
  uint32_t arch_low, arch_high, low, high;
  bool ticket_asked;
};

// A test leaves up to three pieces where there was one, and no path is longer than the program.
#define PIECES_MAX (2 * PROGRAM_MAX + 16)

// One number (or gap) at the end of a piece: what both sides are asked about.
struct question {
  size_t at;
  enum abi abi;
  bool ticket_asked;
  uint32_t words[WORDS];
};

struct verifier {
  const struct program *program;
  const struct policy *policy;
  enum program_kind kind;
  bool notifies;
  struct shape shape;
  struct piece pieces[PIECES_MAX];
  size_t piece_count;
  struct points points; // of one number
  bool marked[PROGRAM_MAX];
};

// Too large for the stack, and cleared by nobody: each use writes what it reads.
static struct verifier the_verifier;

// The calls that a ticket is asked for, and its form by what the program is for.
static const struct {
  enum abi abi;
  uint32_t number;
  enum ticket_form launch, startup, later;
} ticketed_calls[] = {
    {ABI_NATIVE, SYS_execve, TICKET_EXEC, TICKET_EXEC, TICKET_NONE},
    {ABI_NATIVE, SYS_write, TICKET_LAST_WORD, TICKET_LAST_WORD, TICKET_NONE},
    {ABI_NATIVE, SYS_exit_group, TICKET_LAST_WORD, TICKET_LAST_WORD, TICKET_NONE},
    {ABI_NATIVE, SYS_sendmsg, TICKET_LAST_WORD, TICKET_LAST_WORD, TICKET_NONE}, // where a listener waits for it
    {ABI_NATIVE, SYS_seccomp, TICKET_NONE, TICKET_ARM, TICKET_CONFIRM},
    {ABI_I386, TICKET_ARM_I386, TICKET_NONE, TICKET_ARM, TICKET_CONFIRM},
};

// The form of the ticket that a call must meet, TICKET_NONE if it must not meet any.
static enum ticket_form
form_of(const struct verifier *v, enum abi abi, uint32_t number) {
  if ((v->policy->abis & ABI_BIT(abi)) == 0 || (abi == ABI_NATIVE && number == SYS_sendmsg && !v->notifies))
    return TICKET_NONE;
  for (size_t i = 0; i < sizeof ticketed_calls / sizeof ticketed_calls[0]; i++)
    if (ticketed_calls[i].abi == abi && ticketed_calls[i].number == number)
      return v->kind == PROGRAM_LAUNCH    ? ticketed_calls[i].launch
             : v->kind == PROGRAM_STARTUP ? ticketed_calls[i].startup
             : v->kind == PROGRAM_LATER   ? ticketed_calls[i].later
                                          : TICKET_NONE;
  return TICKET_NONE;
}

static void
call_describe(enum abi abi, uint32_t number, char out[96]) {
  call_t call = abi == ABI_NONE ? CALL_NONE : calls_at(abi, number);
  snprintf(out, 96, "%s call %u%s%.40s%s", abi == ABI_NONE ? "foreign" : abi_name(abi), number,
           call == CALL_NONE ? "" : " (", call == CALL_NONE ? "" : calls_name(call), call == CALL_NONE ? "" : ")");
}

static int
refuse_ticket(struct error *e, const char *why, enum abi abi, uint32_t number) {
  char call[96];
  call_describe(abi, number, call);
  return error_plain(e, ERROR_SECCOMP, "the program's ticket is wrong: %s %s", call, why);
}

static int
refuse_difference(struct error *e, const struct question *q, uint32_t got, struct action want) {
  char call[96], arguments[160], got_text[48] = "nothing valid", want_text[48];
  uint64_t args[6];
  size_t length = 0;
  struct action action;
  points_arguments(q->words + WORD_ARGUMENTS, args);
  call_describe(q->abi, q->words[WORD_NUMBER], call);
  for (size_t i = 0; i < 6; i++)
    length += (size_t)snprintf(arguments + length, sizeof arguments - length, "%s0x%llx", i == 0 ? "" : ", ",
                               (unsigned long long)args[i]);
  if (action_from_return(got, &action))
    action_describe(action, got_text, sizeof got_text);
  action_describe(want, want_text, sizeof want_text);
  return error_plain(e, ERROR_SECCOMP, "the program differs from the policy: %s with (%s) gets %s instead of %s", call,
                     arguments, got_text, want_text);
}

static bool
is_taken(const struct sock_filter *f, uint32_t accumulator) {
  switch (f->code) {
  case CODE_IF_EQUAL:
    return accumulator == f->k;
  case CODE_IF_GREATER:
    return accumulator > f->k;
  case CODE_IF_GREATER_EQUAL:
    return accumulator >= f->k;
  default:
    return (accumulator & f->k) != 0;
  }
}

// Runs the well-formed program from q->at to its return, where no template can stand any more.
static int
program_answer(const struct verifier *v, const struct question *q, uint32_t *value, struct error *e) {
  const struct accumulator *before = &v->shape.before[q->at];
  uint32_t accumulator = before->state == ACCUMULATOR_WORD ? q->words[before->word] & before->mask : 0;
  for (size_t at = q->at; at < v->program->length; at++) {
    const struct sock_filter *f = &v->program->code[at];
    switch (f->code) {
    case CODE_LOAD:
      accumulator = q->words[f->k / 4];
      break;
    case CODE_AND:
      accumulator &= f->k;
      break;
    case CODE_JUMP:
      at += f->k;
      break;
    case CODE_IF_EQUAL:
    case CODE_IF_GREATER:
    case CODE_IF_GREATER_EQUAL:
    case CODE_IF_SET:
      at += is_taken(f, accumulator) ? f->jt : f->jf;
      break;
    case CODE_RETURN:
      *value = f->k;
      return 0;
    default:
      return error_plain(e, ERROR_SECCOMP, "the program is not well-formed: instruction %zu is met by a call", at);
    }
  }
  return error_plain(e, ERROR_SECCOMP, "the program is not well-formed: it ends without a return");
}

// Asks both sides. A last word that never met the ticket must be allowed whatever its arguments are.
static int
question_ask(const struct verifier *v, const struct question *q, struct error *e) {
  uint64_t args[6];
  uint32_t value = 0, number = q->words[WORD_NUMBER];
  if (program_answer(v, q, &value, e) != 0)
    return -1;
  points_arguments(q->words + WORD_ARGUMENTS, args);
  struct action want = policy_decide(v->policy, q->abi, number, args).action;
  if (value != action_to_return(want))
    return refuse_difference(e, q, value, want);
  if (want.kind != ACTION_ALLOW && !q->ticket_asked && form_of(v, q->abi, number) != TICKET_NONE)
    return refuse_ticket(e, "is refused or logged without asking for it", q->abi, number);
  return 0;
}

// Every test that some path from `at` on can come to; the shape says that all are on words of arguments.
static void
add_program_predicates(struct verifier *v, size_t at) {
  size_t last = at;
  v->marked[at] = true;
  for (; at <= last; at++) {
    const struct sock_filter *f = &v->program->code[at];
    const struct accumulator *before = &v->shape.before[at];
    if (!v->marked[at])
      continue;
    v->marked[at] = false;
    if (f->code == CODE_RETURN)
      continue;
    size_t taken = at + 1, other = at + 1;
    if (f->code == CODE_JUMP) {
      taken = other = at + 1 + (size_t)f->k;
    } else if (BPF_CLASS(f->code) == BPF_JMP) {
      bool set = f->code == CODE_IF_SET;
      points_add(&v->points, before->word - WORD_ARGUMENTS, set ? before->mask & f->k : before->mask, set ? 0 : f->k);
      taken += f->jt;
      other += f->jf;
    }
    v->marked[taken] = v->marked[other] = true;
    last = taken > last ? taken : last;
    last = other > last ? other : last;
  }
}

static int
refuse_size(struct error *e, const struct question *q) {
  char call[96];
  call_describe(q->abi, q->words[WORD_NUMBER], call);
  return error_plain(e, ERROR_SECCOMP, "the program cannot be verified: %s has more than %d cases to look at", call,
                     VERIFY_ATOMS_MAX);
}

static int
ask_all_points(struct verifier *v, struct question *q, struct error *e) {
  uint32_t *words = q->words + WORD_ARGUMENTS;
  if (!points_first(&v->points, words))
    return refuse_size(e, q);
  do {
    if (question_ask(v, q, e) != 0)
      return -1;
  } while (points_next(&v->points, words));
  return 0;
}

static int
check_number(struct verifier *v, const struct piece *piece, enum abi abi, uint32_t number, struct error *e) {
  struct question q = {.at = piece->at, .abi = abi, .ticket_asked = piece->ticket_asked};
  q.words[WORD_NUMBER] = number;
  q.words[WORD_ARCH] = piece->arch_low;
  enum ticket_form form = form_of(v, abi, number);
  if (form != TICKET_NONE && form != TICKET_LAST_WORD && !piece->ticket_asked)
    return refuse_ticket(e, "is decided without asking for it", abi, number);
  points_clear(&v->points);
  if (v->program->code[piece->at].code != CODE_RETURN)
    add_program_predicates(v, piece->at);
  points_add_policy(&v->points, v->policy, abi, number);
  return v->points.predicate_count == 0 ? question_ask(v, &q, e) : ask_all_points(v, &q, e);
}

// The first of the rising `numbers` that is not below `low`.
static size_t
numbers_from(const uint32_t *numbers, size_t count, uint32_t low) {
  size_t first = 0;
  while (count > 0) {
    size_t half = count / 2;
    if (numbers[first + half] < low) {
      first += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return first;
}

// The lowest of the rising `numbers` above `number`; past the last one, `end`.
static uint64_t
number_above(const uint32_t *numbers, size_t count, uint64_t number, uint64_t end) {
  size_t i = number >= UINT32_MAX ? count : numbers_from(numbers, count, (uint32_t)number + 1);
  return i < count && numbers[i] < end ? numbers[i] : end;
}

// The program has seen all it wants of architecture and number: each number with rules, and one of each gap between;
// gaps also end where numbers begin or cease to be newer than the tables.
static int
check_piece(struct verifier *v, const struct piece *piece, struct error *e) {
  enum abi abi = abi_of(piece->arch_low, piece->low);
  size_t count = 0, edge_count = 0;
  const uint32_t *numbers = abi == ABI_NONE ? NULL : policy_numbers(v->policy, abi, &count);
  const uint32_t *edges = abi == ABI_NONE ? NULL : calls_newer_edges(abi, &edge_count);
  size_t i = numbers_from(numbers, count, piece->low);
  for (uint64_t next = piece->low; next <= piece->high;) {
    if (check_number(v, piece, abi, (uint32_t)next, e) != 0)
      return -1;
    if (i < count && numbers[i] == next) {
      i++;
      next++;
    } else {
      next = i < count ? number_above(edges, edge_count, next, numbers[i])
                       : number_above(edges, edge_count, next, (uint64_t)piece->high + 1);
    }
  }
  return 0;
}

static int
push(struct verifier *v, struct piece piece, struct error *e) {
  if (v->piece_count == PIECES_MAX)
    return error_plain(e, ERROR_SECCOMP, "the program cannot be verified: too many paths");
  v->pieces[v->piece_count++] = piece;
  return 0;
}

// The part of `piece` whose number (or architecture) lies in low..high as well goes on at `at`.
static int
push_part(struct verifier *v, const struct piece *piece, bool arch, int64_t low, int64_t high, size_t at,
          struct error *e) {
  struct piece part = *piece;
  uint32_t *part_low = arch ? &part.arch_low : &part.low, *part_high = arch ? &part.arch_high : &part.high;
  if (low < *part_low)
    low = *part_low;
  if (high > *part_high)
    high = *part_high;
  if (low > high)
    return 0;
  *part_low = (uint32_t)low;
  *part_high = (uint32_t)high;
  part.at = at;
  return push(v, part, e);
}

// A test of architecture or number: one range is taken, those below and above it are not.
static int
split(struct verifier *v, const struct piece *piece, struct error *e) {
  const struct sock_filter *f = &v->program->code[piece->at];
  bool arch = v->shape.before[piece->at].word == WORD_ARCH;
  int64_t low = (int64_t)f->k + (f->code == CODE_IF_GREATER), high = f->code == CODE_IF_EQUAL ? f->k : UINT32_MAX;
  size_t taken = piece->at + 1 + f->jt, other = piece->at + 1 + f->jf;
  if (push_part(v, piece, arch, low, high, taken, e) != 0 || push_part(v, piece, arch, 0, low - 1, other, e) != 0)
    return -1;
  return push_part(v, piece, arch, high + 1, UINT32_MAX, other, e);
}

static int
pass_template(const struct verifier *v, struct piece *piece, struct error *e) {
  enum abi abi = abi_of(piece->arch_low, piece->low);
  size_t length = v->shape.template_length[piece->at];
  if (piece->low != piece->high || piece->arch_low != piece->arch_high
      || form_of(v, abi, piece->low) != v->shape.template_form[piece->at])
    return refuse_ticket(e, "comes to a template that is not its own", abi, piece->low);
  if (piece->ticket_asked)
    return refuse_ticket(e, "is asked for it twice", abi, piece->low);
  piece->ticket_asked = true;
  piece->at += length;
  return 0;
}

// Follows one piece to its end or its next test of architecture or number.
static int
follow(struct verifier *v, struct piece piece, struct error *e) {
  bool foreign = abi_of(piece.arch_low, piece.low) == ABI_NONE;
  for (;;) {
    const struct sock_filter *f = &v->program->code[piece.at];
    if (v->shape.template_length[piece.at] != 0) {
      if (pass_template(v, &piece, e) != 0)
        return -1;
    } else if (f->code == CODE_RETURN) {
      return check_piece(v, &piece, e);
    } else if (f->code == CODE_LOAD && foreign && f->k != WORD_ARCH * 4) {
      return error_plain(e, ERROR_SECCOMP,
                         "the program is not well-formed: instruction %zu looks at calls of architecture 0x%x, which "
                         "is foreign",
                         piece.at, piece.arch_low);
    } else if (f->code == CODE_LOAD || f->code == CODE_AND) {
      piece.at++;
    } else if (f->code == CODE_JUMP) {
      piece.at += 1 + (size_t)f->k;
    } else {
      bool on_argument = v->shape.before[piece.at].word >= WORD_ARGUMENTS;
      return on_argument ? check_piece(v, &piece, e) : split(v, &piece, e);
    }
  }
}

// All calls there are, cut where abi_of() changes (around the two architectures, at the x32 bit, at number -1) and
// around the calls that have a ticket to meet.
#define FOREIGN(first, last)                                                                                           \
  { .arch_low = (first), .arch_high = (last), .low = 0, .high = UINT32_MAX }
#define KNOWN(arch, first, last)                                                                                       \
  { .arch_low = (arch), .arch_high = (arch), .low = (first), .high = (last) }
static const struct piece everything[] = {
    FOREIGN(0, ARCH_WORD_I386 - 1),
    KNOWN(ARCH_WORD_I386, 0, TICKET_ARM_I386 - 1),
    KNOWN(ARCH_WORD_I386, TICKET_ARM_I386, TICKET_ARM_I386),
    KNOWN(ARCH_WORD_I386, TICKET_ARM_I386 + 1, UINT32_MAX),
    FOREIGN(ARCH_WORD_I386 + 1, ARCH_WORD_X86_64 - 1),
    KNOWN(ARCH_WORD_X86_64, 0, SYS_write - 1),
    KNOWN(ARCH_WORD_X86_64, SYS_write, SYS_write),
    KNOWN(ARCH_WORD_X86_64, SYS_write + 1, SYS_sendmsg - 1),
    KNOWN(ARCH_WORD_X86_64, SYS_sendmsg, SYS_sendmsg),
    KNOWN(ARCH_WORD_X86_64, SYS_sendmsg + 1, SYS_execve - 1),
    KNOWN(ARCH_WORD_X86_64, SYS_execve, SYS_execve),
    KNOWN(ARCH_WORD_X86_64, SYS_execve + 1, SYS_exit_group - 1),
    KNOWN(ARCH_WORD_X86_64, SYS_exit_group, SYS_exit_group),
    KNOWN(ARCH_WORD_X86_64, SYS_exit_group + 1, SYS_seccomp - 1),
    KNOWN(ARCH_WORD_X86_64, SYS_seccomp, SYS_seccomp),
    KNOWN(ARCH_WORD_X86_64, SYS_seccomp + 1, X32_BIT - 1),
    KNOWN(ARCH_WORD_X86_64, X32_BIT, UINT32_MAX - 1),
    KNOWN(ARCH_WORD_X86_64, UINT32_MAX, UINT32_MAX),
    FOREIGN(ARCH_WORD_X86_64 + 1, UINT32_MAX),
};

int
program_verify(const struct program *program, enum program_kind kind, const struct policy *policy, struct error *e) {
  struct verifier *v = &the_verifier;
  v->kind = kind;
  v->program = program;
  v->policy = policy;
  v->notifies = policy_notifies(policy);
  v->piece_count = 0;
  if (program_wellformed(program, policy, &v->shape, e) != 0)
    return -1;
  memset(v->marked, 0, program->length * sizeof v->marked[0]);
  for (size_t i = 0; i < sizeof everything / sizeof everything[0]; i++)
    if (push(v, everything[i], e) != 0)
      return -1;
  while (v->piece_count > 0)
    if (follow(v, v->pieces[--v->piece_count], e) != 0)
      return -1;
  return 0;
}
