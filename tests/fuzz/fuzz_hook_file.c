// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_hook_file.c - a file of hooks.d, as scrun-hook check reads it: a hook whose words end, or messages.
#include "hook/check_hook.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

// What check.c says them with; here nobody listens.
void
finding_problem(struct findings *findings, const char *format, ...) {
  (void)format;
  findings->problems++;
}

void
finding_note(const char *format, ...) {
  (void)format;
}

void
finding_good(const char *format, ...) {
  (void)format;
}

static void
check_words(const char *const words[HOOK_WORDS_MAX + 1], const char *what) {
  size_t count = 0;
  while (count <= HOOK_WORDS_MAX && words[count] != NULL)
    count++;
  if (count > HOOK_WORDS_MAX)
    fuzz_fail("%s without an end", what);
}

static void
check_hook(const struct hook_file *hook) {
  if (hook->path == NULL)
    fuzz_fail("a hook without a path");
  check_words(hook->words, "words");
  check_words(hook->variables, "variables");
  if (hook->program != NULL && hook->program_at > 0 && hook->words[hook->program_at] != hook->program)
    fuzz_fail("the program is not the word that is said to be it");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct diags diags = {0};
  struct hook_file hook;
  char *text = malloc(size > 0 ? size : 1);
  if (text == NULL)
    abort();
  if (size > 0)
    memcpy(text, data, size);
  const struct source source = {"hook.json", text, size, true};
  int result = hook_file_read(&source, &hook, &diags);
  if ((result != 0) != (diags.errors > 0))
    fuzz_fail("the reader returned %d with %zu errors", result, diags.errors);
  if (result == 0)
    check_hook(&hook);
  hook_file_clear(&hook);
  fuzz_check_messages(&diags);
  free(text);
  return 0;
}
