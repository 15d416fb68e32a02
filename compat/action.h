// SPDX-License-Identifier: LGPL-2.1-or-later
// action.h - what the kernel does with a call.
#ifndef SCRUN_COMPAT_ACTION_H
#define SCRUN_COMPAT_ACTION_H
#include <stdbool.h>
#include <stdint.h>

// In rising strictness: of several filters the kernel obeys the strictest. Source: seccomp(2), "in decreasing order of
// precedence".
enum action_kind {
  ACTION_NONE,
  ACTION_ALLOW,
  ACTION_LOG,
  ACTION_TRACE,
  ACTION_NOTIFY,
  ACTION_ERRNO,
  ACTION_TRAP,
  ACTION_KILL_THREAD,
  ACTION_KILL_PROCESS,
};

// `data` is the errno (0..4095) of ACTION_ERRNO, the message of ACTION_TRACE (0..65535), and 0 for all others.
struct action {
  enum action_kind kind;
  uint16_t data;
};

// The greatest errno that the kernel hands on; larger ones it cuts to this. Source: MAX_ERRNO in the kernel's
// seccomp.c.
#define ACTION_ERRNO_MAX 4095

bool action_equal(struct action a, struct action b);

// The stricter of two actions; `a` if neither is.
static inline struct action
action_stricter(struct action a, struct action b) {
  return b.kind > a.kind ? b : a;
}

// True if the call does not run as it would without a filter: everything but allow and log.
bool action_refuses(struct action action);

// The value that a filter returns for `action` (SECCOMP_RET_* | data), and back. Back: false for a value that stands
// for none. Source: <linux/seccomp.h>; SECCOMP_RET_USER_NOTIF for ACTION_NOTIFY.
uint32_t action_to_return(struct action action);
bool action_from_return(uint32_t value, struct action *out);

// "allow", "log", "errno EPERM", "errno 255", "kill" ...: for messages and listings. Returns `out`.
const char *action_describe(struct action action, char *out, unsigned size);
#endif
