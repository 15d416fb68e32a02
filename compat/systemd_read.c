// SPDX-License-Identifier: LGPL-2.1-or-later
// systemd_read.c - the properties: what each assignment means, and the policy that all of them make together.
#include "compat/systemd_read.h"
#include "compat/action_read.h"
#include "compat/filter_set.h"
#include "compat/kernel.h"
#include "compat/nearest.h"
#include "compat/number.h"
#include "compat/reader.h"
#include "compat/restrict.h"
#include "compat/setting.h"
#include "compat/startup.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reader {
  struct reader_options options;
  bool failed;
  bool given;                 // something that makes a policy was read, be it empty
  enum setting_syntax syntax; // of the line that is being read
  struct filter_set filter, log, startup;
  struct action refused; // SystemCallErrorNumber=
  struct source_pos refused_at;
  const struct group_tables *groups; // SystemCallGroups=, or NULL
  unsigned abis;                     // SystemCallArchitectures=; 0: none given
  struct source_pos abis_at;
  struct filter_mark mark; // SystemCallKnownUntil=
  bool no_new_privs;
  enum isolate_peers isolate_peers;
  struct restrictions restrictions;
  enum moment at;     // At=
  bool startup_given; // StartupSystemCallFilter=, be it empty
  struct source_pos startup_at;
};

// What kind of message a word gets that systemd would skip.
static enum diag_kind
unknown_kind(const struct reader *reader, bool losable) {
  return reader->options.lenient && losable ? DIAG_WARNING : DIAG_ERROR;
}

// Lists of calls: SystemCallFilter=, SystemCallLog= and StartupSystemCallFilter=.

struct list {
  struct reader *reader;
  struct filter_set *set;
  bool tilde;
  bool losable; // a skipped word leaves the policy as strict as it was
  struct diags *diags;
};

static bool
is_log(const struct list *list) {
  return list->set == &list->reader->log;
}

static bool
is_startup(const struct list *list) {
  return list->set == &list->reader->startup;
}

// The action behind the colon, if it is one at all. Returns false with a message.
static bool
read_action(const struct list *list, const struct word *word, enum diag_kind kind, struct action *own) {
  const char *problem = action_read(word->suffix, word->suffix_length, own);
  if (problem == NULL)
    return true;
  diag_add(list->diags, kind, word->suffix_at, "\"%.*s\" %s", text_shown(word->suffix_length), word->suffix, problem);
  const char *near = diags_full(list->diags) ? NULL : action_suggest(word->suffix, word->suffix_length);
  if (near != NULL)
    diag_add(list->diags, DIAG_HINT, word->suffix_at, "did you mean \"%s\"?", near);
  return false;
}

// ":allow" stands behind tests on a line with ~ only: everywhere else a name alone says it.
static bool
read_allow(const struct list *list, const struct word *word, struct action *own) {
  *own = (struct action){ACTION_ALLOW, 0};
  if (list->tilde && word->has_tests)
    return true;
  diag_add(list->diags, DIAG_ERROR, word->suffix_at, "a word on a line without ~ allows the call, without \":allow\"");
  if (list->tilde)
    diag_add(list->diags, DIAG_HINT, word->at, "write it on a line of its own: SystemCallFilter=%.*s",
             text_shown(word->name_length), word->name);
  return false;
}

// On a line without ~, an action behind tests is what the call gets when they do not hold.
static bool
check_rest(const struct list *list, const struct word *word, struct action own) {
  if (action_refuses(own))
    return true;
  diag_add(list->diags, DIAG_ERROR, word->suffix_at,
           "\":%.*s\" behind tests on a line without ~ could mean both that "
           "they hold and that they do not",
           text_shown(word->suffix_length), word->suffix);
  diag_add(list->diags, DIAG_HINT, word->at,
           "write what is logged when they hold on a line of its own: "
           "SystemCallFilter=~%.*s(...):%.*s",
           text_shown(word->name_length), word->name, text_shown(word->suffix_length), word->suffix);
  return false;
}

