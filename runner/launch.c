// SPDX-License-Identifier: LGPL-2.1-or-later
// launch.c - process: the last steps before the exec, and the exec.
#include "runner/launch.h"
#include "runner/guard.h"
#include "runner/isolate.h"
#include "runner/outer.h"
#include "runner/report.h"
#include <sys/auxv.h>
#include <sys/syscall.h>

int
launch_refuse_setuid(const char *tool, struct error *e) {
  if (getauxval(AT_UID) == getauxval(AT_EUID) && getauxval(AT_GID) == getauxval(AT_EGID))
    return 0;
  return error_plain(e, ERROR_USAGE, "%s must not be setuid or setgid; nothing was started", tool);
}

static void
say_in_force(const struct launch *what, const struct isolation *isolation) {
  const struct image *image = what->image;
  const struct program *program = image->moment == MOMENT_EXEC ? &image->program : &image->startup;
  if (image->no_new_privs && target_is_privileged(what->target))
    report(what->tool, "%s is setuid, setgid or has file capabilities: no_new_privs takes effect, it gains nothing",
           shown(what->target->path).text);
  report(what->tool, "%s: %s of %zu instructions, %s, execve %s, execveat %s, no_new_privs %s, peers %s (%s)%s%s",
         shown(what->target->path).text, image->moment == MOMENT_EXEC ? "filter" : "start-up filter", program->length,
         image->permissive ? "logging only" : "enforced", image->closes_execve ? "closed" : "open",
         image->closes_execveat ? "closed" : "open", image->no_new_privs ? "on" : "off",
         isolation->isolated ? "isolated" : "not isolated", isolation->reason, image->notifies ? ", listener " : "",
         image->notifies ? shown(image->listener_path).text : "");
  if (image->moment != MOMENT_EXEC)
    report(what->tool, "%s: filter of %zu instructions to come at %s", shown(what->target->path).text,
           image->program.length, moment_name(image->moment));
}

// What is said once the filter is there: in one write, with the ticket.
static _Noreturn void
fail_guarded(const struct launch *what, const struct guard *guard, const struct error *e) {
  static char last_words[DIAG_BYTES];
  struct diag diag = diag_of_error(e);
  guard_fail(guard, last_words, diag_write(&diag, what->tool, last_words, sizeof last_words),
             error_exit_status(e->kind));
}

// From here on the policy decides every call of this process but the ticketed ones.
static int
start(const struct launch *what, struct error *e) {
  struct guard guard;
  bool installed;
  if (guard_make(&guard, what->image, what->arming, &installed, e) != 0) {
    if (!installed)
      return -1;
    fail_guarded(what, &guard, e);
  }
  *e = (struct error){.kind = ERROR_EXEC};
  target_explain(what->target, guard_exec(&guard, what->target->path, what->argv, what->environment), e->text,
                 sizeof e->text);
  fail_guarded(what, &guard, e);
}

// prctl(2) knows no flags, and after seccomp(2) has killed nothing can be said.
static int
check_flags(const struct image *image, struct error *e) {
  if ((image->flags == 0 && !image->notifies) || !outer_kills(SYS_seccomp, -1, 0, 0))
    return 0;
  return error_plain(e, ERROR_SECCOMP,
                     "a filter around scrun kills for seccomp(2), which %s needs. In a unit, reset its own filter: "
                     "SystemCallFilter= with nothing behind it; nothing was started",
                     image->notifies ? "a listener" : "a filter with flags");
}

int
launch(const struct launch *what, struct error *e) {
  struct isolation isolation;
  if (guard_set_privileges(what->image, e) != 0 || isolate_peers(what->image, outer_kills, &isolation, e) != 0
      || check_flags(what->image, e) != 0)
    return -1;
  if (what->verbose)
    say_in_force(what, &isolation);
  target_bring_in(what->target);
  return start(what, e);
}
