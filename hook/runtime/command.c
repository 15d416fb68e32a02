// SPDX-License-Identifier: LGPL-2.1-or-later
// command.c - finds the command and its options by tables of crun's and runc's.
//
// The two read words differently: to crun -ab is two options and --bun is --bundle, to runc -ab and --b are the options
// "ab" and "b", and options may follow the container's name. What both read alike is what is taken here.
#include "hook/runtime/command.h"
#include <string.h>
#include <strings.h>

// What an option is to us.
enum meaning {
  MEANING_NONE, // an option as any other
  MEANING_HELP, // nothing is started
  MEANING_LOG,
  MEANING_LOG_FORMAT,
  MEANING_BUNDLE,
  MEANING_CONFIG,
  MEANING_PROCESS,
  MEANING_CAPABILITY,
};

struct option {
  const char *name;
  char letter; // '\0': there is no short form
  bool value;  // takes the next word, unless "=" is in this one
  enum meaning meaning;
};

// Source: --help of crun 1.8.1 and runc 1.1.5, and what newer ones have added.
static const struct option global_options[] = {
    {"cgroup-manager", '\0', true, MEANING_NONE},
    {"criu", '\0', true, MEANING_NONE},
    {"debug", '\0', false, MEANING_NONE},
    {"help", 'h', false, MEANING_HELP},
    {"help", '?', false, MEANING_HELP},
    {"log", '\0', true, MEANING_LOG},
    {"log-format", '\0', true, MEANING_LOG_FORMAT},
    {"log-level", '\0', true, MEANING_NONE},
    {"root", '\0', true, MEANING_NONE},
    {"rootless", '\0', true, MEANING_NONE},
    {"systemd-cgroup", '\0', false, MEANING_NONE},
    {"usage", '\0', false, MEANING_HELP},
    {"version", 'v', false, MEANING_HELP},
    {"version", 'V', false, MEANING_HELP},
    {NULL, '\0', false, MEANING_NONE},
};

static const struct option create_options[] = {
    {"bundle", 'b', true, MEANING_BUNDLE},
    {"config", 'f', true, MEANING_CONFIG},
    {"console-socket", '\0', true, MEANING_NONE},
    {"detach", 'd', false, MEANING_NONE},
    {"help", 'h', false, MEANING_HELP},
    {"help", '?', false, MEANING_HELP},
    {"keep", '\0', false, MEANING_NONE},
    {"no-new-keyring", '\0', false, MEANING_NONE},
    {"no-pivot", '\0', false, MEANING_NONE},
    {"no-subreaper", '\0', false, MEANING_NONE},
    {"pid-file", '\0', true, MEANING_NONE},
    {"pidfd-socket", '\0', true, MEANING_NONE},
    {"preserve-fds", '\0', true, MEANING_NONE},
    {"usage", '\0', false, MEANING_HELP},
    {NULL, '\0', false, MEANING_NONE},
};

static const struct option exec_options[] = {
    {"additional-gids", 'g', true, MEANING_NONE},
    {"apparmor", '\0', true, MEANING_NONE},
    {"cap", 'c', true, MEANING_CAPABILITY},
    {"cgroup", '\0', true, MEANING_NONE},
    {"console-socket", '\0', true, MEANING_NONE},
    {"cwd", '\0', true, MEANING_NONE},
    {"detach", 'd', false, MEANING_NONE},
    {"env", 'e', true, MEANING_NONE},
    {"help", 'h', false, MEANING_HELP},
    {"help", '?', false, MEANING_HELP},
    {"ignore-paused", '\0', false, MEANING_NONE},
    {"no-new-privs", '\0', false, MEANING_NONE},
    {"pid-file", '\0', true, MEANING_NONE},
    {"pidfd-socket", '\0', true, MEANING_NONE},
    {"preserve-fds", '\0', true, MEANING_NONE},
    {"process", 'p', true, MEANING_PROCESS},
    {"process-label", '\0', true, MEANING_NONE},
    {"tty", 't', false, MEANING_NONE},
    {"usage", '\0', false, MEANING_HELP},
    {"user", 'u', true, MEANING_NONE},
    {NULL, '\0', false, MEANING_NONE},
};