// Reads the action behind the colon. Returns false if the word has to be dropped, with a message.
static bool
read_suffix(const struct list *list, const struct word *word, enum diag_kind kind, struct action *own) {
  if (is_log(list) || is_startup(list)) {
    diag_add(list->diags, DIAG_ERROR, word->at, "%s, without \":%.*s\"",
             is_log(list) ? "SystemCallLog= takes names only" : "StartupSystemCallFilter= only allows",
             text_shown(word->suffix_length), word->suffix);
    return false;
  }
  if (text_is(word->suffix, word->suffix_length, "allow"))
    return read_allow(list, word, own);
  if (!read_action(list, word, kind, own))
    return false;
  if (list->tilde)
    return true;
  if (word->has_tests)
    return check_rest(list, word, *own);
  if (own->kind == ACTION_LOG)
    return true;
  diag_add(list->diags, kind, word->at, "a line without ~ allows calls: \":%.*s\" has no meaning on it",
           text_shown(word->suffix_length), word->suffix);
  diag_add(list->diags, DIAG_HINT, word->at, "write it on a line of its own: SystemCallFilter=~%.*s:%.*s",
           text_shown(word->name_length), word->name, text_shown(word->suffix_length), word->suffix);
  return false;
}

static bool
read_tests(const struct list *list, const struct word *word, const struct meaning *meaning,
           struct filter_event *event) {
  struct expression tests;
  if (is_log(list)) {
    diag_add(list->diags, DIAG_ERROR, word->tests, "SystemCallLog= takes names only, without tests");
    return false;
  }
  if (meaning->kind == MEANING_GROUP) {
    diag_add(list->diags, DIAG_ERROR, word->tests, "a group takes no tests: its calls have different arguments");
    diag_add(list->diags, DIAG_HINT, word->tests, "write the tests behind the names of the calls");
    return false;
  }
  return expression_read(&tests, word->tests, meaning->call, list->diags)
         && filter_set_add_tests(list->set, &tests, event, list->diags);
}

// Under --lenient only: why this word was not treated leniently.
static void
hint_at_lenience(const struct list *list, const struct word *word) {
  if (!list->reader->options.lenient)
    return;
  if (!list->losable)
    diag_add(list->diags, DIAG_HINT, word->at,
             "no word of a ~ line is skipped: what it means to refuse would be allowed");
  else if (word->has_tests)
    diag_add(list->diags, DIAG_HINT, word->at,
             "no word with tests is skipped: what it means to refuse might be allowed");
}

static bool
is_multiplexer(call_t call) {
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    if (multiplexers[i].call == call)
      return true;
  return false;
}

// What a start-up list cannot open, and a multiplexer with tests: those are about the calls inside, which have names.
static bool
check_startup(const struct list *list, const struct word *word, const struct meaning *meaning) {
  if (!is_startup(list) || meaning->kind != MEANING_CALL)
    return true;
  const char *name = calls_name(meaning->call);
  if (startup_leaves_out(meaning->call)) {
    diag_add(
        list->diags, DIAG_ERROR, word->at,
        "StartupSystemCallFilter= cannot open %s: what the policy closes of execve, execveat and seccomp is closed "
        "from the start",
        name);
    diag_add(list->diags, DIAG_HINT, word->at,
             "leave it out: the launch's own calls pass with tickets, and need no word");
    return false;
  }
  if (!word->has_tests || !is_multiplexer(meaning->call))
    return true;
  diag_add(list->diags, DIAG_ERROR, word->tests, "in StartupSystemCallFilter=, %s takes no tests", name);
  diag_add(list->diags, DIAG_HINT, word->tests, "write the names of the calls that it makes");
  return false;
}

// Where systemd reads the same line: words that it takes for unknown ones.

static bool
is_own_action(const char *name, size_t length) {
  struct action action;
  if (text_is(name, length, "kill"))
    return false;
  return text_is(name, length, "allow") || (action_read(name, length, &action) == NULL && action.kind != ACTION_ERRNO);
}

static bool
refuse_own(enum diag_kind kind, struct source_pos at, const char *what, struct diags *diags) {
  diag_add(diags, kind, at, "systemd does not know %s: it skips this word in [Service]", what);
  diag_add(diags, DIAG_HINT, at, "write all lines of this property below [X-Scrun], which is scrun's");
  return false;
}

