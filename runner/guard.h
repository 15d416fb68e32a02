// SPDX-License-Identifier: LGPL-2.1-or-later
// guard.h - puts the filter on this process, proves that it is there, and execs through it. After guard_make() nothing
// but guard_exec() and guard_fail() can be done: every other system call is the policy's to decide.
#ifndef SCRUN_RUNNER_GUARD_H
#define SCRUN_RUNNER_GUARD_H
#include "runner/image.h"
#include "runner/ticket.h"

// Proof that the next exec is filtered. Only guard_make() makes one; it holds the ticket, so it is never copied or
// printed.
struct guard {
  struct ticket ticket;
};

// Sets no_new_privs as the image asks and reads it back. Fails with ERROR_PRIVILEGES: it did not take (an outer filter
// that answers for the kernel), or the image does without and CAP_SYS_ADMIN is not effective.
SC_NODISCARD int guard_set_privileges(const struct image *image, struct error *e);

// Later filters are installed with seccomp(2). Fails with ERROR_SECCOMP if the kernel is not the one that answers it:
// then they could not be put on, which is better known before anything runs.
SC_NODISCARD int guard_check_later(struct error *e);

// Draws the exec ticket, fills it into the image's program (whose tickets are blank), installs that with the image's
// flags and proves with a ticketed probe that the kernel obeys it. At a later moment that is the start-up program;
// before it, the later program and the arming ticket are written as a struct arming (arming.h) to `arming`: memory,
// which is then sealed (MOMENT_MAIN), or the tracer's socket. `arming` is -1 at exec. The process is made non-dumpable
// first, so that no peer of the same user can read the tickets. Where calls are left to a listener, it is connected to
// before the filter is there and given the descriptor after the proof. Fails with ERROR_SECCOMP. *installed says
// whether the filter may be in force: then report through guard_fail(), otherwise as usual. In either case the process
// must not exec.
SC_NODISCARD int guard_make(struct guard *guard, struct image *image, int arming, bool *installed, struct error *e);

// What guard_make() does at a later moment: fills the start-up program with the exec ticket and the arming ticket,
// which it draws, and hands over the later one.
SC_NODISCARD int guard_prepare_later(struct image *image, const struct ticket *exec, int arming, struct error *e);

// And where calls are left to a listener: one descriptor with the first bytes of its message, and the rest of them.
struct listener;
SC_NODISCARD int guard_tell_listener(const struct guard *guard, const struct listener *listener, int descriptor,
                                     struct error *e);

// Of seccomp(2), for the later filter of that image.
uint32_t arming_flags(const struct image *image);

// The one execve. Returns only if it failed, with the errno.
int guard_exec(const struct guard *guard, const char *path, char *const argv[], char *const envp[]);

// Writes `text` to stderr with the ticket and exits with the ticket.
_Noreturn void guard_fail(const struct guard *guard, const char *text, size_t length, int status);
#endif
