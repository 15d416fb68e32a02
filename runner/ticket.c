// SPDX-License-Identifier: LGPL-2.1-or-later
// ticket.c - the tickets' places in a program, and their drawing.
#include "runner/ticket.h"
#include <linux/seccomp.h>
#include <string.h>
#include <sys/random.h>

#define WORD(argument, high) ((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (argument) + 4 * (high)))
#define LOAD(argument, high)                                                                                           \
  { BPF_LD | BPF_W | BPF_ABS, 0, 0, WORD(argument, high) }
#define XOR_BLANK                                                                                                      \
  { BPF_ALU | BPF_XOR | BPF_K, 0, 0, 0 }
#define OR_X                                                                                                           \
  { BPF_ALU | BPF_OR | BPF_X, 0, 0, 0 }
#define TAX                                                                                                            \
  { BPF_MISC | BPF_TAX, 0, 0, 0 }
#define RETURN(value)                                                                                                  \
  { BPF_RET | BPF_K, 0, 0, (value) }
#define COMPARE(first, second)                                                                                         \
  LOAD(first, 0), XOR_BLANK, TAX, LOAD(first, 1), XOR_BLANK, OR_X, TAX, LOAD(second, 0), XOR_BLANK, OR_X, TAX,         \
      LOAD(second, 1), XOR_BLANK, OR_X
#define UNLESS_EQUAL(skip)                                                                                             \
  { BPF_JMP | BPF_JEQ | BPF_K, 0, (skip), 0 }

// The blank templates. Any difference of any bit survives into the accumulator; one jump looks at it.
static const struct form {
  size_t length;
  size_t probe_at;  // the instruction that returns the probe's errno; 0: none does
  uint8_t words[4]; // which of the ticket's words stands at word_at[] of the code
  struct sock_filter code[TICKET_LENGTH_MAX];
} forms[TICKET_FORMS] = {
    [TICKET_EXEC] = {19,
                     18,
                     {0, 1, 2, 3},
                     {COMPARE(4, 5), UNLESS_EQUAL(4), LOAD(3, 0), UNLESS_EQUAL(1), RETURN(SECCOMP_RET_ALLOW),
                      RETURN(SECCOMP_RET_ERRNO)}},
    [TICKET_LAST_WORD] = {16, 0, {0, 1, 2, 3}, {COMPARE(4, 5), UNLESS_EQUAL(1), RETURN(SECCOMP_RET_ALLOW)}},
    [TICKET_ARM] = {16, 0, {2, 3, 0, 1}, {COMPARE(5, 4), UNLESS_EQUAL(1), RETURN(SECCOMP_RET_ALLOW)}},
    [TICKET_CONFIRM] = {16, 15, {2, 3, 0, 1}, {COMPARE(5, 4), UNLESS_EQUAL(1), RETURN(SECCOMP_RET_ERRNO)}},
};
static const size_t word_at[4] = {1, 4, 8, 12};

size_t
ticket_template(const struct ticket *ticket, enum ticket_form form, struct sock_filter *out) {
  const struct form *f = &forms[form];
  memcpy(out, f->code, f->length * sizeof *out);
  for (size_t i = 0; i < 4; i++)
    out[word_at[i]].k = ticket->words[f->words[i]];
  if (f->probe_at != 0)
    out[f->probe_at].k |= ticket->probe_errno;
  return f->length;
}

// Writes what the template at `code` would be if it had the words that stand there, and compares.
static bool
is_form(const struct sock_filter *code, enum ticket_form form, struct ticket *ticket) {
  const struct form *f = &forms[form];
  struct sock_filter want[TICKET_LENGTH_MAX];
  struct ticket found = {.probe_errno = 0};
  for (size_t i = 0; i < 4; i++)
    found.words[f->words[i]] = code[word_at[i]].k;
  if (f->probe_at != 0)
    found.probe_errno = (uint16_t)(code[f->probe_at].k & SECCOMP_RET_DATA);
  ticket_template(&found, form, want);
  if (memcmp(code, want, f->length * sizeof *want) != 0)
    return false;
  *ticket = found;
  return true;
}

size_t
ticket_at(const struct program *program, size_t at, struct ticket *ticket, enum ticket_form *form) {
  if (at >= program->length)
    return 0;
  for (enum ticket_form i = TICKET_NONE + 1; i < TICKET_FORMS; i++) {
    const struct sock_filter *code = program->code + at;
    // the first instruction tells nearly all others from a template
    if (code->k != forms[i].code[0].k || code->code != forms[i].code[0].code || forms[i].length > program->length - at
        || !is_form(code, i, ticket))
      continue;
    *form = i;
    return forms[i].length;
  }
  return 0;
}

// Away from the errno values that mean something (below 134) and from those that the kernel takes for itself (512 to
// 530).
#define PROBE_ERRNO_FIRST 1024
#define PROBE_ERRNO_LAST 4094

int
ticket_draw(struct ticket *ticket, struct error *e) {
  uint32_t random[5] = {0};
  ssize_t got = getrandom(random, sizeof random, 0);
  if (got != (ssize_t)sizeof random)
    return error_plain(e, ERROR_SECCOMP, "getrandom(2) gave no random bytes; nothing was started");
  for (size_t i = 0; i < 5; i++)
    if (random[i] == 0)
      return error_plain(
          e, ERROR_SECCOMP,
          "getrandom(2) gave a word of zeros: something outside pretends to answer it; nothing was started");
  memcpy(ticket->words, random, sizeof ticket->words);
  ticket->probe_errno = (uint16_t)(PROBE_ERRNO_FIRST + random[4] % (PROBE_ERRNO_LAST - PROBE_ERRNO_FIRST + 1));
  explicit_bzero(random, sizeof random);
  return 0;
}

// How many templates of each form a program of its kind has: one for execve, and the arming ticket's, all of one form,
// on the native ABI and on x86 at most.
static bool
are_counts_right(const size_t counts[TICKET_FORMS], bool exec, bool arm) {
  size_t arming = counts[TICKET_ARM] + counts[TICKET_CONFIRM];
  bool mixed = counts[TICKET_ARM] != 0 && counts[TICKET_CONFIRM] != 0;
  return counts[TICKET_EXEC] == (exec ? 1u : 0u) && (arm ? arming == 1 || arming == 2 : arming == 0) && !mixed;
}

int
ticket_fill(struct program *program, const struct ticket *exec, const struct ticket *arm, struct error *e) {
  static const struct ticket blank;
  const struct ticket *const tickets[TICKET_FORMS] = {
      [TICKET_EXEC] = exec, [TICKET_LAST_WORD] = exec, [TICKET_ARM] = arm, [TICKET_CONFIRM] = arm};
  size_t counts[TICKET_FORMS] = {0}, length;
  for (size_t at = 0; at<program->length; at += length> 0 ? length : 1) {
    struct ticket found;
    enum ticket_form form;
    length = ticket_at(program, at, &found, &form);
    if (length == 0)
      continue;
    if (memcmp(found.words, blank.words, sizeof blank.words) != 0 || found.probe_errno != 0)
      return error_plain(e, ERROR_SECCOMP, "the program holds a ticket already; nothing was started");
    if (tickets[form] == NULL)
      return error_plain(e, ERROR_SECCOMP, "the program asks for a ticket that is not there; nothing was started");
    ticket_template(tickets[form], form, program->code + at);
    counts[form]++;
  }
  if (!are_counts_right(counts, exec != NULL, arm != NULL))
    return error_plain(e, ERROR_SECCOMP, "the program has no place for its ticket; nothing was started");
  return 0;
}
