// SPDX-License-Identifier: LGPL-2.1-or-later
// wrapper_order.c - a file that scrun-analyze compiled, as the wrapper's order and as the filter that came of it.
//   wrapper_order FILE           prints the order
//   wrapper_order FILE FILTERS   holds what readback wrote of a process against it: one filter, every instruction of
//                                it the compiled one but for the ticket, which is one and not blank. Prints "same".
#include "hook/order.h"
#include "runner/ticket.h"
#include "tests/readback/filters.h"
#include <stdio.h>
#include <string.h>

static struct image image;
static struct filters filters;

static int
fail(const char *what) {
  fprintf(stderr, "wrapper_order: %s\n", what);
  return 1;
}

static int
order_print(void) {
  struct buffer order = {NULL, 0, 0, false};
  struct error e;
  if (order_write(&order, &image, &e) != 0)
    return fail(e.text);
  printf("%s", order.text);
  buffer_clear(&order);
  return 0;
}

// The ticket of the first template for execve.
static bool
ticket_find(const struct program *program, struct ticket *ticket) {
  enum ticket_form form;
  for (size_t at = 0; at < program->length; at++)
    if (ticket_at(program, at, ticket, &form) != 0 && form == TICKET_EXEC)
      return true;
  return false;
}

static int
filters_compare(const char *path) {
  struct ticket ticket;
  struct error e;
  const char *wrong = filters_read(&filters, path);
  const struct program *got = &filters.items[0];
  if (wrong != NULL)
    return fail(wrong);
  if (filters.count != 1 || got->length != image.program.length)
    return fail("it is not one filter of that length");
  if (!ticket_find(got, &ticket))
    return fail("there is no ticket for execve in it");
  for (size_t i = 0; i < 4; i++)
    if (ticket.words[i] == 0)
      return fail("a word of its ticket is blank");
  if (ticket_fill(&image.program, &ticket, NULL, &e) != 0)
    return fail(e.text);
  if (memcmp(got->code, image.program.code, got->length * sizeof got->code[0]) != 0)
    return fail("it is another program");
  puts("same");
  return 0;
}

int
main(int argc, char **argv) {
  static unsigned char bytes[IMAGE_BYTES_MAX + 1];
  struct error e;
  FILE *file = argc == 2 || argc == 3 ? fopen(argv[1], "rb") : NULL;
  if (file == NULL)
    return fail("usage: wrapper_order FILE [FILTERS]");
  size_t length = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  if (image_read(&image, bytes, length, &e) != 0)
    return fail(e.text);
  int status = argc == 2 ? order_print() : filters_compare(argv[2]);
  return fflush(stdout) == 0 ? status : 1;
}
