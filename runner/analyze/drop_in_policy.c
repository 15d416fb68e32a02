// SPDX-License-Identifier: LGPL-2.1-or-later
// drop_in_policy.c - the policy that is asked for and the one that a drop-in makes: they are read by different ways,
// and must be the same.
#include "compat/policy_file.h"
#include "compat/systemd_read.h"
#include "runner/analyze/drop_in.h"
#include "runner/compare.h"
#include <stdlib.h>
#include <string.h>

static const struct source_pos nowhere = {NULL, 0, 0};

static int
refuse(struct diags *diags, const struct error *e) {
  diag_add(diags, DIAG_ERROR, e->at, "%s", e->text);
  return -1;
}

// What the unit says.

// Is the property taken back on the command line, with all that was said before?
static bool
starts_afresh(const struct drop_in *drop_in) {
  static const char empty[] = "SystemCallFilter=";
  const struct policy_request *request = &drop_in->line->policy;
  for (size_t i = 0; i < request->count; i++) {
    const char *text = request->words[i].text;
    if (request->words[i].kind == POLICY_WORD_PROPERTY && strncmp(text, empty, sizeof empty - 1) == 0
        && text[sizeof empty - 1 + strspn(text + sizeof empty - 1, " \t")] == '\0')
      return true;
  }
  return false;
}

// The unit's own line that decides whether its list allows or refuses, or NULL.
static const struct unit_line *
first_filter(const struct drop_in_unit *unit) {
  for (size_t i = 0; i < unit->line_count; i++)
    if (unit->lines[i].key == UNIT_FILTER && drop_in_unit_counts(unit, &unit->lines[i]))
      return &unit->lines[i];
  return NULL;
}

bool
drop_in_adds_default(const struct drop_in *drop_in) {
  const struct unit_line *first = first_filter(&drop_in->unit);
  if (first == NULL)
    return false;
  struct text value = first->value;
  return text_skip_blanks(&value) && text_peek(&value, 0) != '~' && !starts_afresh(drop_in);
}

// A copy that is blank but for line ends.
static char *
blank_copy(const struct source *file) {
  char *text = malloc(file->length + 1);
  for (size_t i = 0; text != NULL && i < file->length; i++)
    text[i] = file->text[i] == '\n' ? '\n' : ' ';
  return text;
}

// The lines of one file that count.
static int
part_make(const struct drop_in_unit *unit, const struct source *file, bool own_only, struct source *part) {
  char *text = blank_copy(file);
  if (text == NULL)
    return -1;
  *part = (struct source){file->name, text, 0, true};
  for (size_t i = 0; i < unit->line_count; i++) {
    const struct unit_line *line = &unit->lines[i];
    if (line->name.source != file || !drop_in_unit_counts(unit, line) || (own_only && line->key != UNIT_OWN))
      continue;
    memcpy(text + line->name.offset, file->text + line->name.offset, line->value.end - line->name.offset);
    part->length = file->length;
  }
  return 0;
}

// What the text has below its last header.
static int
part_make_text(const struct drop_in *drop_in, struct source *part) {
  const struct source *file = &drop_in->source;
  char *text = blank_copy(file);
  if (text == NULL)
    return -1;
  size_t from = (size_t)(strstr(file->text, DROP_IN_HEADER) - file->text) + sizeof DROP_IN_HEADER - 1;
  memcpy(text + from, file->text + from, file->length - from);
  *part = (struct source){file->name, text, file->length, true};
  return 0;
}

void
drop_in_free_lines(struct drop_in *drop_in) {
  for (size_t i = 0; i < drop_in->part_count; i++)
    free((char *)(uintptr_t)drop_in->parts[i].text);
  free(drop_in->parts);
  drop_in->parts = NULL;
  drop_in->part_count = 0;
}

static int
parts_make(struct drop_in *drop_in, bool with_text) {
  const struct drop_in_unit *unit = &drop_in->unit;
  drop_in_free_lines(drop_in);
  drop_in->parts = calloc(unit->files.count + 1, sizeof *drop_in->parts);
  if (drop_in->parts == NULL)
    return -1;
  drop_in->part_count = unit->files.count + 1;
  for (size_t i = 0; i < unit->files.count; i++)
    if (part_make(unit, unit->files.files[i], with_text, &drop_in->parts[i]) != 0)
      return -1;
  return with_text ? part_make_text(drop_in, &drop_in->parts[unit->files.count]) : 0;
}