static const struct verb {
  const char *name;
  enum command_verb verb;
  const struct option *options;
} verbs[] = {
    {"create", COMMAND_CREATE, create_options},
    {"run", COMMAND_CREATE, create_options},
    {"exec", COMMAND_EXEC, exec_options},
};

// Where reading stands, and the option that was read.
struct scan {
  int argc;
  char **argv;
  int at;
  const char *word;            // the option's own
  const struct option *option; // NULL: no table has it
  const char *value;           // NULL: it has none
};

static const struct option *
find_option(const struct option *options, const char *word, size_t length) {
  bool is_long = length > 2 && word[1] == '-';
  for (; options->name != NULL; options++)
    if (is_long ? strlen(options->name) == length - 2 && memcmp(options->name, word + 2, length - 2) == 0
                : length == 2 && options->letter != '\0' && options->letter == word[1])
      return options;
  return NULL;
}

// Takes the next option. Returns 1, or 0 at the first word that is none, or -1.
static int
take_option(struct scan *scan, const struct option *options, struct error *e) {
  const char *word = scan->at < scan->argc ? scan->argv[scan->at] : "";
  if (word[0] != '-' || word[1] == '\0')
    return 0;
  scan->at++;
  if (strcmp(word, "--") == 0)
    return 0;
  scan->word = word;
  if (word[1] != '-' && word[2] != '\0')
    return error_plain(e, ERROR_USAGE, "%s: write every option as a word of its own, with two dashes",
                       shown(word).text);
  const char *equals = strchr(word, '=');
  scan->option = find_option(options, word, equals != NULL ? (size_t)(equals - word) : strlen(word));
  scan->value = equals != NULL ? equals + 1 : NULL;
  if (scan->value != NULL && scan->option != NULL && scan->option->meaning == MEANING_HELP)
    return error_plain(e, ERROR_USAGE, "%s: this option takes no value", shown(word).text);
  if (scan->value != NULL || scan->option == NULL || !scan->option->value)
    return 1;
  if (scan->at == scan->argc)
    return error_plain(e, ERROR_USAGE, "%s: its value is missing", shown(word).text);
  scan->value = scan->argv[scan->at++];
  return 1;
}

// The log may be anything that the runtime takes.
static int
take_global(const struct scan *scan, struct command *out, struct error *e) {
  if (scan->option == NULL)
    return error_plain(e, ERROR_USAGE, "%s: unknown option before the command; nothing was started",
                       shown(scan->word).text);
  if (scan->option->meaning == MEANING_LOG)
    out->log = scan->value;
  else if (scan->option->meaning == MEANING_LOG_FORMAT)
    out->log_json = strcmp(scan->value, "json") == 0;
  return 0;
}

static int
take_create(const struct scan *scan, struct command *out, struct error *e) {
  if (scan->option == NULL)
    return error_plain(e, ERROR_USAGE, "%s: unknown option of create and run; nothing was started",
                       shown(scan->word).text);
  if (scan->option->meaning == MEANING_CONFIG)
    return error_plain(e, ERROR_USAGE, "%s: only the bundle's own config.json is read; nothing was started",
                       shown(scan->word).text);
  if (scan->option->meaning != MEANING_BUNDLE)
    return 0;
  if (out->bundle != NULL || scan->value[0] == '\0')
    return error_plain(e, ERROR_USAGE, "%s: one bundle, once; nothing was started", shown(scan->word).text);
  out->bundle = scan->value;
  return 0;
}

static bool
is_word(const char *value, const char *const words[]) {
  for (; *words != NULL; words++)
    if (strcasecmp(value, *words) == 0)
      return true;
  return false;
}