static bool
check_syntax(const struct list *list, const struct word *word, enum diag_kind kind) {
  if (list->reader->syntax != SYNTAX_SYSTEMD)
    return true;
  if (word->has_tests)
    return refuse_own(kind, word->at, "tests", list->diags);
  if (word->name[0] >= '0' && word->name[0] <= '9')
    return refuse_own(kind, word->at, "numbers of calls", list->diags);
  if (word->has_suffix && is_own_action(word->suffix, word->suffix_length))
    return refuse_own(kind, word->suffix_at, "this action", list->diags);
  return true;
}

// What the word adds to the set. Returns false if it is dropped, with a message.
static bool
read_event(const struct list *list, const struct word *word, struct filter_event *event) {
  struct meaning meaning;
  // A word with tests takes away what an earlier one, or a deny list, allows.
  event->losable = list->reader->options.lenient && list->losable && !word->has_tests;
  enum diag_kind kind = event->losable ? DIAG_WARNING : DIAG_ERROR;
  if (!check_syntax(list, word, kind) || !word_mean(word, kind, &meaning, list->diags)
      || !check_startup(list, word, &meaning) || (word->has_suffix && !read_suffix(list, word, kind, &event->own))
      || (word->has_tests && !read_tests(list, word, &meaning, event)))
    return false;
  event->kind = meaning.kind == MEANING_CALL ? EVENT_CALL : meaning.kind == MEANING_NUMBER ? EVENT_NUMBER : EVENT_GROUP;
  event->call = meaning.call;
  event->number = meaning.number;
  if (meaning.kind == MEANING_CALL && call_is_nowhere(meaning.call))
    diag_add(list->diags, DIAG_WARNING, word->at, "no ABI of this machine has the system call \"%.*s\"",
             text_shown(word->name_length), word->name);
  return true;
}

static void
read_list_word(const struct list *list, struct source_pos at, bool closed) {
  struct filter_event event = {.tilde = list->tilde, .at = at};
  struct word word;
  if (!word_split(at, closed, &word, list->diags) || !read_event(list, &word, &event))
    hint_at_lenience(list, &word);
  else
    (void)filter_set_add(list->set, &event, list->diags); // the error is in *diags
}

static void
read_list(struct list *list, struct text value, struct source_pos name) {
  struct filter_event event = {.kind = EVENT_RESET, .at = name};
  struct source_pos at;
  bool closed;
  if (!text_skip_blanks(&value)) {
    (void)filter_set_add(list->set, &event, list->diags);
    return;
  }
  struct text ahead = value;
  (void)text_word(&ahead, &event.at, &closed); // there is one
  event.kind = EVENT_LINE;
  event.tilde = list->tilde = text_peek(&value, 0) == '~';
  if (!filter_set_add(list->set, &event, list->diags))
    return;
  if (list->tilde)
    value.at++;
  list->losable = !list->tilde || is_log(list); // the log refuses nothing
  while (text_word(&value, &at, &closed))
    read_list_word(list, at, closed);
}

static void
read_filter(struct reader *reader, const struct assignment *line, struct diags *diags) {
  struct list list = {.reader = reader, .set = &reader->filter, .diags = diags};
  read_list(&list, line->value, line->name);
}

static void
read_log(struct reader *reader, const struct assignment *line, struct diags *diags) {
  struct list list = {.reader = reader, .set = &reader->log, .diags = diags};
  read_list(&list, line->value, line->name);
}

// It adds to a policy, and makes none by itself.
static void
read_startup(struct reader *reader, const struct assignment *line, struct diags *diags) {
  struct list list = {.reader = reader, .set = &reader->startup, .diags = diags};
  struct text value = line->value;
  struct source_pos at = line->name;
  bool closed;
  reader->startup_given = true;
  reader->startup_at = line->name;
  if (text_skip_blanks(&value) && text_peek(&value, 0) == '~') {
    (void)text_word(&value, &at, &closed);
    diag_add(diags, DIAG_ERROR, at, "StartupSystemCallFilter= adds to the policy, and cannot take away");
    diag_add(diags, DIAG_HINT, at, "write what start-up needs beyond the policy, without ~");
    return;
  }
  read_list(&list, line->value, line->name);
}

