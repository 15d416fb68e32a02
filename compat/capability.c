// SPDX-License-Identifier: LGPL-2.1-or-later
// capability.c - capabilities by name.
#include "compat/nearest.h"
#include "compat/oci_read.h"
#include "compat/text.h"

// In order of their numbers. Source: <linux/capability.h>, capabilities(7).
static const char *const names[] = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};
enum { NAMES = sizeof names / sizeof names[0], PREFIX = sizeof "CAP_" - 1 };

// In any case.
static bool
is_name(const char *bytes, size_t length, const char *name) {
  for (size_t i = 0; i < length; i++)
    if (text_lower(bytes[i]) != text_lower(name[i]) || name[i] == '\0')
      return false;
  return name[length] == '\0';
}

int
capability_find(const char *name, size_t length) {
  bool prefixed = length > PREFIX && text_is_any_case(name, PREFIX, "cap_");
  for (int i = 0; i < NAMES; i++)
    if (is_name(prefixed ? name + PREFIX : name, prefixed ? length - PREFIX : length, names[i] + PREFIX))
      return i;
  return -1;
}

const char *
capability_name(int capability) {
  return names[capability];
}

const char *
capability_suggest(const char *name, size_t length) {
  struct nearest nearest;
  nearest_start(&nearest, name, length);
  for (int i = 0; i < NAMES; i++) {
    nearest_offer(&nearest, names[i]);
    nearest_offer(&nearest, names[i] + PREFIX);
  }
  return nearest.best;
}
