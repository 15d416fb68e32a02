// SPDX-License-Identifier: LGPL-2.1-or-later
// policy_load.h - from the policy words of a command line to a policy. Both scrun and scrun-analyze load theirs with
// it.
#ifndef SCRUN_RUNNER_POLICY_LOAD_H
#define SCRUN_RUNNER_POLICY_LOAD_H
#include "compat/diag.h"
#include "compat/policy.h"
#include "runner/profile_files.h"

enum policy_word_kind {
  POLICY_WORD_NONE,
  POLICY_WORD_PROPERTY, // --property=NAME=VALUE
  POLICY_WORD_VALUES,   // values of a property
  POLICY_WORD_PROFILE,  // --profile=FILE|NAME
  POLICY_WORD_UNIT,     // --unit-file=UNIT
};

struct unit_files;

// One word of a policy; what it points to is borrowed from the command line, but for what is read.
struct policy_word {
  enum policy_word_kind kind;
  const char *text;
  struct source source;      // of a property: NAME=VALUE; or values
  const struct source *name; // of values: the property
  const struct source *file; // of a profile, once it is read
  struct unit_files *unit;   // of a unit, once it is found; owned
};

// What the bytes of a policy file are. A file's name has no say.
enum policy_form { POLICY_FORM_NONE, POLICY_FORM_TEXT, POLICY_FORM_JSON, POLICY_FORM_IMAGE };

// Text; JSON if the first byte that is no blank (nor a byte order mark) is "{"; an image (image.h) by its magic bytes.
enum policy_form policy_form_of(const struct source *file);

#define CAPABILITY_LISTS_MAX 64

// Zeroed memory is an empty request. Words count in the order given, as one unit.
struct policy_request {
  struct policy_word *words; // on the heap
  size_t count;
  const char *groups; // --groups=; NULL: the newest
  bool lenient, permissive;
  const char *root; // --root=, or NULL: where units are looked for
  bool user;        // --user: among those of the caller's service manager
  // What JSON is resolved with (oci/oci_request.h): --cap= in the order given, and --kernel= or NULL.
  const char *capabilities[CAPABILITY_LISTS_MAX];
  size_t capability_count;
  const char *kernel;
  enum moment at; // --at=; MOMENT_NONE: as the policy says, and for JSON exec
  // Reads JSON, for programs that link its reader: oci_request_read(). NULL in the launcher.
  int (*read_json)(const struct policy_request *request, const struct source *file, struct policy **out,
                   struct diags *diags);
  const struct omission *omission; // words to take as not written; NULL: none
  struct profile_files files;
};

// Each adds a word to `request`, a struct policy_request; for tables of options (policy_options.h). Fails with
// ERROR_USAGE past POLICY_WORDS_MAX.
#define POLICY_WORDS_MAX 1024
SC_NODISCARD int policy_take_property(void *request, const char *value, struct error *e);
SC_NODISCARD int policy_take_profile(void *request, const char *value, struct error *e);
SC_NODISCARD int policy_take_unit(void *request, const char *value, struct error *e);
SC_NODISCARD int policy_take_capabilities(void *request, const char *value, struct error *e);
SC_NODISCARD int policy_take_moment(void *request, const char *value, struct error *e);

// Refuses a --root= that nothing is read from, with ERROR_USAGE. (--user without a unit means nothing, as it does for
// systemd-run's other words.)
SC_NODISCARD int policy_check_root(const struct policy_request *request, struct error *e);

// Adds values of the property that the text of `name` is (reader_read_values()); both sources are borrowed.
SC_NODISCARD int policy_add_values(struct policy_request *request, const struct source *name,
                                   const struct source *values, struct error *e);

// What the request is about: POLICY_FORM_TEXT unless it is one profile and nothing else, whose file is then read, and
// kept for policy_load(). *file is borrowed from the request, and only set for the other forms. Fails with messages in
// *diags.
SC_NODISCARD int policy_form(struct policy_request *request, enum policy_form *form, const struct source **file,
                             struct diags *diags);

// Reads every word and makes the policy; the caller owns it. JSON has to be alone, and needs read_json. The files of a
// unit (unit_files.h, reader_read_unit()) are found once, and are text whatever they look like. The policy and
// the messages borrow from the request, which must outlive them. Fails with messages in *diags; also for a compiled
// file, which holds no policy.
SC_NODISCARD int policy_load(struct policy_request *request, struct policy **out, struct diags *diags);

void policy_request_clear(struct policy_request *request);
#endif