// Each as a profile whose text is there already.
int
drop_in_take_lines(struct drop_in *drop_in, bool with_text, struct policy_request *request, struct error *e) {
  if (parts_make(drop_in, with_text) != 0)
    return error_memory(e, ERROR_POLICY);
  request->lenient = drop_in->line->policy.lenient;
  request->files.user_profiles = drop_in->line->policy.files.user_profiles;
  for (size_t i = 0; i < drop_in->part_count; i++) {
    if (drop_in->parts[i].length == 0)
      continue;
    if (policy_take_profile(request, drop_in->parts[i].name, e) != 0)
      return -1;
    request->words[request->count - 1].file = &drop_in->parts[i];
  }
  return 0;
}

// What is asked for.

static int
add_words(struct policy_request *asked, const struct policy_request *words, struct error *e) {
  for (size_t i = 0; i < words->count; i++)
    if ((words->words[i].kind == POLICY_WORD_PROFILE ? policy_take_profile
                                                     : policy_take_property)(asked, words->words[i].text, e)
        != 0)
      return -1;
  return 0;
}

static int
collect(struct drop_in *drop_in, struct error *e) {
  struct policy_request *asked = &drop_in->asked;
  const struct policy_request *words = &drop_in->line->policy;
  asked->groups = words->groups;
  asked->permissive = words->permissive;
  asked->at = words->at;
  if ((drop_in_adds_default(drop_in) && policy_take_property(asked, "SystemCallFilter=@default", e) != 0)
      || drop_in_take_lines(drop_in, false, asked, e) != 0)
    return -1;
  drop_in->asked_from = asked->count;
  if (add_words(asked, words, e) != 0)
    return -1;
  drop_in->asked_end = asked->count;
  return drop_in->privileges != NULL ? policy_take_property(asked, drop_in->privileges, e) : 0;
}

// Errors in it are reported when it is read.
static bool
profile_says(const struct source *profile, const char *name, struct text *value) {
  static struct diags diags;
  struct policy_file file = {.section = NULL};
  struct assignment line;
  diags = (struct diags){.count = 0};
  bool opened = text_open(&file.text, profile, &diags);
  while (opened && policy_file_next(&file, &line, &diags))
    if (text_is(text_bytes(line.name), line.name.length, name)) {
      *value = line.value;
      return true;
    }
  return false;
}

// A list that allows is all that is allowed only where it comes first: one of the unit's before it adds to it, or, if
// that one refuses, decides that all else stays allowed.
static void
check_unit_list(const struct drop_in *drop_in, const struct source *profile, struct diags *diags) {
  struct text value;
  if (first_filter(&drop_in->unit) == NULL || starts_afresh(drop_in)
      || !profile_says(profile, "SystemCallFilter", &value) || !text_skip_blanks(&value) || text_peek(&value, 0) == '~')
    return;
  diag_add(diags, DIAG_ERROR, nowhere,
           "more would be allowed than the list of %s: the unit's own SystemCallFilter= is kept and comes first",
           shown(profile->name).text);
  diag_add(diags, DIAG_HINT, nowhere, "--property=SystemCallFilter= in front of --profile= takes it back");
}

// JSON and compiled policies are no lines.
static int
look_at_profile(struct drop_in *drop_in, struct policy_request *alone, struct diags *diags) {
  const struct source *file;
  enum policy_form form = POLICY_FORM_NONE;
  struct text value;
  if (policy_form(alone, &form, &file, diags) != 0)
    return -1;
  if (form == POLICY_FORM_TEXT) {
    file = alone->words[0].file;
    drop_in->privileges_said = drop_in->privileges_said || profile_says(file, "NoNewPrivileges", &value);
    check_unit_list(drop_in, file, diags);
    return diags->errors == 0 ? 0 : -1;
  }
  diag_add(diags, DIAG_ERROR, nowhere, "%s is no text, and a drop-in is made of lines", shown(file->name).text);
  diag_add(diags, DIAG_HINT, nowhere, "scrun-analyze convert --to=systemd writes lines from JSON");
  return -1;
}

static int
look_at_profiles(struct drop_in *drop_in, struct diags *diags) {
  const struct policy_request *words = &drop_in->line->policy;
  int failed = 0;
  for (size_t i = 0; failed == 0 && i < words->count; i++) {
    struct policy_request alone = {.files.user_profiles = words->files.user_profiles};
    struct error e;
    if (words->words[i].kind != POLICY_WORD_PROFILE)
      continue;
    failed = policy_take_profile(&alone, words->words[i].text, &e) != 0 ? refuse(diags, &e)
                                                                        : look_at_profile(drop_in, &alone, diags);
    policy_request_clear(&alone);
  }
  return failed;
}