// Properties with one word.

static void
read_error_number(struct reader *reader, const struct assignment *line, struct diags *diags) {
  struct word word;
  struct action action = {ACTION_KILL_PROCESS, 0};
  struct source_pos at = line->name;
  const char *problem = NULL, *hint = NULL;
  switch (setting_read_word(line, &word, diags)) {
  case WORD_WRONG:
    return;
  case WORD_EMPTY:
    break;
  case WORD_READ:
    at = word.at;
    if (reader->syntax == SYNTAX_SYSTEMD && is_own_action(word.name, word.name_length)) {
      (void)refuse_own(unknown_kind(reader, true), at, "this action", diags);
      return;
    }
    problem = action_read(word.name, word.name_length, &action);
    hint = problem != NULL ? action_suggest(word.name, word.name_length) : NULL;
    break;
  }
  if (problem == NULL && action.kind == ACTION_ERRNO && action.data == 0)
    problem = "would let every call that is not allowed seem to succeed";
  if (problem == NULL && !action_refuses(action))
    problem = "would refuse nothing (scrun --log allows and logs what a policy would refuse)";
  if (problem != NULL) {
    diag_add(diags, unknown_kind(reader, true), at, "\"%.*s\" %s", text_shown(word.name_length), word.name, problem);
    if (hint != NULL)
      diag_add(diags, DIAG_HINT, at, "did you mean \"%s\"?", hint);
    return;
  }
  reader->refused = action;
  reader->refused_at = at;
}

static void
read_groups(struct reader *reader, const struct assignment *line, struct diags *diags) {
  struct word word;
  switch (setting_read_word(line, &word, diags)) {
  case WORD_WRONG:
    return;
  case WORD_EMPTY:
    reader->groups = NULL;
    return;
  case WORD_READ:
    break;
  }
  const struct group_tables *tables = group_tables_choose(word.name, word.name_length, word.at, diags);
  if (tables != NULL)
    reader->groups = tables;
}

// SystemCallKnownUntil=

// The newest kernel that brought a call to some ABI.
static uint32_t
newest_kernel(void) {
  uint32_t newest = 0;
  for (size_t i = 0; i < calls_count(); i++)
    for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
      if (calls_first_kernel((call_t)i, abi) > newest)
        newest = calls_first_kernel((call_t)i, abi);
  return newest;
}

// "6.1"; versions before 3.0 cannot be told apart.
static void
read_known_until(struct reader *reader, const struct assignment *line, struct diags *diags) {
  struct word word;
  uint32_t kernel, newest = newest_kernel();
  switch (setting_read_word(line, &word, diags)) {
  case WORD_WRONG:
    return;
  case WORD_EMPTY:
    reader->mark = (struct filter_mark){0};
    return;
  case WORD_READ:
    break;
  }
  if (!kernel_read(word.name, word.name_length, false, &kernel) || kernel < KERNEL(3, 0)) {
    diag_add(diags, DIAG_ERROR, word.at, "\"%.*s\" is no kernel version", text_shown(word.name_length), word.name);
    diag_add(diags, DIAG_HINT, word.at, "write two numbers, from 3.0 up: SystemCallKnownUntil=6.1");
    return;
  }
  if (kernel > newest) {
    diag_add(diags, DIAG_ERROR, word.at, "scrun does not know the system calls of Linux %.*s",
             text_shown(word.name_length), word.name);
    diag_add(diags, DIAG_HINT, word.at, "the newest that it knows are those of Linux %u.%u", (unsigned)newest >> 16,
             (unsigned)newest & 0xffffu);
    return;
  }
  reader->mark = (struct filter_mark){kernel, word.at};
}

static void
read_no_new_privs(struct reader *reader, const struct assignment *line, struct diags *diags) {
  (void)setting_read_boolean(line, &reader->no_new_privs, diags); // the error is in *diags
}

