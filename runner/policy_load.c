// SPDX-License-Identifier: LGPL-2.1-or-later
// policy_load.c - from the policy words of a command line to a policy.
#include "runner/policy_load.h"
#include "compat/systemd_read.h"
#include "runner/image.h"
#include "runner/unit_files.h"
#include <stdlib.h>
#include <string.h>

static int
request_add(struct policy_request *request, const struct policy_word *word, struct error *e) {
  if (request->words == NULL)
    request->words = calloc(POLICY_WORDS_MAX, sizeof *request->words);
  if (request->words == NULL)
    return error_memory(e, ERROR_USAGE);
  if (request->count == POLICY_WORDS_MAX)
    return error_plain(e, ERROR_USAGE, "more than %d --property=, --profile= and --unit-file= options",
                       POLICY_WORDS_MAX);
  request->words[request->count++] = *word;
  return 0;
}

int
policy_take_property(void *request, const char *value, struct error *e) {
  const struct source source = {.name = "--property", .text = value, .length = strlen(value)};
  return request_add(request, &(struct policy_word){.kind = POLICY_WORD_PROPERTY, .text = value, .source = source}, e);
}

int
policy_take_profile(void *request, const char *value, struct error *e) {
  return request_add(request, &(struct policy_word){.kind = POLICY_WORD_PROFILE, .text = value}, e);
}

int
policy_take_unit(void *request, const char *value, struct error *e) {
  return request_add(request, &(struct policy_word){.kind = POLICY_WORD_UNIT, .text = value}, e);
}

int
policy_check_root(const struct policy_request *request, struct error *e) {
  for (size_t i = 0; i < request->count; i++)
    if (request->words[i].kind == POLICY_WORD_UNIT)
      return 0;
  if (request->root == NULL)
    return 0;
  return error_plain(e, ERROR_USAGE, "--root=%s: says where --unit-file= looks, and there is none",
                     shown(request->root).text);
}

int
policy_add_values(struct policy_request *request, const struct source *name, const struct source *values,
                  struct error *e) {
  return request_add(
      request, &(struct policy_word){.kind = POLICY_WORD_VALUES, .text = values->text, .source = *values, .name = name},
      e);
}

int
policy_take_capabilities(void *target, const char *value, struct error *e) {
  struct policy_request *request = target;
  if (request->capability_count == CAPABILITY_LISTS_MAX)
    return error_plain(e, ERROR_USAGE, "more than %d --cap= options", CAPABILITY_LISTS_MAX);
  request->capabilities[request->capability_count++] = value;
  return 0;
}

int
policy_take_moment(void *target, const char *value, struct error *e) {
  struct policy_request *request = target;
  request->at = moment_find(value, strlen(value));
  if (request->at != MOMENT_NONE)
    return 0;
  return error_plain(e, ERROR_USAGE, "--at=%s: the moments are exec, entry, main and ready", shown(value).text);
}

enum policy_form
policy_form_of(const struct source *file) {
  static const char byte_order_mark[] = "\xef\xbb\xbf";
  size_t at = 0;
  if (image_is(file->text, file->length))
    return POLICY_FORM_IMAGE;
  if (file->length >= 3 && memcmp(file->text, byte_order_mark, 3) == 0)
    at = 3;
  while (at < file->length && memchr(" \t\r\n", file->text[at], 4) != NULL)
    at++;
  return at < file->length && file->text[at] == '{' ? POLICY_FORM_JSON : POLICY_FORM_TEXT;
}

static int
refuse_file(struct diags *diags, const struct source *file, const char *why) {
  diag_add(diags, DIAG_ERROR, (struct source_pos){0}, "%s: %s", shown(file->name).text, why);
  return -1;
}

// Reads the file of a profile, once.
static int
word_open(struct policy_request *request, struct policy_word *word, struct diags *diags) {
  struct error e;
  if (word->file != NULL || profile_files_read(&request->files, word->text, &word->file, &e) == 0)
    return 0;
  diag_add(diags, DIAG_ERROR, e.at, "%s", e.text);
  return -1;
}

static int
read_profile(struct reader *reader, struct policy_request *request, struct policy_word *word, struct diags *diags) {
  if (word_open(request, word, diags) != 0)
    return -1;
  enum policy_form form = policy_form_of(word->file);
  if (form == POLICY_FORM_TEXT)
    return reader_read_file(reader, word->file, diags);
  return refuse_file(diags, word->file,
                     form == POLICY_FORM_JSON ? "JSON cannot be joined with other profiles or properties: give it alone"
                                              : "a compiled policy cannot be joined with other profiles or properties: "
                                                "give it alone");
}

