// SPDX-License-Identifier: LGPL-2.1-or-later
// reading.h - properties as tests read them, and the rows that say what comes out.
#ifndef SCRUN_TESTS_READING_H
#define SCRUN_TESTS_READING_H
#include "compat/systemd_read.h"
#include "tests/check.h"
#include <stdlib.h>

#define LINES_MAX 6

// One reading of a few properties; sources live as long as it does.
struct reading {
  struct source sources[LINES_MAX];
  struct diags diags;
  struct policy *policy; // NULL: refused
};

static inline void
reading_make(struct reading *reading, const char *const *lines, const struct reader_options *options) {
  struct reader *reader = reader_new(options);
  bool failed = false;
  memset(reading, 0, sizeof *reading);
  for (size_t i = 0; i < LINES_MAX && lines[i] != NULL; i++) {
    size_t errors = reading->diags.errors;
    reading->sources[i] = (struct source){"--property", lines[i], strlen(lines[i]), false};
    int result = reader_read_property(reader, &reading->sources[i], &reading->diags);
    CHECK_ROW((result != 0) == (reading->diags.errors > errors), lines[i]);
    failed = failed || result != 0;
  }
  if (reader_finish(reader, &reading->policy, &reading->diags) != 0)
    reading->policy = NULL;
  CHECK((reading->policy == NULL) == (reading->diags.errors > 0));
  CHECK(!failed || reading->policy == NULL);
  reader_free(reader);
}

static inline void
reading_close(struct reading *reading) {
  policy_free(reading->policy);
}

// What some lines mean, for check_calls().
struct decision_row {
  const char *lines[LINES_MAX];
  const char *want;
};

static inline enum abi
abi_from(const char **word) {
  for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++) {
    size_t length = strlen(abi_name(abi));
    if (strncmp(*word, abi_name(abi), length) == 0 && (*word)[length] == '/') {
      *word += length + 1;
      return abi;
    }
  }
  return ABI_NATIVE;
}

// "(1 2 3)": the first arguments; the others are 0.
static inline void
arguments_from(const char *text, uint64_t arguments[6]) {
  char *end = (char *)(uintptr_t)text + 1;
  for (size_t i = 0; i < 6 && *end != ')'; i++)
    arguments[i] = strtoull(end, &end, 0);
}

// Decides "[ABI/]NAME[(ARGUMENTS)]" or "[ABI/]#NUMBER[(ARGUMENTS)]" and compares with what action_describe() says.
static inline void
check_call(const struct policy *policy, const char *call, const char *want, const char *row) {
  char got[64];
  uint64_t arguments[6] = {0};
  const char *word = call;
  enum abi abi = abi_from(&word);
  uint32_t number = 0;
  const char *argument = strchr(word, '(');
  size_t length = argument != NULL ? (size_t)(argument - word) : strlen(word);
  if (argument != NULL)
    arguments_from(argument, arguments);
  if (word[0] == '#')
    number = (uint32_t)strtoul(word + 1, NULL, 0) | (abi == ABI_X32 ? X32_BIT : 0);
  else
    CHECK_ROW(calls_number(calls_find(word, length), abi, &number), call);
  action_describe(policy_decide(policy, abi, number, arguments).action, got, sizeof got);
  if (strcmp(got, want) != 0)
    fprintf(stderr, "row \"%s\": %s is %s, not %s\n", row, call, got, want);
  CHECK(strcmp(got, want) == 0);
}

// "call=action, call=action"
static inline void
check_calls(const struct policy *policy, const char *wanted, const char *row) {
  while (*wanted != '\0') {
    char item[96], *equals;
    size_t length = strcspn(wanted, ",");
    snprintf(item, sizeof item, "%.*s", (int)length, wanted);
    equals = strchr(item, '=');
    *equals = '\0';
    check_call(policy, item, equals + 1, row);
    wanted += length;
    wanted += strspn(wanted, ", ");
  }
}

// What is wrong with some lines, for check_first_error().
struct error_row {
  const char *lines[LINES_MAX];
  const char *word, *text, *hint;
};

// Without a hint in the row, "did you mean ..." may follow.
static inline void
check_first_error(const struct error_row *row, const struct diags *diags) {
  size_t i = 0;
  while (i < diags->count && diags->items[i].kind != DIAG_ERROR)
    i++;
  if (i == diags->count) {
    CHECK_ROW(i < diags->count, row->text);
    return;
  }
  const struct diag *diag = &diags->items[i];
  CHECK_STR(diag->text, row->text);
  if (row->word != NULL)
    CHECK_ROW(diag->at.source != NULL && diag->at.length == strlen(row->word)
                  && memcmp(diag->at.source->text + diag->at.offset, row->word, diag->at.length) == 0,
              row->text);
  bool hinted = i + 1 < diags->count && diags->items[i + 1].kind == DIAG_HINT;
  if (row->hint != NULL)
    CHECK_STR(hinted ? diags->items[i + 1].text : "", row->hint);
  else
    CHECK_ROW(!hinted || strstr(diags->items[i + 1].text, "did you mean") != NULL, row->text);
}
#endif