static void
read_isolate_peers(struct reader *reader, const struct assignment *line, struct diags *diags) {
  struct word word;
  enum one_word found = setting_read_word(line, &word, diags);
  if (found == WORD_WRONG)
    return;
  int value = found == WORD_READ ? setting_boolean_of(&word) : -1;
  if (found == WORD_READ && text_is_any_case(word.name, word.name_length, "auto"))
    reader->isolate_peers = ISOLATE_PEERS_AUTO;
  else if (value < 0)
    setting_report_choice(line, "auto, yes or no", diags);
  else
    reader->isolate_peers = value == 1 ? ISOLATE_PEERS_YES : ISOLATE_PEERS_NO;
}

// At=

static void
report_moment(const struct word *word, struct diags *diags) {
  struct nearest nearest;
  diag_add(diags, DIAG_ERROR, word->at, "unknown moment \"%.*s\": At= takes exec, entry, main or ready",
           text_shown(word->name_length), word->name);
  nearest_start(&nearest, word->name, word->name_length);
  for (enum moment moment = MOMENT_NONE + 1; moment < MOMENT_COUNT; moment++)
    nearest_offer(&nearest, moment_name(moment));
  if (nearest.best != NULL)
    diag_add(diags, DIAG_HINT, word->at, "did you mean \"%s\"?", nearest.best);
}

static void
read_at(struct reader *reader, const struct assignment *line, struct diags *diags) {
  struct word word;
  enum one_word found = setting_read_word(line, &word, diags);
  if (found == WORD_WRONG)
    return;
  reader->at = found == WORD_READ ? moment_find(word.name, word.name_length) : MOMENT_NONE;
  if (found == WORD_READ && reader->at == MOMENT_NONE)
    report_moment(&word, diags);
}

// SystemCallArchitectures=

static const struct architecture {
  const char *name;
  enum abi abi;
} architectures[] = {
    {"native", ABI_NATIVE},
    {"x32", ABI_X32},
    {"x86", ABI_I386},
    {"x86-64", ABI_X86_64},
};

// Names that systemd knows and that no call on this machine can have: they allow nothing here.
// Source: ConditionArchitecture= in systemd.unit(5), SystemCallArchitectures= in systemd.exec(5).
static const char *const foreign_architectures[] = {
    "alpha",       "arc",      "arc-be", "arm",     "arm-be",  "arm64",     "arm64-be",      "cris",       "ia64",
    "loongarch64", "m68k",     "mips",   "mips-le", "mips64",  "mips64-le", "mips64-le-n32", "mips64-n32", "nios2",
    "parisc",      "parisc64", "ppc",    "ppc-le",  "ppc64",   "ppc64-le",  "riscv32",       "riscv64",    "s390",
    "s390x",       "sh",       "sh64",   "sparc",   "sparc64", "tilegx",
};

// What other programs call them.
static const struct {
  const char *name, *meant;
} architecture_aliases[] = {
    {"aarch64", "arm64"},    {"amd64", "x86-64"},     {"armhf", "arm"},  {"i386", "x86"},
    {"i486", "x86"},         {"i586", "x86"},         {"i686", "x86"},   {"ia32", "x86"},
    {"ppc64el", "ppc64-le"}, {"ppc64le", "ppc64-le"}, {"x64", "x86-64"}, {"x86_64", "x86-64"},
};

static const char *
architecture_suggest(const struct word *word) {
  struct nearest nearest;
  for (size_t i = 0; i < sizeof architecture_aliases / sizeof architecture_aliases[0]; i++)
    if (text_is_any_case(word->name, word->name_length, architecture_aliases[i].name))
      return architecture_aliases[i].meant;
  nearest_start(&nearest, word->name, word->name_length);
  for (size_t i = 0; i < sizeof architectures / sizeof architectures[0]; i++)
    nearest_offer(&nearest, architectures[i].name);
  for (size_t i = 0; i < sizeof foreign_architectures / sizeof foreign_architectures[0]; i++)
    nearest_offer(&nearest, foreign_architectures[i]);
  return nearest.best;
}

