// SPDX-License-Identifier: LGPL-2.1-or-later
// fuzz.h - what the fuzz targets share. Each target is one file with one LLVMFuzzerTestOneInput(); whatever must never
// happen ends in fuzz_fail(), which libFuzzer reports with the input.
#ifndef SCRUN_TESTS_FUZZ_H
#define SCRUN_TESTS_FUZZ_H
#include "compat/systemd_read.h"
#include "runner/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void fuzz_fail(const char *format, ...) SC_PRINTF(1, 2);

// Bytes of the input, taken from its front; zeros when it is used up.
struct bytes {
  const uint8_t *at;
  size_t left;
};
uint8_t bytes_take8(struct bytes *bytes);
uint16_t bytes_take16(struct bytes *bytes);
uint32_t bytes_take32(struct bytes *bytes);
uint64_t bytes_take64(struct bytes *bytes);

// All that is left, as instructions; the last one may be filled up with zeros.
void bytes_take_program(struct bytes *bytes, struct program *program);

// The rest of the input, cut at `separator` into sources. Each has memory of its own and of just its size, so that a
// byte too many is noticed.
#define PIECES_MAX 64
struct pieces {
  struct source sources[PIECES_MAX];
  size_t count;
};
void pieces_split(struct pieces *pieces, struct bytes bytes, uint8_t separator, const char *name, bool has_lines);
void pieces_free(struct pieces *pieces);

// A reader.open_group for context `pieces` (from its second piece on: @g1, @g2, ...) and groups of its own: @ring and
// @ring2 hold each other, @small is right, @wrong is not, @shut cannot be read. Everything else does not exist.
int fuzz_open_group(void *pieces, const char *name, size_t length, const struct source **out, struct error *e);

// Ends reading. Checks that the reader failed if and only if it said why, and that every position lies within its text;
// prints the messages to nowhere. Returns the policy, or NULL. `failed`: some earlier call did.
struct policy *fuzz_finish(struct reader *reader, bool failed, struct diags *diags);

// Prints the messages, whole and cut short: never past the end, only what a terminal prints, and about places that are
// in their texts.
void fuzz_check_messages(const struct diags *diags);
// Places of a policy that was read lie in its text, and the native ABI is in it.
void fuzz_check_policy(const struct policy *policy);

// Reads the rest of the input as a policy file and, each behind a byte 0x01, the user groups @g1, @g2, ... of it, from
// reader_new() to fuzz_finish(). Returns the policy, or NULL; the caller owns it and `pieces`, which it points into.
struct policy *fuzz_read_file(struct bytes bytes, bool lenient, struct pieces *pieces);

// Fails if the program of `kind`, with its tickets in it, decides any of many calls otherwise than it should: as the
// policy, and those with a ticket as ticket.h says. The calls lie near numbers and constants of both, chosen by `seed`.
void fuzz_agree(const struct policy *policy, enum program_kind kind, const struct program *program, uint64_t seed);

// Compiles, as a kind of program that `seed` chooses, verifies and compares. A policy may be too large for a program,
// or for the verifier; otherwise the compiler's programs verify. False if there is no program. `program` is the
// caller's room.
bool fuzz_build(const struct policy *policy, struct program *program, uint64_t seed);

// A policy out of bytes: layers, rules with tests, architectures. NULL if it runs into a bound. Positions are nowhere.
struct policy *fuzz_policy(struct bytes *bytes);
#endif
