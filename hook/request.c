// SPDX-License-Identifier: LGPL-2.1-or-later
// request.c - reads annotations into a policy, and puts it together with the administrator's.
#include "hook/request.h"
#include "compat/merge.h"
#include "compat/nearest.h"
#include "compat/number.h"
#include "compat/systemd_read.h"
#include "runner/oci/oci_request.h"
#include <stdlib.h>
#include <string.h>

#define PREFIX "io.scrun."
#define PREFIX_LENGTH (sizeof PREFIX - 1)
#define TRACE_ANNOTATION "io.containers.trace-syscall"

// What one pod can make the hook read: 16 MiB, more than a container's annotations ever hold.
#define ANNOTATIONS_MAX 256
#define VALUE_BYTES_MAX (64 * 1024)
#define NUMBER_MAX 999

// The values of one property.
struct annotation {
  char *key;   // whole, owned: what messages call the sources
  char *words; // the value, owned: messages and policies outlive the JSON
  size_t property;
  uint64_t number; // 0: none behind it
  struct source name, value;
};

enum answer { ANSWER_NONE, ANSWER_YES, ANSWER_NO };

struct annotation_book {
  struct annotation_book *next;
  struct policy_request asked;
  struct annotation items[ANNOTATIONS_MAX];
  size_t count;
  const char *profile;
  bool at_exec;
  enum answer wrapper, accelerate;
};

static const struct source_pos nowhere = {NULL, 0, 0};

static struct source_pos
whole(const struct source *source) {
  return (struct source_pos){source, 0, (uint32_t)source->length};
}

// Names below the prefix.

static int
take_at(struct annotation_book *book, const struct source *value, struct diags *diags) {
  enum moment moment = moment_find(value->text, value->length);
  if (moment == MOMENT_EXEC) {
    book->at_exec = true;
    return 0;
  }
  if (moment != MOMENT_NONE)
    diag_add(diags, DIAG_ERROR, whole(value),
             "a policy in a container comes into force at exec: the moment %s is not offered there",
             moment_name(moment));
  else
    diag_add(diags, DIAG_ERROR, whole(value), "unknown moment: in a container it can only be exec");
  return -1;
}

static int
read_answer(enum answer *answer, const struct source *value, struct diags *diags) {
  if (strcmp(value->text, "true") == 0)
    *answer = ANSWER_YES;
  else if (strcmp(value->text, "false") == 0)
    *answer = ANSWER_NO;
  else
    diag_add(diags, DIAG_ERROR, whole(value), "not true or false");
  return *answer == ANSWER_NONE ? -1 : 0;
}

static int
take_wrapper(struct annotation_book *book, const struct source *value, struct diags *diags) {
  return read_answer(&book->wrapper, value, diags);
}

static int
take_accelerate(struct annotation_book *book, const struct source *value, struct diags *diags) {
  return read_answer(&book->accelerate, value, diags);
}

static int
take_profile(struct annotation_book *book, const struct source *value, struct diags *diags) {
  (void)diags;
  book->profile = value->text;
  return 0;
}

static int
refuse_startup(struct annotation_book *book, const struct source *value, struct diags *diags) {
  (void)book;
  diag_add(diags, DIAG_ERROR, whole(value),
           "StartupSystemCallFilter= is for policies of later moments, and in a container there is only exec");
  return -1;
}

// Everything below the prefix that is no plain property. Properties are those that the reader knows.
static const struct word_row {
  const char *name;
  int (*take)(struct annotation_book *book, const struct source *value, struct diags *diags);
} word_rows[] = {
    {"At", take_at},
    {"StartupSystemCallFilter", refuse_startup},
    {"accelerate", take_accelerate},
    {"at", take_at},
    {"profile", take_profile},
    {"wrapper", take_wrapper},
};
enum { WORD_ROWS = sizeof word_rows / sizeof word_rows[0] };

static const struct word_row *
find_word(const char *name, size_t length) {
  for (size_t i = 0; i < WORD_ROWS; i++)
    if (strlen(word_rows[i].name) == length && memcmp(word_rows[i].name, name, length) == 0)
      return &word_rows[i];
  return NULL;
}

