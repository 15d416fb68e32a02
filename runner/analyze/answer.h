// SPDX-License-Identifier: LGPL-2.1-or-later
// answer.h - one way that a call can reach the kernel, what the policy says to it, and the word that made it say so.
#ifndef SCRUN_RUNNER_ANALYZE_ANSWER_H
#define SCRUN_RUNNER_ANALYZE_ANSWER_H
#include "runner/analyze/analyze.h"

struct answer {
  enum abi abi;
  uint32_t number;                   // as a filter sees it
  const struct multiplexer *through; // x86's socketcall or ipc, which `number` then is; otherwise NULL
  uint32_t choice;                   // what chooses the call there
  uint64_t args[6];
  struct decision decision;
};

// The direct way on `abi`, and the one through a multiplexer. False if the call cannot be reached like that.
bool answer_direct(struct answer *answer, call_t call, enum abi abi);
bool answer_through(struct answer *answer, call_t call, enum abi abi);

// Fills in args, from `args` where the filter can see those of the call (on x86 only their low halves), and decision.
void answer_decide(struct answer *answer, const struct policy *policy, const uint64_t args[6]);

#define ACTION_BYTES 80

// "errno EPERM"; "log (not errno EPERM)" where only --log lets the call pass. Returns `out`.
const char *answer_action(const struct answer *answer, const struct policy *policy, char out[ACTION_BYTES]);

// Prints `by "@file-system" at web.conf:3:19` or `by default, from "~@mount" at --property:2:18`, which is the 18th
// byte of the second --property. Nothing that policy text holds can drive a terminal or begin a new line.
void answer_print_origin(const struct answer *answer, const struct policy *policy, const struct analyze_line *line);
void answer_print_written(struct source_pos at, const struct analyze_line *line);
#endif
