// SPDX-License-Identifier: LGPL-2.1-or-later
// policy_options.h - the options that say which policy is meant; the same words for scrun and scrun-analyze.
#ifndef SCRUN_RUNNER_POLICY_OPTIONS_H
#define SCRUN_RUNNER_POLICY_OPTIONS_H
#include "runner/options.h"
#include "runner/policy_load.h"
#include <stddef.h>

// Rows of a table of options whose target is a `type` with a struct policy_request `member`.
#define POLICY_OPTIONS(type, member)                                                                                   \
  {"property", 'p', OPTION_TAKE, offsetof(type, member), policy_take_property},                                        \
      {"profile", '\0', OPTION_TAKE, offsetof(type, member), policy_take_profile},                                     \
      {"unit-file", '\0', OPTION_TAKE, offsetof(type, member), policy_take_unit},                                      \
      {"root", '\0', OPTION_TEXT, offsetof(type, member.root), NULL},                                                  \
      {"user", '\0', OPTION_FLAG, offsetof(type, member.user), NULL},                                                  \
      {"user-profiles", '\0', OPTION_FLAG, offsetof(type, member.files.user_profiles), NULL},                          \
      {"groups", '\0', OPTION_TEXT, offsetof(type, member.groups), NULL},                                              \
      {"lenient", '\0', OPTION_FLAG, offsetof(type, member.lenient), NULL},                                            \
      {"cap", '\0', OPTION_TAKE, offsetof(type, member), policy_take_capabilities},                                    \
      {"kernel", '\0', OPTION_TEXT, offsetof(type, member.kernel), NULL}, {                                            \
    "log", '\0', OPTION_FLAG, offsetof(type, member.permissive), NULL                                                  \
  }

// What --help says about them.
#define POLICY_OPTIONS_HELP                                                                                            \
  "Policy, all of it one unit in the order given:\n"                                                                   \
  "  -p --property=NAME=VALUE   SystemCallFilter=, SystemCallErrorNumber=,\n"                                          \
  "                             SystemCallArchitectures=, SystemCallLog=,\n"                                           \
  "                             SystemCallGroups=, SystemCallKnownUntil=,\n"                                           \
  "                             RestrictAddressFamilies=, RestrictNamespaces=,\n"                                      \
  "                             MemoryDenyWriteExecute=, RestrictRealtime=,\n"                                         \
  "                             RestrictSUIDSGID=, LockPersonality=,\n"                                                \
  "                             ProtectHostname=, ProtectClock=,\n"                                                    \
  "                             ProtectKernelModules=, ProtectKernelLogs=,\n"                                          \
  "                             NoNewPrivileges=, IsolatePeers=, At=,\n"                                               \
  "                             StartupSystemCallFilter=\n"                                                            \
  "     --profile=FILE|NAME     policy file, or its name in /etc/scrun, /run/scrun,\n"                                 \
  "                             /usr/local/lib/scrun, /usr/lib/scrun; also, alone,\n"                                  \
  "                             seccomp JSON of OCI or docker, or a compiled policy\n"                                 \
  "     --unit-file=UNIT        [Service] and [X-Scrun] of a unit and its drop-ins: a\n"                               \
  "                             name as systemctl takes it, or a path\n"                                               \
  "     --root=DIR              look for units below DIR\n"                                                            \
  "     --user                  look for units of your own service manager\n"                                          \
  "     --user-profiles         look for names in your own ~/.config/scrun first\n"                                    \
  "     --groups=VERSION        group tables: systemd-262 (default) or systemd-252\n"                                  \
  "     --lenient               skip unknown words where that opens nothing\n"                                         \
  "     --log                   log what the policy refuses, and allow it\n"                                           \
  "     --cap=LIST              capabilities that JSON is resolved for, by name with\n"                                \
  "                             commas, or none (default: those you may have)\n"                                       \
  "     --kernel=X.Y            kernel that JSON is resolved for (default: this one)\n"
#endif