static void
read_architecture(struct reader *reader, const struct word *word, struct diags *diags) {
  for (size_t i = 0; i < sizeof architectures / sizeof architectures[0]; i++) {
    if (text_is(word->name, word->name_length, architectures[i].name)) {
      reader->abis |= ABI_BIT(architectures[i].abi);
      return;
    }
  }
  for (size_t i = 0; i < sizeof foreign_architectures / sizeof foreign_architectures[0]; i++) {
    if (text_is(word->name, word->name_length, foreign_architectures[i])) {
      diag_add(diags, DIAG_WARNING, word->at, "this machine has no calls of the architecture \"%s\"",
               foreign_architectures[i]);
      return;
    }
  }
  diag_add(diags, unknown_kind(reader, true), word->at, "unknown architecture \"%.*s\"", text_shown(word->name_length),
           word->name);
  const char *near = diags_full(diags) ? NULL : architecture_suggest(word);
  if (near != NULL)
    diag_add(diags, DIAG_HINT, word->at, "did you mean \"%s\"?", near);
}

// The native ABI is in every list: the program itself could not start otherwise.
static void
read_architectures(struct reader *reader, const struct assignment *line, struct diags *diags) {
  struct text value = line->value;
  struct source_pos at;
  struct word word;
  bool closed;
  if (!text_skip_blanks(&value)) {
    reader->abis = 0;
    reader->abis_at = (struct source_pos){0};
    return;
  }
  reader->abis |= ABI_BIT(ABI_NATIVE);
  reader->abis_at = line->name;
  while (text_word(&value, &at, &closed)) {
    if (!word_split(at, closed, &word, diags))
      continue;
    if (word.has_tests)
      diag_add(diags, DIAG_ERROR, at, "SystemCallArchitectures= takes names without parentheses");
    else if (word.has_suffix)
      diag_add(diags, DIAG_ERROR, at, "SystemCallArchitectures= takes names without a colon");
    else
      read_architecture(reader, &word, diags);
  }
}

// What systemd does with filters beside SystemCallFilter=.
static void
read_restriction(struct reader *reader, const struct assignment *line, struct diags *diags) {
  restrictions_read(&reader->restrictions, line, reader->options.lenient, diags);
}

// The table of properties.

static const struct property {
  const char *name;
  void (*read)(struct reader *reader, const struct assignment *line, struct diags *diags);
  bool makes_policy;
} properties[] = {
    {"At", read_at, false},
    {"IsolatePeers", read_isolate_peers, false},
    {"LockPersonality", read_restriction, true},
    {"MemoryDenyWriteExecute", read_restriction, true},
    {"NoNewPrivileges", read_no_new_privs, false},
    {"ProtectClock", read_restriction, true},
    {"ProtectHostname", read_restriction, true},
    {"ProtectKernelLogs", read_restriction, true},
    {"ProtectKernelModules", read_restriction, true},
    {"RestrictAddressFamilies", read_restriction, true},
    {"RestrictNamespaces", read_restriction, true},
    {"RestrictRealtime", read_restriction, true},
    {"RestrictSUIDSGID", read_restriction, true},
    {"StartupSystemCallFilter", read_startup, false},
    {"SystemCallArchitectures", read_architectures, true},
    {"SystemCallErrorNumber", read_error_number, false},
    {"SystemCallFilter", read_filter, true},
    {"SystemCallGroups", read_groups, false},
    {"SystemCallKnownUntil", read_known_until, true},
    {"SystemCallLog", read_log, true},
};
enum { PROPERTIES = sizeof properties / sizeof properties[0] };
_Static_assert(PROPERTIES < 64, "sets of properties are bits");

int
reader_find_property(struct source_pos name) {
  for (size_t i = 0; i < PROPERTIES; i++)
    if (text_is(text_bytes(name), name.length, properties[i].name))
      return (int)i;
  return -1;
}

bool
reader_makes_policy(int property) {
  return properties[property].makes_policy;
}

