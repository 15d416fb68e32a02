// SPDX-License-Identifier: LGPL-2.1-or-later
// group_book.c - finds groups and reads the user's own, without recursion: nested files wait on a list.
#include "compat/group_book.h"
#include <stdlib.h>
#include <string.h>

struct user_group {
  struct user_group *next;
  struct user_group *below; // the one that named this one, while it is being read
  struct source_pos name;   // where it was first named, "@" included
  struct text text, line;   // what is still to be read: lines, and words of the current line
  bool open, broken;
  struct call_set calls;
  uint32_t *numbers;
  size_t number_count;
};

static void
merge_set(struct call_set *into, const struct call_set *from) {
  for (size_t i = 0; i < CALLS_MAX / 64; i++)
    into->bits[i] |= from->bits[i];
}

static bool
add_number(struct user_group *group, uint32_t number, struct source_pos at, struct diags *diags) {
  for (size_t i = 0; i < group->number_count; i++)
    if (group->numbers[i] == number)
      return true;
  if (group->numbers == NULL)
    group->numbers = malloc(USER_GROUP_NUMBERS_MAX * sizeof *group->numbers);
  if (group->numbers == NULL || group->number_count == USER_GROUP_NUMBERS_MAX) {
    diag_add(diags, DIAG_ERROR, at, "%s",
             group->numbers == NULL ? out_of_memory : "too many bare numbers in one group");
    return false;
  }
  group->numbers[group->number_count++] = number;
  return true;
}

static bool
merge_group(struct user_group *into, const struct user_group *from, struct source_pos at, struct diags *diags) {
  merge_set(&into->calls, &from->calls);
  for (size_t i = 0; i < from->number_count; i++)
    if (!add_number(into, from->numbers[i], at, diags))
      return false;
  return !from->broken;
}

// A name as it was written first may have backslashes; two spellings then are two entries, and both mean the same file.
static struct user_group *
find_opened(const struct group_book *book, struct source_pos name) {
  for (struct user_group *group = book->first; group != NULL; group = group->next)
    if (group->name.length == name.length && memcmp(text_bytes(group->name), text_bytes(name), name.length) == 0)
      return group;
  return NULL;
}

static void
report_unknown(const struct group_book *book, const struct word *word, enum diag_kind kind, struct diags *diags) {
  diag_add(diags, kind, word->at, "unknown group \"%.*s\" (tables of %s)", text_shown(word->name_length), word->name,
           book->tables->name);
  const char *near = diags_full(diags) ? NULL : group_suggest(book->tables, word->name, word->name_length);
  if (near != NULL)
    diag_add(diags, DIAG_HINT, word->at, "did you mean \"%s\"?", near);
}

// Asks for the file. Returns NULL after adding a message.
static const struct source *
open_source(struct group_book *book, const struct word *word, enum diag_kind unknown, struct diags *diags) {
  const struct source *source = NULL;
  struct error e = {0};
  int result = 1;
  if (book->options->open_group != NULL && word->name_length > 1)
    result = book->options->open_group(book->options->open_group_context, word->name + 1, word->name_length - 1,
                                       &source, &e);
  if (result == 1)
    report_unknown(book, word, unknown, diags);
  else if (result != 0)
    diag_add(diags, DIAG_ERROR, word->at, "%s", e.text);
  return result == 0 ? source : NULL;
}

// Opens the group and makes it the innermost one being read.
static bool
push_group(struct group_book *book, const struct word *word, struct source_pos name, enum diag_kind unknown,
           struct diags *diags) {
  if (book->count == USER_GROUPS_MAX) {
    diag_add(diags, DIAG_ERROR, word->at, "more than %d groups from files", USER_GROUPS_MAX);
    return false;
  }
  const struct source *source = open_source(book, word, unknown, diags);
  if (source == NULL)
    return false;
  struct user_group *group = calloc(1, sizeof *group);
  if (group == NULL) {
    diag_add(diags, DIAG_ERROR, word->at, "%s", out_of_memory);
    return false;
  }
  *group = (struct user_group){.next = book->first, .below = book->top, .name = name, .open = true};
  group->broken = !text_open(&group->text, source, diags);
  group->line = (struct text){source, 0, 0};
  book->first = book->top = group;
  book->count++;
  return true;
}

// The name part of a word, without its suffix.
static struct source_pos
name_pos(const struct word *word) {
  const char *colon = memchr(text_bytes(word->at), ':', word->at.length);
  struct source_pos at = word->at;
  if (colon != NULL)
    at.length = (uint32_t)(colon - text_bytes(word->at));
  return at;
}

