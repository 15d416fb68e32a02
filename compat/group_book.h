// SPDX-License-Identifier: LGPL-2.1-or-later
// group_book.h - groups by name: those of the tables, and behind them the user's own, read from files.
#ifndef SCRUN_COMPAT_GROUP_BOOK_H
#define SCRUN_COMPAT_GROUP_BOOK_H
#include "compat/groups.h"
#include "compat/systemd_read.h"
#include "compat/word.h"

// Bounds on the groups of the user's own that one policy uses: files, words in all of them, bare numbers in each.
#define USER_GROUPS_MAX 64
#define USER_GROUP_WORDS_MAX 65536
#define USER_GROUP_NUMBERS_MAX 256

struct user_group;

// Start with {.options = ..., .tables = ...}; zeroed otherwise. `options` gives open_group only.
struct group_book {
  const struct reader_options *options;
  const struct group_tables *tables;
  struct user_group *first; // all that were opened
  struct user_group *top;   // the ones being read, innermost first
  size_t count;
  size_t words;
};

// What a group holds, nested groups included. Borrowed from the book or the tables.
struct group_content {
  const struct call_set *calls;
  const uint32_t *numbers;
  size_t number_count;
};

// Looks up the group that `word` names. A group of the tables always wins over a file of that name. A file holds names,
// numbers and @groups, separated by blanks or line ends, and comment lines. Returns false after adding a message: of
// kind `unknown` if there is no such group, an error for everything that is wrong in a file.
bool group_book_find(struct group_book *book, const struct word *word, enum diag_kind unknown,
                     struct group_content *out, struct diags *diags);

void group_book_clear(struct group_book *book);
#endif
