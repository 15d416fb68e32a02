// SPDX-License-Identifier: LGPL-2.1-or-later
// calls.h - every system call by name, with its number on each ABI. The tables are generated (profiles/calls/,
// libseccomp).
#ifndef SCRUN_COMPAT_CALLS_H
#define SCRUN_COMPAT_CALLS_H
#include "compat/abi.h"
#include <stdbool.h>
#include <stddef.h>

// A call is an index into the table, in order of names. All names that scrun knows are in it, also those that
// no ABI of this machine has (they have no number anywhere, and a rule on them acts on nothing, as under systemd).
typedef uint16_t call_t;
#define CALL_NONE ((call_t)0xffff)

// How many calls the table holds (below 1024); indexes are 0 .. calls_count() - 1.
size_t calls_count(void);
#define CALLS_MAX 1024

// No call has a number from here on, X32_BIT aside. Linux 7.3 ends at 472, x32's own numbers at 547.
#define CALL_NUMBERS 600

// The call of that name (`length` bytes, not NUL-terminated), or CALL_NONE.
call_t calls_find(const char *name, size_t length);

// The call that has `number` on `abi`, or CALL_NONE. x32 numbers are given and returned with X32_BIT set.
call_t calls_at(enum abi abi, uint32_t number);

// The first number that no call of the tables has on x86-64 and x86, and where x32's own block, older than that, begins
// and ends.
#define CALLS_END 473
#define CALLS_X32_FIRST 512
#define CALLS_X32_END 548

// True if a kernel newer than the tables may give `number` to a call: all from CALLS_END on but for x32's own block. -1
// is no such number.
bool calls_is_newer(enum abi abi, uint32_t number);

// Where calls_is_newer() changes its answer on `abi`, rising, the first from "no" to "yes"; *count entries, static.
const uint32_t *calls_newer_edges(enum abi abi, size_t *count);

// The kernel that brought `call` to `abi`, as KERNEL(major, minor) (kernel.h); 0 for what Linux 3.0 had already and for
// calls that the ABI does not have. Source: profiles/calls/ (first kernels).
uint32_t calls_first_kernel(call_t call, enum abi abi);

// The name, NUL-terminated, static.
const char *calls_name(call_t call);

// The number of `call` on `abi`. False if it has none there.
bool calls_number(call_t call, enum abi abi, uint32_t *number);

// i386 alone reaches some calls through a multiplexer: socketcall(2) and ipc(2) take the call as first argument.
// Numbers of the calls inside: <linux/net.h> SYS_*, <linux/ipc.h>. ipc looks at the low 16 bits of the argument only
// (the rest is a version).
struct multiplexer {
  call_t call;         // socketcall or ipc itself
  uint32_t number;     // its i386 number
  uint32_t mask;       // the bits of the first argument that choose the call: 0xffffffff or 0xffff
  const call_t *inner; // inner[value] is the call chosen by `value`, or CALL_NONE
  uint32_t inner_count;
};

#define MULTIPLEXERS 2
extern const struct multiplexer multiplexers[MULTIPLEXERS];

// The multiplexer with that i386 number, or NULL.
const struct multiplexer *multiplexer_at(uint32_t number);

// True if `call` can be reached through a multiplexer; then *out and *value say which and how.
bool multiplexer_of(call_t call, const struct multiplexer **out, uint32_t *value);

// The known name nearest to a mistyped one, or NULL if none is near.
const char *calls_suggest(const char *name, size_t length);
#endif
