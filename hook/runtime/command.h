// SPDX-License-Identifier: LGPL-2.1-or-later
// command.h - the command line of an OCI runtime, as an engine calls it: which command it is, and of the commands that
// matter here what they are about.
#ifndef SCRUN_HOOK_RUNTIME_COMMAND_H
#define SCRUN_HOOK_RUNTIME_COMMAND_H
#include "compat/error.h"

enum command_verb {
  COMMAND_NONE,
  COMMAND_OTHER,  // nothing that starts a program; also when there is no command at all
  COMMAND_CREATE, // create, run
  COMMAND_EXEC,
};

// Indices count the words of the command line; borrowed from it.
struct command {
  enum command_verb verb;
  int at;             // where the command stands
  const char *log;    // --log=, or NULL; known as soon as it was passed, also where the rest is an error
  bool log_json;      // --log-format=json
  const char *bundle; // create: --bundle=, or NULL
  int container;      // create, exec: the container's name
  int process;        // exec: the word that holds the value of --process=, or 0
  const char *process_file;
  bool mounts; // exec: a --cap= of it is CAP_SYS_ADMIN
  // exec: an option that no table knows, or NULL. Where it takes the next word for its value, the container's name is
  // this word, or 0: there is no second reading.
  const char *unknown;
  int other_container;
};

// Reads it by the tables of crun's and runc's options. Fails with ERROR_USAGE where it is not sure which command it is
// or what it is about: an unknown option, short options in one word, a value that is missing or given twice, words
// behind the container's name.
SC_NODISCARD int command_read(int argc, char **argv, struct command *out, struct error *e);
#endif