static void
report_property(struct source_pos name, struct diags *diags) {
  const char *beyond = restriction_beyond(text_bytes(name), name.length);
  struct nearest nearest;
  nearest_start(&nearest, text_bytes(name), name.length);
  for (size_t i = 0; i < PROPERTIES && beyond == NULL; i++)
    nearest_offer(&nearest, properties[i].name);
  diag_add(diags, DIAG_ERROR, name, "scrun does not implement \"%.*s\"; nothing is ignored", text_shown(name.length),
           text_bytes(name));
  if (beyond != NULL)
    diag_add(diags, DIAG_HINT, name, "leave it to the service manager: %s, which no filter does", beyond);
  if (nearest.best != NULL)
    diag_add(diags, DIAG_HINT, name, "did you mean \"%s\"?", nearest.best);
}

void
reader_take(struct reader *reader, const struct assignment *line, enum setting_syntax syntax, struct diags *diags) {
  int property = reader_find_property(line->name);
  if (property < 0) {
    report_property(line->name, diags);
    return;
  }
  reader->given = reader->given || properties[property].makes_policy;
  reader->syntax = syntax;
  properties[property].read(reader, line, diags);
}

struct reader *
reader_new(const struct reader_options *options) {
  struct reader *reader = calloc(1, sizeof *reader);
  if (reader == NULL)
    return NULL;
  reader->options = *options;
  reader->refused = (struct action){ACTION_KILL_PROCESS, 0};
  reader->no_new_privs = true;
  reader->isolate_peers = ISOLATE_PEERS_AUTO;
  return reader;
}

void
reader_free(struct reader *reader) {
  if (reader == NULL)
    return;
  filter_set_clear(&reader->filter);
  filter_set_clear(&reader->log);
  filter_set_clear(&reader->startup);
  free(reader);
}

int
reader_result(struct reader *reader, size_t errors_before, const struct diags *diags) {
  if (diags->errors == errors_before)
    return 0;
  reader->failed = true;
  return -1;
}

int
reader_read_property(struct reader *reader, const struct source *source, struct diags *diags) {
  size_t errors_before = diags->errors;
  struct text text;
  struct assignment line;
  if (text_open(&text, source, diags) && policy_property_split(&text, &line, diags))
    reader_take(reader, &line, SYNTAX_FULL, diags);
  return reader_result(reader, errors_before, diags);
}

int
reader_read_file(struct reader *reader, const struct source *source, struct diags *diags) {
  size_t errors_before = diags->errors;
  struct policy_file file = {0};
  struct assignment line;
  bool any = false;
  if (text_open(&file.text, source, diags))
    for (; policy_file_next(&file, &line, diags); any = true)
      reader_take(reader, &line, SYNTAX_FULL, diags);
  // A file that was cut off must not leave the policy to what stands beside it.
  if (!any && diags->errors == errors_before)
    diag_add(diags, DIAG_ERROR, (struct source_pos){source, 0, 0}, "there is no setting in this file");
  return reader_result(reader, errors_before, diags);
}

// A text of comments says nothing, and must not leave the policy to what stands beside it.
int
reader_read_values(struct reader *reader, const struct source *name, const struct source *source, struct diags *diags) {
  size_t errors_before = diags->errors;
  struct text text, rest;
  struct assignment line = {.name = {name, 0, (uint32_t)name->length}};
  if (!text_open(&text, source, diags))
    return reader_result(reader, errors_before, diags);
  rest = line.value = text;
  bool any = !text_skip_blanks(&rest);
  if (any)
    reader_take(reader, &line, SYNTAX_FULL, diags);
  for (; policy_value_next(&text, &line.value); any = true)
    reader_take(reader, &line, SYNTAX_FULL, diags);
  if (!any)
    diag_add(diags, DIAG_ERROR, (struct source_pos){source, 0, 0}, "there is no value among these comments");
  return reader_result(reader, errors_before, diags);
}

