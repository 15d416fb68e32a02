// SPDX-License-Identifier: LGPL-2.1-or-later
// calls.c - looks calls up in the generated tables. Nothing is made at run time: the tables are read-only data.
#include "compat/calls.h"
#include "compat/kernel.h"
#include "compat/nearest.h"
#include "compat/tables.h"
#include <string.h>

size_t
calls_count(void) {
  return call_row_count;
}

call_t
calls_find(const char *name, size_t length) {
  if (length == 0 || length >= CALL_NAME_BYTES)
    return CALL_NONE;
  // Ends: at most half of the slots are taken.
  for (uint32_t slot = call_slot(name, length);; slot = (slot + 1) % CALL_SLOTS) {
    call_t call = call_slots[slot];
    if (call == CALL_NONE)
      return CALL_NONE;
    if (call_rows[call].length == length && memcmp(call_rows[call].name, name, length) == 0)
      return call;
  }
}

call_t
calls_at(enum abi abi, uint32_t number) {
  if (abi == ABI_NONE || abi >= ABI_COUNT)
    return CALL_NONE;
  // Takes the bit away from numbers that have it and gives it to those that lack it, which are then too large.
  if (abi == ABI_X32)
    number ^= X32_BIT;
  return number < CALL_NUMBERS ? call_by_number[abi][number] : CALL_NONE;
}

static const uint32_t newer_edges[] = {CALLS_END, UINT32_MAX};
static const uint32_t newer_edges_x32[] = {CALLS_END | X32_BIT, CALLS_X32_FIRST | X32_BIT, CALLS_X32_END | X32_BIT,
                                           UINT32_MAX};

const uint32_t *
calls_newer_edges(enum abi abi, size_t *count) {
  *count =
      abi == ABI_X32 ? sizeof newer_edges_x32 / sizeof newer_edges_x32[0] : sizeof newer_edges / sizeof newer_edges[0];
  return abi == ABI_X32 ? newer_edges_x32 : newer_edges;
}

bool
calls_is_newer(enum abi abi, uint32_t number) {
  size_t count;
  const uint32_t *edges = calls_newer_edges(abi, &count);
  bool newer = false;
  for (size_t i = 0; i < count && number >= edges[i]; i++)
    newer = !newer;
  return newer;
}

uint32_t
calls_first_kernel(call_t call, enum abi abi) {
  uint32_t number;
  if (!calls_number(call, abi, &number))
    return 0;
  uint16_t kernel = abi == ABI_I386 ? call_rows[call].first_kernel_i386 : call_rows[call].first_kernel;
  return KERNEL(kernel >> 8, kernel & 0xff);
}

const char *
calls_name(call_t call) {
  return call_rows[call].name;
}

bool
calls_number(call_t call, enum abi abi, uint32_t *number) {
  if (call >= call_row_count || abi == ABI_NONE || abi >= ABI_COUNT || call_rows[call].number[abi] < 0)
    return false;
  *number = (uint32_t)call_rows[call].number[abi] | (abi == ABI_X32 ? X32_BIT : 0);
  return true;
}

const struct multiplexer *
multiplexer_at(uint32_t number) {
  for (size_t i = 0; i < MULTIPLEXERS; i++)
    if (multiplexers[i].number == number)
      return &multiplexers[i];
  return NULL;
}

bool
multiplexer_of(call_t call, const struct multiplexer **out, uint32_t *value) {
  if (call >= call_row_count || call_rows[call].multiplexer == 0)
    return false;
  *out = &multiplexers[call_rows[call].multiplexer - 1];
  *value = call_rows[call].choice;
  return true;
}

const char *
calls_suggest(const char *name, size_t length) {
  struct nearest nearest;
  nearest_start(&nearest, name, length);
  for (size_t i = 0; i < call_row_count; i++)
    nearest_offer(&nearest, call_rows[i].name);
  return nearest.best;
}
