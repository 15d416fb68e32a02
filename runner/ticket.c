// SPDX-License-Identifier: LGPL-2.1-or-later
// ticket.c - the exec ticket's place in a program, and its drawing.
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
#define COMPARISON_LENGTH 14

// The blank template. Any difference of any bit survives into the accumulator; one jump looks at it.
static const struct sock_filter comparison[COMPARISON_LENGTH] = {
    LOAD(4, 0), XOR_BLANK, TAX,       //
    LOAD(4, 1), XOR_BLANK, OR_X, TAX, //
    LOAD(5, 0), XOR_BLANK, OR_X, TAX, //
    LOAD(5, 1), XOR_BLANK, OR_X,
};
static const struct sock_filter exec_end[] = {
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 0},
    LOAD(3, 0),
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0},
    RETURN(SECCOMP_RET_ALLOW),
    RETURN(SECCOMP_RET_ERRNO), // | probe_errno
};
static const struct sock_filter other_end[] = {
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0},
    RETURN(SECCOMP_RET_ALLOW),
};
static const size_t word_at[4] = {1, 4, 8, 12};
#define PROBE_AT (TICKET_EXEC_LENGTH - 1)

_Static_assert(sizeof comparison + sizeof exec_end == TICKET_EXEC_LENGTH * sizeof(struct sock_filter), "exec form");
_Static_assert(sizeof comparison + sizeof other_end == TICKET_OTHER_LENGTH * sizeof(struct sock_filter), "other form");

size_t
ticket_template(const struct ticket *ticket, bool exec, struct sock_filter *out) {
  memcpy(out, comparison, sizeof comparison);
  for (size_t i = 0; i < 4; i++)
    out[word_at[i]].k = ticket->words[i];
  if (!exec) {
    memcpy(out + COMPARISON_LENGTH, other_end, sizeof other_end);
    return TICKET_OTHER_LENGTH;
  }
  memcpy(out + COMPARISON_LENGTH, exec_end, sizeof exec_end);
  out[PROBE_AT].k = SECCOMP_RET_ERRNO | ticket->probe_errno;
  return TICKET_EXEC_LENGTH;
}

// Writes what the template at `at` would be if it had the words that stand there, and compares.
size_t
ticket_at(const struct program *program, size_t at, struct ticket *ticket, bool *exec) {
  const struct sock_filter *code = program->code + at;
  if (at >= program->length || memcmp(code, comparison, sizeof *code) != 0)
    return 0;
  for (int form = 0; form < 2; form++) {
    size_t length = form == 0 ? TICKET_EXEC_LENGTH : TICKET_OTHER_LENGTH;
    struct sock_filter want[TICKET_EXEC_LENGTH];
    struct ticket found = {.probe_errno = 0};
    if (length > program->length - at)
      continue;
    for (size_t i = 0; i < 4; i++)
      found.words[i] = code[word_at[i]].k;
    if (form == 0)
      found.probe_errno = (uint16_t)(code[PROBE_AT].k & SECCOMP_RET_DATA);
    ticket_template(&found, form == 0, want);
    if (memcmp(code, want, length * sizeof *want) != 0)
      continue;
    *ticket = found;
    *exec = form == 0;
    return length;
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

int
ticket_fill(struct program *program, const struct ticket *ticket, struct error *e) {
  static const struct ticket blank;
  size_t filled = 0;
  for (size_t at = 0; at < program->length;) {
    struct ticket found;
    bool exec;
    size_t length = ticket_at(program, at, &found, &exec);
    if (length == 0) {
      at++;
      continue;
    }
    if (memcmp(found.words, blank.words, sizeof blank.words) != 0 || found.probe_errno != 0)
      return error_plain(e, ERROR_SECCOMP, "the program holds a ticket already; nothing was started");
    ticket_template(ticket, exec, program->code + at);
    filled += exec;
    at += length;
  }
  if (filled != 1)
    return error_plain(e, ERROR_SECCOMP, "the program has no place for the exec ticket; nothing was started");
  return 0;
}
