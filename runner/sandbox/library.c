// SPDX-License-Identifier: LGPL-2.1-or-later
// library.c - libsandbox.so: puts the filter that the environment asks for on the program that it is loaded into,
// before main().
//
// A guest in somebody else's process: it exports nothing, and has a heap of its own (pool.h) that is gone before the
// filter is there, with all that its static storage held. Nothing follows the filter but one ticketed probe: every
// other call is the policy's to decide. What cannot be done ends the process; main() never runs without the filter.
#include "runner/compile.h"
#include "runner/report.h"
#include "runner/sandbox/pool.h"
#include "runner/sandbox/request.h"
#include "runner/ticket.h"
#include "runner/verify.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TOOL "libsandbox.so"

// No exit handlers: those are the host's.
static _Noreturn void
leave(int status) {
  (void)syscall(SYS_exit_group, status);
  for (;;)
    __builtin_trap();
}

static _Noreturn void
fail(const struct error *e) {
  report_error(TOOL, e);
  leave(error_exit_status(e->kind));
}

// The loader ignores LD_PRELOAD there, but not a library that the program is linked to.
static int
refuse_secure(struct error *e) {
  if (getauxval(AT_SECURE) == 0)
    return 0;
  return error_plain(e, ERROR_USAGE,
                     "this program has more rights than its caller, who must not choose its filter: unset the "
                     "variables; main() did not run");
}

static int
build(struct program *program, struct error *e) {
  static struct request request;
  static struct program built;
  int status = request_read(&request, environ, TOOL);
  if (status != 0) {
    report(TOOL, "main() did not run");
    leave(status);
  }
  if (program_compile(request.policy, PROGRAM_LATER, &built, e) != 0
      || program_verify(&built, PROGRAM_LATER, request.policy, e) != 0)
    return -1;
  request_say(&request);
  policy_free(request.policy);
  program->length = built.length;
  memcpy(program->code, built.code, built.length * sizeof built.code[0]);
  return 0;
}

static int
set_no_new_privs(struct error *e) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1)
    return 0;
  return error_plain(e, ERROR_PRIVILEGES, "no_new_privs did not take; main() did not run");
}

// TSYNC: threads that other constructors made have the filter, too. The kernel answers with the id of one that cannot.
static int
install(const struct program *program, struct error *e) {
  struct sock_fprog filter = {(unsigned short)program->length, (struct sock_filter *)(uintptr_t)program->code};
  long answer = syscall(SYS_seccomp, (long)SECCOMP_SET_MODE_FILTER, (long)SECCOMP_FILTER_FLAG_TSYNC, &filter);
  if (answer == 0)
    return 0;
  if (answer > 0)
    return error_plain(e, ERROR_SECCOMP,
                       "thread %ld has a filter that this one has not: the kernel puts no filter on both; main() did "
                       "not run",
                       answer);
  return error_plain(e, ERROR_SECCOMP,
                     "the kernel did not take the filter (%zu instructions): errno %d; main() did "
                     "not run",
                     program->length, errno);
}

// What the filter answers to its ticket nobody else knows.
static int
prove(const struct ticket *ticket, struct error *e) {
  uint64_t low = (uint64_t)ticket->words[1] << 32 | ticket->words[0];
  uint64_t high = (uint64_t)ticket->words[3] << 32 | ticket->words[2];
  if (syscall(SYS_seccomp, ~0UL, 0UL, 0UL, 0UL, low, high) == -1 && errno == ticket->probe_errno)
    return 0;
  return error_plain(e, ERROR_SECCOMP,
                     "the filter is not in force although the kernel seemed to take it: something outside answers "
                     "seccomp(2) in its place; main() did not run");
}

// The host's own, past the names that pool.h takes.
void *host_malloc(size_t size) __asm__("malloc");
void host_free(void *block) __asm__("free");

// Lists were written for a library that used the host's heap, and the first allocation of a program makes calls (brk,
// getrandom) that those lists do without. It is made here and given back.
static void
warm_heap(void) {
  void *volatile block = host_malloc(1);
  host_free(block);
}

// The finished program is on the stack: all static storage is given back, and what is there is wiped.
static void
apply(void) {
  struct program program;
  struct ticket ticket;
  struct error e;
  if (refuse_secure(&e) != 0 || build(&program, &e) != 0)
    fail(&e);
  request_remove(environ);
  pool_drop();
  warm_heap();
  if (set_no_new_privs(&e) != 0 || ticket_draw(&ticket, &e) != 0 || ticket_fill(&program, NULL, &ticket, &e) != 0
      || install(&program, &e) != 0 || prove(&ticket, &e) != 0)
    fail(&e);
  explicit_bzero(&ticket, sizeof ticket);
  explicit_bzero(&program, sizeof program);
}

static __attribute__((constructor)) void
sandbox(void) {
  int kept = errno;
  if (request_is_made(environ))
    apply();
  errno = kept;
}