// The modes of both lists. In a deny list, and in the log, a name that is taken back counts as never mentioned.
static void
build_layers(const struct reader *reader, struct group_book *book, struct policy *policy, bool *refuses,
             struct diags *diags) {
  const struct action allow = {ACTION_ALLOW, 0}, log = {ACTION_LOG, 0}, none = {ACTION_NONE, 0};
  const struct action refused = reader->refused;
  const struct filter_mode filter[2] = {
      {.otherwise = refused, .otherwise_at = reader->refused_at, .plain = allow, .tilde = refused},
      {.otherwise = allow, .plain = none, .tilde = refused},
  };
  const struct filter_mode logging[2] = {
      {.otherwise = allow, .plain = log, .tilde = none},
      {.otherwise = log, .plain = none, .tilde = allow},
  };
  filter_set_build(&reader->filter, filter, reader->mark, book, policy, refuses, diags);
  filter_set_build(&reader->log, logging, (struct filter_mark){0}, book, policy, refuses, diags);
  restrictions_build(&reader->restrictions, book->tables, policy, refuses, diags);
}

// An empty list is a layer without rules.
static void
build_startup(const struct reader *reader, struct group_book *book, struct policy *policy, struct diags *diags) {
  const struct action refused = {ACTION_ERRNO, EPERM};
  const struct filter_mode mode = {.otherwise = refused, .plain = {ACTION_ALLOW, 0}, .tilde = refused, .adds = true};
  const struct filter_mode modes[2] = {mode, mode};
  bool refuses = false;
  struct error e;
  policy->startup = policy_new();
  if (policy->startup == NULL) {
    diag_add(diags, DIAG_ERROR, reader->startup_at, "%s", out_of_memory);
    return;
  }
  policy->startup->abis = policy->abis;
  policy->startup->foreign = policy->foreign;
  filter_set_build(&reader->startup, modes, (struct filter_mark){0}, book, policy->startup, &refuses, diags);
  bool failed =
      policy->startup->layer_count == 0 && policy_add_layer(policy->startup, refused, reader->startup_at, &e) != 0;
  if (failed || policy_seal(policy->startup, &e) != 0)
    diag_add(diags, DIAG_ERROR, e.at, "%s", e.text);
}

static void
fill_policy(const struct reader *reader, struct policy *policy, bool *refuses) {
  policy->no_new_privs = reader->no_new_privs;
  policy->isolate_peers = reader->isolate_peers;
  policy->at = reader->at;
  if (reader->abis == 0)
    return;
  policy->abis = reader->abis;
  policy->abis_at = reader->abis_at;
  policy->foreign = (struct action){ACTION_KILL_THREAD, 0};
  if (reader->abis != ABI_ALL)
    *refuses = true;
}

static void
build_policy(const struct reader *reader, struct policy *policy, struct diags *diags) {
  const struct group_tables *tables = reader->groups != NULL ? reader->groups : reader->options.groups;
  struct group_book book = {.options = &reader->options, .tables = tables != NULL ? tables : &group_versions[0]};
  bool refuses = false;
  struct error e;
  fill_policy(reader, policy, &refuses);
  build_layers(reader, &book, policy, &refuses, diags);
  if (reader->startup_given)
    build_startup(reader, &book, policy, diags);
  group_book_clear(&book);
  if (policy_seal(policy, &e) != 0)
    diag_add(diags, DIAG_ERROR, e.at, "%s", e.text);
  if (!refuses && diags->errors == 0)
    diag_add(diags, DIAG_WARNING, (struct source_pos){0}, "this policy refuses nothing");
}

int
reader_finish(struct reader *reader, struct policy **out, struct diags *diags) {
  size_t errors_before = diags->errors;
  struct source_pos nowhere = {0};
  if (!reader->given && !reader->failed) {
    diag_add(diags, DIAG_ERROR, nowhere, "no policy given: nothing says which system calls are allowed");
    diag_add(diags, DIAG_HINT, nowhere, "give --property=SystemCallFilter=... or --profile=FILE");
  }
  struct policy *policy = policy_new();
  if (policy == NULL)
    diag_add(diags, DIAG_ERROR, nowhere, "%s", out_of_memory);
  else
    build_policy(reader, policy, diags);
  if (reader_result(reader, errors_before, diags) == 0 && !reader->failed) {
    *out = policy;
    return 0;
  }
  policy_free(policy);
  return -1;
}

const char *
reader_property(size_t index) {
  return index < PROPERTIES ? properties[index].name : NULL;
}