int
drop_in_ask(struct drop_in *drop_in, struct policy **asked, struct diags *diags) {
  struct error e;
  if (look_at_profiles(drop_in, diags) != 0)
    return -1;
  drop_in_decide_privileges(drop_in);
  if (collect(drop_in, &e) != 0)
    return refuse(diags, &e);
  if (policy_load(&drop_in->asked, asked, diags) != 0)
    return -1;
  if ((*asked)->no_new_privs || drop_in_is_privileged(&drop_in->unit))
    return 0;
  policy_free(*asked);
  diag_add(diags, DIAG_ERROR, nowhere,
           "NoNewPrivileges=no: this unit runs a command without CAP_SYS_ADMIN, for which "
           "the kernel takes no filter then");
  return -1;
}

// What the drop-in makes.

static int
read_unit(struct drop_in *drop_in, const struct source *const *files, size_t count, struct policy **out,
          struct diags *diags) {
  struct reader_options options = {.lenient = drop_in->asked.lenient,
                                   .open_group = profile_files_open_group,
                                   .open_group_context = &drop_in->asked.files};
  struct reader *reader = reader_new(&options);
  if (reader == NULL) {
    diag_add(diags, DIAG_ERROR, nowhere, "%s", out_of_memory);
    return -1;
  }
  int failed = reader_read_unit(reader, files, count, diags);
  if (failed == 0)
    failed = reader_finish(reader, out, diags);
  reader_free(reader);
  return failed;
}

static bool
stop_at_first(void *differs, const struct difference *difference) {
  (void)difference;
  *(bool *)differs = true;
  return false;
}

static int
same_calls(const struct policy *a, const struct policy *b, bool *same, struct error *e) {
  bool differs = false;
  if (policy_compare(a, b, stop_at_first, &differs, e) != 0)
    return -1;
  *same = *same && !differs;
  return 0;
}

static int
same_policy(const struct policy *a, const struct policy *b, bool *same, struct error *e) {
  *same = a->no_new_privs == b->no_new_privs && a->isolate_peers == b->isolate_peers
          && (a->startup == NULL) == (b->startup == NULL);
  if (same_calls(a, b, same, e) != 0)
    return -1;
  return a->startup != NULL && b->startup != NULL ? same_calls(a->startup, b->startup, same, e) : 0;
}

// What the drop-in was made from, and the option that outvotes it.
static enum moment
moment_asked(const struct drop_in *drop_in, const struct policy *asked) {
  return drop_in->asked.at != MOMENT_NONE ? drop_in->asked.at : asked->at;
}

static int
compare(const struct drop_in *drop_in, const struct policy *asked, struct policy *made, struct diags *diags) {
  struct error e;
  bool same;
  made->permissive = asked->permissive;
  if (same_policy(asked, made, &same, &e) != 0)
    return refuse(diags, &e);
  if (same && made->at == moment_asked(drop_in, asked))
    return 0;
  diag_add(diags, DIAG_ERROR, nowhere,
           "read again with the unit's files, the drop-in makes another policy than was asked "
           "for; nothing was written");
  return -1;
}

// The lines that were found in the unit make the policy that its files make: nothing was passed over.
static int
check_lines(struct drop_in *drop_in, struct diags *diags) {
  const struct drop_in_unit *unit = &drop_in->unit;
  struct policy_request request = {0};
  struct policy *found = NULL, *meant = NULL;
  struct error e;
  bool same = false;
  if (drop_in_unit_last(unit, UNIT_FILTER) == NULL)
    return 0;
  if (drop_in_take_lines(drop_in, false, &request, &e) != 0 || policy_load(&request, &found, diags) != 0
      || read_unit(drop_in, unit->files.files, unit->files.count, &meant, diags) != 0
      || same_policy(found, meant, &same, &e) != 0)
    same = false;
  policy_free(found);
  policy_free(meant);
  policy_request_clear(&request);
  if (!same)
    diag_add(diags, DIAG_ERROR, nowhere,
             "the unit's own lines make another policy when they stand alone; nothing was "
             "written");
  return same ? 0 : -1;
}

int
drop_in_verify(struct drop_in *drop_in, const struct policy *asked, struct diags *diags) {
  const struct unit_files *files = &drop_in->unit.files;
  const struct source *all[UNIT_FILES_MAX + 1];
  size_t place = drop_in->unit.place;
  struct policy *made;
  memcpy(all, files->files, place * sizeof all[0]);
  all[place] = &drop_in->source;
  memcpy(all + place + 1, files->files + place, (files->count - place) * sizeof all[0]);
  if (check_lines(drop_in, diags) != 0 || read_unit(drop_in, all, files->count + 1, &made, diags) != 0)
    return -1;
  int failed = compare(drop_in, asked, made, diags);
  policy_free(made);
  return failed;
}
