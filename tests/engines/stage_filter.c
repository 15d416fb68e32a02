// SPDX-License-Identifier: LGPL-2.1-or-later
// stage_filter.c - holds the filters of a container's program, as readback wrote them, against a policy:
//
//     stage_filter FILTERS COUNT [PROPERTY...]
//
// There have to be COUNT of them, and the last has to be the policy's program for a later moment, instruction by
// instruction, with any ticket in it; that program is verified here, so it decides what the policy does.
#include "runner/compile.h"
#include "runner/policy_load.h"
#include "runner/report.h"
#include "runner/ticket.h"
#include "runner/verify.h"
#include "tests/readback/filters.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct filters filters;
static struct program want;

_Noreturn static void
die(const char *what, const char *name) {
  fprintf(stderr, "stage_filter: %s: %s\n", name, what);
  exit(1);
}

// The policy's program, with blank tickets.
static void
make(char **properties) {
  static struct policy_request request;
  static struct diags diags;
  struct policy *policy = NULL;
  struct error e;
  for (; *properties != NULL; properties++)
    if (policy_take_property(&request, *properties, &e) != 0)
      die(e.text, *properties);
  if (policy_load(&request, &policy, &diags) != 0) {
    report_diags("stage_filter", &diags);
    die("cannot be read", "the policy");
  }
  if (program_compile(policy, PROGRAM_LATER, &want, &e) != 0 || program_verify(&want, PROGRAM_LATER, policy, &e) != 0)
    die(e.text, "the policy");
  policy_free(policy);
  policy_request_clear(&request);
}

// The first ticket in it; all are the same.
static struct ticket
find_ticket(const struct program *program) {
  struct ticket ticket;
  enum ticket_form form;
  for (size_t at = 0; at < program->length; at++)
    if (ticket_at(program, at, &ticket, &form) != 0)
      return ticket;
  die("has no ticket", "the filter");
}

int
main(int argc, char **argv) {
  struct error e;
  if (argc < 3)
    die("stage_filter FILTERS COUNT [PROPERTY...]", "usage");
  const char *wrong = filters_read(&filters, argv[1]);
  if (wrong != NULL)
    die(wrong, argv[1]);
  if (filters.count != strtoul(argv[2], NULL, 10) || filters.count == 0)
    die("another number of filters", argv[1]);
  make(argv + 3);
  const struct program *last = &filters.items[filters.count - 1];
  struct ticket ticket = find_ticket(last);
  if (ticket_fill(&want, NULL, &ticket, &e) != 0)
    die(e.text, argv[1]);
  if (last->length != want.length || memcmp(last->code, want.code, want.length * sizeof want.code[0]) != 0)
    die("the last filter is not the policy's", argv[1]);
  return 0;
}
