// SPDX-License-Identifier: LGPL-2.1-or-later
// entry.c - lets the dynamic loader and the constructors work, and puts the policy on the program at AT_ENTRY.
#include "runner/late/entry.h"
#include "runner/late/arm.h"
#include "runner/late/tracee.h"

#define STOP_TIMEOUT_MS 5000

struct entry {
  struct tracees *tracees;
  const struct arming *arming;
  pid_t process;
  bool done;
};

static int
begin(struct entry *entry, struct error *e) {
  bool changed, installed;
  if (tracees_stop_all(entry->tracees, STOP_TIMEOUT_MS, e) != 0
      || arm_all(entry->tracees, entry->arming, false, &changed, &installed, e) != 0)
    return -1;
  tracees_release(entry->tracees);
  entry->done = true;
  return 0;
}

// The process has a new program. One without an interpreter is at its entry already.
static int
aim(struct entry *entry, struct error *e) {
  const struct tracee *tracee = tracee_find(entry->tracees, entry->process);
  if (tracee == NULL || tracee->memory < 0)
    return error_plain(e, ERROR_SECCOMP, "/proc does not show the memory of process %ld (a file that cannot be read?)",
                       (long)entry->process);
  if (tracee->auxv.base == 0)
    return begin(entry, e);
  if (tracees_break_at(entry->tracees, entry->process, tracee->auxv.entry, e) != 0)
    return -1;
  return tracees_resume(entry->tracees, entry->process, e);
}

static int
take_event(struct entry *entry, enum tracees_event event, pid_t task, struct error *e) {
  switch (event) {
  case TRACEES_TRAP:
    return begin(entry, e);
  case TRACEES_EXEC:
    return task == entry->process ? aim(entry, e) : tracees_resume(entry->tracees, task, e);
  case TRACEES_GONE:
    entry->done = true;
    return 0;
  case TRACEES_NONE:
  case TRACEES_CALL:
  case TRACEES_TIMEOUT:
    break;
  }
  return error_plain(e, ERROR_SECCOMP, "process %ld stopped for no reason that is known", (long)task);
}

int
entry_run(struct tracees *tracees, pid_t task, const struct arming *arming, struct error *e) {
  struct entry entry = {.tracees = tracees, .arming = arming, .process = task};
  if (tracees_follow(tracees, false, e) != 0 || aim(&entry, e) != 0)
    return -1;
  while (!entry.done) {
    enum tracees_event event = TRACEES_NONE;
    int status;
    if (tracees_next(tracees, INT64_MAX, &event, &task, &status, e) != 0 || take_event(&entry, event, task, e) != 0)
      return -1;
  }
  return 0;
}
