// SPDX-License-Identifier: LGPL-2.1-or-later
// lint.c - facts about a policy that whoever wrote it may not know: what is open beside what it closes, what breaks
// programs for no gain, and words that do nothing. All of them are computed from what the policy decides.
#include "runner/analyze/lint.h"
#include "compat/array.h"
#include "runner/analyze/analyze.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { STATUS_CLEAN = 0, STATUS_FOUND = 1 };

void
lint_fail(struct lint *lint, const struct error *e) {
  if (!lint->failed)
    lint->e = *e;
  lint->failed = true;
}

void
lint_add(struct lint *lint, struct source_pos at, const char *name, const char *hint, const char *format, ...) {
  struct error e;
  struct finding *findings = array_grow(lint->findings, &lint->room, lint->count + 1, 16, sizeof *findings);
  if (findings == NULL) {
    (void)error_memory(&e, ERROR_POLICY);
    lint_fail(lint, &e);
    return;
  }
  lint->findings = findings;
  struct finding *finding = &findings[lint->count++];
  finding->what = (struct diag){.kind = DIAG_ERROR, .at = at};
  finding->hint = (struct diag){.kind = DIAG_HINT, .at = at};
  size_t length = (size_t)snprintf(finding->what.text, sizeof finding->what.text, "[%s] ", name);
  va_list arguments;
  va_start(arguments, format);
  if (vsnprintf(finding->what.text + length, sizeof finding->what.text - length, format, arguments) < 0)
    finding->what.text[length] = '\0';
  va_end(arguments);
  snprintf(finding->hint.text, sizeof finding->hint.text, "%s", hint);
}

bool
lint_is_void(const struct lint *lint, struct source_pos at) {
  static const char *const names[] = {"[void-rule]", "[test-never-holds]"};
  for (size_t i = 0; i < lint->count; i++) {
    const struct diag *what = &lint->findings[i].what;
    if (what->at.source != at.source || what->at.offset != at.offset)
      continue;
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
      if (strncmp(what->text, names[k], strlen(names[k])) == 0)
        return true;
  }
  return false;
}

static void
print_diag(const struct diag *diag) {
  char text[DIAG_BYTES];
  fwrite(text, 1, diag_write(diag, TOOL, text, sizeof text), stdout);
}

int
lint_policy(struct lint *lint) {
  lint_calls(lint);
  lint_rules(lint);
  lint_words(lint);
  if (lint->failed)
    return report_error(TOOL, &lint->e);
  for (size_t i = 0; i < lint->count; i++) {
    print_diag(&lint->findings[i].what);
    print_diag(&lint->findings[i].hint);
  }
  return lint->count > 0 ? STATUS_FOUND : STATUS_CLEAN;
}

static bool
is_json(const struct policy_request *request) {
  return request->count == 1 && request->words[0].kind == POLICY_WORD_PROFILE
         && policy_form_of(request->words[0].file) == POLICY_FORM_JSON;
}

int
verb_lint(struct analyze_line *line) {
  static struct lint lint; // too large for the stack
  struct policy *policy;
  if (line->abi != ABI_NONE || line->format != NULL)
    return report(TOOL, "lint looks at the whole policy: it takes no --abi or --format");
  if (load_policy(line, &policy) != 0)
    return STATUS_UNUSABLE;
  policy->permissive = false; // what is written counts
  lint.policy = policy;
  lint.request = &line->policy;
  lint.json = is_json(&line->policy);
  int status = lint_policy(&lint);
  free(lint.findings);
  policy_free(policy);
  return status;
}
