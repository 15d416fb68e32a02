// SPDX-License-Identifier: LGPL-2.1-or-later
// action.c - actions, and the numbers that the kernel knows them by.
#include "compat/action.h"
#include "compat/number.h"
#include <stdio.h>

// Source: SECCOMP_RET_* in <linux/seccomp.h>. Written out, because this folder includes no kernel header.
static const struct {
  enum action_kind kind;
  uint32_t value;
  const char *name;
} actions[] = {
    {ACTION_ALLOW, 0x7fff0000u, "allow"},
    {ACTION_LOG, 0x7ffc0000u, "log"},
    {ACTION_TRACE, 0x7ff00000u, "trace"},
    {ACTION_NOTIFY, 0x7fc00000u, "notify"},
    {ACTION_ERRNO, 0x00050000u, "errno"},
    {ACTION_TRAP, 0x00030000u, "trap"},
    {ACTION_KILL_THREAD, 0x00000000u, "kill-thread"},
    {ACTION_KILL_PROCESS, 0x80000000u, "kill"},
};
#define ACTIONS (sizeof actions / sizeof actions[0])

bool
action_equal(struct action a, struct action b) {
  return a.kind == b.kind && a.data == b.data;
}

bool
action_refuses(struct action action) {
  return action.kind != ACTION_ALLOW && action.kind != ACTION_LOG;
}

uint32_t
action_to_return(struct action action) {
  for (size_t i = 0; i < ACTIONS; i++)
    if (actions[i].kind == action.kind)
      return actions[i].value | action.data;
  return 0x80000000u; // ACTION_NONE is never a policy's answer; if it ever were, the process dies
}

bool
action_from_return(uint32_t value, struct action *out) {
  for (size_t i = 0; i < ACTIONS; i++) {
    if (actions[i].value != (value & 0xffff0000u))
      continue;
    *out = (struct action){actions[i].kind, (uint16_t)(value & 0xffffu)};
    return true;
  }
  return false;
}

const char *
action_describe(struct action action, char *out, unsigned size) {
  const char *name = action.kind == ACTION_ERRNO ? errno_name(action.data) : NULL;
  if (name != NULL) {
    snprintf(out, size, "errno %s", name);
    return out;
  }
  for (size_t i = 0; i < ACTIONS; i++)
    if (actions[i].kind == action.kind) {
      if (action.kind == ACTION_ERRNO || action.data != 0)
        snprintf(out, size, "%s %u", actions[i].name, (unsigned)action.data);
      else
        snprintf(out, size, "%s", actions[i].name);
      return out;
    }
  snprintf(out, size, "no action");
  return out;
}
