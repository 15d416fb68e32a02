// SPDX-License-Identifier: LGPL-2.1-or-later
// action_read.h - the words that stand for actions behind a colon and in SystemCallErrorNumber=.
#ifndef SCRUN_COMPAT_ACTION_READ_H
#define SCRUN_COMPAT_ACTION_READ_H
#include "compat/action.h"
#include <stddef.h>

// Reads an errno name (any case), an errno number (decimal, 0x or octal; 0 is success without the call being made), or
// one of kill, kill-process, kill-thread, log, trap, trace. Returns NULL, or what is wrong with the word ("is not ...")
// as static text.
const char *action_read(const char *text, size_t length, struct action *out);

// The errno or action word nearest to a mistyped one, or NULL if none is near.
const char *action_suggest(const char *text, size_t length);
#endif