static int
take_exec(const struct scan *scan, struct command *out, struct error *e) {
  static const char *const mounting[] = {"CAP_SYS_ADMIN", "SYS_ADMIN", "ALL", NULL};
  if (scan->option == NULL && out->unknown != NULL)
    return error_plain(e, ERROR_USAGE, "%s and %s: unknown options of exec; nothing was started",
                       shown(out->unknown).text, shown(scan->word).text);
  if (scan->option == NULL)
    out->unknown = scan->word;
  else if (scan->option->meaning == MEANING_CAPABILITY)
    out->mounts = out->mounts || is_word(scan->value, mounting);
  else if (scan->option->meaning == MEANING_PROCESS) {
    if (out->process != 0 || scan->value[0] == '\0')
      return error_plain(e, ERROR_USAGE, "%s: one process, once; nothing was started", shown(scan->word).text);
    out->process = scan->at - 1;
    out->process_file = scan->value;
  }
  return 0;
}

// Takes the container's name, which scan->at is at.
static int
take_container(const struct scan *scan, const struct command *command, int *out, struct error *e) {
  if (scan->at == scan->argc)
    return error_plain(e, ERROR_USAGE, "%s: there is no container's name; nothing was started",
                       scan->argv[command->at]);
  // A name may not begin so, and what is given to `state` behind it must not be an option.
  if (scan->argv[scan->at][0] == '-' || scan->argv[scan->at][0] == '\0')
    return error_plain(e, ERROR_USAGE, "\"%s\" is no container's name; nothing was started",
                       shown(scan->argv[scan->at]).text);
  if ((command->verb == COMMAND_CREATE || command->process != 0) && scan->at + 1 < scan->argc)
    return error_plain(e, ERROR_USAGE, "%s: the container's name is the last word of %s; nothing was started",
                       shown(scan->argv[scan->at + 1]).text, scan->argv[command->at]);
  *out = scan->at;
  return 0;
}

// Reads the options of the command and the container's name. Returns 1 if all that is asked for is help.
static int
read_options(struct scan *scan, const struct verb *verb, struct command *out, struct error *e) {
  int result;
  while ((result = take_option(scan, verb->options, e)) == 1) {
    if (scan->option != NULL && scan->option->meaning == MEANING_HELP)
      return 1;
    if ((verb->verb == COMMAND_CREATE ? take_create : take_exec)(scan, out, e) != 0)
      return -1;
  }
  return result != 0 ? -1 : take_container(scan, out, &out->container, e);
}

// With an option that nobody knows there is a second reading: that the word behind it is its value.
static int
read_again(const struct scan *start, const struct verb *verb, struct command *out, struct error *e) {
  struct scan scan = *start;
  struct command other = {.verb = out->verb, .at = out->at};
  struct error ignored;
  if (out->unknown == NULL || strchr(out->unknown, '=') != NULL)
    return 0;
  while (scan.argv[scan.at] != out->unknown)
    scan.at++;
  scan.at += 2;
  if (scan.at >= scan.argc || read_options(&scan, verb, &other, &ignored) != 0)
    return 0; // the runtime would say so
  if (other.unknown != NULL)
    return error_plain(e, ERROR_USAGE, "%s and %s: unknown options of exec; nothing was started",
                       shown(out->unknown).text, shown(other.unknown).text);
  out->other_container = other.container;
  return 0;
}

static int
read_verb(struct scan *scan, const struct verb *verb, struct command *out, struct error *e) {
  out->verb = verb->verb;
  scan->at++;
  const struct scan start = *scan;
  int result = read_options(scan, verb, out, e);
  if (result == 1) {
    out->verb = COMMAND_OTHER;
    return 0;
  }
  return result != 0 ? -1 : read_again(&start, verb, out, e);
}

int
command_read(int argc, char **argv, struct command *out, struct error *e) {
  struct scan scan = {.argc = argc, .argv = argv, .at = 1};
  int result;
  *out = (struct command){.verb = COMMAND_OTHER};
  while ((result = take_option(&scan, global_options, e)) == 1) {
    if (scan.option != NULL && scan.option->meaning == MEANING_HELP)
      return 0;
    if (take_global(&scan, out, e) != 0)
      return -1;
  }
  out->at = scan.at;
  for (size_t i = 0; result == 0 && scan.at < argc && i < sizeof verbs / sizeof verbs[0]; i++)
    if (strcmp(argv[scan.at], verbs[i].name) == 0)
      return read_verb(&scan, &verbs[i], out, e);
  return result;
}