static bool
find_property(const char *name, size_t length, size_t *index) {
  const char *property;
  for (*index = 0; (property = reader_property(*index)) != NULL; (*index)++)
    if (strlen(property) == length && memcmp(property, name, length) == 0)
      return true;
  return false;
}

static const char *
suggest(const char *name, size_t length) {
  struct nearest nearest;
  const char *property;
  nearest_start(&nearest, name, length);
  for (size_t i = 0; i < WORD_ROWS; i++)
    nearest_offer(&nearest, word_rows[i].name);
  for (size_t i = 0; (property = reader_property(i)) != NULL; i++)
    nearest_offer(&nearest, property);
  return nearest.best;
}

static int
refuse_unknown(struct json_value member, const char *name, size_t length, struct diags *diags) {
  const char *meant = suggest(name, length);
  json_complain_key(member, DIAG_ERROR, diags, "scrun has no annotation \"%s\"; nothing is ignored",
                    shown_part(name, length).text);
  if (meant != NULL)
    json_complain_key(member, DIAG_HINT, diags, "did you mean \"" PREFIX "%s\"?", meant);
  return -1;
}

// Takes the number off a name. Returns false if there is something else behind the last dot.
static bool
split_number(const char *name, size_t *length, uint64_t *number) {
  const char *dot = memrchr(name, '.', *length);
  *number = 0;
  if (dot == NULL)
    return true;
  size_t digits = *length - (size_t)(dot + 1 - name);
  if (digits == 0 || dot[1] == '0' || !number_read(dot + 1, digits, NUMBER_PLAIN, NUMBER_MAX, number))
    return false;
  *length = (size_t)(dot - name);
  return true;
}

// Reading one annotation.

static int
check_value(struct json_value member, struct diags *diags) {
  size_t length;
  if (json_kind(member) != JSON_STRING) {
    json_complain(member, DIAG_ERROR, diags, "an annotation is a string, not %s", json_kind_name(json_kind(member)));
    return -1;
  }
  (void)json_string(member, &length);
  if (length <= VALUE_BYTES_MAX)
    return 0;
  json_complain(member, DIAG_ERROR, diags, "longer than %d bytes", VALUE_BYTES_MAX);
  return -1;
}

// A row of the book. NULL after adding an error.
static struct annotation *
add_row(struct annotation_book *book, struct json_value member, struct diags *diags) {
  size_t length;
  const char *key = json_key(member, &length);
  if (book->count == ANNOTATIONS_MAX) {
    json_complain_key(member, DIAG_ERROR, diags, "more than %d annotations below " PREFIX, ANNOTATIONS_MAX);
    return NULL;
  }
  struct annotation *row = &book->items[book->count];
  row->key = strndup(key, length);
  row->words = strdup(json_string(member, &length));
  book->count++;
  if (row->key == NULL || row->words == NULL) {
    diag_add(diags, DIAG_ERROR, nowhere, "%s", out_of_memory);
    return NULL;
  }
  row->value = (struct source){.name = row->key, .text = row->words, .length = length, .has_lines = true};
  return row;
}

static int
take_property(struct annotation_book *book, struct json_value member, size_t property, uint64_t number,
              struct diags *diags) {
  struct annotation *row = add_row(book, member, diags);
  if (row == NULL)
    return -1;
  const char *name = reader_property(property);
  row->property = property;
  row->number = number;
  row->name = (struct source){.name = row->key, .text = name, .length = strlen(name)};
  return 0;
}

// One that is a word keeps its row, too: messages point into it.
static int
take_word(struct annotation_book *book, struct json_value member, const struct word_row *word, struct diags *diags) {
  struct annotation *row = add_row(book, member, diags);
  return row == NULL ? -1 : word->take(book, &row->value, diags);
}

// A name that is none: what is wrong with the number behind a property, or what was meant.
static int
refuse_name(struct json_value member, const char *name, size_t length, struct diags *diags) {
  const char *dot = memchr(name, '.', length);
  size_t property;
  if (dot == NULL || !find_property(name, (size_t)(dot - name), &property))
    return refuse_unknown(member, name, length, diags);
  json_complain_key(member, DIAG_ERROR, diags, "behind a property stands a number, 1 to %d, or nothing", NUMBER_MAX);
  return -1;
}

