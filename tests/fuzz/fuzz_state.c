// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz_state.c - the state of a container: what is taken has an absolute bundle and a process that can be one.
#include "hook/stage/state.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct diags diags = {0};
  struct container_state state = {.pid = 0};
  char *text = malloc(size > 0 ? size : 1);
  if (text == NULL)
    abort();
  if (size > 0)
    memcpy(text, data, size);
  const struct source source = {"state", text, size, true};
  int result = container_state_read(&source, &state, &diags);
  if ((result != 0) != (diags.errors > 0))
    fuzz_fail("the reader returned %d with %zu errors", result, diags.errors);
  fuzz_check_messages(&diags);
  if (result == 0) {
    if (state.bundle[0] != '/' || state.pid < 0)
      fuzz_fail("bundle %s, process %ld", state.bundle, (long)state.pid);
    if (state.annotations.json != NULL && json_kind(state.annotations) != JSON_OBJECT)
      fuzz_fail("annotations are %s", json_kind_name(json_kind(state.annotations)));
    json_free(state.json);
  }
  free(text);
  return 0;
}
