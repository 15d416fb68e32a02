// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_toml.c - an engine's settings: hooks_dir is found, or not there, or it is said why neither can be told.
#include "hook/check_toml.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct toml_folders folders;
  struct diags diags = {0};
  char *text = malloc(size > 0 ? size : 1);
  if (text == NULL)
    abort();
  if (size > 0)
    memcpy(text, data, size);
  const struct source source = {"containers.conf", text, size, true};
  folders.count = 0;
  int result = toml_read_folders(&source, "engine", &folders, &diags);
  if ((result < 0) != (diags.errors > 0))
    fuzz_fail("the reader returned %d with %zu errors", result, diags.errors);
  if (result == 0 && folders.count > 0)
    fuzz_fail("folders out of nothing");
  for (size_t i = 0; i < folders.count; i++)
    if (memchr(folders.path[i], '\0', PATH_MAX) == NULL)
      fuzz_fail("a folder without an end");
  fuzz_check_messages(&diags);
  free(text);
  return 0;
}