static int
take_annotation(struct annotation_book *book, struct json_value member, struct diags *diags) {
  size_t length, property, base;
  uint64_t number;
  const char *key = json_key(member, &length);
  const char *name = key + PREFIX_LENGTH;
  base = length -= PREFIX_LENGTH;
  if (memcmp(key, PREFIX, PREFIX_LENGTH) != 0 || !split_number(name, &base, &number))
    return refuse_name(member, name, length, diags);
  bool is_property = find_property(name, base, &property);
  const struct word_row *word = is_property || number == 0 ? find_word(name, base) : NULL;
  if (word == NULL && !is_property)
    return refuse_name(member, name, length, diags);
  if (check_value(member, diags) != 0)
    return -1;
  return word != NULL ? take_word(book, member, word, diags) : take_property(book, member, property, number, diags);
}

// Whether the name begins like this in any case: what differs in case only is a mistake, and not somebody else's.
static bool
begins(const char *key, size_t length, const char *prefix) {
  size_t i = 0;
  while (i < length && prefix[i] != '\0' && (key[i] | 0x20) == (prefix[i] | 0x20))
    i++;
  return prefix[i] == '\0';
}

// The value of \uXXXX, or 0.
static unsigned
read_escape(const char *at, size_t left) {
  unsigned value = 0;
  if (left < 6 || at[1] != 'u')
    return 0;
  for (size_t i = 2; i < 6; i++) {
    char digit = at[i];
    value = value * 16 + (unsigned)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
  }
  return value;
}

// The beginning of a member's name as whoever reads the JSON sees it; what is no ASCII can be part of no name of ours.
static size_t
plain_key(struct json_value member, char out[static sizeof TRACE_ANNOTATION + 1], bool *escaped) {
  size_t length, count = 0;
  const char *key = json_key(member, &length);
  *escaped = false;
  for (size_t i = 0; i < length && count < sizeof TRACE_ANNOTATION; count++) {
    bool escape = key[i] == '\\';
    unsigned value = escape ? read_escape(key + i, length - i) : (unsigned char)key[i];
    bool slash = escape && value == 0 && i + 1 < length && key[i + 1] == '/';
    out[count] = slash ? '/' : value < 0x80 ? (char)value : '?';
    i += !escape ? 1 : value != 0 || (i + 1 < length && key[i + 1] == 'u') ? 6 : 2;
    *escaped = *escaped || escape;
  }
  out[count] = '\0';
  return count;
}

static int
look_at(struct annotation_book *book, struct json_value member, struct diags *diags) {
  char key[sizeof TRACE_ANNOTATION + 1];
  bool escaped;
  size_t length = plain_key(member, key, &escaped);
  if (length == sizeof TRACE_ANNOTATION - 1 && begins(key, length, TRACE_ANNOTATION)) {
    json_complain_key(member, DIAG_ERROR, diags,
                      "asks to record system calls: that will be the mode \"record\" of scrun-hook, which this "
                      "version does not have; nothing is recorded");
    json_complain_key(member, DIAG_HINT, diags, "start the container without this annotation");
    return -1;
  }
  bool ours = begins(key, length, PREFIX) || begins(key, length, "io.scrun/")
              || (length == PREFIX_LENGTH - 1 && begins(key, length, "io.scrun"));
  if (!ours)
    return 0;
  if (escaped || length < PREFIX_LENGTH || key[PREFIX_LENGTH - 1] != '.') {
    json_complain_key(member, DIAG_ERROR, diags, "annotations for scrun are " PREFIX "NAME, written without escapes");
    return -1;
  }
  return take_annotation(book, member, diags);
}

// From annotations to a policy.

static int
compare_rows(const void *a, const void *b) {
  const struct annotation *first = a, *second = b;
  if (first->property != second->property)
    return first->property < second->property ? -1 : 1;
  return (first->number > second->number) - (first->number < second->number);
}

static bool
has_name(const struct json_value list) {
  return json_kind(list) == JSON_ARRAY && json_kind(json_first(list)) != JSON_NONE;
}

