// SPDX-License-Identifier: LGPL-2.1-or-later
// profile.c - reads the profile that podman starts from, and has programs made for it.
#include "tests/bench/profile.h"
#include "runner/compile.h"
#include "runner/oci/oci_request.h"
#include "runner/simulate.h"
#include "runner/ticket.h"
#include "runner/verify.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A ticket like a drawn one: with a blank one the program would take many a call for the launcher's.
static const struct ticket some_ticket = {{0x9e3779b9, 0x7f4a7c15, 0xf39cc060, 0x5cedc834}, EPROTO};

int
bench_program_make(const struct policy *policy, struct program *out) {
  struct error e = {.text = "the kernel would not take this program"};
  if (program_compile(policy, PROGRAM_LAUNCH, out, &e) == 0 && program_verify(out, PROGRAM_LAUNCH, policy, &e) == 0
      && ticket_fill(out, &some_ticket, NULL, &e) == 0 && program_acceptable(out) == 0)
    return 0;
  fprintf(stderr, "bench: %s\n", e.text);
  return -1;
}

// The whole file, up to the bound on profiles.
static bool
file_read(const char *name, char *text, size_t *length) {
  FILE *file = fopen(name, "re");
  *length = file == NULL ? 0 : fread(text, 1, PROFILE_BYTES_MAX, file);
  bool right = file != NULL && ferror(file) == 0 && feof(file) != 0;
  if (file != NULL)
    fclose(file);
  return right;
}

struct policy *
bench_profile_read(void) {
  static char text[PROFILE_BYTES_MAX];
  static struct source file = {.name = BENCH_PROFILE, .text = text, .has_lines = true};
  static struct diags diags;
  struct policy_request request = {.capability_count = 1};
  struct policy *policy = NULL;
  request.capabilities[0] = BENCH_CAPABILITIES;
  diags.count = diags.dropped = diags.errors = 0;
  if (file_read(BENCH_PROFILE, text, &file.length) && oci_request_read(&request, &file, &policy, &diags) == 0)
    return policy;
  fprintf(stderr, "bench: %s: %s\n", BENCH_PROFILE, diags.count > 0 ? diags.items[0].text : "cannot be read");
  return NULL;
}

int
bench_profile_libseccomp(const char *wrapper, const char *json, bool tree, struct program *out) {
  char command[8400];
  int size = snprintf(command, sizeof command, "exec '%s' '%s' %s", wrapper, json, tree ? "--tree" : "-");
  FILE *pipe = size > 0 && (size_t)size < sizeof command ? popen(command, "re") : NULL;
  if (pipe != NULL) {
    out->length = fread(out->code, sizeof out->code[0], PROGRAM_MAX, pipe);
    if (pclose(pipe) == 0 && program_acceptable(out) == 0)
      return 0;
  }
  fprintf(stderr, "bench: %s could not make the program\n", wrapper);
  return -1;
}
