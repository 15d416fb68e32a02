// SPDX-License-Identifier: LGPL-2.1-or-later
// systemd_words.h - a layer as what words of SystemCallFilter= say about each call. Private to the writer of systemd's
// syntax.
//
// What filter_set.h makes of words is turned round: every call becomes a list of rules (rule_list.h), and what the
// words for it would mean on other ABIs and inside multiplexers is compared with what the policy says there.
#ifndef SCRUN_COMPAT_SYSTEMD_WORDS_H
#define SCRUN_COMPAT_SYSTEMD_WORDS_H
#include "compat/buffer.h"
#include "compat/expression.h"
#include "compat/rule_list.h"

// What is said about one call, or with CALL_NONE one number.
struct said {
  call_t call;
  uint32_t number;
  enum abi abi;  // whose registers the list is about; ABI_NONE: the call has no number, or no longer has one
  unsigned with; // ABIs that have the call and are not beyond the mark
  bool special;  // a multiplexer, or inside one: "not named" is something else there than "gets the default"
  bool named;    // of those, with the default as what happens otherwise: it has to be named
  struct rule_list list;
};

struct writer {
  const struct policy *policy;
  const struct layer *layer;
  struct diagram_store *store;
  size_t store_tests;      // that went through it since it was empty
  struct action otherwise; // of the layer of SystemCallFilter=
  struct action refused;   // SystemCallErrorNumber=
  bool log_default;        // what is not named is logged: `otherwise` is to allow, and SystemCallLog=~ names the rest
  bool has_mark;
  uint32_t mark;      // SystemCallKnownUntil=
  const char *allows; // the setting whose words allow
  struct said *calls;
  struct said *numbers;
  size_t number_count, number_room;
  struct buffer *out;
  struct error *e;
};

// Takes the layer apart into writer->calls (the caller's, one for each call) and writer->numbers, which the caller
// frees. Functions that return int fail with ERROR_POLICY in *writer->e.
SC_NODISCARD int writer_collect(struct writer *writer);

// All return -1: what the syntax cannot say; the same about one call; and no memory.
int writer_error(struct writer *writer, struct source_pos at, const char *what, const char *name);
int said_error(struct writer *writer, const struct said *said, const char *what);
int writer_memory_error(struct writer *writer);

// Room for names of numbers and actions.
#define NAME_BYTES 48
const char *said_name(const struct said *said, char out[NAME_BYTES]);
const char *action_word(struct action action, char out[NAME_BYTES]);

// Can the action be given to SystemCallErrorNumber=?
bool action_is_refusal(struct action action);

// True if what allows is said on lines without ~: then everything else has to refuse.
bool said_allows_plainly(const struct writer *writer, const struct said *said);
// The action of the word without tests that is needed. ACTION_NONE: there is none.
struct action said_base_word(const struct writer *writer, const struct said *said);

// How many rules from `first` on make one word.
size_t said_word_rules(const struct said *said, size_t first);
// The tests of one word, and as the reader takes them.
SC_NODISCARD int said_write_tests(struct writer *writer, const struct said *said, size_t first, size_t count,
                                  struct buffer *out, struct expression *read);

// True if some ABI has a call of that number, which then cannot be written as a number.
bool number_is_call(uint32_t number);
#endif