// Which capabilities a container has is the engine's matter, and a profile that asks must not be told those of the
// hook, which has all of them.
static int
refuse_capabilities(const struct source *file, struct diags *diags) {
  struct json *json = json_read(file, diags);
  int failed = json == NULL ? -1 : 0;
  struct json_value rule = json == NULL ? (struct json_value){0} : json_member(json_root(json), "syscalls");
  for (rule = json_first(rule); json_kind(rule) != JSON_NONE && failed == 0; rule = json_next(rule)) {
    struct json_value includes = json_member(json_member(rule, "includes"), "caps");
    struct json_value excludes = json_member(json_member(rule, "excludes"), "caps");
    struct json_value asks = has_name(includes) ? includes : excludes;
    if (!has_name(asks))
      continue;
    json_complain(asks, DIAG_ERROR, diags,
                  "this rule is for containers with certain capabilities: say which yours have, in the hook's own "
                  "words: --cap=LIST");
    failed = -1;
  }
  json_free(json);
  return failed;
}

static int
read_json(const struct policy_request *request, const struct source *file, struct policy **out, struct diags *diags) {
  if (request->capability_count == 0 && refuse_capabilities(file, diags) != 0)
    return -1;
  return oci_request_read(request, file, out, diags);
}

// Settles a policy that was read for a container, or says why there is none for it.
static int
settle(struct policy *policy, bool at_exec, const char *whose, struct diags *diags) {
  const char *problem = NULL;
  if (policy_notifies(policy))
    problem = "hands calls to a listener, and a container engine has no place for one";
  else if (!at_exec && policy->at > MOMENT_EXEC)
    problem = "is for a later moment than exec (At=), and in a container there is only exec";
  else if (!at_exec && policy->startup != NULL)
    problem = "has a StartupSystemCallFilter=, which is for later moments, and in a container there is only exec";
  if (problem != NULL) {
    diag_add(diags, DIAG_ERROR, nowhere, "%s %s", whose, problem);
    return -1;
  }
  policy_free(policy->startup);
  policy->startup = NULL;
  policy->at = MOMENT_NONE;
  return 0;
}

static int
load(struct policy_request *request, bool at_exec, const char *whose, struct policy **out, struct diags *diags) {
  request->read_json = read_json;
  if (policy_load(request, out, diags) != 0)
    return -1;
  if (settle(*out, at_exec, whose, diags) == 0)
    return 0;
  policy_free(*out);
  *out = NULL;
  return -1;
}

// Some properties say how, and none of them which calls.
static void
suggest_calls(const struct annotation_book *book, struct diags *diags) {
  static const char filter[] = PREFIX "SystemCallFilter";
  bool found = book->profile != NULL;
  for (size_t i = 0; i < book->count && !found; i++)
    found = strncmp(book->items[i].key, filter, sizeof filter - 1) == 0;
  if (!found)
    diag_add(diags, DIAG_HINT, nowhere, "%s is part of a policy: give %s or " PREFIX "profile, too", book->items[0].key,
             filter);
}

// What the annotations ask for; none if they ask for none.
static int
load_asked(struct annotation_book *book, struct hook_settings *settings, struct policy **out, struct diags *diags) {
  struct policy_request *asked = &book->asked;
  struct error e;
  int failed = 0;
  qsort(book->items, book->count, sizeof book->items[0], compare_rows);
  asked->files.bare_only = true;
  asked->files.folders = settings->mandatory.files.folders;
  asked->kernel = settings->mandatory.kernel;
  asked->capability_count = settings->mandatory.capability_count;
  memcpy(asked->capabilities, settings->mandatory.capabilities, sizeof asked->capabilities);
  if (book->profile != NULL)
    failed = policy_take_profile(asked, book->profile, &e);
  for (size_t i = 0; i < book->count && failed == 0; i++)
    if (book->items[i].name.text != NULL)
      failed = policy_add_values(asked, &book->items[i].name, &book->items[i].value, &e);
  if (failed != 0) {
    diag_add(diags, DIAG_ERROR, e.at, "%s", e.text);
    return -1;
  }
  if (asked->count == 0)
    return 0;
  size_t errors_before = diags->errors;
  if (load(asked, book->at_exec, "what the annotations ask for", out, diags) == 0)
    return 0;
  suggest_calls(book, diags);
  if (diags->errors == errors_before)
    diag_add(diags, DIAG_ERROR, nowhere, "the annotations make no policy");
  return -1;
}

