// SPDX-License-Identifier: LGPL-2.1-or-later
// policy_load.c - from the policy words of a command line to a policy.
#include "runner/policy_load.h"
#include "compat/systemd_read.h"
#include <stdlib.h>
#include <string.h>

static int
request_add(struct policy_request *request, bool is_profile, const char *text, struct error *e) {
  if (request->words == NULL)
    request->words = calloc(POLICY_WORDS_MAX, sizeof *request->words);
  if (request->words == NULL)
    return error_memory(e, ERROR_USAGE);
  if (request->count == POLICY_WORDS_MAX)
    return error_plain(e, ERROR_USAGE, "more than %d --property= and --profile= options", POLICY_WORDS_MAX);
  struct policy_word *word = &request->words[request->count++];
  *word = (struct policy_word){.is_profile = is_profile, .text = text};
  word->source = (struct source){.name = "--property", .text = text, .length = strlen(text)};
  return 0;
}

int
policy_take_property(void *request, const char *value, struct error *e) {
  return request_add(request, false, value, e);
}

int
policy_take_profile(void *request, const char *value, struct error *e) {
  return request_add(request, true, value, e);
}

static int
read_word(struct reader *reader, struct policy_request *request, const struct policy_word *word, struct diags *diags) {
  const struct source *file;
  struct error e;
  if (!word->is_profile)
    return reader_read_property(reader, &word->source, diags);
  if (profile_files_read(&request->files, word->text, &file, &e) != 0) {
    diag_add(diags, DIAG_ERROR, e.at, "%s", e.text);
    return -1;
  }
  return reader_read_file(reader, file, diags);
}

int
policy_load(struct policy_request *request, struct policy **out, struct diags *diags) {
  const struct source_pos nowhere = {NULL, 0, 0};
  struct reader_options options = {
      .lenient = request->lenient, .open_group = profile_files_open_group, .open_group_context = &request->files};
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
  if (failed == 0)
    (*out)->permissive = request->permissive;
  return failed;
}

void
policy_request_clear(struct policy_request *request) {
  profile_files_clear(&request->files);
  free(request->words);
  request->words = NULL;
  request->count = 0;
}
