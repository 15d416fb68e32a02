// SPDX-License-Identifier: LGPL-2.1-or-later
// request.h - what is asked for a container: by the administrator in the hook's own words, and by annotations, which
// can only make it tighter.
#ifndef SCRUN_HOOK_REQUEST_H
#define SCRUN_HOOK_REQUEST_H
#include "compat/json.h"
#include "hook/needs.h"
#include "runner/policy_load.h"

// The administrator's words: of the command line or of the configuration file. Zeroed memory asks for nothing. It also
// keeps what was read from annotations, since messages and policies point into that until hook_settings_clear().
struct annotation_book;
struct hook_settings {
  struct policy_request
      mandatory;                 // count 0: none. Its --cap= and --kernel= are for profiles in JSON by annotation, too
  bool accelerate;               // for all containers
  const char *runtime;           // --runtime=: path or name, or NULL
  struct annotation_book *books; // private to request.c
};
void hook_settings_clear(struct hook_settings *settings);

// Borrows from the settings and from the JSON, which must outlive it. Zeroed memory is empty.
struct container_request {
  struct policy *policy; // sealed: mandatory and asked for together; NULL: none. Owned
  bool wrapper;          // the payload is started through it
  bool accelerate;
  bool no_new_privs_off; // NoNewPrivileges=no was asked for and nobody insists on yes
};

// Reads `annotations` (an object of strings, or no value: none). What begins with "io.scrun." is:
//   SystemCallFilter, and every other property of a policy but At= and StartupSystemCallFilter=; its value is lines as
//                 a policy file has them behind NAME= (reader_read_values()); several annotations of one property by a
//                 number behind it, 1 to 999 (io.scrun.SystemCallFilter.2), in order of the number, the one without
//                 first
//   profile       a bare name (profile_files.h), before all properties
//   at            exec; other moments are refused by name, also as io.scrun.At
//   wrapper       true or false; false is refused where a mandatory policy stands, which would lose by it
//   accelerate    true or false
// Anything else below io.scrun., in any case of letters, is an error with a suggestion, and so is
// io.containers.trace-syscall, which a mode to come will serve. IsolatePeers=auto, where no word says
// otherwise, is for the caller to settle. Policies with notify, with At= later than exec, or compiled ones (which
// cannot be merged) are refused. Returns 0 or -1 with messages in *diags, which name the annotation and, where a word
// of it is wrong, its column.
SC_NODISCARD int container_request_read(struct json_value annotations, struct hook_settings *settings,
                                        struct container_request *out, struct diags *diags);
void container_request_clear(struct container_request *request);
#endif