static int
merge(struct policy *mandatory, struct policy *asked, struct policy **out, struct diags *diags) {
  struct error e;
  if (mandatory == NULL || asked == NULL) {
    *out = mandatory != NULL ? mandatory : asked;
    return 0;
  }
  int failed = policy_merge(mandatory, asked, out, &e);
  if (failed != 0)
    diag_add(diags, DIAG_ERROR, e.at, "the mandatory policy and the annotations' cannot be one: %s", e.text);
  policy_free(mandatory);
  policy_free(asked);
  return failed;
}

static int
make_policy(struct annotation_book *book, struct hook_settings *settings, struct policy **out, struct diags *diags) {
  struct policy *mandatory = NULL, *asked = NULL;
  int failed = load_asked(book, settings, &asked, diags);
  if (settings->mandatory.count > 0
      && load(&settings->mandatory, false, "the mandatory policy", &mandatory, diags) != 0)
    failed = -1;
  if (failed == 0)
    return merge(mandatory, asked, out, diags);
  policy_free(mandatory);
  policy_free(asked);
  return -1;
}

// Words about a policy, where there must be one that they can be about.
static int
check_words(const struct annotation_book *book, const struct hook_settings *settings, const struct policy *policy,
            struct diags *diags) {
  const char *problem = NULL;
  if (book->wrapper == ANSWER_NO && settings->mandatory.count > 0)
    problem = PREFIX "wrapper=false would weaken the policy that the administrator demands of every container";
  else if (policy == NULL && (book->wrapper != ANSWER_NONE || book->at_exec))
    problem = PREFIX "wrapper and " PREFIX "at are about a policy, and none is asked for: add " PREFIX
                     "SystemCallFilter or " PREFIX "profile";
  else if (policy != NULL && book->wrapper == ANSWER_NO && policy->isolate_peers == ISOLATE_PEERS_YES)
    problem = "IsolatePeers=yes needs the wrapper: leave out " PREFIX "wrapper=false";
  if (problem == NULL)
    return 0;
  diag_add(diags, DIAG_ERROR, nowhere, "%s", problem);
  return -1;
}

static int
read_all(struct annotation_book *book, struct json_value annotations, struct diags *diags) {
  int failed = 0;
  for (struct json_value member = json_first(annotations); json_kind(member) != JSON_NONE; member = json_next(member))
    if (look_at(book, member, diags) != 0)
      failed = -1; // go on: one run shows all mistakes
  return failed;
}

int
container_request_read(struct json_value annotations, struct hook_settings *settings, struct container_request *out,
                       struct diags *diags) {
  enum json_kind kind = json_kind(annotations);
  struct policy *policy = NULL;
  struct annotation_book *book = calloc(1, sizeof *book);
  if (book == NULL) {
    diag_add(diags, DIAG_ERROR, nowhere, "%s", out_of_memory);
    return -1;
  }
  book->next = settings->books;
  settings->books = book;
  if (kind != JSON_NONE && kind != JSON_NULL && kind != JSON_OBJECT) {
    json_complain(annotations, DIAG_ERROR, diags, "annotations are an object, not %s", json_kind_name(kind));
    return -1;
  }
  if ((kind == JSON_OBJECT && read_all(book, annotations, diags) != 0)
      || make_policy(book, settings, &policy, diags) != 0)
    return -1;
  if (check_words(book, settings, policy, diags) != 0) {
    policy_free(policy);
    return -1;
  }
  *out = (struct container_request){.policy = policy,
                                    .wrapper = policy != NULL && book->wrapper != ANSWER_NO,
                                    .accelerate = book->accelerate == ANSWER_NONE ? settings->accelerate
                                                                                  : book->accelerate == ANSWER_YES,
                                    .no_new_privs_off = policy != NULL && !policy->no_new_privs};
  return 0;
}

void
container_request_clear(struct container_request *request) {
  policy_free(request->policy);
  *request = (struct container_request){.policy = NULL};
}

static void
book_free(struct annotation_book *book) {
  policy_request_clear(&book->asked);
  for (size_t i = 0; i < book->count; i++) {
    free(book->items[i].key);
    free(book->items[i].words);
  }
  free(book);
}

void
hook_settings_clear(struct hook_settings *settings) {
  while (settings->books != NULL) {
    struct annotation_book *book = settings->books;
    settings->books = book->next;
    book_free(book);
  }
  policy_request_clear(&settings->mandatory);
}
