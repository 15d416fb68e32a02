// SPDX-License-Identifier: LGPL-2.1-or-later
// restrict_read.c - reads the values of RestrictAddressFamilies= and its relatives, as systemd adds their lines up.
#include "compat/arguments.h"
#include "compat/nearest.h"
#include "compat/restrict.h"
#include "compat/setting.h"
#include <linux/sched.h>
#include <string.h>

const struct namespace_kind namespace_kinds[NAMESPACE_KINDS] = {
    {"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"mnt", CLONE_NEWNS},    {"net", CLONE_NEWNET},
    {"pid", CLONE_NEWPID},       {"time", 0x00000080},  {"user", CLONE_NEWUSER}, {"uts", CLONE_NEWUTS},
};

// All kinds but `time`: "no" and "~" of other kinds leave that one out, as in systemd.
const uint32_t namespaces_all =
    CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS;

// One line of a list.
struct list {
  struct restrictions *restrictions;
  const struct assignment *line;
  bool tilde;
  bool lenient;
  struct diags *diags;
};

// Skipping a word without ~ leaves refused what it would have allowed.
static enum diag_kind
unknown_kind(const struct list *list) {
  return list->lenient && !list->tilde ? DIAG_WARNING : DIAG_ERROR;
}

// Takes the next name off `value`. Returns false at the end, with an empty name for what is none, after a message.
static bool
list_next(const struct list *list, struct text *value, struct word *word) {
  struct source_pos at;
  bool closed;
  if (!text_word(value, &at, &closed))
    return false;
  bool split = word_split(at, closed, word, list->diags);
  if (split && !word->has_suffix && !word->has_tests)
    return true;
  if (split)
    diag_add(list->diags, DIAG_ERROR, at, "%.*s= takes names only", text_shown(list->line->name.length),
             text_bytes(list->line->name));
  word->name_length = 0;
  return true;
}

// Takes a leading ~ off.
static struct text
list_begin(struct list *list) {
  struct text value = list->line->value;
  list->tilde = text_skip_blanks(&value) && text_peek(&value, 0) == '~';
  value.at += list->tilde;
  return value;
}

static bool
is_empty(const struct assignment *line) {
  struct text value = line->value;
  return !text_skip_blanks(&value);
}

// RestrictAddressFamilies=

#define FAMILY_BYTES 32

// The name in the case that <sys/socket.h> has, with `prefix` in front; an empty one if it is too long.
static void
family_spell(const struct word *word, const char *prefix, char spelled[FAMILY_BYTES]) {
  size_t length = strlen(prefix);
  spelled[0] = '\0';
  if (length + word->name_length >= FAMILY_BYTES)
    return;
  memcpy(spelled, prefix, length + 1);
  for (size_t i = 0; i < word->name_length; i++) {
    char byte = word->name[i];
    spelled[length++] = byte >= 'a' && byte <= 'z' ? (char)(byte - ('a' - 'A')) : byte;
  }
  spelled[length] = '\0';
}

// AF_UNSPEC is no family that systemd knows.
static bool
family_find(const char *spelled, uint64_t *value) {
  return strncmp(spelled, "AF_", 3) == 0 && constant_find(spelled, strlen(spelled), value) && *value > 0
         && *value < FAMILIES_MAX;
}

static void
report_family(const struct list *list, const struct word *word) {
  char spelled[FAMILY_BYTES];
  uint64_t value;
  diag_add(list->diags, unknown_kind(list), word->at, "unknown address family \"%.*s\"", text_shown(word->name_length),
           word->name);
  if (text_is_any_case(word->name, word->name_length, "none")) {
    diag_add(list->diags, DIAG_HINT, word->at, "\"none\" stands alone: RestrictAddressFamilies=none");
    return;
  }
  family_spell(word, "AF_", spelled);
  const char *meant = family_find(spelled, &value) ? spelled : NULL;
  if (meant == NULL) {
    family_spell(word, "", spelled);
    meant = constant_suggest(spelled, strlen(spelled));
  }
  if (meant != NULL && family_find(meant, &value))
    diag_add(list->diags, DIAG_HINT, word->at, "did you mean \"%s\"?", meant);
}

static void
read_family(const struct list *list, const struct word *word) {
  struct restrictions *restrictions = list->restrictions;
  char spelled[FAMILY_BYTES];
  uint64_t value;
  family_spell(word, "", spelled);
  if (!family_find(spelled, &value)) {
    report_family(list, word);
    return;
  }
  if (list->tilde != restrictions->families_allow)
    restrictions->families |= (uint64_t)1 << value;
  else
    restrictions->families &= ~((uint64_t)1 << value);
}

// "none" and nothing else.
static bool
is_none(const struct assignment *line) {
  struct text value = line->value;
  struct source_pos at, more;
  bool closed;
  return text_word(&value, &at, &closed) && text_is(text_bytes(at), at.length, "none")
         && !text_word(&value, &more, &closed);
}

// The first line of a list says whether it allows or refuses. "none" is an allow list that nobody began: the line
// behind it can still become either.
static void
read_families(struct list *list) {
  struct restrictions *restrictions = list->restrictions;
  struct word word;
  if (is_empty(list->line) || is_none(list->line)) {
    restrictions->families = 0;
    restrictions->families_begun = false;
    restrictions->families_allow = !is_empty(list->line);
    return;
  }
  struct text value = list_begin(list);
  if (!restrictions->families_begun)
    restrictions->families_allow = !list->tilde;
  restrictions->families_begun = true;
  while (list_next(list, &value, &word))
    if (word.name_length > 0)
      read_family(list, &word);
}

// RestrictNamespaces=

static void
report_namespace(const struct list *list, const struct word *word) {
  struct nearest nearest;
  diag_add(list->diags, unknown_kind(list), word->at, "unknown namespace \"%.*s\"", text_shown(word->name_length),
           word->name);
  nearest_start(&nearest, word->name, word->name_length);
  for (size_t i = 0; i < NAMESPACE_KINDS; i++)
    nearest_offer(&nearest, namespace_kinds[i].name);
  if (nearest.best != NULL)
    diag_add(list->diags, DIAG_HINT, word->at, "did you mean \"%s\"?", nearest.best);
}

static uint32_t
read_namespace(const struct list *list, const struct word *word) {
  for (size_t i = 0; i < NAMESPACE_KINDS; i++)
    if (text_is(word->name, word->name_length, namespace_kinds[i].name))
      return namespace_kinds[i].flag;
  report_namespace(list, word);
  return 0;
}

// Yes or no begins anew. Returns false if the value is not that one word.
static bool
read_all_or_none(const struct list *list) {
  struct text value = list->line->value;
  struct source_pos at, more;
  struct word word;
  bool closed;
  if (!text_word(&value, &at, &closed) || text_word(&value, &more, &closed) || text_bytes(at)[0] == '~')
    return false;
  word = (struct word){.name = text_bytes(at), .name_length = at.length};
  int restricts = setting_boolean_of(&word);
  if (restricts < 0)
    return false;
  list->restrictions->namespaces = restricts == 1 ? 0 : namespaces_all;
  list->restrictions->namespaces_begun = true;
  return true;
}

static void
read_namespaces(struct list *list) {
  struct restrictions *restrictions = list->restrictions;
  uint32_t named = 0;
  struct word word;
  if (is_empty(list->line)) {
    restrictions->namespaces_begun = false;
    return;
  }
  if (read_all_or_none(list))
    return;
  struct text value = list_begin(list);
  while (list_next(list, &value, &word))
    if (word.name_length > 0)
      named |= read_namespace(list, &word);
  if (!restrictions->namespaces_begun)
    restrictions->namespaces = list->tilde ? namespaces_all : 0;
  restrictions->namespaces_begun = true;
  if (list->tilde)
    restrictions->namespaces &= ~named;
  else
    restrictions->namespaces |= named;
}

// All of them.

static const struct property {
  const char *name;
  enum restriction restriction;
  void (*read)(struct list *list); // NULL: it is yes or no
} properties[] = {
    {"LockPersonality", RESTRICT_PERSONALITY, NULL},
    {"MemoryDenyWriteExecute", RESTRICT_WRITE_EXECUTE, NULL},
    {"ProtectClock", RESTRICT_CLOCK, NULL},
    {"ProtectHostname", RESTRICT_HOSTNAME, NULL},
    {"ProtectKernelLogs", RESTRICT_KERNEL_LOGS, NULL},
    {"ProtectKernelModules", RESTRICT_MODULES, NULL},
    {"RestrictAddressFamilies", RESTRICT_FAMILIES, read_families},
    {"RestrictNamespaces", RESTRICT_NAMESPACES, read_namespaces},
    {"RestrictRealtime", RESTRICT_REALTIME, NULL},
    {"RestrictSUIDSGID", RESTRICT_SUID, NULL},
};

void
restrictions_read(struct restrictions *restrictions, const struct assignment *line, bool lenient, struct diags *diags) {
  struct list list = {.restrictions = restrictions, .line = line, .lenient = lenient, .diags = diags};
  for (size_t i = 0; i < sizeof properties / sizeof properties[0]; i++) {
    enum restriction restriction = properties[i].restriction;
    if (!text_is(text_bytes(line->name), line->name.length, properties[i].name))
      continue;
    restrictions->at[restriction] = line->name;
    if (properties[i].read != NULL)
      properties[i].read(&list);
    else
      (void)setting_read_boolean(line, &restrictions->on[restriction], diags); // the error is in *diags
  }
}

// Properties that need more than a filter, and what for. Source: systemd.exec(5).
static const struct {
  const char *name, *needs;
} beyond[] = {
    {"AmbientCapabilities", "it gives capabilities"},
    {"CapabilityBoundingSet", "it takes capabilities away"},
    {"Personality", "it changes the process before its program begins"},
    {"PrivateDevices", "it makes a /dev of its own and takes capabilities away"},
    {"PrivateIPC", "it makes a namespace"},
    {"PrivateMounts", "it makes a namespace"},
    {"PrivateNetwork", "it makes a namespace"},
    {"PrivateTmp", "it makes a namespace and mounts"},
    {"PrivateUsers", "it makes a namespace"},
    {"ProcSubset", "it mounts"},
    {"ProtectControlGroups", "it mounts"},
    {"ProtectHome", "it mounts"},
    {"ProtectKernelTunables", "it mounts"},
    {"ProtectProc", "it mounts"},
    {"ProtectSystem", "it mounts"},
    {"RestrictFileSystems", "it is a BPF program of the manager's"},
};

const char *
restriction_beyond(const char *name, size_t length) {
  for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++)
    if (text_is(name, length, beyond[i].name))
      return beyond[i].needs;
  return NULL;
}
