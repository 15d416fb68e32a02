// SPDX-License-Identifier: LGPL-2.1-or-later
// error.h - one failure as a value: no heap, no printing. Functions that can fail return 0 or -1 and take one last.
#ifndef SCRUN_COMPAT_ERROR_H
#define SCRUN_COMPAT_ERROR_H
#include "compat/source.h"

#define SC_NODISCARD __attribute__((warn_unused_result))
#define SC_PRINTF(text, first) __attribute__((format(printf, text, first)))

// Each kind is one exit status; the numbers above 200 are those systemctl names. Source: systemd.exec(5), "Process Exit
// Codes".
enum error_kind {
  ERROR_NONE,
  ERROR_USAGE,      // 2: command line
  ERROR_POLICY,     // 2: policy text that is wrong, missing or cannot be expressed
  ERROR_DIRECTORY,  // 200: --working-directory=
  ERROR_EXEC,       // 203: the program cannot be started
  ERROR_PRIVILEGES, // 227: no_new_privs
  ERROR_SECCOMP,    // 228: the filter could not be built, verified or installed
};

// The room for the text of a message, be it an error's or a diag's (compat/diag.h).
#define ERROR_TEXT_BYTES 512

struct error {
  enum error_kind kind;
  struct source_pos at;
  char text[ERROR_TEXT_BYTES];
};

// Fills *e and returns -1, so that a failing function can end in `return error_set(...)`.
int error_set(struct error *e, enum error_kind kind, struct source_pos at, const char *format, ...) SC_PRINTF(4, 5);

// error_set() for failures that no policy text is to blame for.
int error_plain(struct error *e, enum error_kind kind, const char *format, ...) SC_PRINTF(3, 4);

// What is said when memory is out. The launcher's allocator has a text of its own, which names its limit.
extern const char *const out_of_memory;
int error_memory(struct error *e, enum error_kind kind);

// The beginning of a path or another word of the user's, with "..." where it is cut: a long one must not push the
// reason out of the message. For "%s", as shown(path).text.
#define SHOWN_BYTES 156
struct shown {
  char text[SHOWN_BYTES];
};
struct shown shown(const char *word);
struct shown shown_part(const char *word, size_t length);

// The exit status that stands for `kind`.
int error_exit_status(enum error_kind kind);
#endif