// Finds the files of a unit, once.
static int
word_find(const struct policy_request *request, struct policy_word *word, struct diags *diags) {
  struct error e;
  if (word->unit != NULL)
    return 0;
  word->unit = calloc(1, sizeof *word->unit);
  if (word->unit == NULL) {
    diag_add(diags, DIAG_ERROR, (struct source_pos){0}, "%s", out_of_memory);
    return -1;
  }
  word->unit->root = request->root;
  word->unit->user = request->user;
  if (unit_files_find(word->unit, word->text, &e) == 0)
    return 0;
  diag_add(diags, DIAG_ERROR, (struct source_pos){0}, "%s", e.text);
  unit_files_clear(word->unit);
  free(word->unit);
  word->unit = NULL;
  return -1;
}

static int
read_word(struct reader *reader, struct policy_request *request, struct policy_word *word, struct diags *diags) {
  switch (word->kind) {
  case POLICY_WORD_NONE:
    break;
  case POLICY_WORD_PROPERTY:
    return reader_read_property(reader, &word->source, diags);
  case POLICY_WORD_VALUES:
    return reader_read_values(reader, word->name, &word->source, diags);
  case POLICY_WORD_PROFILE:
    return read_profile(reader, request, word, diags);
  case POLICY_WORD_UNIT:
    if (word_find(request, word, diags) != 0)
      return -1;
    return reader_read_unit(reader, word->unit->files, word->unit->count, diags);
  }
  return -1;
}

int
policy_form(struct policy_request *request, enum policy_form *form, const struct source **file, struct diags *diags) {
  *form = POLICY_FORM_TEXT;
  if (request->count != 1 || request->words[0].kind != POLICY_WORD_PROFILE)
    return 0;
  if (word_open(request, &request->words[0], diags) != 0)
    return -1;
  *file = request->words[0].file;
  *form = policy_form_of(*file);
  return 0;
}

static int
load_json(struct policy_request *request, const struct source *file, struct policy **out, struct diags *diags) {
  if (request->lenient)
    return refuse_file(diags, file, "--lenient is not for JSON");
  if (request->groups != NULL)
    return refuse_file(diags, file, "--groups is not for JSON");
  if (request->read_json == NULL)
    return refuse_file(diags, file, "JSON is not read here");
  return request->read_json(request, file, out, diags);
}

static int
load_text(struct policy_request *request, struct policy **out, struct diags *diags) {
  const struct source_pos nowhere = {NULL, 0, 0};
  struct reader_options options = {.lenient = request->lenient,
                                   .open_group = profile_files_open_group,
                                   .open_group_context = &request->files,
                                   .omission = request->omission};
  if (request->groups != NULL) {
    options.groups = group_tables_choose(request->groups, strlen(request->groups), nowhere, diags);
    if (options.groups == NULL)
      return -1;
  }
  struct reader *reader = reader_new(&options);
  if (reader == NULL) {
    diag_add(diags, DIAG_ERROR, nowhere, "%s", out_of_memory);
    return -1;
  }
  int failed = 0;
  for (size_t i = 0; i < request->count; i++)
    if (read_word(reader, request, &request->words[i], diags) != 0)
      failed = -1; // go on: one run shows all mistakes
  if (failed == 0)
    failed = reader_finish(reader, out, diags);
  reader_free(reader);
  return failed;
}

static int
load_form(struct policy_request *request, enum policy_form form, const struct source *file, struct policy **out,
          struct diags *diags) {
  switch (form) {
  case POLICY_FORM_NONE:
  case POLICY_FORM_TEXT:
    return load_text(request, out, diags);
  case POLICY_FORM_JSON:
    return load_json(request, file, out, diags);
  case POLICY_FORM_IMAGE:
    break;
  }
  return refuse_file(diags, file, "a compiled policy is for scrun alone: what it was made from is not in it");
}

int
policy_load(struct policy_request *request, struct policy **out, struct diags *diags) {
  enum policy_form form = POLICY_FORM_NONE;
  const struct source *file = NULL;
  if (policy_form(request, &form, &file, diags) != 0 || load_form(request, form, file, out, diags) != 0)
    return -1;
  (*out)->permissive = request->permissive;
  return 0;
}

void
policy_request_clear(struct policy_request *request) {
  profile_files_clear(&request->files);
  for (size_t i = 0; i < request->count; i++) {
    if (request->words[i].unit != NULL)
      unit_files_clear(request->words[i].unit);
    free(request->words[i].unit);
  }
  free(request->words);
  request->words = NULL;
  request->count = 0;
}
