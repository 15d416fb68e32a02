// SPDX-License-Identifier: LGPL-2.1-or-later
// wait_ready.c - follows a service until it says that it is ready, and puts the policy on it before that is heard.
//
// Every call stops twice, at its entry and at its exit: ptrace(2) has no way from one entry to the next. A start-up
// filter that answers TRACE to sends alone would cost next to nothing, but it could not be taken away again, and
// without a tracer the kernel answers ENOSYS in its place.
#include "runner/late/wait_ready.h"
#include "runner/late/arm.h"
#include "runner/late/ready.h"
#include "runner/late/tracee.h"
#include "runner/report.h"
#include <time.h>

#define STOP_TIMEOUT_MS 5000
#define NS_PER_US 1000
#define NS_PER_MS 1000000
#define NS_PER_S 1000000000

// What the start-up cost. The tracer does not see what a stop takes before and after its own part, only how long a task
// needs from one call to its next. Of some in a row the quickest had next to nothing else to do.
#define ROW 16
struct cost {
  int64_t start_ns, all_ns;
  uint64_t calls;
  int64_t slower_ns;
  int64_t stopped_ns, resumed_ns;
  pid_t last;
  int64_t quickest_ns; // of the row
  unsigned in_row;
};

struct wait {
  struct tracees *tracees;
  const struct arming *arming;
  const struct tracer_plan *plan;
  struct ready_socket socket;
  struct cost cost;
  bool done;
};

static int64_t
now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t
deadline_ms(const struct tracer_plan *plan) {
  return plan->timeout_ms == 0 ? INT64_MAX : now_ns() / NS_PER_MS + plan->timeout_ms;
}

static void
cost_row_end(struct cost *cost) {
  cost->slower_ns += cost->quickest_ns * (int64_t)cost->in_row;
  cost->in_row = 0;
}

static void
cost_stopped(struct cost *cost, pid_t task) {
  cost->stopped_ns = now_ns();
  cost->calls++;
  if (cost->last != task)
    return;
  int64_t ns = cost->stopped_ns - cost->resumed_ns;
  if (cost->in_row == 0 || ns < cost->quickest_ns)
    cost->quickest_ns = ns;
  if (++cost->in_row == ROW)
    cost_row_end(cost);
}

static void
cost_resumed(struct cost *cost, pid_t task) {
  cost->resumed_ns = now_ns();
  cost->slower_ns += cost->resumed_ns - cost->stopped_ns;
  cost->last = task;
}

// All times are whole before anybody is let go; what is said about them can wait for a reader.
static void
cost_end(struct cost *cost) {
  int64_t end_ns = now_ns();
  cost_row_end(cost);
  cost->all_ns = end_ns - cost->start_ns;
  cost->slower_ns += end_ns - cost->stopped_ns;
  if (cost->slower_ns > cost->all_ns)
    cost->slower_ns = cost->all_ns;
}

static void
cost_report(const struct cost *cost, const char *program) {
  long long all_us = cost->all_ns / NS_PER_US, slower_us = cost->slower_ns / NS_PER_US;
  report("scrun", "%s: ready after %lld.%03lld ms, about %lld.%03lld ms later for %llu calls that the tracer saw",
         program, all_us / 1000, all_us % 1000, slower_us / 1000, slower_us % 1000, (unsigned long long)cost->calls);
}

// Its maker waits in vfork(2) and cannot be stopped before this one has gone on, and has sent what it is about to.
static bool
is_vforked(const struct tracees *tracees, pid_t task) {
  for (size_t i = 0; i < tracees->count; i++)
    if (tracees->items[i].vfork_child == task)
      return true;
  return false;
}

// The task is at the entry of its send, and makes it once all have the filter.
static int
begin(struct wait *wait, pid_t task, struct error *e) {
  bool changed, installed;
  if (is_vforked(wait->tracees, task))
    return error_plain(e, ERROR_SECCOMP, "process %ld says READY=1 while its parent waits for it in vfork(2)",
                       (long)task);
  if (tracees_stop_all(wait->tracees, STOP_TIMEOUT_MS, e) != 0
      || arm_all(wait->tracees, wait->arming, false, &changed, &installed, e) != 0)
    return -1;
  cost_end(&wait->cost);
  tracees_release(wait->tracees);
  wait->done = true;
  if (wait->plan->verbose)
    cost_report(&wait->cost, wait->plan->program);
  return 0;
}

// Opened before the process could hide; or -1.
static int
memory_of(struct tracees *tracees, pid_t task) {
  const struct tracee *tracee = tracee_find(tracees, task);
  const struct tracee *leader = tracee == NULL ? NULL : tracee_find(tracees, tracee->process);
  return leader == NULL ? -1 : leader->memory;
}

static int
look(struct wait *wait, pid_t task, struct error *e) {
  bool ready;
  cost_stopped(&wait->cost, task);
  if (ready_is_sent(task, memory_of(wait->tracees, task), &wait->socket, &ready, e) != 0)
    return -1;
  if (ready)
    return begin(wait, task, e);
  if (tracees_resume(wait->tracees, task, e) != 0)
    return -1;
  cost_resumed(&wait->cost, task);
  return 0;
}

static int
fail_timeout(const struct tracer_plan *plan, struct error *e) {
  return error_plain(e, ERROR_SECCOMP, "not ready within %u s (--ready-timeout=)", plan->timeout_ms / 1000);
}

static int
take_event(struct wait *wait, enum tracees_event event, pid_t task, struct error *e) {
  switch (event) {
  case TRACEES_CALL:
    return look(wait, task, e);
  case TRACEES_EXEC:
    return tracees_resume(wait->tracees, task, e);
  case TRACEES_GONE:
    wait->done = true;
    return 0;
  case TRACEES_TIMEOUT:
    return fail_timeout(wait->plan, e);
  case TRACEES_NONE:
  case TRACEES_TRAP:
    break;
  }
  return error_plain(e, ERROR_SECCOMP, "process %ld stopped for no reason that is known", (long)task);
}

int
ready_run(struct tracees *tracees, pid_t task, const struct arming *arming, const struct tracer_plan *plan,
          struct error *e) {
  struct wait wait = {.tracees = tracees, .arming = arming, .plan = plan, .cost = {.start_ns = now_ns()}};
  int64_t deadline = deadline_ms(plan);
  if (ready_socket_read(&wait.socket, plan->notify_socket, e) != 0 || tracees_follow(tracees, true, e) != 0
      || tracees_resume(tracees, task, e) != 0)
    return -1;
  while (!wait.done) {
    enum tracees_event event = TRACEES_NONE;
    int status;
    if (tracees_next(tracees, deadline, &event, &task, &status, e) != 0 || take_event(&wait, event, task, e) != 0)
      return -1;
  }
  return 0;
}