// A @group inside a file: merges it, or starts reading it; then the word is met again when that is done.
static bool
read_nested(struct group_book *book, struct user_group *group, const struct word *word, struct diags *diags) {
  const struct group *built_in = group_find(book->tables, word->name, word->name_length);
  if (built_in != NULL) {
    merge_set(&group->calls, built_in->all);
    return true;
  }
  struct user_group *other = find_opened(book, word->at);
  if (other == NULL) {
    uint32_t again = word->at.offset;
    if (!push_group(book, word, word->at, DIAG_ERROR, diags))
      return false;
    group->line.at = again;
    return true;
  }
  if (other->open) {
    diag_add(diags, DIAG_ERROR, word->at, "a group cannot hold itself: %.*s is being read",
             text_shown(word->name_length), word->name);
    return false;
  }
  return merge_group(group, other, word->at, diags);
}

static bool
read_member(struct group_book *book, struct user_group *group, struct source_pos at, bool closed, struct diags *diags) {
  struct word word;
  struct meaning meaning;
  if (book->words == USER_GROUP_WORDS_MAX) {
    diag_add(diags, DIAG_ERROR, at, "more than %d words in group files", USER_GROUP_WORDS_MAX);
    group->text.at = group->text.end;
    group->line.at = group->line.end;
    return false;
  }
  book->words++;
  if (!word_split(at, closed, &word, diags))
    return false;
  if (word.has_tests) {
    diag_add(diags, DIAG_ERROR, word.tests, "a group file holds names only; tests of arguments stand in the policy");
    return false;
  }
  if (word.has_suffix) {
    diag_add(diags, DIAG_ERROR, at,
             "a group file holds names only; the action stands behind the @name where it is used");
    return false;
  }
  if (!word_mean(&word, DIAG_ERROR, &meaning, diags))
    return false;
  if (meaning.kind == MEANING_GROUP)
    return read_nested(book, group, &word, diags);
  if (meaning.kind == MEANING_NUMBER)
    return add_number(group, meaning.number, at, diags);
  call_set_add(&group->calls, meaning.call);
  return true;
}

// Moves to the next line that is no comment. False at the end of the file.
static bool
next_line(struct user_group *group) {
  if (group->text.at == group->text.end)
    return false;
  group->line = group->text;
  text_skip_line(&group->text);
  group->line.end = group->text.at;
  if (text_skip_blanks(&group->line) && (text_peek(&group->line, 0) == '#' || text_peek(&group->line, 0) == ';'))
    group->line.at = group->line.end;
  return true;
}

// A file that was cut off, by a full disk or an editor, must not take its names out of a deny list without a word.
static void
check_not_empty(struct user_group *group, struct diags *diags) {
  uint64_t calls = 0;
  for (size_t i = 0; i < CALLS_MAX / 64; i++)
    calls |= group->calls.bits[i];
  if (group->broken || calls != 0 || group->number_count > 0)
    return;
  diag_add(diags, DIAG_ERROR, group->name, "there is nothing in the file of the group \"%.*s\"",
           text_shown(group->name.length), text_bytes(group->name));
  group->broken = true;
}

// Reads the innermost group, and what it leads to, until none is left open.
static void
read_open_groups(struct group_book *book, struct diags *diags) {
  while (book->top != NULL) {
    struct user_group *group = book->top;
    struct source_pos at;
    bool closed;
    if (text_word(&group->line, &at, &closed)) {
      if (!read_member(book, group, at, closed, diags))
        group->broken = true;
    } else if (!next_line(group)) {
      check_not_empty(group, diags);
      group->open = false;
      book->top = group->below;
    }
  }
}

bool
group_book_find(struct group_book *book, const struct word *word, enum diag_kind unknown, struct group_content *out,
                struct diags *diags) {
  const struct group *built_in = group_find(book->tables, word->name, word->name_length);
  if (built_in != NULL) {
    *out = (struct group_content){built_in->all, NULL, 0};
    return true;
  }
  struct source_pos name = name_pos(word);
  struct user_group *group = find_opened(book, name);
  if (group == NULL) {
    if (!push_group(book, word, name, unknown, diags))
      return false;
    group = book->top;
    read_open_groups(book, diags);
  }
  *out = (struct group_content){&group->calls, group->numbers, group->number_count};
  return !group->broken;
}

void
group_book_clear(struct group_book *book) {
  while (book->first != NULL) {
    struct user_group *group = book->first;
    book->first = group->next;
    free(group->numbers);
    free(group);
  }
}
