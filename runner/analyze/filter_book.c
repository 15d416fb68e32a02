// SPDX-License-Identifier: LGPL-2.1-or-later
// filter_book.c - filters by what they hold, and by what they read as.
#include "runner/analyze/filter_book.h"
#include "compat/array.h"
#include "runner/analyze/decode.h"
#include <string.h>

static bool
program_equal(const struct program *a, const struct program *b) {
  return a->length == b->length && memcmp(a->code, b->code, a->length * sizeof a->code[0]) == 0;
}

static bool
has_program(const struct book_entry *entry, const struct program *program) {
  for (size_t i = 0; i < entry->program_count; i++)
    if (program_equal(&entry->programs[i], program))
      return true;
  return false;
}

static bool
add_program(struct book_entry *entry, const struct program *program) {
  struct program *programs =
      array_grow(entry->programs, &entry->program_room, entry->program_count + 1, 1, sizeof *programs);
  if (programs == NULL)
    return false;
  entry->programs = programs;
  entry->programs[entry->program_count++] = *program;
  return true;
}

static enum door
action_door(struct action action) {
  if (!action_refuses(action))
    return DOOR_OPEN;
  return action.kind == ACTION_TRACE || action.kind == ACTION_NOTIFY ? DOOR_HANDED : DOOR_CLOSED;
}

// -1 stands for nothing so far.
static int
door_join(int door, const struct answer_set *answer) {
  for (uint8_t i = 0; i < answer->count; i++) {
    enum door other = action_door(answer->actions[i]);
    door = door < 0 || door == (int)other ? (int)other : DOOR_DEPENDS;
  }
  return answer->more ? DOOR_DEPENDS : door;
}

static enum door
door_of(const struct decoded *decoded, enum abi abi, call_t call) {
  uint32_t number;
  int door = -1;
  if (!calls_number(call, abi, &number))
    return DOOR_CLOSED;
  const struct outcome *outcome = &decoded->outcomes[decoded_at(decoded, abi_arch_word(abi), number)->outcome];
  if (outcome->cases == NULL)
    return (enum door)door_join(door, &outcome->answer);
  for (size_t i = 0; i < outcome->cases->answer_count; i++)
    door = door_join(door, &outcome->cases->answers[i]);
  return (enum door)door;
}

static int
entry_make(struct book_entry *entry, const struct program *program, struct error *e) {
  static const char *const names[BOOK_CALLS] = {"execve", "execveat"};
  struct decoded decoded;
  *entry = (struct book_entry){.programs = NULL};
  if (decode(program, &decoded, e) != 0) {
    decoded_clear(&decoded);
    return -1;
  }
  decoded_write(&decoded, &entry->text);
  for (size_t i = 0; i < BOOK_CALLS; i++)
    for (enum abi abi = ABI_NONE + 1; abi < ABI_COUNT; abi++)
      entry->doors[i][abi] = door_of(&decoded, abi, calls_find(names[i], strlen(names[i])));
  decoded_clear(&decoded);
  return entry->text.failed ? error_memory(e, ERROR_SECCOMP) : 0;
}

// Adds the entry, or only its program to the one that reads the same.
static int
entry_keep(struct filter_book *book, struct book_entry *entry, const struct program *program, uint32_t *index,
           struct error *e) {
  for (*index = 0; *index < book->count; (*index)++)
    if (strcmp(book->entries[*index].text.text, entry->text.text) == 0) {
      buffer_clear(&entry->text);
      return add_program(&book->entries[*index], program) ? 0 : error_memory(e, ERROR_SECCOMP);
    }
  struct book_entry *entries = array_grow(book->entries, &book->room, book->count + 1, 8, sizeof *entries);
  if (entries != NULL)
    book->entries = entries;
  if (entries == NULL || !add_program(entry, program)) {
    buffer_clear(&entry->text);
    return error_memory(e, ERROR_SECCOMP);
  }
  book->entries[book->count++] = *entry;
  return 0;
}

int
filter_book_find(struct filter_book *book, const struct program *program, uint32_t *index, struct error *e) {
  struct book_entry entry;
  for (*index = 0; *index < book->count; (*index)++)
    if (has_program(&book->entries[*index], program))
      return 0;
  if (entry_make(&entry, program, e) != 0) {
    buffer_clear(&entry.text);
    return -1;
  }
  return entry_keep(book, &entry, program, index, e);
}

void
filter_book_clear(struct filter_book *book) {
  for (size_t i = 0; i < book->count; i++) {
    free(book->entries[i].programs);
    buffer_clear(&book->entries[i].text);
  }
  free(book->entries);
  *book = (struct filter_book){.entries = NULL};
}
